"""The base of every widget: its text form, its page for exports, its end, and a driver that needs no browser.

There are two kinds. A `Panel` is a column of ipywidgets. A `ScriptWidget` is drawn in the page by a script of its own.
Both are shown in three ways: with a kernel as a widget; in an export without one as HTML (`page`); elsewhere as text.

`press`, `inputs` and `shown` do what a person does and sees, for tests and for readers who try things in a cell.
"""

from __future__ import annotations

import html
import json
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import anywidget
import ipywidgets
import traitlets

from ..escape import printable

HERE = Path(__file__).parent
_EXPORT = "export default { render };"
# The model that a script is given without a kernel: values can change in the page, messages go nowhere.
_MODEL = """
const model = {
  state: STATE, listeners: {}, get(key) { return this.state[key]; },
  set(key, value) { this.state[key] = value; (this.listeners["change:" + key] || []).forEach((f) => f()); },
  on(event, f) { (this.listeners[event] ||= []).push(f); }, off() {}, save_changes() {}, send() {},
};
"""


class LabWidget(ipywidgets.DOMWidget):
    """What all widgets have in common. Subclasses override `text`, and `page` if they can be exported as HTML."""

    _ended = False

    # --- how it is shown ---

    def text(self) -> str:
        """What the widget shows, as plain text."""
        return type(self).__name__

    def page(self) -> str:
        """What the widget shows, as HTML that needs neither kernel nor network; "" for a widget without such a form."""
        return ""

    def __str__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget's view for a page with a kernel, its HTML for an export, its text for a terminal."""
        found = super()._repr_mimebundle_(**kwargs)
        data, *metadata = found if isinstance(found, tuple) else (found,)
        own = {"text/plain": self.text(), "text/html": self.page()}
        data = {**(data or {}), **{kind: words for kind, words in own.items() if words}}
        return (data, *metadata) if metadata else data

    # --- how it ends ---

    def parts(self) -> Sequence[ipywidgets.Widget]:
        """The widgets that are closed with this one. Override to add those that are not always in the page."""
        return getattr(self, "children", ())

    def end(self) -> None:
        """End threads and servers. Called once, at the beginning of `close`, perhaps after a failed `__init__`."""

    def close(self) -> None:
        """End what runs, and take the widget and all its parts from the page. A second call does nothing.

        The garbage collector calls it too, in whatever thread and at whatever moment it runs.
        """
        if self._ended:
            return
        self._ended = True
        self.end()
        for part in self.parts():
            close_all(part)
        super().close()
        _close_looks(self)

    # --- the driver ---

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons that can be seen, from top to bottom."""
        return [found.description for found in _visible(self) if isinstance(found, ipywidgets.Button)]

    @property
    def inputs(self) -> dict[str, ipywidgets.Widget]:
        """The input fields that can be seen, by their labels. To type or choose something, set a field's `value`."""
        kinds = (ipywidgets.Text, ipywidgets.Textarea, ipywidgets.Dropdown)
        return {found.description: found for found in _visible(self) if isinstance(found, kinds)}

    def can_press(self, label: str, number: int = 1) -> bool:
        """Whether the button with this label can be seen and pressed; `number` counts those of the same label."""
        found = self._labelled(label)
        return len(found) >= number and not found[number - 1].disabled

    def press(self, label: str, number: int = 1) -> None:
        """Click the button with this label; `number` tells those of the same label apart, 1 is the topmost.

        Raises ValueError if there is no such button, or if it is disabled.
        """
        found = self._labelled(label)
        if len(found) < number:
            which = f"{len(found)} buttons {label!r}" if found else f"no button {label!r}"
            others = ", ".join(map(repr, dict.fromkeys(self.buttons)))
            raise ValueError(f"{which}; there are: {others}" if others else f"{which}, nor any other")
        if found[number - 1].disabled:
            raise ValueError(f"the button {label!r} is disabled")
        found[number - 1].click()

    def shown(self) -> str:
        """What can be seen, as HTML, a part a line: all but the labels of buttons and what stands in input fields."""
        return "\n".join(filter(None, map(_as_html, _visible(self))))

    def _labelled(self, label: str) -> list[ipywidgets.Button]:
        return [found for found in _visible(self)
                if isinstance(found, ipywidgets.Button) and found.description == label]


class Panel(LabWidget, ipywidgets.VBox):
    """A column of widgets; `css_class` is the class that its style sheet and tests know it by.

    One with a class keeps the keys that are pressed in it from the notebook.
    """

    css_class = ""
    children: tuple[ipywidgets.Widget, ...]

    def __init__(self, children: Sequence[ipywidgets.Widget] = (), **options: Any) -> None:
        super().__init__([*children, Keys(self.css_class)] if self.css_class else children, **options)
        if self.css_class:
            self.add_class(self.css_class)


