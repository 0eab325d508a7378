"""Blanks what must not be shown: what a client says to log in, and what a server echoes of it.

Imported only where there is something to blank (see `smtp.may_hold_login`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import replace

from .events import Event, What, Who
from .smtp import VERBS, Reply, ReplyReader, may_hold_login


def blank_events(events: Iterable[Event], may_show: Callable[[bytes], bool],
                 hide: Callable[[bytes], bytes] | None) -> list[Event]:
    """The events with AUTH arguments blanked, unless `may_show` allows one, and what `hide` blanks in either direction.

    `hide` gets all bytes of a direction at once, so that it also finds what was cut into several events; it must
    return as many."""
    events = list(events)
    for layer in (What.BYTES, What.INSIDE):
        at = [i for i, e in enumerate(events) if e.what == layer]
        for i, data in zip(at, blank_auth([(events[i].who, events[i].data or b"") for i in at], may_show), strict=True):
            events[i] = replace(events[i], data=data)
        if hide is None:
            continue
        for who in Who:
            places = [i for i in at if events[i].who == who]
            whole, start = hide(b"".join(events[i].data or b"" for i in places)), 0
            for i in places:
                end = start + len(events[i].data or b"")
                events[i], start = replace(events[i], data=whole[start:end]), end
    return events


def never_shown(argument: bytes) -> bool:
    """The rule for `blank_auth` outside the lab: no argument may be shown."""
    return False


def shown_if(*known: str) -> Callable[[bytes], bool]:
    """A rule for `blank_auth`: an argument may be shown if, decoded, it consists of `known` words."""
    words = {b"", *(word.encode() for word in known)}

    def rule(argument: bytes) -> bool:
        try:
            return set(base64.b64decode(argument, validate=True).split(b"\0")) <= words
        except (binascii.Error, ValueError):
            return False
    return rule


def blank_auth(chunks: Iterable[tuple[str, bytes]],
               may_show: Callable[[bytes], bool] = never_shown) -> list[bytes]:
    """The same chunks, in order, with AUTH arguments overwritten by `*`, their lengths kept.

    `chunks` are (who, data) of both sides, in clear; `may_show` says whether an argument may be shown. Blanked are
    the argument of AUTH after the mechanism, and every client line from then on until the server has given a final
    reply and the client a known command: so a client that goes on to log in after a refusal shows nothing. An
    incomplete last line is blanked whole. What follows a BDAT chunk (RFC 3030) begins a line, whether or not the chunk
    ended one; the chunk is read as lines too, as the server may have refused it unread.
    """
    blanked = [(who, bytearray(data)) for who, data in chunks]
    if not may_hold_login(b"".join(data for who, data in blanked if who == Who.CLIENT)):
        return [bytes(data) for _, data in blanked]
    line: list[tuple[int, int, int]] = []  # where the parts of the client's current line are: chunk, start, end
    server, secret, final, chunk_left = ReplyReader(), False, True, 0

    def end_line() -> None:
        nonlocal secret, final, line, server, chunk_left
        body = b"".join(blanked[i][1][start:end] for i, start, end in line).rstrip(b"\r\n")
        words = body.split(None, 2)
        verb = words[0].upper().decode("latin-1") if words else ""
        if verb == "BDAT" and not chunk_left and len(words) > 1 and words[1].isdigit() and len(words[1]) < 20:
            chunk_left = int(words[1]) + 1  # with the byte that ends this line
        if secret and final and verb in VERBS:
            secret = False
        if secret and not may_show(body.strip()):
            _blank(0, len(body))
        elif not secret and verb == "AUTH":
            secret, final, server = True, False, ReplyReader()
            if len(words) > 2 and not may_show(words[2].strip()):
                _blank(len(body) - len(words[2]), len(body))
        elif verb == "PASS" and len(words) > 1:  # a POP3 client on the wrong port
            _blank(len(body) - len(body.split(None, 1)[1]), len(body))
        elif len(words) > 2 and words[1].upper() in (b"LOGIN", b"AUTHENTICATE"):  # an IMAP client
            _blank(len(body) - len(words[2]), len(body))
        line = []

    def _blank(first: int, last: int) -> None:
        before = 0
        for i, start, end in line:
            low, high = max(first - before, 0), min(last - before, end - start)
            if low < high:
                blanked[i][1][start + low:start + high] = b"*" * (high - low)
            before += end - start

    for index, (who, data) in enumerate(blanked):
        if who == Who.CLIENT:
            at = 0
            while at < len(data):
                end = data.find(b"\n", at) + 1 or len(data)
                end = min(end, at + chunk_left) if chunk_left else end
                line.append((index, at, end))
                in_chunk, chunk_left = chunk_left > 0, max(chunk_left - (end - at - 1), 0)
                if data[end - 1] == 0x0A:
                    end_line()
                chunk_left = max(chunk_left - 1, 0)
                if chunk_left == 0 and line and in_chunk:
                    end_line()
                at = end
        elif secret and not final:
            for reply in server.feed(data):
                final = final or (isinstance(reply, Reply) and reply.reply_code != 334)
    if line:
        end_line()
    return [bytes(data) for _, data in blanked]
