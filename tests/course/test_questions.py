"""Every exercise: what is right is held to the lab, and each way to be wrong gets its own words."""

import itertools
import json
import re
import shlex
import sys
from pathlib import Path

import pytest
from helpers import each_row, ended_traces, read_notebook

import smtplab
from smtplab import Cause, dial, judge, read_settings, serve
from smtplab.course.questions import EXERCISES, TRANSLATED, lesson_02, lessons_05_06
from smtplab.lab.openssl_probe import WANTS_MORE, ask_openssl
from smtplab.lab.programs import run_program

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def made(kind, mode):
    hangs = kind == "silent" or (kind == "implicit" and mode != "implicit")
    with serve(kind) as server:
        return dial(server, mode, timeout_s=0.5 if hangs else 30)


def read_header(data):
    return data[0], int.from_bytes(data[1:3], "big"), int.from_bytes(data[3:5], "big")


# Of each exercise without choices: a right answer, and a wrong one for each of its slips in their order, and one more
# for what is said otherwise, where something is.
FREE = {
    "01-ehlo": ["20971520", [250, "8", 20, 17]],
    "02-imap": ["42 0x204f 19232", [(42, 0x4f20, 0x204b), (42, 0x204f, 19233), (42, 1, 2), (22, 0x303, 5), (1, 2, 3)]],
    "02-record-reader": [read_header, [lambda d: (d[0], d[1] + 256 * d[2], 0)]],
    "02-craft": [bytes([22, 3, 3, 0, 5]), [b"220 m", bytes([22, 3, 3, 255, 255])]],
    "02-disagree": [b"HTTP/", [b"220", bytes([22, 3, 3, 0, 5]), b"\x80\0\2\xff\xff", b"220 m"]],
    "03-prove-it": ["openssl s_client -connect mail.example.net:2465",
                    ["openssl s_client -starttls smtp -connect mail.example.net:2465", "nc mail.example.net 2465",
                     "ping mail.example.net", "curl smtp://mail.example.net:2465", "openssl s_server", "ls",
                     "swaks --server mail.example.net:2465"]],
    "04-make-it": [lambda: made("plain", "starttls"),
                   [lambda: made("plain", "starttls-opportunistic"), lambda: made("starttls", "starttls"),
                    lambda: made("starttls-refused", "starttls"), lambda: made("starttls", "implicit"),
                    lambda: made("silent", "starttls"), lambda: made("closes", "starttls")]],
    "05-implicit": ["b, d and f", ["a b d f", "b c d f", "b d e f", "d f", "b f", "b d"]],
    "05-which-work": ["a, c and e", ["a b c e", "a c d e", "a e", "a c", "c e"]],
    "05-write": ["{ host: 'mail.example.com', port: 587, requireTLS: true }",
                 ["EMAIL_HOST = 'mail.example.com'; EMAIL_PORT = 587; EMAIL_USE_TLS = True; EMAIL_USE_SSL = True",
                  "STARTTLS!", "EMAIL_HOST = 'mail.example.com'; EMAIL_USE_TLS = True",
                  "{ host: 'mail.example.com', port: 587, secure: true }",
                  "{ host: 'mail.example.com', port: 587, secure: false }",
                  "{ host: 'mail.example.com', port: 587, ignoreTLS: true }", "{ port: 587, requireTLS: true }",
                  "{ host: 'mail.example.com', port: 587, secure: false, requireTLS: true }",
                  "{ host: 'mail.example.com', port: 587, requireTLS: true, tls: { rejectUnauthorized: false } }"]],
}


def answers(name):
    right, wrong = FREE[name]
    run = name == "04-make-it"
    return (right() if run else right), [answer() if run else answer for answer in wrong]


def right_choice(name):
    [letter] = [letter for letter, choice in zip("abcdefgh", EXERCISES[name].choices, strict=False) if choice.right]
    return letter


@each_row("name", EXERCISES)
def test_each_is_whole(name):
    exercise = EXERCISES[name]
    assert len(exercise.hints) >= 2 and re.fullmatch(r"0\d-[a-z0-9-]+", name) and exercise.name == name
    if exercise.choices:
        assert sum(choice.right for choice in exercise.choices) == 1 and name not in FREE
        assert len({choice.feedback for choice in exercise.choices}) == len(exercise.choices)
        assert all(choice.feedback for choice in exercise.choices)
    else:
        assert exercise.praise and exercise.example and name in FREE


@each_row("translation", TRANSLATED["ja"].values(), ids=lambda translation: translation.name)
def test_a_translation_is_the_same_exercise(translation):
    original = EXERCISES[translation.name]
    assert translation.language == "ja" and original.language == "en"
    assert [choice.right for choice in translation.choices] == [choice.right for choice in original.choices]
    assert len(translation.hints) == len(original.hints)
    for words in (translation.question, *translation.hints, *(c.words + c.feedback for c in translation.choices)):
        assert re.search("[ぁ-ん]", words)