class ScriptWidget(LabWidget, anywidget.AnyWidget):
    """A widget drawn by one script and one style sheet, both files beside this one.

    Subclasses set `_esm`, `_css`, and their synced traits. The script defines `function render({ model, el })` and ends
    with the line `export default { render };`, which anywidget needs and `page` leaves out. It is given plain values,
    puts text into the page as text only, and hides what needs a kernel while `alive` is false.
    """

    alive = traitlets.Bool(True).tag(sync=True)

    def __str__(self) -> str:
        return printable(self.text())

    def state(self) -> dict[str, Any]:
        """The synced traits that the script reads, as plain values."""
        return {name: value for name, value in self.get_state().items() if not name.startswith("_")
                and name not in ("layout", "tooltip", "tabbable", "comm")}

    def page(self) -> str:
        """The script with its state; the text takes its place where scripts don't run, or if `render` throws."""
        name = f"smtplab-{uuid.uuid4().hex}"  # pages of several kernels may end up in one document
        state = json.dumps({**self.state(), "alive": False}).replace("<", "\\u003c")
        script = str(self._esm).replace(_EXPORT, "").replace("</script", "<\\/script")
        return (f'<div id="{name}" class="smtplab-page"><pre>{html.escape(self.text())}</pre></div>\n'
                f"<style>{self._css}</style>\n<script type=\"module\">\n{script}\n{_MODEL.replace('STATE', state)}"
                f'const page = document.getElementById("{name}"), text = page.firstChild;\n'
                "const el = document.createElement(\"div\");\npage.append(el);\n"
                "render({ model, el });\ntext.remove();\n</script>")


class Keys(ScriptWidget):
    """An invisible part of each `Panel` with a class, which keeps the keys pressed in it from the notebook.

    Without it, JupyterLab takes an arrow key in a list for a move to the next cell, and a letter for a command. It sees
    to all that is inside of what has that `css_class`, also to what comes later.
    """

    _esm = (HERE / "keys.js").read_text(encoding="utf-8")
    _css = ""

    inside = traitlets.Unicode().tag(sync=True)

    def __init__(self, css_class: str) -> None:
        super().__init__(inside=f".{css_class}")

    def text(self) -> str:
        """Nothing: it can't be seen."""
        return ""

    def page(self) -> str:
        """Nothing."""
        return ""


def close_all(widget: ipywidgets.Widget) -> None:
    """Close a widget and its parts."""
    if not isinstance(widget, LabWidget):
        for part in getattr(widget, "children", ()):
            close_all(part)
    widget.close()
    _close_looks(widget)


def _close_looks(widget: ipywidgets.Widget) -> None:
    """Close the layout and the style of a widget: they are models of their own, and would stay in the page."""
    for name in ("layout", "style"):
        if look := getattr(widget, name, None):
            look.close()


def button(label: str, act: Callable[[], object], width: str = "9em") -> ipywidgets.Button:
    """A button that calls `act`."""
    made = ipywidgets.Button(description=label, layout={"width": width})
    made.on_click(lambda _: act())
    return made


def row(*children: ipywidgets.Widget, top: bool = False) -> ipywidgets.HBox:
    """Widgets side by side, wrapped where the page is narrow, and aligned at their middle or their `top`."""
    return ipywidgets.HBox(children, layout={"flex_flow": "row wrap", "align_items": "flex-start" if top else "center",
                                             "overflow": "visible"})


def show_if(wanted: object, *widgets: ipywidgets.Widget) -> None:
    """Show the widgets, or hide them."""
    for widget in widgets:
        widget.layout.display = None if wanted else "none"


def _visible(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    """A widget and all its parts, in order, without those that are hidden."""
    if widget.layout.display != "none":
        yield widget
        for part in getattr(widget, "children", ()):
            yield from _visible(part)


def _as_html(widget: ipywidgets.Widget) -> str:
    if isinstance(widget, ipywidgets.HTML):
        return str(widget.value)
    if isinstance(widget, ipywidgets.Label):
        return html.escape(widget.value)
    return html.escape(widget.text()) if isinstance(widget, ScriptWidget) else ""


# --- one widget a notebook cell ---


class Closable(Protocol):
    """Whatever can be closed."""

    def close(self) -> None:
        """End, and free what it holds."""


_BY_CELL: dict[str, tuple[str, list[Closable]]] = {}  # per notebook cell: its last run, and what that made


def instead_of_earlier(widget: Closable) -> None:
    """Close what an earlier run of the same notebook cell made, as nobody sees that any more."""
    if (run := _this_run()) is None:
        return
    cell, message = run
    before = _BY_CELL.get(cell)
    if before and before[0] == message:
        before[1].append(widget)
        return
    _BY_CELL[cell] = message, [widget]
    for old in before[1] if before else ():
        old.close()


def _this_run() -> tuple[str, str] | None:
    """The notebook cell that is being run, and the message that runs it; None outside a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    parent = getattr(shell, "parent_header", None) or {}
    cell = (parent.get("metadata") or {}).get("cellId")
    return (cell, parent["header"]["msg_id"]) if cell else None
