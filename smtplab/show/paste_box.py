"""A text box for what people paste: what looks like a secret is taken out of it, and it keeps nothing once closed.

A box's text is part of the page's state, which "save widget state" writes into the notebook. So a secret must not
stay in the box itself; what is shown beside it never holds one anyway.
"""

from __future__ import annotations

import os
import threading

import ipywidgets

from ..messages.redact import without_secrets

PASTED = 8  # so many characters at once have been pasted; fewer are typed
IDLE_S = 2.0  # somebody who types a secret is not disturbed for so long


class PasteBox(ipywidgets.Textarea):
    """A `Textarea` in which `(secret)` takes the place of each secret: at once where it is pasted or put there by the
    program, else once nothing has been typed for a while."""

    def __init__(self, **options: object) -> None:
        self._timer: threading.Timer | None = None
        super().__init__(**{**options, "value": without_secrets(str(options.get("value", "")))})
        # First of all that watch the box, so that they see a secret only as long as somebody types it.
        self.observe(self._changed, "value")

    def _changed(self, change: dict) -> None:
        if self._timer:
            self._timer.cancel()
        clean = without_secrets(change["new"])  # a second for a megabyte
        if clean == change["new"]:
            return
        if _inserted(change["old"], change["new"]) >= PASTED:
            self.value = clean
        else:
            self._timer = threading.Timer(IDLE_S, self.clear_secrets)
            self._timer.daemon, self._timer.name = True, "smtplab-paste-box"
            self._timer.start()

    def clear_secrets(self) -> None:
        """Take out what looks like a secret, now."""
        self.value = without_secrets(self.value)

    def close(self) -> None:
        """Forget the text, and take it from the page."""
        if self._timer:
            self._timer.cancel()
        self.value = ""
        super().close()


def _inserted(old: str, new: str) -> int:
    """How many characters stand in the new text where the two differ."""
    before = len(os.path.commonprefix([old, new]))
    after = len(os.path.commonprefix([old[before:][::-1], new[before:][::-1]]))
    return len(new) - before - after
