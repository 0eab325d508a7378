"""The trainer's key to a round: what each ticket is, what proves it, and what it teaches."""

from __future__ import annotations

from .exercises import Said
from .mystery_draw import draw, seed_text


def mystery_key(seed: object, count: int = 6) -> Said:
    """The key as text. The tickets' ports differ from machine to machine; numbers and server names don't.

    Raises ValueError for a blank seed or a count that the pool hasn't got.
    """
    lines = [f"Key to round {seed_text(seed)!r}, {count} tickets. For the trainer alone."]
    for number, one in enumerate(draw(seed, count), 1):
        case, login = one.case, f", logs in as {' / '.join(one.login)}" if one.login else ", no login"
        causes = " or ".join(dict.fromkeys(map(str, (case.cause, *case.also))))
        also = f" (STARTTLS: the mode is {case.mode})" if case.options.get("starttls") else ""
        lines += ["", f"Ticket {number}: {causes}", f"  client       {one.client}, {case.mode}{login}",
                  f"  server       {case.kind}{also}, {one.hostname}", f"  proof        {case.proof}",
                  f"  who waited   {' or '.join(case.waited)}", f"  to teach     {case.teaches}"]
    return Said("\n".join(lines))
