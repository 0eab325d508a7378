"""A trace as Wireshark lists it: real words where tshark is, a sentence where it isn't; all escaped."""

import pytest
from helpers import displayed, each_row

from smtplab import dial, serve
from smtplab.lab.tshark import Line
from smtplab.show import as_wireshark
from smtplab.show.wireshark import NOT_HERE, AsWireshark


@pytest.mark.real("tshark")
def test_a_tool_goes_by_the_port():
    with serve("starttls") as server:
        trace = dial(server, "implicit")
    assert "DATA fragment" in str(as_wireshark(trace, port=587))
    on_465 = as_wireshark(trace, port=465)
    assert "Client Hello" in str(on_465)
    assert {line.protocol for line in on_465.lines if line.source_port == 465} == {"TCP"}


def test_without_tshark_it_says_so(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with serve("refused") as server:
        assert str(as_wireshark(dial(server, "plain"))) == NOT_HERE


@each_row("port", [0, 70000, "smtp"])
def test_a_port_that_is_none(port):
    with serve("refused") as server, pytest.raises(ValueError, match=f"no port {port}; ports are 1 to 65535"):
        as_wireshark(dial(server, "plain"), port)


def test_its_words_are_escaped():
    shown = displayed(AsWireshark([Line(0, 1, 587, "SMTP", "S: 220 <script>")], 587))
    assert "&lt;script&gt;" in shown["text/html"]
    assert "<script>" in shown["text/plain"]
