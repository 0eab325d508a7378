"""The live square without a browser: what a click asks for, what is shown meanwhile, a stop, its end, its page."""

import threading
import time

import pytest
from helpers import displayed, until

import smtplab.show
from smtplab import serve
from smtplab.show import FourCorners, four_corners, recorded_corners
from smtplab.show.corners import CORNERS

pytestmark = pytest.mark.usefixtures("stand_in_player")
TALK, WAIT = ("implicit", "starttls"), ("starttls", "implicit")


@pytest.fixture
def made():
    """`made(...)` makes a FourCorners, which is closed after the test."""
    all_made = []

    def make(*args, **options):
        all_made.append(FourCorners(*args, **options))
        return all_made[-1]

    yield make
    for widget in all_made:
        widget.close()


def cells(widget):
    return {tuple(cell["key"].split("|")): cell for cell in widget.square.cells}


def ask(widget, do, corner=()):
    """What the page sends when something is pressed."""
    widget.square._handle_custom_msg({"do": do, "key": "|".join(corner)}, [])


def test_it_is_run_from_python_and_printed(made):
    widget = made(timeout_s=1)
    assert str(widget).count("not run yet") == 4 and widget.runs == [] and not widget.running
    assert widget.run(*TALK) is widget and [run.corner for run in widget.runs] == [TALK]
    assert str(widget).count("not run yet") == 3 and "both talk: wrong version" in str(widget)
    text = str(widget.run())
    assert len(widget.runs) == 4 and not widget.running
    assert "both wait: the hang" in text and text.count("works: TLSv1.") == 2 and "recorded" not in text
    assert len(text.splitlines()) <= 25 and max(map(len, text.splitlines())) <= 80
    assert displayed(widget)["text/plain"] == text
    with pytest.raises(ValueError, match=r"no corner \('implicit', 'http'\); the four are \('implicit', 'startt"):
        widget.run("implicit", "http")


def test_what_was_not_run_is_completed(made):
    widget = made(timeout_s=1)
    [once] = widget.run(*TALK).runs
    assert widget.complete() is widget and len(widget.runs) == 4 and widget.runs[0] is once
    again = widget.runs
    assert all(one is two for one, two in zip(widget.complete().runs, again, strict=True)) and not widget.running


def test_a_click_runs_one_and_the_page_sees_it_wait(made):
    widget = made(timeout_s=600)
    assert [cell["result"] for cell in cells(widget).values()] == [None] * 4
    ask(widget, "run", WAIT)
    cell = until(lambda: (c := cells(widget)[WAIT])["result"] and len(c["result"]["waits"]) == 2 and c)
    assert cell["busy"].startswith("running: ") and cell["busy"].endswith("s of at most 600 s")
    assert cell["result"]["waits"] == ["client", "server"] and cell["result"]["sentence"] == ""
    assert widget.running and cells(widget)[TALK]["busy"] == ""
    ask(widget, "run", TALK)  # meanwhile
    result = until(lambda: not cells(widget)[TALK]["busy"] and cells(widget)[TALK]["result"])
    assert (result["tone"], result["sign"], result["first"]) == ("bad", "✗", ["client", "server"])
    assert result["headline"] == "both talk: wrong version number" and result["note"] == ""
    assert "220 mail.example.com" in result["transcript"] and widget.running
    thread = widget._running[CORNERS[3]][1]
    ask(widget, "run", WAIT)  # it goes on
    assert widget._running[CORNERS[3]][1] is thread
    ask(widget, "stop")
    assert widget.wait(30) and "s (stopped)" in str(widget) and "both wait" in str(widget)


def test_run_all_four_runs_them_at_once(made):
    widget = made(timeout_s=600)
    ask(widget, "all")
    until(lambda: len(widget.runs) == 3)  # while the hang goes on
    until(lambda: [bool(cell["busy"]) for cell in cells(widget).values()] == [False, False, False, True])
    assert widget.running and not widget.wait(0)
    assert len(widget.run(*TALK).runs) == 3 and widget.running  # it waits for its own end alone
    widget.stop()
    assert widget.wait(30) and len(widget.runs) == 4


