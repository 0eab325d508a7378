"""Prediction against reality: what `read_settings` says of a text, and what the real mailer then does with it.

The mailer and `read_settings` get the same text, but for the address. See live_clients for how a mode is seen.
"""

import re
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import live_clients
import pytest
from helpers import until
from live_clients import (
    MAILERS,
    OFFERS,
    STANDARD,
    STRIPPED,
    Seen,
    fill,
    mode,
    mx,
    observe,
    outcome,
    password_in_clear,
    visit,
)
from real_tools import are_here

import smtplab
from smtplab import Mode, SettingsReport, read_settings
from smtplab.lab import LAB_PASSWORD, LAB_USER
from smtplab.settings import SettingsMode

pytestmark = pytest.mark.timeout(400)  # the first test waits for all runs

# For each mailer: its text, and what stands for %s in it at which ports.
RAILS = ('config.action_mailer.smtp_settings = { address: "<host>", port: <port>, user_name: "alice",'
         ' password: "wonderland"%s }')
RAILS_ADDED = ('ActionMailer::Base.smtp_settings.merge!(address: "<host>", port: <port>, user_name: "alice",'
               ' password: "wonderland"%s)')
DJANGO = 'EMAIL_HOST = "<host>"\nEMAIL_PORT = <port>\nEMAIL_HOST_USER = "alice"\nEMAIL_HOST_PASSWORD = "wonderland"\n%s'
FLASK = 'MAIL_SERVER = "<host>"\nMAIL_PORT = <port>\nMAIL_USERNAME = "alice"\nMAIL_PASSWORD = "wonderland"\n%s'
AIO = 'await aiosmtplib.send(message, hostname="<host>", port=<port>, username="alice", password="wonderland"%s)'
AIO_CLIENT = 'aiosmtplib.%s(hostname="<host>", port=<port>, username="alice", password="wonderland"%s)'
NODE = 'nodemailer.createTransport({ host: "<host>", port: <port>, auth: { user: "alice", pass: "wonderland" }%s })'
NODE_METHOD = ('nodemailer.createTransport({ host: "<host>", port: <port>, ignoreTLS: true,'
               ' auth: { method: "%s", user: "alice", pass: "wonderland" } })')
NODE_URL = 'nodemailer.createTransport("%s")'
PHP = ("$mail->Host = '<host>'; $mail->Port = <port>; $mail->SMTPAuth = true;\n"
       "$mail->Username = 'alice'; $mail->Password = 'wonderland';\n%s")
PHP_HOST = ("$mail->Host = '%s'; $mail->Port = <port>; $mail->SMTPAuth = true;\n"
            "$mail->Username = 'alice'; $mail->Password = 'wonderland';\n$mail->SMTPSecure = 'tls';")
CURL = "curl %s://<host>:<port> --user alice:wonderland%s" + MAILERS["curl"].letter
SWAKS = ("swaks --server <host> --port <port> --auth PLAIN --auth-user alice --auth-password wonderland%s"
         + MAILERS["swaks"].letter)
MSMTP = "account default\nhost <host>\nport <port>\nfrom a@example.com\nuser alice\npassword wonderland\n%s\n"
GIT = "git send-email --smtp-server=<host> --smtp-server-port=<port> --smtp-user=alice --smtp-pass=wonderland%s"
GIT_CONFIG = "[sendemail]\nsmtpServer = <host>\nsmtpServerPort = <port>\nsmtpUser = alice\nsmtpPass = wonderland\n%s\n"

