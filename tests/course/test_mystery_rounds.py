"""Mystery rounds: each row of the pool is what it says, verdicts need cause and evidence, the same seed is the same."""

import gc
import hashlib
import re
import socket
import threading

import pytest
from helpers import each_row, until
from lab_threads import lab_threads, left_over
from mystery_mends import mends

import smtplab
from smtplab import Cause, dial, read_settings, serve
from smtplab.course import mystery, mystery_key
from smtplab.course.mysteries.draw import CLIENTS, COMPLAINTS, RIGHT_LOGIN, DrawnTicket, corner_name, draw, seed_text
from smtplab.course.mysteries.judge import WIDTH, evidence, judge
from smtplab.course.mysteries.pool import IF_SO, MOST, POOL, WAITED
from smtplab.course.mysteries.round import HALF, MENDED, OPEN, SOLVED

NAME = "mx-k7q2x.example.com"
MODES = {"implicit": "implicit", "starttls": "starttls-required", "plain": "plain"}
ROWS = each_row("case", POOL, ids=lambda case: f"{case.cause}-{case.kind}-{case.mode}")


def drawn(case, hostname=NAME):
    login = RIGHT_LOGIN if case.login is None and case.kind != "starttls-required" else case.login
    return DrawnTicket(case, hostname, "Rails", "rails-mail", "", login, "", case.trusts is not False)


def tried(one, **changes):
    """What the ticket's client does, and what each side saw."""
    case = one.case
    login = one.login or None
    mail = {} if login else {"mail_from": "a@example.com"}
    with serve(case.kind, **one.server_options()) as server:
        trace = dial(server if one.trusts else server.address, case.mode, timeout_s=limit_s(case), login=login,
                     mechanism="PLAIN" if login else None, **{**mail, **changes})
        seen = server.trace(of=trace)
        # What a learner gets by other means: the certificate, unchecked, and what a server says to a line.
        other = dial(server, "implicit", timeout_s=limit_s(case), verify=False)
        asked = said_to_a_line(server) if case.kind == "http" else ""
    return trace, seen, "\n".join([str(trace), *([str(other), str(other.tls)] if other.tls else []), asked])


def limit_s(case):
    """Long only where the client does not wait for ever."""
    if case.cause is Cause.HANDSHAKE_STALLED:  # it gets further
        return 2
    return 0.5 if case.cause in (Cause.PLAINTEXT_TO_IMPLICIT, Cause.FILTERED_TIMEOUT, Cause.OTHER) else 10


def said_to_a_line(server):
    with socket.create_connection(server.address, timeout=30) as visitor:
        visitor.sendall(b"hello\r\n")
        return visitor.recv(1000).decode()


def got(case, text):
    """The honest evidence of that try: all that it showed, or that it was nothing."""
    return text if case.names or case.speaks else "nothing"


def unwrapped(ruling):
    """Its text on one line."""
    return " ".join(str(ruling).split())


# --- the pool ---

@ROWS
def test_each_row_s_cause_is_what_a_dial_of_its_client_finds(case):
    trace, seen, _ = tried(drawn(case))
    # Or, where its dial is not certain, what the server's side adds.
    assert trace.cause is case.cause or (not trace.certain and seen.cause is case.cause)
    waits = {"client" if trace.waiting_for else "", "server" if seen and seen.waiting_for else ""} - {""}
    assert ("both" if len(waits) == 2 else next(iter(waits), "nobody")) in case.waited


