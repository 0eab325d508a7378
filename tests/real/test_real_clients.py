"""Real mail programs against every kind of lab server: how each ends, and what the server's own trace calls it.

Each (client, kind) is run once, many at a time, before the first test looks. A client that is to hang has a
time-out of `HANG_S`; one that is not has `PATIENCE_S`, so that a slow machine makes no hang. Of each program the
everyday run has the famous mismatch and a port that fits; the rest of the table is slow.
"""

import base64
import json
import os
import re
import shutil
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
from helpers import ended_traces, until

import smtplab
from smtplab import Cause, Mode, Trace

pytestmark = pytest.mark.timeout(400)  # the first test of a module waits for all its runs

HANG_S, PATIENCE_S = 4, 90
MAIL = b"From: a@example.com\r\nSubject: x\r\n\r\nx\r\n"
RUBY = """
require "net/smtp"
require "openssl"
mode, host, port, seconds, ca, user, password, mechanism = ARGV
smtp = Net::SMTP.new(host, port.to_i)
smtp.open_timeout = smtp.read_timeout = seconds.to_f
context = OpenSSL::SSL::SSLContext.new
context.set_params(ca.empty? ? {} : { ca_file: ca })
case mode
when "implicit" then smtp.enable_tls(context)
when "starttls" then smtp.enable_starttls(context)
when "starttls-opportunistic" then smtp.enable_starttls_auto(context)
else smtp.disable_starttls
end
begin
  smtp.start("localhost", user, password, mechanism && mechanism.to_sym) do |session|
    session.mailfrom("a@example.com")
    session.rcptto("b@example.com")
  end
  puts "ok"
rescue StandardError => error
  puts error.class, error.message
  puts error.response.string if error.respond_to?(:response) && error.response
end
"""


class Ended(NamedTuple):
    """How a client ended: its exit code, the name of its exception, "ok" or "hang"; and all it said."""

    how: int | str
    text: str


class Call(NamedTuple):
    """What a client is told."""

    server: smtplab.Server
    home: str
    seconds: int = PATIENCE_S
    kill: bool = False  # it has no time-out of its own, and is to hang
    login: tuple[str, str, str] | None = None  # user, password, mechanism

    @property
    def where(self) -> list[str]:
        return [self.server.address[0], str(self.server.address[1])]


def program(call: Call, *argv: str, says: bytes = b"") -> Ended:
    """Run a real program to its end, or until it is seen to hang."""
    environment = {**os.environ, "HOME": call.home, "LC_ALL": "C"}
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment, cwd=call.home) as process:
        try:
            if call.kill and call.server.kind != "filtered":
                until(call.server.traces)
            text, _ = process.communicate(says, timeout=HANG_S if call.kill else PATIENCE_S)
        except BaseException as exc:
            process.kill()
            if not isinstance(exc, subprocess.TimeoutExpired):
                raise
            return Ended("hang", process.communicate()[0].decode("latin-1"))
        return Ended(process.returncode, text.decode("latin-1"))


def s_client(*options: str) -> Callable[[Call], Ended]:
    return lambda call: program(call, "openssl", "s_client", "-connect", ":".join(call.where), "-ign_eof", *options,
                                says=b"QUIT\r\n")


def curl(scheme: str, *options: str) -> Callable[[Call], Ended]:
    def run(call: Call) -> Ended:
        login = [] if call.login is None else ["-v", "--user", ":".join(call.login[:2]),
                                               "--login-options", f"AUTH={call.login[2]}"]
        trust = ["--cacert", call.server.ca_file] * bool(call.server.ca_file)
        return program(call, "curl", "-q", "-sS", "--noproxy", "*", "-m", str(call.seconds), *trust, *options, *login,
                       "--mail-from", "a@example.com", "--mail-rcpt", "b@example.com", "-T", "-",
                       f"{scheme}://{':'.join(call.where)}/client.example.com", says=MAIL)

    return run


def swaks(*options: str) -> Callable[[Call], Ended]:
    def run(call: Call) -> Ended:
        login = [] if call.login is None else ["--auth", call.login[2], "--auth-user", call.login[0],
                                               "--auth-password", call.login[1]]
        return program(call, "swaks", "--server", call.where[0], "--port", call.where[1], "--ehlo", "x.example.com",
                       "--timeout", f"{call.seconds}s", "--from", "a@example.com", "--to", "b@example.com",
                       "--quit-after", "RCPT", *options, *login)

    return run


