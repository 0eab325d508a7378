"""The settings explorer, without a browser: what follows from each click and each paste, and what it leaves behind."""


import ipywidgets
import pytest
from helpers import until

from smtplab.settings import frameworks
from smtplab.show import SettingsExplorer
from smtplab.show.settings_explorer import EMPTY, IS_LONG, LONG

STRUCK = "smtp_settings = {port: 587, ssl: false, enable_starttls: true, password: 'hunter2'}"
REFUSED = "smtp_settings = {port: 465, tls: true, enable_starttls: true}"
HOSTILE = "smtp_settings = {port: 587, tls: '</pre><script>boom()</script>', address: \"<img src=x onerror='boom()'>\"}"

pytestmark = pytest.mark.usefixtures("stand_in_player")


@pytest.fixture
def explore():
    """`explore(...)` makes a SettingsExplorer, which is closed after the test."""
    made = []

    def make(*args, **options):
        made.append(SettingsExplorer(*args, **options))
        return made[-1]

    yield make
    for widget in made:
        widget.close()


def press(widget, words):
    [found] = [b for b in buttons(widget) if b.description == words]
    assert not found.disabled
    found.click()


def buttons(box):
    for child in getattr(box, "children", ()):
        if isinstance(child, ipywidgets.Button):
            yield child
        yield from buttons(child)


def all_html(box):
    own = [box.value] if isinstance(box, ipywidgets.HTML) else []
    return "".join([*own, *(all_html(child) for child in getattr(box, "children", ()))])


def test_it_begins_with_right_settings(explore):
    widget = explore()
    assert widget._framework.options[0][1] == widget._framework.value == "rails-mail"
    assert len(widget._framework.options) == len(frameworks())
    assert "enable_starttls: :always" in widget._text.value and widget._version.value == ""
    assert (widget.report.mode, widget.report.outcome, widget.report.port) == ("starttls-required", "works", 587)
    assert "✓ On port 587: works." in widget._answer.value
    assert "encrypted from here" in widget._picture.value and widget._open_lens.layout.display == "none"


@pytest.mark.parametrize(("words", "mode", "outcome", "port"), [
    ("implicit on 465", "implicit", "works", 465), ("STARTTLS required on 587", "starttls-required", "works", 587),
    ("the mismatch: implicit on 587", "implicit", "wrong-version-number", 587),
    ("the wait: STARTTLS on 465", "starttls-required", "hang", 465)])
def test_examples(explore, words, mode, outcome, port):
    widget = explore(port=25)
    press(widget, words)
    assert (widget.report.mode, widget.report.outcome, widget.report.port) == (mode, outcome, port)
    assert widget._port.value == "" and f"On port {port}: {outcome}." in widget._answer.value


def test_a_port_is_chosen_typed_or_the_settings_own(explore):
    widget = explore()
    press(widget, "465")
    assert widget.report.port == 465 and widget.report.outcome == "hang" and "It hangs" in widget._answer.value
    press(widget, "from the settings")
    assert widget.report.port == 587
    widget._port.value = " 25 "
    assert widget.report.port == 25 and widget._port_said.value == ""
    for wrong in ("0", "65536", "1e3", "-1", "²", "<img src=x>"):
        widget._port.value = wrong
        assert widget.report.port == 587 and "is no port" in widget._port_said.value
    assert "<img" not in widget._port_said.value


def test_the_text_of_a_port_is_the_port(explore):
    widget = explore(port="465")
    assert widget.report.port == 465 and widget._port.value == "465"
    for wrong in ("smtp", 0, 70000, []):
        with pytest.raises(ValueError, match=r"no port .*; ports are 1 to 65535"):
            explore(port=wrong)


def test_what_is_pasted_is_read_as_it_comes(explore):
    widget = explore(version="2.8.1")
    widget._text.value = STRUCK
    assert "<del><code>enable_starttls = true</code></del>" in widget._lines.value
    assert "<b>ineffective</b>" in widget._warnings.value
    assert "hunter2" not in all_html(widget) + str(widget) + str(widget._repr_mimebundle_()["text/html"])
    widget._text.value = ""
    assert "Nothing is pasted" in widget._lines.value
    widget._text.value = "good morning"
    assert "Not one line of this" in widget._lines.value


