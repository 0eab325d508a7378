"""`smtplab mystery` as a person runs it: tickets, verdicts at a prompt and from a pipe, an end, the trainer's key."""

import io
import json
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from helpers import nobody_listens
from real_tools import need
from test_cli import MODULE, Running, run

from smtplab import Cause
from smtplab.course import mystery, mystery_key
from smtplab.course.mysteries.draw import CLIENTS, draw
from smtplab.course.mysteries.pool import MOST
from smtplab.course.mysteries.prompt import Prompt, read_changes, read_verdict
from smtplab.ending import SIGNALS

HELLO = re.compile(r"220 (mx-\S+)")


def places(text):
    """(host, port) of each ticket, from the printed round."""
    return [(host, int(port)) for host, port in re.findall(r"Ticket \d+: \S+ at ([\d.]+):(\d+)", text)]


class Typing(Running):
    """The command with somebody at its standard input, who types nothing."""

    def __init__(self, *arguments):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([*MODULE, "mystery", *arguments], **pipes)

    def end(self, how=signal.SIGINT):
        """Its standard input stays open until it has ended, so that this is what ended it."""
        if os.name == "posix":
            self.process.send_signal(how)
            self.process.wait(10)
        return super().end(how)


def seed_where(condition, count=1):
    """The first seed whose only tickets are so."""
    return next(str(n) for n in range(500) if all(map(condition, draw(n, count))))


WRONG_DOOR = seed_where(lambda one: one.case.cause is Cause.IMPLICIT_TO_PLAINTEXT and one.case.kind == "starttls")


MENDED = "mend 1 starttls user=alice password=wonderland ca={ca}"


@pytest.mark.parametrize(("spoilt", "then", "status"), [("", MENDED, 0), ("x", MENDED, 1), ("", "", 1),
                                                        ("", MENDED + " check=no", 1)])
