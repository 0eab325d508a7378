"""Nothing on its way to a terminal acts on it, whatever it is from."""

from helpers import each_row

from smtplab.escape import printable, show_bytes


@each_row("text, shown", [
    ("plain text", "plain text"), ("two\nlines\tand a tab", "two\nlines\tand a tab"), ("日本語", "日本語"),
    ("\x1b[2J", r"\x1b[2J"), ("\x9b2J", r"\x9b2J"), ("a\rb", r"a\rb"), ("\u202eabc", r"\u202eabc"),
    ("\x00\x7f", r"\x00\x7f"), ("\ud800", r"\ud800"), ("", "")])
def test_what_acts_on_a_terminal_is_an_escape(text, shown):
    assert printable(text) == shown


def test_bytes_are_ascii_alone():
    assert show_bytes(b"220 \x1b[31m\xff\\\r\n") == r"220 \x1b[31m\xff\\\r\n"
