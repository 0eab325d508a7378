"""The dialogue that a log holds: who said what, in order, whatever marks the program puts before its lines.

A line's speaker is told by what stands in it: a server's begins with a reply code, a client's with a command. Marks
(`<-`, `S:`, `SERVER -> CLIENT:`) say only where the words begin; without them, as in a terminal, or with those of plain
English (`Got:`) there must be words of both sides. `transcript_of` pairs replies with commands in order, and knows what
failed first: what is refused later is mostly a consequence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..causes import Cause
from ..conversation import Step
from ..diagnosis import cause_of_reply
from ..events import Stage
from ..smtp import VERBS, Reply, ehlo_keywords, offers
from .patterns import LazyPattern, any_of, group

Span = tuple[int, int]
# Where the words of a line begin; what stands before may be a time, a level, the name of a connection.
_LINE = LazyPattern(r"^[ \t]*(?:(?P<mark>" + any_of(
    r"[^\n]{0,90}?" + group(
        r"(?:SERVER -> CLIENT|CLIENT -> SERVER|SMTP -> FROM SERVER): ?",  # PHPMailer
        r"(?:<--|-->) ",  # msmtp
        r"\b[SC]: ",  # nodemailer, MailKit
        r"\bC (?:-->|<--) S: ",  # go-mail
        r"Net::SMTP[^\s<>]{0,40}(?:<<<|>>>) ",  # Perl
        r"SMTP(?:<<|>>) ",  # Exim
        r"\[(?:<-|->)\] ",  # sSMTP
        r"\b(?:send: |reply: b)['\"]",  # smtplib
        r"(?:->|<-) \"",  # Net::SMTP of Ruby
    ),
    r"<[-*~][-*~ ]{1,2} ?|[-~*]> ",  # swaks
    r"(?:\[[^\]\n]{1,40}\] )?[<>]{1,2} ",  # curl, Symfony, lettre
) + r")|[^\n]{0,60}?\b(?:got|sent|sending|received|recv|client|server): {1,8}(?=\S))?(?P<words>[^\n]{1,600})$",
    re.MULTILINE | re.IGNORECASE)
_SERVER = LazyPattern(r"([2-5]\d\d)(?:([ -])(.*))?$")
_CLIENT = LazyPattern(r"(?:" + "|".join(sorted(VERBS)) + r")(?=\s|$|:)", re.IGNORECASE)
_OTHER_SERVICE = LazyPattern(r"\* (?:OK|BYE|PREAUTH)\b|\+OK\b|-ERR\b|SSH-\d|HTTP/\d|<(?:!DOCTYPE|html)", re.IGNORECASE)
_ESCAPED_END = LazyPattern(r"(?:(?:\\r)?\\n['\"]|['\"])?\s{0,9}$")
# A program's words for its TLS: that it begins, and that it was agreed on.
_TLS_BEGINS = LazyPattern(any_of(
    r"TLS handshake, Client hello",  # curl
    r"opening to (?:ssl|tls)://",  # PHPMailer
    r"^=== TLS started",  # swaks
    r"^\*\*\* TLS startup failed",
    r"^TLS connection started",  # Ruby
    r"^TLS session parameters",  # msmtp
    r"\bisSSL true",  # JavaMail
), re.IGNORECASE | re.MULTILINE)
_CONNECTED = LazyPattern(any_of(
    r"^\* Connected to ",  # curl
    r"^=== Connected to ",  # swaks
    r"\tConnection: opened",  # PHPMailer
    r"\] Connection established to ",  # nodemailer
    r"^Connection opened: ",  # Ruby
    r"^CONNECTED\(\w{1,16}\)(?![\s\S]{0,4000}^---)",  # s_client, and nothing more
    r"^Escape character is ",  # telnet
), re.IGNORECASE | re.MULTILINE)
_TLS_AGREED = LazyPattern(
    r"SSL connection using|^=== TLS started with cipher|^TLS session parameters|TLS handshake, Finished",
    re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Transcript:
    """A log's dialogue: the greeting, and commands with their replies.

    `places` are where each reply stands in the text, that of the greeting under -1 and the others by their step.
    `tls_after` is "connect" or "starttls" where the log shows that TLS began, `tls_agreed` that it was agreed on too.
    `other_service` is where words stand that no SMTP server greets with.
    """

    greeting: Reply | None
    steps: tuple[Step, ...]
    places: dict[int, Span]
    tls_after: str | None
    tls_agreed: bool
    other_service: Span | None
    connected: Span | None  # where the log says that the connection was made

    @property
    def silent(self) -> bool:
        """Whether the connection was made, no TLS began, and not a word came from the server."""
        return bool(self.connected and not self.tls_after and not self.greeting and not self.places
                    and not self.other_service)

    @property
    def mode(self) -> str | None:
        """implicit, starttls or plain, as far as the client has shown it. Not every program logs that TLS began: a mail
        without STARTTLS was in clear only if the server had offered it, which none does inside TLS."""
        verbs = {step.verb for step in self.steps}
        if self.tls_after == "connect":
            return "implicit"
        if "STARTTLS" in verbs:
            return "starttls"
        return "plain" if verbs & {"MAIL", "AUTH"} and offers(self.keywords or (), "STARTTLS") else None

    @property
    def keywords(self) -> tuple[str, ...] | None:
        """What the newest EHLO reply lists; None if the log shows none."""
        return next((ehlo_keywords(step.reply) for step in reversed(self.steps)
                     if step.verb == "EHLO" and step.reply and step.reply.reply_code == 250), None)

    @property
    def last(self) -> Step | None:
        """The last command, or None."""
        return self.steps[-1] if self.steps else None

    @property
    def upgrade_pending(self) -> bool:
        """Whether STARTTLS was accepted and nothing was said since."""
        last = self.last
        return bool(last and last.verb == "STARTTLS" and last.reply and last.reply.reply_code == 220)

    @property
    def refused(self) -> tuple[Cause, Span] | None:
        """The first thing that was refused and that the client didn't get by another way: its cause, and where."""
        if self.greeting and self.greeting.reply_code >= 400:
            return _cause(Stage.GREETING, self.greeting, False, None), self.places[-1]
        for i, step in enumerate(self.steps):
            if not step.reply or step.reply.reply_code < 400 or not step.stage or self._overcome(i, step):
                continue
            if step.verb == "STARTTLS" and self.without("STARTTLS", i):
                return Cause.STARTTLS_NOT_OFFERED, self.places[i]
            listed = self._listed(i)
            if step.verb == "AUTH" and not step.inside and listed and self.without("AUTH", i) and (
                    offers(listed, "STARTTLS")):
                return Cause.AUTH_NEEDS_TLS, self.places[i]
            return _cause(step.stage, step.reply, step.inside, listed), self.places[i]
        return None

    @property
    def went_well(self) -> bool:
        """Whether a mail was accepted, its content included."""
        return any(step.verb in ("DATA", "BDAT") and step.reply and step.reply.reply_code == 250 for step in self.steps)

    def without(self, keyword: str, before: int | None = None) -> bool:
        """Whether the EHLO reply in force, at the end or before a step, is shown and doesn't list a keyword."""
        listed = self._listed(len(self.steps) if before is None else before)
        return listed is not None and not offers(listed, keyword)

    def _listed(self, before: int) -> tuple[str, ...] | None:
        return replace(self, steps=self.steps[:before]).keywords

    def _overcome(self, i: int, step: Step) -> bool:
        """Whether a later command of the same stage, or a mail, was accepted after a refusal."""
        later = [s for s in self.steps[i + 1:] if s.reply and s.reply.reply_code < 400]
        ways = {Stage.EHLO: ("EHLO", "HELO"), Stage.AUTH: ("AUTH",), Stage.STARTTLS: ("MAIL", "AUTH")}
        return any(s.verb in ways.get(step.stage, ()) for s in later) if step.stage else True


