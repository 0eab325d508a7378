"""Two streams of bytes read as one conversation: SMTP dialogue, TLS records, and s_client's count.

`parse_conversation` takes a trace's events and needs nothing else, so it serves whoever recorded them. It
follows both directions in the order they were seen. The client's direction turns to TLS where a
line would begin and a record header stands instead (no command begins with byte 0x16); what the
server sent before that, and was no reply to anything, was injected and belongs to neither part.

The count is `openssl s_client`'s "SSL handshake has read N bytes and written M bytes", measured
record by record: all bytes since the connection was made, up to each side's Finished. In TLS 1.3
the client's Finished is its first encrypted record, and tickets come after it; in TLS 1.2 a
Finished is the record after ChangeCipherSpec. Where the answer is no TLS, one header was read.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from . import limits
from .events import Event, Mode, What, Who
from .records import HEADER_BYTES, Alert, ContentType, HandshakeType, Malformed, RecordReader, TlsRecord
from .smtp import Command, Reply, ReplyReader, ehlo_keywords, offers, read_command


@dataclass(frozen=True)
class Step:
    """A command and the server's final reply to it, None while it waits. `inside`: within TLS."""

    verb: str
    argument: str
    inside: bool
    reply: Reply | None = None


@dataclass
class Conversation:
    """What both sides said, as far as it went."""

    first: dict[Who, bytes] = field(default_factory=lambda: {Who.CLIENT: b"", Who.SERVER: b""})
    greeting: Reply | None = None
    steps: list[Step] = field(default_factory=list)
    keywords: tuple[str, ...] = ()  # of the newest EHLO reply
    keywords_before_tls: tuple[str, ...] = ()
    not_smtp: bytes = b""  # what the server sent where a reply was due
    injected: bytes = b""  # what the server sent after its last reply, before TLS began
    pipelined: bytes = b""  # what the client sent in clear behind STARTTLS, before TLS began
    tls_after: str | None = None  # "connect" or "starttls": after what the client began TLS
    hello: set[Who] = field(default_factory=set)  # who sent its ClientHello or ServerHello
    hello_version: int | None = None  # legacy_record_version of the ServerHello: below 0x0303 is old TLS
    alerts: list[tuple[Who, Alert]] = field(default_factory=list)  # those in clear
    answer: bytes = b""  # the server's first bytes after the client began TLS
    not_tls: set[Who] = field(default_factory=set)  # who sent something else where a record was due
    finished: bool = False  # the TLS handshake ended well
    bytes_read: int = 0
    bytes_written: int = 0
    cut: bool = False  # there was more than `limits` lets it read

    @property
    def mode(self) -> Mode | None:
        """What the client does, as far as it has shown; whether it would go on without STARTTLS can't be seen."""
        verbs = {step.verb for step in self.steps}
        if self.tls_after == "connect":
            return Mode.IMPLICIT
        return Mode.STARTTLS if "STARTTLS" in verbs else Mode.PLAIN if verbs & {"EHLO", "HELO"} else None

    @property
    def offered_starttls(self) -> bool:
        """Whether the EHLO reply in clear listed STARTTLS."""
        return offers(self.keywords_before_tls, "STARTTLS")


class _Side:
    """One direction: text not yet understood, then TLS records."""

    def __init__(self) -> None:
        self.text = {False: bytearray(), True: bytearray()}  # outside and inside TLS
        self.replies = {False: ReplyReader(), True: ReplyReader()}
        self.unasked: deque[Reply] = deque()  # more than was asked for; it may yet turn out to be an answer
        self.all_text = bytearray()  # outside, from the start
        self.records: RecordReader | None = None
        self.received = 0  # bytes since the direction turned to TLS
        self.whole = 0  # of these, in whole records
        self.changed_cipher = False
        self.finished_at: int | None = None  # value of `whole` with the Finished
        self.not_tls = False
        self.lines = self.records_read = 0

    def count(self) -> int:
        """What s_client counts for this direction so far."""
        if self.finished_at is not None:
            return len(self.all_text) + self.finished_at
        if self.not_tls:
            return len(self.all_text) + min(self.received, self.whole + HEADER_BYTES)
        return len(self.all_text) + self.received