def ruby(mode: str) -> Callable[[Call], Ended]:
    def run(call: Call) -> Ended:
        user, password, mechanism = call.login or ("", "", "")
        login = [user, password, mechanism.lower().replace("-", "_")] * bool(call.login)
        settings = (mode, *call.where, str(call.seconds), call.server.ca_file or "")
        ended = program(call, "ruby", "-e", RUBY, *settings, *login)
        return Ended(ended.text.partition("\n")[0] if ended.how == 0 else ended.how, ended.text)

    return run


def python(mode: str) -> Callable[[Call], Ended]:
    def run(call: Call) -> Ended:
        context = ssl.create_default_context(cafile=call.server.ca_file)
        connect = {"local_hostname": "client.example.com", "timeout": call.seconds}
        try:
            with (smtplib.SMTP_SSL(*call.server.address, context=context, **connect) if mode == "implicit" else
                  smtplib.SMTP(*call.server.address, **connect)) as smtp:
                if mode == "starttls":
                    smtp.starttls(context=context)
                if call.login:
                    smtp.login(*call.login[:2])
                smtp.sendmail("a@example.com", ["b@example.com"], MAIL)
        except (OSError, smtplib.SMTPException) as exc:
            return Ended(type(exc).__name__, str(exc))
        return Ended("ok", "")

    return run


# --- the table ---

SMTP_KINDS = ("plain", "starttls", "greets-late", "starttls-stripped", "starttls-masked", "starttls-stalls",
              "starttls-refused", "starttls-required", "auth-required")
UNKNOWN = (Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, False)  # the alert is that of an incomplete chain too
BAD_CERTIFICATES = {**dict.fromkeys(("self-signed", "unknown-ca", "incomplete-chain", "intercepted"), UNKNOWN),
                    "wrong-name": (Cause.CERT_HOSTNAME, False), "expired": (Cause.CERT_EXPIRED, True)}
TWINS = tuple(f"{kind} starttls" for kind in (*BAD_CERTIFICATES, "old-tls"))  # serve(kind, starttls=True)
IMPLICIT_KINDS = ("implicit", "https", *BAD_CERTIFICATES, "old-tls", "implicit-stalls")

OK = ("ok", Cause.OK, True)
BAD = {kind: ("certificate", *cause) for kind, cause in BAD_CERTIFICATES.items()}
OLD = ("old-tls", Cause.TLS_VERSION_OR_CIPHER, None)  # certain if it was the server that said so
STALLED = ("stall", Cause.HANDSHAKE_STALLED, False)
WANTS_LOGIN = ("530", Cause.AUTH_REQUIRED, True)
NOT_OFFERED = ("not-offered", Cause.STARTTLS_NOT_OFFERED, False)
EARLY = {"refused": ("refused", None, None), "filtered": ("unreachable", None, None),
         **dict.fromkeys(("closes", "closes-late"), ("closed", Cause.CLOSED_BEFORE_GREETING, True)),
         "resets": ("reset", Cause.CLOSED_BEFORE_GREETING, True)}
# What a client meets that waits for a greeting. A server that is told nothing can't tell who it was.
WAITS = {**EARLY, **dict.fromkeys(IMPLICIT_KINDS, ("hang", Cause.PLAINTEXT_TO_IMPLICIT, False)),
         "implicit-gives-up": ("closed", Cause.PLAINTEXT_TO_IMPLICIT, False), "silent": ("hang", Cause.OTHER, False),
         "http": ("hang", Cause.SERVER_NOT_SMTP, False), "not-smtp": ("imap", Cause.SERVER_NOT_SMTP, False)}
STARTTLS = {**WAITS, **dict.fromkeys(SMTP_KINDS, OK), **{f"{kind} starttls": cell for kind, cell in BAD.items()},
            "old-tls starttls": OLD, "starttls-stalls": STALLED, "auth-required": WANTS_LOGIN,
            "starttls-refused": ("454", Cause.TEMPORARILY_UNAVAILABLE, True)}
