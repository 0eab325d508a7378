"""Pictures for print: what they show, in words too; hostile text stays text."""

import html
import re
import sys

import pytest
from helpers import displayed
from test_text import HOSTILE, trace_of

from smtplab import Event, dial, matrix, serve
from smtplab.show.figures import MOST_STEPS, _counts, plot_counters, plot_ladder, plot_matrix

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def traces():
    with serve("starttls") as server:
        works, fails = dial(server, "starttls"), dial(server, "implicit")
        seen = server.trace(of=works)
    with serve("silent") as server:
        hangs = dial(server, "plain", timeout_s=0.7)
    return {"works": works, "fails": fails, "seen": seen, "hangs": hangs}


def texts(picture):
    """Every text in the figure."""
    import matplotlib.text
    return [item.get_text() for item in picture.figure.findobj(matplotlib.text.Text) if item.get_text()]


def test_the_ladder_tells_the_conversation(traces):
    picture = plot_ladder(traces["works"])
    for words in ("220 mail.example.com ESMTP smtplab, 36 bytes", "STARTTLS, 10 bytes",
                  "handshake client_hello, 517 bytes", "closes the connection", "client", "server",
                  "inside TLS", "plaintext SMTP"):
        assert words in texts(picture)
    assert "client: STARTTLS, 10 bytes" in picture.alt and picture.alt.endswith("✓ ok")
    failed = plot_ladder(traces["fails"])
    assert failed.alt.endswith("✗ implicit-to-plaintext")
    assert "inside TLS" not in texts(failed)  # the legend names what is there


def test_a_hang_is_drawn(traces):
    picture = plot_ladder(traces["hangs"])
    assert any(re.search(r"\d+\.\d s pass; the client waits: greeting", text) for text in texts(picture))
    assert re.search(r"the client was still waiting \(greeting\) after 0\.\d\d s", picture.alt)
    assert "not certain" in picture.alt
    assert "Not one byte came." in texts(plot_counters(traces["hangs"]))


def test_counters_say_received_and_read(traces):
    arrived, read, headers = _counts(traces["fails"])
    assert [n for _, n in arrived] == [0, 36] and [n for _, n in read] == [0, 5] and len(headers) == 1
    assert "31 bytes came and were never read" in texts(plot_counters(traces["fails"]))
    assert "read by the client: 5" in texts(plot_counters(traces["fails"]))
    for name in ("works", "seen"):
        trace = traces[name]
        arrived, read, headers = _counts(trace)
        assert arrived[-1][1] == trace.bytes_received
        assert trace.bytes_received - read[-1][1] in (0, 24)  # a close_notify may come too late to be read
        assert [n for _, n in read] == sorted(n for _, n in read) and len(headers) > 3
        # Nothing is read before it has come.
        for at_ms, count in read:
            assert count <= max(n for at, n in arrived if at <= at_ms)
    assert "read by the server: " in " ".join(texts(plot_counters(traces["seen"])))


def test_the_matrix_says_it_in_words_and_signs():
    rows = matrix(["starttls", "silent"], timeout_s=2)
    picture = plot_matrix(rows)
    for words in ("✓ ok", "✓ ok, in clear", "✗ implicit-to-plaintext", "? plaintext-to-implicit", "silent"):
        assert words in texts(picture)
    assert "implicit-to-plaintext, read 5" in picture.alt and "plaintext-to-implicit?" in picture.alt
    assert plot_matrix([]).png().startswith(PNG)


def test_it_is_a_picture_with_an_alternative_text(traces, tmp_path):
    picture = plot_ladder(traces["fails"])
    bundle = displayed(picture)
    assert bundle["image/png"].startswith(PNG) and bundle["text/plain"] == str(picture) == picture.alt
    assert f'alt="{html.escape(picture.alt)}"' in bundle["text/html"] and bundle["text/html"].count("<") == 1
    assert picture.save(tmp_path / "a.png").read_bytes().startswith(PNG)
    assert "<svg" in picture.save(tmp_path / "a.svg").read_text(encoding="utf-8")


HOSTILES = [HOSTILE, b"220 $\\frac{1}{0}$ $x$\r\n", b"220 \"><script>x</script>\r\n", b"220 " + b"A" * 65536 + b"\r\n",
            b"220 " + "‮x‏".encode() + b"\r\n", b"\x00" * 300, b"220 no line end"]


@pytest.mark.parametrize("data", HOSTILES)
def test_hostile_text_is_text(data, tmp_path):
    trace = trace_of(Event(0.1, "server", "bytes", data), Event(0.9, "client", "closed"), bytes_received=len(data))
    for plot in (plot_ladder, plot_counters):
        picture = plot(trace)
        assert picture.png().startswith(PNG)
        page = displayed(picture)["text/html"]
        assert page.count("<") == 1 and "<script" not in page
        assert all(text.isprintable() or "\n" in text for text in texts(picture)) and len(picture.alt) < 2000
        assert picture.figure.get_size_inches()[0] < 20
        svg = picture.save(tmp_path / "x.svg").read_text(encoding="utf-8")
        assert "<script" not in svg and "<img" not in svg


def test_parts_of_a_line_are_one_arrow_with_one_size():
    parts = [Event(n / 100, "server", "bytes", part) for n, part in enumerate([b"220 a", b"bc", b"\r\n", b"250 x"])]
    said = texts(plot_ladder(trace_of(*parts)))
    assert "220 abc, 9 bytes" in said and "250 x (no line end), 5 bytes" in said


def test_a_long_conversation_is_cut_and_says_so():
    events = [Event(n / 100, "server", "bytes", b"220-x\r\n") for n in range(MOST_STEPS * 3)]
    picture = plot_ladder(trace_of(*events))
    assert "more steps are not drawn" in picture.alt
    assert picture.figure.get_size_inches()[1] < 25


def test_nothing_ever_connected():
    trace = trace_of()
    for events in ((), trace.events):
        bare = trace_of(events=events)
        assert plot_ladder(bare).png().startswith(PNG) and plot_counters(bare).png().startswith(PNG)


def test_no_global_state():
    # pyplot keeps figures open and picks a window system.
    if "matplotlib.pyplot" in sys.modules:
        pytest.skip("another test has loaded pyplot")
    plot_ladder(trace_of())
    assert "matplotlib.pyplot" not in sys.modules
