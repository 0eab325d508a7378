"""What subcommands share: input in its encodings, JSON or text, warnings, the status line."""

import codecs
import io
import json
import re
import sys
import threading
from pathlib import Path

import pytest
from helpers import each_row

from smtplab import limits
from smtplab.commands.io import (
    Ticker,
    at_terminal,
    beyond_loopback,
    emit,
    json_text,
    read_input,
    say,
    status_line,
    warn,
    warn_if_exposed,
)

EVIL = "a\x1b[2Jb"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@each_row(("data", "text"), [
    (b"caf\xc3\xa9", "café"), (codecs.BOM_UTF8 + b"caf\xc3\xa9", "café"), ("café".encode("utf-16"), "café"),
    (codecs.BOM_UTF16_BE + "café".encode("utf-16-be"), "café"), (b"caf\xe9", "café"),
    ("é".encode() + b"\xe9", "é\ufffd"), (b"", ""),
    ("port: 465, tls: true".encode("utf-16-le"), "port: 465, tls: true"),  # without a mark, as iconv -t UTF-16LE has it
    ("port: 465, tls: true".encode("utf-16-be"), "port: 465, tls: true"), ("送信".encode("utf-16"), "送信"),
    ("送信 port: 465".encode(), "送信 port: 465"), (b"a\0b", "a\0b"), (b"\0" * 20, "\0" * 20)])
def test_a_file_is_read_in_its_encoding(data, text, tmp_path):
    (tmp_path / "file").write_bytes(data)
    assert read_input(str(tmp_path / "file")) == text


def test_every_command_reads_its_input_by_this_reader():
    """So none of them reads less. `mystery` and `talk` are typed to, and `relay` copies bytes."""
    folder = Path(sys.modules[read_input.__module__].__file__).parent
    own = re.compile(r"(?<!\w)open\(|stdin\.(?:buffer\.)?(?:read|readlines?)\(|in sys\.stdin\b|read_(?:text|bytes)\(")
    reads = {path.stem for path in folder.glob("*.py") if own.search(path.read_text("utf-8"))}
    assert reads - {"io"} <= {"relay"}
    assert {path.stem for path in folder.glob("*.py") if "read_input(" in path.read_text("utf-8")} >= {
        "io", "settings", "explain", "probe"}
    assert "read_data(" in (folder / "diagnose.py").read_text("utf-8")


def test_a_file_that_is_missing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_input(str(tmp_path / "file"))


@pytest.mark.parametrize(("size", "warns"), [(10, False), (11, True)])
def test_of_a_long_input_the_beginning_is_read_with_a_warning(size, warns, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(limits, "INPUT_BYTES", 10)
    (tmp_path / "file").write_bytes(b"x" * size)
    assert read_input(str(tmp_path / "file")) == "x" * 10
    assert capsys.readouterr().err == "smtplab: only the first 10 bytes are read\n" * warns


@pytest.mark.parametrize("file", [None, "-"])
def test_stdin_is_read_and_a_closed_one_is_empty(file, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("é".encode())))
    assert read_input(file, paste="settings") == "é" and not at_terminal()
    monkeypatch.setattr(sys, "stdin", None)
    assert read_input(file, paste="settings") == "" and not at_terminal()


def test_a_result_is_json_or_text_and_only_one_is_made(capsys):
    def never(value):
        raise AssertionError

    emit(True, {"a": EVIL}, text=never)
    assert json.loads(capsys.readouterr().out) == {"a": EVIL}
    emit(True, 3, text=never, to_json=lambda value: json_text([value]))
    assert json.loads(capsys.readouterr().out) == [3]
    emit(False, EVIL, text=str.upper, to_json=never)
    assert capsys.readouterr().out == "A\\x1b[2JB\n"


def test_nothing_printed_acts_on_the_terminal(capsys):
    say(EVIL)
    warn(EVIL)
    out, err = capsys.readouterr()
    assert (out, err) == ("a\\x1b[2Jb\n", "smtplab: a\\x1b[2Jb\n")


@each_row(("host", "beyond"), [
    ("127.0.0.1", False), ("127.9.9.9", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("::", True),
    ("", True), ("192.0.2.7", True), ("mail.example.net", True)])
def test_what_is_beyond_loopback(host, beyond):
    assert beyond_loopback(host) is beyond


@pytest.mark.parametrize(("host", "said"), [
    ("127.0.0.1", ""),
    ("", "smtplab: listens on all addresses, not on loopback alone: whoever reaches this machine can read it\n"),
    ("192.0.2.7", "smtplab: listens on 192.0.2.7, not on loopback alone: whoever reaches this machine can read it\n")])
def test_a_listener_beyond_loopback_gets_a_warning(host, said, capsys):
    warn_if_exposed(host, "can read it")
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(("stream", "shown"), [(Terminal, "\ra\\x1b[2Jb\033[K\r\033[K"), (io.StringIO, "")])
def test_the_status_line_is_for_a_terminal_alone(stream, shown, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream())
    status_line(EVIL)
    status_line()
    assert sys.stderr.getvalue() == shown


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_a_ticker_ends_with_its_block_and_leaves_no_line(stream, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream())
    with Ticker("waiting", 60) as ticker:
        assert ticker.thread in threading.enumerate() or stream is io.StringIO
    assert not ticker.thread.is_alive()
    assert sys.stderr.getvalue().endswith("\r\033[K") is (stream is Terminal)