# mode of the client -> kind -> (its ending, the server's cause, certain or not); None: no visit, or either
TABLE = {
    Mode.PLAIN: {**WAITS, **dict.fromkeys((*SMTP_KINDS, *TWINS), OK),
                 "starttls-required": ("530", Cause.STARTTLS_REQUIRED, True), "auth-required": WANTS_LOGIN},
    Mode.STARTTLS: {**STARTTLS, **dict.fromkeys(("plain", "starttls-stripped", "starttls-masked"), NOT_OFFERED)},
    Mode.STARTTLS_OPPORTUNISTIC: STARTTLS,
    Mode.IMPLICIT: {**EARLY, "implicit": OK, "implicit-gives-up": OK, **BAD, "old-tls": OLD,
                    "implicit-stalls": STALLED, "https": ("hang", Cause.OTHER, False),
                    "silent": ("no-server-hello", Cause.OTHER, False),
                    **dict.fromkeys((*SMTP_KINDS, *TWINS, "http", "not-smtp"),
                                    ("mismatch", Cause.IMPLICIT_TO_PLAINTEXT, True))},
}
HANGS = {"hang", "unreachable", "no-server-hello", "stall"}


class Expected(NamedTuple):
    how: set[int | str]  # several where a race decides between them
    cause: Cause | None
    certain: bool | None
    hangs: bool


@dataclass(frozen=True)
class Client:
    """A program in one mode. `ends` is how it words each ending: exit code, exception, or "hang" until killed."""

    needs: tuple[str, ...]
    mode: Mode
    run: Callable[[Call], Ended]
    ends: dict[str, int | str | set]
    checks_certificates: bool = True
    quits_after_hang: bool = False  # says QUIT after its own time-out, into a connection where nothing was said
    quits: bool = False  # says QUIT where STARTTLS is not offered, so the server sees nothing amiss
    differs: dict[str, tuple] = field(default_factory=dict)  # rows of its own

    def expected(self, kind: str) -> Expected:
        """How it ends at that kind of server, and what the server makes of it."""
        end, cause, certain = self.differs.get(kind, TABLE[self.mode][kind])
        if end == "certificate" and not self.checks_certificates:
            end, cause, certain = OK
        if end == "not-offered" and self.quits:
            cause = Cause.OK
        if end == "imap" and end not in self.ends:  # it goes on waiting for a reply
            end = "hang"
        if end == "hang" and self.quits_after_hang and cause is not Cause.OTHER:
            certain = True
        how = self.ends[end]
        return Expected(how if isinstance(how, set) else {how}, cause, certain, end in HANGS)


S_CLIENT = {"ok": 0, **dict.fromkeys(HANGS, "hang"),
            **dict.fromkeys(("mismatch", "refused", "closed", "reset", "old-tls"), 1)}
CURL = {"ok": 0, **dict.fromkeys(("hang", "stall", "unreachable"), 28), "refused": 7, "closed": 56,
        "reset": {7, 55, 56}, "530": 55, "not-offered": 64, "454": 64, "certificate": 60, "old-tls": 35, "535": 67}
CURLS = {**CURL, "no-server-hello": 28, "mismatch": 35, "closed": 35, "reset": {7, 35, 55, 56}}
SWAKS = {"ok": 0, "hang": 21, "stall": "hang", "unreachable": 2, "refused": 2, "closed": 6, "reset": {2, 6, 21},
         "530": 23, "not-offered": 29, "454": 29, "old-tls": 29, "535": 28}
# Its --timeout does not cover the TLS handshake.
SWAKSC = {**SWAKS, "no-server-hello": "hang", "mismatch": 29, "closed": 29, "reset": {2, 29}}
NET_SMTP = {"ok": "ok", "hang": "Net::ReadTimeout", "unreachable": "Net::OpenTimeout", "stall": "Net::OpenTimeout",
            "imap": "Net::SMTPUnknownError",
            "refused": "Errno::ECONNREFUSED", "closed": "EOFError", "reset": {"Errno::ECONNRESET", "EOFError"},
            "530": "Net::SMTPAuthenticationError", "not-offered": "Net::SMTPUnsupportedCommand",
            "454": "Net::SMTPServerBusy", "certificate": "OpenSSL::SSL::SSLError", "old-tls": "OpenSSL::SSL::SSLError",
            "535": "Net::SMTPAuthenticationError", "504": "Net::SMTPSyntaxError"}
NET_SMTPS = {**NET_SMTP, "no-server-hello": "Net::OpenTimeout", "mismatch": "OpenSSL::SSL::SSLError",
             "closed": "OpenSSL::SSL::SSLError", "reset": {"Errno::ECONNRESET", "OpenSSL::SSL::SSLError"}}
