"""Real mailers run with given settings against lab servers, and what their bytes show.

`observe` lets one mailer send a mail for each of several texts, which its own language reads: Rails' Ruby, Django's
settings.py, a command line. In a text <host> and <port> stand for the server's. Each text meets a server that offers
STARTTLS, one that does not, and the standard server of its port. The mode and the outcome are read off the bytes
that these servers received, never off the mailer's messages.

A hang has no end of its own, so the implicit server is the kind that gives up on a silent visitor.
"""

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple
from unittest import mock

from helpers import ended_traces, until

import smtplab
from smtplab import Cause, Trace
from smtplab.conversation import Step
from smtplab.conversation import parse_conversation as read
from smtplab.lab import LAB_PASSWORD, LAB_USER
from smtplab.lab.mail import Mail
from smtplab.lab.server import KINDS
from smtplab.lab.server_connection import Kind
from smtplab.lab.services import SERVICES

DRIVERS = Path(__file__).parent / "drivers"
GIVES_UP_S = 5  # how long the implicit server bears silence; a ClientHello comes within milliseconds
DEADLINE_S = 90  # for a mailer that neither ends nor is ended
OFFERS, STRIPPED, MX = "starttls-required", "starttls-stripped", "mx"  # OFFERS says 530 until there is TLS
STANDARD = {587: OFFERS, 2525: OFFERS, 465: "implicit-gives-up", 25: MX}
# Of no use to a learner, so not among the lab's kinds: STARTTLS, and no AUTH even after it.
SERVICES["mx"] = lambda connection, options: Mail(connection, replace(options, auth=False))
MX_KIND = Kind(tls="starttls", service="mx")
PASSWORD_SENT = [b64encode(word.encode()) for word in (f"\0{LAB_USER}\0{LAB_PASSWORD}", LAB_PASSWORD)]  # PLAIN, LOGIN
MAIL = "From: a@example.com\nTo: b@example.com\nSubject: x\n\nx\n"


class Seen(NamedTuple):
    """What settings were seen to do, in the words of smtplab.settings."""

    mode: str
    outcome: str
    password_in_clear: bool  # sent where AUTH is offered in clear and STARTTLS is not
    taken: set[str]  # the kinds of server that took the mail
    errors: dict[str, str | None]  # the mailer's own words, by kind of server; None: it was sent
    version: str  # the mailer's


class Run(NamedTuple):
    """One mail to one server. `port` is the text's, by its meaning; the server's own is the kernel's choice."""

    text: str
    port: int
    server: smtplab.Server

    def filled(self, port: int | None = None) -> str:
        """The text with the server's host, and with this port or the server's."""
        return fill(self.text, self.server.address[0], port or self.server.address[1])


Send = Callable[[list[Run], Path], tuple[str, list[str | None]]]


@dataclass(frozen=True)
class Mailer:
    """A program: what it needs (see real_tools), its name in smtplab.settings, and what sends its mails.

    `send` takes the runs and an empty folder, and gives the mailer's version and for each run its error. `letter` is
    what a text needs beside settings to send a mail.
    """

    needs: tuple[str, ...]
    framework: str
    send: Send
    letter: str = ""


def fill(text: str, host: str, port: int) -> str:
    """The text with this address in it."""
    return text.replace("<host>", host).replace("<port>", str(port))


# --- what sends ---

def ran(argv: list[str], says: str, home: Path, ca_file: str = "") -> tuple[int, str, str]:
    """Exit code, stdout and stderr. It trusts the lab's authority by no setting of its own, and leaves no child."""
    trust = dict.fromkeys(("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE"), ca_file)
    variables = {**os.environ, **trust, "HOME": str(home), "LC_ALL": "C", "NO_PROXY": "*"}
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", env=variables, cwd=home, start_new_session=True) as process:
        try:
            out, err = process.communicate(says, timeout=DEADLINE_S)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, out, err


