"""A mystery round at a prompt: a few forgiving commands, typed at a terminal or read from a pipe."""

from __future__ import annotations

import cmd
import re
from collections.abc import Callable
from typing import IO

from ...causes import Cause
from ...escape import printable
from .client import FIELDS, MODE_WORDS
from .corner_question import NAMES, read_choice
from .judge import NotUnderstood, read_cause, read_waiter
from .pool import ASKS, WAITED
from .round import FIRST, MEND, Round, Ticket

_INTRO = """
Somebody else's programs fail at these servers. Look at them from another terminal, with openssl, curl, swaks, telnet
or a client of your own, and say why: the cause, what you saw come from the server, and who waited at the end.
Begin with who begins: corner 1 asks in which of the four corners ticket 1 is, if in any. That is told with the verdict.
What you saw has to show the server's own name (mx-...), which is in all that it says. Where it gets
no further than the beginning of TLS, that; where nothing came, say nothing.
Who waited is about the ticket's client: nobody, if one side had its answer and ended it.
Once a verdict stands, mend it: change the client until its mail passes, or name who must do what.
Type help for the commands, quit to end."""
_HELP = """board                 how the round stands
ticket 3              that ticket again
corner 3              in which of the four corners it is, if in any: the choices; corner 3 2 chooses
verdict 3             asks for the cause, who waited (nobody, client, server, both) and what you saw; or in one line,
                      where the lines of a long reply may follow each other with a space between:
    verdict 3 starttls-required waited=nobody saw=530 5.7.0 Must issue ... - mx-...
mend 3                the client as it is now, and what can be changed. What is changed stays changed:
    mend 3 mode=starttls port=40587
    mend 3 settings   asks for settings to paste; or settings=... in one line
    mend 3 now        tries it once more, with no further change
    mend 3 afresh     begins again with what the ticket has
asks                  what can be asked of those in charge, for what no client can mend
ask 3 open-port       ask it
trace 3               all that the last mend sent and got
hint 3                one more hint (three for each ticket)
causes                the names of the causes
reset                 forget corners, verdicts and hints
quit                  end, and close the servers"""
_PARTS = re.compile(r"\b(waited|saw|cause)\s*=\s*", re.IGNORECASE)
_CHANGES = re.compile(rf"(?:^|(?<=\s))({'|'.join(FIELDS)})\s*=\s*", re.IGNORECASE)


