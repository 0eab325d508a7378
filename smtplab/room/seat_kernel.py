"""A seat's kernel: shows the trainer's messages below the next cell that runs, and notes which lesson runs and when.

An extension of IPython, loaded by the seat's own profile. It never disturbs a cell: whatever fails here is left.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

from ..course import seat_notes


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython as the kernel starts."""
    seen = {number for number, _ in seat_notes.messages()}

    def before(*_args: object) -> None:
        with contextlib.suppress(Exception):
            seat_notes.note(lesson=os.path.basename(os.environ.get("JPY_SESSION_NAME", ""))[:100], moved=True)

    def after(*_args: object) -> None:
        with contextlib.suppress(Exception):
            for number, words in seat_notes.messages():
                if number not in seen:
                    seen.add(number)
                    print(f"\n[from the trainer] {words}")

    shell.events.register("pre_run_cell", before)
    shell.events.register("post_run_cell", after)
