"""`in_terminal`: real programs and what they said, as text and as HTML; hostile words stay words."""

import re
import shlex
import sys

import pytest
from helpers import displayed

import smtplab
from smtplab.course.terminal import FIRST_LINES, LAST_LINES, Terminal, in_terminal
from smtplab.lab.programs import Ran

LIMIT_S = 30  # for programs that end by themselves


def html_of(terminal):
    return displayed(terminal)["text/html"]


@pytest.fixture(scope="module")
def starttls():
    with smtplab.serve("starttls") as server:
        yield server


@pytest.fixture(scope="module")
def implicit():
    with smtplab.serve("implicit") as server:
        yield server


@pytest.mark.real("openssl")
def test_s_client_on_a_plaintext_port_fails_at_five_bytes(starttls):
    shown = in_terminal("openssl s_client -connect {address}", starttls, timeout_s=LIMIT_S)
    host, port = starttls.address
    assert shown.command == f"openssl s_client -connect {host}:{port}"
    text = str(shown)
    assert text == shown.text() and text.startswith(f"$ {shown.command}\nCONNECTED(")
    assert "SSL handshake has read 5 bytes and written" in text and re.search("wrong version number|too long", text)
    assert shown.ran.status == 1 and text.endswith("exit status 1.]")


@pytest.mark.real("openssl")
@pytest.mark.parametrize(("typed", "end"), [("quit", "closed"), ("QUIT", "DONE")])
def test_s_client_after_starttls(starttls, typed, end):
    shown = in_terminal("openssl s_client -connect {address} -starttls smtp -CAfile {ca_file}", starttls,
                        typed=[typed], timeout_s=LIMIT_S)
    lines = shown.text().splitlines()
    assert lines.index("250 HELP") < lines.index(f"typed> {typed}") and end in lines[-3:]
    assert ("221 2.0.0 Bye" in lines) == (typed == "quit")  # a capital Q is s_client's own command
    assert "Verify return code: 0 (ok)" in shown.text() and shown.ran.status == 0


@pytest.mark.real("openssl")
def test_s_client_starttls_on_an_implicit_port_hangs(implicit):
    shown = in_terminal("openssl s_client -starttls smtp -connect {address}", implicit, typed="quit", timeout_s=1)
    assert shown.ran.status is None and re.search(r"still running after \d+\.\d s, the time limit", shown.text())
    assert "typed>" not in shown.text() and "no exit status" in html_of(shown)


@pytest.mark.real("telnet")
def test_telnet_is_a_dialogue(starttls):
    shown = in_terminal("telnet {host} {port}", starttls, typed=["EHLO me.example.com", "QUIT"], timeout_s=LIMIT_S)
    spoken = [line for line in shown.text().splitlines() if re.match(r"\d{3}[ -]|typed>", line)]
    assert spoken == ["220 mail.example.com ESMTP smtplab", "typed> EHLO me.example.com", "250-mail.example.com",
                      *spoken[3:-3], "250 HELP", "typed> QUIT", "221 2.0.0 Bye"]
    assert '<b class="smtplab-typed" title="typed">typed&gt; QUIT</b>' in html_of(shown)


@pytest.mark.real("telnet")
def test_telnet_on_an_implicit_port_hears_nothing(implicit):
    shown = in_terminal("telnet {host} {port}", implicit, typed=["EHLO me.example.com"], timeout_s=1)
    assert shown.ran.ended == "at the time limit" and "typed>" not in shown.text()


@pytest.mark.real("curl")
def test_curl_says_wrong_version_number(starttls):
    shown = in_terminal("curl -sv --max-time 5 smtps://{address}", starttls.address, timeout_s=LIMIT_S)
    assert shown.ran.status == 35 and re.search("wrong version|unexpected TLS packet", shown.text())


@pytest.mark.real("curl")
def test_curl_on_the_right_port(implicit):
    shown = in_terminal("curl -sv --max-time 20 --cacert {ca_file} smtps://{address} -X NOOP", implicit,
                        timeout_s=LIMIT_S)
    assert shown.ran.status == 0 and "220 mail.example.com" in shown.text()


