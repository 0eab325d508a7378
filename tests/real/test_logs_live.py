"""Logs as people paste them: real programs with their dialogue turned on, at lab servers, explained by the log alone.

No port and no mode is given; the server's own port stands in the log as that which such a server has in life.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from real_tools import are_here
from test_real_clients import HANG_S, Call, program

import smtplab
from smtplab import Cause
from smtplab.messages import clean, context_of, explain

pytestmark = pytest.mark.timeout(400)  # the first test waits for all runs

WRONG, RIGHT = ("alice", "Tr0ub4dor of the tests"), ("alice", "wonderland")
MAIL = b"From: a@example.com\r\nSubject: x\r\n\r\nx\r\n"
RUBY = """
require "net/smtp"
require "openssl"
mode, host, port, ca, user, password = ARGV
smtp = Net::SMTP.new(host, port.to_i)
smtp.set_debug_output($stderr)
smtp.open_timeout = smtp.read_timeout = 4
context = OpenSSL::SSL::SSLContext.new
context.set_params(ca_file: ca)
case mode
when "implicit" then smtp.enable_tls(context)
when "starttls" then smtp.enable_starttls(context)
else smtp.disable_starttls
end
smtp.start("localhost", user, password, user && :plain) { |s| s.send_message("x", "a@example.com", "b@example.com") }
"""
PHP = """
require 'libphp-phpmailer/autoload.php';
[, $mode, $host, $port, $ca] = $argv;
$mail = new PHPMailer\\PHPMailer\\PHPMailer(false);
$mail->isSMTP();
$mail->SMTPDebug = 3;
$mail->Debugoutput = 'echo';
$mail->Timeout = 4;
$mail->Host = $host;
$mail->Port = (int) $port;
$mail->SMTPSecure = ['implicit' => 'ssl', 'starttls' => 'tls', 'plain' => ''][$mode];
$mail->SMTPAutoTLS = false;
$mail->SMTPOptions = ['ssl' => ['cafile' => $ca]];
if (isset($argv[5])) {
    $mail->SMTPAuth = true;
    [$mail->Username, $mail->Password] = [$argv[5], $argv[6]];
}
$mail->setFrom('a@example.com');
$mail->addAddress('b@example.com');
$mail->Subject = $mail->Body = 'x';
$mail->send() or print('Mailer Error: ' . $mail->ErrorInfo);
"""
SMTPLIB = """
import smtplib, ssl, sys
mode, host, port, ca, *login = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
smtp = smtplib.SMTP_SSL(timeout=4, context=context) if mode == "implicit" else smtplib.SMTP(timeout=4)
smtp.set_debuglevel(1)
smtp._host = host
smtp.connect(host, int(port))
if mode == "starttls":
    smtp.starttls(context=context)
if login:
    smtp.login(*login)
smtp.sendmail("a@example.com", ["b@example.com"], "Subject: x\\n\\nx")
"""
DJANGO = """
import os, sys
import django
from django.conf import settings
mode, host, port, ca, *login = sys.argv[1:]
os.environ["SSL_CERT_FILE"] = ca
settings.configure(EMAIL_HOST=host, EMAIL_PORT=int(port), EMAIL_USE_SSL=mode == "implicit", EMAIL_TIMEOUT=4,
                   EMAIL_USE_TLS=mode == "starttls", EMAIL_HOST_USER=login[0] if login else "",
                   EMAIL_HOST_PASSWORD=login[1] if login else "")
