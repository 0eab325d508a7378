"""How sure an answer is said to be: a row's weight, corrected by how often answers of that weight were right.

A weight is set when a row is written, and its author has seen texts that it fits. `tests/messages/reliability.py`
counts how often answers were right: over reports that no author had seen the strong weights held, and the middle ones
promised too much; over those that rows were tuned on they promised too little. `STATED` lies between. No text proves a
cause, and five-percent steps are all that can be said.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..causes import Cause

# (a row's weight, what is stated for it); between them in proportion.
STATED = ((0.0, 0.0), (0.3, 0.3), (0.5, 0.45), (0.6, 0.55), (0.7, 0.6), (0.8, 0.75), (0.85, 0.85), (0.9, 0.9),
          (0.93, 0.95), (1.0, 0.95))
STEP = 0.05
MANY = 4  # a row with so many causes fits them alike,
MANY_MOST = 0.5  # and states no more than this for the first
# Pairs of causes that libraries and servers report in the same words: a text that is no dialogue can't tell them apart,
# and of either no more is stated than this. Fitted on one set of reports the cap gained nothing on the other, since the
# first of a pair was right in all of one and in three quarters of the other; over both it is right this often.
ALIKE = (frozenset((Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, Cause.CERT_CHAIN_INCOMPLETE)),
         frozenset((Cause.AUTH_MECHANISM, Cause.AUTH_NEEDS_TLS)),
         frozenset((Cause.RELAY_OR_POLICY, Cause.AUTH_REQUIRED)))
ALIKE_MOST = 0.85


def worded_alike(causes: Sequence[Cause]) -> bool:
    """Whether the first two causes of a row are such a pair."""
    return frozenset(causes[:2]) in ALIKE


def stated(weight: float, causes: int = 1) -> float:
    """What to state for an answer whose deciding row has this weight and so many causes, in steps of `STEP`."""
    for (low, at_low), (high, at_high) in zip(STATED, STATED[1:], strict=False):
        if weight <= high:
            weight = at_low + (at_high - at_low) * max(0.0, weight - low) / (high - low)
            break
    return in_steps(min(weight, MANY_MOST) if causes >= MANY else weight)


def in_steps(likelihood: float) -> float:
    """A likelihood in steps of `STEP`, never nothing and never certain."""
    return round(min(max(round(likelihood / STEP), 1), round(1 / STEP) - 1) * STEP, 2)


def shared(first: float, weights: list[tuple[Cause, float]]) -> list[tuple[Cause, float]]:
    """What is stated for the causes behind the first, by their weights relative to each other: together they are no
    more than the first leaves, and one that would get nothing is left out. The next cause is always named."""
    left, total = 1 - first, sum(weight for _, weight in weights)
    # They take what is left only as far as their weights go: more than one answer may be missing.
    scale = min(1.0, left / total) if total else 0.0
    out: list[tuple[Cause, float]] = []
    for cause, weight in weights:
        share = min(in_steps(weight * scale), first)
        if out and (weight * scale < STEP / 2 or share > left + STEP / 10):
            break
        out.append((cause, share))
        left -= share
    return out