def _cause(stage: str, reply: Reply, inside: bool, listed: tuple[str, ...] | None) -> Cause:
    return cause_of_reply(stage, reply.reply_code, reply.text, encrypted=inside,
                          starttls_offered=offers(listed or (), "STARTTLS"))


class _Pairing:
    """Replies matched with commands, as they come."""

    def __init__(self, inside: bool) -> None:
        self.greeting: Reply | None = None
        self.steps: list[Step] = []
        self.places: dict[int, Span] = {}
        self.waiting: list[int] = []  # steps without a reply
        self.inside = inside
        self.lines: list[str] = []  # of a reply that goes on
        self.code, self.start, self.end = 0, 0, 0

    def command(self, words: str) -> None:
        self.finish()
        verb, _, argument = words.partition(" ")
        self.waiting.append(len(self.steps))
        self.steps.append(Step(verb.upper().rstrip(":"), argument.strip(), self.inside))

    def line(self, code: int, goes_on: bool, words: str, place: Span) -> None:
        if self.lines and code != self.code:
            self.finish()
        if not self.lines:
            self.code, self.start = code, place[0]
        self.lines.append(words)
        self.end = place[1]
        if not goes_on:
            self.finish()

    def finish(self) -> None:
        """The reply is whole: it belongs to the oldest command that waits, or is the greeting."""
        if not self.lines:
            return
        reply, place = Reply(self.code, tuple(self.lines), 0), (self.start, self.end)
        self.lines = []
        if self.waiting:
            if self.code not in (334, 354):
                i = self.waiting.pop(0)
                self.steps[i], self.places[i] = replace(self.steps[i], reply=reply), place
                if self.steps[i].verb == "STARTTLS" and self.code == 220:
                    self.inside = True
        elif self.code == 250 and len(reply.lines) > 1:  # an EHLO reply, its command left out
            self.places[len(self.steps)] = place
            self.steps.append(Step("EHLO", "", self.inside, replace(reply, lines=("", *reply.lines))))
        elif not self.steps and self.greeting is None:
            self.greeting, self.places[-1] = reply, place