SMTPLIB = {"ok": "ok", "hang": "SMTPServerDisconnected", "unreachable": "TimeoutError", "stall": "TimeoutError",
           "imap": "SMTPConnectError",
           "refused": "ConnectionRefusedError", "closed": "SMTPServerDisconnected",
           "reset": {"SMTPServerDisconnected", "ConnectionResetError"}, "530": "SMTPSenderRefused",
           "not-offered": "SMTPNotSupportedError", "454": "SMTPResponseException",
           "certificate": "SSLCertVerificationError", "old-tls": "SSLError", "535": "SMTPAuthenticationError"}
SMTPLIBS = {**SMTPLIB, "no-server-hello": "TimeoutError", "mismatch": "SSLError", "closed": "SSLEOFError",
            "reset": {"ConnectionResetError", "SSLEOFError"}}

# curl checks the name by itself, after the handshake, and leaves without an alert.
BY_CURL = ("certificate", Cause.CERT_REJECTED, False)
CLIENTS = {
    "s_client": Client(("openssl",), Mode.IMPLICIT, s_client(), S_CLIENT, checks_certificates=False, differs={
        "https": ("ok", Cause.SERVER_NOT_SMTP, True)}),  # it does not wait for a greeting
    # It goes on to TLS whatever the replies say.
    "s_client -starttls": Client(
        ("openssl",), Mode.STARTTLS, s_client("-starttls", "smtp"), S_CLIENT, checks_certificates=False, differs={
            **dict.fromkeys(("plain", "starttls-stripped", "starttls-masked"),
                            ("mismatch", Cause.STARTTLS_NOT_OFFERED, True)),
            "starttls-refused": ("mismatch", Cause.TEMPORARILY_UNAVAILABLE, True),
            "not-smtp": ("mismatch", Cause.SERVER_NOT_SMTP, True), "auth-required": OK}),  # it sends no MAIL
    "curl": Client(("curl",), Mode.PLAIN, curl("smtp"), CURL),
    "curl --ssl-reqd": Client(("curl",), Mode.STARTTLS, curl("smtp", "--ssl-reqd"), CURL, differs={
        "wrong-name starttls": BY_CURL}),
    "curl --ssl": Client(("curl",), Mode.STARTTLS_OPPORTUNISTIC, curl("smtp", "--ssl"), CURL, differs={
        "wrong-name starttls": BY_CURL, "starttls-refused": OK}),
    "curl smtps": Client(("curl",), Mode.IMPLICIT, curl("smtps"), CURLS, differs={"wrong-name": BY_CURL}),
    "swaks": Client(("swaks",), Mode.PLAIN, swaks(), SWAKS, quits_after_hang=True),
    "swaks --tls": Client(("swaks",), Mode.STARTTLS, swaks("--tls"), SWAKS, checks_certificates=False,
                          quits_after_hang=True, quits=True),
    "swaks --tlsc": Client(("swaks",), Mode.IMPLICIT, swaks("--tlsc"), SWAKSC, checks_certificates=False, differs={
        "https": ("hang", Cause.SERVER_NOT_SMTP, True)}),  # by its QUIT
    "ruby": Client(("ruby",), Mode.PLAIN, ruby("plain"), NET_SMTP),
    "ruby enable_starttls": Client(("ruby",), Mode.STARTTLS, ruby("starttls"), NET_SMTP),
    "ruby enable_starttls_auto": Client(("ruby",), Mode.STARTTLS_OPPORTUNISTIC, ruby("starttls-opportunistic"),
                                        NET_SMTP),
    "ruby enable_tls": Client(("ruby",), Mode.IMPLICIT, ruby("implicit"), NET_SMTPS),
    "SMTP": Client((), Mode.PLAIN, python("plain"), SMTPLIB),
    "SMTP starttls": Client((), Mode.STARTTLS, python("starttls"), SMTPLIB, quits=True),
    "SMTP_SSL": Client((), Mode.IMPLICIT, python("implicit"), SMTPLIBS),
}
CELLS = [(name, kind) for name, client in CLIENTS.items() for kind in TABLE[client.mode]]
# What a server may take a client's mode for: one that got no further than EHLO looks plain.
SEEN_AS = {Mode.PLAIN: {Mode.PLAIN}, Mode.STARTTLS: {Mode.PLAIN, Mode.STARTTLS}, Mode.IMPLICIT: {Mode.IMPLICIT},
           Mode.STARTTLS_OPPORTUNISTIC: {Mode.PLAIN, Mode.STARTTLS}}


