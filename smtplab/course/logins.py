"""What a client sent as a login, with its base64 undone: to show that an alphabet is no encryption."""

from __future__ import annotations

import base64
import binascii
import re

from ..events import What, Who
from ..trace_data import TraceData
from .exercises import DisplayStr, safe_str

_WORD = re.compile(rb"[A-Za-z0-9+/]{4,}={0,2}")


def sent_in_base64(trace: TraceData) -> DisplayStr:
    """Each word of a login that this client sent, and what it is without base64, a line each.

    Only what follows AUTH is a login; passwords that the trace has blanked stay so.
    """
    lines: list[str] = []
    in_login = False
    for event in trace.events:
        if event.who != Who.CLIENT or event.what not in (What.BYTES, What.INSIDE) or not event.data:
            continue
        in_login = in_login or event.data.upper().startswith(b"AUTH ")
        for word in event.data.split() if in_login else ():
            if (found := _undone(word)) is not None:
                lines.append(f"{word.decode('ascii')}  is  {safe_str(found, repr)}")
    return DisplayStr("\n".join(lines) or "nothing that base64 hides")


def _undone(word: bytes) -> bytes | None:
    if not _WORD.fullmatch(word) or len(word) % 4:
        return None
    try:
        found = base64.b64decode(word, validate=True)
    except binascii.Error:
        return None
    return found if all(byte == 0 or 32 <= byte < 127 for byte in found) else None
