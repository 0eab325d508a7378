"""What the tables are written with: conditions, rules by the mode they give, and the warnings that many share.

A framework's own keys, conditions and warnings stand in its table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from .keys import Numbers
from .model import Given, Mode, ModeRule, Note, Outcome, Unoffered, When, always
from .standard import SUBMISSION, SUBMISSIONS, server_of
from .values import Hidden

# --- conditions ---


def said_empty(g: Given, *names: str) -> bool:
    """Whether one of these keys is given with an empty value."""
    values = [g.values[n] for n in names if n in g.values]
    return any(not v.filled if isinstance(v, Hidden) else v in (None, "", False) for v in values)


def not_empty(*names: str) -> Callable[[Given], bool]:
    """The condition that none of these keys is given with an empty value; a login that is not shown is assumed."""
    return lambda g: not said_empty(g, *names)


def in_clear(g: Given) -> bool:
    """Whether the client may log in without TLS."""
    return g.mode in (Mode.PLAIN, Mode.OPPORTUNISTIC)


def over_tls(g: Given) -> bool:
    """Whether TLS may be used, and so a certificate seen."""
    return g.mode not in (Mode.PLAIN, Mode.ERROR)


def hangs(g: Given) -> bool:
    """Whether client and server each wait for the other."""
    return g.outcome is Outcome.HANG


def given(*names: str) -> When:
    """The condition that one of these keys is given."""
    return lambda g: g.has(*names)


def both(one: When, other: When) -> When:
    """The condition that both conditions hold."""
    return lambda g: one(g) and other(g)


def switched_on(name: str) -> When:
    """The condition that a key is given and on."""
    return lambda g: g.has(name) and g[name]


def password_first(method: str) -> bool:
    """Whether AUTH of this method holds the password; that of LOGIN and CRAM-MD5 holds the method's name alone.

    PLAIN (RFC 4616) and the tokens (RFC 7628) begin with the secret; LOGIN and CRAM-MD5 (RFC 2195) are asked first.
    """
    return method.lower().replace("_", "-") not in ("login", "cram-md5")


def sent_anyway(method: Callable[[Given], str]) -> Callable[[Given], Unoffered]:
    """What it comes to that AUTH of this method is begun even where it is not offered."""
    return lambda g: Unoffered.SENDS if password_first(method(g)) else Unoffered.FAILS


# --- rules ---

plain = partial(ModeRule, Mode.PLAIN)
opportunistic = partial(ModeRule, Mode.OPPORTUNISTIC)
required = partial(ModeRule, Mode.REQUIRED)
implicit = partial(ModeRule, Mode.IMPLICIT)
error = partial(ModeRule, Mode.ERROR)


def if_login_fails(rules: tuple[ModeRule, ...], logs_in: When, outcome: Outcome = Outcome.AUTH_MISSING, adds: str = ""
                   ) -> tuple[ModeRule, ...]:
    """The rules, each rule for TLS preceded by its twin for settings that do not log in (`logs_in` is false).

    The twin has the same mode with this `outcome`, on the port whose server wants a login; `adds` goes to its reason.
    """
    def twin(rule: ModeRule) -> ModeRule:
        due = SUBMISSIONS if rule.mode is Mode.IMPLICIT else SUBMISSION
        return replace(rule, because=rule.because + adds, outcome=outcome,
                       when=lambda g: server_of(g.port, rule.mode) == due and not logs_in(g) and rule.when(g))
    return tuple(r for rule in rules for r in (
        (twin(rule), rule) if rule.outcome is None and rule.mode not in (Mode.PLAIN, Mode.ERROR) else (rule,)))


# --- warnings, each written once; a table adds its setting, condition and source ---

_UNCHECKED = "the server's certificate is not checked"
_IN_CLEAR = "the password crosses in clear on a server that offers AUTH without TLS"


def no_certificate_check(setting: str, when: When = always, source: str = "live", says: str = _UNCHECKED,
                         since: Numbers = (), before: Numbers = ()) -> Note:
    """TLS is used, and `when` holds: the certificate, or some part of it, is not checked."""
    return Note("no-certificate-check", setting, says, lambda g: over_tls(g) and when(g), source, since, before)


def password_in_clear(setting: str, when: When = always, source: str = "live", says: str = _IN_CLEAR,
                      since: Numbers = (), before: Numbers = ()) -> Note:
    """TLS is never used, and `when` (the client logs in) holds: the password can be read on the way."""
    return Note("password-in-clear", setting, says, lambda g: g.mode is Mode.PLAIN and when(g), source, since, before)


def mail_in_clear(setting: str, logs_in: When, source: str) -> Note:
    """Nothing logs in and TLS is optional, so nothing insists on TLS."""
    return Note("mail-in-clear", setting, "with no login there is nothing that asks for TLS: where STARTTLS is missing"
                " the mail goes in clear", lambda g: g.mode is Mode.OPPORTUNISTIC and not logs_in(g), source)


def auth_incomplete(setting: str, says: str, logs_in: When, source: str = "live") -> Note:
    """The client never logs in, and servers on 587 and 465 want a login."""
    return Note("auth-incomplete", setting, says, lambda g: not logs_in(g), source)
