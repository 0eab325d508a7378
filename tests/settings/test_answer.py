"""The questions as a whole, over every framework: right forms are right, translations hold, odd input is answered."""

import json

import hypothesis
import pytest
from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st

from smtplab.settings import SettingsMode, framework, frameworks, meanings, mode_words, read_settings, translate
from smtplab.settings.evaluate import evaluate, fill
from smtplab.settings.model import Given, NotPossible, Outcome

NAMES = [f.name for f in frameworks()]
FAULTS = {"ineffective", "contradiction", "unknown-key", "unknown-value", "truthy", "unread", "redundant"}
RIGHT_PORT = {SettingsMode.IMPLICIT: 465}
HOSTILE = ("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "$(touch x)", "`touch x`", "#{`id > x`}",
           "!!python/object/apply:os.system [x]", "{{7*7}}", "'; DROP TABLE x; --", "../../etc/passwd", "\x1b]0;x\x07",
           "\0", "\ud800", "٣", "1e999", "=" * 50, "{" * 50)


def test_there_are_all_of_them():
    assert len(NAMES) == len(set(NAMES)) == 42
    assert all(f.title and f.ecosystem and f.releases and f.rules[-1].when for f in frameworks())


@each_row("name", NAMES)
def test_every_rule_and_note_names_its_source_and_the_right_settings_are_right(name):
    described = framework(name)
    assert [rule.because for rule in described.rules if not rule.source] == []
    assert [note.says for note in described.notes if not note.source] == []
    newest = read_settings(name, {})
    assert [(r.mode, r.port) for r in newest.right] == [("implicit", 465), ("starttls-required", 587)]
    for right in newest.right:
        if right.possible:
            report = read_settings(name, right.text)
            assert (report.mode, report.port, report.outcome) == (right.mode, right.port, Outcome.WORKS), right.text
            assert {w.code for w in report.warnings} & FAULTS == set()
        else:
            assert right.text.startswith("not possible, because ")


@each_row(("described", "version"), [(f, r) for f in frameworks() for r in f.releases],
          ids=lambda row: f"{row[0].name} {row[1].name}")
def test_every_form_reads_back_to_its_mode_in_every_release(described, version):
    empty = evaluate(described, {}, version.name)
    assert empty.version == version.name
    for mode, form in described.forms(Given(described, version, {}, None)).items():
        if isinstance(form, NotPossible):
            assert form.because
            continue
        port = RIGHT_PORT.get(mode, 587)
        text, _possible = fill(form, "smtp.example.com", port)
        report = evaluate(described, text, version.name)
        assert (report.mode, report.port) == (mode, port), text


@each_row("name", NAMES)
def test_a_translation_says_the_same_or_why_it_cant(name):
    for settings, port in (({"tls": True}, 465), ({"enable_starttls": True}, 587), ({}, 587)):
        report = read_settings("rails", settings | {"address": "mx.example.org"}, port=port)
        translation = translate(report, name)
        assert translation.framework == name
        if translation.possible:
            back = read_settings(name, translation.text)
            assert (back.mode, back.port) == (report.mode, report.port) == (translation.mode, report.port)
            assert "mx.example.org" in translation.text
        else:
            assert translation.text.startswith("not possible, because ")
        assert not translation.mended


@each_row("name", NAMES)
def test_a_translation_of_what_fails_works(name):
    for settings, port in (({"tls": True}, 587), ({"enable_starttls": True}, 465), ({"enable_starttls": False}, 587),
                           ({"tls": True, "enable_starttls": True}, 587)):
        report = read_settings("rails", settings | {"address": "mx.example.org"}, port=port)
        translation = translate(report, name)
        assert translation.mended
        if translation.possible:
            back = read_settings(name, translation.text)
            assert (back.outcome, back.port) == (Outcome.WORKS, report.port)
            assert back.mode is translation.mode is not report.mode
            assert "mx.example.org" in translation.text
        else:
            assert translation.text.startswith("not possible, because ")


@each_row(("name", "meant"), [
    ("rails", "rails-mail"), ("GitLab", "gitlab-omnibus"), ("PHPMailer", "phpmailer"), ("smtplib", "smtplib"),
    ("git", "git send-email"), ("spring", "spring-boot"), ("Symfony", "symfony-mailer"), ("jakarta", "jakarta-mail")])
def test_short_forms(name, meant):
    assert framework(name).name == meant


@each_row("name", ["railz", "", "smtp\0", "<b>", "x" * 5000])
def test_an_unknown_framework_is_a_clear_error(name):
    with pytest.raises(ValueError, match="no framework is known"):
        read_settings(name, {})


