"""Values that show themselves: as HTML in a notebook, as text elsewhere.

How each looks stands in `show.cards`. It is a face, which no value knows: it is asked for by name, when somebody looks.
"""

from __future__ import annotations

import importlib


class Shown:
    """A value that a notebook draws, and that prints as text."""

    def _repr_mimebundle_(self, **_kwargs: object) -> dict[str, str]:
        found: dict[str, str] = importlib.import_module("smtplab.show.cards").mimebundle_of(self)
        return found

    def __str__(self) -> str:
        return self._repr_mimebundle_()["text/plain"]
