"""The error decoder, without a browser: what follows from each paste and each click, and what it leaves behind."""

from pathlib import Path

import ipywidgets
import pytest
from helpers import until

from smtplab import Cause
from smtplab.messages import explain
from smtplab.show import ErrorDecoder
from smtplab.show.error_decoder import EXAMPLES, IS_LONG, LONG, MODES
from smtplab.show.recorded_errors import recordings
from smtplab.show.reproduction import NOT_MADE

MISMATCH = "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"
LOGIN = "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Error: authentication failed')"
HANG = "Error: Greeting never received"
HOSTILE = f"</pre><script>boom()</script> {MISMATCH} <img src=x onerror='boom()'>"


@pytest.fixture
def decode():
    """`decode(...)` makes an ErrorDecoder, which is closed after the test."""
    made = []

    def make(*args, **options):
        made.append(ErrorDecoder(*args, **options))
        return made[-1]

    yield make
    for widget in made:
        widget.close()


def buttons(box):
    for child in getattr(box, "children", ()):
        if isinstance(child, ipywidgets.Button) and child.layout.display != "none":
            yield child
        yield from buttons(child)


def press(widget, words, which=0):
    found = [b for b in buttons(widget) if b.description == words]
    assert not found[which].disabled
    found[which].click()


def all_html(box):
    own = [box.value] if isinstance(box, ipywidgets.HTML) else []
    return "".join([*own, *(all_html(child) for child in getattr(box, "children", ()))])


def row_of(widget, cause):
    [found] = [row for row in widget._rows if row.shown and row.shown.cause is cause]
    return found


def test_a_text_is_explained_with_port_and_mode(decode):
    widget = decode(MISMATCH, port=587, mode="SMTPSecure=ssl")
    assert (widget._port.value, widget._mode.value) == ("587", "implicit")
    assert widget.found == explain(MISMATCH, port=587, mode="implicit")
    assert widget.found[0].cause is Cause.IMPLICIT_TO_PLAINTEXT
    assert "<mark>" in widget._marked.value and "<b>1. implicit-to-plaintext</b>" in all_html(widget)
    assert len(widget._causes.children) == len(widget.found)
    assert ("very likely" in all_html(widget)) == (widget.found[0].likelihood >= 0.85)


def test_what_is_pasted_and_chosen_is_read_as_it_comes(decode):
    widget = decode()
    assert "Not known from this text" in all_html(widget) and "<mark>" not in all_html(widget)
    assert "Reproduce it in the lab" not in [b.description for b in buttons(widget)]
    widget._text.value = LOGIN
    assert widget.found[0].cause is Cause.AUTH_REJECTED
    widget._text.value = HANG
    widget._port.value = " 465 "
    widget._mode.value = "starttls"
    assert widget.found == explain(HANG, port=465, mode="starttls")
    assert widget.found[0].cause is Cause.PLAINTEXT_TO_IMPLICIT and ":465" in all_html(widget)
    widget._text.value = ""
    assert "The text is empty" in all_html(widget) and len(widget._causes.children) == 1


@pytest.mark.parametrize("wrong", ["0", "65536", "1e3", "-1", "²", "<img src=x>"])
def test_a_wrong_port_is_told_and_left_out(decode, wrong):
    widget = decode(HANG)
    widget._port.value = wrong
    assert "is no port" in widget._port_said.value and "<img" not in widget._port_said.value
    assert widget.found == explain(HANG)
    widget._port.value = "25"
    assert widget._port_said.value == ""


def test_the_recorded_examples(decode):
    widget = decode(port=25)
    known = {(run.client, run.mode, run.port_kind): run for run in recordings()}
    for client, mode, kind in EXAMPLES:
        press(widget, f"{client}, {mode}")
        run = known[client, mode, kind]
        assert run.error_text and widget._text.value == run.words
        assert (widget._mode.value, widget._port.value) == (mode, "")
        assert widget.found == explain(run.words, mode=mode)
        likely = [one.cause for one in widget.found]
        assert likely[0] is run.cause or (client == "PHPMailer" and len(likely) > 2)  # whose words fit several


def test_modes_are_those_that_explain_reads(decode):
    for _, value in MODES:
        assert decode(mode=value)._mode.value == value
    assert decode(mode="who knows")._mode.value == ""


def test_what_is_pasted_is_text(decode):
    widget = decode(HOSTILE)
    for made in (all_html(widget), widget._repr_mimebundle_()["text/html"]):
        assert "<script" not in made and "<img" not in made and "&lt;img src=x" in made


def test_secrets_are_not_shown(decode):
    widget = decode(f"password=hunter2x\nAUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=\n{LOGIN}")
    shown = all_html(widget) + str(widget) + widget._repr_mimebundle_()["text/html"]
    assert "hunter2x" not in shown and "AGFsaWNl" not in shown and "(secret)" in shown


def test_a_long_text_is_read_when_the_box_is_left(decode):
    widget = decode()
    assert widget._text.continuous_update and IS_LONG not in widget._hint.value
    widget._text.value = MISMATCH + "\n." * LONG
    assert not widget._text.continuous_update and IS_LONG in widget._hint.value
    assert widget.found[0].cause is Cause.IMPLICIT_TO_PLAINTEXT
    widget._text.value = MISMATCH
    assert widget._text.continuous_update


def test_the_lab_shows_the_bytes_of_a_cause(decode):
    widget = decode(LOGIN, timeout_s=30)
    press(widget, "Reproduce it in the lab")
    assert widget.wait(20)
    row = row_of(widget, Cause.AUTH_REJECTED)
    assert widget.trace.cause is Cause.AUTH_REJECTED and widget.comparison.agrees
    for words in ("seen: auth-rejected</b> (as predicted)", "Transcript", "SSL handshake has read", "S: ",
                  "The login was refused", "bytes received"):
        assert words in row.result.value
    assert str(widget.trace) in str(widget) and "dialled:" in row.said.value
    assert row.stop.layout.display == "none" and not row.make.disabled
    widget._text.value = MISMATCH  # another text: what was seen is not its own
    assert widget.trace is None and "Transcript" not in all_html(widget) and "in the lab:" not in str(widget)


