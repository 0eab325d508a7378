"""The base of what is drawn in the page: an anywidget with a text form, and a page of its own.

A `Drawn` works three ways. With a kernel it is a widget. Without one, as in a page made by
`nbconvert`, its HTML form carries its script and its state, so that all that needs no kernel goes
on working. Where neither is possible it is text. Scripts get plain values only, and put text into
the page as text: nothing from the wire ever becomes HTML.
"""

from __future__ import annotations

import html
import json
import uuid
from pathlib import Path

import anywidget
import traitlets

from ..escape import printable

HERE = Path(__file__).parent
_EXPORT = "export default { render };"
# What a script asks of its model, without a kernel: values that change in the page, and nobody to ask.
_MODEL = """
const model = {
  state: STATE, listeners: {}, get(key) { return this.state[key]; },
  set(key, value) { this.state[key] = value; (this.listeners["change:" + key] || []).forEach((f) => f()); },
  on(event, f) { (this.listeners[event] ||= []).push(f); }, off() {}, save_changes() {}, send() {},
};
"""


class Drawn(anywidget.AnyWidget):
    """A widget drawn by one script, `NAME.js` and `NAME.css` beside this file.

    Subclasses set `_esm`, `_css` and their synced traits, and say themselves as `text()`. Their script
    defines `function render({ model, el })` and ends with the line `export default { render };`, which is for
    anywidget; `page` leaves that line out. It hides what needs a kernel while `alive` is false.
    """

    alive = traitlets.Bool(True).tag(sync=True)

    def text(self) -> str:
        """All that the picture shows, as plain text."""
        return type(self).__name__

    def __str__(self) -> str:
        return printable(self.text())

    def state(self) -> dict:
        """The synced traits that the script reads, as plain values."""
        return {name: value for name, value in self.get_state().items() if not name.startswith("_")
                and name not in ("layout", "tooltip", "tabbable", "comm")}

    def page(self) -> str:
        """The widget as HTML that needs neither kernel nor network."""
        name = f"smtplab-{uuid.uuid4().hex}"  # pages of several kernels may end up in one document
        state = json.dumps({**self.state(), "alive": False}).replace("<", "\\u003c")
        script = str(self._esm).replace(_EXPORT, "").replace("</script", "<\\/script")
        return (f'<div id="{name}" class="smtplab-page"><pre>{html.escape(self.text())}</pre></div>\n'
                f"<style>{self._css}</style>\n<script type=\"module\">\n{script}\n{_MODEL.replace('STATE', state)}"
                f'const page = document.getElementById("{name}"), text = page.firstChild;\n'
                "const el = document.createElement(\"div\");\npage.append(el);\n"
                "render({ model, el });\ntext.remove();\n</script>")  # if render throws, the text stays

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": self.text(), "text/html": self.page()}, metadata
