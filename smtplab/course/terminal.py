"""`in_terminal`: run a real program against a lab server, and show it as a terminal would, ready to be repeated there.

Nothing is made up: the command line is what was run, and the output is what the program printed. If the program is not
installed, only the command is shown.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..address import name_address
from ..escape import printable
from ..lab.programs import AT_LIMIT, NOT_HERE, Ran, run_program
from ..recorded.state import cant, in_use
from ..show.document import (
    Block,
    Document,
    Either,
    Group,
    Inline,
    Listing,
    Paragraph,
    Small,
    ToCopy,
    Typed,
    as_text,
    mimebundle,
)
from ..show.folding import fold, marked_lines

if TYPE_CHECKING:
    from ..recorded.runs import Served

FIRST_LINES, LAST_LINES, MOST_LETTERS = 90, 60, 400  # of a long output; of a long line
TYPED = "typed> "
_PLACE = re.compile(r"\{(host|port|address|ca_file)\}")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # ECMA-48, select graphic rendition


@dataclass(frozen=True)
class Terminal:
    """A command that was run: `command` as text to copy, and `ran`, its dialogue and its end.

    `note` says where that is from if it was not run here."""

    command: str
    ran: Ran
    mark: tuple[str, ...] = ()  # texts whose lines are shown, if not all are
    note: str = ""

    def text(self) -> str:
        """The command, the dialogue, and how it ended, as text; with marks only the lines that hold one of them."""
        return as_text(self.document(), None)

    def whole(self) -> str:
        """The text with all lines."""
        return replace(self, mark=()).text()

    def document(self) -> Document:
        """The command to copy, what was typed and printed, and how it ended."""
        ending = self.ending()
        return Document((Group((
            Either(text=(Listing(f"$ {self.command}"),), html=(ToCopy(self.command),)),
            *self._said(),
            Either(text=(Listing(f"[{ending}]"),), html=(Paragraph(ending),)))),))

    def ending(self) -> str:
        """How the program ended, in one sentence; where it was not run here, that too."""
        return f"{self._ending()} {self.note}".rstrip()

    def _ending(self) -> str:
        ran = self.ran
        if ran.ended == NOT_HERE and self.note:
            return "Nothing was run. The command is as you would run it."
        if ran.ended == NOT_HERE:
            because = f" ({_clean(ran.text)})" if ran.text else ""
            name = _clean(ran.argv[0]) if ran.argv else "No command: nothing"
            return f"{name} is not installed here, so nothing was run{because}. The command is as you would run it."
        if ran.ended == AT_LIMIT or ran.status is None:
            return f"It was still running after {ran.seconds:.1f} s, the time limit, and was ended; no exit status."
        status = f"signal {-ran.status}" if ran.status is not None and ran.status < 0 else f"exit status {ran.status}"
        return f"It ended by itself after {ran.seconds:.2f} s: {status}."

    def __str__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return mimebundle(self.document())

    def _said(self) -> tuple[Block, ...]:
        words: list[Inline] = []
        dialogue = self._lines()
        if self.mark:
            lines = [f"{TYPED}{line}" if who == "typed" else line for who, line in dialogue]
            if marked_lines(lines, self.mark):
                return fold(lines, self.mark, f"what {_short(self.command)} said")
        for who, line in dialogue:
            words += ["\n"] * bool(words)
            words.append(Typed(f"{TYPED}{line}") if who == "typed" else line)
        if words:
            return (Listing(tuple(words), label=f"what {_short(self.command)} said"),)
        silent = (Paragraph(Small("It said nothing.")),) * (self.ran.ended != NOT_HERE)
        return (Either(html=silent),)

    def _lines(self) -> list[tuple[str, str]]:
        """The dialogue as (who, line); of a very long one, the beginning and the end."""
        if self.ran.ended == NOT_HERE:
            return []
        lines = [(who, _short(_clean(line))) for who, text in self.ran.turns for line in _split(text)]
        dropped = len(lines) - FIRST_LINES - LAST_LINES
        if dropped > 1:
            lines[FIRST_LINES:-LAST_LINES] = [("us", f"[... {dropped} lines left out here ...]")]
        return lines


def in_terminal(command: str, *servers: object, typed: Sequence[str] | str = (), timeout_s: float = 10.0,
                mark: Sequence[str] | str = ()) -> Terminal:
    """Run a command line without a shell, so without pipes and variables.

    `{host}`, `{port}`, `{address}` (host:port) and `{ca_file}` in it are filled in from the first of `servers`: a lab
    server, a `Watch`, a mystery's ticket, or (host, port). `typed` is a line or several to type, each after the reply
    to the one before; they are shown, so type no real password. After `timeout_s` the program is ended. With `mark`,
    a text or several, only the lines that hold one of them are shown, and all others are folded.

    Raises ValueError for an unbalanced quotation mark, or for a place that no server fills.
    """
    typed = [typed] if isinstance(typed, str) else typed
    argv = [_PLACE.sub(lambda found: _value(found[1], servers), word) for word in shlex.split(command)]
    marks = tuple(filter(None, (mark,) if isinstance(mark, str) else mark))
    if in_use():
        return replace(_recorded(command, argv, servers, typed), mark=marks)
    return Terminal(_clean(shlex.join(argv)), run_program(argv, typed=typed, timeout_s=timeout_s), marks)


def asked(command: str, served: Served, typed: Sequence[str] | str) -> dict[str, object]:
    """What names a recorded run of a program: the command as it stands in the lesson, the server, what is typed."""
    return {"command": command, "kind": served.kind, "served": served.options,
            "typed": [typed] if isinstance(typed, str) else list(typed)}


def _recorded(command: str, argv: list[str], servers: Sequence[object], typed: Sequence[str]) -> Terminal:
    """The recorded run of just this command, if there is one; if not, the command alone."""
    from ..recorded.lab import tell
    from ..recorded.runs import Served, recordings
    book = recordings()
    served = getattr(servers[0], "served", None) if servers else None
    ran = book.program(asked(command, served or Served("", {}), typed))
    if ran is None:
        return Terminal(_clean(shlex.join(argv)), Ran(tuple(argv), "", None, 0.0, NOT_HERE), note=cant("run programs"))
    found = Ran(tuple(ran["argv"]), ran["text"], ran["status"], ran["seconds"], ran["ended"],
                tuple((who, words) for who, words in ran["turns"]))
    tell(f"recorded on {book.date}")
    return Terminal(_clean(shlex.join(found.argv)), found, note=f"That was recorded on {book.date}.")


def _value(place: str, servers: Sequence[object]) -> str:
    if not servers:
        raise ValueError(f"the command has {{{place}}}, and no server was given to fill it in from")
    server = servers[0]
    address = server if isinstance(server, tuple) else getattr(server, "address", None)
    if address is None:
        raise ValueError(f"{{{place}}} can't be filled in: {server!r} has no address; is it stopped?")
    if place == "ca_file":
        # A Watch holds its server.
        found = getattr(server, "ca_file", None) or getattr(getattr(server, "server", None), "ca_file", None)
        if found is None:
            raise ValueError(f"{{ca_file}} can't be filled in: {server!r} has none; is it closed?")
        return str(found)
    return {"host": str(address[0]), "port": str(address[1]), "address": name_address(address[:2])}[place]


def _split(text: str) -> list[str]:
    """Split at CR LF and LF, as a terminal does."""
    lines = re.sub(r"\r+\n", "\n", text).split("\n")
    return lines[:-1] if lines[-1] == "" and len(lines) > 1 else lines


def _clean(text: str) -> str:
    """Remove colours (Ruby always sends them) and escape everything else that would act on a terminal."""
    return printable(_COLOUR.sub("", text))


def _short(line: str) -> str:
    return line if len(line) <= MOST_LETTERS else f"{line[:MOST_LETTERS]}[... {len(line) - MOST_LETTERS} more]"
