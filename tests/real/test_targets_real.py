"""The settings that `smtplab serve` prints, run as they stand against that very server.

Each also meets two servers that it must fail at: one of the other kind, and one whose certificate the authority does
not vouch for.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers import ended_traces
from live_clients import MAIL, MAILERS, Mailer, Run, command
from test_cli import Running

import smtplab
from smtplab import Cause
from smtplab.show.targets import targets

pytestmark = pytest.mark.timeout(120)
KINDS = ("implicit", "starttls")
SHELL = {"curl": ["sh", "-c"], "openssl": ["sh", "-c"], "swaks": ["sh", "-c"], "Ruby": ["ruby", "-e"],
         "Python": [sys.executable, "-c"]}
EVERY_DAY = [("openssl", "starttls"), ("curl", "implicit")]
CLIENTS = pytest.mark.parametrize(("name", "kind"), [
    pytest.param(name, kind, marks=[*[pytest.mark.real(name.lower())] * (name != "Python"),
                                    *[pytest.mark.slow] * ((name, kind) not in EVERY_DAY)])
    for name in SHELL for kind in KINDS])
TYPED = "EHLO me\r\n{auth}\r\nQUIT\r\n"  # what the block for openssl says to type


def block(text: str, name: str) -> str:
    """A client's block, without the line that names it."""
    [found] = [part for part in text.split("\n\n") if part.partition("\n")[0].split()[1:2] == [name]
               and part.partition("\n")[0][0] in "#/"]
    return found.partition("\n")[2]


def paste(name: str, lines: str, home: Path) -> tuple[bool, str]:
    """Whether the client is content, and all it said."""
    auth = next((line.partition(" and ")[2] for line in lines.splitlines() if line.startswith("# then type")), "")
    done = subprocess.run([*SHELL[name], lines], input=TYPED.format(auth=auth) if name == "openssl" else "", text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100, cwd=home, errors="replace",
                          env={**os.environ, "HOME": str(home), "LC_ALL": "C", "no_proxy": "*"})
    return done.returncode == 0, done.stdout


def logged_in(trace: smtplab.Trace) -> bool:
    said = b"".join(e.data for e in trace.events if e.what == "inside" and e.who == "server")
    return b"\r\n235 " in said


@CLIENTS
def test_as_printed_it_logs_in(name, kind, tmp_path):
    running = Running("serve", kind)
    _, host, port = running.line(f"^{kind} ").split()
    ca_file = running.line("^ca - ").strip().split(" ", 2)[2]
    printed = running.line("^point your client here")
    while "tls_trust_file" not in printed:
        printed += running.process.stdout.readline()
    assert block(printed, name) == block(targets(kind, host, int(port), ca_file), name)
    content, said = paste(name, block(printed, name), tmp_path)
    assert content, said
    assert "Verify return code: 0 (ok)" in said or name != "openssl"
    shown, err, status = running.end()
    assert (err, status) == ("", 0)
    assert re.search(r"C: \(in TLS\) AUTH PLAIN", shown) and "AGFsaWNlAHdvbmRlcmxhbmQ=" in shown
    assert "S: (in TLS) 235 " in shown
    assert f"[{kind} #1] ok: " in shown


@CLIENTS
def test_the_other_port_is_not_taken(name, kind, tmp_path):
    """As pasted, but for the port."""
    other = smtplab.serve("starttls") if kind == "implicit" else smtplab.serve("implicit-gives-up", delay_s=1)
    with other as server:
        content, said = paste(name, block(targets(kind, *server.address, server.ca_file), name), tmp_path)
        [trace] = ended_traces(server)
    assert not content, said
    assert trace.cause is (Cause.IMPLICIT_TO_PLAINTEXT if kind == "implicit" else Cause.PLAINTEXT_TO_IMPLICIT)


@CLIENTS
def test_the_certificate_is_verified(name, kind, tmp_path):
    with smtplab.serve("unknown-ca", starttls=kind == "starttls") as server:
        content, said = paste(name, block(targets(kind, *server.address, server.ca_file), name), tmp_path)
        [trace] = ended_traces(server)
    assert not content, said
    assert not logged_in(trace)


# --- mailers, which read settings ---

class Where(NamedTuple):
    """A server as `live_clients` wants it. No `ca_file`: what a mailer trusts has to stand in its settings."""

    address: tuple[str, int]
    ca_file: str


def as_it_stands(run: Run, home: Path) -> tuple[list[str], str]:
    """The text is an msmtprc, and nothing is added to it."""
    (home / ".msmtprc").touch(mode=0o600)
    (home / ".msmtprc").write_text(run.text)
    return ["msmtp", "b@example.com"], MAIL


MAILS = {"Rails": MAILERS["rails"], "Django": MAILERS["django"], "Nodemailer": MAILERS["nodemailer"],
         "msmtp": Mailer(("msmtp",), "msmtp", command("msmtp", as_it_stands))}


def mail(name: str, kind: str, server: smtplab.Server, home: Path) -> str | None:
    """None if the mailer sent a mail with what is printed, else its error."""
    text = block(targets(kind, *server.address, server.ca_file), name)
    # Nodemailer doesn't see that a server left before its greeting, and waits on for half a minute.
    text = re.sub(r"\bport: (?=\d)", "greetingTimeout: 5000, port: ", text) if name == "Nodemailer" else text
    # Django's comes from its environment, as its block says.
    ca_file = re.search(r"SSL_CERT_FILE=(\S+)|$", text)[1] or ""
    return MAILS[name].send([Run(text, server.address[1], Where(server.address, ca_file))], home)[1][0]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.real(*m.needs)) for n, m in MAILS.items()])
def test_a_mailer_takes_its_settings(name, kind, tmp_path):
    with smtplab.serve(kind) as server:
        assert mail(name, kind, server, tmp_path) is None
        [trace] = ended_traces(server)
    assert logged_in(trace) and trace.cause is Cause.OK  # also Nodemailer's, which leaves without QUIT
    with smtplab.serve("unknown-ca", starttls=kind == "starttls") as server:
        assert mail(name, kind, server, tmp_path)
        [trace] = ended_traces(server)
    assert not logged_in(trace)
    with smtplab.serve("starttls" if kind == "implicit" else "implicit-gives-up", delay_s=1) as server:
        assert mail(name, kind, server, tmp_path)
        [trace] = ended_traces(server)
    assert trace.cause is (Cause.IMPLICIT_TO_PLAINTEXT if kind == "implicit" else Cause.PLAINTEXT_TO_IMPLICIT)
