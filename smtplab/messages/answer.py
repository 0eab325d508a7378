"""The question itself: a text, and what may have caused it, most likely first."""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..address import port_number
from ..causes import Cause
from ..shown import Shown
from .clean import clean
from .context import Context, context_of
from .dialogue import FIRST_REFUSAL, SURE
from .error_rule import ErrorRule, Span
from .likelihood import ALIKE_MOST, shared, stated, worded_alike

SCHEMA = "smtplab.explanation/1"
TABLES = ("raw_bytes", "dialogue", "dumps", "tls_errors", "waiting", "replies", "starttls", "logins", "certificates",
          "network")
OF_SERVERS = range(10, FIRST_REFUSAL)  # ranks of rows about the server's own words
FADES = 0.35  # the weight of each further row that fits, relative to the one before
UNKNOWN = 0.3  # how often a text that no row knows is none of the known causes
# A cause that a client in that mode can't meet; kept as a row's first cause, since people misread their settings.
_CANT_BE: dict[str | None, Cause] = {
    "implicit": Cause.PLAINTEXT_TO_IMPLICIT, "starttls": Cause.IMPLICIT_TO_PLAINTEXT,
    "plain": Cause.IMPLICIT_TO_PLAINTEXT}
_CERTIFICATES = frozenset(cause for cause in Cause if cause.value.startswith("cert-"))
_LOGINS = frozenset((Cause.AUTH_REJECTED, Cause.AUTH_MECHANISM, Cause.AUTH_NEEDS_TLS, Cause.AUTH_REQUIRED))
_MAILS = frozenset((Cause.RELAY_OR_POLICY, Cause.TEMPORARILY_UNAVAILABLE))
MENTIONED = 0.4  # a sentence about an error ("we fixed the ...") says little about any connection


