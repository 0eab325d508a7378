"""`smtplab settings` as a person calls it: files, pipes and terminals, odd bytes, and a lean start."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys

import pytest
from test_cli import MODULE, run

from smtplab.limits import INPUT_BYTES
from smtplab.settings import frameworks

RAILS = "config.action_mailer.smtp_settings = {\n  port: 465, password: 'caf\u00e9-babe', ssl: true\n}\n"


def test_settings_come_from_a_file_or_stdin(tmp_path):
    file = tmp_path / "production.rb"
    file.write_text(RAILS, encoding="utf-8-sig")
    done = run("settings", "rails", str(file), "--version", "2.8.1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "mode: implicit" in done.stdout
    assert "on port 465: works" in done.stdout
    assert "babe" not in done.stdout
    for more in ((), ("-",)):
        again = run("settings", "rails", *more, "--version", "2.8.1", stdin=RAILS)
        assert again.stdout == done.stdout
    assert "on port 587: wrong-version-number" in run("settings", "rails", str(file), "--version", "2.8.1", "--port",
                                                      "587").stdout


def test_settings_in_utf_16_are_read_as_powershell_writes_them(tmp_path):
    (tmp_path / "s.rb").write_text(RAILS, encoding="utf-16")
    plain = run("settings", "rails", "--json", stdin=RAILS).stdout
    assert run("settings", "rails", str(tmp_path / "s.rb"), "--json").stdout == plain
    assert json.loads(plain)["mode"] == "implicit"


def test_settings_json_is_the_contract_s_document():
    done = run("settings", "rails", "--json", "--to", "gitlab", stdin=RAILS)
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(found) == {"schema", "framework", "version", "port", "mode", "outcome",
                          "password_in_clear_if_server_allows", "warnings", "computed", "translation"}
    assert (found["framework"], found["port"]) == ("rails-mail", 465)
    assert set(found["translation"]) == {"framework", "text", "mode", "mended"}
    assert (found["translation"]["mode"], found["translation"]["mended"]) == ("implicit", False)
    assert json.loads(run("settings", "rails", "--json", stdin=RAILS).stdout)["translation"] is None
    assert "the same for gitlab-omnibus:" in run("settings", "rails", "--to", "gitlab", stdin=RAILS).stdout


def test_settings_of_another_framework_are_noticed_first(tmp_path):
    file = tmp_path / "production.rb"
    file.write_text(f"config.action_mailer.delivery_method = :smtp\n{RAILS}", encoding="utf-8")
    done = run("settings", "django", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    first = " ".join(done.stdout.partition("\n\n")[0].split())
    assert first.startswith("Nothing in this text is a setting of Django: it reads like one of Rails ActionMailer")
    assert "delivery_method" in first and first.endswith("ask about rails-mail.")
    assert "babe" not in done.stdout
    warnings = json.loads(run("settings", "django", str(file), "--json").stdout)["warnings"]
    assert warnings[0]["code"] == "wrong-framework"
    right = run("settings", "rails", str(file))
    assert right.stdout.startswith("rails-mail: ")
    assert "wrong-framework" not in right.stdout


def test_settings_without_a_framework_are_recognised(tmp_path):
    file = tmp_path / "production.rb"
    file.write_text(f"config.action_mailer.delivery_method = :smtp\n{RAILS}", encoding="utf-8")
    named = run("settings", "rails", str(file)).stdout
    for done in (run("settings", str(file)), run("settings", stdin=file.read_text("utf-8")),
                 run("settings", "-", stdin=file.read_text("utf-8"))):
        assert (done.returncode, done.stdout) == (0, named)
        assert done.stderr.startswith("smtplab: read as settings of Rails ActionMailer (mail gem): ")
        assert "babe" not in done.stderr
    for text, told in (("port: 465", "may be of rails-mail, "), ("hello", "nothing in this text is a setting"),
                       ("", "name the framework")):
        done = run("settings", stdin=text)
        assert (done.returncode, done.stdout) == (2, "")
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_translation_mends_and_says_so():
    broken = RAILS.replace("465", "587, address: 'mx.example.org'")
    done = run("settings", "rails", "--to", "nodemailer", stdin=broken)
    tail = done.stdout.partition("for nodemailer, ")[2]
    assert tail.startswith("mended: starttls-required in place of implicit, since that works on port 587:")
    assert "mx.example.org" in tail and "requireTLS: true" in tail
    refused = run("settings", "rails", "--port", "465", "--to", "dotnet", stdin=broken).stdout
    assert "not possible, because System.Net.Mail has no implicit TLS" in " ".join(refused.split())


def test_settings_list_and_words():
    listed = run("settings", "--list").stdout
    assert [f.name for f in frameworks() if not re.search(rf"^  {re.escape(f.name)} ", listed, re.MULTILINE)] == []
    narrow = run("settings", "--list", COLUMNS="80").stdout
    assert max(map(len, narrow.splitlines())) <= 80 < max(map(len, listed.splitlines()))
    assert sorted(narrow.replace(":", "").split()) == sorted(listed.replace(":", "").split())
    rows = json.loads(run("settings", "--list", "--json").stdout)
    assert [row["name"] for row in rows] == [f.name for f in frameworks()]
    assert {frozenset(row) for row in rows} == {frozenset(("schema", "name", "title", "aliases", "ecosystem"))}
    words = json.loads(run("settings", "--words", "--json").stdout)
    assert {frozenset(row) for row in words} == {frozenset(("schema", "framework", "word", "mode"))}
    lines = run("settings", "--words").stdout.splitlines()
    assert [line.split()[-1] for line in lines] == [row["mode"] for row in words]


def test_settings_of_odd_bytes_and_for_a_terminal_without_letters(tmp_path):
    file = tmp_path / "odd"
    file.write_bytes(b"tls: true\nport: 465\n\x1b]0;owned\x07 = \xff\xfe\x00 caf\xe9 = '\xc3\xa9'\n")
    done = run("settings", "rails", str(file), PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "mode: implicit" in done.stdout
    assert not set(done.stdout) & set("\x1b\x07\0")
    file.write_bytes(b"tls: true\nport: 465\n" + b"#" * INPUT_BYTES)
    done = run("settings", "rails", str(file))
    assert done.returncode == 0
    assert "mode: implicit" in done.stdout
    assert "very long" in done.stdout


@contextlib.contextmanager
def at_a_terminal(*arguments):
    """A command whose stdin is a terminal, and that terminal's other end."""
    ours, its = os.openpty()
    process = subprocess.Popen([*MODULE, *arguments], stdin=its, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    os.close(its)
    try:
        yield process, ours
    finally:
        os.close(ours)
        process.communicate(timeout=20)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_settings_are_pasted_on_a_terminal_until_ctrl_d():
    with at_a_terminal("settings", "rails", "--json") as (process, terminal):
        assert "Ctrl-D" in process.stderr.readline()
        os.write(terminal, b"tls: true\nport: 465\n\x04")
        assert json.loads(process.stdout.read())["mode"] == "implicit"
        assert (process.wait(20), process.stderr.read()) == (0, "")
    with at_a_terminal("settings", "rails") as (process, _):
        assert "Ctrl-D" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert (process.wait(20), process.stdout.read(), process.stderr.read().strip()) == (1, "", "")


def test_settings_start_without_the_lab():
    code = "import sys\nfrom smtplab.cli import main\ntry:\n    main(sys.argv[1:])\nfinally:\n    print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, "settings", "rails"], input=RAILS, stdout=subprocess.PIPE,
                          text=True)
    loaded = set(done.stdout.rpartition("\n\n")[2].split())
    assert "smtplab.settings" in loaded
    assert loaded & {"smtplab.lab", "smtplab.trace", "ssl", "socket", "asyncio"} == set()
