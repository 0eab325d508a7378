"""Asking the tables of error texts: whether a row fits, and the likeliest cause."""

from smtplab.messages import ErrorRule, clean, explain
from smtplab.messages.context import context_of


def fits(rule: ErrorRule, text: str) -> bool:
    """Whether a row fits a text in the context that the row's own texts need."""
    return rule.found(context_of(clean(text), rule.port, rule.mode)) is not None


def first(text: str, **known) -> str:
    """The likeliest cause's name."""
    return explain(text, **known)[0].cause.value