def test_a_round_solved_and_mended_from_a_pipe_ends_with_0(spoilt, then, status):
    process = subprocess.Popen([*MODULE, "mystery", WRONG_DOOR, "--count", "1"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    shown = ""
    while not places(shown):
        shown += process.stdout.readline()
    with socket.create_connection(places(shown)[0], timeout=30) as visitor:
        name = HELLO.search(visitor.recv(200).decode())[1]
    ca_file = re.search(r"CA file: (\S+)", shown)[1]
    out, err = process.communicate(f"verdict 1 implicit-to-plaintext waited=nobody saw=220 {spoilt}{name} ESMTP\n"
                                   f"{then.format(ca=ca_file)}\nboard\n", timeout=30)
    assert (process.returncode, err) == (status, "")
    assert ("Ticket 1: solved" in out) == (not spoilt) and ("Ticket 1: mended" in out) == (not status)
    assert f"{int(not spoilt)} of 1 solved, {1 - status} mended" in out.splitlines()[-1]


@pytest.mark.parametrize("how", SIGNALS)
def test_ctrl_c_ends_it_with_everything_closed(how):
    running = Typing(WRONG_DOOR, "--count", "1")
    line = running.line("CA file")
    ca_file = Path(line.split(": ")[-1].strip())
    [place] = places(running.line("Ticket 1"))
    running.line("quit to end")
    assert ca_file.exists()
    with socket.create_connection(place, timeout=30):
        out, err, status = running.end(how)
    assert (status, err) == (1, "") and "0 of 1 solved, 0 mended" in out
    assert not ca_file.exists()
    assert nobody_listens(place)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals")
def test_under_nohup_a_closed_window_doesn_t_end_it():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # which a child inherits
    try:
        running = Typing(WRONG_DOOR, "--count", "1")
    finally:
        signal.signal(signal.SIGHUP, before)
    running.line("quit to end")
    running.process.send_signal(signal.SIGHUP)
    running.process.stdin.write("causes\n")
    running.process.stdin.flush()
    assert "starttls-not-offered" in running.line("starttls-not-offered")  # once more than at the beginning
    running.end()


def test_what_is_left_out_is_said_in_a_pipe_and_nothing_raises():
    lines = ["", "verdict", "verdict 1", "verdict 9 ok", "verdict 1 ok", "ticket 1", "1", "hint 1", "hint x", "causes",
             "help", "reset", "nonsense", "verdict 1 nosuch", "?", "!ls", "quit", "hint 1"]
    done = run("mystery", "tuesday", stdin="\n".join(lines))
    assert done.returncode == 1 and done.stderr == "" and "Traceback" not in done.stdout
    for words in ("Say which ticket", "Say the cause", "1 to 6", "paste what came", "Hint 1 of 3", "verdict 3",
                  "0 of 6", "No command 'nonsense'", "starttls-not-offered  "):
        assert words in done.stdout, words
    assert done.stdout.count("Hint 1 of 3") == 1, "nothing after quit is done"


def test_the_key_and_wrong_usage():
    done = run("mystery", "tuesday", "--key")
    assert (done.returncode, done.stdout) == (0, mystery_key("tuesday") + "\n")
    for arguments, says in ((("--key",), "--key"), (("a", "--count", "0"), "1<=x"), (("a", "--count", "99"), "1<=x"),
                            ((" ", "--key"), "a seed is")):
        done = run("mystery", *arguments)
        assert done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1


def test_nothing_tells_in_the_process_list_or_on_the_screen():
    running = Typing("tuesday")
    shown = running.line("CA file")
    while "The causes" not in (line := running.line("")):
        shown += line
    running.line("quit to end")
    proc = Path(f"/proc/{running.process.pid}")
    if not proc.exists():
        pytest.skip("no /proc here")
    names = [file.read_text() for file in proc.glob("task/*/comm")] + [(proc / "cmdline").read_text()]
    out, _, _ = running.end()
    for one in draw("tuesday"):
        hidden = [one.hostname, *(word for word in (one.case.kind, one.case.cause) if "-" in word)]
        assert not [word for word in hidden if any(word in text for text in (*names, shown, out))]


# --- the prompt ---

@pytest.mark.parametrize(("line", "read"), [
    ("3", ("3", {})), ("", ("", {})), ("3 ok", ("3", {"cause": "ok"})),
    ("3 ok waited=both saw=220 mx x=1", ("3", {"cause": "ok", "waited": "both", "saw": "220 mx x=1"})),
    ("3 saw=250-a 250 b waited=nobody cause=ok", ("3", {"saw": "250-a 250 b", "waited": "nobody", "cause": "ok"})),
    ("3 cert expired nobody CN = mx", ("3", {"cause": "cert expired", "waited": "nobody", "saw": "CN = mx"})),
    ("3 ok saw='nothing'", ("3", {"cause": "ok", "saw": "nothing"})), ("3 WAITED = both", ("3", {"waited": "both"}))])
def test_a_verdict_s_parts_in_any_order(line, read):
    assert read_verdict(line) == read


@pytest.mark.parametrize(("line", "read"), [
    ("3", ("3", {})), ("", ("", {})), ("3 starttls", ("3", {"mode": "starttls"})), ("3 afresh", ("3", None)),
    ("3 mode=TLS at once port = 40587", ("3", {"mode": "TLS at once", "port": "40587"})),
    ("3 user= ca='/a b'", ("3", {"user": "", "ca": "/a b"})), ("3 settings", ("3", {"settings": ""})),
    (r"3 port=1 settings=tls on\nport 2 mode=x", ("3", {"port": "1", "settings": "tls on\nport 2 mode=x"}))])
def test_a_mend_s_changes_by_name(line, read):
    assert read_changes(line) == read


def test_a_change_stays_until_it_begins_afresh():
    with mystery(WRONG_DOOR, count=1) as game:
        with socket.create_connection(game.tickets[0].address, timeout=30) as visitor:
            name = HELLO.search(visitor.recv(200).decode())[1]
        lines = ["mend", "mend 7", "mend 1 starttls", "ask 1 nothing", "trace 1",
                 f"verdict 1 implicit-to-plaintext waited=nobody saw=220 {name}",
                 "trace 1", "mend 1 settings", "mend 1 mode=tls", "mend 1 check=no starttls", "mend 1 mode=starttls",
                 "mend 1 check=no", "mend 1", "mend 1 afresh", "mend 1 now", "ask 1 open-port", "ask 1 opn-prt", "asks",
                 "1"]
        said = io.StringIO()
        Prompt(game, interactive=False, stdin=io.StringIO("\n".join(lines)), stdout=said).cmdloop()
    text = said.getvalue()
    for words in ("Say which ticket: mend 3", "1 to 1", "nothing was dialled yet", "No settings: nothing is changed",
                  "tls means another mode", "changed since: mode=starttls, check=no", "one can be mended from",
                  "renew-certificate  The server's people: renew", "id you mean open-port"):
        assert words in text, words
    assert text.count("First say why") == 2 and text.count("certificate not checked") >= 1
    assert text.index("isn't protected") < text.rindex("Ticket 1: it doesn't pass") and game.done


def test_it_asks_for_what_is_left_out():
    with mystery(WRONG_DOOR, count=1) as game:
        with socket.create_connection(game.tickets[0].address, timeout=30) as visitor:
            greeting = visitor.recv(200).decode()
        [ticket] = game.tickets
        host, port = ticket.address
        right = next(words for _, name, words in CLIENTS["starttls"] if name == ticket.framework)
        typed = io.StringIO("verdict 1\nimplicit\nimplicit to plaintext\nnobdy\nnobody\n"
                            f"{greeting}\nquit\n.\nmend 1\nmend 1 settings\n{right.format(host=host, port=port)}\n.\n"
                            f"mend 1 now\nmend 1 user=alice password=wonderland ca={game.ca_file}\ntrace 1\n"
                            "verdict 1 ok\n")
        said = io.StringIO()
        Prompt(game, interactive=True, stdin=typed, stdout=said).cmdloop()
    text = said.getvalue()
    assert game.done and "did you mean implicit-to-plaintext" in text and "did you mean nobody" in text
    places = [text.index(part) for part in ("Cause (", "Who waited at the end (", "Paste it", "Ticket 1: solved")]
    assert places == sorted(places)
    assert "All solved and mended" in text and "Paste settings of" in text and "the client closed" in text
    assert text.count("it doesn't pass") + text.count("it passes") + text.count("Ticket 1: mended") >= 3


@pytest.mark.parametrize(("lines", "saw"), [
    ("220 x\n\nquit\n.\n", "220 x\n\nquit"), ("220 x\n\n\n", "220 x\n"), ("\n220 x\n.\n", "\n220 x"), (".\n", ""),
    ("Nothing\n", "Nothing"), ("220 x", "220 x"), ("\n\n", "")])
def test_a_paste_ends_at_a_dot_or_two_empty_lines(lines, saw):
    prompt = Prompt(None, interactive=True, stdin=io.StringIO(lines), stdout=io.StringIO())
    assert prompt._paste("What came?") == saw


@pytest.mark.parametrize(("lines", "asked"), [
    ("verdict 99 ok\n", []), ("verdict x\n", []), ("verdict 1\n", ["Cause ("]),
    ("verdict 1 ok\n", ["Who waited at the end ("])])
def test_an_end_of_input_or_a_wrong_number_asks_no_further(lines, asked):
    with mystery(WRONG_DOOR, count=1) as game:
        said = io.StringIO()
        Prompt(game, interactive=True, stdin=io.StringIO(lines), stdout=said).cmdloop()
        assert game.ruling(1) is None
    asks = ("Cause (", "Who waited at the end (", "Paste it")
    assert [ask for ask in asks if ask in said.getvalue()] == asked
    assert ("no ticket" in said.getvalue().casefold() or "1 to 1" in said.getvalue()) == (not asked)


def test_an_odd_byte_in_a_paste_ends_no_round():
    strict = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    process = subprocess.run([*MODULE, "mystery", WRONG_DOOR, "--count", "1"], capture_output=True, timeout=30,
                             input=b"verdict 1 ok nobody \xff caf\xe9\nboard\n", env=strict)
    assert (process.returncode, process.stderr) == (1, b"") and process.stdout.count(b"0 of 1 solved") == 3


@pytest.mark.real("openssl", "curl", "swaks")
def test_real_programs_output_is_evidence():
    """One ticket of each kind that these programs show best, pasted whole."""
    openssl, curl, swaks = need("openssl", "curl", "swaks")

    def out(*argv, stdin="QUIT\n"):
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=30, errors="replace")
        return done.stdout + done.stderr

    def by_openssl(at, ca, starttls):
        return out(openssl, "s_client", "-connect", at, "-CAfile", ca, *["-starttls", "smtp"] * starttls)

    def by_swaks(at, ca, *words):
        mail = ("--from", "a@example.com", "--to", "b@example.com", "--quit-after", "RCPT")
        return out(swaks, "--server", at, *mail, *words)

    login = ("--auth", "PLAIN", "--auth-user", "alice", "--auth-password")
    ways = {
        "implicit-to-plaintext": lambda at, ca, one: by_swaks(at, ca),  # an http server is asked otherwise, below
        "plaintext-to-implicit": lambda at, ca, one: by_openssl(at, ca, False),
        "starttls-not-offered": lambda at, ca, one: by_swaks(at, ca, "--tls"),
        "temporarily-unavailable": lambda at, ca, one: by_swaks(at, ca, "--tls"),
        "starttls-required": lambda at, ca, one: by_swaks(at, ca),
        "auth-needs-tls": lambda at, ca, one: by_swaks(at, ca),
        "auth-required": lambda at, ca, one: by_swaks(at, ca, "--tls"),
        "auth-rejected": lambda at, ca, one: by_swaks(at, ca, way(one), *login, one.login[1]),
        "auth-mechanism": lambda at, ca, one: by_swaks(at, ca, way(one), *login, one.login[1]),
        "middlebox": lambda at, ca, one: by_swaks(at, ca, "--tls"),
        "handshake-stalled": lambda at, ca, one: out(
            curl, "-svm2", "--ssl-reqd", f"smtp{'s' * (one.case.mode == 'implicit')}://{at}"),
        "tls-version-or-cipher": lambda at, ca, one: by_swaks(at, ca, "--tls"),
        "refused": lambda at, ca, one: out(curl, "-sS", f"smtp://{at}"),
        "filtered-timeout": lambda at, ca, one: out(curl, "-sS", "--connect-timeout", "1", f"smtp://{at}"),
        "closed-before-greeting": lambda at, ca, one: by_swaks(at, ca),
        "server-not-smtp": lambda at, ca, one: out(curl, "-svm1", f"smtp://{at}"),  # it waits on
        "ok": lambda at, ca, one: by_openssl(at, ca, one.case.mode == "starttls"),
        **dict.fromkeys(("cert-expired", "cert-hostname", "cert-self-signed-or-unknown-ca"),
                        lambda at, ca, one: by_openssl(at, ca, one.case.mode == "starttls")),
    }

    def way(one):
        return "--tls" if one.case.mode == "starttls" else "--tls-on-connect"

    assert set(ways) == {one.case.cause for one in draw("real", MOST)}
    with mystery("real", count=MOST) as game:
        for ticket, one in zip(game.tickets, draw("real", MOST), strict=True):
            at = f"{ticket.address[0]}:{ticket.address[1]}"
            web = one.case.kind == "http"
            shown = out(curl, "-i", "-sS", f"http://{at}") if web else ways[one.case.cause](at, game.ca_file, one)
            ruling = game.verdict(ticket.number, one.case.cause, shown, one.case.waited[0])
            assert ruling.right, f"{ruling}\n{json.dumps(shown)}"
        assert len(game.solved) == MOST


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal is posix's")
@pytest.mark.parametrize(("mode", "status"), [("starttls", 0), ("plain", 1)])
def test_a_round_is_solved_and_mended_at_a_terminal(mode, status):
    import pty
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*MODULE, "mystery", WRONG_DOOR, "--count", "1"],
                               stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""

    def typed(line, until):
        nonlocal shown
        os.write(ours, line.encode() + b"\r")
        shown = b""
        while until not in shown:
            shown += os.read(ours, 4096)

    while b"mystery> " not in shown:
        shown += os.read(ours, 4096)
    ca_file = re.search(rb"CA file: (\S+)", shown)[1].decode()
    with socket.create_connection(places(shown.decode())[0], timeout=30) as visitor:
        name = HELLO.search(visitor.recv(200).decode())[1]
    typed("corner 1", b"Which (1 to 5)")
    typed("1", b"that fits")
    typed("verdict 1", b"Cause (")
    typed("implicit-to-plaintext", b"Who waited")
    typed("nobody", b"paste> ")
    typed(f"220 {name}", b"paste> ")
    typed(".", b"Type mend 1")
    assert b"The corner stands" in shown
    typed(f"mend 1 mode={mode} user=alice password=wonderland ca={ca_file}", b"tried:")
    os.write(ours, b"quit\r")
    assert process.wait(10) == status
    os.close(ours)


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal is posix's")
def test_at_a_terminal_it_prompts_and_control_d_ends_it():
    import pty
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*MODULE, "mystery", WRONG_DOOR, "--count", "1"],
                               stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while b"mystery> " not in shown:
        shown += os.read(ours, 4096)
    os.write(ours, b"board\n\x04")
    assert process.wait(10) == 1
    os.close(ours)