FAMOUS = [(name, kind) for name in ("s_client", "curl smtps", "swaks --tlsc", "ruby enable_tls", "SMTP_SSL")
          for kind in ("starttls", "implicit")]


def cells(*pairs: tuple, every_day: Collection[tuple]) -> pytest.MarkDecorator:
    """One test for each, skipped where its client is not here; slow but for those `every_day`."""
    return pytest.mark.parametrize("cell", [
        pytest.param(pair, id=" - ".join(map(str, pair)), marks=[
            pytest.mark.real(*CLIENTS[pair[0]].needs), *[pytest.mark.slow] * (pair not in every_day)])
        for pair in pairs])


def run_cell(name: str, kind: str, home: str) -> tuple[Ended, list[Trace]]:
    """One client, one visit, to a server of its own."""
    expected, (kind, _, twin) = CLIENTS[name].expected(kind), kind.partition(" ")
    patient = kind == "implicit-gives-up" and CLIENTS[name].mode is Mode.IMPLICIT
    with smtplab.serve(kind, starttls=bool(twin), delay_s=PATIENCE_S if patient else 0.2) as server:
        ended = CLIENTS[name].run(Call(server, home, HANG_S if expected.hangs else PATIENCE_S,
                                       kill=expected.how == {"hang"}))
        return ended, ended_traces(server) if expected.cause else server.traces()


@pytest.fixture(scope="module")
def runs(request, tmp_path_factory):
    """All cells that the collected tests ask for."""
    home = str(tmp_path_factory.mktemp("home"))
    asked = {item.callspec.params["cell"] for item in request.session.items
             if item.module is request.module and "runs" in item.fixturenames}
    here = [cell for cell in CELLS if cell in asked and all(map(shutil.which, CLIENTS[cell[0]].needs))]
    # The first server makes the lab's authority, which the others share.
    with smtplab.serve("implicit"), ThreadPoolExecutor(24) as executor:
        return {cell: executor.submit(run_cell, *cell, home) for cell in here}


def test_the_table_has_every_kind():
    assert all(set(row) == {*smtplab.KINDS, *TWINS} for row in TABLE.values())


@cells(*CELLS, every_day=FAMOUS)
def test_how_the_client_ends_and_what_the_server_makes_of_it(cell, runs):
    client = CLIENTS[cell[0]]
    expected, (ended, traces) = client.expected(cell[1]), runs[cell].result()
    assert ended.how in expected.how, ended.text
    assert len(traces) == (expected.cause is not None)
    for trace in traces:
        assert trace.cause is expected.cause
        assert expected.certain in (trace.certain, None)
        assert trace.mode in {None, *SEEN_AS[client.mode]}
        if expected.cause is Cause.PLAINTEXT_TO_IMPLICIT:
            assert trace.waiting_for == (None if expected.certain else "client-hello")
        assert Trace.from_json(trace.to_json()) == trace


@cells(*((name, kind) for name in ("s_client", "swaks --tlsc", "ruby enable_tls", "SMTP_SSL")
         for kind in ("starttls", "implicit")), every_day=FAMOUS)
def test_openssl_words_a_mismatch_alike_in_all_of_them(cell, runs):
    incoming = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(incoming, ssl.MemoryBIO(), server_hostname="localhost")
    incoming.write(b"220 mail.example.com")
    with pytest.raises(ssl.SSLError) as raised:
        tls.do_handshake()
    reason = raised.value.reason.lower().replace("_", " ")
    assert (reason in runs[cell].result()[0].text.lower()) == (cell[1] == "starttls")


# --- logins ---

PASSWORD, WRONG = "wonderland", "Tr0ub4dor&3 of the tests"
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")
KIND_FOR = {Mode.IMPLICIT: "implicit", Mode.STARTTLS: "starttls", Mode.PLAIN: "starttls-stripped"}
CAN_LOG_IN = [name for name, client in CLIENTS.items() if "535" in client.ends and client.mode in KIND_FOR]
EVERY_DAY = [("curl smtps", "PLAIN")]
LOGINS = [(name, mechanism) for name in CAN_LOG_IN for mechanism in MECHANISMS[:None if CLIENTS[name].needs else 1]]


