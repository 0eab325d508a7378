"""What a terminal gets: lines of its width, colours where they are wanted, and nothing of either in a pipe."""

import os
import re
import subprocess
import sys

import pytest
from helpers import each_row

from smtplab import Cause, serve
from smtplab.show import screen

SEQUENCE = re.compile(r"\x1b\[[\d;]+m")


def plain(text):
    return SEQUENCE.sub("", text)


# --- colours: who gets them ---

@each_row(("environment", "terminal", "coloured"), [
    ({"TERM": "xterm"}, True, True), ({"TERM": "xterm"}, False, False),
    ({"TERM": "dumb"}, True, False), ({}, True, False),
    ({"TERM": "xterm", "NO_COLOR": "1"}, True, False), ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
    ({"FORCE_COLOR": "1"}, False, True), ({"FORCE_COLOR": ""}, False, False),
    ({"FORCE_COLOR": "1", "TERM": "dumb"}, False, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False)])
def test_who_gets_colours(environment, terminal, coloured):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("TERM", "NO_COLOR", "FORCE_COLOR"):
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(screen, "_is_terminal", lambda: terminal)
        assert screen.is_coloured() is (coloured and (os.name == "posix" or "FORCE_COLOR" in environment))


@each_row(("line", "parts"), [
    ("ok: It worked", ["ok: It worked"]), ("cert-expired: It is", ["cert-expired: It is"]),
    ("other: What (not certain)", ["other: What", " (not certain)"]),
    ("    0.001  S: 220 mail: x", ["    0.001", "S:"]), ("    0.001  C: ok: 1", ["    0.001", "C:"]),
    ("     smtplab probe HOST:587", ["     smtplab probe HOST:587"]), ("smtplab probe HOST says it.", []),
    ("  passed  version", ["  passed"]), ("a.example  25  smtp  TLSv1.3  not accepted  0.1", ["not accepted"]),
    ("plain  ok  refused  ok", ["ok", "ok"]), ("nothing in particular", []), ("", [])])
def test_what_is_coloured_and_that_nothing_else_changes(line, parts, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = screen.dressed(line)
    assert plain(shown) == line
    assert re.findall(r"\x1b\[[\d;]+m(.+?)\x1b\[0m", shown) == parts


@each_row("cause", Cause)
def test_a_verdict_is_good_or_bad(cause, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert screen.dressed(f"{cause}: x").startswith("\x1b[1;32m" if cause is Cause.OK else "\x1b[1;31m")


# --- width ---

@each_row("line", [
    "    0.001  S: 250-" + "word " * 40, "  and lists " + "SIZE 1, " * 30, "[relay #1]     0.001  " + "x " * 80,
    "cert-hostname: " + "name " * 30])
def test_a_long_line_is_cut_at_blanks(line):
    pieces = screen.folded(line.rstrip(), 80)
    assert len(pieces) > 1 and max(map(len, pieces)) <= 80
    assert " ".join(" ".join(pieces).split()) == " ".join(line.split())
    assert all(piece.startswith("  ") for piece in pieces[1:])


@each_row("line", ["curl --ssl-reqd " + "word " * 40, "     openssl s_client " + "-option " * 20,
                   "EMAIL = " + "x " * 90, "  " + "x" * 200, "short"])
def test_what_is_for_copying_or_has_no_blank_is_left_whole(line):
    assert screen.folded(line, 80) == [line]


def test_the_width_is_the_terminal_s_or_80(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert screen.width() == 120
    for said in ("", "x", "0", "-3"):
        monkeypatch.setenv("COLUMNS", said)
        assert screen.width() == 80  # pytest's stdout is no terminal
    monkeypatch.setenv("COLUMNS", "5")
    assert screen.width() == 20


# --- a real terminal, and none ---

def at_a_terminal(columns, *arguments, **environment):
    """What a command prints on a terminal of so many columns."""
    import fcntl
    import pty
    import struct
    import termios
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    clean = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    process = subprocess.Popen([sys.executable, "-m", "smtplab", *arguments], stdin=subprocess.DEVNULL, stdout=its,
                               stderr=subprocess.DEVNULL, env={**clean, "TERM": "xterm", **environment})
    os.close(its)
    out = b""
    try:
        while data := os.read(ours, 65536):
            out += data
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    process.wait(60)
    return out.decode().replace("\r\n", "\n")


@pytest.mark.posix("a pseudo-terminal")
@pytest.mark.parametrize("columns", [80, 120])
def test_no_word_breaks_at_a_terminal(columns):
    with serve("starttls") as server, serve("silent") as silent:
        place, hangs = (f"{one.address[0]}:{one.address[1]}" for one in (server, silent))
        for arguments in (("handshake", place, "--mode", "starttls"), ("handshake", place, "--mode", "implicit"),
                          ("handshake", hangs, "--mode", "plain", "--timeout", "0.5"), ("probe", place),
                          ("explain", "certificate verify failed", "--port", "587", "--all"),
                          ("settings", "--words"), ("judge", "--hex", "323230206d")):
            lines = plain(at_a_terminal(columns, *arguments)).splitlines()
            assert lines and [line for line in lines if len(line) > columns and " " in line.strip()
                              and not re.match(r" *(openssl|smtplab) ", line)] == []
        wide = plain(at_a_terminal(columns, "explain", "wrong version number"))
        assert max(map(len, wide.splitlines())) > columns - 12


@pytest.mark.posix("a pseudo-terminal")
def test_colours_at_a_terminal_and_none_in_a_pipe():
    command = ("explain", "wrong version number")
    assert SEQUENCE.search(at_a_terminal(80, *command))
    for off in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in at_a_terminal(80, *command, **off)

    def piped(*arguments, **environment):
        clean = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
        return subprocess.run([sys.executable, "-m", "smtplab", *arguments], capture_output=True, text=True,
                              env={**clean, **environment}).stdout

    assert "\x1b" not in piped(*command) and SEQUENCE.search(piped(*command, FORCE_COLOR="1"))
    assert plain(piped(*command, FORCE_COLOR="1")) == piped(*command)
    assert "\x1b" not in piped(*command, "--json", FORCE_COLOR="1")


@pytest.mark.posix("a pseudo-terminal")
def test_what_a_server_sends_brings_no_colours():
    """The twin: colours are put on what has been escaped."""
    evil = "535 \x1b[31mred\x1b[0m: \x1b]0;owned\x07"
    shown = at_a_terminal(80, "explain", evil)
    assert SEQUENCE.search(shown) and "\x1b" not in plain(shown) and "\x07" not in shown
