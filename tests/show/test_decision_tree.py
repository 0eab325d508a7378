"""The decision tree, without a browser: its doors never say anything but what the trace says."""

import contextlib
import socket
import threading
from dataclasses import replace
from functools import partial

import pytest
from helpers import displayed, in_cell, until

import smtplab
from smtplab import Cause, Mode, PortReport, Speaks, serve
from smtplab.events import Event, Failure
from smtplab.lab.certificates import FAULTS
from smtplab.lab.client import Dial
from smtplab.lab.jobs import Later, at_once, run_concurrently
from smtplab.show.decision_tree import DecisionTree
from smtplab.show.doors import doors
from smtplab.trace import Trace

TWINS = (*FAULTS, "intercepted", "old-tls")
ALL_OF_IT = {"login": ("alice", "wonderland"), "mail_from": "alice@example.com"}
STAGES = {"resolve": "resolve", "connect": "connect", "first": "greeting", "hello": "tls", "greeting": "greeting",
          "greeting-in-tls": "greeting", "listed": "starttls", "starttls": "starttls", "tls": "tls",
          "certificate": "tls", "ehlo": "ehlo", "ehlo-in-tls": "ehlo", "auth": "auth", "mail": "mail", "quit": "quit"}
CLIENT_CHAINS = {
    "plain": "resolve connect first greeting ehlo quit",
    "starttls": "resolve connect first greeting listed starttls tls certificate ehlo-in-tls quit",
    "starttls-opportunistic": "resolve connect first greeting ehlo starttls tls certificate ehlo-in-tls quit",
    "implicit": "resolve connect hello tls certificate greeting-in-tls ehlo quit"}


