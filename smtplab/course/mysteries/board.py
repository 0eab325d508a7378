"""`mystery` in a notebook: a board with a light for each server, one ticket at a time, a verdict in three fields, and
what mends it; beside them the names of the causes.

The widgets hold what the learner sees and has handed in, and nothing else: verdicts are judged in the kernel.
"""

from __future__ import annotations

import contextlib
import html
import time
from functools import partial
from typing import Any

import ipywidgets

from ...address import name_address
from ...causes import Cause
from ...show.widget_base import Panel, button, instead_of_earlier, show_if
from .corner_question import NAMES
from .judge import Ruling
from .mend_form import MendForm
from .round import HALF, MENDED, SOLVED, WEAK, Round, Ticket, trust
from .ruled import ruled

_WAITERS = (("(choose)", ""), ("nobody: one side had its answer, and ended it", "nobody"),
            ("client: it waited for an answer that never came", "client"),
            ("server: it waited, and the client was content", "server"), ("both: each waited for the other", "both"))
_CORNERS = (("(which of the four is it, if any?)", ""), *((name, str(at)) for at, name in enumerate(NAMES, 1)))
_CAUSES = (("(choose)", ""), *((f"{cause}: {cause.text.title}", str(cause)) for cause in Cause))
_AGAIN = "Change verdict"
_CAUSE_LIST = ('<div class="smtplab-causes"><details open><summary><b>The causes</b></summary>'
               + "".join(f"<div><code>{cause}</code> {html.escape(cause.text.title)}</div>" for cause in Cause)
               + "</details></div>")
_STYLE = """<style>
.smtplab-light.jupyter-button{height:auto;min-height:3.4em;line-height:1.35;white-space:normal;padding:4px 8px;
  margin:2px 6px 2px 2px;background:var(--jp-layout-color1,#fff);color:var(--jp-ui-font-color1,#111);
  border:1px solid var(--jp-border-color1,#888);border-left:8px solid #c62828}
.smtplab-light.smtplab-half{border-left-color:#e08a00}
.smtplab-light.smtplab-mended{border-left-color:#2e7d32}
.smtplab-light.smtplab-chosen{outline:3px solid var(--jp-brand-color1,#0072b2);font-weight:bold}
.smtplab-mystery textarea{font-family:var(--jp-code-font-family,monospace)}
.smtplab-mystery .widget-label{color:var(--jp-ui-font-color1,inherit)}
.smtplab-mystery-parts{gap:6px 24px}
.smtplab-causes{max-width:30em;line-height:1.3;color:var(--jp-ui-font-color1,inherit)}
.smtplab-causes details>div{margin:3px 0;padding-left:1em;text-indent:-1em;font-size:.93em}
.smtplab-causes code{font-family:var(--jp-code-font-family,monospace);font-weight:bold;background:none;padding:0;
  color:inherit}
</style>"""
_PRE = ("margin:4px 0;padding:6px 10px;white-space:pre-wrap;overflow-wrap:anywhere;border-radius:4px;"
        "font-family:var(--jp-code-font-family,monospace);background:var(--jp-layout-color2,#eee);"
        "color:var(--jp-content-font-color1,#1a1a1a);border:1px solid var(--jp-border-color2,#ccc)")
_COPY = "user-select:all;-webkit-user-select:all"
_LABEL, _WIDE = {"description_width": "5em"}, {"width": "auto", "max_width": "98%"}
_FORM = {"flex": "1 1 34em", "min_width": "0", "max_width": "54em", "overflow": "visible"}
LATE_S = 0.5  # a field's value that arrives this soon after the click on Verdict belongs to that verdict