django.setup()
from django.core.mail import send_mail
send_mail("x", "x", "a@example.com", ["b@example.com"])
"""


class Case(NamedTuple):
    """A program's log of a mode against a kind of server ("... starttls" is a certificate kind's twin)."""

    client: str
    mode: str
    kind: str
    causes: tuple[Cause, ...]
    login: tuple[str, str] | None = None

    @property
    def port(self) -> int:
        """Of such a server in life."""
        return 465 if self.kind in ("implicit", "expired", "self-signed") else 587


def curl(call: Call, mode: str) -> str:
    login = ["--user", ":".join(call.login)] if call.login else []
    scheme, tls = ("smtps" if mode == "implicit" else "smtp"), ["--ssl-reqd"] * (mode == "starttls")
    return program(call, "curl", "-q", "-v", "-sS", "-m", str(HANG_S), "--noproxy", "*", "--cacert",
                   call.server.ca_file, *tls, *login, "--mail-from", "a@example.com", "--mail-rcpt", "b@example.com",
                   "-T", "-", f"{scheme}://{':'.join(call.where)}/client.example.com", says=MAIL).text


def s_client(call: Call, mode: str) -> str:
    starttls = ["-starttls", "smtp"] * (mode == "starttls")
    return program(call, "openssl", "s_client", "-connect", ":".join(call.where), "-CAfile", call.server.ca_file,
                   "-ign_eof", *starttls, says=b"QUIT\r\n").text


def swaks(call: Call, mode: str) -> str:
    tls = {"implicit": ["--tlsc"], "starttls": ["--tls"], "plain": []}[mode]
    login = ["--auth", "PLAIN", "--auth-user", call.login[0], "--auth-password", call.login[1]] if call.login else []
    return program(call, "swaks", "--server", call.where[0], "--port", call.where[1], "--ehlo", "x.example.com",
                   "--timeout", f"{HANG_S}s", "--from", "a@example.com", "--to", "b@example.com", *tls, *login).text


def msmtp(call: Call, mode: str) -> str:
    tls = {"implicit": ["--tls=on", "--tls-starttls=off"], "starttls": ["--tls=on"], "plain": ["--tls=off"]}[mode]
    login = ["--auth=plain", f"--user={call.login[0]}", f"--passwordeval=echo '{call.login[1]}'"] if call.login else []
    return program(call, "msmtp", "--debug", f"--host={call.where[0]}", f"--port={call.where[1]}",
                   f"--timeout={HANG_S}", "--from=a@example.com", f"--tls-trust-file={call.server.ca_file}", *tls,
                   *login, "b@example.com", says=MAIL).text


def script(*argv: str):
    return lambda call, mode: program(call, *argv, mode, *call.where, call.server.ca_file, *call.login or ()).text


CLIENTS = {"curl -v": (curl, "curl"), "s_client": (s_client, "openssl"), "swaks": (swaks, "swaks"),
           "msmtp --debug": (msmtp, "msmtp"), "Net::SMTP": (script("ruby", "-e", RUBY), "ruby"),
           "PHPMailer": (script("php", "-r", PHP, "--"), "php:libphp-phpmailer/autoload.php"),
           "smtplib": (script(sys.executable, "-c", SMTPLIB),), "Django": (script(sys.executable, "-c", DJANGO),
                                                                            "python:django")}
MISMATCH, HANG, UNKNOWN_CA = Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT, (
    Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA)
SAYS_MORE = [client for client in CLIENTS if client != "s_client"]  # it makes no login and sends no mail
# mode, kind of server, cause, login, and who prints nothing (it hangs, or goes on) or no reason
TABLE = (
    ("implicit", "starttls", MISMATCH, None, ()),
    ("implicit", "self-signed", UNKNOWN_CA, None, ("swaks",)),
    ("implicit", "expired", Cause.CERT_EXPIRED, None, ("swaks", "PHPMailer")),
    ("implicit", "closes", Cause.CLOSED_BEFORE_GREETING, None, ("msmtp --debug",)),
    ("implicit", "implicit", Cause.AUTH_REJECTED, WRONG, ("s_client",)),
    ("starttls", "implicit", HANG, None, ("s_client",)),
    ("starttls", "starttls", Cause.AUTH_REJECTED, WRONG, ("s_client",)),
    ("starttls", "starttls-stripped", Cause.STARTTLS_NOT_OFFERED, None, ()),
    ("starttls", "starttls-refused", Cause.TEMPORARILY_UNAVAILABLE, None, ()),
    ("starttls", "starttls-stalls", Cause.HANDSHAKE_STALLED, None, ("s_client", "msmtp --debug")),
    ("starttls", "auth-required", Cause.AUTH_REQUIRED, None, ("s_client",)),
    ("plain", "starttls-required", Cause.STARTTLS_REQUIRED, None, ("s_client",)),
    ("plain", "starttls", Cause.AUTH_NEEDS_TLS, RIGHT, ("s_client", "curl -v")))
# What else the same words mean.
ALIKE = {("Net::SMTP", "closes"): (Cause.TLS_VERSION_OR_CIPHER,), ("PHPMailer", "starttls-stalls"): (),
         ("smtplib", "starttls-stalls"): (Cause.OTHER,), ("Django", "starttls-stalls"): (Cause.OTHER,),
         ("s_client", "starttls-refused"): (Cause.STARTTLS_NOT_OFFERED,)}
CASES = [Case(client, mode, kind, (cause, *ALIKE.get((client, kind), ())), login)
         for mode, kind, cause, login, silent in TABLE for client in CLIENTS if client not in silent]
EVERY_DAY = [case for case in CASES if case.mode == "implicit" and case.kind == "starttls"] + [
    case for case in CASES if case.client == "curl -v" and case.kind == "starttls-stripped"]


def text_of(case: Case, home: str) -> str:
    """The log, with the port of life in it."""
    kind, _, twin = case.kind.partition(" ")
    with smtplab.serve(kind, starttls=bool(twin)) as server:
        hangs = case.kind == "starttls-stalls" or (case.mode != "implicit" and case.kind == "implicit")
        call = Call(server, home, HANG_S, login=case.login)
        text = CLIENTS[case.client][0](call, case.mode)
        assert text or hangs
        return text.replace(str(server.address[1]), str(case.port))


@pytest.fixture(scope="module")
def texts(request, tmp_path_factory):
    """The logs of all collected cases whose program is here; most of the time they wait."""
    home = str(tmp_path_factory.mktemp("home"))
    asked = {item.callspec.params["case"] for item in request.session.items
             if item.module is request.module and "texts" in item.fixturenames}
    here = [case for case in CASES if case in asked and are_here(*CLIENTS[case.client][1:])]
    with smtplab.serve("implicit"), ThreadPoolExecutor(8) as executor:
        return {case: executor.submit(text_of, case, home) for case in here}


@pytest.mark.parametrize("case", [
    pytest.param(case, id=" - ".join((case.client, case.mode, case.kind)), marks=[
        pytest.mark.real(*CLIENTS[case.client][1:]), *[pytest.mark.slow] * (case not in EVERY_DAY)])
    for case in CASES])
def test_a_log_is_explained_by_itself(case, texts):
    text = texts[case].result()
    found = explain(text)
    assert found[0].cause in case.causes, f"{[(one.cause.value, one.likelihood) for one in found]}\n{text}"
    shown = context_of(clean(text), None, None).shown_mode
    assert shown in (None, case.mode)


@pytest.mark.real("curl")
def test_the_famous_mismatch_is_no_matter_of_the_trust_store_that_curl_prints(tmp_path):
    """The failing twin: the same file where it can't be read is one."""
    text = text_of(Case("curl -v", "implicit", "starttls", (MISMATCH,)), str(tmp_path))
    assert "CAfile" in text
    assert explain(text)[0].cause is MISMATCH
    twin = "curl: (77) error setting certificate verify locations:\n  CAfile: /none.pem"
    assert explain(twin)[0].cause is UNKNOWN_CA