TABLE = [
    ("rails", RAILS, {
        "": (587, 2525, 465, 25),
        ", tls: true": (465, 587, 25),
        ", ssl: true": (465,),
        ", tls: 587": (587,),
        ", tls: 'false'": (587,),
        ", tls: true, enable_starttls_auto: true": (465, 587),
        ", enable_starttls_auto: true": (465, 587),
        ", enable_starttls_auto: false": (587,),
        ", enable_starttls: false": (587,),
        ", enable_starttls: true": (587, 465),
        ", enable_starttls: :auto": (587,),
        ", ssl: false, enable_starttls: true": (587,),
        ", ssl: false, tls: false, enable_starttls_auto: false": (587,),
        ", authentication: :login, tls: true": (465,),
        ", authentication: :none": (587,),
        ", authentication: :login": (587, 25),
    }),
    ("rails", RAILS_ADDED, {"": (587,), ", tls: true": (465, 587), ", enable_starttls: true": (587,)}),
    ("django", DJANGO, {
        "": (587, 465, 25),
        "EMAIL_USE_TLS = True": (587, 465),
        "EMAIL_USE_SSL = True": (465, 587, 25),
        "EMAIL_USE_TLS = 'False'": (587,),
        "EMAIL_USE_TLS = False\nEMAIL_USE_SSL = False": (587,),
        "EMAIL_USE_TLS = True\nEMAIL_USE_SSL = True": (587,),
        "EMAIL_USE_TLS = 'False'\nEMAIL_USE_SSL = 'True'": (465,),
    }),
    ("flask-mail", FLASK, {
        "": (587, 25),
        "MAIL_USE_TLS = True": (587, 465),
        "MAIL_USE_SSL = True": (465, 587),
        "MAIL_USE_TLS = 'False'": (587,),
        "MAIL_USE_TLS = True\nMAIL_USE_SSL = True": (587, 465),
    }),
    ("aiosmtplib", AIO, {
        "": (587, 465, 25),
        ", use_tls=True": (465, 587),
        ", start_tls=True": (587, 465),
        ", start_tls=False": (587,),
        ", use_tls=True, start_tls=True": (465,),
        ", use_tls=True, start_tls=False": (465,),
    }),
    ("aiosmtplib", AIO_CLIENT, {("SMTP", ", use_tls=True"): (465,), ("SMTP", ", start_tls=True"): (587,)}),
    ("nodemailer", NODE, {
        "": (587, 465, 25),
        ", secure: true": (465, 587),
        ", secure: false": (587, 465),
        ", secure: false, requireTLS: true": (587, 465),
        ", secure: true, requireTLS: true": (465,),
        ", secure: 'false'": (587,),
        ", ignoreTLS: true": (587,),
        ", ignoreTLS: true, requireTLS: true": (587,),
    }),
    ("nodemailer", NODE_URL, {
        "smtp://alice:wonderland@<host>:<port>": (587, 465),
        "smtps://alice:wonderland@<host>:<port>": (465, 587),
        "smtp://alice:wonderland@<host>:<port>/?requireTLS=true": (587,),
        "smtp://alice:wonderland@<host>:<port>/?secure=true": (465,),
    }),
    *(("nodemailer-" + version, NODE, {
        "": (587, 465),
        ", requireTLS: true": (587,),
        ", ignoreTLS: true, requireTLS: true": (587,),
    }) for version in "764"),
    ("nodemailer-4", NODE_METHOD, {"LOGIN": (587,), "CRAM-MD5": (587,)}),
    ("phpmailer", PHP, {
        "": (587, 465, 25),
        "$mail->SMTPSecure = 'tls';": (587, 465),
        "$mail->SMTPSecure = PHPMailer::ENCRYPTION_STARTTLS;": (587,),
        "$mail->SMTPSecure = 'ssl';": (465, 587),
        "$mail->SMTPSecure = PHPMailer::ENCRYPTION_SMTPS;": (465,),
        "$mail->SMTPSecure = 'TLS';": (587,),
        "$mail->SMTPSecure = 'starttls';": (587,),
        "$mail->SMTPSecure = false;\n$mail->SMTPAutoTLS = false;": (587,),
        "$mail->SMTPSecure = 'tls';\n$mail->SMTPAutoTLS = false;": (587,),
    }),
    ("phpmailer", PHP_HOST, {"ssl://<host>": (465, 587), "ssl://<host>:<port>": (465,), "tls://<host>": (587,)}),
    ("phpmailer", PHP_HOST.partition("\n$mail->SMTPSecure")[0], {"localhost": (587,)}),
    ("curl", CURL, {
        ("smtp", ""): (587, 25),
        ("smtp", " --ssl"): (587, 25),
        ("smtp", " --ssl-reqd"): (587, 465),
        ("smtp", " --tlsv1.2"): (587,),
        ("smtps", ""): (465, 587),
        ("smtps", " --ssl-reqd"): (465,),
    }),
    ("swaks", SWAKS, {"": (587, 25), " -tls": (587, 465, 25), " -tlso": (587,), " -tlsc": (465, 587)}),
    ("msmtp", MSMTP, {
        "auth on": (587,),
        "auth off": (25,),
        "auth plain": (587,),
        "auth on\ntls on": (587, 465, 25),
        "auth on\ntls on\ntls_starttls on": (587,),
        "auth on\ntls on\ntls_starttls off": (465, 587),
        "auth on\ntls off\ntls_starttls on": (587,),
        "auth on\ntls_starttls off": (465,),
    }),
    ("git", GIT, {
        "": (587, 25),
        " --smtp-encryption=tls": (587, 465),
        " --smtp-encryption=ssl": (465, 587),
        " --smtp-encryption=starttls": (587,),
        " --smtp-encryption=": (587,),
        " --smtp-ssl": (465,),
    }),
    ("git", GIT_CONFIG, {"smtpEncryption = tls": (587,), "smtpEncryption = ssl": (465,), "smtpEncryption = TLS": (587,),
                         "smtpEncryption =": (587,)}),
]
# One framework every day, with settings that work, that mismatch, that hang and that cross in clear.
EVERY_DAY = [("django", DJANGO % options, port) for options, port in (
    ("EMAIL_USE_TLS = True", 587), ("EMAIL_USE_SSL = True", 587), ("EMAIL_USE_TLS = True", 465), ("", 25))]