class Board(Panel):
    """The board of one round. It refreshes itself whenever the round changes."""

    css_class = "smtplab-mystery"

    def __init__(self, game: Round) -> None:
        self._game, self.chosen = game, 1
        self._total = ipywidgets.HTML()
        self._lights = [button("", partial(self.choose, ticket.number), "8.9em") for ticket in game.tickets]
        for light in self._lights:
            light.add_class("smtplab-light")
        self._forms = {ticket.number: _Form(game, ticket) for ticket in game.tickets}
        self._reset = button("Reset round", self._game.reset, "9em")
        self._place = ipywidgets.VBox(layout=_FORM)
        lights = ipywidgets.HBox(self._lights, layout={"flex_flow": "row wrap"})
        beside = ipywidgets.HBox([self._place, ipywidgets.HTML(_CAUSE_LIST, layout={"flex": "0 1 30em"})],
                                 layout={"flex_flow": "row wrap", "align_items": "flex-start", "overflow": "visible"})
        beside.add_class("smtplab-mystery-parts")
        self._reset.layout.margin = "14px 2px 2px"
        super().__init__([ipywidgets.HTML(_STYLE), self._total, lights, beside, self._reset])
        self.refresh()
        game.watch(self.refresh)

    def choose(self, number: int) -> None:
        """Show that ticket, as a click on its light does."""
        self.chosen = number
        self.refresh()

    def refresh(self) -> None:
        """Show the round's present state."""
        game = self._game
        self._total.value = (f'<div role="status" style="line-height:1.4"><b>{html.escape(game.summary())}</b></div>'
                             f"<div>{_marked(trust(game.ca_file), game.ca_file)}</div>")
        for ticket, light in zip(game.tickets, self._lights, strict=True):
            stands = game.light(ticket.number)
            light.description = f"{ticket.number} {stands}"
            light.tooltip = f"Ticket {ticket.number}, {name_address(ticket.address)}: {stands}"
            for name, on in (("half", stands in (HALF, SOLVED, WEAK)), ("mended", stands == MENDED),
                             ("chosen", ticket.number == self.chosen)):
                (light.add_class if on else light.remove_class)(f"smtplab-{name}")
        form = self._forms[self.chosen]
        form.refresh()
        if self._place.children != (form,):
            self._place.children = (form,)
        self._reset.disabled = game.closed

    def close(self) -> None:
        """Remove the board from the page, and end a try. The round goes on."""
        for form in self._forms.values():
            form.close()
        super().close()


