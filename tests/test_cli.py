"""The commands as a person calls them: exit status, lines, JSON, Ctrl-C."""

import json
import os
import re
import shlex
import signal
import ssl
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from helpers import each_row, nobody_listens, until

import smtplab
from smtplab import KINDS, Mode, Trace, serve
from smtplab.cli import cli
from smtplab.commands.handshake import inferred
from smtplab.lab.reach import reachable

MODULE = [sys.executable, "-m", "smtplab"]


# pytest-xdist gives its workers COLUMNS; and a person may have any of these.
CLEAN = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}


def run(*arguments, stdin="", **environment):
    return subprocess.run([*MODULE, *arguments], input=stdin, capture_output=True, text=True, timeout=60,
                          env={**CLEAN, **environment})


def at(server):
    return f"{server.address[0]}:{server.address[1]}"


class Running:
    """A command that goes on until told to stop; its lines can be waited for."""

    def __init__(self, *arguments):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([*MODULE, *arguments], **pipes, env=CLEAN)

    def line(self, pattern):
        """The next line that fits; a blank one if the command ends first. The test's time-out is the deadline."""
        return next((line for line in self.process.stdout if re.search(pattern, line)), "")

    def end(self, how=signal.SIGINT):
        if os.name != "posix":
            self.process.kill()
            self.process.communicate()
            pytest.skip("needs posix: signals")
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=60)
        return out, err, self.process.returncode