@each_row("name", FREE)
def test_free_answers(name):
    exercise = EXERCISES[name]
    right, wrong = answers(name)
    assert exercise.judge(right) == type(exercise.judge(right))(True, exercise.praise)
    said = [exercise.judge(answer) for answer in wrong]
    assert all(found.right is False for found in said), said
    slips = [slip.feedback for slip in exercise.slips]
    assert [found.feedback for found in said][:len(slips)] == slips, "no slip is left unreached"
    assert [found.feedback for found in said][len(slips):] == [exercise.otherwise] * (len(said) - len(slips)) or (
        name == "02-record-reader")
    # The example is no answer in disguise, and nor is nothing.
    assert exercise.by_code or exercise.judge(exercise.example).right is not True
    assert [exercise.judge(nothing).right for nothing in (None, ..., "")] == [None] * 3


@each_row("name", [name for name in EXERCISES if name not in FREE])
def test_choices(name):
    exercise = EXERCISES[name]
    for letter, choice in zip("abcdefgh", exercise.choices, strict=False):
        for given in (letter, f"{letter.upper()}.", choice.words):
            assert exercise.judge(given) == type(exercise.judge(given))(choice.right, choice.feedback)
    assert exercise.judge("z").right is None and exercise.judge(7).right is None


@each_row("name", EXERCISES)
def test_no_hint_says_the_answer(name):
    exercise, hints = EXERCISES[name], " ".join(EXERCISES[name].hints).lower()
    if exercise.choices:
        assert next(choice.words for choice in exercise.choices if choice.right).lower() not in hints
    banned = {"01-ehlo": ["20971520"], "02-imap": ["42", "19232", "204f"], "02-craft": ["0303", "\\x03"],
              "02-disagree": ["http"], "03-prove-it": ["s_client", "smtplab probe"],
              "04-make-it": ["'plain'", '"plain"', "stripped"], "05-which-work": ["a c e", "a, c"],
              "05-implicit": ["b d f", "b, d"], "05-write": ["requiretls", "email_use_tls"]}
    assert [words for words in banned.get(name, []) if words in hints] == []
    assert [words for words in EXERCISES[name].hints if exercise.judge(words).right] == []
    assert len(set(EXERCISES[name].hints)) == len(EXERCISES[name].hints)


def test_the_servers_that_do_not_offer_starttls_are_in_no_hint():
    hints = " ".join(EXERCISES["04-make-it"].hints)
    kinds = [kind for kind in ("plain", "starttls", "starttls-stripped", "starttls-refused", "implicit", "not-smtp")
             if EXERCISES["04-make-it"].judge(made(kind, "starttls")).right]
    assert kinds == ["plain", "starttls-stripped"]
    assert not any(re.search(rf"\b{kind}\b", hints) for kind in kinds)


def test_no_notebook_holds_an_answer():
    for path in NOTEBOOKS.glob("*.ipynb"):
        for cell in read_notebook(path).cells:
            for name, given in re.findall(r'check\("([^"]+)", *(.*?)(?:, language="ja")?\)', cell.source):
                assert given in ("...", "read_header"), (path.name, given)
                assert name in EXERCISES and name[:2] in (path.name[:2], "02" if path.name.startswith("08") else "")
            if "def read_header" in cell.source:
                assert "..." in cell.source
        file = path.read_text(encoding="utf-8")  # its outputs too
        assert [words for exercise in EXERCISES.values() for words in (
            exercise.praise, exercise.reason, *(slip.feedback for slip in exercise.slips),
            *(c.feedback for c in exercise.choices))
            if words and json.dumps(words)[1:-1] in file] == []
    used = "".join(path.read_text(encoding="utf-8") for path in NOTEBOOKS.glob("*.ipynb"))
    assert [name for name in EXERCISES if f'check(\\"{name}\\"' not in used] == []


READERS = {  # what is handed in as read_header, and what is said to it
    "returns nothing": (lambda d: None, "does it end with return"),
    "no function": ((50, 1, 2), "the function itself"),
    "too few": (lambda d: d[:2], "three numbers"),
    "swapped": (lambda d: (d[0], d[1] + 256 * d[2], int.from_bytes(d[3:5], "big")), "one that comes first"),
    "type": (lambda d: (22, *read_header(d)[1:]), "the type differs"),
    "length": (lambda d: (*read_header(d)[:2], 0), "the length differs"),
    "both": (lambda d: (d[0], d[1], d[3]), "version and the length differ"),
    "raises": (lambda d: d[5], "ended with IndexError"),
    "text only": (lambda d: (50, 0x3230, 0x206d), "the type and the version and the length differ"),
}