@dataclass(frozen=True)
class Explanation(Shown):
    """A cause that a text may have: how likely (0 to 1), why, what to do, and what evidence would settle it.

    `why` names the phrase that decided; `marks` are the places of such phrases in the cleaned text, as (start, end).
    """

    cause: Cause
    likelihood: float
    title: str
    why: str
    fixes: tuple[str, ...]
    evidence: tuple[str, ...]
    lesson: str = ""
    phrase: str = ""
    marks: tuple[tuple[int, int], ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The keys of one cause in the explain document."""
        return {"cause": self.cause.value, "likelihood": self.likelihood, "title": self.title, "why": self.why,
                "fixes": list(self.fixes), "evidence": list(self.evidence)}

    def to_json(self) -> str:
        """The explain document with this cause alone."""
        return to_json([self])


class Explanations(list[Explanation], Shown):
    """The causes that a text may have, most likely first; a list that prints as text, and goes to JSON."""

    def to_dict(self) -> dict[str, object]:
        """The explain document, as a dict."""
        return {"schema": SCHEMA, "causes": [one.to_dict() for one in self]}

    def to_json(self) -> str:
        """`to_dict` as text."""
        return json.dumps(self.to_dict(), indent=2)

    __str__ = Shown.__str__  # not the list's


@functools.cache
def rules() -> tuple[ErrorRule, ...]:
    """All rows, in the order in which they decide. The first call loads and compiles them."""
    modules = [importlib.import_module(f".{name}", __package__) for name in TABLES]
    return tuple(sorted((rule.ready() for module in modules for rule in module.RULES), key=lambda rule: rule.rank))


def explain(text: str, *, port: int | None = None, mode: str | None = None) -> Explanations:
    """The likely causes of an error text or a log, most likely first. Never empty, never an exception.

    `port` and `mode` add what the caller knows; `mode` is implicit, starttls or plain. A port that is not one and any
    other mode are ignored. The result quotes no secret of the text.
    """
    if port is not None:
        try:
            port = port_number(port)
        except ValueError:
            port = None
    return Explanations(causes_of(context_of(clean(str(text)), port, mode)))


def causes_of(context: Context) -> list[Explanation]:
    """The causes of a text in its context, most likely first; never empty."""
    fits = _fits(context)
    scores: dict[Cause, float] = {}
    first: dict[Cause, tuple[ErrorRule, str]] = {}
    marks: dict[Cause, list[tuple[int, int]]] = {}
    weight = 1.0
    for rule, span in fits:
        behind = max(len(rule.causes) - 1, 1)
        for i, cause in enumerate(rule.causes):
            if i and cause is _CANT_BE.get(context.mode):
                continue
            share = rule.likely if i == 0 else (1 - rule.likely) / behind
            scores[cause] = scores.get(cause, 0) + weight * share
            first.setdefault(cause, (rule, context.text[slice(*span)]))
            marks.setdefault(cause, []).append(span)
        weight *= FADES
    if not fits:
        return [_unknown(context)]
    sure = fits[0][0].likely * (MENTIONED if context.only_mentioned else 1)
    top = max(scores.values())
    # The row with the lowest rank decides, whatever the rows behind it add up to.
    decided = fits[0][0].causes[0]
    scores[decided] = top
    # The likeliest is as likely as the row that decided says; the others are in proportion.
    likely = stated(sure, len(fits[0][0].causes))
    if worded_alike(fits[0][0].causes) and not fits[0][0].place:  # a dialogue shows which of the two it is
        likely = min(likely, ALIKE_MOST)
    others = sorted(((cause, sure * score / top) for cause, score in scores.items() if cause is not decided),
                    key=lambda pair: -pair[1])
    return [_explanation(cause, p, *first[cause], tuple(marks[cause]), context)
            for cause, p in ((decided, likely), *shared(likely, others))]


def _fits(context: Context) -> list[tuple[ErrorRule, Span]]:
    """The rows that fit, and where, the one that decides first. In a dialogue the first refusal comes before all that
    the server and the client said after it: rows about a server's words look there first."""
    fits = [(rule, span) for rule in rules() if (span := rule.found(context))]
    refused = context.transcript.refused if context.transcript else None
    if not refused:
        return fits
    within = (max(0, refused[1][0] - 1), refused[1][1])
    first = [(rule, span) for rule in rules() if rule.rank in OF_SERVERS and (span := rule.found(context, within))]
    names = {rule.name for rule, _ in first}

    def turn(fit: tuple[ErrorRule, Span]) -> tuple[int, int]:
        rule = fit[0]
        return (0 if rule.rank <= SURE else 1 if rule.name in names or rule.rank == FIRST_REFUSAL else 2), rule.rank

    return sorted([*first, *(fit for fit in fits if fit[0].name not in names)], key=turn)


def _explanation(cause: Cause, likelihood: float, rule: ErrorRule, phrase: str, marks: tuple[tuple[int, int], ...],
                 context: Context) -> Explanation:
    phrase = " ".join(phrase.split()).strip(" ([{<:;,=\"'`") or phrase.strip()
    phrase = phrase if len(phrase) <= 120 else phrase[:117] + "..."
    why = f"The text says `{phrase}`. {rule.says if cause is rule.causes[0] else ''} {cause.text.why}"
    return Explanation(cause, likelihood, cause.text.title, " ".join(why.split()), cause.text.fixes,
                       _evidence(cause, context), cause.text.lesson, phrase, marks)


def _evidence(cause: Cause, context: Context) -> tuple[str, ...]:
    """What would settle it, with commands; where host and port are known, they can be run as they stand."""
    where = _where(context)
    starttls, at_once = f"openssl s_client -starttls smtp -connect {where}", f"openssl s_client -connect {where}"
    more: tuple[str, ...] = ()
    if cause is Cause.IMPLICIT_TO_PLAINTEXT:
        more = (starttls,)
    elif cause is Cause.PLAINTEXT_TO_IMPLICIT:
        more = (at_once,)
    elif cause in _CERTIFICATES or cause is Cause.TLS_VERSION_OR_CIPHER:
        more = (at_once if _tls_at_once(context) else starttls,)
    return (cause.text.evidence, _command(cause, context), *more)


def next_command(context: Context, found: Sequence[Explanation]) -> str:
    """The one command whose output would tell the likeliest causes apart, with the host and port of the text.

    What is unknown of host and port stays HOST and PORT; what only the reader has is in capital letters too.
    """
    causes = [one.cause for one in found if one.cause not in (Cause.OTHER, Cause.OK)]
    return _command(causes[0] if causes else Cause.OTHER, context)


def _command(cause: Cause, context: Context) -> str:
    """The command that settles a cause."""
    return command_for(cause, context.dialled, context.port, _tls_at_once(context))


def command_for(cause: Cause, host: str, port: int | None, at_once: bool) -> str:
    """The command that settles a cause; `at_once`: TLS begins with the first byte. "" and None are not known."""
    where = f"{host or 'HOST'}:{port or 'PORT'}"
    if cause is Cause.DNS:
        return f"getent ahosts {host or 'HOST'}"
    if cause is Cause.REFUSED:  # this port has answered already; do others?
        return f"smtplab probe {host or 'HOST'}"
    dial = f"smtplab handshake {where} --mode {'implicit' if at_once else 'starttls'}"
    if cause in _CERTIFICATES or cause in (Cause.TLS_VERSION_OR_CIPHER, Cause.HANDSHAKE_STALLED, Cause.MIDDLEBOX):
        return dial
    if cause is Cause.STARTTLS_REQUIRED and not at_once:  # what the port speaks is known: does it work in that mode?
        return dial
    if cause is Cause.AUTH_REJECTED:
        return f"{dial} --user USER --password-env PW"
    if cause in _LOGINS:  # the EHLO reply within TLS lists the ways to log in, which a probe doesn't see
        return dial
    if cause in _MAILS:
        return f"{dial} --mail-from SENDER --rcpt-to RECIPIENT"
    return f"smtplab probe {where}"


def _where(context: Context) -> str:
    return f"{context.dialled or 'HOST'}:{context.port or 'PORT'}"


def _tls_at_once(context: Context) -> bool:
    """Whether a command for this server begins with TLS: the port says so, or else the mode."""
    return context.implicit_port or (context.mode == "implicit" and not context.plaintext_port)


def _unknown(context: Context) -> Explanation:
    """The answer where no row fits."""
    what = "The text is empty." if not context.text.strip() else "Nothing in this text is known here."
    return Explanation(
        Cause.OTHER, UNKNOWN,
        title="Not known from this text",
        why=f"{what} That is no verdict: the words of a wrapper often hide the cause.",
        fixes=(
            "Give more of the text: the lines before it, the innermost exception, the server's reply with its number.",
            "Say what you know: --port and --mode (or the setting's own words).",
            "Let the port itself answer: smtplab probe HOST:PORT."),
        evidence=(
            "The client's own log with its dialogue turned on (debug output), and the server's log of the same minute.",
            f"smtplab probe {_where(context)}"),
        lesson=Cause.OTHER.text.lesson)


def to_json(found: Iterable[Explanation]) -> str:
    """The explain document: a JSON object with the causes, most likely first."""
    return Explanations(found).to_json()