class _Form(Panel):
    """A ticket, the three fields of a verdict, the ruling on it, and once it stands, what mends the ticket."""

    def __init__(self, game: Round, ticket: Ticket) -> None:
        self._game, self._ticket, self._number = game, ticket, ticket.number
        self._mend: MendForm | None = None
        self._again = False  # the fields are shown though the verdict stands
        self.corner = ipywidgets.Dropdown(options=_CORNERS, description="Corner", style=_LABEL, layout=_WIDE)
        self.corner.observe(self._place_it, "value")
        self._placed = ipywidgets.HTML()
        self.cause = ipywidgets.Dropdown(options=_CAUSES, description="Cause", style=_LABEL, layout=_WIDE)
        # Its value arrives as a whole when the field is left, not at every key.
        self.saw = ipywidgets.Textarea(description="Saw", placeholder="paste what came from the server, or: nothing",
                                       continuous_update=False, rows=3, style=_LABEL, layout=_WIDE)
        self.waited = ipywidgets.Dropdown(options=_WAITERS, description="Waited", style=_LABEL, layout=_WIDE)
        self._judge, self._ask = button("Verdict", self._hand_in, "10em"), button("Hint", self._hint)
        self._said, self._hints = ipywidgets.HTML(), ipywidgets.HTML()
        self._unusable: Ruling | None = None  # shown once; the round doesn't keep it
        self._asked_at = -LATE_S
        self._due: set[ipywidgets.Widget] = set()  # fields whose value may still be on its way
        for field in (self.cause, self.saw, self.waited):
            field.observe(self._came_late, "value")
        self._place = ipywidgets.VBox()
        super().__init__([ipywidgets.HTML(_ticket(ticket)), self.corner, self._placed, self.cause, self.saw,
                          self.waited, ipywidgets.HBox([self._judge, self._ask]), self._said, self._hints,
                          self._place])

    def _came_late(self, change: dict[str, Any]) -> None:
        # A field's value and the click right after it may arrive in the other order.
        if change["owner"] in self._due and time.monotonic() - self._asked_at < LATE_S:
            self._due.remove(change["owner"])
            self._rule()

    def _hand_in(self) -> None:
        if self._judge.description == _AGAIN:  # the button stays where it is, so that it keeps the focus
            self._again = True
            self.refresh()
            return
        self._asked_at, self._due = time.monotonic(), {self.cause, self.saw, self.waited}
        self._rule()

    def _rule(self) -> None:
        ruling = self._game.verdict(self._number, self.cause.value, self.saw.value, self.waited.value)
        self._unusable = ruling if ruling.right is None else None
        self.refresh()

    def _place_it(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._game.corner(self._number, change["new"])
        else:
            self.refresh()  # what was said can be changed, and not taken back

    def _hint(self) -> None:
        self._game.hint(self._number)

    def refresh(self) -> None:
        """Show the last ruling, the hints so far, and what mends the ticket."""
        solved = self._number in self._game.solved
        self._again = self._again and solved
        said = self._game.noted(self._number)
        show_if(not solved, self.corner)
        show_if(not solved and said is not None, self._placed)
        self.corner.value = str(said.number) if said else ""
        self._placed.value = (f'<div role="status" style="line-height:1.4;max-width:60em;padding-left:5.5em">'
                              f"{html.escape(said.words)}</div>" if said else "")
        shown = not solved or self._again
        show_if(shown, self.cause, self.saw, self.waited, self._ask)
        self._judge.description = "Verdict" if shown else _AGAIN
        if solved and self._mend is None:  # not before, as it says what was not handed in
            self._mend = MendForm(self._game, self._ticket)
            self._place.children = (self._mend,)
        elif not solved and self._mend is not None:
            self._place.children = ()
            self._mend.close()
            self._mend = None
        if self._mend is not None:
            self._mend.refresh()
        self._said.value = ruled(self._unusable or self._game.ruling(self._number))
        self._unusable = None
        given = self._game.hints(self._number)
        items = "".join(f"<li>{html.escape(words)}</li>" for words in given)
        self._hints.value = (f'<div role="status" style="max-width:60em">Hints ({len(given)} of 3):'
                             f'<ol style="margin:2px 0">{items}</ol></div>' if given else "")
        self._ask.disabled = len(given) == 3


def _ticket(ticket: Ticket) -> str:
    address = name_address(ticket.address)
    return (f'<div style="max-width:60em;line-height:1.4;margin-top:6px"><b>Ticket {ticket.number}</b>: '
            f'{html.escape(ticket.client)} at <code title="one click selects it" style="{_COPY};padding:0 4px">'
            f'{html.escape(address)}</code> &nbsp; <q>{html.escape(ticket.complaint)}</q>'
            f'<div style="{_PRE}">{html.escape(ticket.settings)}</div>{html.escape(ticket.login)}</div>')


def _marked(words: str, path: str | None) -> str:
    """The words as HTML; one click selects the path in them."""
    before, _, after = words.partition(str(path))
    return f'{html.escape(before)}<code style="{_COPY}">{html.escape(str(path))}</code>{html.escape(after)}'


class NotebookRound(Round):
    """A round that a notebook cell displays as a board."""

    _board: Board | None = None

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, Any]:
        if self._board is None:
            self._board = Board(self)
        return {**self._board._repr_mimebundle_(**kwargs), "text/plain": self.text()}

    def close_board(self) -> None:
        """Remove the board, if it was displayed, from the page."""
        if self._board is not None:
            self._board.close()


def mystery(seed: object = None, *, count: int = 6) -> NotebookRound:
    """Start a round: `count` servers with hidden faults, the same for everybody who gives the same `seed`.

    The seed is any word or number; without one a number is picked, and shown on the board. Raises ValueError for
    a blank seed or a count that the pool can't fill.
    """
    game = NotebookRound(seed, count)
    when_run_again = contextlib.ExitStack()
    when_run_again.callback(game.close_board)
    when_run_again.callback(game.close)
    instead_of_earlier(when_run_again)
    return game
