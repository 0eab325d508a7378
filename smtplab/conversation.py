"""Two streams of bytes read as one conversation: SMTP dialogue, TLS records, and s_client's count.

`parse_conversation` takes a trace's events and needs nothing else, whoever recorded them. It follows both
directions in the order they were seen. The client's direction turns to TLS where a line would begin and a
record header stands instead (no command begins with byte 0x16). What the server sent after its last reply
and before TLS is *injected*; it counts as neither SMTP nor TLS.

The count is `openssl s_client`'s "SSL handshake has read N bytes and written M bytes", measured
record by record: all bytes since the connection was made, up to each side's Finished. In TLS 1.3
the client's Finished is its first encrypted record, and tickets come after it; in TLS 1.2 a
Finished is the record after ChangeCipherSpec. If the answer is not TLS, s_client has read one header, five bytes.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from . import limits
from .events import ENDS, Event, Failure, Mode, Stage, What, Who
from .records import HEADER_BYTES, Alert, ContentType, HandshakeType, Malformed, RecordReader, TlsRecord
from .smtp import Command, Reply, ReplyReader, ehlo_keywords, offers, read_command

_STAGES = {"EHLO": Stage.EHLO, "HELO": Stage.EHLO, "STARTTLS": Stage.STARTTLS, "AUTH": Stage.AUTH, "MAIL": Stage.MAIL,
           "RCPT": Stage.MAIL, "DATA": Stage.MAIL, "BDAT": Stage.MAIL, "QUIT": Stage.QUIT}
_BEGINNING_BYTES = 64  # kept of `first` and `answer`: enough to judge and to quote
_END_OF_MAIL = re.compile(rb"^\.\r?\n", re.MULTILINE)
_HELLOS = (HandshakeType.client_hello, HandshakeType.server_hello)
_ENCRYPTED_ALERTS = (2 + 1 + 16, 2 + 16 + 1 + 16)  # RFC 8446 section 5.2: alert, Java's zeros, true type, tag


@dataclass(frozen=True)
class Step:
    """A command and the server's final reply to it, None until it comes. `inside`: within TLS. `answers`: how many
    lines followed an AUTH."""

    verb: str
    argument: str
    inside: bool
    reply: Reply | None = None
    answers: int = 0

    @property
    def stage(self) -> Stage | None:
        """The stage that the command belongs to; None for one such as NOOP."""
        return _STAGES.get(self.verb)


@dataclass
class Conversation:
    """What both sides said so far. Sizes are in bytes."""

    # The beginning of what each side sent, TLS or text; `Trace.first_bytes` are five bytes of it.
    first: dict[Who, bytes] = field(default_factory=lambda: {Who.CLIENT: b"", Who.SERVER: b""})
    greeting: Reply | None = None
    steps: list[Step] = field(default_factory=list)
    keywords: tuple[str, ...] = ()  # of the newest EHLO reply
    keywords_before_tls: tuple[str, ...] = ()
    not_smtp: bytes = b""  # what the server sent where a reply was due
    injected: bytes = b""  # what the server sent after its last reply, before TLS began
    pipelined: bytes = b""  # what the client sent in clear after STARTTLS, before TLS began
    tls_after: str | None = None  # "connect" or "starttls": where the client began TLS
    hello: set[Who] = field(default_factory=set)  # who sent its ClientHello or ServerHello
    hello_version: int | None = None  # legacy_record_version of the ServerHello: below 0x0303 is old TLS
    alerts: list[tuple[Who, Alert]] = field(default_factory=list)  # those in clear
    answer: bytes = b""  # the server's first bytes after the client began TLS
    not_tls: set[Who] = field(default_factory=set)  # who sent something else where a record was due
    finished: bool = False  # the TLS handshake succeeded
    unsaid: bool = False  # the client's part of the handshake is done, and it has said nothing within TLS but alerts
    ended: Who | None = None  # who ended the connection first, if TLS had begun
    unsaid_s: float = 0.0  # between the client's part of the handshake and that end
    s_client_read: int = 0  # always the client's; `Trace.bytes_read` is of the side that the trace is seen from
    s_client_written: int = 0
    cut: bool = False  # it was longer than `limits` allows; the rest was not read

    @property
    def mode(self) -> Mode | None:
        """The mode that the client has shown so far, never opportunistic: that it would go on can't be seen."""
        verbs = {step.verb for step in self.steps}
        if self.tls_after == "connect":
            return Mode.IMPLICIT
        return Mode.STARTTLS if "STARTTLS" in verbs else Mode.PLAIN if verbs & {"EHLO", "HELO"} else None

    @property
    def offered_starttls(self) -> bool:
        """Whether the EHLO reply in clear listed STARTTLS."""
        return offers(self.keywords_before_tls, "STARTTLS")

    @property
    def client_left(self) -> bool:
        """Whether the client ended it as soon as it had seen the server's handshake, without a word or by an alert."""
        return self.unsaid and self.ended is not None and (self.ended == Who.CLIENT or not self.finished)

    def shows_outcome(self, failure: Failure | None) -> bool:
        """Whether somebody between the peers can tell from the bytes if the client succeeded.

        A mail that was accepted tells, also without a QUIT (Nodemailer leaves so), and so does a QUIT after a login or
        a sender. A QUIT after EHLO alone, or after a refused STARTTLS, leaves open whether the client had what it
        wanted or gave up."""
        verbs = [step.verb for step in self.steps]
        if failure:
            return failure.stage != Stage.STARTTLS or not self.offered_starttls or verbs[-1] != "QUIT"
        accepted = {step.verb for step in self.steps if step.reply and step.reply.reply_code < 400}
        return bool(accepted & {"DATA", "BDAT"} or ("QUIT" in verbs and accepted & {"AUTH", "MAIL"}))


