"""Values as a notebook shows them: the verdict, everything escaped; and as text elsewhere."""

import pytest
from helpers import each_row
from html_reader import Page

import smtplab
from smtplab import Event, dial, explain, probe, read_settings, serve
from smtplab.question import diagnose_paste
from smtplab.shown import Shown

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def values():
    with serve("starttls") as server:
        trace = dial(server, "implicit")
        ports = probe(server)
    found = explain("wrong version number", port=587)
    return {"trace": trace, "port": ports[0], "ports": ports,
            "settings": read_settings("rails", "tls: true\nport: 587"), "cause": found[0], "causes": found,
            "answer": diagnose_paste("EMAIL_PORT = 465\nEMAIL_USE_TLS = True")}


VALUES = values()


@each_row(("name", "says"), [
    ("trace", "implicit-to-plaintext: The client starts TLS at once"), ("port", "smtp-starttls"),
    ("ports", "smtp-starttls"), ("settings", "wrong-version-number"), ("cause", "implicit-to-plaintext"),
    ("causes", "tls-version-or-cipher"), ("answer", "plaintext-to-implicit")])
def test_a_card_says_what_the_text_says(name, says):
    bundle = VALUES[name]._repr_mimebundle_(include=None, exclude=None)
    assert bundle.keys() == {"text/plain", "text/html"}
    assert says in bundle["text/plain"] and says in Page(bundle["text/html"]).text
    assert str(VALUES[name]) == bundle["text/plain"]


def hostile():
    """Values that hold markup from the wire and from people."""
    from dataclasses import replace
    trace = VALUES["trace"]
    greeting = Event(0.5, "server", "bytes", f"220 {EVIL}\r\n".encode())
    port = replace(VALUES["port"], greeting=EVIL, host=EVIL, problem=EVIL, certificate_ok=False)
    return {"trace": replace(trace, events=(*trace.events, greeting), address=(EVIL, 25), waiting_for=EVIL),
            "port": port, "ports": type(VALUES["ports"])([port]),
            "causes": type(VALUES["causes"])([replace(VALUES["cause"], why=EVIL)]),
            "settings": read_settings("rails", f"address: '{EVIL}'\nport: 465\n{EVIL}: 1"),
            "answer": replace(VALUES["answer"], next_command=EVIL)}


@each_row("name", ["trace", "port", "ports", "causes", "settings", "answer"])
def test_nothing_in_it_is_markup(name):
    page = hostile()[name]._repr_mimebundle_()["text/html"]
    assert "<img" not in page and "<script" not in page
    assert "img src=x" in page  # but it is there


def test_what_has_no_card_has_none():
    with pytest.raises(StopIteration):
        Shown()._repr_mimebundle_()


def test_a_list_stays_a_list():
    assert VALUES["ports"] == [VALUES["port"]] and repr(VALUES["ports"]) == repr([VALUES["port"]])
    assert isinstance(VALUES["causes"], list) and VALUES["causes"][0] == VALUES["cause"]
    assert smtplab.Trace.from_json(VALUES["trace"].to_json()) == VALUES["trace"]
