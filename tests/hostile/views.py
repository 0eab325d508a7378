"""Every way in which a trace is shown or exported, by name: a function from the trace to the texts that come of it."""

import html.parser
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import ipywidgets
from helpers import displayed

from smtplab import Trace
from smtplab.packets.dissect import certificates, client_hello
from smtplab.report import heading, sizes, verdict
from smtplab.show.decision_tree import DecisionTree
from smtplab.show.figures import plot_counters, plot_ladder
from smtplab.show.five_byte_lens import FiveByteLens
from smtplab.show.header_rows import five_bytes
from smtplab.show.live import Live
from smtplab.show.openings import plot_openings
from smtplab.show.player import Player

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def drawn(widget: object) -> list[str]:
    """All that a widget shows: its text, its page, what it sends to the browser, its parts' too; and it is closed."""
    try:
        return [widget.text(), str(widget), *parsed(widget.page() if hasattr(widget, "page") else ""), *state(widget)]
    finally:
        widget.close()


def state(widget: object) -> list[str]:
    """Every text in the state of a widget and of its parts; HTML is parsed."""
    own = {name: value for name, value in widget.get_state().items() if not name.startswith("_") and name != "children"}
    if isinstance(widget, ipywidgets.Textarea):
        del own["value"]  # what somebody has put there
    html = parsed(own.pop("value")) if isinstance(widget, ipywidgets.HTML) else []
    return [*strings(own), *html, *(text for part in getattr(widget, "children", ()) for text in state(part))]


def strings(value: object) -> list[str]:
    """Every string in a nested value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    return [text for part in value for text in strings(part)] if isinstance(value, list | tuple) else []


def parsed(page: str) -> list[str]:
    """The texts of a page; AssertionError if it has an element or a handler that only a peer can have put there."""
    found: list[str] = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attributes: list) -> None:
            assert not any(name.startswith("on") for name, _ in attributes), (tag, attributes)
            assert tag != "img" or dict(attributes).get("src", "").startswith("data:image/png;base64,"), attributes

        def handle_data(self, data: str) -> None:
            found.append(data)

    Reader().feed(page)
    return found if "<script" not in page else []  # a page of its own: its data stand in its state too


def picture(made: object) -> list[str]:
    """A picture's words, once it has been drawn."""
    bundle = displayed(made)
    assert bundle["image/png"].startswith(b"\x89PNG")
    return [made.alt, *parsed(bundle["text/html"])]


def live(trace: Trace) -> list[str]:
    """As it is printed while it happens."""
    class So:
        events: list = []
        size_bytes = 1000
        clean_events = staticmethod(lambda: So.events)
    lines: list[str] = []
    printing = Live(lines.append)
    So.events = []
    for event in trace.events:
        So.events.append(event)
        printing(So)
    printing.rest(So)
    return lines


def exported(trace: Trace) -> list[str]:
    """Written as a capture, read again, and dissected."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.pcapng"
        trace.to_pcapng(path)
        again = [trace, *Trace.from_pcap(path, ports=trace.address[1])]
    return [str(told) for one in again for told in (one, client_hello(one), certificates(one))]


VIEWS: dict[str, Callable[[Trace], list[str]]] = {
    "text": lambda trace: [str(trace), heading(trace), verdict(trace), sizes(trace), str(trace.diagnosis)],
    "live text": live,
    "json": lambda trace: [trace.to_json(), *([] if Trace.from_json(trace.to_json()) == trace else ["\0not the same"]),
                           json.dumps(trace.to_dict())],
    "player": lambda trace: drawn(Player(trace)),
    "doors": lambda trace: drawn(DecisionTree.of(trace)),
    "lens": lambda trace: drawn(FiveByteLens(trace.first_bytes or b"220 x")),
    "five bytes": lambda trace: [*five_bytes(trace)._repr_mimebundle_().values()],
    "ladder": lambda trace: picture(plot_ladder(trace)),
    "counters": lambda trace: picture(plot_counters(trace)),
    "openings": lambda trace: picture(plot_openings([trace, trace])),
    "capture": exported,
}
PICTURES = ("ladder", "counters", "openings")  # they take longest