class _Side:
    """One direction: text not yet understood, then TLS records."""

    def __init__(self) -> None:
        self.text = {False: bytearray(), True: bytearray()}  # outside and inside TLS
        self.replies = {False: ReplyReader(), True: ReplyReader()}
        self.unpaired: deque[Reply] = deque()  # replies to no command seen yet; it may still come
        self.all_text = bytearray()  # outside TLS, from the start
        self.records: RecordReader | None = None
        self.received = 0  # bytes since the direction turned to TLS
        self.whole = 0  # of these, in whole records
        self.changed_cipher = False
        self.finished_at: int | None = None  # value of `whole` after the Finished
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
        self.conversation, self.client, self.server = Conversation(), _Side(), _Side()
        self.sides = {Who.CLIENT: self.client, Who.SERVER: self.server}
        self.pending: deque[int] = deque()  # steps without a reply yet
        self.answered = 0  # bytes of the server's greeting and of its replies to commands
        self.in_content = False  # client lines are mail content (after 354) or AUTH answers (after 334)
        self.after_starttls = bytearray()  # what the client sent in clear since its STARTTLS

    def crossed(self, who: Who, data: bytes) -> None:
        """Read bytes that crossed the wire."""
        side = self.sides[who]
        self.conversation.first[who] = (self.conversation.first[who] + data)[:_BEGINNING_BYTES]
        if side.records is not None:
            self.read_tls(who, side, data)
        else:
            side.all_text += data
            self.read_text(who, side, data, inside=False)

    def over_limit(self, side: _Side) -> bool:
        """Whether no more lines of this direction are read; if so, the conversation is marked as cut."""
        over = side.lines > limits.READ_LINES
        self.conversation.cut |= over
        return over

    def read_text(self, who: Who, side: _Side, data: bytes, inside: bool) -> None:
        if self.over_limit(side):
            return
        if who == Who.SERVER:
            side.lines += data.count(b"\n")
            side.unpaired += [item for item in side.replies[inside].feed(data) if isinstance(item, Reply)]
            self.pair(inside)
        else:
            unfinished = bool(side.text[inside]) and b"\n" not in data  # it only makes a begun line longer
            side.text[inside] += data
            if not unfinished:
                self.read_commands(side, side.text[inside], inside)

    def read_commands(self, side: _Side, client: bytearray, inside: bool) -> None:
        while client and not self.over_limit(side):
            if self.in_content and self.conversation.steps[-1].verb == "DATA":
                self.skip_content(client)
                if self.in_content or not client:
                    return
            if client[0] == 0x16 and not inside and not self.in_content:
                self.turn_to_tls()
                return
            if not isinstance(command := read_command(client), Command):
                break
            if self.after_starttls or self.starttls_pending():
                self.after_starttls += client[:command.size_bytes]
            del client[:command.size_bytes]
            side.lines += 1
            self.command(command, inside)
            self.pair(inside)

    def starttls_pending(self) -> bool:
        """Whether the client's last command is a STARTTLS that the server has not refused."""
        last = self.conversation.steps[-1] if self.conversation.steps and self.client.records is None else None
        return last is not None and last.verb == "STARTTLS" and (last.reply is None or last.reply.reply_code == 220)

    def pair(self, inside: bool) -> None:
        """Match the server's replies with the greeting and with commands, in order."""
        while self.server.unpaired and (self.conversation.greeting is None or self.pending):
            reply = self.server.unpaired.popleft()
            self.answered += reply.size_bytes
            self.reply(reply, inside)

    def skip_content(self, client: bytearray) -> None:
        """Drop the mail's complete lines, and the dot that ends it (RFC 5321 section 4.1.1.4)."""
        end = _END_OF_MAIL.search(client)
        self.in_content = end is None
        del client[:end.end() if end else client.rfind(b"\n") + 1]
        if self.in_content:
            del client[4:]  # enough of an incomplete line to tell it from the dot

    def command(self, command: Command, inside: bool) -> None:
        if self.in_content:  # a line of a login
            self.in_content, steps = False, self.conversation.steps
            steps[-1] = replace(steps[-1], answers=steps[-1].answers + (command.verb != "*"))  # * ends it (RFC 4954)
        else:
            self.pending.append(len(self.conversation.steps))
            self.conversation.steps.append(Step(command.verb, command.argument, inside))

    def reply(self, reply: Reply, inside: bool) -> None:
        if self.conversation.greeting is None:
            self.conversation.greeting = reply
            return
        self.in_content = reply.reply_code in (334, 354)
        if self.in_content:
            return
        index = self.pending.popleft()
        step = self.conversation.steps[index] = replace(self.conversation.steps[index], reply=reply)
        if step.verb == "STARTTLS" and reply.reply_code != 220:
            self.after_starttls.clear()
        if step.verb == "EHLO" and reply.reply_code == 250:
            self.conversation.keywords = ehlo_keywords(reply)
            if not inside:
                self.conversation.keywords_before_tls = self.conversation.keywords

    def turn_to_tls(self) -> None:
        client, server, conversation = self.client, self.server, self.conversation
        conversation.keywords = ()  # RFC 3207 section 4.2: what was learned before is forgotten
        hello, answer = bytes(client.text[False]), b""
        del client.all_text[len(client.all_text) - len(hello):]
        if self.after_starttls:
            # A server discards them (RFC 3207 section 4.2), so they get no reply and are no steps.
            conversation.pipelined = bytes(self.after_starttls)
            while conversation.steps[-1].verb != "STARTTLS":
                conversation.steps.pop()
            while self.pending and self.pending[-1] >= len(conversation.steps):
                self.pending.pop()
        if conversation.steps:
            conversation.tls_after, conversation.injected = "starttls", bytes(server.all_text[self.answered:])
            if conversation.greeting and not self.pending:  # injected bytes are not a malformed reply
                server.replies[False] = ReplyReader()
        else:
            # A greeting that crossed the ClientHello is read by the client as the answer to it.
            conversation.tls_after, conversation.greeting = "connect", None
            answer = bytes(server.all_text)
            server.all_text.clear()
            server.replies[False] = ReplyReader()
        server.unpaired.clear()
        client.records, server.records = RecordReader(), RecordReader()
        if answer:
            self.read_tls(Who.SERVER, server, answer)
        self.read_tls(Who.CLIENT, client, hello)

    def read_tls(self, who: Who, side: _Side, data: bytes) -> None:
        side.received += len(data)
        if side.records_read > limits.READ_RECORDS:
            self.conversation.cut |= not self.conversation.finished
            return
        if who == Who.SERVER:
            self.conversation.answer = (self.conversation.answer + data)[:_BEGINNING_BYTES]
        for item in side.records.feed(data) if side.records else ():
            if isinstance(item, Malformed):
                side.not_tls = True
                self.conversation.not_tls.add(who)
            else:
                side.whole += item.size_bytes
                side.records_read += 1
                self.record(who, side, item)

    def record(self, who: Who, side: _Side, record: TlsRecord) -> None:
        if record.alert:
            self.conversation.alerts.append((who, record.alert))
        elif record.content_type == ContentType.change_cipher_spec:
            side.changed_cipher = True
        elif record.handshake_type in _HELLOS and int.from_bytes(record.fragment[1:4], "big") + 4 <= record.length:
            # The message's own length fits into the record, so it is in clear.
            if record.handshake_type is HandshakeType.server_hello:
                self.conversation.hello_version = record.legacy_record_version
            self.conversation.hello.add(who)  # also a second ClientHello, after a HelloRetryRequest
        elif record.content_type == ContentType.application_data and who == Who.CLIENT:
            if side.finished_at is None:  # TLS 1.3
                side.finished_at, self.server.finished_at = side.whole, self.server.whole
                self.conversation.finished = record.length not in _ENCRYPTED_ALERTS
                self.conversation.unsaid = True
            elif record.length != _ENCRYPTED_ALERTS[0]:  # no command is as short, in TLS 1.2 neither
                self.conversation.unsaid = False
            else:  # its goodbye, also where the server closes before the client has
                self.conversation.ended = self.conversation.ended or who
        elif record.content_type == ContentType.handshake and side.changed_cipher and side.finished_at is None:  # 1.2
            side.finished_at = side.whole
            self.conversation.unsaid = self.conversation.finished = None not in (
                self.client.finished_at, self.server.finished_at)


def parse_conversation(events: Iterable[Event]) -> Conversation:
    """Read the conversation in these events, as far as it goes. Raises nothing: odd bytes become values."""
    reader, agreed_s = _Reader(), 0.0
    for event in events:
        unsaid, ended = reader.conversation.unsaid, reader.conversation.ended
        if event.data and event.what == What.BYTES:
            reader.crossed(event.who, event.data)
            agreed_s = event.at_s if reader.conversation.unsaid > unsaid else agreed_s
        elif event.data and event.what == What.INSIDE:
            reader.read_text(event.who, reader.sides[event.who], event.data, inside=True)
        elif event.what in ENDS and reader.conversation.tls_after:
            reader.conversation.ended = ended or event.who
        if reader.conversation.ended != ended:
            reader.conversation.unsaid_s = event.at_s - agreed_s
    for replies in reader.server.replies.values():
        if replies.malformed:
            reader.conversation.not_smtp = bytes(replies.rest)
    conversation = reader.conversation
    conversation.s_client_read, conversation.s_client_written = reader.server.count(), reader.client.count()
    return conversation
