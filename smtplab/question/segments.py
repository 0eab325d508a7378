"""A paste told apart: which of its lines are prose, a log, a transcript, or settings.

A line is judged by its own form first. Then the lines of a block, which ends at an empty line or a fence, are made to
agree: a bracket, a comment or a key without a value is what surrounds it. What is known to be a setting is told by the
settings package, and overrules the form of a line unless that is plainly a log's or a dialogue's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from ..messages.patterns import LazyPattern, any_of

LOOKED_AT = 400  # characters of a line: what it is shows at its beginning


class Kind(StrEnum):
    """What a part of a paste is."""

    PROSE = "prose"
    LOG = "log"
    TRANSCRIPT = "transcript"
    SETTINGS = "settings"
    CAPTURE = "capture"


@dataclass(frozen=True)
class Segment:
    """Lines `first` to `last` (from 1) of a text, all of one kind; `name` is the file's, or ""."""

    kind: Kind
    first: int
    last: int
    name: str = ""

    def to_dict(self) -> dict[str, object]:
        """The keys of a segment in the diagnosis document."""
        return {"kind": self.kind.value, "first_line": self.first, "last_line": self.last, "name": self.name or None}


_VERBS = r"(?:EHLO|HELO|LHLO|STARTTLS|AUTH|MAIL FROM|RCPT TO|RSET|NOOP|QUIT|DATA)\b"
_SPEAKER = any_of(
    r"CLIENT ?->|SERVER ?->|(?:SERVER|CLIENT) ?(?:<-|->) ?(?:SERVER|CLIENT)",
    r"(?:S|C|Server|Client|send|reply|retcode|recv|sent|received|connect)(?=:)",
    r"(?:[<>~]{1,3}|<-|->|\*\*\*|===)(?= ?[\w*'\"])",
)
_TRANSCRIPT = LazyPattern(any_of(
    # a dialogue with its speakers, a timestamp before them or not
    rf"^.{{0,60}}?(?:^|[\s\]])(?:{_SPEAKER})[ :\[]{{0,4}}[b'\"\[]{{0,3}}(?:{_VERBS}|[2-5]\d\d[ \-)'\"]|[2-5]\d\d$)",
    # without
    r"^\s{0,4}(?:[2-5]\d\d-[A-Z0-9]|[2-5]\d\d \d\.\d\.\d|220 \S)",
    r"^\s{0,4}(?:EHLO|HELO) \S|^\s{0,4}(?:STARTTLS|QUIT|RSET|DATA)\s*$",
    r"^\s{0,4}(?:MAIL FROM|RCPT TO):|^\s{0,4}AUTH [A-Z]",
    # openssl s_client, telnet, curl -v, swaks, testssl
    r"^CONNECTED\([0-9a-f]{8}\)|^(?:Connected to|Escape character is|Trying \S+\.\.\.)",
    r"^(?:Secure Renegotiation IS|(?:Compression|Expansion): |No ALPN |Early data was|Verification(?: error)?: )",
    r"^(?:depth=\d|verify (?:error|return)|Verify return code|SSL handshake has read|No client certificate|---$)",
    r"^ {0,4}(?:\d s:| {0,3}i:)\S|^(?:SSL-Session|New, \(?[A-Z]|Server Temp Key|Peer signing|no peer certificate)",
    r"^\* (?!OK\b)\S|^[<>{}] \S|^(?:===|\*\*\*|<\*\*|<~|~>|<-|->| ->|<--|-->) {0,4}\S",
))
_LOG_BEGINS = LazyPattern(any_of(
    # a time at the beginning
    r"^\W{0,4}(?:\d{4}[-/]\d\d[-/]\d\d|\d\d[-/.]\d\d[-/.]\d{4}|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? |\d\d:\d\d:\d\d)",
    r"^\W{0,2}(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d",
    r"^[\w.-]{1,40} {1,6}\| .{0,40}(?:\d\d:\d\d|rror|WARN|xception|at )",  # docker compose logs
    # exceptions and stacks of each language
    r"^\s+File \"|^\s{2,}at [\w.$<]|^\s{0,12}(?:at|from) \S+[:(]\d|^#\d+ ",
    r"^\W{0,4}(?:[A-Za-z_$][\w$]*(?:\.|::|\\|/))*[A-Z]\w{0,60}(?:Error|Exception|Failure|Timeout|Refused)\b(?! ?=[^=])",
    r"^\s{0,8}(?:Uncaught |Unhandled |PHP |panic: |goroutine \d|Caused by|caused by|nested exception)",
    r"^curl: \(",
))
_LOG_HOLDS = LazyPattern(any_of(  # anywhere in a line
    r"Traceback \(most recent call last\)|\bErrno \d|\bERR_\w|\berrno[ =:]",
    r"\bE(?:TIMEDOUT|CONNREFUSED|CONNRESET|SOCKET|NOTFOUND|AUTH|TLS|PROTOCOL|ENVELOPE)\b",
    r"error:[0-9A-F]{6,8}:|\[SSL: |:error:|SSL_connect|SSL_accept|_ssl\.c:",
    r"postfix/\w|\bexim\[|dial tcp|SMTP (?:Error|ERROR|connect)|Connection (?:refused|timed|reset|closed)",
    r"[Ww][Rr][Oo][Nn][Gg][ _][Vv][Ee][Rr][Ss][Ii][Oo][Nn][ _][Nn][Uu]|[Gg]reeting never received"
    r"|[Ff]irst record does not look|[Uu]nrecognized (?:SSL|ssl) message",
))
# A log's line too, unless it is known to be a setting's.
_PERHAPS_LOG = LazyPattern(any_of(
    # levels
    r"^\W{0,3}(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|CRITICAL|TRACE|Fatal error|Warning)\b[\]:|)]",
    r"^\W{0,3}\[?(?:error|warn(?:ing)?|info|debug|fatal|err)\]?:? |level=\w+ |\[(?:error|ERROR|err|info|INFO|debug)\]",
    r"^\s{0,8}(?:error|Error):|0x[0-9a-f]{8}",
    # an exception's fields
    r"^\s{0,4}(?:code|errno|syscall|command|response|responseCode|reason|library|function|opensslErrorStack):? "
    r"(?:['\"]?(?:E[A-Z]{3,}|CONN|API|connect|SSL|-\d))",
    # programs, and what they say
    r"^\S{0,30}\b(?:curl|msmtp|swaks|mutt|ssmtp|sendmail|postfix|exim|dial|smtp|mail|SMTP|openssl)(?:\[\d+\])?: ",
    r"(?i:^\W{0,4}(?:could not|couldn't|cannot|can't|unable to|failed to) (?:connect|send|instantiate|authenticate))",
    r"^\s{0,4}[45]\d\d[ -]\S",
))
# Words of a program's own that are settings by their form, and a log's line has not.
_SETTING = LazyPattern(any_of(
    # key = value; key: value; key: and more below
    r"^\s{0,40}[-*]?\s{0,3}[\"'`]?[\w.$\[\]\"'>-]{1,80}[\"'`\]]{0,2}\s{0,20}(?:=>|:=|=(?!=)|\?=)\s{0,20}\S",
    r"^\s{0,40}[-*]?\s{0,3}[\"'`]?[\w.$-]{1,60}[\"'`]?\s{0,3}:\s{1,20}(?![A-Z]?[a-z']+(?: [a-z']+){3})\S",
    r"^\s{0,40}(?:-\s)?[\"'`]?[\w.$-]{1,60}[\"'`]?:\s{0,3}[\[{]?\s*$",
    r"^\s{0,12}(?:export|set|Environment=|ENV|env)\s{0,3}[\"']?[\w.]{2,60}=",
    r"^\s{0,40}[$\w.>:\-\[\]()]{1,80}\((?:.{0,200}\)[;,)}\]]{0,4}\s*$|\s{0,3}[{\[(\"']?\s*$)",  # a call
    r"^\s{0,40}[\])};,]{1,6}\s*$",
    r"^\s{0,12}(?:import|require|from|use|using|include|var|let|const|def|class|function|return|if|new|public|private"
    r"|services:|environment:|version:)\b.{0,120}[;{(:'\")]?\s*$",
    r"^\s{0,12}(?:#|//|;|<!--|\[[\w. -]{1,40}\]\s*$)",
    r"^\s{0,20}<[/\w][^>]{0,300}/?>",
    r"^\s{0,8}(?:host|port|tls|tls_starttls|tls_certcheck|tls_trust_file|auth|user|password|from|account|defaults"
    r"|logfile|timeout|passwordeval|server|driver|hosts_require_tls|protocol|domain)(?:\s{1,8}\S{1,80}){0,2}\s*$",
    r"^\s{0,4}\$? ?(?:curl|swaks|msmtp|git config|git send-email|openssl|postconf|sendemail|mutt|s-nail)\s.{0,20}-",
))
# A sentence: words in a row, with hardly a sign between.
_SENTENCE = LazyPattern(
    r"^\W{0,6}(?:[^\W\d_][\w'’]*[,;]?(?: \(?[\"'`*]{0,2}[\w'’./@-]{1,40}[\"'`*]{0,2}\)?[,;:.?!]{0,3}){4,})")