def test_a_second_cause_takes_the_place_of_the_first(decode):
    widget = decode(f"{MISMATCH}\n{LOGIN}", timeout_s=30)
    for cause in (Cause.AUTH_REJECTED, Cause.IMPLICIT_TO_PLAINTEXT):
        widget.reproduce(cause)
        assert widget.wait(20) and widget.trace.cause is cause
        assert [row.shown.cause for row in widget._rows if row.result.value] == [cause]
    widget.reproduce("auth-rejected")
    assert widget.wait(20) and widget.trace.cause is Cause.AUTH_REJECTED


def test_what_the_lab_can_t_make_says_so(decode):
    widget = decode("getaddrinfo ENOTFOUND smtp.exmaple.com")
    row = row_of(widget, Cause.DNS)
    assert row.what is None and row.make.layout.display == "none"
    assert "The lab can" in row.said.value and NOT_MADE[Cause.DNS][:20] in row.said.value
    for cause in ("dns", "implicit-to-plaintext", "nothing"):
        with pytest.raises(ValueError, match=cause):
            widget.reproduce(cause)
    assert widget._run is None


def test_start_dials_for_the_first_that_the_lab_can_make(decode):
    widget = decode(LOGIN, timeout_s=30)
    widget.start()
    assert widget.wait(20) and widget.trace.cause is Cause.AUTH_REJECTED
    empty = decode()
    empty.start()
    assert empty._run is None and empty.wait(0)


def test_stop_and_one_at_a_time(decode):
    widget = decode(HANG, port=465, mode="starttls", timeout_s=600)
    widget.reproduce(Cause.PLAINTEXT_TO_IMPLICIT)
    row = row_of(widget, Cause.PLAINTEXT_TO_IMPLICIT)
    until(lambda: "of at most 600 s" in row.said.value)
    run = widget._run
    assert row.stop.layout.display is None and all(other.make.disabled for other in widget._rows)
    widget.reproduce(Cause.PLAINTEXT_TO_IMPLICIT)  # twice is once
    assert widget._run is run
    press(widget, "Stop")
    assert widget.wait(20)
    assert widget.comparison.agrees is None and "stopped before its end" in row.result.value
    assert not row.make.disabled and row.stop.layout.display == "none"


def test_another_text_ends_the_dial(decode):
    widget = decode(HANG, port=465, mode="starttls", timeout_s=60)
    widget.reproduce(Cause.PLAINTEXT_TO_IMPLICIT)
    until(lambda: widget._rehearsing._dial)
    run = widget._run
    widget._text.value = LOGIN
    assert not run.running and widget.trace is None and "Transcript" not in all_html(widget)
    press(widget, "Reproduce it in the lab")
    assert widget.wait(70) and widget.trace.cause is Cause.AUTH_REJECTED


def test_close_ends_everything(decode):
    widget = decode(HANG, port=465, mode="starttls", timeout_s=60)
    widget.reproduce(Cause.PLAINTEXT_TO_IMPLICIT)
    until(lambda: widget._rehearsing._dial)
    widget.close()
    assert not widget._run.running and widget.comm is None


def test_rows_are_used_again(decode):
    widget = decode(f"{MISMATCH}\n{LOGIN}")
    rows = list(widget._rows)
    widget._text.value = ""
    assert widget._rows == rows and rows[1].shown is None and len(widget._causes.children) == 1
    with pytest.raises(ValueError, match="auth-rejected"):
        widget.reproduce(Cause.AUTH_REJECTED)


def test_running_the_cell_again_closes_the_earlier_one(decode, monkeypatch):
    from smtplab.show import running
    runs = iter([("a cell of this test", "first run"), ("a cell of this test", "second run")])
    monkeypatch.setattr(running, "_this_run", lambda: next(runs))
    first, second = decode(), decode()
    assert first.comm is None and second.comm is not None


def test_the_lesson_is_linked_where_its_notebook_is(decode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "<a " not in all_html(decode(MISMATCH))
    Path("02-five-bytes.ipynb").touch()
    assert 'href="02-five-bytes.ipynb"' in all_html(decode(MISMATCH))


def test_as_text_and_as_a_page(decode):
    widget = decode(LOGIN)
    bundle = widget._repr_mimebundle_()
    assert bundle["text/plain"] == str(widget) and "auth-rejected: " in str(widget)
    for words in ("What was looked at", "<mark>", "What would settle it", "Fixes", "Lesson 04"):
        assert words in bundle["text/html"]


def test_secrets_of_calls_and_urls_are_not_looked_at(decode):
    widget = decode("Net::SMTP.start('h', 587, 'localhost', 'me', 'hunter2', :login)\n"
                    f"MAILER_DSN=smtp://me@example.com:hunter2@h:587\n{MISMATCH}")
    assert widget.found[0].cause is Cause.IMPLICIT_TO_PLAINTEXT
    assert "hunter2" not in widget._marked.value + widget._repr_mimebundle_()["text/html"] + str(widget)


def test_the_text_of_a_port_is_the_port(decode):
    widget = decode(HANG, port="465")
    assert widget._port.value == "465" and widget.found == explain(HANG, port=465)


def test_a_port_that_is_none():
    for port in (0, 70000, "smtp", "0"):
        with pytest.raises(ValueError, match=f"no port {port}"):
            ErrorDecoder(port=port)