def slow(*, unless: bool) -> list[pytest.MarkDecorator]:
    """For what is slow `unless` that."""
    return [] if unless else [pytest.mark.slow]


CASES = [pytest.param(case := (mailer, text % options, port),
                      marks=[pytest.mark.real(*MAILERS[mailer].needs), *slow(unless=case in EVERY_DAY)],
                      id=" ".join((mailer, *(options if isinstance(options, tuple) else (options,)), str(port))))
         for mailer, text, rows in TABLE for options, ports in rows.items() for port in ports]


@pytest.fixture(scope="module")
def runs(request, tmp_path_factory):
    """What each mailer that is here was seen to do in the collected cases; all are at it at the same time."""
    asked: dict[str, dict[tuple[str, int], None]] = {}
    for item in request.session.items:
        if item.module is request.module and "runs" in item.fixturenames:
            mailer, *case = item.callspec.params["case"]
            asked.setdefault(mailer, {})[tuple(case)] = None
    here = [mailer for mailer in asked if are_here(*MAILERS[mailer].needs)]
    # The first server makes the lab's authority, which the others share.
    with mx(), smtplab.serve("implicit"), ThreadPoolExecutor(len(MAILERS)) as executor:
        return {mailer: executor.submit(observe, MAILERS[mailer], list(asked[mailer]), tmp_path_factory.mktemp(mailer))
                for mailer in here}


def reality_and_prediction(case: tuple[str, str, int], runs: dict[str, Future]) -> tuple[Seen, SettingsReport]:
    """Of the version that is here."""
    mailer, text, port = case
    seen = runs[mailer].result()[text, port]
    return seen, read_settings(MAILERS[mailer].framework, fill(text, "mail.example.com", port), version=seen.version)


def test_every_day_s_are_of_the_table():
    assert {param.values[0] for param in CASES} >= set(EVERY_DAY)