def test_what_is_pasted_is_text(explore):
    widget = explore(version="2.8.1")
    widget._text.value = HOSTILE
    assert "&lt;script&gt;" in widget._lines.value
    for made in (all_html(widget), widget._repr_mimebundle_()["text/html"]):
        assert "<script" not in made and "<img" not in made


def test_a_long_text_is_read_when_the_box_is_left(explore):
    widget = explore()
    assert widget._text.continuous_update and IS_LONG not in widget._hint.value
    widget._text.value = "# a comment\n" * (LONG // 12) + "tls: true # and some more words"
    assert widget.report.mode == "implicit" and not widget._text.continuous_update and IS_LONG in widget._hint.value
    press(widget, "implicit on 465")
    assert widget._text.continuous_update


def test_each_change_is_read_once(explore, monkeypatch):
    from smtplab.show import settings_explorer as module
    widget, read = explore(), []
    real = module.read_settings
    monkeypatch.setattr(module, "read_settings", lambda *args, **options: read.append(args) or real(*args, **options))
    for act in (lambda: press(widget, "465"), lambda: press(widget, "implicit on 465"),
                lambda: press(widget, "25"), lambda: widget._use[1].click(),
                lambda: setattr(widget._text, "value", "tls: true"),
                lambda: setattr(widget._framework, "value", "gitlab-omnibus")):
        read.clear()
        act()
        assert len(read) == 1


def test_another_framework_says_the_same_example(explore):
    widget = explore()
    press(widget, "the mismatch: implicit on 587")
    widget._version.value = "mail 2.7.1 / net-smtp 0.1.0"
    widget._framework.value = "gitlab-omnibus"
    assert widget._version.value == "" and "smtp_tls'] = true" in widget._text.value
    assert widget.report.outcome == "wrong-version-number" and "GitLab" in widget._answer.value
    assert widget._to.value != "gitlab-omnibus"
    assert "STARTTLS required on 587: not possible" in widget._missing.value
    assert [b.disabled for b in widget._examples] == [False, True, False, False]
    widget._framework.value = "rails-mail"
    assert "STARTTLS required" not in widget._missing.value
    press(widget, "STARTTLS required on 587")
    widget._framework.value = "gitlab-omnibus"  # which has none: right settings in its place
    assert (widget.report.outcome, widget.report.port) == ("works", 465)


def test_ones_own_text_stays(explore):
    widget = explore()
    widget._text.value = "tls: true"
    widget._version.value = "mail 2.7.1 / net-smtp 0.1.0"
    widget._framework.value = "gitlab-omnibus"
    assert widget._text.value == "tls: true" and "GitLab" in widget._answer.value


def test_the_right_ones_go_into_the_box(explore):
    widget = explore(settings="tls: true", port=587)
    assert [right.value.count("<pre") for right in widget._right] == [1, 1]
    widget._use[1].click()
    assert widget._text.value == widget.report.right[1].text and widget._port.value == ""
    assert widget.report.outcome == "works"
    widget._framework.value = "gitlab-omnibus"
    assert widget._use[1].layout.display == "none" and "not possible" in widget._right[1].value
    assert widget._use[0].layout.display is None


def test_the_same_in_another_framework(explore):
    widget = explore(settings="tls: true", port=465)
    widget._to.value = "gitlab-omnibus"
    assert "implicit on 465 in GitLab" in widget._translation.value and "smtp_tls" in widget._translation.value
    press(widget, "587")
    assert "implicit on 587 in GitLab" in widget._translation.value


def test_a_mapping_is_read_until_something_is_pasted(explore):
    widget = explore("rails", {"tls": True, "port": 465, "password": "hunter2"})
    assert widget.report.mode == "implicit" and widget._text.value == "" and widget._text.placeholder == EMPTY
    assert "tls = true" in widget._lines.value and "hunter2" not in all_html(widget) + str(widget)
    widget._version.value = "mail 2.7.1 / net-smtp 0.1.0"
    assert widget.report.mode == "implicit" and widget._text.value == ""
    widget._text.value = "enable_starttls: true"
    assert widget.settings == "enable_starttls: true" and widget.report.mode == "starttls-required"


@pytest.mark.parametrize(("words", "predicted", "seen"), [
    ("the mismatch: implicit on 587", "wrong-version-number", "implicit-to-plaintext"),
    ("the wait: STARTTLS on 465", "hang", "plaintext-to-implicit"), ("implicit on 465", "works", "ok")])
def test_run_it(explore, words, predicted, seen):
    widget = explore(timeout_s=2 if seen == "plaintext-to-implicit" else 20)
    press(widget, words)
    assert widget._steps.disabled and widget.trace is None
    press(widget, "Run it")
    assert widget.wait(20)
    assert f"predicted: {predicted} / seen: {seen}</b> (as predicted)" in widget._compared.value
    assert "SSL handshake has read" in widget._compared.value and "Transcript" in widget._compared.value
    assert f"predicted: {predicted} / seen: {seen}" in str(widget) and widget.trace.cause == seen
    assert widget._stop.disabled and not widget._start.disabled
    press(widget, "Step through it")
    [player] = widget._player.children
    assert player.trace is widget.trace and player.server_trace.seen_from == "server"
    first = widget.trace
    press(widget, "Run it")
    assert widget.wait(20) and widget.trace is not first and widget._player.children == ()
    # Other settings: what was seen is not theirs.
    press(widget, "465")
    press(widget, "from the settings")
    assert widget._compared.value == "" and widget._steps.disabled and widget._player.children == ()
    assert player.comm is None and "/ seen:" not in str(widget)


def test_refused_settings_dial_nothing(explore):
    widget = explore(settings=REFUSED)
    assert widget.report.mode == "error" and widget._start.disabled
    assert "nothing is dialled" in widget._said.value and "No connection is made" in widget._picture.value
    widget.start()
    assert widget._run is None and widget.wait(0) and widget.trace is None
    press(widget, "implicit on 465")
    assert not widget._start.disabled and "Run it dials" in widget._said.value


def test_stop_and_what_is_chosen_meanwhile(explore):
    widget = explore(timeout_s=600)
    press(widget, "the wait: STARTTLS on 465")
    widget.start()
    until(lambda: "of at most 600 s" in widget._said.value and not widget._stop.disabled)
    run = widget._run
    widget.start()  # twice is once
    assert widget._run is run
    press(widget, "implicit on 465")  # the run goes on, and is of what was chosen before
    assert run.running
    press(widget, "Stop")
    assert widget.wait(20)
    assert widget.comparison.predicted == "hang" and widget.comparison.agrees is None
    assert "mode starttls-required, port 465" in widget._compared.value and "stopped after" in widget._said.value


def test_close_ends_the_run_and_all_that_it_opened(explore):
    widget = explore(timeout_s=60)
    press(widget, "the mismatch: implicit on 587")
    press(widget, "Open the five-byte lens")
    lens = widget._lens
    press(widget, "the wait: STARTTLS on 465")
    widget.start()
    until(lambda: widget._rehearsing._dial)
    widget.close()
    assert not widget._run.running and widget.comm is None and lens.comm is None


def test_the_lens_opens_and_shuts(explore):
    widget = explore()
    press(widget, "the mismatch: implicit on 587")
    assert widget._open_lens.layout.display is None and "The five bytes" in widget._picture.value
    press(widget, "Open the five-byte lens")
    assert widget._lens_box.children == (widget._lens,)
    press(widget, "Open the five-byte lens")
    assert widget._lens_box.children == ()
    press(widget, "Open the five-byte lens")
    press(widget, "implicit on 465")
    assert widget._lens_box.children == () and widget._open_lens.layout.display == "none"


def test_running_the_cell_again_closes_the_earlier_one(explore, monkeypatch):
    from smtplab.show import running
    runs = iter([("a cell of this test", "first run"), ("a cell of this test", "second run")])
    monkeypatch.setattr(running, "_this_run", lambda: next(runs))
    first, second = explore(), explore()
    assert first.comm is None and second.comm is not None


def test_as_text_and_as_a_page(explore):
    widget = explore(settings="tls: true", port=587)
    bundle = widget._repr_mimebundle_()
    assert bundle["text/plain"] == str(widget) and "on port 587: wrong-version-number" in str(widget)
    for words in ("Mode: implicit.", "The five bytes", "What each line does", "Warnings", "smallest right settings"):
        assert words in bundle["text/html"]


def test_versions_of_ones_own_and_mistakes(explore):
    widget = explore(version="2.8.2")
    assert widget._version.value == "2.8.2" and widget.report.version == "2.8.2"
    with pytest.raises(ValueError, match="did you mean"):
        SettingsExplorer("rials")
    with pytest.raises(ValueError, match="port 70000"):
        SettingsExplorer(port=70000)
