"""`smtplab serve`: lab servers until Ctrl-C, and every visitor as it comes."""

from __future__ import annotations

import click

from ..lab.server import KINDS, Server, serve
from ..show.visitors import Visitors
from .io import JSON, say, wait_until_unheard, warn_if_exposed


@click.command("serve")
@click.argument("kinds", nargs=-1, required=True, metavar="KIND...", type=click.Choice(list(KINDS)))
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H", help="Where to listen.")
@click.option("--port", default=0, metavar="N", type=click.IntRange(0, 65535),
              help="The port of the first kind; default is one that the kernel chooses.")
@JSON
def command(kinds: tuple[str, ...], host: str, port: int, as_json: bool) -> int:
    """Run lab servers until Ctrl-C and show each visitor.

    Prints KIND HOST PORT lines, "ca - FILE", and settings for the common clients, ready to paste.
    Example: smtplab serve starttls implicit
    """
    servers: list[Server] = []
    show, status = Visitors(say, as_json), 0
    try:
        for i, kind in enumerate(kinds):
            servers.append(serve(kind, host=host, port=port if i == 0 else 0, listener=show.for_kind(kind)))
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