_WORDS = LazyPattern(r"^\S.{0,100}?[^\W\d_]{2,} [^\W\d_]{2,}")
_FENCE = LazyPattern(r"^\s{0,8}(?:```|~~~)")
_HEADING = LazyPattern(r"^#{1,6} \S|^\*\*[^*]{1,80}\*\*|^- \[[ x]\] ")  # Markdown's, outside a fence
_COMMENT = LazyPattern(r"^\s{0,40}(?:#|//|;|--|/?\*)")


@dataclass
class _Line:
    """A line's kind, and whether its own form is enough to say so."""

    kind: Kind | None
    sure: bool = False
    known: bool = False  # and nothing that is known of settings overrules it
    block: int = 0
    words: bool = False  # it may be a person's


def segments(text: str, settings: Collection[int] = (), name: str = "") -> tuple[Segment, ...]:
    """The parts of a paste, in order; empty lines and fences belong to none.

    `settings` are lines (from 1) that are known to be settings.
    """
    lines = _judged(text.split("\n"), frozenset(settings))
    found: list[Segment] = []
    for kind, group in groupby(enumerate(lines, 1), lambda pair: pair[1].kind):
        numbers = [number for number, _ in group]
        if kind is not None:
            found.append(Segment(kind, numbers[0], numbers[-1], name))
    return tuple(_joined(found, lines))


