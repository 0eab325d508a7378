"""The board's form for a mend: a client's settings in fields or in its own words, a try for real, and the requests."""

from __future__ import annotations

import html
import threading

import ipywidgets

from ...show.inputs import PasteBox
from ...show.running import Running, RunPanel
from ...show.widget_base import button, row, show_if
from .client import MODE_WORDS, Client, changed
from .judge import NotUnderstood
from .mend import TIMEOUT_S, Attempt, Mending, not_tried
from .pool import ASKS
from .round import MEND, Round, Ticket
from .ruled import mended

GRACE_S = 0.25  # a field's value and the click right after it may arrive in the other order: it is waited for
_LABEL, _WIDE = {"description_width": "5em"}, {"width": "auto", "max_width": "98%"}
_ASKS = (("(choose)", ""), *((str(request), name) for name, request in ASKS.items()))


class _Try:
    """A job: wait until all fields have arrived, then dial what they say."""

    def __init__(self, form: MendForm) -> None:
        self._form, self._stopped, self._lock = form, threading.Event(), threading.Lock()
        self._attempt: Attempt | None = None

    def run(self) -> Mending:
        """Read the fields, dial, and rule on it."""
        self._stopped.wait(GRACE_S)
        made = self._form.made()
        if isinstance(made, Mending):
            return made
        with self._lock:
            self._attempt = made
            if self._stopped.is_set():
                made.stop()
        return self._form.game.run(made)

    def stop(self) -> None:
        """End at once. May be called from any thread."""
        with self._lock:
            self._stopped.set()
            if self._attempt:
                self._attempt.stop()


class MendForm(RunPanel):
    """What mends a solved ticket: change its client and try it, or name who must do what."""

    css_class = "smtplab-mend"

    def __init__(self, game: Round, ticket: Ticket) -> None:
        self.game, self._ticket = game, ticket
        self._refused: Mending | None = None  # shown until the next try; the round doesn't keep it
        self._make_fields()
        stop, start, clock_line = self.controls("Try it")
        stop.disabled = True
        self._result = ipywidgets.HTML()
        self._asks = ipywidgets.Dropdown(options=_ASKS, description="Or ask", style=_LABEL, layout=_WIDE)
        what, colon, how = MEND.partition(":")
        told = f"<div>{html.escape(game.told(ticket.number))}</div>"
        super().__init__([
            ipywidgets.HTML(f'<div style="max-width:60em;line-height:1.4;margin-top:6px"><b>{html.escape(what)}</b>'
                            f"{html.escape(colon + how)}{told}</div>"),
            self.way, self._in_fields, self.pasted, row(self.ca, self.check),
            row(self.user, self.password, self.mechanism),
            row(start, stop, button("As it was", self.put_back), clock_line), self._result,
            self._asks, button("Ask them", self._ask)])
        self.put_back()

    def _make_fields(self) -> None:
        ticket = self._ticket
        self.way = _choice("Change", "24em", ("in fields", "fields"), (f"in {ticket.client}'s own words", "text"))
        self.way.observe(lambda _: self._show_way(), "value")
        self.mode = _choice("Mode", "21em", *((words, str(mode)) for mode, words in MODE_WORDS.items()))
        self.host, self.port = _typed("Host", "19em"), _typed("Port", "11em", label="3em")
        self.ca = _typed("CA file", "29em", "the system's authorities")
        self.user = _typed("User", "14em", "no login")
        self.password = _typed("Password", "16em", "the lab's, none of yours")
        self.pasted = PasteBox(rows=4, description="Settings", style=_LABEL, layout=dict(_WIDE))
        self.check = _choice("Check", "21em", ("certificate checked", "yes"), ("not checked (verify none)", "no"))
        self.mechanism = _choice("Login by", "12em", *((name, name) for name in ("PLAIN", "LOGIN")))
        self._in_fields = ipywidgets.VBox([self.mode, row(self.host, self.port)], layout={"overflow": "visible"})

    # --- what a person does ---

    def put_back(self) -> None:
        """Put the ticket's own settings into all fields."""
        found: Client = self._ticket.as_found
        self.mode.value, self.host.value, self.port.value = str(found.mode), found.host, str(found.port)
        self.pasted.value = self._ticket.settings
        self.ca.value, self.check.value = found.ca_file or "", "yes"
        self.user.value, self.password.value = found.login or ("", "")
        self.mechanism.value = found.mechanism
        self._show_way()

    def _show_way(self) -> None:
        in_text = self.way.value == "text"
        show_if(not in_text, self._in_fields)
        show_if(in_text, self.pasted)

    def _ask(self) -> None:
        self._say(self.game.ask(self._ticket.number, self._asks.value))

    # --- a try ---

    def made(self) -> Attempt | Mending:
        """The dial that the fields describe; a Mending where they describe none."""
        fields = {"ca": self.ca.value, "user": self.user.value, "password": self.password.value,
                  "mechanism": self.mechanism.value}
        if self.way.value == "text":
            fields["settings"] = self.pasted.value
            if self.check.value == "no":
                fields["check"] = "no"
        else:
            fields |= {"mode": self.mode.value, "host": self.host.value, "port": self.port.value,
                       "check": self.check.value}
        if not self.user.value.strip():
            del fields["password"]
        client = changed(self._ticket.as_found, self._ticket.framework, fields)
        if isinstance(client, NotUnderstood):
            return not_tried(client.words, self._ticket.number)
        return self.game.attempt(self._ticket.number, client)

    def new_job(self) -> tuple[_Try, float]:
        """The try."""
        return _Try(self), TIMEOUT_S + GRACE_S

    def show_progress(self, run: Running) -> None:
        """The clock, then the ruling."""
        # The start button stays enabled, so that it keeps the focus; a click on it while a try runs does nothing.
        self.show_run(run, "trying", "")
        self.start_button.disabled = False
        if run.result:
            self._say(run.result)

    def _say(self, mending: Mending) -> None:
        self._refused = mending if mending.passed is None else None
        self.refresh()

    def refresh(self) -> None:
        """Show the last ruling."""
        self._result.value = mended(self._refused or self.game.mending(self._ticket.number))


def _choice(name: str, width: str, *options: tuple[str, str]) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(options=options, description=name, style=_LABEL,
                               layout={"width": width, "max_width": "98%"})


def _typed(name: str, width: str, hint: str = "", label: str = "5em") -> ipywidgets.Text:
    return ipywidgets.Text(description=name, style={"description_width": label}, placeholder=hint,
                           layout={"width": width, "max_width": "98%"})