@ROWS
def test_each_row_is_solved_by_real_evidence_and_by_no_other(case):
    one = drawn(case)
    _, _, text = tried(one)
    for waited in case.waited:
        ruling = judge(one, 1, str(case.cause), got(case, text), waited)
        assert ruling.right, ruling
        assert case.teaches in unwrapped(ruling)
        assert max(map(len, str(ruling).splitlines())) <= WIDTH
    for cause in case.also:
        assert judge(one, 1, cause, got(case, text), case.waited[0]).right
    for cause in set(Cause) - {case.cause, *case.also}:
        ruling = judge(one, 1, cause, got(case, text), case.waited[0])
        assert (ruling.right, ruling.cause_stands, ruling.saw_stands) == (False, False, True)
        assert case.cause.text.title not in unwrapped(ruling)
        assert "-" not in case.cause or case.cause not in str(ruling)
    for waited in set(WAITED) - set(case.waited):
        ruling = judge(one, 1, case.cause, got(case, text), waited)
        assert (ruling.right, ruling.cause_stands, ruling.waited_stands) == (False, True, False)
    # The same pasted from another ticket's server, and what can be guessed.
    elsewhere = judge(one, 1, case.cause, text.replace("mx-k7q2x", "mx-aaaaa") if case.names else f"220 {NAME}",
                      case.waited[0])
    assert (elsewhere.right, elsewhere.cause_stands, elsewhere.saw_stands) == (False, True, False)
    for guess in ("220 m", "32 32 30 20 6d", "wrong version number", "535", NAME if case.shows else "mx-",
                  "nothing" if case.names or case.speaks else "220 mail.example.com", "", None, 7, "mx-aaaaa"):
        assert not judge(one, 1, case.cause, guess, case.waited[0]).saw_stands, guess


@ROWS
def test_each_row_has_three_hints_that_do_not_name_the_cause_and_a_word_for_wrong_ones(case):
    assert len(set(case.hints)) == 3 and all(case.hints) and case.proof and case.teaches
    assert not any(case.cause in words for words in case.hints if "-" in case.cause)
    assert case.cause not in case.wrong and set(case.waited) <= set(WAITED)
    assert set(IF_SO) == set(Cause)


def test_a_guess_without_a_look_gets_the_same_answer_at_every_server():
    for guess in Cause:
        said = {judge(drawn(case), 1, guess, saw, "both").lines[0] for case in POOL for saw in ("", "220 x")
                if case.names and guess not in (case.cause, *case.also)}
        assert len(said) == 1, said


def test_a_probe_s_words_prove_a_silent_fault():
    for kind, cause in (("filtered", Cause.FILTERED_TIMEOUT), ("closes", Cause.CLOSED_BEFORE_GREETING)):
        [case] = [case for case in POOL if case.kind == kind]
        with serve(kind) as server:
            words = str(smtplab.probe(server.address, timeout_s=1)[0])
        assert judge(drawn(case), 1, cause, words, case.waited[0]).right, words


def test_a_handshake_that_goes_on_is_none_that_stalls():
    [case] = [case for case in POOL if case.kind == "implicit-stalls"]
    for saw, stands in (("<<< TLS 1.3, Handshake [length 007a], ServerHello", True), ("server hello", True),
                        ("... the client waits: server-hello", False), ("CONNECTED(00000003)", False),
                        ("* TLSv1.3 (IN), TLS handshake, Server hello (2):", True),
                        ("* TLSv1.3 (IN), TLS handshake, Server hello (2):\n* TLS handshake, Certificate (11):", False),
                        ("<<< Handshake [length 007a], ServerHello\n<<< [length 0275], Certificate", False)):
        assert judge(drawn(case), 1, case.cause, saw, "both").saw_stands is stands, saw


def test_without_what_must_not_be_there():
    [stripped] = [case for case in POOL if case.cause is Cause.STARTTLS_NOT_OFFERED]
    first = f"250-{NAME}"
    for saw, stands in ((f"{first}\n250-SIZE 1\n250 HELP", True), (f"{first}\n250-SIZE 1", False),
                        (f"{first}\n250-STARTTLS\n250 HELP", False)):
        assert judge(drawn(stripped), 1, stripped.cause, saw, "nobody").saw_stands is stands


# --- seeds ---

def told(seed, count=6):
    return [(one.case.kind, one.case.mode, dict(one.case.options), one.hostname, one.settings, one.login, one.complaint)
            for one in draw(seed, count)]


