"""Input fields: no secret stays in a paste box, and nothing after its close; a long text; a port that was typed."""

import pytest
from helpers import all_parts, each_row, until

from smtplab.show import inputs
from smtplab.show.error_decoder import ErrorDecoder
from smtplab.show.inputs import LONG, PasteBox, read_port
from smtplab.show.settings_explorer import SettingsExplorer

SECRET = "hunter2-sesame"
LOG = f"535 5.7.8 Error\nSMTP password: {SECRET}\nsmtp://me:{SECRET}@mail.example.com:465\n"


@pytest.fixture
def box():
    made = PasteBox(description="x")
    yield made
    made.close()


def test_what_is_pasted_is_replaced_at_once(box):
    seen = []
    box.observe(lambda _: seen.append(box.value), "value")
    box.value = "535 "
    box.value += LOG
    assert SECRET not in box.value and box.value.count("(secret)") == 2
    assert SECRET not in "".join(seen), "who watches the box reads no secret"


def test_what_is_typed_is_left_until_nothing_more_comes(box, monkeypatch):
    monkeypatch.setattr(inputs, "IDLE_S", 600)
    for end in range(1, len(LOG)):
        box.value = LOG[:end]
    assert SECRET in box.value, "a word that is being typed stays"
    monkeypatch.setattr(inputs, "IDLE_S", 0.01)
    box.value += " "
    until(lambda: SECRET not in box.value)
    assert "535 5.7.8 Error" in box.value


@each_row("text", ["220 mail.example.com ESMTP", "password is wrong", ""])
def test_other_text_stays_as_it_is(text):
    box = PasteBox(value=text)
    assert box.value == text
    box.close()


@each_row("make", [lambda: ErrorDecoder(LOG), lambda: SettingsExplorer("rails", f"tls: true,\npassword: '{SECRET}'\n")])
def test_no_widget_s_state_holds_it_and_none_is_left_after_the_close(make):
    widget = make()
    [text] = [field for label, field in widget.inputs.items() if label in ("Error", "Settings")]
    text.value += f"\nuser_name: me\npassword: {SECRET}\n"
    assert SECRET not in str(states(widget)) and "(secret)" in str(states(widget))
    widget.close()
    assert text.value == "" and SECRET not in str([getattr(part, "value", "") for part in all_parts(widget)])
    assert [part for part in all_parts(widget) if part.comm is not None] == []


def states(widget):
    return [part.get_state() for part in all_parts(widget)]


def test_a_long_text_is_reported_when_the_box_is_left(box):
    assert box.continuous_update and not box.is_long
    box.value = "x" * (LONG + 1)
    assert box.is_long and not box.continuous_update
    box.value = "x" * LONG
    assert box.continuous_update
    made = PasteBox(value="x" * (LONG + 1))
    assert not made.continuous_update
    made.close()


@each_row("typed, read", [("465", (465, False)), (" 25 ", (25, False)), ("", (None, False)), ("  ", (None, False)),
                          ("0", (None, True)), ("65536", (None, True)), ("smtp", (None, True)), ("²", (None, True))])
def test_a_port_that_was_typed(typed, read):
    assert read_port(typed) == read
