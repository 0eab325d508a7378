"""The opening that goes with a settings report agrees with what a real dial shows."""

from dataclasses import replace

from helpers import each_row

from smtplab import judge, read_settings
from smtplab.settings import Outcome, SettingsMode
from smtplab.show.openings import _arrows
from smtplab.show.settings_picture import OPENSSL, opening, picture
from smtplab.show.settings_rehearsal import Rehearsing, rehearsal

RAILS = {"implicit": "tls: true", "starttls-required": "enable_starttls: true", "plain": "enable_starttls: false",
         "starttls-opportunistic": ""}


def report(mode, port):
    return read_settings("rails", RAILS[mode], version="2.8.1", port=port)


def shape(arrows):
    """Who says what, by the first letters, in clear or inside TLS, up to a login, a mail or the end."""
    said = [(a.who, a.layer, a.words[:3].upper()) for a in arrows
            if a.layer in ("smtp", "inside") or (a.layer == "tls" and "Hello" in a.words)]
    end = next((i for i, step in enumerate(said) if step[2] in ("AUT", "MAI", "QUI")), len(said))
    return said[:end]


@each_row("mode", RAILS)
@each_row("port", [25, 465, 587])
def test_it_is_what_a_dial_shows(mode, port):
    found = report(mode, port)
    going = Rehearsing(rehearsal(found), 0.5 if found.outcome is Outcome.HANG else 30)
    seen = shape(_arrows(going.run()))
    assert shape(opening(found)) == seen


def test_nothing_crosses_where_both_wait():
    made = picture(report("starttls-required", 465))
    assert "not one byte" in made and "until the client gives up, after 5 seconds" in made
    assert "neither ever gives up" in picture(replace(report("plain", 465), hang_ends_after_s=None))


@each_row("tls", ["tls: true, port: 465", "port: 587", "port: 25"])
def test_a_client_that_takes_no_certificate_ends_with_its_alert(tls):
    refused, taken = (opening(read_settings("rails", f"{tls}, openssl_verify_mode: 'peer'{ca}",
                                            version="mail 2.7.1 / net-smtp 0.1.0")) for ca in ("", ", ca_file: '/x'"))
    assert refused[-1].words == "Alert: unknown ca" and refused[:-1] == taken[:len(refused) - 1]
    assert "inside" not in {a.layer for a in refused} and "inside" in {a.layer for a in taken}


def test_a_login_in_clear_shows_the_password_where_it_crosses():
    words = [" ".join(a.words for a in opening(read_settings(
        "rails", f"port: 587, enable_starttls: false, authentication: {way}"))) for way in (":plain", ":login")]
    assert ["the password, in clear" in said for said in words] == [True, False]
    assert "the method's name alone" in words[1]


def test_where_encryption_begins_is_said_once():
    made = picture(report("implicit", 465))
    assert made.count("encrypted from here") == 1 and "nothing was encrypted" not in made
    assert "nothing was encrypted" in picture(report("plain", 587))
    assert "encrypted from here" not in picture(report("implicit", 587))


def test_the_five_bytes_are_judged_by_the_judge():
    made = picture(report("implicit", 587))
    verdict = judge(b"220 mail.example.com ESMTP smtplab\r\n", OPENSSL)
    assert f"<b>{verdict.verdict}</b>" in made and "type 50" in made and "version 0x3230" in made
    assert made.count("first word") == 2  # both speak first
    assert made.count("<li>") == len(verdict.checks)
    assert "The five bytes" not in picture(report("implicit", 465))


def test_refused_settings_make_no_picture():
    found = read_settings("rails", "tls: 'yes'", version="2.8.1")
    assert found.mode is SettingsMode.ERROR and opening(found) == []
    assert "No connection is made" in picture(found)


def test_what_a_plaintext_client_does_depends_on_the_outcome():
    plain = report("plain", 587)
    assert plain.outcome is Outcome.PLAINTEXT and "the password, in clear" in picture(plain)
    assert "530 Must issue" in picture(replace(plain, outcome=Outcome.REFUSED_NEEDS_TLS))
    assert "MAIL FROM" in picture(replace(plain, port=25))
    assert "AUTH" not in picture(replace(plain, outcome=Outcome.REFUSED))
    assert "a list without AUTH" in picture(report("starttls-required", 25))
    assert "MAIL FROM" in picture(replace(report("starttls-required", 25), outcome=Outcome.WORKS))