def test_the_same_seed_gives_the_same_tickets_everywhere():
    assert told("Room 7") == told(" room  7") and told(7) == told("7")
    assert told("cafe\u0301") == told("caf\u00e9") and len(told("\udc80")) == 6
    # What a room sees is fixed for good: a change of the pool that changes it is seen here.
    found = [(one.case.kind, one.case.mode, one.hostname, one.client, one.login) for one in draw("golden")]
    assert hashlib.sha256(repr(found).encode()).hexdigest()[:16] == "42bdeecc3cb01d0c"


def test_the_settings_alone_tell_no_cause():
    seen = {}
    for seed in range(300):
        for one in draw(seed):
            seen.setdefault((one.case.mode, one.login, one.trusts), set()).add(one.case.cause)
    assert len(seen) == 15 and min(map(len, seen.values())) >= 2, seen


def test_different_seeds_differ_and_all_rows_are_reached():
    assert len({repr(told(seed)) for seed in range(60)}) == 60
    assert len({tuple(one.hostname for one in draw(seed)) for seed in range(60)}) == 60
    reached = {id(one.case) for seed in range(200) for one in draw(seed)}
    assert reached == {id(case) for case in POOL}


@each_row("count", [1, 6, MOST])
def test_no_cause_twice_and_a_fault_of_each_group_first(count):
    for seed in range(30):
        round_ = draw(seed, count)
        assert len({one.case.cause for one in round_}) == len(round_) == count
        assert len({one.case.group for one in round_}) == min(count, 6)
        assert len({one.hostname for one in round_}) == count


@each_row(("seed", "count"), [("", 6), ("  ", 6), ("a", 0), ("a", MOST + 1), ("a", "6"), ("a", None)])
def test_no_seed_or_no_count(seed, count):
    with pytest.raises(ValueError, match="a seed is|a round has"):
        draw(seed, count)
    with pytest.raises(ValueError, match="a seed is|a round has"):
        mystery(seed, count=count)


@each_row("mode", CLIENTS)
def test_the_tickets_settings_mean_the_mode_that_they_are_for(mode):
    for _, framework, settings in CLIENTS[mode]:
        report = read_settings(framework, settings.format(host="127.0.0.1", port=4321))
        assert (report.mode, report.port) == (MODES[mode], 4321), settings
    assert {case.mode for case in POOL} == set(CLIENTS)


def test_no_complaint_tells():
    assert not [c for c in COMPLAINTS if re.search(r"tls|ssl|certif|\bhang|refus|wait|time", c.lower())]


# --- a round ---

@pytest.fixture
def game():
    with mystery("tests") as game:
        yield game


def solve(game, number):
    """Hand in what is right, with the evidence of a dial."""
    one = draw(game.seed, len(game.tickets))[number - 1]
    _, _, text = tried(one)
    return game.verdict(number, one.case.cause, got(one.case, text), one.case.waited[0])


def mend(game, number):
    """Do what the key says."""
    one = draw(game.seed, len(game.tickets))[number - 1]
    if one.case.ask:
        return game.ask(number, one.case.ask)
    return game.mend(number, **mends(one, game.told(number)), user="alice", password="wonderland", ca=game.ca_file)


def test_red_amber_green_and_again(game):
    assert [game.light(t.number) for t in game.tickets] == [OPEN] * 6
    assert "0 of 6 solved" in str(game) and game.solved == [] and not game.done
    case = draw("tests")[1].case
    wrong = next(cause for cause in Cause if cause is not case.cause and cause not in case.also)
    assert game.verdict(2, wrong, "220 m", "nobody").cause_stands is False and game.light(2) == OPEN
    half = game.verdict("2", str(case.cause), "220 m", "nobody")
    assert (half.right, half.cause_stands, half.saw_stands, game.light(2)) == (False, True, False, HALF)
    assert solve(game, 2).right and game.light(2) == SOLVED and game.solved == [2]
    game.verdict(2, wrong, "", "")
    assert game.light(2) == SOLVED, "what is solved stays solved"
    assert game.hint(1).startswith("Hint 1 of 3") and game.hint(1).startswith("Hint 2 of 3")
    assert "1 of 6 solved, 0 mended, 2 hints given" in game.summary() and "hints given: 2" in str(game)
    assert "0 of 6 solved, 0 mended, 0 hints" in game.reset() and game.ruling(2) is None and game.hints(1) == []
    socket.create_connection(reachable(game), timeout=30).close()
    for number in range(1, 7):
        assert solve(game, number).right
    assert not game.done and "6 of 6 solved, 0 mended" in game.summary()
    for number in range(1, 7):
        assert mend(game, number).passed == "mended" and game.light(number) == MENDED
    assert game.done and game.mended == [1, 2, 3, 4, 5, 6]
    game.reset()
    assert not game.done and game.mended == [] and game.mending(1) is None


