"""The one next command: by its cause, with the place of the paste, and harmless in a shell whatever was pasted."""

import shlex

from helpers import each_row

from smtplab import Cause
from smtplab.question.next_command import IN_EFFECT, in_effect, next_command, place


@each_row(("cause", "mode", "command"), [
    (Cause.IMPLICIT_TO_PLAINTEXT, "implicit", "smtplab probe a.example:587"),
    (Cause.CERT_EXPIRED, "starttls-required", "smtplab handshake a.example:587 --mode starttls"),
    (Cause.CERT_EXPIRED, "implicit", "smtplab handshake a.example:587 --mode implicit"),
    (Cause.AUTH_MECHANISM, "", "smtplab handshake a.example:587 --mode starttls"),
    (Cause.STARTTLS_REQUIRED, "plain", "smtplab handshake a.example:587 --mode starttls"),
    (Cause.STARTTLS_NOT_OFFERED, "starttls-required", "smtplab probe a.example:587"),
    (Cause.REFUSED, "", "smtplab probe a.example"), (Cause.DNS, "", "getent ahosts a.example")])
def test_it_follows_from_the_cause(cause, mode, command):
    assert next_command(cause, "a.example", 587, mode)[0] == command


def test_each_cause_has_one_and_says_what_it_tells():
    for cause in Cause:
        command, why = next_command(cause, "a.example", 465, "")
        assert "a.example" in command and why and "\n" not in command


def test_what_is_not_known_stays_a_placeholder():
    assert next_command(Cause.OTHER, "", None, "")[0] == "smtplab probe HOST"
    assert next_command(Cause.CERT_EXPIRED, "", None, "")[0] == "smtplab handshake HOST:PORT --mode starttls"
    assert place("2001:db8::1", 465) == ("[2001:db8::1]", "465")


@each_row("host", ["a; rm -rf ~", "$(reboot)", "-oProxyCommand=x", "a b", "a\nb", "`x`", "a|b", "x" * 300, "a'b", "."])
def test_no_paste_puts_a_command_into_a_command(host):
    for cause in Cause:
        command = next_command(cause, host, 25, "")[0]
        assert host not in command.replace("mail.example", "") or host == "."
        assert "HOST" in command and len(shlex.split(command)) > 1
    assert host == "." or host not in in_effect("", host, 25)[0]


def test_what_is_in_effect_is_asked_of_the_program():
    from smtplab.settings import frameworks
    assert IN_EFFECT.keys() <= {one.name for one in frameworks()}
    assert in_effect("django", "a.example", 25)[0].startswith("python manage.py diffsettings")
    assert in_effect("no-such", "a.example", 25)[0] == "smtplab relay a.example:25"
