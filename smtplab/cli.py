"""The `smtplab` command: each subcommand calls one public function and prints what it returns.

Exit status: 0 it worked, 1 it ran and found a failure, 2 wrong usage. With --json, stdout holds JSON
and nothing else; every line is flushed as it is printed, and SIGTERM ends a command like Ctrl-C.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import click

from . import judge, matrix, probe, serve
from .lab.client import Dial
from .lab.connect import Failed, parse_address
from .lab.login import MECHANISMS
from .lab.matrix import EXPECTED, MatrixRow
from .lab.probe import PORTS, PortReport, Speaks
from .lab.server import KINDS, Server
from .show import text
from .show.visitors import Visitors
from .trace import Mode

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
TIMEOUT = click.option("--timeout", "timeout_s", type=click.FloatRange(min=0, min_open=True), default=5.0,
                       show_default=True, metavar="S", help="Seconds for the whole of it.")


def say(line: str = "") -> None:
    """Print a line at once."""
    print(line, flush=True)


def say_json(value: object, indent: int | None = 2) -> None:
    """Print one JSON document at once."""
    say(json.dumps(value, indent=indent))


class Ticker:
    """While it is open, and stderr is a terminal, shows there what is waited for and how long."""

    def __init__(self, what: str, limit_s: float) -> None:
        self.what, self.limit_s, self.done = what, limit_s, threading.Event()
        self.thread = threading.Thread(target=self._tick, daemon=True, name="smtplab-ticker")

    def __enter__(self) -> Ticker:
        self.thread.start()
        return self

    def __exit__(self, *_exc) -> None:
        self.done.set()
        self.thread.join()

    def _tick(self) -> None:
        start = time.monotonic()
        while sys.stderr.isatty() and not self.done.wait(0.5):
            passed = time.monotonic() - start
            self._status(f"{self.what}: {passed:.0f} of at most {self.limit_s:g} s")
        if sys.stderr.isatty():
            self._status("")

    def _status(self, words: str) -> None:
        print(f"\r{words}\033[K", end="", file=sys.stderr, flush=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
@click.version_option(package_name="smtplab")
def cli() -> None:
    """Perform, capture and explain mail connections: plain, STARTTLS and implicit TLS.

    Example: smtplab probe mail.example.net
    """


@cli.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("words", nargs=-1, metavar="[DIR] [-- JUPYTER OPTIONS]", type=click.UNPROCESSED)
def lab(words: tuple[str, ...]) -> int:
    """Open JupyterLab on the notebooks.

    In a checkout, on those of the checkout; installed, on a copy in DIR, where nothing that exists is
    overwritten. Example: smtplab lab my-notebooks -- --no-browser
    """
    from .workbench import open_lab
    directory = Path(words[0]) if words and not words[0].startswith("-") else None
    return open_lab(directory, [w for w in words[directory is not None:] if w != "--"])


@cli.command()
@click.argument("address", metavar="HOST:PORT")
@click.option("--mode", type=click.Choice([m.value for m in Mode]), required=True, help="What the client does.")
@TIMEOUT
@click.option("--ca", "ca_file", metavar="FILE", help="Trust this authority instead of the system's.")
@click.option("--server-name", metavar="N", help="The name to ask for and to check; default is the host.")
@click.option("--insecure", is_flag=True, help="Do not check the certificate.")
@click.option("--user", metavar="U", help="Log in as this user.")
@click.option("--password-env", metavar="VAR", help="The environment variable that holds the password.")
@click.option("--mechanism", type=click.Choice(MECHANISMS, case_sensitive=False), help="How to log in.")
@click.option("--mail-from", metavar="A", help="Offer a mail from this address.")
@click.option("--rcpt-to", metavar="B", help="And to this one.")
@click.option("--ehlo-name", metavar="N", help="The name given in EHLO; default is the address.")
@JSON
def handshake(address: str, mode: str, timeout_s: float, ca_file: str | None, server_name: str | None,
              insecure: bool, user: str | None, password_env: str | None, mechanism: str | None,
              mail_from: str | None, rcpt_to: str | None, ehlo_name: str | None, as_json: bool) -> int:
    """Connect once, and show transcript, counters and diagnosis.

    Example: smtplab handshake mail.example.net:587 --mode starttls
    """
    if (user is None) != (password_env is None):
        raise click.UsageError("--user and --password-env go together")
    if password_env is not None and password_env not in os.environ:
        raise click.UsageError(f"the environment has no {password_env}: put the password there first")
    login = (user, os.environ[password_env]) if user is not None else None
    dial = Dial(address, mode, timeout_s, server_name, ca_file, not insecure, login, mechanism, mail_from, rcpt_to,
                ehlo_name, listener=None if as_json else text.Live(say))
    if not as_json:
        say(text.heading(dial.trace()))
    try:
        with Ticker(f"{mode} to {address}", timeout_s):
            dial.run()
    except KeyboardInterrupt:
        pass  # what has been seen so far is reported all the same
    trace = dial.trace()
    if as_json:
        say(trace.to_json())
    else:
        dial.recorder.listener.rest(dial.recorder)
        say(text.summary(trace))
    return 0 if trace.ok else 1


@cli.command("probe")
@click.argument("hosts", nargs=-1, metavar="HOST[:PORT]...")
@click.option("--ports", default=",".join(map(str, PORTS)), show_default=True, metavar="P,P",
              help="For hosts that name no port.")
@TIMEOUT
@JSON
def probe_(hosts: tuple[str, ...], ports: str, timeout_s: float, as_json: bool) -> int:
    """Say what each port speaks. A list of hosts may also come on stdin.

    Ends with 0 if mail is spoken on at least one of the ports. Example: smtplab probe mail.example.net
    """
    names = list(hosts) or ([] if sys.stdin.isatty() else sys.stdin.read().split())
    if not names:
        raise click.UsageError("name a host, or give a list of them on stdin")
    try:
        numbers = [int(port) for port in ports.split(",")]
    except ValueError:
        raise click.UsageError(f"--ports {ports!r} is no list of numbers, such as 465,587") from None
    found: list[PortReport] = []
    with Ticker(f"probing {len(names)} host(s)", timeout_s), contextlib.suppress(KeyboardInterrupt):
        found = probe(names, numbers, timeout_s=timeout_s, listener=found.append)
    say_json([asdict(report) for report in found]) if as_json else say(text.ports(found))
    mail = {Speaks.SMTP, Speaks.SMTP_STARTTLS, Speaks.IMPLICIT_TLS}
    return 0 if any(report.speaks in mail for report in found) else 1


@cli.command("serve")
@click.argument("kinds", nargs=-1, required=True, metavar="KIND...", type=click.Choice(list(KINDS)))
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H", help="Where to listen.")
@click.option("--port", default=0, metavar="N", type=click.IntRange(0, 65535),
              help="The port of the first kind; default is one that the kernel chooses.")
@JSON
def serve_(kinds: tuple[str, ...], host: str, port: int, as_json: bool) -> int:
    """Run lab servers until Ctrl-C and show each visitor.

    Prints KIND HOST PORT lines and "ca - FILE". Example: smtplab serve starttls implicit
    """
    servers: list[Server] = []
    show = Visitors(say, as_json)
    try:
        for i, kind in enumerate(kinds):
            servers.append(serve(kind, host=host, port=port if i == 0 else 0, listener=show.for_kind(kind)))
        show.announce(servers)
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    finally:
        for server in servers:
            server.close()
        show.finish()
    return 0


@cli.command("judge")
@click.option("--hex", "hexadecimal", required=True, metavar="HEX", help="The first bytes from the server.")
@click.option("--openssl", default="3.0", show_default=True, metavar="V", help="The client's OpenSSL.")
@JSON
def judge_(hexadecimal: str, openssl: str, as_json: bool) -> int:
    """Say what OpenSSL makes of first bytes. Example: smtplab judge --hex 323230206d"""
    try:
        data = bytes.fromhex(hexadecimal.replace(":", ""))
    except ValueError:
        raise click.UsageError(f"--hex {hexadecimal!r} is not hexadecimal, such as 323230206d") from None
    found = judge(data, openssl)
    say_json(asdict(found)) if as_json else say(text.verdict(found))
    return 0


@cli.command("matrix")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0, min_open=True), default=4.0, show_default=True,
              metavar="S", help="Seconds for each dial; they run side by side.")
@JSON
def matrix_(timeout_s: float, as_json: bool) -> int:
    """Dial every kind of server in every mode, live. Example: smtplab matrix"""
    rows: list[MatrixRow] = []
    with Ticker(f"{len(EXPECTED) * len(Mode)} dials", timeout_s), contextlib.suppress(KeyboardInterrupt):
        rows = matrix(timeout_s=timeout_s, listener=rows.append)
    if as_json:
        say_json([{k: v for k, v in vars(row).items() if k not in ("trace", "seen")} for row in rows])
    else:
        say(text.cells(rows))
    complete = len(rows) == len(EXPECTED) * len(Mode)  # Ctrl-C leaves what was seen so far
    return 0 if complete and all(row.cause is row.expected for row in rows) else 1


@cli.command("talk")
@click.argument("address", metavar="HOST:PORT")
def talk_(address: str) -> int:
    """Do what telnet does: type SMTP lines, see replies and byte counts.

    Example: smtplab talk mail.example.net:587
    """
    from .lab.talk import talk
    try:
        talk(parse_address(address), say)
    except KeyboardInterrupt:
        say()
    except Failed as failed:
        why = failed.failure.message
        print(f"smtplab: no connection to {address}: {why} (smtplab probe says more)", file=sys.stderr)
        return 1
    return 0


@cli.command("doctor")
@JSON
def doctor_(as_json: bool) -> int:
    """Show versions and tools, and try the lab on this machine. Example: smtplab doctor"""
    from .lab.doctor import examine
    found = examine()
    lines = [(name, value or "not here") for part in ("versions", "tools") for name, value in found[part].items()]
    lines += [("witness", "OpenSSL reports what it reads" if found["witness"] else "not in this Python"),
              ("capture", found["capture"])]
    lines += [("self-test", f"{'works' if ok else 'FAILS'}: {what}") for what, ok in found["self_test"].items()]
    say_json(found) if as_json else say("\n".join(f"{name:12} {value}" for name, value in lines))
    return 0 if all(found["self_test"].values()) else 1


def _terminated(*_args: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> None:
    """The console script; ends the process with the command's status."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        status = cli.main(arguments, prog_name="smtplab", standalone_mode=False)
    except click.ClickException as exc:
        context = getattr(exc, "ctx", None)
        command = context.command_path if context else "smtplab"
        print(f"smtplab: {' '.join(exc.format_message().split())} (see {command} --help)", file=sys.stderr)
        status = 2
    except (ValueError, OSError) as exc:
        print(f"smtplab: {exc} (see smtplab --help)", file=sys.stderr)
        status = 2
    except (click.Abort, KeyboardInterrupt):
        status = 1
    sys.exit(status)
