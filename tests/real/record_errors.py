"""Recordings of what the mail clients of this machine say, made again against lab servers.

    python tests/real/record_errors.py [--kinds KIND,KIND] [--wait S] [CLIENT...]

Prints a JSON line for each run, in the form of smtplab/show/recorded_errors.jsonl, to stdout; and to stderr which of
the words recorded there the same client in the same version no longer says (a reset may come before or after the client
has sent something, and is worded by that: `rst` differs from run to run). CLIENT is a part of a client's name; without
any, all that are here are run. The clients have their own default time-outs: against `silent` give some minutes to
wait.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, it finds the tests' own modules

from helpers import until
from real_tools import are_here

import smtplab
from smtplab.show.recorded_errors import RecordedError, recordings

# Kind of port, as recorded: the lab's kind that does the same.
KINDS = {"banner220": "starttls", "close": "closes", "rst": "resets", "nostarttls": "starttls-stripped",
         "silent": "silent"}
MEANT = {"implicit": ("banner220", "close", "rst", "silent"), "starttls": ("close", "rst", "nostarttls", "silent"),
         "plain": ("close", "rst", "silent")}
MAIL = "From: a@example.com\nTo: b@example.com\nSubject: x\n\nx\n"
RUBY = """
require "net/smtp"
mode, host, port = ARGV
smtp = Net::SMTP.new(host, port.to_i)
mode == "implicit" ? smtp.enable_tls : mode == "starttls" ? smtp.enable_starttls : smtp.disable_starttls
begin
  smtp.start("localhost") { |session| session.mailfrom("a@example.com") }
rescue StandardError => error
  puts "#{error.class}: #{error.message}"
end
"""
PYTHON = """
import smtplib, sys
mode, host, port = sys.argv[1:]
smtp = (smtplib.SMTP_SSL if mode == "implicit" else smtplib.SMTP)(host, int(port), local_hostname="x.example.com")
mode == "starttls" and smtp.starttls()
smtp.mail("a@example.com")
"""
SSLEAY = "perl -MNet::SSLeay -e 'print Net::SSLeay::SSLeay_version()'"
VERSIONS = {  # what prints the version, and what in it are the client's and the TLS library's
    "openssl": ("openssl version", r"OpenSSL (\S+)", r"(OpenSSL \S+)"),
    "curl": ("curl --version", r"curl (\S+)", r"((?:OpenSSL|GnuTLS)/\S+)"),
    "swaks": (f"swaks --version; {SSLEAY}", r"version (\S+)", r"(OpenSSL \S+)"),
    "ruby": ("ruby -rnet/smtp -ropenssl -e 'print RUBY_VERSION,%q(/),Net::SMTP::VERSION,%q( ),"
             "OpenSSL::OPENSSL_LIBRARY_VERSION'", r"^(\S+)", r"(OpenSSL \S+)"),
    "python": (f"'{sys.executable}' -c 'import ssl,platform;print(platform.python_version(),ssl.OPENSSL_VERSION)'",
               r"^(\S+)", r"(OpenSSL \S+)"),
    "msmtp": ("msmtp --version", r"version (\S+)", r"TLS/SSL library: (.+)"),
    "git": (f"git --version; {SSLEAY}", r"version (\S+)", r"(OpenSSL \S+)")}


@dataclass(frozen=True)
class Client:
    """A program in one mode: its name as recorded, what it needs (see real_tools), what is run.

    In `argv` {host} and {port} stand for the server's; `words` are the lines that are recorded of all it prints.
    """

    name: str
    mode: str
    needs: tuple[str, ...]
    argv: tuple[str, ...]
    words: str = r".+"
    says: str = ""

    def version(self) -> tuple[str, str]:
        """The client's version and its TLS library's, "" where it doesn't tell."""
        command, own, library = VERSIONS["python" if "Python" in self.name else self.needs[0]]
        said = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60).stdout
        found = [re.search(pattern, said) for pattern in (own, library)]
        return found[0][1] if found[0] else "", found[1][1].replace("/", " ") if found[1] else ""


def _curl(name: str, mode: str, scheme: str, *options: str) -> Client:
    return Client(name, mode, ("curl",), (
        "curl", "-q", "-sS", "--noproxy", "*", *options, "--mail-from", "a@example.com", "--mail-rcpt", "b@example.com",
        "-T", "-", f"{scheme}://{{host}}:{{port}}"), says=MAIL)


def _swaks(name: str, mode: str, *options: str) -> Client:
    return Client(name, mode, ("swaks",), ("swaks", "--server", "{host}", "--port", "{port}", "--ehlo", "x.example.com",
                                           "--from", "a@example.com", "--to", "b@example.com", "--quit-after", "RCPT",
                                           *options), r"(?:\*\*\*|<\*\*) .+")


def _msmtp(name: str, mode: str, *options: str) -> Client:
    return Client(name, mode, ("msmtp",), ("msmtp", "--host={host}", "--port={port}", "--from=a@example.com", *options,
                                           "b@example.com"), says=MAIL)


def _git(mode: str, *encryption: str) -> Client:
    name = " ".join(("git send-email", *(option.rpartition("=")[2] for option in encryption)))
    return Client(name, mode, ("git", "git:send-email", "perl:IO::Socket::SSL"), (
        "git", "send-email", "--smtp-server={host}", "--smtp-server-port={port}", *encryption, "--from=a@example.com",
        "--to=b@example.com", "--confirm=never", "--suppress-cc=all", "x.patch"),
        r"(?!x\.patch|\(mbox\)|OK\b|Use of).+")


