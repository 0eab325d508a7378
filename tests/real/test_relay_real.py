"""Real clients through the relay, to lab servers and to a real Postfix: each ends as it does without, word for word."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from postfix import postfix
from real_tools import are_here
from test_real_clients import HANG_S, PATIENCE_S, Call, Ended, curl, program, python, ruby, s_client, swaks

import smtplab
from smtplab import Cause, Trace
from smtplab.show.targets import recipes

pytestmark = pytest.mark.timeout(200)  # the first test of a module waits for all its runs
CLIENTS = {
    "openssl": ("implicit", s_client("-showcerts")), "openssl -starttls": ("starttls", s_client("-starttls", "smtp")),
    "curl": ("plain", curl("smtp")), "curl --ssl-reqd": ("starttls", curl("smtp", "--ssl-reqd")),
    "curl smtps": ("implicit", curl("smtps")), "swaks": ("plain", swaks()), "swaks --tls": ("starttls", swaks("--tls")),
    "swaks --tlsc": ("implicit", swaks("--tlsc")), "ruby": ("plain", ruby("plain")),
    "ruby enable_starttls": ("starttls", ruby("starttls")), "ruby enable_tls": ("implicit", ruby("implicit")),
    "SMTP": ("plain", python("plain")), "SMTP starttls": ("starttls", python("starttls")),
    "SMTP_SSL": ("implicit", python("implicit")),
}
LAB, POSTFIX = ("starttls", "implicit"), ("submission", "submissions")
ALICE = ("alice", "wonderland", "PLAIN")
PRINTED = re.compile(r"SSL handshake has read (\d+) bytes and written (\d+) bytes")
CELLS = [pytest.param(name, kind, marks=[*[pytest.mark.real(name.split()[0])] * name[0].islower(),
                                         *[pytest.mark.slow] * (name != "openssl")], id=f"{name}-{kind}")
         for name in CLIENTS for kind in LAB]
REAL = [pytest.param(name, kind, marks=pytest.mark.real("postfix", "dovecot", *[name.split()[0]] * name[0].islower()),
                     id=f"{name}-{kind}") for name, (mode, _) in CLIENTS.items() if mode != "plain" for kind in POSTFIX]


class Door(NamedTuple):
    """Where a client is sent: what `Call` asks of a server."""

    address: tuple[str, int]
    ca_file: str
    kind: str
    traces: Callable[[], object]


class Both(NamedTuple):
    """The same client at the same server, without the relay and through it, and the relay's trace."""

    without: Ended
    through: Ended
    trace: Trace


def hangs(name, kind):
    return CLIENTS[name][0] != "implicit" and kind in ("implicit", "submissions")


def call(door: Door, name: str, home) -> Ended:
    hang = hangs(name, door.kind)
    login = ALICE if door.kind in POSTFIX and "openssl" not in name else None
    ended = CLIENTS[name][1](Call(door, str(home), HANG_S if hang else PATIENCE_S, hang and "openssl" in name, login))
    return Ended(ended.how, words(ended.text, door.address[1]))


def words(text: str, port: int) -> str:
    """What a client said, without what differs from one run to the next."""
    text = text.replace(str(port), "PORT")
    for pattern, name in ((r"\b[0-9A-F]{32,}\b", "HEX"), (r"(?m)^ +[0-9a-f]{4} - .*\n", ""),
                          (r"(?m)^[0-9A-F]{8,16}:", ""), (r"after \d+ milliseconds", "after a while"),
                          (r"Start Time: \d+", "TIME"), (r"with ESMTPS? id .*|queued as \w+", "ID"),
                          (r"\{ \[\d+ bytes data\]|\} \[\d+ bytes data\]", "DATA"),
                          (r"has read \d+ bytes", "has read N bytes"), (r"TLSv1.3 \([IO][UN]T?\)", "TLS")):
        text = re.sub(pattern, name, text)
    return text


def run_both(where: dict[str, Door], cells: list[tuple[str, str]], tmp_path_factory) -> dict[tuple[str, str], Both]:
    """Every cell's two runs, several at a time."""
    def both(cell: tuple[str, str]) -> Both:
        name, kind = cell
        home = tmp_path_factory.mktemp("home")
        with smtplab.relay(where[kind].address) as between:
            without = call(where[kind], name, home)
            through = call(where[kind]._replace(address=between.address, traces=between.traces), name, home)
            return Both(without, through, between.trace(timeout_s=30))

    tmp_path_factory.getbasetemp()  # made here: several threads at once would collide
    with ThreadPoolExecutor(6) as pool:
        return dict(zip(cells, pool.map(both, cells), strict=True))


def present(request, name: str) -> list[tuple[str, str]]:
    """The cells of the collected tests that use this fixture, whose client is here."""
    asked = [item for item in request.session.items if item.module is request.module and name in item.fixturenames]
    return [(item.callspec.params["name"], item.callspec.params["kind"]) for item in asked
            if are_here(*[n for m in item.iter_markers("real") for n in m.args])]


@pytest.fixture(scope="module")
def lab(request, tmp_path_factory):
    with smtplab.serve("starttls") as first, smtplab.serve("implicit") as second:
        where = {s.kind: Door(s.address, s.ca_file, s.kind, s.traces) for s in (first, second)}
        yield run_both(where, present(request, "lab"), tmp_path_factory)


@pytest.fixture(scope="module")
def real(request, tmp_path_factory):
    with postfix() as (addresses, ca_file):
        where = {kind: Door(addresses[kind], ca_file, kind, lambda: True) for kind in POSTFIX}
        yield run_both(where, present(request, "real"), tmp_path_factory)