class Prompt(cmd.Cmd):
    """The prompt for one round.

    If `interactive`, it asks for what a verdict leaves out; from a pipe, the answer would be the next command.
    """

    def __init__(self, game: Round, *, interactive: bool, stdin: IO[str] | None = None,
                 stdout: IO[str] | None = None) -> None:
        super().__init__(stdin=stdin, stdout=stdout)
        self._game, self._interactive = game, interactive
        self._changes: dict[int, dict[str, str]] = {}  # what was changed at each ticket's client so far
        self.use_rawinput = interactive and stdin is None
        self.prompt = "mystery> " if interactive else ""

    def say(self, words: object = "") -> None:
        """Print and flush, control characters escaped."""
        print(printable(str(words)), file=self.stdout, flush=True)

    def preloop(self) -> None:
        """Print the tickets, the names of the causes and the instructions."""
        self.say(self._game)
        self.say("\nThe causes:")
        self.do_causes("")
        self.say(_INTRO)

    def onecmd(self, line: str) -> bool:
        """Run a command line; a number alone stands for that ticket."""
        word = line.strip()
        return super().onecmd(f"ticket {word}" if word.isdigit() else word)

    def emptyline(self) -> bool:
        """Ignore a blank line, where `cmd` would repeat the last command."""
        return False

    def default(self, line: str) -> None:
        """Report an unknown command."""
        self.say(f"No command {line.split()[0]!r}: help lists them.")

    def do_help(self, arg: str) -> None:
        """Print the commands."""
        self.say(_HELP)

    def do_board(self, arg: str) -> None:
        """Print the score, and a line for each ticket."""
        game = self._game
        self.say(game.summary())
        for one in game.tickets:
            self.say(f"  {one.number}  {one.address[0]}:{one.address[1]:<6} {game.light(one.number):30} {one.client}")

    def do_ticket(self, arg: str) -> None:
        """Print a ticket, the ruling on it and the hints given."""
        found = self._game.ticket(arg.strip())
        self.say(found)
        if isinstance(found, Ticket):
            if found.number not in self._game.solved:
                said = self._game.noted(found.number)
                self.say(f"  corner: {NAMES[said.number - 1] if said else f'not said yet; corner {found.number} asks'}")
            self.say(self._game.ruling(found.number) or "  no verdict yet")
            for number, words in enumerate(self._game.hints(found.number), 1):
                self.say(f"  hint {number}: {words}")
            if mending := self._game.mending(found.number):
                self.say(mending)

    def do_corner(self, arg: str) -> None:
        """Ask in which corner a ticket is, or take it down."""
        number, _, choice = arg.strip().partition(" ")
        if choice.strip() or not self._interactive or not isinstance(found := self._game.ticket(number), Ticket):
            self.say(self._game.corner(number, choice.strip() or None) if number else "Say which ticket: corner 3")
            return
        self.say(self._game.corner(number))
        if found.number in self._game.solved:
            return
        asked = {"corner": ""}
        if self._ask(asked, "corner", f"Which (1 to {len(NAMES)}): ", read_choice) is not None:
            self.say(self._game.corner(number, asked["corner"]))

    def do_hint(self, arg: str) -> None:
        """Print a ticket's next hint."""
        self.say(self._game.hint(arg.strip()))

    def do_causes(self, arg: str) -> None:
        """Print the names of the causes."""
        for cause in Cause:
            self.say(f"  {cause:32} {cause.text.title}")

    def do_reset(self, arg: str) -> None:
        """Forget corners, verdicts, mends and hints."""
        self._changes.clear()
        self.say(self._game.reset())

    def do_quit(self, arg: str) -> bool:
        """End the loop."""
        return True

    do_exit = do_q = do_EOF = do_quit

    def do_verdict(self, arg: str) -> None:
        """Read a verdict, ask for the parts left out, and print the ruling."""
        number, parts = read_verdict(arg)
        if not number:
            self.say("Say which ticket: verdict 3")
            return
        if self._interactive:
            if not isinstance(found := self._game.ticket(number), Ticket):
                self.say(found)
                return
            if (self._ask(parts, "cause", "Cause (causes lists them): ", read_cause) is None or self._ask(
                    parts, "waited", f"Who waited at the end ({', '.join(WAITED)}): ", read_waiter) is None):
                return
            if "saw" not in parts:
                parts["saw"] = self._paste("What came from the server? Paste it, and end with a line that is a dot "
                                           "(or say: nothing)")
        ruling = self._game.verdict(number, parts.get("cause", ""), parts.get("saw", ""), parts.get("waited", ""))
        self.say(ruling)
        if ruling.right and isinstance(found := self._game.ticket(number), Ticket):
            self.say("\n".join(filter(None, (MEND, self._game.told(found.number), f"Type mend {found.number}"))))

    def do_mend(self, arg: str) -> None:
        """Change a ticket's client, dial with it, and print what came of it."""
        number, changes = read_changes(arg)
        if not isinstance(found := self._game.ticket(number), Ticket):
            self.say("Say which ticket: mend 3" if not number else found)
            return
        if found.number not in self._game.solved:
            self.say(FIRST)
            return
        kept = self._changes.setdefault(found.number, {})
        if changes is None:
            kept.clear()
        elif "settings" in changes and not changes["settings"]:
            if self._interactive:
                changes["settings"] = self._paste(f"Paste settings of {found.client}, and end with a line that is a "
                                                  "dot")
            if not changes["settings"]:
                self.say("No settings: nothing is changed.")
                return
        if not changes:
            self._show_client(found)
            return
        if changes.get("mode", "").casefold() == "now":
            del changes["mode"]
        if "settings" in changes:  # they say anew what was said before
            for name in ("mode", "host", "port", "check"):
                kept.pop(name, None)
        tried = {**kept, **changes}
        mending = self._game.mend(found.number, **tried)
        if mending.passed is not None:
            self._changes[found.number] = tried
        self.say(mending)
        self._if_done()

    def _show_client(self, ticket: Ticket) -> None:
        """Print a ticket's client as it has been changed so far, and what can be changed."""
        kept = self._changes[ticket.number]
        changed = ", ".join(f"{name}={value}" for name, value in kept.items() if name != "settings")
        self.say(f"  the ticket's client: {ticket.as_found.text}")
        if kept:
            self.say(f"  changed since: {'the settings; ' * ('settings' in kept)}{changed}")
        for mode, words in MODE_WORDS.items():
            self.say(f"  mode={mode:23} {words}")
        self.say("  host=... port=... ca=FILE or system, check=yes or no, user=... password=... mechanism=PLAIN or "
                 "LOGIN")
        self.say(f"  settings={ticket.client}'s own words. asks lists what can be asked of those in charge.")

    def do_asks(self, arg: str) -> None:
        """Print what can be asked of those in charge."""
        for name, request in ASKS.items():
            self.say(f"  {name:18} {request}")

    def do_ask(self, arg: str) -> None:
        """Ask those in charge to mend a ticket."""
        number, _, what = arg.strip().partition(" ")
        self.say(self._game.ask(number, what))
        self._if_done()

    def do_trace(self, arg: str) -> None:
        """Print all that a ticket's last mend sent and got."""
        found = self._game.ticket(arg.strip())
        mending = self._game.mending(found.number) if isinstance(found, Ticket) else None
        self.say(found if not isinstance(found, Ticket) else mending and mending.trace or "  nothing was dialled yet")

    def _if_done(self) -> None:
        if self._game.done:
            self.say("All solved and mended: quit ends the round.")

    def _ask(self, parts: dict[str, str], name: str, words: str, read: Callable[[object], object]) -> str | None:
        """Ask until `read` understands the answer. None if the input ends, or after five tries."""
        for _ in range(5):
            if parts.get(name):
                found = read(parts[name])
                if not isinstance(found, NotUnderstood):
                    return parts[name]
                self.say(found.words)
            try:
                parts[name] = self._line(words).strip()
            except EOFError:
                return None
        return None

    def _paste(self, words: str) -> str:
        self.say(words)
        lines: list[str] = []
        try:
            # One empty line doesn't end it: transcripts contain them, and the rest would be read as commands.
            while (line := self._line("paste> ").strip()) != "." and lines[-1:] + [line] != ["", ""]:
                lines.append(line)
                if "".join(lines).casefold() == "nothing":
                    break
        except EOFError:
            pass
        return "\n".join(lines)

    def _line(self, words: str) -> str:
        if self.use_rawinput:
            return input(words)
        self.say(words)
        line = self.stdin.readline()
        if not line:
            raise EOFError
        return line