_S_CLIENT = r".*(?::error:|errno=|Didn't find).*"
_RAISED = r"[\w.]+(?:Error|Exception|Disconnected|Refused|timeout)\b.*"
CLIENTS = (
    Client("openssl s_client", "implicit", ("openssl",), ("openssl", "s_client", "-connect", "{host}:{port}"),
           _S_CLIENT),
    Client("openssl s_client -starttls smtp", "starttls", ("openssl",),
           ("openssl", "s_client", "-starttls", "smtp", "-connect", "{host}:{port}"), _S_CLIENT),
    _curl("curl smtps://", "implicit", "smtps"), _curl("curl smtp:// --ssl-reqd", "starttls", "smtp", "--ssl-reqd"),
    _curl("curl smtp://", "plain", "smtp"),
    _swaks("swaks --tlsc", "implicit", "--tlsc"), _swaks("swaks --tls", "starttls", "--tls"), _swaks("swaks", "plain"),
    _msmtp("msmtp tls_starttls=off", "implicit", "--tls=on", "--tls-starttls=off", "--tls-certcheck=off"),
    _msmtp("msmtp tls_starttls=on", "starttls", "--tls=on", "--tls-starttls=on", "--tls-certcheck=off"),
    _msmtp("msmtp tls=off", "plain", "--tls=off"),
    *(Client(f"Ruby Net::SMTP{how}", mode, ("ruby",), ("ruby", "-e", RUBY, mode, "{host}", "{port}"))
      for mode, how in (("implicit", " enable_tls"), ("starttls", ""), ("plain", ""))),
    *(Client(f"Python smtplib.SMTP{how}", mode, (), (sys.executable, "-c", PYTHON, mode, "{host}", "{port}"), _RAISED)
      for mode, how in (("implicit", "_SSL"), ("starttls", ""), ("plain", ""))),
    _git("implicit", "--smtp-encryption=ssl"), _git("starttls", "--smtp-encryption=tls"), _git("plain"))


def record(client: Client, port_kind: str, wait_s: float) -> RecordedError:
    """One run against a server of its own; after `wait_s` it is ended, and counts as a hang."""
    version, library = client.version()
    with smtplab.serve(KINDS[port_kind]) as server, tempfile.TemporaryDirectory() as home:
        (Path(home) / "x.patch").write_text(MAIL)
        host, port = server.address
        argv = [part.replace("{host}", host).replace("{port}", str(port)) for part in client.argv]
        start = time.monotonic()
        said = _run(argv, client.says, home, wait_s)
        seconds = time.monotonic() - start
        assert said is None or until(server.traces), f"{client.name} never came: {said}"
        first = next((event.data for trace in server.traces() for event in trace.events
                      if event.what == "bytes" and event.who == "server"), b"")
    words = "" if said is None else _words(client, said, home, port)
    return RecordedError(client.name, version, library, client.mode, port_kind, first.decode("latin-1"), words,
                         said is None, round(seconds, 2), wait_s if said is None else None, date.today().isoformat())


def _run(argv: list[str], says: str, home: str, wait_s: float) -> str | None:
    """All it printed; None if it had to be ended."""
    person = {f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **person, "HOME": home, "LC_ALL": "C", "NO_PROXY": "*"}
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", env=environment, cwd=home, start_new_session=True) as process:
        try:
            return process.communicate(says, timeout=wait_s)[0]
        except subprocess.TimeoutExpired:
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _words(client: Client, said: str, home: str, port: int) -> str:
    """The lines that tell, without what changes from run to run."""
    lines = dict.fromkeys(line.rstrip() for line in said.splitlines() if re.fullmatch(client.words, line.rstrip()))
    text = "\n".join(lines).replace(home, "HOME")
    text = re.sub(rf"\b{port}\b", "PORT", text)
    return re.sub(r"^[0-9A-F]{8,16}(?=:error:)", "<tid>", text, flags=re.MULTILINE)


def record_all(names: list[str], kinds: list[str], wait_s: float) -> Iterator[RecordedError]:
    """The runs of the clients that are here and are meant, as they end."""
    for client in CLIENTS:
        if (not names or any(name in client.name for name in names)) and are_here(*client.needs):
            yield from (record(client, kind, wait_s) for kind in kinds if kind in MEANT[client.mode])


def differences(runs: Iterable[RecordedError],
                recorded: Iterable[RecordedError]) -> list[tuple[RecordedError, RecordedError]]:
    """(now, as recorded) for each run that the same client in the same version ended in other words."""
    before = {_which(run): run for run in recorded}
    return [(run, before[_which(run)]) for run in runs
            if _which(run) in before and run.wording != before[_which(run)].wording and not run.hang]


def _which(run: RecordedError) -> tuple[str, ...]:
    return run.client, run.version, run.mode, run.port_kind


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clients", nargs="*", metavar="CLIENT")
    parser.add_argument("--kinds", default="banner220,close,rst,nostarttls", metavar="KIND,KIND")
    parser.add_argument("--wait", type=float, default=15.0, metavar="S")
    asked = parser.parse_args()
    kinds = asked.kinds.split(",")
    if unknown := set(kinds) - set(KINDS):
        parser.error(f"no kind {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    runs = []
    for run in record_all(asked.clients, kinds, asked.wait):
        print(json.dumps(vars(run)), flush=True)
        runs.append(run)
    for now, before in differences(runs, recordings()):
        print(f"{now.client} {now.version}, {now.mode} against {now.port_kind}, recorded {before.recorded}:\n"
              f"  then {before.words!r}\n  now  {now.words!r}", file=sys.stderr)


if __name__ == "__main__":
    main()