def transcript_of(text: str) -> Transcript | None:
    """The dialogue that a cleaned text holds, or None: a single reply, or lines of one side without marks, are none."""
    lines = []
    for m in _LINE.finditer(text):
        words = m["words"]
        if m["mark"]:
            words = _ESCAPED_END.sub("", words)
        place = (m.start("words"), m.start("words") + len(words))
        if _SERVER.match(words) or _CLIENT.match(words) or _OTHER_SERVICE.match(words):
            lines.append((words, place, m["mark"] or ""))
    if any(mark for _, _, mark in lines):  # without one stand the further lines of a reply, and settings
        lines = [line for line in lines if line[2] or _SERVER.match(line[0])]
    else:
        heard = {bool(_CLIENT.match(words)) for words, _, _ in lines}
        if len(heard) < 2:
            lines = []
    begins = _TLS_BEGINS.search(text)
    at_once = begins is not None and (not lines or begins.start() < lines[0][1][0])
    connected = _CONNECTED.search(text)
    if not lines and not begins and not connected:
        return None
    pairing, other = _Pairing(at_once), None
    for words, place, _ in lines:
        if found := _SERVER.match(words):
            pairing.line(int(found[1]), found[2] == "-", found[3] or "", place)
        elif _CLIENT.match(words):
            pairing.command(words)
        elif other is None and pairing.greeting is None:
            other = place
    pairing.finish()
    upgraded = any(s.verb == "STARTTLS" and s.reply and s.reply.reply_code == 220 for s in pairing.steps)
    agreed = bool(_TLS_AGREED.search(text)) or (upgraded and pairing.steps[-1].verb != "STARTTLS"
                                                and pairing.steps[-1].verb != "QUIT")
    return Transcript(pairing.greeting, tuple(pairing.steps), pairing.places,
                      "connect" if at_once else "starttls" if upgraded else None, agreed, other,
                      connected.span() if connected else None)
