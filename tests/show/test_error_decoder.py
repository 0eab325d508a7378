"""The error decoder, without a browser: what follows from each paste and each click, and what it leaves behind."""

from pathlib import Path

import pytest
from helpers import all_parts, displayed, in_cell, until

from smtplab import Cause
from smtplab.messages import explain
from smtplab.show import ErrorDecoder
from smtplab.show.error_decoder import EXAMPLES, MODES
from smtplab.show.inputs import IS_LONG, LONG
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


AGAIN = "Reproduce it in the lab"


def inputs(widget, label):
    """What stands in that field."""
    return widget.inputs[label].value


def test_a_text_is_explained_with_port_and_mode(decode):
    widget = decode(MISMATCH, port=587, mode="implicit")
    assert (inputs(widget, "Port"), inputs(widget, "Mode")) == ("587", "implicit")
    assert widget.found == explain(MISMATCH, port=587, mode="implicit")
    assert widget.found[0].cause is Cause.IMPLICIT_TO_PLAINTEXT
    assert "<mark>" in widget.shown() and "<b>1. implicit-to-plaintext</b>" in widget.shown()
    assert widget.buttons.count(AGAIN) == sum(one.cause not in NOT_MADE for one in widget.found)
    assert ("very likely" in widget.shown()) == (widget.found[0].likelihood >= 0.85)


def test_what_is_pasted_and_chosen_is_read_as_it_comes(decode):
    widget = decode()
    assert "Not known from this text" in widget.shown() and "<mark>" not in widget.shown()
    assert AGAIN not in widget.buttons
    widget.inputs["Error"].value = LOGIN
    assert widget.found[0].cause is Cause.AUTH_REJECTED
    widget.inputs["Error"].value = HANG
    widget.inputs["Port"].value = " 465 "
    widget.inputs["Mode"].value = "starttls"
    assert widget.found == explain(HANG, port=465, mode="starttls")
    assert widget.found[0].cause is Cause.PLAINTEXT_TO_IMPLICIT and ":465" in widget.shown()
    widget.inputs["Error"].value = ""
    assert "The text is empty" in widget.shown() and AGAIN not in widget.buttons


@pytest.mark.parametrize("wrong", ["0", "65536", "1e3", "-1", "²", "<img src=x>"])
def test_a_wrong_port_is_told_and_left_out(decode, wrong):
    widget = decode(HANG)
    widget.inputs["Port"].value = wrong
    assert "is no port" in widget.shown() and "<img" not in widget.shown()
    assert widget.found == explain(HANG)
    widget.inputs["Port"].value = "25"
    assert "is no port" not in widget.shown()


def test_the_recorded_examples(decode):
    widget = decode(port=25)
    known = {(run.client, run.mode, run.port_kind): run for run in recordings()}
    for client, mode, kind in EXAMPLES:
        widget.press(f"{client}, {mode}")
        run = known[client, mode, kind]
        assert run.error_text and inputs(widget, "Error") == run.words
        assert (inputs(widget, "Mode"), inputs(widget, "Port")) == (mode, "")
        assert widget.found == explain(run.words, mode=mode)
        likely = [one.cause for one in widget.found]
        assert likely[0] is run.cause or (client == "PHPMailer" and len(likely) > 2)  # whose words fit several


def test_modes_are_those_that_explain_reads(decode):
    for _, value in MODES:
        assert inputs(decode(mode=value), "Mode") == value
    assert inputs(decode(mode="who knows"), "Mode") == ""


def test_what_is_pasted_is_text(decode):
    widget = decode(HOSTILE)
    for made in (widget.shown(), widget.page()):
        assert "<script" not in made and "<img" not in made and "&lt;img src=x" in made


def test_secrets_are_not_shown(decode):
    widget = decode(f"password=hunter2x\nAUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=\n{LOGIN}")
    shown = widget.shown() + str(widget) + widget.page()
    assert "hunter2x" not in shown and "AGFsaWNl" not in shown and "(secret)" in shown


def test_a_long_text_is_read_when_the_box_is_left(decode):
    widget = decode()
    assert widget.inputs["Error"].continuous_update and IS_LONG not in widget.shown()
    widget.inputs["Error"].value = MISMATCH + "\n." * LONG
    assert not widget.inputs["Error"].continuous_update and IS_LONG in widget.shown()
    assert widget.found[0].cause is Cause.IMPLICIT_TO_PLAINTEXT
    widget.inputs["Error"].value = MISMATCH
    assert widget.inputs["Error"].continuous_update


def test_the_lab_shows_the_bytes_of_a_cause(decode):
    widget = decode(LOGIN, timeout_s=30)
    widget.press(AGAIN)
    assert widget.wait(20)
    assert widget.trace.cause is Cause.AUTH_REJECTED and widget.comparison.agrees
    for words in ("seen: auth-rejected</b> (as predicted)", "Transcript", "SSL handshake has read", "S: ",
                  "The login was refused", "bytes received"):
        assert words in widget.shown()
    assert str(widget.trace) in str(widget) and "dialled:" in widget.shown()
    assert "Stop" not in widget.buttons and widget.can_press(AGAIN)
    widget.inputs["Error"].value = MISMATCH  # another text: what was seen is not its own
    assert widget.trace is None and "Transcript" not in widget.shown() and "in the lab:" not in str(widget)


