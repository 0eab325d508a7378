"""`smtplab serve`: lab servers until Ctrl-C, and every visitor as it comes."""

from __future__ import annotations

import click

from ..events import Mode
from ..lab.server import KINDS, Server, serve
from ..literals import KindName, ModeName
from ..show.visitors import Visitors
from .io import JSON, say, wait_until_unheard, warn_if_exposed


@click.command("serve")
@click.argument("kinds", nargs=-1, required=True, metavar="KIND...", type=click.Choice(list(KINDS)))
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H", help="Where to listen.")
@click.option("--port", default=0, metavar="N", type=click.IntRange(0, 65535),
              help="The port of the first kind; default is one that the kernel chooses.")
@click.option("--mode", type=click.Choice([m.value for m in Mode]), metavar="MODE",
              help="The client's: for starttls, certificate kinds and old-tls are STARTTLS, not implicit.")
@JSON
def command(kinds: tuple[KindName, ...], host: str, port: int, mode: ModeName | None, as_json: bool) -> int:
    """Run lab servers until Ctrl-C and show each visitor.

    Prints KIND HOST PORT lines, "ca - FILE", and settings for the common clients, ready to paste.
    Example: smtplab serve starttls implicit, or smtplab serve expired --mode starttls
    """
    servers: list[Server] = []
    show, status = Visitors(say, as_json), 0
    try:
        for i, kind in enumerate(kinds):
            servers.append(serve(kind, host=host, port=port if i == 0 else 0, mode=mode, listener=show.for_kind(kind)))
        warn_if_exposed(host, "can reach the lab")
        show.announce(servers)
        status = wait_until_unheard(show.unheard)
    except KeyboardInterrupt:
        pass
    finally:
        for server in servers:
            server.close()
        show.finish()
    return status