@each_row("port", [0, -1, 65536, "smtp", []])
def test_a_port_that_is_none(port):
    with pytest.raises(ValueError, match="ports are 1 to 65535"):
        read_settings("rails", {}, port=port)


@each_row(("asked", "version", "known"), [
    (None, "mail 2.9.1 / net-smtp 0.5.1", True), ("2.7", "mail 2.7.1 / net-smtp 0.3.1.1", True),
    ("mail 2.7 / net-smtp 0.1", "mail 2.7.1 / net-smtp 0.1.0", True), ("2.8.0", "mail 2.8.0 / net-smtp 0.3.1.1", True),
    ("MAIL 2.8.1 / NET-SMTP 0.3.1.1", "mail 2.8.1 / net-smtp 0.3.1.1", True), ("2.10", "2.10", True),
    ("newest", "mail 2.9.1 / net-smtp 0.5.1", False), ("9.9", "mail 2.9.1 / net-smtp 0.5.1", False),
    ("mail 3.0 / net-smtp 0.5.1", "mail 2.9.1 / net-smtp 0.5.1", False)])
def test_versions_are_found_by_name_by_numbers_or_not(asked, version, known):
    report = read_settings("rails", {}, version=asked)
    assert report.version == version
    assert ("unknown-version" in {w.code for w in report.warnings}) is not known


@each_row(("name", "asked", "known"), [
    ("symfony-mailer", "8.0", True), ("symfony-mailer", "7.9", True),  # the newest is "7.3+"
    ("gitea", "1.24.3", True), ("laravel", "13.2", True), ("laravel", "14", False),
    ("curl", "8.5", True), ("curl", "9.1", False),  # 8.16 is in the rules
    ("postfix", "3.9", True), ("rails", "1.0", True)])
def test_a_version_beyond_the_newest_is_told(name, asked, known):
    report = read_settings(name, {}, version=asked)
    told = [w.message for w in report.warnings if w.code == "unknown-version"]
    assert (told == []) is known and (report.version == asked) is known
    assert known or report.version in told[0]


def test_the_text_of_a_port_is_the_port():
    assert read_settings("rails", {"tls": True}, port="465") == read_settings("rails", {"tls": True}, port=465)
    for wrong in ("smtp", "70000", 587.5):
        with pytest.raises(ValueError, match="."):
            read_settings("rails", {}, port=wrong)


def test_a_version_between_two_behaves_as_its_numbers_say():
    modes = {v: read_settings("rails", {"tls": 587}, version=v, port=587).mode for v in ("2.7.5", "2.8.9", "3.0")}
    assert modes == {"2.7.5": "implicit", "2.8.9": "error", "3.0": "implicit"}


@each_row("name", NAMES)
def test_any_version_gets_an_answer(name):
    for version in ("", "1", "v7", "0", "99.99", "latest", "2.x", "<= 3", "1." * 50, "9" * 400, "²", *HOSTILE):
        report = read_settings(name, {}, version=version)
        assert report.mode in SettingsMode


