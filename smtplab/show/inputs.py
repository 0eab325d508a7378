"""Input fields: a box for what people paste, which keeps no secret, and the reading of a port that was typed.

A box's text is part of the page's state, which "save widget state" writes into the notebook. So a secret must not
stay in the box itself; what is shown beside it never holds one anyway.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import ipywidgets

from ..address import port_number
from ..messages.redact import without_secrets

PASTED = 8  # this many characters at once count as pasted, fewer as typed
IDLE_S = 2.0  # what is typed is searched for secrets once nothing was typed for so long
LONG = 20_000  # characters; reading more at each key would hold up the typing
IS_LONG = "The text is long, so what you type is read when you leave the box."


class PasteBox(ipywidgets.Textarea):
    """A `Textarea` that replaces each secret in its text by `(secret)`, and forgets its text when it is closed.

    It does so at once for what is pasted or set by the program, and for what is typed as soon as nothing has been typed
    for a while. A `LONG` text is reported when the box is left, not at every key.
    """

    def __init__(self, **options: Any) -> None:
        self._timer: threading.Timer | None = None
        super().__init__(**{**options, "value": without_secrets(str(options.get("value", "")))})
        # The first of all observers: the others see a secret only as long as somebody types it.
        self.observe(self._changed, "value")
        self.continuous_update = not self.is_long

    @property
    def is_long(self) -> bool:
        """Whether the text is so long that it is read only when the box is left."""
        return len(self.value) > LONG

    def _changed(self, change: dict[str, Any]) -> None:
        if self._timer:
            self._timer.cancel()
        clean = without_secrets(change["new"])  # takes a second for a megabyte
        if clean != change["new"]:
            if _inserted(change["old"], change["new"]) >= PASTED:
                self.value = clean
            else:
                self._timer = threading.Timer(IDLE_S, self.clear_secrets)
                self._timer.daemon, self._timer.name = True, "smtplab-paste-box"
                try:
                    self._timer.start()
                except RuntimeError:  # no thread can start, as in a browser
                    self.clear_secrets()
        self.continuous_update = not self.is_long

    def clear_secrets(self) -> None:
        """Take out what looks like a secret, now."""
        self.value = without_secrets(self.value)

    def close(self) -> None:
        """Forget the text, and take the box from the page."""
        if self._timer:
            self._timer.cancel()
        self.value = ""
        super().close()


def read_port(typed: str) -> tuple[int | None, bool]:
    """(port, whether what was typed is wrong); the port is None if the field is blank or wrong."""
    try:
        return port_number(typed), False
    except ValueError:
        return None, bool(typed.strip())


def _inserted(old: str, new: str) -> int:
    """How many characters of the new text stand where the two differ."""
    before = len(os.path.commonprefix([old, new]))
    after = len(os.path.commonprefix([old[before:][::-1], new[before:][::-1]]))
    return len(new) - before - after