def test_a_second_cause_takes_the_place_of_the_first(decode):
    widget = decode(f"{MISMATCH}\n{LOGIN}", timeout_s=30)
    for cause in (Cause.AUTH_REJECTED, Cause.IMPLICIT_TO_PLAINTEXT):
        widget.reproduce(cause)
        assert widget.wait(20) and widget.trace.cause is cause
        assert widget.shown().count("Transcript") == 1 and f"seen: {cause}</b> (as predicted)" in widget.shown()
    widget.reproduce("auth-rejected")
    assert widget.wait(20) and widget.trace.cause is Cause.AUTH_REJECTED


def test_what_the_lab_can_t_make_says_so(decode):
    widget = decode("getaddrinfo ENOTFOUND smtp.exmaple.com")
    assert widget.found[0].cause is Cause.DNS
    assert widget.buttons.count(AGAIN) == sum(one.cause not in NOT_MADE for one in widget.found)
    assert "The lab can" in widget.shown() and NOT_MADE[Cause.DNS][:20] in widget.shown()
    for cause in ("dns", "implicit-to-plaintext", "nothing"):
        with pytest.raises(ValueError, match=cause):
            widget.reproduce(cause)
    assert widget.run is None


def test_start_dials_for_the_first_that_the_lab_can_make(decode):
    widget = decode(LOGIN, timeout_s=30)
    widget.start()
    assert widget.wait(20) and widget.trace.cause is Cause.AUTH_REJECTED
    empty = decode()
    empty.start()
    assert empty.run is None and empty.wait(0)


def test_stop_and_one_at_a_time(decode):
    widget = decode(HANG, port=465, mode="starttls", timeout_s=600)
    widget.reproduce(Cause.PLAINTEXT_TO_IMPLICIT)
    until(lambda: "of at most 600 s" in widget.shown())
    run = widget.run
    assert widget.can_press("Stop") and AGAIN in widget.buttons
    assert not any(widget.can_press(AGAIN, number) for number in range(1, 9))
    widget.reproduce(Cause.PLAINTEXT_TO_IMPLICIT)  # twice is once
    assert widget.run is run
    widget.press("Stop")
    assert widget.wait(20)
    assert widget.comparison.agrees is None and "stopped before its end" in widget.shown()
    assert widget.can_press(AGAIN) and "Stop" not in widget.buttons


def test_another_text_ends_the_dial(decode):
    widget = decode(HANG, port=465, mode="starttls", timeout_s=60)
    widget.reproduce(Cause.PLAINTEXT_TO_IMPLICIT)
    until(lambda: "of at most 60 s" in widget.shown())
    run = widget.run
    widget.inputs["Error"].value = LOGIN
    assert not run.running and widget.trace is None and "Transcript" not in widget.shown()
    widget.press(AGAIN)
    assert widget.wait(70) and widget.trace.cause is Cause.AUTH_REJECTED


def test_close_ends_everything(decode):
    widget = decode(HANG, port=465, mode="starttls", timeout_s=60)
    widget.reproduce(Cause.PLAINTEXT_TO_IMPLICIT)
    until(lambda: "of at most 60 s" in widget.shown())
    widget.close()
    assert not widget.running and widget.comm is None


def test_rows_are_used_again(decode):
    widget = decode(f"{MISMATCH}\n{LOGIN}")
    parts, buttons = len(all_parts(widget)), widget.buttons.count(AGAIN)
    assert buttons > 1
    before = set(all_parts(widget))
    widget.inputs["Error"].value = ""
    assert AGAIN not in widget.buttons and len(all_parts(widget)) < parts
    with pytest.raises(ValueError, match="auth-rejected"):
        widget.reproduce(Cause.AUTH_REJECTED)
    widget.inputs["Error"].value = f"{MISMATCH}\n{LOGIN}"
    assert set(all_parts(widget)) == before, "making a row takes time"


def test_running_the_cell_again_closes_the_earlier_one(decode, monkeypatch):
    in_cell(monkeypatch, "a cell with a decoder", "first run")
    first = decode()
    in_cell(monkeypatch, "a cell with a decoder", "second run")
    second = decode()
    assert first.comm is None and second.comm is not None


def test_the_lesson_is_linked_where_its_notebook_is(decode, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "<a " not in decode(MISMATCH).shown()
    Path("02-five-bytes.ipynb").touch()
    assert 'href="02-five-bytes.ipynb"' in decode(MISMATCH).shown()


def test_as_text_and_as_a_page(decode):
    widget = decode(LOGIN)
    bundle = displayed(widget)
    assert bundle["text/plain"] == str(widget) and "auth-rejected: " in str(widget)
    for words in ("What was looked at", "<mark>", "What would settle it", "Fixes", "Lesson 04"):
        assert words in bundle["text/html"]


def test_secrets_of_calls_and_urls_are_not_looked_at(decode):
    widget = decode("Net::SMTP.start('h', 587, 'localhost', 'me', 'hunter2', :login)\n"
                    f"MAILER_DSN=smtp://me@example.com:hunter2@h:587\n{MISMATCH}")
    assert widget.found[0].cause is Cause.IMPLICIT_TO_PLAINTEXT
    assert "hunter2" not in widget.shown() + widget.page() + str(widget)


def test_the_text_of_a_port_is_the_port(decode):
    widget = decode(HANG, port="465")
    assert inputs(widget, "Port") == "465" and widget.found == explain(HANG, port=465)


def test_a_port_that_is_none():
    for port in (0, 70000, "smtp", "0"):
        with pytest.raises(ValueError, match=f"no port {port}"):
            ErrorDecoder(port=port)