def only(text: str, chosen: Sequence[Segment]) -> str:
    """The text with all lines emptied but those of the chosen segments, so that each keeps its number."""
    kept = {number for one in chosen for number in range(one.first, one.last + 1)}
    return "\n".join(line if number in kept else "" for number, line in enumerate(text.split("\n"), 1))


def _joined(found: list[Segment], lines: list[_Line]) -> Iterator[Segment]:
    """Segments of the same kind, one behind the other with nothing but empty lines between, made one."""
    before: Segment | None = None
    for one in found:
        if before and before.kind is one.kind and all(
                lines[i].kind is None for i in range(before.last, one.first - 1)):
            before = Segment(one.kind, before.first, one.last, one.name)
            continue
        if before:
            yield before
        before = one
    if before:
        yield before


def _judged(texts: list[str], known: frozenset[int]) -> list[_Line]:
    lines, block, fenced = [], 0, False
    for text in texts:
        short = text[:LOOKED_AT].rstrip("\r")
        if _FENCE.match(short):
            block, fenced = block + 1, not fenced
            lines.append(_Line(None, block=block))
            block += 1
            continue
        if not short.strip():
            block += not fenced
            lines.append(_Line(None, block=block))
            continue
        line = _by_form(short, fenced)
        line.block = block
        lines.append(line)
    mine = [lines[number - 1] for number in sorted(known) if number <= len(lines)]
    # What a person says of a setting ("that's why SSL = true") is a setting only where nothing else is one.
    said = {id(line) for line in mine if line.kind is Kind.PROSE and line.sure}
    for line in mine:
        if not line.known and (id(line) not in said or len(said) == len(mine)):
            line.kind, line.sure = Kind.SETTINGS, True
    for _, group in groupby(lines, lambda line: line.block):
        _agree(list(group))
    return lines


def _by_form(text: str, fenced: bool) -> _Line:
    if _TRANSCRIPT.match(text):
        return _Line(Kind.TRANSCRIPT, sure=True, known=True)
    plainly = bool(_LOG_BEGINS.match(text) or _LOG_HOLDS.search(text))
    if plainly or _PERHAPS_LOG.search(text):
        # "it says wrong version number, and I don't know why" holds a log's words and is a person's.
        told = not fenced and _SENTENCE.match(text) and not re.match(r"\W{0,4}[\d\[]|\s", text)
        kind = Kind.PROSE if told and text.rstrip()[-1:] in ".?!" else Kind.LOG
        return _Line(kind, sure=not told, known=plainly)
    if not fenced and _HEADING.match(text):
        return _Line(Kind.PROSE, words=True)
    if _SENTENCE.match(text) and not fenced and not _COMMENT.match(text):
        return _Line(Kind.PROSE, sure=True)
    if _SETTING.match(text):
        return _Line(Kind.SETTINGS)
    return _Line(Kind.PROSE, words=not fenced and bool(_WORDS.match(text)))


def _agree(block: list[_Line]) -> None:
    """Let the lines of a block that could be anything be what the sure ones around them are."""
    told = [line for line in block if line.kind]
    if not told:
        return
    sure = [line for line in told if line.sure]
    if not sure:
        counts = {kind: sum(line.kind is kind for line in told) for kind in Kind}
        if counts[Kind.SETTINGS] * 2 >= len(told) and counts[Kind.SETTINGS]:
            for line in told:
                line.kind = Kind.SETTINGS
        return
    for line, before, after in zip(told, _nearest(told), reversed(_nearest(told[::-1])), strict=True):
        if line.sure:
            continue
        near = [kind for kind in (before, after) if kind]
        if line.kind is Kind.SETTINGS:
            # An object that is printed below an error belongs to it; so does what stands within a log.
            if Kind.SETTINGS not in near and set(near) <= {Kind.LOG, Kind.TRANSCRIPT}:
                line.kind = near[0]
        elif len(near) == 2 and near[0] is not Kind.PROSE or not line.words and Kind.PROSE not in near:
            line.kind = near[0]  # words before and behind what a program wrote are a person's


def _nearest(lines: Sequence[_Line]) -> list[Kind | None]:
    """For each line, the kind of the nearest sure line before it."""
    found: list[Kind | None] = []
    last: Kind | None = None
    for line in lines:
        found.append(last)
        if line.sure:
            last = line.kind
    return found