def log_in(cell: tuple[str, str], password: str, tmp_path, **options) -> tuple[Ended, Trace]:
    """alice, with that password, on the kind of server that the client's mode fits."""
    client = CLIENTS[cell[0]]
    with smtplab.serve(KIND_FOR[client.mode], **options) as server:
        ended = client.run(Call(server, str(tmp_path), login=("alice", password, cell[1])))
        [trace] = ended_traces(server)
        return ended, trace


def text_of(trace: Trace) -> bytes:
    """All that a trace shows, as JSON and as text, also what stands there in hexadecimal or base64."""
    document = trace.to_json()
    data = b"".join(bytes.fromhex(e["data"]) for e in json.loads(document)["events"] if e["data"])
    seen = b"\n".join((document.encode(), str(trace).encode(), data))
    words = re.findall(rb"[A-Za-z0-9+/]{4,}={0,2}", seen)
    return seen + b"".join(base64.b64decode(word + b"==") for word in words if len(word.rstrip(b"=")) % 4 != 1)


@cells(*LOGINS, every_day=EVERY_DAY)
def test_the_right_password(cell, tmp_path):
    ended, trace = log_in(cell, PASSWORD, tmp_path, mechanisms=MECHANISMS)
    assert ended.how == CLIENTS[cell[0]].ends["ok"], ended.text
    assert (trace.cause, trace.certain) == (Cause.OK, True)
    # Published, so shown; with CRAM-MD5 it never crosses, and smtplib likes that best.
    assert (PASSWORD.encode() in text_of(trace)) == (cell[1] != "CRAM-MD5" and bool(CLIENTS[cell[0]].needs))


@cells(*LOGINS, every_day=EVERY_DAY)
def test_a_wrong_password(cell, tmp_path):
    ended, trace = log_in(cell, WRONG, tmp_path, mechanisms=MECHANISMS)
    assert ended.how == CLIENTS[cell[0]].ends["535"], ended.text
    assert (trace.cause, trace.certain) == (Cause.AUTH_REJECTED, True)
    shown = text_of(trace)
    [reply] = {line for line in shown.split(b"\r\n") if line.startswith(b"535")}
    assert reply[4:].decode() in ended.text
    assert WRONG.encode() not in shown
    assert b"alice" in shown or cell[1] != "LOGIN"  # so base64 is looked into


@cells(*((name, "LOGIN") for name in CAN_LOG_IN), every_day=[("curl smtps", "LOGIN")])
def test_the_servers_own_words_in_two_lines(cell, tmp_path):
    lines = ("535-5.7.8 first line", "535 5.7.8 second line")
    ended, trace = log_in(cell, WRONG, tmp_path, auth_reply="\r\n".join(lines))
    assert ended.how == CLIENTS[cell[0]].ends["535"], ended.text
    assert trace.cause is Cause.AUTH_REJECTED
    verbatim = bool(CLIENTS[cell[0]].needs)  # smtplib keeps the code apart from the text
    assert all((line if verbatim else line[4:]) in ended.text for line in lines)


@cells(("swaks --tlsc", "CRAM-MD5"), ("ruby enable_tls", "CRAM-MD5"), every_day=())
def test_cram_md5_only_on_request(cell, tmp_path):
    ended, trace = log_in(cell, PASSWORD, tmp_path)
    ends = CLIENTS[cell[0]].ends
    assert ended.how == ends.get("504", ends["535"]), ended.text
    # Ruby tries what is not offered; swaks does not, says QUIT, and the server sees nothing amiss.
    assert trace.cause is (Cause.AUTH_MECHANISM if "504" in ends else Cause.OK)


def test_servers_started_at_once_share_one_authority():
    """In a new process, since the authority is made once."""
    code = """if True:
        import sys, threading
        from concurrent.futures import ThreadPoolExecutor
        import smtplab
        def start(_):
            together.wait()
            return smtplab.serve("implicit")
        sys.setswitchinterval(1e-6)
        together = threading.Barrier(16)
        with ThreadPoolExecutor(16) as executor:
            servers = list(executor.map(start, range(16)))
        print(*{str(smtplab.dial(server, "implicit", timeout_s=60).cause) for server in servers})
        for server in servers:
            server.close()
    """
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S, check=True,
                         env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    assert run.stdout.split() == ["ok"]
