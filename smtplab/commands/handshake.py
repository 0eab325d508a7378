"""`smtplab handshake`: one dial, shown while it happens and explained when it is over."""

from __future__ import annotations

import os

import click

from ..events import Mode
from ..lab.client import MECHANISMS, Dial
from ..report import heading, summary
from ..show.live import Live
from .io import JSON, TIMEOUT, Ticker, say, warn


@click.command("handshake")
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
@click.option("--pcap", "pcap_file", metavar="FILE",
              help="Write the packets there for Wireshark, all that was sent in it readable.")
@JSON
def command(address: str, mode: str, timeout_s: float, ca_file: str | None, server_name: str | None,
            insecure: bool, user: str | None, password_env: str | None, mechanism: str | None,
            mail_from: str | None, rcpt_to: str | None, ehlo_name: str | None, pcap_file: str | None,
            as_json: bool) -> int:
    """Connect once, and show transcript, counters and diagnosis.

    Example: smtplab handshake mail.example.net:587 --mode starttls
    """
    if (user is None) != (password_env is None):
        raise click.UsageError("--user and --password-env go together")
    if password_env is not None and password_env not in os.environ:
        raise click.UsageError(f"the environment has no {password_env}: put the password there first")
    login = (user, os.environ[password_env]) if user is not None and password_env is not None else None
    live = None if as_json else Live(say)
    dial = Dial(address, Mode.of(mode), timeout_s=timeout_s, server_name=server_name, ca_file=ca_file,
                verify=not insecure, login=login, mechanism=mechanism, mail_from=mail_from, rcpt_to=rcpt_to,
                ehlo_name=ehlo_name, keeps_secrets=pcap_file is not None, listener=live)
    if pcap_file is not None:
        from ..packets import private_file  # here, since only a capture needs it
        private_file(pcap_file)  # first, so that an unwritable file is reported before anything is sent
    if live:
        say(heading(dial.trace()))
    try:
        with Ticker(f"{mode} to {address}", timeout_s):
            dial.run()
    except KeyboardInterrupt:
        pass  # what has been seen so far is reported all the same
    trace = dial.trace()
    if live:
        live.rest(dial.recorder)
        say(summary(trace, str(trace.certificate or "")))
    else:
        say(trace.to_json())
    if pcap_file is not None:
        from ..packets import write_pcapng
        write_pcapng(pcap_file, [dial.recorder.as_sent()])
        warn(f"{pcap_file} holds all that was sent, the login and the keys of TLS too: keep it to yourself")
    return 0 if trace.ok else 1
