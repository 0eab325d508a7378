"""What Wireshark calls the packets of a connection on a given port: the real tshark is asked."""

from __future__ import annotations

import html

from ..address import port_number
from ..lab.tshark import Line, ask_tshark
from ..trace import Trace

NOT_HERE = "tshark is not on this machine (or took too long): install Wireshark, and run this again"


class AsWireshark:
    """The packets of a trace, a line each; `lines` is None if there is no tshark on this machine."""

    def __init__(self, lines: list[Line] | None, port: int | None) -> None:
        self.lines, self.port = lines, port

    def __repr__(self) -> str:
        if self.lines is None:
            return NOT_HERE
        return "\n".join(map(str, self.lines))

    def _repr_mimebundle_(self, **_kwargs: object) -> dict[str, str]:
        text = str(self)
        return {"text/plain": text, "text/html": f"<pre style='overflow:auto'>{html.escape(text)}</pre>"}


def as_wireshark(trace: Trace, port: int | None = None) -> AsWireshark:
    """The packets of `trace` as Wireshark lists them with the server on `port` (None: one that fits the mode).

    Raises ValueError unless `port` is 1 to 65535.
    """
    port = None if port is None else port_number(port)
    return AsWireshark(ask_tshark(trace, port=port), port)
