"""Performed or looked up: what all that shows and teaches asks for servers, dials and probes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from .state import in_use, say

if TYPE_CHECKING:
    from ..address import Place, Target
    from ..events import Mode
    from ..lab.client import Dial
    from ..lab.probe import Probe
    from ..lab.server import Server
    from ..literals import KindName

STANDS_IN = ("dial", "matrix", "probe", "relay", "serve")


def use_recordings(yes: bool = True) -> None:
    """From now on `smtplab.serve`, `dial` and `probe` show recorded runs, each called so; with False, no more.

    For a machine on which no server can begin. Names that were imported one by one before stay as they are."""
    say(yes)
    import smtplab

    from . import lab
    for name in STANDS_IN:
        vars(smtplab).pop(name, None)  # found anew when it is next asked for
        if in_use():
            setattr(smtplab, name, getattr(lab, name))


def serve(kind: KindName, **options: Any) -> Server:
    """As `smtplab.serve`."""
    if in_use():
        from . import lab
        return lab.serve(kind, **options)
    from ..lab import server
    return server.serve(kind, **options)


def new_dial(place: Place, mode: Mode | str, **options: Any) -> Dial:
    """A `Dial`, to be run."""
    from ..events import Mode
    if in_use():
        from .lab import RecordedDial
        return RecordedDial(place, Mode.of(mode), **options)
    from ..lab.client import Dial
    return Dial(place, Mode.of(mode), **options)


def new_probe(target: Target, **options: Any) -> Probe:
    """A `Probe`, to be run."""
    if in_use():
        from .lab import RecordedProbe
        return RecordedProbe(target, **options)
    from ..lab.probe import Probe
    return Probe(target, **options)


def two_addresses(kind: KindName = "starttls") -> AbstractContextManager[Any]:
    """A name whose first address drops every packet, and `kind` served on the second. Use it in a `with` block.

    See `smtplab.lab.two_addresses`."""
    if in_use():
        from . import lab
        return lab.serve(lab.TWO_ADDRESSES)
    from ..lab.two_addresses import two_addresses
    return two_addresses(kind)