def driver(program: str, script: str, *argv: str, true_port: bool = False) -> Send:
    """One process for all runs, since a language takes long to start: a script in `drivers` reads their texts."""
    def send(runs: list[Run], home: Path) -> tuple[str, list[str | None]]:
        lines = [json.dumps({"run": number, "port": run.server.address[1],
                             "text": run.filled(run.port if true_port else None)}) for number, run in enumerate(runs)]
        ca_file = runs[0].server.ca_file if runs else ""
        _, out, err = ran([program, str(DRIVERS / script), *argv], "\n".join(lines), home, ca_file)
        first, *rest = (json.loads(line) for line in out.splitlines())
        errors = {line["run"]: line["error"] for line in rest}
        assert sorted(errors) == list(range(len(runs))), err
        return first["version"], [errors[number] for number in range(len(runs))]

    return send


def command(program: str, call: Callable[[Run, Path], tuple[list[str], str]]) -> Send:
    """A process for each run; `call` gives its argv and standard input, and may put files in its folder."""
    def send_one(run: Run, home: Path) -> str | None:
        argv, says = call(run, home)
        status, out, err = ran(argv, says, home, run.server.ca_file)
        return f"exit {status}: {out}{err}" if status else None

    def send(runs: list[Run], home: Path) -> tuple[str, list[str | None]]:
        _, version, _ = ran([program, "--version"], "", home)
        homes = [Path(mkdtemp(dir=home)) for _ in runs]
        with ThreadPoolExecutor(12) as executor:  # most of the time one waits
            return re.search(r"\d+(\.\d+)+", version)[0], list(executor.map(send_one, runs, homes))

    return send


def command_line(run: Run, home: Path) -> tuple[list[str], str]:
    """The text is a command line."""
    return shlex.split(run.filled()), MAIL


def msmtp(run: Run, home: Path) -> tuple[list[str], str]:
    """The text is an msmtprc. GnuTLS reads no variable that names an authority, and no setting but its own."""
    settings = home / ".msmtprc"
    settings.touch(mode=0o600)
    settings.write_text(run.filled() + f"tls_trust_file {run.server.ca_file}\n")
    return ["msmtp", "b@example.com"], MAIL


def git(run: Run, home: Path) -> tuple[list[str], str]:
    """The text is a command line, or a part of .gitconfig."""
    (home / "x.patch").write_text(MAIL)
    asks_nothing = "[user]\nname = a\nemail = a@example.com\n[sendemail]\nconfirm = never\nsuppresscc = all\n"
    is_config = run.text.startswith("[")
    (home / ".gitconfig").write_text(asks_nothing + run.filled() * is_config)
    argv = ["git", "send-email"] if is_config else shlex.split(run.filled())
    return [*argv, "--to=b@example.com", "x.patch"], ""


def python(name: str) -> Send:
    """A mailer in this very Python."""
    return driver(sys.executable, "python_mailers.py", name)


def nodemailer(package: str) -> Mailer:
    """Of one major version; npm installs several side by side under such names."""
    return Mailer(("node", f"npm:{package}"), "nodemailer", driver("node", "nodemailer.js", package, true_port=True))


MAILERS = {
    "rails": Mailer(("ruby", "gem:actionmailer"), "rails-mail", driver("ruby", "rails.rb")),
    "django": Mailer(("python:django",), "django", python("django")),
    "flask-mail": Mailer(("python:flask_mail",), "flask-mail", python("flask-mail")),
    "aiosmtplib": Mailer(("python:aiosmtplib",), "aiosmtplib", python("aiosmtplib")),
    **{name: nodemailer(name) for name in ("nodemailer", "nodemailer-7", "nodemailer-6", "nodemailer-4")},
    "phpmailer": Mailer(("php", "php:libphp-phpmailer/autoload.php"), "phpmailer", driver("php", "phpmailer.php")),
    "curl": Mailer(("curl",), "curl", command("curl", command_line),
                   " -sS --mail-from a@example.com --mail-rcpt b@example.com --upload-file -"),
    "swaks": Mailer(("swaks",), "swaks", command("swaks", command_line),
                    " --from a@example.com --to b@example.com"),
    "msmtp": Mailer(("msmtp",), "msmtp", command("msmtp", msmtp),
                    "\nfrom a@example.com\nuser alice\npassword wonderland\n"),
    "git": Mailer(("git", "git:send-email", "perl:Mail::Address", "perl:Authen::SASL", "perl:IO::Socket::SSL"),
                  "git send-email", command("git", git)),
}


