"""A room's names and ports: what can be one, and what can't."""

import os
import socket
import sys

import pytest
from helpers import each_row

from smtplab.room import plan
from smtplab.room.plan import INNER, SPARE, choose_ports, find_proxy, is_free, kernel_s_range, read_names, seat_names


def test_seats_are_numbered():
    assert seat_names(3) == ("seat01", "seat02", "seat03") and seat_names(300)[-1] == "seat300"


@each_row("count", [0, -1, 301])
def test_a_number_that_is_no_number_of_seats(count):
    with pytest.raises(ValueError, match="1 to 300 seats"):
        seat_names(count)


def test_names_are_read_a_line_each():
    assert read_names("# room 2\nann\n\n  bo-b_2 \n") == ("ann", "bo-b_2")


@each_row(("text", "why"), [("Ann", "can't be"), ("a b", "can't be"), ("../x", "can't be"), ("é", "can't be"),
                            ("a" * 32, "can't be"), ("1a", "can't be"), ("ann\nann", "twice"), ("trainer", "trainer's"),
                            ("", "names 0"), ("# none", "names 0")])
def test_names_that_cant_be(text, why):
    with pytest.raises(ValueError, match=why):
        read_names(text)


def test_ports_are_outside_the_system_s_range():
    first, last = kernel_s_range()
    ports = choose_ports(4)
    assert len(set(ports)) == INNER + 4 + SPARE
    assert not [port for port in ports if first <= port <= last]


def test_ports_that_are_taken_are_left_out():
    [first, *_] = choose_ports(1)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", first))
        taken.listen()
        assert not is_free("127.0.0.1", first) and first not in choose_ports(1)
    assert first not in choose_ports(1, [first])


def test_too_few_ports_are_an_error():
    with pytest.raises(OSError, match="ports are needed outside 1024 to 65530"):
        choose_ports(1, own=(1024, 65530))


@each_row("host", ["203.0.113.7", "no-such-name.invalid"])
def test_an_address_of_another_machine_is_not_free(host):
    assert not is_free(host, 0)


def test_a_range_that_is_not_said(tmp_path):
    assert kernel_s_range(tmp_path / "none") == plan._UNKNOWN_RANGE
    (tmp_path / "odd").write_text("x y z")
    assert kernel_s_range(tmp_path / "odd") == plan._UNKNOWN_RANGE
    (tmp_path / "range").write_text("40000\t50000\n")
    assert kernel_s_range(tmp_path / "range") == (40000, 50000)


@pytest.mark.posix("a program is a file with a mode")
def test_the_proxy_is_found_on_path_and_beside_python(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert find_proxy(sys.executable, "no-such-proxy") is None
    program = tmp_path / "configurable-http-proxy"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert find_proxy(str(tmp_path / "python")) == str(program)
    assert find_proxy(sys.executable, str(program)) == str(program)


def test_missing_parts_are_named():
    assert plan.missing_parts(["os", "no_such_module"]) == ["no_such_module"]
    assert os.name and plan.missing_parts(["os"]) == []