def check(name: str, kind: str, both: Both) -> None:
    """It ended the same, and the trace says why."""
    mode, trace = CLIENTS[name][0], both.trace
    assert both.through.how == both.without.how
    assert sorted(both.through.text.splitlines()) == sorted(both.without.text.splitlines())
    if mode == "implicit" and kind in ("starttls", "submission"):
        assert (trace.cause, trace.certain, trace.bytes_read) == (Cause.IMPLICIT_TO_PLAINTEXT, True, 5)
        assert "S: 220 " in str(trace) and "client_hello" in str(trace)
    elif hangs(name, kind):
        assert trace.cause is Cause.PLAINTEXT_TO_IMPLICIT
        assert "the client waits: greeting" in str(trace) and "S: 220" not in str(trace)
    else:
        assert trace.cause is Cause.OK and trace.certain == (mode == "plain")
        assert ("S: 220 " in str(trace)) == (mode != "implicit")
        assert ("server_hello" in str(trace) and "can read" in str(trace)) == (mode != "plain")
        assert ("C: STARTTLS" in str(trace)) == (mode == "starttls")


@pytest.mark.parametrize(("name", "kind"), CELLS)
def test_lab_servers(name, kind, lab):
    check(name, kind, lab[name, kind])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), REAL)
def test_postfix(name, kind, real):
    check(name, kind, real[name, kind])


@pytest.mark.real("openssl")
def test_the_count_is_s_client_s_own(tmp_path):
    for kind, *options in (("implicit",), ("starttls",), ("starttls", "-starttls", "smtp")):
        with smtplab.serve(kind) as server, smtplab.relay(server) as between:
            ended = s_client(*options)(Call(between, str(tmp_path)))
            trace = between.trace(timeout_s=30)
        assert (trace.bytes_read, trace.bytes_written) == tuple(map(int, PRINTED.search(ended.text).groups()))


# --- the recipes ---

NAME = "another-name.example.net"  # the only one in the certificate of wrong-name


def recipe(server: smtplab.Server, between: smtplab.Relay, program: str) -> list[str]:
    """The words of a printed recipe."""
    [line] = [line for line in recipes(between.address, (NAME, server.address[1])) if line.split()[0] == program]
    return line.split()[1:]


def asked_for(name: str, trace: Trace) -> bool:
    """Whether the client's ClientHello, in clear, has the name."""
    return name.encode() in b"".join(e.data for e in trace.events if e.what == "bytes" and e.who == "client")


@pytest.mark.slow
@pytest.mark.real("curl")
def test_the_recipe_for_curl_keeps_the_name_that_is_checked(tmp_path):
    with smtplab.serve("wrong-name", starttls=True) as server, smtplab.relay(server) as between:
        words = recipe(server, between, "curl")
        assert words.pop() == "..."
        more = ["-q", "-sS", "--noproxy", "*", "-m", "30", "--cacert", server.ca_file, "--mail-from", "a@example.com",
                "--mail-rcpt", "b@example.com", "-T", "-"]
        good = program(Call(server, str(tmp_path)), *words, *more, says=b"Subject: x\r\n\r\nx\r\n")
        assert (good.how, good.text) == (0, "")
        passed = between.trace(timeout_s=30)
        assert passed.cause is Cause.OK and asked_for(NAME, passed)
        bad = curl("smtp", "--ssl-reqd")(Call(Door(between.address, server.ca_file, "x", server.traces), str(tmp_path)))
        assert bad.how == 60  # without it the relay's address is checked, which no certificate has


@pytest.mark.real("openssl")
def test_the_recipe_for_openssl(tmp_path):
    with smtplab.serve("wrong-name", starttls=True) as server, smtplab.relay(server) as between:
        words = recipe(server, between, "openssl")
        more = ["-CAfile", server.ca_file, "-verify_return_error", "-ign_eof"]
        good = program(Call(server, str(tmp_path)), *words, *more, says=b"QUIT\r\n")
        assert good.how == 0 and "Verify return code: 0 (ok)" in good.text
        bad = program(Call(server, str(tmp_path)), *[w.replace(NAME, "x.example.net") for w in words], *more)
        assert bad.how == 1


@pytest.mark.slow
@pytest.mark.real("ruby")
def test_the_recipe_for_ruby(tmp_path):
    with smtplab.serve("wrong-name", starttls=True) as server, smtplab.relay(server) as between:
        for name, says in ((NAME, "ok"), ("x.example.net", "SSLError")):
            line = " ".join(recipe(server, between, "Ruby")).replace(NAME, name).replace("...", '{ puts "ok" }')
            script = f'require "net/smtp"; begin; {line}; rescue => e; puts e.class; end'
            done = subprocess.run(["ruby", "-e", script], env={**os.environ, "SSL_CERT_FILE": server.ca_file},
                                  capture_output=True, text=True, timeout=60)
            assert says in done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.real("swaks")
def test_the_recipe_for_swaks_asks_for_the_name(tmp_path):
    with smtplab.serve("wrong-name", starttls=True) as server, smtplab.relay(server) as between:
        words = recipe(server, between, "swaks")
        assert words.pop() == "..." and shutil.which(words[0])
        done = program(Call(server, str(tmp_path)), *words, "--to", "b@example.com", "--quit-after", "EHLO")
        passed = between.trace(timeout_s=30)
    assert done.how == 0
    assert asked_for(NAME, passed)
