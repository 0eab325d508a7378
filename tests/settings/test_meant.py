"""Which mode words mean: the modes' own names, and settings, where all that may read them agree."""

import hypothesis
from helpers import each_row
from hypothesis import strategies as st
from test_measured import CASES

from smtplab.settings import SettingsMode, meanings, mode_meant

IMPLICIT, REQUIRED = SettingsMode.IMPLICIT, SettingsMode.REQUIRED
OPPORTUNISTIC, PLAIN = SettingsMode.OPPORTUNISTIC, SettingsMode.PLAIN
STARTTLS = {REQUIRED, OPPORTUNISTIC}


@each_row("words, mode", [
    ("implicit", IMPLICIT), ("SMTPS", IMPLICIT), ("TLS on connect", IMPLICIT), ("SSL/TLS", IMPLICIT),
    ("ssl/tls selected", IMPLICIT), ("starttls", REQUIRED), ("explicit TLS", REQUIRED),
    ("STARTTLS auto", OPPORTUNISTIC),
    ("opportunistic STARTTLS", OPPORTUNISTIC), ("no encryption", PLAIN), ("Plain", PLAIN), ("none", PLAIN),
    ("no TLS, user and password set", PLAIN), ("useSsl: false (opportunistic STARTTLS)", OPPORTUNISTIC)])
def test_a_mode_has_names_of_its_own(words, mode):
    assert mode_meant(words) is mode


@each_row("words, mode", [
    ("SMTPSecure=ssl", IMPLICIT), ("$mail->SMTPSecure = 'tls';", REQUIRED), ("EMAIL_USE_TLS = True", REQUIRED),
    ("EMAIL_USE_SSL=True", IMPLICIT), ("secure: true", IMPLICIT), ("secure: false", OPPORTUNISTIC),
    ("EnableSsl = true", REQUIRED), ("useSsl: true", IMPLICIT), ("SslOnConnect", IMPLICIT),
    ("SecureSocketOptions.StartTls", REQUIRED), ("SMTP_SSL", IMPLICIT), ("starttls()", REQUIRED), ("relay()", IMPLICIT),
    ("tls on", REQUIRED), ("--ssl-reqd", REQUIRED), ("smtp_tls_security_level = encrypt", REQUIRED), ("SSL", IMPLICIT),
    ("SMTP_TLS=true + SMTP_ENABLE_STARTTLS_AUTO=false", IMPLICIT), ("Connect(host, 587, true)", IMPLICIT),
    ("set smtp_url = smtps://mail.example.org", IMPLICIT)])
def test_a_setting_means_what_the_frameworks_make_of_it(words, mode):
    assert mode_meant(words) is mode


@each_row("words", ["tls", "TLS", "", "  ", None, "auth: plain", "port 578 typed for 587", "Gmail", "XOAUTH2",
                    "user=bob", "EMAIL_USE_SSL=True ignored", "mail.smtp.ssl.enable unset", "no -UseSsl",
                    "tls: true, ignored", "SSL or TLS", "STARTTLS, SMTPS"])
def test_what_differs_or_says_nothing_is_none(words):
    assert mode_meant(words) is None


def test_the_port_settles_what_depends_on_it():
    words = "SecureSocketOptions.Auto"
    assert (mode_meant(words, 465), mode_meant(words, 587), mode_meant(words)) == (IMPLICIT, OPPORTUNISTIC, None)


def test_measured_settings_are_never_said_to_be_another_mode():
    """A text may be of another framework or version than was measured: then it may be None, but never a third."""
    read, wrong = 0, {}
    for case in CASES:
        if "text" not in case or case["mode"] == "error":
            continue
        said, measured = mode_meant(case["text"], case["port"]), SettingsMode(case["mode"])
        read += said is not None
        if said not in (None, measured) and not {said, measured} <= STARTTLS:
            wrong[case["id"]] = said
    assert wrong == {}
    assert read > 60


def test_words_of_all_frameworks_are_none_or_one_of_their_meanings():
    by_word: dict[str, set[SettingsMode]] = {}
    for _framework, word, mode in meanings():
        by_word.setdefault(word, set()).add(mode)
    said = {word: mode for word in by_word if (mode := mode_meant(word, 587))}
    assert {word: mode for word, mode in said.items() if mode not in by_word[word]
            and not (mode in STARTTLS and by_word[word] & STARTTLS)} == {}
    assert len(said) > len(by_word) / 2


@hypothesis.given(st.text(max_size=200), st.none() | st.integers())
def test_nothing_raises(words, port):
    assert mode_meant(words, port) in (None, *SettingsMode)