@pytest.mark.parametrize("name", NAMES)
def test_hostile_values_get_an_answer_and_nothing_is_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keys = [key for key in framework(name).keys if key.role in ("mode", "port", "host", "auth")][:10]
    for value in (*HOSTILE, None, True, 0, -1, 10**30, 1.5, [1], {"a": {"b": 1}}, b"x", object()):
        for key in keys:
            json.loads(read_settings(name, {key.name: value}).to_json())
    for value in HOSTILE:
        for key in keys[:4]:
            read_settings(name, f"{key.name} = {value}")
        read_settings(name, value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
@hypothesis.settings(max_examples=20)  # the first reading of a kind loads its reader
@given(text=st.text(max_size=120))
def test_any_text_gets_an_answer(name, text):
    assert read_settings(name, text).outcome in Outcome


@each_row("name", NAMES)
def test_a_secret_never_comes_back(name):
    described = framework(name)
    secrets = [key.name for key in described.keys if key.role == "secret"]
    for right in read_settings(name, {}).right:
        for key in secrets:
            for line in (f"{key} = 'hunter2!x'", f"{key}: hunter2!x", f'"{key}" => "hunter2!x"', f"{key} hunter2!x"):
                report = read_settings(name, f"{right.text}\n{line}\n")
                assert "hunter2" not in repr(report) + report.to_json()
    for key in described.keys:
        report = read_settings(name, {key.name: "smtp://user:hunter2!x@smtp.example.com:587/?a=b"})
        assert "hunter2" not in repr(report) + report.to_json()
    report = read_settings(name, {"password": "hunter2!x", "api_token": "hunter2!x", "passwd": "hunter2!x"})
    assert "hunter2" not in repr(report) + report.to_json()


def test_the_document_has_the_keys_of_the_contract():
    report = read_settings("rails", {"tls": True}, port=587)
    assert json.loads(report.to_json()) == {
        "schema": "smtplab.settings/1", "framework": "rails-mail",
        "version": "mail 2.9.1 / net-smtp 0.5.1", "port": 587, "mode": "implicit", "outcome": "wrong-version-number",
        "password_in_clear_if_server_allows": False, "translation": None,
        "computed": [],
        "warnings": [{"code": "port-mismatch", "setting": "", "message": report.warnings[0].message}]}


def test_what_the_words_mean_is_worked_out():
    found = {(f.name, word): mode for f, word, mode in meanings()}
    assert len({name for name, _word in found}) == 42
    assert found["rails-mail", "tls: true"] == "implicit"
    assert found["django", "EMAIL_USE_TLS = True"] == "starttls-required"


@each_row(("name", "implicit", "starttls"), [
    ("rails", "tls: true or ssl: true", "enable_starttls: true, without tls: true and ssl: true"),
    ("gitlab", "smtp_tls = true or smtp_ssl = true",
     "smtp_enable_starttls_auto = true, without smtp_tls = true and smtp_ssl = true"),
    ("django", "EMAIL_USE_SSL = True", "EMAIL_USE_TLS = True, without EMAIL_USE_SSL = True"),
    ("aiosmtplib", "use_tls", "start_tls, without use_tls"),
    ("fastapi-mail", "MAIL_SSL_TLS", "MAIL_STARTTLS, without MAIL_SSL_TLS"),
    ("system.net.mail", "no word of its own", "EnableSsl"),
    ("gomail.v2", "SSL = true", "without SSL = true"), ("go net/smtp.SendMail", "no word of its own", "SendMail"),
    ("laravel", "MAIL_SCHEME=smtps", "without MAIL_SCHEME=smtps"),  # MAIL_ENCRYPTION changes nothing since 11
    ("symfony-mailer", "smtps://", "smtp://, without smtps://")])
def test_which_word_means_which_mode_is_a_framework_s_own(name, implicit, starttls):
    words = mode_words(name)
    assert (words.for_implicit(), words.for_starttls()) == (implicit, starttls)


def test_the_words_of_a_mode_are_those_that_are_worked_out():
    """The twin: no word stands under two modes, and none is left out."""
    for described in frameworks():
        words = mode_words(described.name)
        assert sorted((*words.implicit, *words.starttls, *words.neither)) == sorted(described.says)
        means = {word: mode for f, word, mode in meanings() if f is described}
        assert {means[w] for w in words.implicit} <= {"implicit"}
        assert {means[w] for w in words.starttls} <= {"starttls-required", "starttls-opportunistic"}
        assert all(means[w] in ("plain", "error") or "ineffective" in {
            warning.code for warning in evaluate(described, described.says[w], port=587).warnings}
            for w in words.neither)
    with pytest.raises(ValueError, match="no framework is known"):
        mode_words("railz")


@each_row(("name", "settings", "port", "words"), [
    ("rails", {"tls": True}, 587, "STARTTLS (enable_starttls: true, without tls: true and ssl: true)"),
    ("gitlab", {"smtp_tls": True}, 2587, "STARTTLS (smtp_enable_starttls_auto = true, without"),
    ("fastapi-mail", {"MAIL_SSL_TLS": True, "MAIL_STARTTLS": False}, 25,
     "STARTTLS (MAIL_STARTTLS, without MAIL_SSL_TLS)"),
    ("django", {"EMAIL_USE_TLS": True}, 465, "implicit TLS (EMAIL_USE_SSL = True)"),
    ("phpmailer", {"SMTPSecure": "tls"}, 465, "implicit TLS (SMTPSecure = 'ssl')")])
def test_a_mismatch_is_mended_in_the_framework_s_own_words(name, settings, port, words):
    """The twin: where the mode fits the port, nothing is to be mended."""
    found = {p: [w.message for w in read_settings(name, settings, port=p).warnings if w.code == "port-mismatch"]
             for p in (port, 587 if port == 465 else 465)}
    assert [words in said for said in found.pop(port)] == [True]
    assert list(found.values()) == [[]]


def test_an_empty_paste_says_what_the_defaults_do():
    assert [w.code for w in read_settings("rails", "").warnings] == ["opportunistic", "empty"]
    assert [w.code for w in read_settings("rails", "what is this").warnings] == ["opportunistic", "unread"]


def test_a_long_paste_is_read_to_its_end():
    noise = "# a remark\nsome_key = 'some value'\n" * 30_000
    settings = "config.action_mailer.smtp_settings = { port: 465, tls: true }"
    assert read_settings("rails", noise + settings).mode == "implicit"
