"""Mends: each row of the pool is mended by what it says and by nothing less, for real; and a round that ends, ends."""

import re
import shutil
import threading

import pytest
from helpers import each_row, nobody_listens, until
from lab_threads import lab_threads, left_over
from mystery_mends import mends

from smtplab import Cause, serve
from smtplab.course import mystery, mystery_key
from smtplab.course.mysteries.client import Client, changed
from smtplab.course.mysteries.draw import CLIENTS, DrawnTicket, draw
from smtplab.course.mysteries.judge import NotUnderstood
from smtplab.course.mysteries.mend import Attempt, Doors, Mending, Passed, ask, attempt, told_for
from smtplab.course.mysteries.pool import ASKS, MOST, POOL, RIGHT_LOGIN, WRONG_LOGIN
from smtplab.course.mysteries.round import FIRST, MENDED, OPEN, SOLVED, WEAK
from smtplab.events import Mode

NAME = "mx-k7q2x.example.com"
LOGGED_IN = {"user": "alice", "password": "wonderland"}
QUICK_S, AMPLE_S = 0.4, 20  # where something hangs for ever, and where it must not


def ids(case):
    return f"{case.cause}-{case.kind}-{case.mode}"


@pytest.fixture(autouse=True)
def limit(monkeypatch):
    """`limit(seconds)` of the tries to come."""
    def limit(seconds):
        monkeypatch.setattr("smtplab.course.mysteries.mend.TIMEOUT_S", seconds)

    limit(AMPLE_S)
    return limit


def drawn(case, login=()):
    return DrawnTicket(case, NAME, "Django", "django", "", case.login or login, "", case.trusts is not False)


