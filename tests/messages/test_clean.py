"""A paste made safe and short: bounded, printable, fast, and still telling."""


import hypothesis
from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st

from smtplab.messages import clean, explain
from smtplab.messages.clean import MOST

ROOM = 1_000  # the last window may stand over


def test_a_short_text_stays_as_it_is_without_control_characters():
    assert clean("a\r\nb\x1b[31mred\x00\u2028") == "a\nb red  "
    assert clean("") == ""


@each_row("place", [0.0, 0.37, 0.5, 0.99])
def test_the_one_telling_line_of_a_long_log_is_kept(place):
    noise = [f"2026-11-24 12:{i % 60:02} smtp worker {i}: queue runs, tls session ok, no error" for i in range(15_000)]
    noise.insert(int(len(noise) * place), "nodemailer: connect ECONNREFUSED 127.0.0.1:1025")
    text = "\n".join(noise)
    assert len(text) > 1_000_000
    assert len(clean(text)) <= MOST + ROOM
    assert explain(text)[0].cause.value == "refused"


LONG = {
    "a log": "12:00:00 smtp error: tls handshake failed, certificate auth 550 password=hunter2 closed\n" * 10_000,
    "one letter": "a" * 1_000_000, "blanks": " " * 1_000_000, "lines": "\n" * 1_000_000, "quotes": "\"'" * 500_000,
    "binary": "".join(map(chr, range(256))) * 4_000,
    "markup": "<div class=\"x\">SSL error 550 <b>STARTTLS</b></div>" * 20_000,
    "keys": "password=\"" * 100_000, "challenges": "334 VXNlcm5hbWU6\n" * 60_000, "hosts": "mail.example.com." * 60_000,
    "numbers": "1.2.3.4 450 550 " * 60_000, "stars": "*" * 1_000_000, "base64": "QUFB" * 250_000,
}


@each_row("name", LONG)
def test_a_megabyte_of_anything_is_explained(name):
    # A tenth of a second is usual; a pattern that tries things over and over takes minutes, and so all of the test's.
    assert explain(LONG[name])
    assert len(clean(LONG[name])) <= MOST + ROOM


@hypothesis.settings(max_examples=60)
@given(st.text(max_size=300), st.integers(1, 200))
def test_nothing_raises_and_nothing_unprintable_comes_out(text, times):
    out = clean(text * times)
    assert len(out) <= MOST + ROOM
    assert not any(c < " " and c not in "\n\t" for c in out)


def test_a_secret_in_the_middle_of_a_long_log_keeps_its_key_and_goes():
    for shift in range(0, 400, 7):
        line = f'{"y" * shift} smtp error config {{"password": "hunter2wonder"}} timeout {"z" * 300}'
        text = f"{'x' * 20_000} {line} {'w' * 20_000}"
        assert "hunter2" not in clean(text)
