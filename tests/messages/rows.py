"""What every table of rows must keep: a row fits its own text and not its twin, and decides its text's cause."""

from smtplab.messages import Rule, clean, explain
from smtplab.messages.context import context_of


def fits(rule: Rule, text: str) -> bool:
    """Whether a row fits a text in the context that the row's own texts need."""
    return rule.found(context_of(clean(text), rule.port, rule.mode)) is not None


def assert_row(rule: Rule) -> None:
    """The row's two texts, and its explanation: a sentence, a stack or a source, a likelihood that leaves doubt."""
    assert fits(rule, rule.matches)
    assert not fits(rule, rule.spares)
    assert explain(rule.matches, port=rule.port, mode=rule.mode)[0].cause is rule.causes[0]
    assert rule.says.endswith(".")
    assert 0.3 <= rule.likely < 0.97
    assert len(set(rule.causes)) == len(rule.causes)


def first(text: str, **known) -> str:
    """The likeliest cause's name."""
    return explain(text, **known)[0].cause.value