@pytest.mark.parametrize("case", CASES)
def test_what_is_foretold_happens(case, runs):
    """What it does, whether the password may cross in clear, and what it says: word for word, but for what stands as
    "..."; a hang ends by the server here, so not in the usual words."""
    seen, report = reality_and_prediction(case, runs)
    # So a mailer that failed before it looked at its settings is not taken for one that refuses them.
    assert {kind for kind, error in seen.errors.items() if error is None} == seen.taken, seen.errors
    assert (report.port, report.mode, report.outcome) == (case[2], seen.mode, seen.outcome), seen.errors
    assert report.password_in_clear_if_server_allows in (seen.password_in_clear, None), report.because
    said = seen.errors[STANDARD[case[2]]]
    if report.error is not None and seen.outcome != "hang":
        assert said is not None
        words = ".*".join(map(re.escape, re.split(r"\s*\.\.\.\s*", report.error)))
        assert re.search(words, said, re.DOTALL), (report.error, said)


def right_ones(name: str, home: Path) -> dict[SettingsMode, tuple[str, Seen]]:
    """For each mode that has right settings in the version that is here: their text, and what they did."""
    mailer = MAILERS[name]
    version, _ = mailer.send([], home)
    texts = {right.mode: (right.text.replace("smtp.example.com", "<host>").replace(str(right.port), "<port>")
                          + mailer.letter, right.port)
             for right in read_settings(mailer.framework, "", version=version).right if right.possible}
    observed = observe(mailer, list(texts.values()), home)
    return {mode: (text, observed[text, port]) for mode, (text, port) in texts.items()}


@pytest.fixture(scope="module")
def rights(request, tmp_path_factory):
    """What the right settings did, of each mailer that is asked for and here."""
    asked = {item.callspec.params["name"] for item in request.session.items
             if item.module is request.module and "rights" in item.fixturenames}
    with mx(), smtplab.serve("implicit"), ThreadPoolExecutor(len(MAILERS)) as executor:
        return {name: executor.submit(right_ones, name, tmp_path_factory.mktemp(name))
                for name in asked if are_here(*MAILERS[name].needs)}


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=[pytest.mark.real(*MAILERS[name].needs), *slow(unless=name == "django")])
    for name in MAILERS])
def test_the_right_settings_are_right(name, rights):
    found = rights[name].result()
    assert {SettingsMode.IMPLICIT, SettingsMode.STARTTLS_REQUIRED} <= set(found)
    for right_mode, (text, seen) in found.items():
        assert (seen.mode, seen.outcome) == (right_mode, "works"), (text, seen.errors)


@pytest.mark.parametrize("mode_of_dial", Mode)
def test_modes_are_read_off_the_bytes(mode_of_dial):
    """By a client whose mode is known."""
    traces = {}
    for kind in (OFFERS, STRIPPED):
        with smtplab.serve(kind) as server:
            smtplab.dial(server, mode_of_dial, timeout_s=30, login=(LAB_USER, LAB_PASSWORD), mail_from="a@example.com")
            traces[kind] = visit(server)
    in_clear = mode_of_dial in (Mode.PLAIN, Mode.STARTTLS_OPPORTUNISTIC)
    assert mode(traces[OFFERS], traces[STRIPPED]) == {"starttls": "starttls-required"}.get(mode_of_dial, mode_of_dial)
    assert (password_in_clear(traces[OFFERS]), password_in_clear(traces[STRIPPED])) == (False, in_clear)
    assert outcome(587, traces[OFFERS]) == {"plain": "refused-needs-tls", "implicit": "wrong-version-number"}.get(
        mode_of_dial, "refused")  # refused: it never sends DATA


def test_a_mailer_that_goes_on_is_ended_with_what_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(live_clients, "DEADLINE_S", 2)
    with pytest.raises(subprocess.TimeoutExpired):
        live_clients.ran(["sh", "-c", "sleep 1000 & echo $! >child; wait"], "", tmp_path)
    command_line = Path("/proc", (tmp_path / "child").read_text().strip(), "cmdline")
    until(lambda: not command_line.exists() or not command_line.read_bytes())  # of one not yet collected it is empty


def test_nobody_came():
    with smtplab.serve(OFFERS) as server:
        assert visit(server) is None
    assert (mode(None, None), outcome(587, None)) == ("error", "config-error")