def test_whoever_watches_hears_of_every_change(game):
    heard = []
    game.watch(lambda: heard.append(game.summary()))
    game.ticket(1), game.light(1), game.hint(99), game.verdict(99)
    assert heard == []
    game.hint(1)
    game.verdict(1, "ok", "", "nobody")
    game.reset()
    game.close()
    assert len(heard) == 4 and "1 hint given" in heard[0] and "0 hints" in heard[2] and "closed" in heard[3]


def reachable(game):
    """The address of a ticket that a connection can be made to."""
    kinds = [one.case.kind for one in draw(game.seed)]
    return next(t.address for t, kind in zip(game.tickets, kinds, strict=True) if kind not in ("refused", "filtered"))


def test_hints_name_this_server_and_end_with_the_last(game):
    last = [game.hint(3) for _ in range(4)]
    assert last[2] == last[3] and last[2].startswith("Hint 3 of 3")
    all_hints = "".join(game.hint(t.number) + game.hint(t.number) + game.hint(t.number) for t in game.tickets)
    assert "{" not in all_hints and any(str(t.address[1]) in all_hints for t in game.tickets)


class Odd:
    def __repr__(self):
        raise RuntimeError("no")

    __str__ = __repr__


@pytest.mark.parametrize(("arguments", "says"), [
    ((99, "ok"), "1 to 6"), (("three", "ok"), "1 to 6"), ((None, "ok"), "1 to 6"), ((float("inf"), "ok"), "1 to 6"),
    ((1, "starttls-not-ofered", "", "nobody"), "did you mean starttls-not-offered"),
    ((1, "cert", "", "nobody"), "cert-hostname or cert-expired"), ((1, "zzz"), "the causes are ok,"),
    ((1, ""), "Say the cause"), ((1, None), "Say the cause"), ((1, 7), "Say the cause"),
    ((1, "ok", "", "servr"), "did you mean server"), ((1, "ok", "", "x"), "nobody, client, server, both"),
    ((1, "ok", "", 5), "nobody, client"), ((1, Odd(), "", "nobody"), "Say the cause"),
    ((1, "ok", "", Odd()), "of that sort")])
def test_what_is_no_verdict_is_said_and_changes_nothing(game, arguments, says):
    ruling = game.verdict(*arguments)
    assert ruling.right is None and says in str(ruling) and game.ruling(1) is None
    assert game.light(1) == OPEN


def test_odd_tickets_and_hints(game):
    assert "1 to 6" in game.ticket(0) and "1 to 6" in game.hint("x") and "1 to 6" in game.hint(None)
    assert game.ticket("3") is game.tickets[2]


@each_row(("value", "read"), [
    ("220 MX\r\n  x", "220 mx x"), (b"220 mx", "220 mx"), ("32 32 30 20 6d", "220 m"), ("0x32,0x32,0x30", "220"),
    ("32:32:30:20:6D", "220 m"), ("323230206d", "220 m"), ("nothing", ""), ("It said nothing.", ""), ("0 bytes", ""),
    (b"", ""), ("", None), ("  ", None), (None, None), (5, None), ([], None), ("\x00", "\x00")])
def test_evidence_in_its_forms(value, read):
    assert evidence(value) == read


def test_hex_dumps_are_read_as_their_bytes():
    dump = ("0000 - 32 32 30 20 6d 78 2d 6b-37 71 32 78 2e 65 78 61   220 mx-k7q2x.exa\n"
            "0010 - 6d 70 6c 65 2e 63 6f 6d-                          mple.com\n")
    assert "220 mx-k7q2x.example.com" in evidence(dump)
    assert "220 mx-k7q2" in evidence("00000000: 3232 3020 6d78 2d6b 3771 32  220 mx-k7q2")