def test_what_is_not_installed_is_said_and_the_command_shown(starttls):
    shown = in_terminal("smtplab-telnet {host} {port}", starttls)
    assert shown.command == "smtplab-telnet {} {}".format(*starttls.address)
    assert shown.text().splitlines()[0] == f"$ {shown.command}"
    assert "smtplab-telnet is not installed here, so nothing was run" in shown.text()
    assert shown.command in html_of(shown) and html_of(shown).count("<pre") == 1 and "smtplab-copy" in html_of(shown)
    assert "nothing is not installed here" in in_terminal("").text()


def test_places_are_filled_word_by_word(tmp_path):
    class Odd:
        address, ca_file = ("::1", 25), "a folder/$x'; rm"

    shown = in_terminal(f"{sys.executable} -c 'import sys; print(sys.argv[1:])' "
                        "{host} {port} {address} {ca_file} {other} '{{}}' '$HOME'", Odd(), timeout_s=LIMIT_S)
    assert shown.ran.argv[3:] == ("::1", "25", "[::1]:25", "a folder/$x'; rm", "{other}", "{{}}", "$HOME")
    assert tuple(shlex.split(shown.command)) == shown.ran.argv and str(list(shown.ran.argv[3:])) in shown.text()


def test_a_watch_fills_them_too():
    with smtplab.serve("plain") as server:
        class Watching:
            address = server.address
        Watching.server = server
        assert in_terminal("smtplab-x {ca_file} {address}", Watching()).ran.argv[1] == server.ca_file


def test_a_place_that_nothing_fills():
    with smtplab.serve("plain") as server:
        pass
    with pytest.raises(ValueError, match="no server was given"):
        in_terminal("telnet {host}")
    with pytest.raises(ValueError, match="is it closed"):
        in_terminal("x {ca_file}", server)
    with pytest.raises(ValueError, match="is it stopped"):
        in_terminal("x {port}", object())
    with pytest.raises(ValueError, match="ca_file"):
        in_terminal("x {ca_file}", ("127.0.0.1", 25))
    with pytest.raises(ValueError, match="quotation"):
        in_terminal("x 'y")


HOSTILE = "220 \x1b[1m<script>x</script>\x1b[;0m\x1b[2J\x07\u202e &amp; \"'\x00\n"


def test_hostile_words_are_words():
    ran = Ran(("<b>x",), HOSTILE, 0, 0.1, "by itself", (("program", HOSTILE), ("typed", "<img onerror=x>\x1b")))
    shown = Terminal("<b>x", ran)
    assert "<script" not in html_of(shown) and "<img" not in html_of(shown) and "<b>x" not in html_of(shown)
    assert "\\x1b[2J\\x07\\u202e" in shown.text()
    assert all(c.isprintable() or c == "\n" for c in shown.text() + html_of(shown))
    missing = Terminal("<i>", Ran(("<i>",), "<u>", None, 0, "not here"))
    assert "<i>" not in html_of(missing) and "<u>" not in html_of(missing)


@pytest.mark.parametrize(("count", "cut"), [(FIRST_LINES + LAST_LINES + 1, False), (1000, True)])
def test_a_long_output_is_cut_in_the_middle(count, cut):
    text = "".join(f"line {n}\n" for n in range(count))
    shown = Terminal("x", Ran(("x",), text, 0, 0.1, "by itself", (("program", text),)))
    for said in (shown.text(), html_of(shown)):
        assert (f"[... {count - FIRST_LINES - LAST_LINES} lines left out here ...]" in said) == cut
        assert "line 0\n" in said and f"line {count - 1}" in said and (f"line {FIRST_LINES}\n" in said) != cut
    wide = Terminal("x", Ran(("x",), "", 0, 0.1, "by itself", (("program", "A" * 5000),)))
    assert "more]" in wide.text() and len(wide.text()) < 1000


def test_it_says_so_when_nothing_was_said_and_when_a_signal_ended_it():
    assert "It said nothing." in html_of(Terminal("x", Ran(("x",), "", 0, 0.1, "by itself")))
    assert "signal 9" in Terminal("x", Ran(("x",), "", -9, 0.1, "by itself")).text()