def read_verdict(arg: str) -> tuple[str, dict[str, str]]:
    """Split a verdict into the ticket's number ("" if missing) and its parts by name: cause, saw, waited, in any order.

    `saw=` takes the rest of the line, up to a `waited=` or `cause=`.
    """
    number, _, rest = arg.strip().partition(" ")
    before, *named = _PARTS.split(rest)
    parts = {name.casefold(): value.strip().strip("\"'") for name, value in zip(named[::2], named[1::2], strict=True)}
    words = before.split()
    # "cert expired" is two words and one cause.
    size = next((n for n in range(len(words), 0, -1) if isinstance(read_cause(" ".join(words[:n])), Cause)), 1)
    cause, words = " ".join(words[:size]), words[size:]
    if cause:
        parts.setdefault("cause", cause)
    if words and words[0].casefold() in WAITED:
        parts.setdefault("waited", words.pop(0))
    if words:
        parts.setdefault("saw", " ".join(words))
    return number, parts


def read_changes(arg: str) -> tuple[str, dict[str, str] | None]:
    """Split a mend into the ticket's number ("" if missing) and the changes by name; None for `afresh`.

    `settings` takes the rest of the line, in which \\n begins a new one; alone it asks for them. Of the others, a word
    that has no name is a mode.
    """
    number, _, rest = arg.strip().partition(" ")
    word = rest.strip()
    if word.casefold() == "afresh":
        return number, None
    if word.casefold() == "settings":
        return number, {"settings": ""}
    before, _, pasted = (re.split(r"(?:^|(?<=\s))(settings)\s*=\s*", rest, maxsplit=1, flags=re.IGNORECASE)
                         + ["", ""])[:3]
    mode, *named = _CHANGES.split(before)
    changes = {name.casefold(): value.strip().strip("\"'") for name, value in zip(named[::2], named[1::2], strict=True)}
    if mode.strip():
        changes.setdefault("mode", mode.strip())
    if pasted:
        changes["settings"] = pasted.replace("\\n", "\n")
    return number, changes
