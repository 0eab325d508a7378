"""Machines and memory for a number of seats, computed from what was measured.

    python -m smtplab.room.sizing [SEATS]...

Measured: 30 seats on two processors that had other work too, each with a server and a kernel that had run lessons 01
and 03 at the same moment as all others. What a room of more machines needs is arithmetic on that, and was not run.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

PROCESSORS = 2  # of the machine that was measured
MEASURED_SEATS = 30
READY_S = 35.0  # the last of them, of two runs, when all began at once
LESSON_S = 46.0  # the same of the slower lesson, its kernel's start with it
SHARED_MIB = 182  # a seat on a machine that others share: what libraries have in common counts once
ALONE_MIB = 240  # a seat in a container of its own, with the kernel of the hungriest lesson
OTHER_MIB = 1024  # the system, the hub and its proxy
PATIENCE_S = 60  # how long a room waits at its beginning
SPARE = 1.25  # memory that is not planned for: browsers' uploads, terminals, programs that learners start
NODE_PROCESSORS, NODE_GIB = 8, 32  # a usual machine of a cloud
TABLE = (30, 300, 3000)


@dataclass(frozen=True)
class Plan:
    """What a number of seats needs. `machines` is 1 for a room that one machine carries."""

    seats: int
    gib: int
    processors: int
    machines: int
    gives_way: str


def plan(seats: int) -> Plan:
    """The plan for so many seats: all begin within a minute, and have what a lesson takes.

    Raises ValueError for fewer than one."""
    if seats < 1:
        raise ValueError("a room has a seat at least")
    processors = math.ceil(seats * READY_S * PROCESSORS / MEASURED_SEATS / PATIENCE_S)
    one = _gib(seats * SHARED_MIB)
    if processors <= 4 and one <= NODE_GIB:
        return Plan(seats, one, max(PROCESSORS, processors), 1,
                    "the processors, in the first minute: everybody starts at once")
    gib = _gib(seats * ALONE_MIB)
    machines = max(math.ceil(processors / NODE_PROCESSORS), math.ceil(gib / NODE_GIB))
    if seats < 1000:
        return Plan(seats, gib, processors, machines, "the first minute: machines that are not there yet, and an image "
                    "that they must pull; keep places warm")
    return Plan(seats, gib, processors, machines, "the hub: it is one process, and starts so many seats one batch "
                "after another; let people come over a quarter of an hour, or make several rooms")


def _gib(mib: float) -> int:
    return math.ceil((mib * SPARE + OTHER_MIB) / 1024)


def table(sizes: Sequence[int] = TABLE) -> str:
    """The plans as a table in Markdown."""
    rows = [(str(one.seats), str(one.machines), f"{one.processors:,}", f"{one.gib:,} GiB", one.gives_way)
            for one in map(plan, sizes)]
    head = ("seats", "machines", "processors", "memory", "gives way first")
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    print(table([int(word) for word in sys.argv[1:]] or TABLE))
