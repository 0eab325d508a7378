"""smtplab's own threads, by their names, and those that go on when they should have ended."""

import threading
import time

# A name look-up can't be cancelled, so its thread may outlive a deadline.
MAY_OUTLIVE = "smtplab-resolve"


def lab_threads() -> set[threading.Thread]:
    """smtplab's threads that run now."""
    return {t for t in threading.enumerate() if t.name.startswith("smtplab-") and t.name != MAY_OUTLIVE}


def left_over(before: set[threading.Thread], within_s: float = 4.0) -> list[str]:
    """The names of smtplab's threads that are not of `before` and still run after `within_s`: a second is promised,
    the rest is for a machine that does much else."""
    deadline = time.monotonic() + within_s
    for thread in lab_threads() - before:
        thread.join(max(0, deadline - time.monotonic()))
    return sorted(t.name for t in lab_threads() - before)
