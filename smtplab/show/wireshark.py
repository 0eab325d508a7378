"""What Wireshark calls the packets of a connection: tshark, asked for real, on the port that it is shown."""

from __future__ import annotations

import html

from ..address import port_number
from ..lab.tshark import Line, ask_tshark
from ..trace import Trace

NOT_HERE = "tshark is not on this machine (or took too long): install Wireshark, and run this again"


class AsWireshark:
    """A trace's packets, a line each; `lines` is None where there is no tshark."""

    def __init__(self, lines: list[Line] | None, port: int | None) -> None:
        self.lines, self.port = lines, port

    def __repr__(self) -> str:
        if self.lines is None:
            return NOT_HERE
        return "\n".join(map(str, self.lines))

    def _repr_mimebundle_(self, **_kwargs: object) -> dict:
        text = str(self)
        return {"text/plain": text, "text/html": f"<pre style='overflow:auto'>{html.escape(text)}</pre>"}


def as_wireshark(trace: Trace, port: int | None = None) -> AsWireshark:
    """The packets of `trace` as Wireshark lists them with the server on `port` (None: one that fits).

    ValueError for a port that is none."""
    port = None if port is None else port_number(port)
    return AsWireshark(ask_tshark(trace, port=port), port)