class _Reader:
    def __init__(self) -> None:
        self.said, self.client, self.server = Conversation(), _Side(), _Side()
        self.sides = {Who.CLIENT: self.client, Who.SERVER: self.server}
        self.pending: deque[int] = deque()  # steps without a reply yet
        self.answered = 0  # bytes of the server's replies that somebody asked for, the greeting included
        self.content = False  # client lines are mail content (after 354) or AUTH answers (after 334)
        self.behind = bytearray()  # what the client said in clear since its STARTTLS

    def crossed(self, who: Who, data: bytes) -> None:
        """Bytes that crossed the wire."""
        side = self.sides[who]
        self.said.first[who] = (self.said.first[who] + data)[:64]
        if side.records is not None:
            self.read_tls(who, side, data)
        else:
            side.all_text += data
            self.read_text(who, side, data, inside=False)

    def inside(self, who: Who, data: bytes) -> None:
        """Plaintext within TLS."""
        self.read_text(who, self.sides[who], data, inside=True)

    def enough(self, side: _Side) -> bool:
        """Whether as many lines have been read of a direction as may be."""
        enough = side.lines > limits.READ_LINES
        self.said.cut |= enough
        return enough

    def read_text(self, who: Who, side: _Side, data: bytes, inside: bool) -> None:
        if self.enough(side):
            return
        if who == Who.SERVER:
            side.lines += data.count(b"\n")
            side.unasked += [item for item in side.replies[inside].feed(data) if isinstance(item, Reply)]
            self.pair(inside)
        else:
            goes_on = bool(side.text[inside]) and b"\n" not in data  # a line whose end is to come
            side.text[inside] += data
            if not goes_on:
                self.read_commands(side, side.text[inside], inside)

    def read_commands(self, side: _Side, client: bytearray, inside: bool) -> None:
        while client and not self.enough(side):
            if self.content and self.said.steps[-1].verb == "DATA":
                self.skip_content(client)
                if self.content or not client:
                    return
            if client[0] == 0x16 and not inside and not self.content:
                self.turn_to_tls()
                return
            if not isinstance(command := read_command(client), Command):
                break
            if self.behind or self.goes_over():
                self.behind += client[:command.size_bytes]
            del client[:command.size_bytes]
            side.lines += 1
            self.command(command, inside)
            self.pair(inside)

    def goes_over(self) -> bool:
        """Whether the client's last command is a STARTTLS that nobody has refused."""
        last = self.said.steps[-1] if self.said.steps and self.client.records is None else None
        return last is not None and last.verb == "STARTTLS" and (last.reply is None or last.reply.reply_code == 220)

    def pair(self, inside: bool) -> None:
        """Give replies to what asked for them."""
        while self.server.unasked and (self.said.greeting is None or self.pending):
            reply = self.server.unasked.popleft()
            self.answered += reply.size_bytes
            self.reply(reply, inside)

    def skip_content(self, client: bytearray) -> None:
        """Take the mail's whole lines away, and the dot that ends it (RFC 5321 section 4.1.1.4)."""
        end = _END_OF_MAIL.search(client)
        self.content = end is None
        del client[:end.end() if end else client.rfind(b"\n") + 1]
        if self.content:
            del client[4:]  # of a line whose end is to come this is enough to know that it is no dot

    def command(self, command: Command, inside: bool) -> None:
        if self.content:  # an answer of a login
            self.content = False
        else:
            self.pending.append(len(self.said.steps))
            self.said.steps.append(Step(command.verb, command.argument, inside))

    def reply(self, reply: Reply, inside: bool) -> None:
        if self.said.greeting is None:
            self.said.greeting = reply
            return
        self.content = reply.reply_code in (334, 354)
        if self.content:
            return
        index = self.pending.popleft()
        step = self.said.steps[index] = replace(self.said.steps[index], reply=reply)
        if step.verb == "STARTTLS" and reply.reply_code != 220:
            self.behind.clear()
        if step.verb == "EHLO" and reply.reply_code == 250:
            self.said.keywords = ehlo_keywords(reply)
            if not inside:
                self.said.keywords_before_tls = self.said.keywords

    def turn_to_tls(self) -> None:
        client, server, said = self.client, self.server, self.said
        said.keywords = ()  # RFC 3207 section 4.2: what was learned before is forgotten
        hello, answer = bytes(client.text[False]), b""
        del client.all_text[len(client.all_text) - len(hello):]
        if self.behind:
            # A server throws them away (RFC 3207 section 4.2), so they are no commands that wait for a reply.
            said.pipelined = bytes(self.behind)
            while said.steps[-1].verb != "STARTTLS":
                said.steps.pop()
            while self.pending and self.pending[-1] >= len(said.steps):
                self.pending.pop()
        if said.steps:
            said.tls_after, said.injected = "starttls", bytes(server.all_text[self.answered:])
            if said.greeting and not self.pending:  # what is injected is no wrong answer
                server.replies[False] = ReplyReader()
        else:
            # A greeting that crossed the ClientHello is what the client reads as its answer.
            said.tls_after, said.greeting = "connect", None
            answer = bytes(server.all_text)
            server.all_text.clear()
            server.replies[False] = ReplyReader()
        server.unasked.clear()
        client.records, server.records = RecordReader(), RecordReader()
        if answer:
            self.read_tls(Who.SERVER, server, answer)
        self.read_tls(Who.CLIENT, client, hello)

    def read_tls(self, who: Who, side: _Side, data: bytes) -> None:
        side.received += len(data)
        if side.records_read > limits.READ_RECORDS:
            self.said.cut |= not self.said.finished
            return
        if who == Who.SERVER:
            self.said.answer = (self.said.answer + data)[:64]
        for item in side.records.feed(data) if side.records else ():
            if isinstance(item, Malformed):
                side.not_tls = True
                self.said.not_tls.add(who)
            else:
                side.whole += item.size_bytes
                side.records_read += 1
                self.record(who, side, item)

    def record(self, who: Who, side: _Side, record: TlsRecord) -> None:
        if record.alert:
            self.said.alerts.append((who, record.alert))
        elif record.content_type == ContentType.change_cipher_spec:
            side.changed_cipher = True
        elif record.handshake_type in _HELLOS and _whole_message(record):
            if record.handshake_type is HandshakeType.server_hello:
                self.said.hello_version = record.legacy_record_version
            self.said.hello.add(who)  # also a second ClientHello, after a HelloRetryRequest
        elif side.finished_at is not None:
            return
        elif record.content_type == ContentType.application_data and who == Who.CLIENT:  # TLS 1.3
            side.finished_at, self.server.finished_at = side.whole, self.server.whole
            self.said.finished = record.length != _ENCRYPTED_ALERT_BYTES
        elif record.content_type == ContentType.handshake and side.changed_cipher:  # TLS 1.2
            side.finished_at = side.whole
            self.said.finished = None not in (self.client.finished_at, self.server.finished_at)


_END_OF_MAIL = re.compile(rb"^\.\r?\n", re.MULTILINE)
_HELLOS = (HandshakeType.client_hello, HandshakeType.server_hello)
_ENCRYPTED_ALERT_BYTES = 2 + 1 + 16  # RFC 8446 section 5.2: the alert, its true type, the tag


def _whole_message(record: TlsRecord) -> bool:
    """Whether a handshake record begins with a message whose length fits, so it is in clear."""
    return int.from_bytes(record.fragment[1:4], "big") + 4 <= record.length


def parse_conversation(events: Iterable[Event]) -> Conversation:
    """The conversation in these events, read as far as it goes; odd bytes are values, not errors."""
    reader = _Reader()
    for event in events:
        if event.data and event.what == What.BYTES:
            reader.crossed(event.who, event.data)
        elif event.data and event.what == What.INSIDE:
            reader.inside(event.who, event.data)
    for replies in reader.server.replies.values():
        if replies.malformed:
            reader.said.not_smtp = bytes(replies.rest)
    reader.said.bytes_read, reader.said.bytes_written = reader.server.count(), reader.client.count()
    return reader.said