@each_row("what", READERS)
def test_each_wrong_reader_hears_what_is_wrong_with_it(what):
    function, said = READERS[what]
    found = EXERCISES["02-record-reader"].judge(function)
    assert found.right is not True and said in found.feedback
    assert EXERCISES["02-record-reader"].judge(lambda d: list(read_header(d))).right


AT_ONCE = {  # commands as people type them, and whether their first word is a ClientHello to that port
    "openssl s_client -connect {0}": True, "openssl s_client -connect {0} -starttls smtp": False,
    "openssl s_client -host {1} -port {2}": True, "curl -sk smtps://{0}": True, "curl -s smtp://{0}": False,
    "curl -s --ssl-reqd smtp://{0}": False, "swaks --to me@example.com --tlsc --server {0}": True,
    "swaks --to me@example.com --tls -s {0}": False, "swaks --to me@example.com -s {0}": False,
    "{python} -m smtplab probe {0}": True,
    "{python} -m smtplab handshake {0} --mode implicit": True,
    "{python} -m smtplab handshake {0} --mode starttls": False,
    "telnet {1} {2}": False,
}


@pytest.mark.parametrize("command", [
    pytest.param(command, marks=[] if "python" in command else pytest.mark.real(command.split()[0]))
    for command in AT_ONCE])
def test_a_command_is_judged_by_what_the_port_hears_from_it(command):
    said = EXERCISES["03-prove-it"].judge(command.format("mail.example.net:2465", "mail.example.net", 2465,
                                                         python="python"))
    with serve("implicit-gives-up", delay_s=1) as server:  # so that a command that waits ends too
        host, port = server.address
        run_program(shlex.split(command.format(f"{host}:{port}", host, port, python=sys.executable)), timeout_s=30,
                    typed=["quit"] if command.startswith("openssl") else ())
        heard = {(trace.first_bytes or b"")[:1] for trace in ended_traces(server)}
    assert (b"\x16" in heard) == said.right == AT_ONCE[command]
    assert AT_ONCE[command] or said.feedback != EXERCISES["03-prove-it"].praise


@each_row(("command", "right"), [
    ("$ timeout 5 openssl s_client -connect mail.example.net:2465", True),
    ("echo QUIT|/usr/bin/openssl s_client -connect mail.example.net:2465 | openssl x509 -noout", True),
    ("LC_ALL=C sudo ncat --ssl mail.example.net 2465", True),
    ("gnutls-cli -p 2465 mail.example.net", True), ("gnutls-cli -s -p 2465 mail.example.net", False),
    ("openssl s_client -connect mail.example.net:465", False), ("openssl s_client -connect localhost:2465", False),
    ("curl smtps://mail.example.net", False), ("swaks --tlsc", False), ("smtplab probe mail.example.net", False),
    ("openssl s_client -connect mail.example.net:24650", False), ("echo hi", False), ("|", None), ("'", None),
    ("$", None),
])
def test_ways_to_type_a_command(command, right):
    assert EXERCISES["03-prove-it"].judge(command).right is right


def test_first_word_is_as_the_lab_has_it():
    first = {}
    for kind in ("plain", "starttls", "implicit"):
        with serve(kind) as server:
            first[kind] = next(event.who for event in dial(server, kind).events if event.what == "bytes")
    assert [kind for kind, who in first.items() if who == "client"] == ["implicit"]
    assert right_choice("01-first-word") == "c" and EXERCISES["01-first-word"].choices[2].words == "implicit"


def test_both_wait_is_as_the_lab_has_it():
    with serve("implicit") as server:
        trace = dial(server, "starttls", timeout_s=0.3)
        assert server.trace(of=trace).waiting_for == "client-hello"
    assert "ClientHello" in EXERCISES["03-both-wait"].choices["abcd".index(right_choice("03-both-wait"))].words


def test_crafted_bytes_and_readings_are_as_openssl_has_them():
    right, wrong = answers("02-craft")
    assert ask_openssl(right)[-1].says == WANTS_MORE
    assert all(ask_openssl(data)[-1].says != WANTS_MORE for data in wrong)
    # Lengths between the limits of OpenSSL's releases aside, it is as this machine's says.
    for data in itertools.product((21, 22, 128), (2, 3, 4), (3,), (0, 0x40, 0x80), (0,)):
        assert EXERCISES["02-craft"].judge(bytes(data)).right == (ask_openssl(bytes(data))[-1].says == WANTS_MORE)
    assert ask_openssl(lesson_02.GREETING)[-1].says == "wrong version number"
    assert judge(b"HTTP/", "3.5.5").verdict != judge(b"HTTP/", "3.5.6").verdict