class Served:
    """One case's server, and tries at it."""

    def __init__(self, case, login=(), doors=True):
        self.one = drawn(case, login)
        self.server = serve(case.kind, **self.one.server_options())
        self.both = [serve(kind, hostname=NAME) for kind in ("starttls", "implicit")] if case.doors else []
        self.doors = Doors(lambda: tuple(server.address[1] for server in self.both)) if case.doors else None
        self.as_found = Client(*self.server.address, Mode(case.mode),
                               self.server.ca_file if self.one.trusts else None, login=self.one.login or None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in (self.server, *self.both):
            server.close()

    def mend(self, **changes):
        client = changed(self.as_found, "django", changes)
        made = attempt(self.one, 1, client, self.server.ca_file, self.server.address, self.doors)
        return made.run() if isinstance(made, Attempt) else made

    def right(self):
        return mends(self.one, told_for(self.one.case.cause, self.doors)) | LOGGED_IN | {"ca": self.server.ca_file}


FROM_THE_CLIENT = [case for case in POOL if not case.ask]
BY_OTHERS = [case for case in POOL if case.ask and case.cause is not Cause.OK]


@each_row("case", FROM_THE_CLIENT, ids=ids)
def test_what_the_client_can_mend_is_green_then_and_red_before(case, limit):
    with Served(case) as served:
        limit(QUICK_S if case.cause is Cause.PLAINTEXT_TO_IMPLICIT else AMPLE_S)
        before = served.mend()
        assert before.passed is Passed.RED
        assert before.trace.cause in (case.cause, *case.also)
        limit(AMPLE_S)
        after = served.mend(**served.right())
        assert after.passed is Passed.GREEN and after.trace.ok and after.trace.tls, after
        assert "wonderland" not in str(after) + repr(after) + str(after.trace)


@each_row("case", BY_OTHERS, ids=ids)
def test_what_others_must_mend_is_never_green_from_the_client(case, limit):
    limit(QUICK_S)
    with Served(case) as served:
        for mode in ("starttls", "implicit"):
            assert served.mend(mode=mode, **LOGGED_IN).passed is Passed.RED
        assert served.mend(mode="plain").passed in (Passed.RED, Passed.AMBER)


@each_row("case", POOL, ids=ids)
def test_naming_who_must_do_what_mends_it_and_nothing_else_named_does(case):
    green = [name for name in ASKS if ask(drawn(case), 1, name).passed is Passed.GREEN]
    assert green == [case.ask] * bool(case.ask)
    assert ask(drawn(case), 1, case.ask.replace("-", " ").upper()).passed == (Passed.GREEN if case.ask else None)


def test_each_request_is_some_ticket_s():
    assert {case.ask for case in POOL} - {""} == set(ASKS)


def of(kind, mode):
    return next(case for case in POOL if (case.kind, case.mode) == (kind, mode))


def test_what_passes_unprotected_is_amber_with_the_reason(tmp_path):
    own = tmp_path / "own.pem"
    with Served(of("starttls", "implicit"), RIGHT_LOGIN) as served:
        shutil.copy(served.server.ca_file, own)
        for changes, says in (({"check": "no"}, "unchecked"), ({"check": False}, "unchecked"),
                              ({"ca": own}, "your own"), ({"mode": "opportunistic"}, "Require it"),
                              ({"user": ""}, "As nobody")):
            found = served.mend(**{"mode": "starttls", **changes})
            assert (found.passed, found.trace.ok) == (Passed.AMBER, True) and says in str(found), changes
        assert served.mend(mode="starttls").passed is Passed.GREEN, "the twin of all of these"
        in_clear = served.mend(mode="plain", user="")
        assert in_clear.passed is Passed.AMBER and "plain text" in str(in_clear) and "password" not in str(in_clear)
    with Served(of("starttls-stripped", "starttls"), RIGHT_LOGIN) as served:
        found = served.mend(mode="plain")
        assert found.passed is Passed.AMBER and "the mail and the password" in str(found)
    with Served(of("expired", "implicit")) as served:
        assert served.mend(check="no").passed is Passed.AMBER
        assert served.mend().passed is Passed.RED


def test_a_door_behind_the_door_is_said_with_what_those_in_charge_answer(limit):
    with Served(of("implicit", "starttls"), WRONG_LOGIN) as served:
        first = served.mend(mode="implicit")
        assert first.passed is Passed.RED and "now for another reason: auth-rejected" in str(first)
        assert "alice" in str(first) and "password is now wonderland" in str(first)
        assert served.mend(mode="implicit", password="wonderland").passed is Passed.GREEN
        limit(QUICK_S)
        assert "another reason" not in str(served.mend())


def test_an_ok_ticket_is_mended_by_sending_it_and_by_saying_so():
    with Served(next(case for case in POOL if case.cause is Cause.OK and case.mode == "starttls")) as served:
        found = served.mend()
        assert found.passed is Passed.GREEN and "hand it back" in str(found)
        assert served.mend(port=served.server.address[1], mode="implicit").passed is Passed.RED


@each_row(("changes", "says"), [
    ({"mode": "ssl"}, "another mode in each program"), ({"mode": "x"}, "No mode 'x'"), ({"port": "0"}, "No port 0"),
    ({"port": "x"}, "No port x"), ({"host": ""}, "needs a host"), ({"ca": "/no/such"}, "No file"),
    ({"ca": "a\0b"}, "No file"), ({"check": "maybe"}, "yes or no"), ({"password": "x"}, "needs a user"),
    ({"mechanism": "x"}, "No mechanism"), ({"nonsense": 1}, "No setting 'nonsense'"),
    ({"settings": "hello"}, "Nothing in that is a setting"),
    ({"settings": "EMAIL_USE_SSL = True\nEMAIL_USE_TLS = True"}, "refuses these settings")])
def test_what_can_t_be_changed_so_is_said(changes, says):
    found = changed(Client("127.0.0.1", 25, Mode.PLAIN), "django", changes)
    assert isinstance(found, NotUnderstood) and says in found.words


class Odd:
    def __str__(self):
        raise RuntimeError("no")


@each_row("name", ["mode", "host", "port", "ca", "check", "user", "password", "mechanism", "settings"])
def test_any_value_is_taken(name):
    before = Client("127.0.0.1", 25, Mode.PLAIN, login=("a", "b"))
    for value in (Odd(), 7, None, b"x", [], "\ud800", "x" * 50_000):
        assert isinstance(changed(before, "django", {name: value}), Client | NotUnderstood)
    assert changed(before, "django", {name: None}) == before


@each_row("mode", CLIENTS)
def test_each_client_s_own_words_are_read(mode):
    before = Client("127.0.0.1", 25, Mode.STARTTLS_OPPORTUNISTIC, "/ca", login=("a", "b"))
    for _, framework, settings in CLIENTS[mode]:
        found = changed(before, framework, {"settings": settings.format(host="localhost", port=4321)})
        assert found == Client("localhost", 4321, Mode(mode), "/ca", login=("a", "b")), framework
    unchecked = changed(before, "rails", {"settings": "openssl_verify_mode: 'none', tls: true, port: 4321"})
    assert not unchecked.check and unchecked.mode is Mode.IMPLICIT
    assert changed(before, "rails", {"settings": "tls: true, port: 4321", "port": 99}).port == 99


# --- in a round ---

SEED = next(seed for seed in range(500) if draw(seed, 1)[0].case.kind == "starttls"
            and draw(seed, 1)[0].case.cause is Cause.IMPLICIT_TO_PLAINTEXT and draw(seed, 1)[0].trusts)


def solved(seed, count=1):
    """A round all of whose verdicts stand, by what the tests know."""
    game = mystery(seed, count=count)
    for ticket, one in zip(game.tickets, draw(seed, count), strict=True):
        saw = f"220 {one.hostname} ESMTP" if one.case.kind == "starttls" else "nothing"
        assert game.verdict(ticket.number, one.case.cause, saw, one.case.waited[0]).right
    return game


def test_before_the_verdict_nothing_is_tried_and_nothing_told():
    before = lab_threads()
    with mystery("real", count=MOST) as game:
        running = threading.active_count()
        for ticket in game.tickets:
            for found in (game.mend(ticket.number), game.ask(ticket.number, "open-port")):
                assert (found.passed, found.trace) == (None, None) and FIRST in str(found)
            assert game.told(ticket.number) == "" and game.light(ticket.number) == OPEN
        assert threading.active_count() == running, "no port is opened, so none can be found"
    assert left_over(before) == []


def test_red_amber_green_and_what_is_mended_stays_so():
    with solved(SEED) as game:
        assert (game.light(1), game.mended, game.done) == (SOLVED, [], False)
        heard = []
        game.watch(lambda: heard.append(game.light(1)))
        login = {"user": "alice", "password": "wonderland"}
        assert game.mend(1).passed is Passed.RED and game.light(1) == SOLVED
        assert game.mend("1", mode="starttls", check="no", **login).passed is Passed.AMBER and game.light(1) == WEAK
        assert not game.done
        assert game.mend(1, mode="starttls", **login).passed is Passed.GREEN and game.light(1) == MENDED and game.done
        assert game.mend(1).passed is Passed.RED and game.light(1) == MENDED
        assert heard == [SOLVED, WEAK, MENDED, MENDED]
        assert game.mend(1, mode="?").passed is None and game.mending(1).passed is Passed.RED
        assert "mended" in str(game) and "tried:" in str(game)
        for odd in (0, 9, None, "x", Odd()):
            assert game.mend(odd).passed is None and game.ask(odd, "open-port").passed is None
        assert game.ask(1, Odd()).passed is None and game.ask(1).passed is None


def test_only_a_ticket_s_own_servers_are_dialled():
    """Another ticket's would tell that one's cause."""
    with solved(SEED) as game, serve("starttls") as other:
        found = game.mend(1, mode="starttls", port=other.address[1])
        assert found.passed is None and found.trace is None and other.traces() == []
        assert game.mend(1, host="mail.example.net").passed is None
        assert game.mend(1, host="localhost", mode="starttls", **LOGGED_IN).passed is Passed.GREEN


def test_a_ca_file_that_is_none_is_said(tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    with solved(SEED) as game:
        found = game.mend(1, mode="starttls", ca=empty)
        assert found.passed is None and "can't begin" in str(found)
        assert game.mend(1, mode="starttls", ca=game.ca_file, **LOGGED_IN).passed is Passed.GREEN


REFUSED = next(seed for seed in range(500) if draw(seed, 1)[0].case.kind == "refused")


def test_the_right_ports_open_after_the_verdict_and_end_with_the_round(limit):
    before = lab_threads()
    with solved(REFUSED) as game:
        assert len(lab_threads() - before) == 0
        plain, tls = map(int, re.findall(r"on port (\d+)", game.told(1)))
        assert len(lab_threads() - before) == 2 and game.told(1) == game.told(1)
        login = {"user": "alice", "password": "wonderland", "ca": game.ca_file}
        limit(QUICK_S)
        assert game.mend(1, mode="starttls", port=tls, **login).passed is Passed.RED
        limit(AMPLE_S)
        assert game.mend(1, mode="implicit", port=plain, **login).passed is Passed.RED
        assert game.mend(1, mode="implicit", port=tls, **login).passed is Passed.GREEN
    assert left_over(before) == []
    assert nobody_listens(("127.0.0.1", plain))
    assert game.told(1) == "" and "closed" in str(game.mend(1))


FILTERED = next(seed for seed in range(500) if draw(seed, 1)[0].case.kind == "filtered")


def test_the_end_of_a_round_ends_a_try_within_a_second(limit):
    limit(600)
    game, found = solved(FILTERED), []
    thread = threading.Thread(target=lambda: found.append(game.mend(1)))
    thread.start()
    until(lambda: game._trying)
    game.close()
    thread.join(1)
    assert not thread.is_alive() and found[0].passed is None and "stopped" in str(found[0])
    assert game.mending(1) is None


def test_a_reset_during_a_try_leaves_no_mend():
    with solved(SEED) as game:
        made = game.attempt(1, changed(game.tickets[0].as_found, "django", {"mode": "starttls", **LOGGED_IN}))
        game.reset()
        assert game.run(made).passed is Passed.GREEN and game.mended == [] and game.mending(1) is None
        assert isinstance(game.attempt(1, game.tickets[0].as_found), Mending)


def test_no_password_in_a_client_s_words():
    client = Client("127.0.0.1", 25, Mode.PLAIN, login=("alice", "looking-glass"))
    assert "looking-glass" not in repr(client) + client.text and "alice" in client.text


@each_row("seed", range(8))
def test_the_key_says_how_each_ticket_is_mended(seed):
    parts = mystery_key(seed).split("\n\n")[1:]
    for part, one in zip(parts, draw(seed), strict=True):
        how = part.rpartition("to mend")[2].strip()
        assert how and (one.case.ask in how), part
        assert ("CA file" in how) == (not one.trusts and not one.case.ask)
        assert ("wonderland" in how) == (not one.case.ask and (
            one.login == WRONG_LOGIN or one.case.cause is Cause.AUTH_REQUIRED))