def test_what_makes_no_sense_is_ignored(made):
    widget = made()
    for content in (None, 3, "all", {}, {"do": "run"}, {"do": "run", "key": "x|y"}, {"do": ["all"]}, {"do": "play"},
                    {"do": "play", "key": "implicit|starttls"}):
        widget.square._handle_custom_msg(content, [])
    assert not widget.running and widget.runs == [] and widget.player is None


def test_a_corner_opens_its_player_in_place_of_the_one_before(made):
    widget = made(timeout_s=1)
    widget.run()
    ask(widget, "play", TALK)
    first = widget.player
    assert first.trace is widget.runs[0].trace and first.server_trace.seen_from == "server"
    ask(widget, "play", WAIT)
    assert widget.player.trace is widget.runs[3].trace and first.comm is None
    widget.run(*TALK)
    assert widget.player  # another corner was run
    widget.run(*WAIT)
    assert widget.player is None


def test_close_ends_every_thread_and_server_within_a_second(made):
    before = set(threading.enumerate())
    widget = made(timeout_s=600)
    widget.start()
    until(lambda: len(widget.runs) == 3 and (run := widget._running[CORNERS[3]][0].so_far()) and run.waits)
    server = widget._running[CORNERS[3]][0]._at_work[0]
    start = time.monotonic()
    widget.close()
    assert time.monotonic() - start < 20 and set(threading.enumerate()) - before == set()
    assert server.ca_file is None and not widget.running
    widget.start()  # too late
    assert not widget.running and set(threading.enumerate()) - before == set()


def test_one_is_marked_or_it_says_why_not(made):
    widget = made(TALK)
    assert widget.corner == TALK and widget.square.here == "implicit|starttls"
    assert widget.square.said.startswith("you are here: the client (implicit) begins TLS at once")
    assert "<< you are here >>" in str(widget)
    with serve("implicit") as server:
        assert made(("plain", server)).corner == WAIT
    widget = made(("implicit", "http"))
    assert widget.corner is None and widget.square.here == ""
    assert widget.square.said.startswith("None of the four: a web server") and "None of the four" in str(widget)
    plain = made()
    assert plain.corner is None and plain.square.said == "" and "you are here" not in str(plain)


def test_without_a_kernel_the_runs_are_recorded_ones(made):
    widget = made()
    assert list(widget.square.recorded) == [corner.key for corner in CORNERS]
    for run in recorded_corners():
        result = widget.square.recorded[run.corner.key]
        assert result["note"].startswith("recorded run, 20") and result["note"] in result["sentence"]
        assert result["headline"] in result["sentence"] and result["transcript"] == str(run.trace)
    page = displayed(widget)["text/html"]
    assert '"alive": false' in page and "recorded run, 20" in page.partition("</pre>")[0]
    assert "recorded" not in str(widget)
    shown = made(runs=recorded_corners())
    assert len(shown.runs) == 4 and str(shown).count("recorded run") == 1
    shown.play(*TALK)
    assert shown.player.trace.cause.value == "implicit-to-plaintext"


def test_where_nothing_can_listen_it_says_so(made, monkeypatch):
    def fails(self):
        raise OSError("no <b>sockets</b>\x1b here")

    monkeypatch.setattr(four_corners.CornerJob, "run", fails)
    widget = made().run(*TALK)
    result = cells(widget)[TALK]["result"]
    said = "It could not be run here (no <b>sockets</b>\\x1b here), so this is a recorded run, "
    assert result["note"].startswith(said)
    assert not result["can_play"] and widget.runs == [] and "not run yet" in str(widget)
    monkeypatch.undo()
    assert cells(widget.run(*TALK))[TALK]["result"]["note"] == ""


def test_its_labels_in_japanese(made):
    widget = made(TALK, lang="ja", timeout_s=1).run()
    assert "暗黙的な TLS" in str(widget) and "両方が待つ：ハング" in str(widget) and "wrong version" in str(widget)
    assert cells(widget)[TALK]["name"] == "クライアントが TLS を始める、サーバーが挨拶する"
    with pytest.raises(ValueError, match="no labels in 'x'"):
        FourCorners(lang="x")
    for timeout_s in (0, -1, 601):
        with pytest.raises(ValueError, match="timeout_s is"):
            FourCorners(timeout_s=timeout_s)


def test_it_is_exported():
    names = {"FourCorners", "corner_of", "plot_four_corners", "recorded_corners"}
    assert names <= set(smtplab.show.__all__) and smtplab.show.FourCorners is FourCorners