@pytest.fixture(scope="module")
def dialled():
    """(kind, mode, with login and mail?) -> trace, for every kind and every starttls twin ("KIND+"), side by side."""
    places = [(kind, {}) for kind in smtplab.KINDS] + [(kind, {"starttls": True}) for kind in TWINS]
    found, share = {}, max(1, at_once(2 * len(places)) // 2)  # few open files: not all servers at once
    for first in range(0, len(places), share):
        with contextlib.ExitStack() as stack:
            servers = {kind + "+" * len(twin): stack.enter_context(serve(kind, **twin))
                       for kind, twin in places[first:first + share]}
            keys = [(kind, mode, more) for kind in servers for mode in Mode for more in (False, True)]
            # Longer than greets-late's two seconds: a machine with much to do greets later still.
            dials = [Later(partial(Dial, servers[kind], mode, timeout_s=5, **(ALL_OF_IT if more else {})))
                     for kind, mode, more in keys]
            found |= {keys[index]: trace for index, trace in run_concurrently(dials)}
    return found


@pytest.fixture
def tree():
    """`tree(...)` makes a DecisionTree, which is closed after the test."""
    made = []

    def make(*args, **options):
        made.append(DecisionTree(*args, **options))
        return made[-1]

    yield make
    for widget in made:
        widget.close()


def keyed(found):
    return {door.key: door for door in found}


def agrees(trace):
    """Whether the tree says what the trace says: green up to the door of its stage, and out by its cause."""
    found = [door for door in doors(trace) if door.key != "probe"]
    states = [door.state for door in found]
    if trace.cause is Cause.OK:
        return set(states) == {"passed"} and all(door.proof and door.taken is None for door in found)
    at = states.index("failed")
    failed = found[at]
    return (set(states[:at]) == {"passed"} and set(states[at + 1:]) <= {"ahead"}
            and all(door.proof and door.taken is None for door in found[:at])
            and all(not door.proof and door.taken is None for door in found[at + 1:])
            and failed.taken is trace.cause and failed.proof and STAGES[failed.key] == trace.failure.stage
            and [way.cause for way in failed.exits].count(trace.cause) == 1)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("kind", [*smtplab.KINDS, *(f"{kind}+" for kind in TWINS)])
def test_the_doors_say_what_the_trace_says(dialled, kind, mode):
    for more in (False, True):
        assert agrees(dialled[kind, mode, more]), (more, doors(dialled[kind, mode, more]))


def test_that_check_can_fail(dialled):
    """The twin of the one above: a trace whose cause or stage is another one is found out."""
    trace = dialled["starttls-refused", Mode.STARTTLS, False]
    assert agrees(trace)
    assert not agrees(replace(trace, failure=replace(trace.failure, stage="tls")))
    assert not agrees(replace(trace, events=trace.events[:2]))  # as far as "connected"


def test_every_cause_is_met_at_its_own_door(dialled):
    met = {(trace.cause.value, door.key) for trace in dialled.values() for door in doors(trace)
           if door.state == "failed" and door.key != "probe"}
    assert met >= {
        ("refused", "connect"), ("filtered-timeout", "connect"), ("closed-before-greeting", "first"),
        ("closed-before-greeting", "hello"), ("plaintext-to-implicit", "first"), ("other", "hello"),
        ("implicit-to-plaintext", "hello"), ("server-not-smtp", "greeting"), ("starttls-not-offered", "listed"),
        ("temporarily-unavailable", "starttls"), ("tls-version-or-cipher", "tls"), ("cert-hostname", "certificate"),
        ("cert-self-signed-or-unknown-ca", "certificate"), ("cert-expired", "certificate"),
        ("auth-needs-tls", "auth"), ("auth-mechanism", "auth")}


@pytest.mark.parametrize("mode", Mode)
def test_each_mode_has_its_own_chain(dialled, mode):
    good = dialled["implicit" if mode is Mode.IMPLICIT else "starttls", mode, False]
    assert good.ok and [door.key for door in doors(good)] == CLIENT_CHAINS[mode].split()
    asked = [door.key for door in doors(good, asked=("mail", "auth"))]
    assert asked == [*CLIENT_CHAINS[mode].split()[:-1], "auth", "mail", "quit"]


def test_the_proof_is_in_the_bytes(dialled):
    found = keyed(doors(dialled["starttls", Mode.STARTTLS, True]))
    assert found["greeting"].proof == "220 mail.example.com ESMTP smtplab"
    assert found["starttls"].proof.startswith("220 ") and found["auth"].proof.startswith("235 ")
    assert found["tls"].proof.startswith("TLSv1.") and found["mail"].proof.startswith("MAIL: 250 ")
    assert found["resolve"].proof == "127.0.0.1 is an address already"
    wrong = keyed(doors(dialled["plain", Mode.IMPLICIT, False]))["hello"]
    assert "`220 m`" in wrong.proof and "length 8301" in wrong.proof
    refused = keyed(doors(dialled["starttls-refused", Mode.STARTTLS, False]))["starttls"]
    assert refused.proof == "454 4.7.0 TLS not available"
    listed = keyed(doors(dialled["plain", Mode.STARTTLS, False]))["listed"]
    assert listed.proof.startswith("the EHLO reply lists SIZE ") and "8BITMIME" in listed.proof


def test_what_went_on_in_clear_claims_no_tls(dialled):
    for kind, keys in (("starttls-stripped", []), ("starttls-refused", ["starttls"])):
        found = keyed(doors(dialled[kind, Mode.STARTTLS_OPPORTUNISTIC, False]))
        assert [key for key in found if key in ("starttls", "tls", "certificate", "ehlo-in-tls")] == keys
        assert found["starttls" if keys else "ehlo"].proof.endswith("on in clear, as this mode may")
    refused = doors(dialled["starttls-refused", Mode.STARTTLS_OPPORTUNISTIC, True])  # no password in clear
    assert [door.taken for door in refused if door.state == "failed"] == [Cause.TEMPORARILY_UNAVAILABLE]
    assert "certificate" in keyed(refused)
    with serve("wrong-name") as server:
        unchecked = keyed(doors(smtplab.dial(server, "implicit", verify=False)))["certificate"]
    assert unchecked.state == "passed" and "unchecked" in unchecked.proof


def test_silence_asks_one_more_question(dialled):
    trace = dialled["implicit", Mode.STARTTLS, False]
    assert [(door.key, door.state) for door in doors(trace)][2:5] == [
        ("first", "failed"), ("probe", "ahead"), ("greeting", "ahead")]
    report = PortReport("127.0.0.1", 1, Speaks.IMPLICIT_TLS, "220 <b>\u202e", (), "TLSv1.3", True, 0.1)
    yes = keyed(doors(trace, report))["probe"]
    assert (yes.state, yes.taken) == ("passed", trace.cause)
    assert yes.proof == r"TLSv1.3; within TLS it greets 220 <b>\xe2\x80\xae"
    for speaks, words in ((Speaks.SILENT, "silent to a ClientHello as well"), (Speaks.HTTP, "a probe finds http")):
        no = keyed(doors(trace, replace(report, speaks=speaks, greeting=None)))["probe"]
        assert (no.state, no.taken, no.proof) == ("failed", None, words)
    for other in (dialled["starttls", Mode.STARTTLS, False], dialled["closes", Mode.PLAIN, False],
                  dialled["silent", Mode.IMPLICIT, False], replace(trace, certain=True)):
        assert "probe" not in keyed(doors(other, report))


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_a_trace_that_grows_walks_from_door_to_door(dialled, kind):
    mode = Mode(kind)
    whole, before = dialled[kind, mode, True], 0
    places = []
    for count in range(len(whole.events) + 1):
        part = replace(whole, events=whole.events[:count], tls=None, cause=Cause.OK, waiting_for="reply")
        found = doors(part, asked=("auth", "mail"), done=False)
        states = [door.state for door in found]
        passed = states.index("waiting") if "waiting" in states else len(states)
        assert "failed" not in states and states.count("waiting") == 1 and {door.taken for door in found} == {None}
        assert set(states[:passed]) <= {"passed"} and set(states[passed + 1:]) <= {"ahead"}
        assert passed >= before, "a door that was passed is not passed any more"
        before = passed
        places.append(passed)
    assert len(set(places)) >= len(CLIENT_CHAINS[mode].split())


def odd(stage, reason, message="", *, events=(), host="mail.example.com", mode=Mode.STARTTLS):
    from smtplab.diagnosis import decided
    return decided(Trace(mode, (host, 587), False, Cause.OTHER, False, 0, 0, 0, 0, 1.0, None,
                         stage and Failure(stage, "socket", reason, message), None, None, tuple(events)))


CONNECTED = Event(0.0, "client", "connected", None, "127.0.0.1:2 > 127.0.0.1:587")
GREETED = (CONNECTED, Event(0.1, "server", "bytes", b"220 hi\r\n"))


@pytest.mark.parametrize(("trace", "key", "cause"), [
    (odd("resolve", "EAI_NONAME", "Name or service not known"), "resolve", Cause.DNS),
    (odd("connect", "stopped", "stopped"), "connect", Cause.OTHER),
    (odd("connect", "timeout", "no answer in time"), "connect", Cause.FILTERED_TIMEOUT),
    (odd("greeting", "554", "554 no", events=(CONNECTED, Event(0.1, "server", "bytes", b"554 no\r\n"))),
     "greeting", Cause.RELAY_OR_POLICY),
    (odd("greeting", "421", "421 busy", events=(CONNECTED, Event(0.1, "server", "bytes", b"421 busy\r\n"))),
     "greeting", Cause.TEMPORARILY_UNAVAILABLE),
    (odd("greeting", "no-reply", events=(CONNECTED, Event(0.1, "server", "bytes", b"\x15\x03\x01\x00\x02\x02\x0a"))),
     "greeting", Cause.PLAINTEXT_TO_IMPLICIT),
    (odd("ehlo", "530", "530 STARTTLS first", events=(*GREETED, Event(0.2, "client", "bytes", b"EHLO x\r\n"),
                                                        Event(0.3, "server", "bytes", b"530 STARTTLS first\r\n"))),
     "listed", Cause.STARTTLS_REQUIRED),
    (odd("starttls", "not-offered", events=(
        *GREETED, Event(0.2, "client", "bytes", b"EHLO x\r\n"),
        Event(0.3, "server", "bytes", b"250-hi\r\n250 XXXXXXXA\r\n"))),
     "listed", Cause.MIDDLEBOX),
    (odd("quit", "timeout", events=(*GREETED, Event(0.2, "client", "bytes", b"EHLO x\r\n"), Event(
        0.3, "server", "bytes", b"250 hi\r\n"), Event(0.4, "client", "bytes", b"QUIT\r\n")), mode=Mode.PLAIN),
     "quit", Cause.OTHER),
    (odd("greeting", "timeout", "", events=(*GREETED, Event(0.2, "client", "bytes", b"EHLO x\r\n")), mode=None),
     "ehlo", Cause.OTHER)])
def test_rare_ends(trace, key, cause):
    [failed] = [door for door in doors(trace) if door.state == "failed"]
    assert (failed.key, failed.taken, trace.cause) == (key, cause, cause)
    assert cause in [way.cause for way in failed.exits]


def test_530_after_ehlo_leads_to_starttls_required():
    with serve("starttls-required") as server:
        trace = smtplab.dial(server, "plain", mail_from="alice@example.com")
    [failed] = [door for door in doors(trace) if door.state == "failed"]
    assert (failed.key, failed.taken) == ("mail", Cause.STARTTLS_REQUIRED) and failed.proof.startswith("530 ")


def test_530_within_tls_leads_to_auth_required():
    with serve("auth-required") as server:
        trace = smtplab.dial(server, "starttls", mail_from="alice@example.com")
        assert smtplab.dial(server, "starttls", **ALL_OF_IT).ok
    [failed] = [door for door in doors(trace) if door.state == "failed"]
    assert (failed.key, failed.taken) == ("mail", Cause.AUTH_REQUIRED) and "Authentication required" in failed.proof


def test_silence_is_called_what_it_may_be():
    """Implicit, silent or slow; a greeting within TLS stands behind TLS and certificate."""
    trace = odd("greeting", "timeout", events=(CONNECTED,))
    [failed] = [door for door in doors(trace) if door.state == "failed"]
    assert str(failed.exits[0]).startswith("silence (implicit, silent or slow) → plaintext-to-implicit")
    for mode in Mode:
        keys = [door.key for door in doors(odd("connect", "timeout", mode=mode))]
        assert ("hello" in keys and keys.index("certificate") < keys.index("greeting-in-tls")) == (mode == "implicit")


def test_a_wrong_password_is_out_at_the_login_and_nowhere_shown():
    with serve("implicit") as server:
        trace = smtplab.dial(server, "implicit", login=("alice", "looking-glass"))
    picture = DecisionTree.of(trace)
    [failed] = [door for door in picture.doors if door.state == "failed"]
    assert (failed.key, failed.taken) == ("auth", Cause.AUTH_REJECTED) and failed.proof.startswith("535 ")
    assert "looking-glass" not in picture.text() + picture.page()


def test_an_odd_trace_disagrees_with_nobody(dialled):
    trace = replace(dialled["starttls", Mode.STARTTLS, False], cause=Cause.OTHER, ok=False)  # every question answered
    *_, last = doors(trace)
    assert (last.state, last.taken) == ("failed", Cause.OTHER)
    assert {door.state for door in doors(replace(trace, cause=Cause.OK, events=()))} == {"passed"}


def test_a_servers_trace_is_refused():
    with serve("plain") as server:
        trace = smtplab.dial(server, "plain")
        with pytest.raises(ValueError, match="seen from the server"):
            doors(server.trace(of=trace))


# --- live ---


def test_it_lights_up_and_says_it_all(tree):
    with serve("starttls") as server:
        widget = tree(server, login=("alice", "wonderland"), mail_from="alice@example.com")
        assert widget.wait(20)
    assert widget.trace.ok and {door.state for door in widget.doors} == {"passed"}
    assert [row["state"] for row in widget.tree.rows] == ["passed"] * 12
    assert widget.tree.outcome["text"] == "Through all 12 doors."
    assert displayed(widget)["text/plain"] == str(widget) == widget.tree.text()
    for door in widget.doors:
        assert door.question in str(widget) and door.proof in str(widget)
        assert all(way.cause.value in str(widget) for way in door.exits)
    assert not widget.can_press("Stop") and widget.can_press("Probe again") and "probed in" in widget.shown()


def test_a_failed_door_shows_its_cause_in_words(tree):
    with serve("plain") as server:
        widget = tree(server)
        assert widget.wait(20)
        [failed] = [row for row in widget.tree.rows if row["state"] == "failed"]
        assert (failed["sign"], failed["word"]) == ("✗", "no")
        [taken] = [way for way in failed["exits"] if way["taken"]]
        assert taken["title"] == Cause.STARTTLS_NOT_OFFERED.text.title
        assert f"==> no: starttls-not-offered: {taken['title']}" in str(widget)
        assert "Out at door 5: starttls-not-offered." in str(widget)
        first = widget.trace
        widget.press("Probe again")
        assert widget.wait(20) and widget.trace is not first and widget.trace.cause is first.cause


@pytest.mark.parametrize(("kind", "state", "words"), [
    ("implicit", "passed", "Certain, now that a ClientHello was answered."),
    ("self-signed", "passed", "Certain, now"),
    ("silent", "failed", "speaks against it: silent to a ClientHello as well."),
    ("http", "failed", "a probe finds http.")])
def test_what_kind_of_silence_it_is(tree, kind, state, words):
    with serve(kind) as server:
        widget = tree(server, "starttls", timeout_s=3)
        until(lambda: widget.probing or not widget.running)
        assert widget.wait(20)
    probe = keyed(widget.doors)["probe"]
    assert probe.state == state and words in str(widget)
    assert widget.trace.cause is keyed(widget.doors)["first"].taken is Cause.PLAINTEXT_TO_IMPLICIT
    assert widget.tree.report is not None and widget.run.limit_s == 3


def test_a_server_that_greets_is_asked_once(tree):
    with serve("plain") as server:
        widget = tree(server, "plain")
        assert widget.wait(20) and widget.trace.ok and widget.tree.report is None
        assert len(server.traces()) == 1


def test_the_probe_has_time_enough_whatever_the_time_out(tree):
    with serve("implicit") as server:
        widget = tree(server, "plain", timeout_s=0.2)
        assert widget.run.limit_s == 2 and widget.wait(20)
    assert keyed(widget.doors)["probe"].state == "passed"


def test_while_it_waits_one_door_asks(tree):
    with serve("silent") as server:
        widget = tree(server, "starttls", timeout_s=600)
        until(lambda: keyed(widget.doors)["first"].proof == "waiting: greeting")
        assert [door.state for door in widget.doors][:4] == ["passed", "passed", "waiting", "ahead"]
        assert widget.trace is None and "At door 3 of 10" in str(widget)
        assert "… Does the server speak first?" in str(widget)
        assert not widget.wait(0)
        widget.press("Stop")
        assert widget.wait(20)
        assert keyed(widget.doors)["first"].taken is widget.trace.cause and "stopped after" in widget.shown()


def test_stop_ends_the_probe_too(tree):
    with serve("silent") as server:
        widget = tree(server, "plain", timeout_s=3)
        until(lambda: widget.probing)
        widget.stop()
        assert widget.wait(20)
        assert widget.tree.report is None and keyed(widget.doors)["probe"].state == "ahead"


def test_close_ends_it(tree):
    with serve("silent") as server:
        widget = tree(server, "plain", timeout_s=60)
        until(server.traces)
        widget.close()
        assert not widget.running and widget.comm is None and widget.tree.comm is None


def test_running_the_cell_again_ends_the_earlier_run(tree, monkeypatch):
    in_cell(monkeypatch, "a cell with a tree", "first run")
    with serve("silent") as server:
        first = tree(server, "plain", timeout_s=60)
        until(server.traces)
        in_cell(monkeypatch, "a cell with a tree", "second run")
        second = tree(server, "plain", timeout_s=60)
        until(lambda: len(server.traces()) == 2)
        assert not first.running and first.comm is None and second.running


def test_unusable_arguments_are_told_at_once(tree):
    for wrong in ({"mode": "tls"}, {"timeout_s": 0}, {"rcpt_to": "bob@example.com"}):
        with pytest.raises(ValueError, match="modes are|timeout_s|mail_from"):
            tree(("127.0.0.1", 25), **wrong)


def test_what_a_hostile_server_says_is_text(tree):
    listening = socket.create_server(("127.0.0.1", 0))

    def greet():
        visitor, _ = listening.accept()
        with visitor, contextlib.suppress(OSError):
            visitor.sendall(b"220 <img src=x onerror=boom()></script>\x1b[31m\xe2\x80\xae" + b"A" * 65536 + b"\r\n")
            visitor.recv(1)

    thread = threading.Thread(target=greet)
    thread.start()
    with contextlib.closing(listening):
        widget = tree(listening.getsockname(), "plain", timeout_s=5)
        assert widget.wait(20)
        thread.join()
    proof = keyed(widget.doors)["greeting"].proof
    assert proof.startswith(r"220 <img src=x onerror=boom()></script>\x1b[31m\xe2\x80\xae") and len(proof) < 400
    html = displayed(widget)["text/html"]
    assert "<img" not in html and "</script>\\" not in html and "\x1b" not in str(widget)
