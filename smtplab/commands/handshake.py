"""`smtplab handshake`: one dial: the verdict, then the story; or the story while it happens, and then the verdict."""

from __future__ import annotations

import os

import click

from ..address import parse_address
from ..events import Mode
from ..lab.client import MECHANISMS, Dial
from ..report import heading, sizes, transcript, verdict
from ..show.live import Live
from ..show.screen import width
from ..trace import Trace
from .io import BRIEF, JSON, TIMEOUT, Ticker, emit, say, warn

PORTS = {Mode.IMPLICIT: 465, Mode.PLAIN: 25}  # of a mode that is named without a port; else 587


@click.command("handshake")
@click.argument("address", metavar="HOST[:PORT]")
@click.option("--mode", type=click.Choice([m.value for m in Mode]),
              help="What the client does; default is implicit on 465, and starttls elsewhere.")
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
@click.option("--pcap", "pcap_file", metavar="FILE",
              help="Write the packets there for Wireshark, all that was sent in it readable.")
@click.option("--live", is_flag=True, help="Print what is said while it happens, and the verdict last.")
@BRIEF
@JSON
def command(address: str, mode: str | None, timeout_s: float, ca_file: str | None, server_name: str | None,
            insecure: bool, user: str | None, password_env: str | None, mechanism: str | None,
            mail_from: str | None, rcpt_to: str | None, ehlo_name: str | None, pcap_file: str | None,
            live: bool, brief: bool, as_json: bool) -> int:
    """Connect once, and show diagnosis, transcript and counters.

    Without a port it is 465 for implicit, 25 for plain and else 587. Example:
    smtplab handshake mail.example.net:587 --mode starttls
    """
    if (user is None) != (password_env is None):
        raise click.UsageError("--user and --password-env go together")
    if password_env is not None and password_env not in os.environ:
        raise click.UsageError(f"the environment has no {password_env}: put the password there first")
    login = (user, os.environ[password_env]) if user is not None and password_env is not None else None
    place, how = inferred(address, Mode.of(mode) if mode else None)
    shows = Live(say) if live and not as_json and not brief else None
    dial = Dial(place, how, timeout_s=timeout_s, server_name=server_name, ca_file=ca_file,
                verify=not insecure, login=login, mechanism=mechanism, mail_from=mail_from, rcpt_to=rcpt_to,
                ehlo_name=ehlo_name, keeps_secrets=pcap_file is not None, listener=shows)
    if pcap_file is not None:
        from ..packets import private_file  # here, since only a capture needs it
        private_file(pcap_file)  # first, so that an unwritable file is reported before anything is sent
    if shows:
        say(heading(dial.trace()))
    try:
        with Ticker(f"{how} to {address}", timeout_s):
            dial.run()
    except KeyboardInterrupt:
        pass  # what has been seen so far is reported all the same
    trace = dial.trace()
    certificate = str(trace.certificate or "") if trace.bytes_received else ""
    if shows:
        shows.rest(dial.recorder)
        say("\n".join(["", verdict(trace, certificate, width()), "", sizes(trace)]))
    else:
        emit(as_json, trace, _brief if brief else lambda one: "\n".join(
            [verdict(one, certificate, width()), "", heading(one), *transcript(one.events), "", sizes(one)]),
            Trace.to_json)
    if pcap_file is not None:
        from ..packets import write_pcapng
        write_pcapng(pcap_file, [dial.recorder.as_sent()])
        warn(f"{pcap_file} holds all that was sent, the login and the keys of TLS too: keep it to yourself")
    return 0 if trace.ok else 1


def _brief(trace: Trace) -> str:
    from ..show.text import brief_trace  # here, since it brings more than a dial needs
    return brief_trace(trace)


def inferred(address: str, mode: Mode | None) -> tuple[tuple[str, int], Mode]:
    """Host, port and mode, of which port or mode may be missing; what is taken for them is said on stderr."""
    host, port = named(address)
    taken = []
    if port is None:
        port = 587 if mode is None else PORTS.get(mode, 587)
        taken.append(f"port {port}")
    if mode is None:
        mode = Mode.IMPLICIT if port == 465 else Mode.STARTTLS
        taken.append(f"mode {mode}")
    if taken:
        warn(f"takes {' and '.join(taken)}: HOST:PORT and --mode say otherwise")
    return (host, port), mode


def named(address: str) -> tuple[str, int | None]:
    """HOST, HOST:PORT, an IPv6 address or [IPV6]:PORT. Raises ValueError for anything else."""
    if address and (":" not in address or address.count(":") > 1 and "]:" not in address):
        return address.strip("[]"), None
    return parse_address(address)
