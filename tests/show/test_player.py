"""The Player without a browser: its traits, its text, and nothing from the wire as markup."""

import json
import re
from html.parser import HTMLParser

import pytest
from helpers import displayed
from peers import scripted, stay

from smtplab import Trace, dial, serve
from smtplab.show.player import Player

pytestmark = pytest.mark.usefixtures("no_stalls")

HOSTILE = (b"220 <img src=x onerror='window.hacked=1'></script><script>window.hacked=2</script>"
           b"\x1b[31m\x07\xe2\x80\xae\xe2\x81\xa6" + b"A" * 65536 + b"\r\n")


class Tags(HTMLParser):
    """The tags of a page, with the attributes' names."""

    def __init__(self, page):
        super().__init__()
        self.found = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found |= {tag, *(name for name, _ in attrs)}


@pytest.fixture(scope="module")
def mismatch():
    with serve("starttls") as server:
        trace = dial(server, "implicit")
        return Player(trace, server.trace(of=trace))


@pytest.fixture(scope="module")
def hostile():
    with scripted(HOSTILE, stay) as address:
        return Player(dial(address, "plain", timeout_s=1))


def test_traits_are_plain_values_only(mismatch):
    state = mismatch.state()
    assert {"steps", "heading", "outcome", "counters", "index", "alive"} <= set(state)
    json.dumps(state)
    assert state["counters"] == "SSL handshake has read 5 bytes and written 517 bytes"
    assert state["outcome"]["cause"] == "implicit-to-plaintext" and state["outcome"]["certain"] is True
    assert state["outcome"]["heard"] == ["client", "server"]
    assert state["heading"].startswith("client in mode implicit")


def test_the_index_stays_within(mismatch):
    mismatch.index = 99
    assert mismatch.index == len(mismatch.steps) - 1
    mismatch.index = -1
    assert mismatch.index == 0


def test_the_text_loses_nothing(mismatch):
    text = str(mismatch)
    assert text.startswith(str(mismatch.trace))
    for number, step in enumerate(mismatch.steps, 1):
        assert f"step {number}: " in text and step["label"] in text
        for one in step["fields"]:
            assert one["name"] in text and one["value"] in text
        assert all(note in text for note in step["openssl"])
    assert "length, offset 3, 2 bytes: 8301 (covers 8301 bytes)" in text


def test_nothing_from_the_wire_is_markup(hostile):
    bundle = displayed(hostile)
    page = bundle["text/html"]
    assert Tags(page).found <= {"div", "pre", "style", "script", "id", "class", "type"}
    assert "<img" not in page and "<script>" not in page and page.count("</script") == 1
    assert "\x1b" not in page and not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", page)
    assert "&lt;img" in page and "window.hacked" in page  # as text
    assert bundle["text/plain"].replace("\n", "").isprintable()


def test_a_script_puts_text_in_as_text_only(hostile):
    state = hostile.get_state()
    script, style = state["_esm"], state["_css"]
    assert "function render(" in script and "{" in style
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:", "https:",
                 "import "):
        assert word not in script
    assert "url(" not in style and "@import" not in style


def test_the_page_has_the_script_and_all_steps(mismatch):
    page = mismatch.page()
    assert "function render(" in page and "export default" not in page
    assert all(step["hex"] in page for step in mismatch.steps)


def test_a_trace_without_events_is_no_error(mismatch):
    document = json.loads(mismatch.trace.to_json()) | {"events": []}
    player = Player(Trace.from_json(json.dumps(document)))
    assert player.steps == [] and player.index == 0 and player.text() and player.page()


def test_a_long_conversation_opens_on_its_story():
    with serve("starttls") as server:
        trace = dial(server, "starttls")
        player = Player(trace, server.trace(of=trace))
    told = [player.steps[n]["label"] for n in player.story]
    assert 6 <= len(told) <= 10 < len(player.steps)
    assert [label.split()[0] for label in told] == ["connected", "220", "ehlo", "250-mail.example.com\\r\\n250-SIZE",
                                                    "STARTTLS\\r\\n", "220", "handshake", "handshake", "ehlo",
                                                    "250-mail.example.com\\r\\n250-SIZE"]
    assert len(str(player).splitlines()) <= 25 and "new_session_ticket" in player.whole()
    assert player.counters in str(player) and f"All {len(player.steps)} steps" in str(player)


def test_the_story_of_a_failure_ends_with_it():
    with serve("starttls") as server:
        player = Player(dial(server, "starttls", login=("alice", "wrong")))
    assert 6 <= len(player.story) <= 10 and "535" in player.steps[player.story[-1]]["label"]


def test_a_short_conversation_shows_all(mismatch):
    assert mismatch.story == [] and mismatch.text() == mismatch.whole()
