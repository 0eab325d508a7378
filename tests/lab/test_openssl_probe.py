"""The real OpenSSL, asked one byte at a time, says what `judge` predicts for it."""

import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtplab.lab.openssl_probe import ask_openssl, real_server_hello
from smtplab.records import read_record
from smtplab.show.five_byte_lens import presets
from smtplab.verdict import judge


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset["label"])
def test_the_prediction_holds_for_every_preset(preset):
    data = bytes.fromhex(preset["hex"])
    *before, last = ask_openssl(data, preset["role"])
    found = judge(data, ssl.OPENSSL_VERSION, role=preset["role"])
    assert (last.says, last.read, last.fed) == (found.verdict, found.bytes_needed, found.bytes_needed)
    sent = read_record(bytes.fromhex(last.alert_hex)).alert if last.alert_hex else None
    assert sent == found.alert
    assert [(a.fed, a.says, a.read, a.alert_hex) for a in before] == [
        (n, "wants more", n, None) for n in range(1, last.fed)]


def test_too_few_bytes_and_none():
    assert [a.says for a in ask_openssl(b"220 ")] == ["wants more"] * 4
    assert ask_openssl(b"") == ask_openssl(b"", "server") == ()


def test_an_alert_is_sent_where_the_record_is_of_tls_and_too_long():
    [*_, last] = ask_openssl(b"\x16\x03\x03\x48\x01")
    assert bytes.fromhex(last.alert_hex)[-2:] == bytes((2, 22))
    [*_, last] = ask_openssl(b"\x16\x03\x03\x48\x01", "server")
    assert bytes.fromhex(last.alert_hex)[-2:] == bytes((2, 22))


def test_a_peer_that_closes_tls():
    assert ask_openssl(b"\x15\x03\x03\x00\x02\x01\x00")[-1].says == "close notify"


def test_an_unknown_role():
    with pytest.raises(ValueError, match="proxy"):
        ask_openssl(b"220 ", "proxy")


def test_a_hello_is_whole_and_accepted_once_read_to_its_end():
    hello = real_server_hello()
    assert read_record(hello).size_bytes == len(hello)
    assert ask_openssl(hello[:-1])[-1].says == "wants more"
    assert ask_openssl(hello)[-1].says == "accept"


@settings(max_examples=60)
@given(st.binary(max_size=12), st.sampled_from(["client", "server"]))
def test_any_bytes_have_an_answer_for_each_until_it_speaks(data, role):
    answers = ask_openssl(data, role)
    assert [a.fed for a in answers] == list(range(1, len(answers) + 1))
    assert {a.says for a in answers[:-1]} <= {"wants more"}
    assert len(answers) == len(data) or answers[-1].says != "wants more"
