"""Rules by the mode they give, and the case that no login happens: what the tables' rules are written with."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from .model import Mode, ModeRule, Outcome, When
from .standard import SUBMISSION, SUBMISSIONS, server_of

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