@each_row("letter", lessons_05_06.FIVE)
def test_which_settings_work_is_as_the_lab_has_it(letter):
    words, works = lessons_05_06.FIVE[letter]
    # tls and ssl are truthy in Ruby unless nil or false; else enable_starttls_auto, true by default, rules.
    mode = "implicit" if re.search(r"\b(tls|ssl): (?!false|nil)", words) else "starttls-opportunistic"
    with serve("starttls") as server:
        trace = dial(server, mode)
    assert (trace.ok and trace.tls is not None) == works
    assert trace.cause is (Cause.OK if works else Cause.IMPLICIT_TO_PLAINTEXT)


@each_row("letter", lessons_05_06.SIX)
def test_which_begin_at_once_is_as_the_frameworks_have_it(letter):
    name, words, at_once = lessons_05_06.SIX[letter]
    report = read_settings(name, words, port=587)
    assert report.lines and not any(line.effect in ("unknown", "unread") for line in report.lines)
    assert (report.mode == "implicit") == at_once


def what_lines_do(lines):
    """Mode, port and host that these properties give, and how long they wait at a server that says nothing."""
    report = read_settings("jakarta", "\n".join(lines))
    silent = read_settings("jakarta", "\n".join(line for line in lines if "ssl" not in line), port=465)
    return report.mode, report.port, report.host, silent.hang_ends_after_s


@each_row("letter", "abcd")
def test_the_line_that_changes_nothing_is_as_the_framework_has_it(letter):
    without = [line for line in lessons_05_06.LINES if line != lessons_05_06.LINES["abcd".index(letter)]]
    assert what_lines_do(lessons_05_06.LINES) == ("implicit", 465, lessons_05_06.HOST, 10)
    same = what_lines_do(without) == what_lines_do(lessons_05_06.LINES)
    assert same == (letter == right_choice("05-ineffective"))


@each_row("settings", [
    "EMAIL_HOST = 'mail.example.com'\nEMAIL_PORT = 587\nEMAIL_USE_TLS = True",
    "nodemailer.createTransport({ host: 'mail.example.com', requireTLS: true })"])  # 587 is its default
def test_other_right_settings(settings):
    assert EXERCISES["05-write"].judge(settings).right
    assert EXERCISES["05-write"].judge(settings.replace("True", "False").replace("true", "false")).right is False
    assert EXERCISES["05-write"].judge({"port": 587}).right is None


def test_first_bytes_and_what_they_leave_open_are_as_the_lab_has_them():
    first, commands = {}, {}
    with serve("starttls") as server:
        for mode in ("plain", "starttls", "implicit"):
            trace = dial(server, mode, ehlo_name="me.example.com")
            seen = server.trace(of=trace)
            first[mode] = seen.first_bytes
            commands[mode] = [e.data for e in seen.events if (e.who, e.what) == ("client", "bytes")]
    assert first["implicit"] == lessons_05_06.FIRST["A"]
    assert first["plain"].upper() == first["starttls"].upper() == lessons_05_06.FIRST["B"]
    assert commands["plain"][0] == commands["starttls"][0] and commands["plain"][1] != commands["starttls"][1]
    assert right_choice("06-first-bytes") == "c"
    assert all(value.hex(" ") in EXERCISES["06-first-bytes"].question for value in lessons_05_06.FIRST.values())


def test_what_works_in_telnet_and_fails_in_a_mailer_differs_in_the_mode_alone():
    with serve("starttls") as server:
        traces = {mode: dial(server, mode) for mode in ("plain", "starttls", "implicit")}
    assert [mode for mode, trace in traces.items() if trace.ok] == ["plain", "starttls"]
    assert traces["starttls"].tls and traces["implicit"].bytes_read == 5
    assert "mode" in EXERCISES["06-telnet-proves"].choices["abcd".index(right_choice("06-telnet-proves"))].words


def test_they_are_in_the_order_of_the_lessons():
    lessons = [exercise.lesson for exercise in EXERCISES.values()]
    assert lessons == sorted(lessons) and set(lessons) == {f"0{n}" for n in range(7)}


@each_row("name", EXERCISES)
def test_each_has_a_solution_that_is_right_with_its_reason(name):
    exercise = EXERCISES[name]
    if exercise.choices:
        given: object = exercise.solution[:1]
    elif exercise.by_code:
        space: dict = {"smtplab": smtplab}
        if exercise.answer.startswith("def "):
            exec(exercise.answer, space)
        given = space.get("read_header") or eval(exercise.answer, space)
    else:
        given = exercise.answer
    assert exercise.judge(given).right is True
    answer, _, reason = exercise.solution.rpartition("\n")
    assert answer and len(reason.split()) >= 7