# --- what is seen ---

@contextlib.contextmanager
def mx() -> Iterator[None]:
    """The lab has that kind for a while."""
    with mock.patch.dict(KINDS, {MX: MX_KIND}):
        yield


def observe(mailer: Mailer, cases: list[tuple[str, int]], home: Path) -> dict[tuple[str, int], Seen]:
    """What each (text, port) was seen to do."""
    with contextlib.ExitStack() as servers:
        runs = {(text, port, kind): Run(text, port, servers.enter_context(smtplab.serve(kind, delay_s=GIVES_UP_S)))
                for text, port in cases for kind in (OFFERS, STRIPPED, STANDARD[port])}
        version, errors = mailer.send(list(runs.values()), home)
        found = {run: (error, visit(runs[run].server)) for run, error in zip(runs, errors, strict=True)}
    return {(text, port): seen(port, {kind: found[text, port, kind] for kind in (OFFERS, STRIPPED, STANDARD[port])},
                               version) for text, port in cases}


def visit(server: smtplab.Server) -> Trace | None:
    """The server's trace of its last visitor, who has left; None if nobody came."""
    # A server takes its visitors in the order they came, so once it has seen this one it has seen all.
    # From another of loopback's addresses: Linux may give it the very port that the visitor has just left.
    with socket.create_connection(server.address, source_address=("127.0.0.2", 0)) as fence:
        own = "{}:{}".format(*fence.getsockname())
        until(lambda: [trace for trace in server.traces() if trace.sockets[0] == own])
    visits = [trace for trace in ended_traces(server) if trace.sockets[0] != own]
    return visits[-1] if visits else None


def seen(port: int, found: dict[str, tuple[str | None, Trace | None]], version: str) -> Seen:
    """Mode and outcome in the words of smtplab.settings, from what the servers received."""
    errors = {kind: error for kind, (error, _) in found.items()}
    traces = {kind: trace for kind, (_, trace) in found.items()}
    return Seen(mode(traces[OFFERS], traces[STRIPPED]), outcome(port, traces[STANDARD[port]]),
                password_in_clear(traces[STRIPPED]), {kind for kind in traces if taken(traces[kind])}, errors, version)


def mode(offered: Trace | None, stripped: Trace | None) -> str:
    """What it did where STARTTLS was offered, and where it was not."""
    if offered is None or stripped is None:
        return "error"
    said, alone = read(offered.events), read(stripped.events)
    if said.tls_after == "connect":
        return "implicit"
    if "STARTTLS" not in {step.verb for step in said.steps}:
        return "plain"
    goes_on = any(step.verb in ("AUTH", "MAIL") for step in alone.steps)
    return "starttls-opportunistic" if goes_on else "starttls-required"


def outcome(port: int, trace: Trace | None) -> str:
    """What came of it at the standard server of the port."""
    if trace is None:
        return "config-error"
    said, step = read(trace.events), taken(trace)
    if password_in_clear(trace) or (step and not step.inside):
        return "plaintext"
    if step:
        return "works"
    if trace.cause is Cause.IMPLICIT_TO_PLAINTEXT:
        return "wrong-version-number"
    if trace.cause is Cause.PLAINTEXT_TO_IMPLICIT and not said.first["client"]:
        return "hang"
    if not said.offered_starttls and not said.tls_after:
        return "starttls-not-offered"
    if not said.finished and STANDARD[port] == OFFERS:
        return "refused-needs-tls"
    if STANDARD[port] == MX and not any(keyword.startswith("AUTH") for keyword in said.keywords):
        return "auth-not-offered"
    return "refused"


def taken(trace: Trace | None) -> Step | None:
    """That by which the mail was sent, if the server took it."""
    steps = read(trace.events).steps if trace else []
    return next((step for step in steps if step.verb in ("DATA", "BDAT") and step.reply
                 and step.reply.reply_code == 250), None)


def password_in_clear(trace: Trace | None) -> bool:
    """Whether the password crossed the wire outside TLS."""
    events = trace.events if trace else ()
    sent = b"".join(event.data for event in events if event.what == "bytes" and event.who == "client")
    return any(word in sent for word in PASSWORD_SENT)
