"""Settings that fail, corrected, and then run: the same real mailer fails with the first and gets through with those.

Both texts go through the mailer's own reader; what came of each is read off the bytes that the lab's servers received.
"""

from pathlib import Path

import pytest
from live_clients import MAILERS, Seen, fill, mx, observe
from test_settings_live import AIO, CURL, DJANGO, FLASK, GIT, GIT_CONFIG, MSMTP, NODE, PHP, RAILS, SWAKS

import smtplab
from smtplab import Cause
from smtplab.question import Answer, diagnose_paste

pytestmark = pytest.mark.timeout(400)

HOST = "mail.example.com"
# For each mailer its text, with what makes it begin with TLS on 587, and what makes it wait for a greeting on 465.
BROKEN = [
    ("django", DJANGO, "EMAIL_USE_SSL = True", "EMAIL_USE_TLS = True"),
    ("rails", RAILS, ", tls: true", ", enable_starttls: true"),
    ("flask-mail", FLASK, "MAIL_USE_SSL = True", "MAIL_USE_TLS = True"),
    ("aiosmtplib", AIO, ", use_tls=True", ", start_tls=True"),
    *((name, NODE, ", secure: true", ", secure: false, requireTLS: true")
      for name in ("nodemailer", "nodemailer-7", "nodemailer-6", "nodemailer-4")),
    ("phpmailer", PHP, "$mail->SMTPSecure = 'ssl';", "$mail->SMTPSecure = 'tls';"),
    ("curl", CURL, ("smtps", ""), ("smtp", " --ssl-reqd")),
    ("swaks", SWAKS, " -tlsc", " -tls"),
    ("msmtp", MSMTP, "auth on\ntls on\ntls_starttls off", "auth on\ntls on"),
    ("git", GIT, " --smtp-encryption=ssl", " --smtp-encryption=tls"),
    ("git", GIT_CONFIG, "smtpEncryption = ssl", "smtpEncryption = tls"),
]
# On each port what the broken settings do there, and the cause.
FAILS = {587: ("wrong-version-number", Cause.IMPLICIT_TO_PLAINTEXT), 465: ("hang", Cause.PLAINTEXT_TO_IMPLICIT)}
CASES = [(name, text % options, port) for name, text, at_once, waits in BROKEN
         for options, port in ((at_once, 587), (waits, 465))]


def corrected(name: str, text: str, port: int, home: Path) -> tuple[Answer, Seen, Seen]:
    """The answer to the settings, what they did, and what their correction did."""
    mailer = MAILERS[name]
    version, _ = mailer.send([], home)
    answer = diagnose_paste(fill(text, HOST, port), framework=mailer.framework, version=version)
    assert answer.correction and answer.correction.possible, answer.correction
    fix = answer.correction
    mended = fix.text.replace(HOST, "<host>").replace(str(fix.port), "<port>") + mailer.letter
    with mx(), smtplab.serve("implicit"):  # the first server makes the lab's authority, which the others share
        seen = observe(mailer, [(text, port), (mended, fix.port)], home)
    return answer, seen[text, port], seen[mended, fix.port]


def marks(case: tuple[str, str, int]) -> list[pytest.MarkDecorator]:
    """One row of each program is of every day; of Nodemailer's releases, the newest's."""
    name, _, port = case
    first = next(one for one in CASES if one[0] == name and one[2] == port)
    everyday = port == 587 and case is first and not name.startswith("nodemailer-")
    return [pytest.mark.real(*MAILERS[name].needs), *[pytest.mark.slow] * (not everyday)]


@pytest.mark.parametrize(("name", "text", "port"), [
    pytest.param(*case, marks=marks(case), id=f"{case[0]}-{at // 2}-{case[2]}") for at, case in enumerate(CASES)])
def test_settings_that_fail_get_through_when_corrected(name, text, port, tmp_path):
    answer, before, after = corrected(name, text, port, tmp_path)
    outcome, cause = FAILS[port]
    assert (before.outcome, answer.causes[0].cause) == (outcome, cause), before.errors
    assert after.outcome == "works", (answer.correction.text, after.errors)
    assert after.mode == answer.correction.mode