def rows(data, offset, group, letters="{}"):
    """A dump of so wide groups, with the letters behind as xxd and hexdump put them."""
    for at in range(0, len(data), 16):
        row = data[at:at + 16]
        words = " ".join(group(row[i:i + 2]) for i in range(0, 16, 2))
        yield f"{offset.format(at)} {words:<47}{letters.format(''.join(chr(b) if 32 <= b < 127 else '.' for b in row))}"


SINGLE, PAIRS = (lambda two: " ".join(f"{byte:02x}" for byte in two)), bytes.hex
SWAPPED = lambda two: f"{int.from_bytes(two, 'little'):04x}" if two else ""  # noqa: E731


@each_row("words", [f"535 5.7.8 Error: authentication failed - {NAME}", f"250-{NAME} ab cd 250 de ad"])
@each_row(("offset", "group", "letters"), [
    ("{:08x}:", PAIRS, "  {}"), ("{:08x}:", SINGLE, "  {}"), ("{:08x} ", SINGLE, "  |{}|"), ("{:07x}", SWAPPED, ""),
    ("{:06x}", SINGLE, "  >{}<"), ("{:07o}", SINGLE, ""), ("{:06x}", SINGLE, ""), ("{:04x} -", SINGLE, "   {}")])
def test_each_program_s_dump_is_read(words, offset, group, letters):
    """Letters that look like one more group (535, 250, ab cd) shift no byte."""
    assert words.casefold() in evidence("\n".join(rows(f"{words}\r\n".encode(), offset, group, letters)))


# --- nothing tells ---

SECRETS = re.compile("|".join(sorted({re.escape(str(case.cause)) for case in POOL if case.cause is not Cause.OK}
                                     | {kind for kind in smtplab.KINDS if "-" in kind} | {"refused", "filtered"})))


def test_nothing_in_a_round_s_own_words_or_attributes_tells(game):
    own = {one.hostname.partition(".")[0] for one in draw("tests")}
    for text in (str(game), repr(game), repr(vars(game)), repr([vars(t) for t in game.tickets])):
        assert not SECRETS.search(text.replace(game.ca_file, "")), SECRETS.search(text)
        assert not any(name in text for name in own)
    assert not any(isinstance(value, smtplab.Server) for value in vars(game).values())


def test_no_thread_s_name_tells(game):
    names = [t.name for t in threading.enumerate()]
    assert not [name for name in names if any(kind in name for kind in smtplab.KINDS)]
    assert names.count("smtplab-server") >= 4


def test_a_closed_round_leaves_nothing():
    before = lab_threads()
    game = mystery("closing")
    places = [t.address for t in game.tickets]
    game.close()
    game.close()
    assert left_over(before) == [] and "servers are closed" in game.text() and game.closed
    for address in places:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(address, timeout=30)
    forgotten = mystery("forgotten")
    del forgotten
    gc.collect()
    until(lambda: not lab_threads() - before)


def test_without_a_seed_one_is_picked_and_said():
    with mystery(count=1) as one, mystery(count=1) as two:
        assert re.fullmatch(r"\d{4}", one.seed) and f"Round '{one.seed}'" in str(one)
        assert seed_text(one.seed) == one.seed and one.seed != two.seed or one.tickets[0].text != two.tickets[0].text


# --- the trainer's key ---

def test_the_key_names_every_ticket():
    key = mystery_key("tests")
    for number, one in enumerate(draw("tests"), 1):
        part = key.split(f"Ticket {number}: ")[1].split("\n\n")[0]
        for words in (str(one.case.cause), one.case.kind, one.hostname, one.case.proof, one.case.teaches,
                      one.case.waited[0], one.client, corner_name(one.case), one.case.ask or "to mend      "):
            assert words in part
    assert repr(key) == str(key) and len(re.findall("^Ticket", mystery_key("tests", 3), re.MULTILINE)) == 3
