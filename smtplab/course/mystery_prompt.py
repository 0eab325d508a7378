"""The mystery round at a prompt: commands that a tired person gets right, from a keyboard or a pipe."""

from __future__ import annotations

import cmd
import re
from collections.abc import Callable

from ..causes import Cause
from ..escape import printable
from .mystery_judge import Unread, read_cause, read_waiter
from .mystery_pool import WAITED
from .mystery_round import Round, Ticket

_INTRO = """
Somebody else's programs fail at these servers. Look at them from another terminal, with openssl, curl, swaks, telnet
or a client of your own, and say why: the cause, what you saw come from the server, and who waited at the end.
What you saw has to show the server's own name (mx-...), which is in all that it says; where nothing came, say nothing.
Who waited is about the ticket's client: nobody, if one side had its answer and ended it.
Type help for the commands, quit to end."""
_HELP = """board                 how the round stands
ticket 3              that ticket again
verdict 3             asks for the cause, who waited (nobody, client, server, both) and what you saw; or in one line,
                      where the lines of a long reply may follow each other with a space between:
    verdict 3 starttls-required waited=nobody saw=530 5.7.0 Must issue ... - mx-...
hint 3                one more hint (three for each ticket)
causes                the names of the causes
reset                 forget verdicts and hints
quit                  end, and close the servers"""
_PARTS = re.compile(r"\b(waited|saw|cause)\s*=\s*", re.IGNORECASE)


class Prompt(cmd.Cmd):
    """The prompt for one round. `interactive` asks for what is left out; from a pipe that would take the next line."""

    def __init__(self, game: Round, *, interactive: bool, stdin=None, stdout=None) -> None:
        super().__init__(stdin=stdin, stdout=stdout)
        self._game, self._interactive = game, interactive
        self.use_rawinput = interactive and stdin is None
        self.prompt = "mystery> " if interactive else ""

    def say(self, words: object = "") -> None:
        """Print at once."""
        print(printable(str(words)), file=self.stdout, flush=True)

    def preloop(self) -> None:
        """The tickets come first."""
        self.say(self._game)
        self.say(_INTRO)

    def onecmd(self, line: str) -> bool:
        """A command; a bare number is that ticket, and a pipe's blank line is nothing."""
        word = line.strip()
        return super().onecmd(f"ticket {word}" if word.isdigit() else word)

    def emptyline(self) -> None:
        """Nothing; cmd would do the last command again."""

    def default(self, line: str) -> None:
        """What is no command."""
        self.say(f"No command {line.split()[0]!r}: help lists them.")

    def do_help(self, arg: str) -> None:
        """The commands."""
        self.say(_HELP)

    def do_board(self, arg: str) -> None:
        """How the round stands, a line each."""
        game = self._game
        self.say(game.summary())
        for one in game.tickets:
            self.say(f"  {one.number}  {one.address[0]}:{one.address[1]:<6} {game.light(one.number):30} {one.client}")

    def do_ticket(self, arg: str) -> None:
        """A ticket, and what was said to it."""
        found = self._game.ticket(arg.strip())
        self.say(found)
        if isinstance(found, Ticket):
            self.say(self._game.ruling(found.number) or "  no verdict yet")
            for number, words in enumerate(self._game.hints(found.number), 1):
                self.say(f"  hint {number}: {words}")

    def do_hint(self, arg: str) -> None:
        """One more hint."""
        self.say(self._game.hint(arg.strip()))

    def do_causes(self, arg: str) -> None:
        """The closed list."""
        for cause in Cause:
            self.say(f"  {cause:32} {cause.text.title}")

    def do_reset(self, arg: str) -> None:
        """Forget verdicts and hints."""
        self.say(self._game.reset())

    def do_quit(self, arg: str) -> bool:
        """End."""
        return True

    do_exit = do_q = do_EOF = do_quit

    def do_verdict(self, arg: str) -> None:
        """Read the parts, ask for those left out, and rule."""
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
                parts["saw"] = self._paste()
        ruling = self._game.verdict(number, parts.get("cause", ""), parts.get("saw", ""), parts.get("waited", ""))
        self.say(ruling)
        if self._game.done:
            self.say("All solved: quit ends the round.")

    def _ask(self, parts: dict[str, str], name: str, words: str, read: Callable) -> str | None:
        """Until it can be read; None if the input ends, or nothing is given twice."""
        for _ in range(5):
            if parts.get(name):
                found = read(parts[name])
                if not isinstance(found, Unread):
                    return parts[name]
                self.say(found.words)
            try:
                parts[name] = self._line(words).strip()
            except EOFError:
                return None
        return None

    def _paste(self) -> str:
        self.say("What came from the server? Paste it, and end with a line that is a dot (or say: nothing)")
        lines: list[str] = []
        try:
            # Not one empty line: many a transcript has one, and the rest of it would be taken for commands.
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
    """The ticket's number ("" if there is none), and the parts that were given: cause, saw, waited, in any order.

    What follows `saw=` is all of the line up to a `waited=` or `cause=`.
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