def test_a_command_is_a_module_and_help_lists_them_all():
    folder = Path(smtplab.__file__).parent / "commands"
    shared = {"__init__", "io"}
    assert sorted(cli.commands) == list(cli.commands) == sorted({path.stem for path in folder.glob("*.py")} - shared)
    assert [command.name for command in cli.commands.values()] == list(cli.commands)
    with pytest.raises(KeyError):
        cli.commands["io"]
    listed = run("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert listed == [f"  {name:9}  {command.get_short_help_str(61)}" for name, command in cli.commands.items()]


def test_the_version_is_the_installed_package_s():
    python = ".".join(map(str, sys.version_info[:3]))
    expected = f"smtplab, version {version('smtplab')} (Python {python}, {ssl.OPENSSL_VERSION})\n"
    for option in ("--version", "-V"):
        done = run(option)
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")
    assert run("--versions").returncode == 2


def test_a_bare_call_is_a_question_for_help():
    bare, asked, wrong = run(), run("--help"), run("--no-such")
    assert (bare.returncode, bare.stdout, bare.stderr) == (0, asked.stdout, "") and wrong.returncode == 2


@pytest.mark.parametrize("command", cli.commands)
def test_help_has_an_example(command):
    done = run(command, "--help")
    assert done.returncode == 0 and "Example: smtplab" in done.stdout.replace("\n  ", " ")


@pytest.mark.parametrize(("arguments", "says"), [
    (("nothing",), "No such command"), (("handshake",), "HOST[:PORT]"),
    (("handshake", "localhost:smtp", "--mode", "plain"), "no HOST:PORT"),
    (("read", "/no/such"), "No such file"), (("read", __file__), "capture"),
    (("read", __file__, "--ports", "x"), "no port"),
    (("handshake", "localhost:25", "--mode", "tls"), "starttls-opportunistic"),
    (("handshake", "localhost:25", "--mode", "plain", "--user", "a"), "go together"),
    (("handshake", "h:25", "--mode", "plain", "--user", "a", "--password-env", "NO_SUCH"), "NO_SUCH"),
    (("handshake", "localhost:25", "--mode", "implicit", "--ca", "/no/such"), "No such file"),
    (("serve", "nothing"), "starttls"), (("judge", "--hex", "xyz"), "hexadecimal"),
    (("judge", "--hex", "00", "--openssl", "0.9"), "known"), (("probe", "localhost", "--ports", "a"), "465,587"),
    (("probe",), "name a host"), (("talk", "localhost"), "no HOST:PORT"),
    (("settings",), "settings --list"), (("settings", "rials"), "did you mean 'rails-mail'"),
    (("settings", "rails", "--to", "nothing-like-it"), "settings --list"),
    (("settings", "rails", "/no/such"), "No such file"), (("settings", "rails", "."), "directory"),
    (("settings", os.devnull), "no framework is known"), (("settings", "rails", "--port", "0"), "1<=x<=65535"),
])
def test_wrong_usage_is_one_line_on_stderr(arguments, says):
    done = run(*arguments)
    assert done.returncode == 2 and says in done.stderr and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "--help" in done.stderr


def test_handshake_text_ends_with_s_clients_line():
    with serve("starttls") as server:
        done = run("handshake", at(server), "--mode", "implicit")
        assert done.returncode == 1 and "S: 220 mail.example.com ESMTP smtplab" in done.stdout
        assert re.fullmatch(r"SSL handshake has read 5 bytes and written \d+ bytes", done.stdout.splitlines()[-1])
        done = run("handshake", at(server), "--mode", "starttls", "--ca", server.ca_file)
        assert done.returncode == 0 and "ok: It worked" in done.stdout


def test_the_verdict_comes_first_then_the_story():
    with serve("starttls") as server:
        trust = ("--ca", server.ca_file)
        for mode, verdict in (("starttls", "ok: It worked"), ("implicit", "implicit-to-plaintext: The client starts")):
            first = run("handshake", at(server), "--mode", mode, *trust).stdout
            assert first.startswith(verdict) and first.index(verdict) < first.index("-- connected")
            live = run("handshake", at(server), "--mode", mode, *trust, "--live").stdout
            assert live.startswith("client in mode") and live.index(verdict) > live.index("-- connected")
            brief = run("handshake", at(server), "--mode", mode, *trust, "--brief").stdout
            cause, place = verdict.partition(":")[0], re.escape(at(server))
            assert re.fullmatch(rf"{cause}: {place}, {mode}, .*, \d\.\d\d s\n", brief)
        assert "certificate ends in" in run("handshake", at(server), "--mode", "starttls", *trust, "--brief").stdout
        assert "wrong version number" in run("handshake", at(server), "--mode", "implicit", "--brief").stdout


@each_row(("address", "mode", "place", "how"), [
    ("a.example", None, ("a.example", 587), "starttls"), ("a.example:465", None, ("a.example", 465), "implicit"),
    ("a.example:2525", None, ("a.example", 2525), "starttls"), ("::1", None, ("::1", 587), "starttls"),
    ("[::1]:465", None, ("::1", 465), "implicit"), ("a.example", Mode.IMPLICIT, ("a.example", 465), "implicit"),
    ("a.example", Mode.PLAIN, ("a.example", 25), "plain"), ("a.example", Mode.STARTTLS, ("a.example", 587), "starttls"),
    ("a.example:465", Mode.STARTTLS, ("a.example", 465), "starttls")])
def test_handshake_takes_the_port_and_mode_that_fit_each_other(address, mode, place, how):
    assert inferred(address, mode) == (place, how)


def test_what_handshake_takes_is_said():
    with serve("starttls") as server:
        done = run("handshake", at(server), "--ca", server.ca_file)
        said = "smtplab: takes mode starttls: HOST:PORT and --mode say otherwise\n"
        assert (done.returncode, done.stderr) == (0, said)
        assert run("handshake", at(server), "--ca", server.ca_file, "--mode", "starttls").stderr == ""
    done = run("handshake", "127.0.0.2", "--timeout", "1", "--json")
    assert "takes port 587 and mode starttls" in done.stderr and json.loads(done.stdout)["address"][1] == 587


RIGHT, WRONG = "EMAIL_PORT = 587\nEMAIL_USE_TLS = True\n", "EMAIL_PORT = 587\nEMAIL_USE_SSL = True\n"


@each_row(("arguments", "text", "status"), [
    (("settings", "django"), RIGHT, 0), (("settings", "django"), WRONG, 1),
    (("settings", "rails"), "port: 587\nenable_starttls_auto: true", 1),  # opportunistic: the password may go in clear
    (("settings", "rails"), "port: 587\nenable_starttls: true\nopenssl_verify_mode: none", 1),
    (("settings", "rails"), "port: 587\nenable_starttls: true\nopenssl_verify_mode: peer", 0),
    (("settings", "django", "--json"), WRONG, 1), (("explain",), "250 2.0.0 Ok: queued as 1", 1),
    (("explain",), "certificate has expired", 1), (("explain", "--brief"), "Connection refused", 1),
    (("diagnose",), RIGHT, 0), (("diagnose",), WRONG, 1), (("diagnose",), RIGHT + "535 5.7.8 Error", 1),
    (("diagnose", "--brief"), WRONG + "wrong version number", 1)])
def test_strict_makes_a_finding_a_failure(arguments, text, status):
    done = run(*arguments, "--strict", stdin=text)
    assert (done.returncode, done.stderr) == (status, ""), done.stdout
    if status:
        assert run(*arguments, stdin=text).returncode == 0  # the twin: without it, what was found is no failure


@each_row(("arguments", "text", "line"), [
    (("settings", "django"), WRONG, r"wrong-version-number: django \S+, implicit on port 587"),
    (("settings", "rails", "--port", "465"), "enable_starttls: true", r"hang \(5 s\): rails-mail .*on port 465"),
    (("explain",), "certificate has expired", r"cert-expired: very likely \(\d+ %\)"),
    (("diagnose",), WRONG + "wrong version number", r"implicit-to-plaintext: .*")])
def test_brief_is_one_line(arguments, text, line):
    assert re.fullmatch(line + r"\n", run(*arguments, "--brief", stdin=text).stdout)


def test_a_brief_probe_is_a_line_for_each_port():
    with serve("starttls") as server, serve("plain") as plain:
        lines = run("probe", at(server), at(plain), "--brief").stdout.splitlines()
    assert len(lines) == 4 and " smtp-starttls " in lines[2] and "greets" not in "".join(lines)


def test_read_explains_a_capture(tmp_path):
    file = str(tmp_path / "seen.pcapng")
    with serve("starttls") as server:
        good, bad = (smtplab.dial(server, mode) for mode in ("starttls", "implicit"))
    from smtplab.packets import write_pcapng
    write_pcapng(file, [good, bad], port=2587)
    done = run("read", file, "--ports", "2587")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("#1 ok") and "\n#2 implicit-to-plaintext: " in done.stdout
    assert "--- #2\nimplicit-to-plaintext: The client starts TLS" in done.stdout and "S: 220 mail" in done.stdout
    assert run("read", file, "--ports", "2587", "--brief").stdout.count("\n") == 2
    documents = json.loads(run("read", file, "--ports", "25,2587", "--json").stdout)
    assert [one["cause"] for one in documents] == ["ok", "implicit-to-plaintext"]
    none = run("read", file)
    assert none.returncode == 1 and "no connection to 25, 465, 587, 2525" in none.stderr
    write_pcapng(file, [bad])
    assert run("read", file).stdout.startswith("implicit-to-plaintext: The client")
    write_pcapng(file, [good])
    assert run("read", file).returncode == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete_the_commands(shell):
    script = run(_SMTPLAB_COMPLETE=f"{shell}_source").stdout
    assert "_SMTPLAB_COMPLETE" in script and "smtplab" in script
    words = run(_SMTPLAB_COMPLETE="bash_complete", COMP_WORDS="smtplab hand", COMP_CWORD="1").stdout
    assert words == "plain,handshake\n"


def test_a_container_gets_an_address_that_it_can_reach_and_a_certificate_for_it():
    here = reachable("0.0.0.0")
    with serve("starttls", host="0.0.0.0") as server, serve("starttls") as alone:
        trace = smtplab.dial((here, server.address[1]), "starttls", ca_file=server.ca_file)
        assert trace.ok and here in trace.certificate.own.names
        names = smtplab.dial(alone, "starttls").certificate.own.names
    assert names == ("localhost", "mail.example.com", "127.0.0.1", "::1")
    assert reachable("127.0.0.1") == "127.0.0.1" and reachable("a.example") == "a.example"


def test_handshake_json_is_one_document():
    with serve("implicit") as server:
        done = run("handshake", at(server), "--mode", "implicit", "--ca", server.ca_file, "--json")
        trace = Trace.from_json(done.stdout)
        assert done.returncode == 0 and trace.ok and json.loads(done.stdout) == trace.to_dict()
        done = run("handshake", at(server), "--mode", "implicit", "--json")
        assert done.returncode == 1 and json.loads(done.stdout)["cause"] == "cert-self-signed-or-unknown-ca"
        done = run("handshake", at(server), "--mode", "implicit", "--json", "--insecure", "--server-name", "x.example")
        assert done.returncode == 0


def test_a_password_comes_from_the_environment_and_goes_nowhere():
    with serve("implicit") as server:
        common = ("handshake", at(server), "--mode", "implicit", "--ca", server.ca_file, "--user", "alice",
                  "--password-env", "PW", "--mechanism", "plain")
        done = run(*common, PW="sesame-sesame")
        assert done.returncode == 1 and "auth-rejected" in done.stdout and "5.7.8" in done.stdout
        for form in ("sesame", "AGFsaWNl", "c2VzYW1l"):
            assert form not in done.stdout + done.stderr
        assert run(*common, PW="wonderland").returncode == 0


def test_probe_and_its_list_on_stdin():
    with serve("plain") as server, serve("refused") as closed:
        done = run("probe", at(server))
        assert done.returncode == 0 and re.search(r"127\.0\.0\.1 +\d+ +smtp ", done.stdout)
        done = run("probe", "--json", stdin=f"{at(server)}\n{at(closed)}\n")
        assert [row["speaks"] for row in json.loads(done.stdout)] == ["smtp", "refused"] and done.returncode == 0
        assert set(json.loads(done.stdout)[0]) == {"host", "port", "speaks", "greeting", "ehlo_keywords",
                                                   "tls_version", "certificate_ok", "seconds", "schema", "stable",
                                                   "ehlo_keywords_in_tls", "certificate", "problem", "insecure"}
        assert run("probe", at(closed)).returncode == 1


def test_probe_s_exit_code_is_for_cron():
    with serve("starttls") as good, serve("plain") as clear, serve("expired", starttls=True) as old, serve(
            "refused") as closed:
        trust = ("--ca", good.ca_file, "--server-name", "localhost")
        for arguments, status, words in [
                ((at(good), *trust, "--strict"), 0, ""), ((at(good), "--strict"), 1, "certificate is not accepted"),
                ((at(good), "--insecure", "--strict"), 0, ""),
                ((at(good), *trust, "--server-name", "x.example.net", "--strict"), 1, "certificate is not accepted"),
                ((at(clear), "--strict"), 1, "it has no TLS"), ((at(clear),), 0, ""),
                ((at(good), at(closed), *trust), 0, ""),
                ((at(good), at(closed), *trust, "--strict"), 1, "it speaks no mail (refused)"),
                ((at(old), *trust), 0, ""), ((at(old), *trust, "--expires-within", "14d"), 1, "expired 10 days ago"),
                ((at(good), *trust, "--expires-within", "2w"), 0, "")]:
            done = run("probe", *arguments)
            assert done.returncode == status and words in done.stderr and bool(done.stderr) == bool(words), arguments
        wrong = run("probe", at(good), "--expires-within", "soon")
        assert wrong.returncode == 2 and "no time such as 36h, 14d or 2w" in wrong.stderr
        long = run("probe", at(good), *trust, "--expires-within", "99999w")
    assert long.returncode == 1 and "its certificate ends in 35" in long.stderr


@pytest.mark.posix("it runs a shell script")
def test_the_readme_s_nightly_probe_tells_only_of_what_has_changed(tmp_path):
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    [script] = [block for block in re.findall(r"```bash\n(.*?)```", readme, re.DOTALL) if "last.json" in block]

    def night(server):
        here = script.replace("mail.example.net:465 mail.example.net:587", f"--ca {server.ca_file} {at(server)}")
        programs = {"smtplab": shlex.join(MODULE), "python3": shlex.quote(sys.executable)}
        here = re.sub(r"^(smtplab|python3)(?= )", lambda program: programs[program[1]], here, flags=re.MULTILINE)
        return subprocess.run(["bash", "-c", here], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    with serve("starttls") as server:
        place, (first, second) = server.address[1], (night(server) for _ in range(2))
        assert [(one.returncode, one.stdout, one.stderr) for one in (first, second)] == [(0, "", "")] * 2
    with serve("starttls", port=place) as server:  # with a new certificate of the same authority
        third = night(server)
        assert third.returncode == 0 and third.stdout.count('"sha256"') == 4  # before and after, also in the chain
        assert night(server).stdout == ""
    with serve("expired", starttls=True, port=place) as server:
        fourth = night(server)
    assert fourth.returncode == 1 and "expired 10 days ago" in fourth.stderr
    assert '"certificate_ok": false' in fourth.stdout


def test_a_handshake_tells_of_the_certificate():
    with serve("starttls") as server, serve("wrong-name") as wrong:
        done = run("handshake", at(server), "--mode", "starttls", "--ca", server.ca_file)
        bad = run("handshake", at(wrong), "--mode", "implicit", "--ca", server.ca_file, "--server-name",
                  "x.example.com")
        plain = run("handshake", at(server), "--mode", "plain")
    assert "certificate for localhost, mail.example.com" in done.stdout and "days left" in done.stdout
    assert "The certificate holds another-name.example.net; you asked for x.example.com." in bad.stdout
    assert "certificate for" not in plain.stdout


def test_judge():
    done = run("judge", "--hex", "323230206d", "--json")
    found = json.loads(done.stdout)
    assert found == {**found, "openssl": "3.0", "verdict": "wrong version number", "alert": None, "bytes_needed": 5,
                     "header": {"content_type": 50, "legacy_record_version": 12848, "length": 8301}}
    assert [set(check) for check in found["checks"]] == [{"check", "passed", "because"}]
    done = run("judge", "--hex", "48:54:54:50:2f", "--openssl", "3.2.2")
    assert "packet length too long" in done.stdout and "record_overflow" in done.stdout and done.returncode == 0


def test_matrix():
    done = run("matrix", "--json", "--timeout", "6")
    rows = json.loads(done.stdout)
    assert done.returncode == 0, [r for r in rows if not r["ok"]]
    assert {frozenset(row) for row in rows} == {frozenset((
        "schema", "mode", "server", "cause", "certain", "ok", "bytes_read", "bytes_written", "seconds", "waiting_for"))}
    # A deadline that greets-late can't meet comes out otherwise than expected.
    done = run("matrix", "--timeout", "1")
    assert done.returncode == 1 and "(expected ok)" in " ".join(done.stdout.split())
    assert re.match(r"\d+ dials, \d+ of them not as expected\n", done.stdout)
    assert max(map(len, done.stdout.splitlines())) <= 80 and "A wider terminal" in done.stdout


def test_serve_shows_visitors_live():
    running = Running("serve", "starttls", "implicit", "plain")
    addresses = {}
    for _ in range(3):
        kind, host, port = running.line(r"^\S+ 127\.0\.0\.1 \d+$").split()
        addresses[kind] = (host, int(port))
    ca_file = running.line("^ca - ").strip().split(" ", 2)[2]
    assert smtplab.dial(addresses["starttls"], "starttls", ca_file=ca_file).ok
    assert "STARTTLS" in running.line(r"\[starttls #1\] .*C: STARTTLS")
    assert running.line(r"\[starttls #1\] ok: It worked")
    smtplab.dial(addresses["implicit"], "plain", timeout_s=0.2)
    assert running.line(r"\[implicit #2\] plaintext-to-implicit")
    out, err, status = running.end()
    assert (status, err) == (0, "") and not Path(ca_file).exists()
    assert nobody_listens(addresses["plain"])


def test_serve_fits_the_client_s_mode():
    running = Running("serve", "expired", "plain", "--mode", "starttls", "--json")
    twin, plain = json.loads(running.line("{")), json.loads(running.line("{"))
    assert (twin["kind"], twin["tls"], plain["tls"]) == ("expired", "starttls", None)
    smtplab.dial((twin["host"], twin["port"]), "starttls", ca_file=twin["ca_file"])
    visit = json.loads(running.line("smtplab.trace/1"))
    assert (visit["cause"], visit["password_in_clear"], visit["mail_in_clear"]) == ("cert-expired", False, False)
    smtplab.dial((plain["host"], plain["port"]), "plain", mail_from="a@example.com")
    assert json.loads(running.line("smtplab.trace/1"))["mail_in_clear"] is True
    assert running.end()[1:] == ("", 0)
    running = Running("serve", "expired", "--mode", "starttls")
    assert running.line("^# expired: STARTTLS, required") and running.end()[2] == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_serve_json_lines_and_the_unfinished_visit(how):
    running = Running("serve", "silent", "starttls", "--json")
    silent, starttls = json.loads(running.line("{")), json.loads(running.line("{"))
    assert set(silent) == {"schema", "kind", "host", "port", "ca_file", "tls"}
    assert silent["ca_file"] == starttls["ca_file"]
    smtplab.dial((starttls["host"], starttls["port"]), "implicit")
    visit = Trace.from_json(running.line("smtplab.trace/1"))
    assert visit.cause is smtplab.Cause.IMPLICIT_TO_PLAINTEXT and visit.seen_from == "server"
    import socket
    with socket.create_connection((silent["host"], silent["port"])) as still_there:
        still_there.sendall(b"hello?\r\n")
        smtplab.dial((silent["host"], silent["port"]), "plain", timeout_s=0.2)
        assert running.line("smtplab.trace/1")  # the dial's; the other has not ended
        out, err, status = running.end(how)
    assert (status, err) == (0, "") and Trace.from_json(out).bytes_received == len(b"hello?\r\n")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_in_a_handshake_reports_what_was_seen(how):
    with serve("silent") as server:
        running = Running("handshake", at(server), "--mode", "implicit", "--timeout", "60", "--live")
        assert running.line("waits: server-hello")
        out, err, status = running.end(how)
    assert status == 1 and err == "" and "\nother: " in out
    assert re.fullmatch(r"SSL handshake has read 0 bytes and written \d+ bytes so far", out.splitlines()[-1])


@pytest.mark.posix("signals")
def test_ctrl_c_in_a_handshake_that_prints_at_its_end_does_so_too():
    with serve("silent") as server:
        running = Running("handshake", at(server), "--mode", "implicit", "--timeout", "60")
        until(lambda: any(one.bytes_received for one in server.traces()))  # its ClientHello
        out, err, status = running.end()
    assert (status, err) == (1, "") and out.startswith("other: ") and "You stopped it." in out


# The command, interrupted as soon as five rows have come; others wait for their deadline by then.
INTERRUPTED = """
import os, signal, smtplab.cli, smtplab.commands.matrix as command
rows, matrix = [], command.matrix

def heard(row, listener):
    rows.append(row)
    listener(row)
    if len(rows) == 5:
        os.kill(os.getpid(), signal.SIGINT)

command.matrix = lambda *, listener, **more: matrix(listener=lambda row: heard(row, listener), **more)
smtplab.cli.main(["matrix", "--timeout", "600", "--json"])
"""


@pytest.mark.posix("signals")
def test_ctrl_c_in_a_matrix_shows_what_came():
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=100)
    assert (done.stderr, done.returncode) == ("", 1) and 5 <= len(json.loads(done.stdout)) < len(KINDS) * len(Mode)


def test_talk_does_what_telnet_does():
    with serve("starttls") as server:
        done = run("talk", at(server), stdin="EHLO me\nSTARTTLS now\nQUIT\n")
        assert done.returncode == 0
        assert [w for w in ("S: 220 mail", "S: 250-STARTTLS", "S: 501 ", "S: 221 ", "the server closed")
                if w not in done.stdout] == []
        assert re.search(r"^ +\(\d+ bytes\)$", done.stdout, re.MULTILINE)
    with serve("implicit") as server:
        assert "waits for TLS" in run("talk", at(server), stdin="EHLO me, is anybody there?\n").stdout
    with serve("refused") as server:
        assert run("talk", at(server)).returncode == 1


def test_doctor():
    found = json.loads(run("doctor", "--json").stdout)
    assert all(found["self_test"].values()) and found["versions"]["aiosmtpd"]
    text = run("doctor").stdout
    assert "self-test" in text and "FAILS" not in text


@pytest.mark.skipif(os.name != "posix", reason="a shell closes it")
@pytest.mark.parametrize(("command", "status"), [
    ("explain", 0), ("settings rails", 0), ("probe", 2), ("mystery tuesday --count 1", 1), ("explain -", 0)])
def test_a_stdin_that_is_closed_holds_nothing(command, status):
    done = subprocess.run(["sh", "-c", f'exec "$0" -m smtplab {command} <&-', sys.executable], capture_output=True,
                          text=True, timeout=60)
    assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr


@pytest.mark.parametrize(("arguments", "status"), [
    (("doctor",), 0), (("settings", "--list"), 0), (("settings", "--list", "--json"), 0),
    (("explain", "connection refused", "--strict"), 1)])
def test_a_reader_that_leaves_is_no_error(arguments, status):
    process = subprocess.Popen([*MODULE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    assert process.stderr.read() == "" and process.wait(20) == status
    process.stderr.close()
