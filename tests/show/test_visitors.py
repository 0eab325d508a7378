"""What `smtplab serve` prints: where its servers are, what leads clients there, and each visitor."""

import json
import re

import pytest
from helpers import until
from test_cli import Running

from smtplab import Cause, Trace, dial, serve
from smtplab.lab.reach import reachable
from smtplab.show.targets import HEADING, targets
from smtplab.show.visitors import Visitors


@pytest.fixture
def printed():
    """`printed(kind, as_json)` gives the lines so far, a running server, and what prints."""
    import contextlib
    with contextlib.ExitStack() as stack:
        def begin(kind, as_json=False):
            lines = []
            show = Visitors(lines.append, as_json)
            server = stack.enter_context(serve(kind, listener=show.for_kind(kind)))
            show.announce([server])
            return lines, server, show
        yield begin


def test_the_addresses_first_and_then_the_settings(printed):
    lines, server, _ = printed("starttls")
    host, port = server.address
    assert lines[:2] == [f"starttls {host} {port}", f"ca - {server.ca_file}"]
    assert lines[2] == f"\n\n{HEADING}\n\n{targets('starttls', host, port, server.ca_file)}\n"
    assert len(lines) == 3


def test_json_has_no_settings(printed):
    lines, server, _ = printed("implicit", as_json=True)
    assert [json.loads(line)["kind"] for line in lines] == ["implicit"]
    dial(server, "implicit")
    until(lambda: len(lines) == 2)
    assert Trace.from_json(lines[1]).cause is Cause.OK


@pytest.mark.parametrize(("kind", "mode"), [("implicit", "implicit"), ("starttls", "starttls")])
def test_the_inside_of_tls_is_shown(printed, kind, mode):
    lines, server, _ = printed(kind)
    assert dial(server, mode, login=("alice", "wonderland"), mechanism="PLAIN").ok
    until(lambda: any("ok: It worked" in line for line in lines[3:]))
    text = "\n".join(lines[3:])
    assert f"[{kind} #1]" in text
    for said in ("C: (in TLS) ehlo ", "S: (in TLS) 250-", "C: (in TLS) AUTH PLAIN ", "S: (in TLS) 235 "):
        assert said in text
    assert ("S: (in TLS) 220 " in text) == (kind == "implicit") != ("C: STARTTLS" in text)


def test_no_inside_where_the_handshake_fails(printed):
    """The twin: a client that does not trust the authority says nothing more."""
    lines, server, _ = printed("implicit")
    assert not dial(server.address, "implicit").ok
    until(lambda: any("cert-self-signed-or-unknown-ca" in line for line in lines[3:]))
    assert "(in TLS)" not in "\n".join(lines[3:])


@pytest.mark.parametrize(("host", "warns"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_beyond_loopback_there_is_a_warning(host, warns):
    running = Running("serve", "plain", "--host", host)
    assert running.line(f"^plain {host} ") and running.line(f"^curl smtp://{re.escape(reachable(host))}:")
    _, err, status = running.end()
    assert (status, err.count("not on loopback alone"), err.count("\n")) == (0, int(warns), int(warns))


def test_a_password_that_is_not_the_lab_s_is_not_shown(printed):
    lines, server, show = printed("implicit")
    dial(server, "implicit", login=("alice", "sesame-sesame"), mechanism="PLAIN")
    until(lambda: not show.live and any("535" in line for line in lines[3:]))
    assert "AGFsaWNlAHNlc2FtZS1zZXNhbWU" not in "\n".join(lines)
