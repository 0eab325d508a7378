"""What the README says to whoever tests an app, run as it stands: it passes, and its failing twins don't."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
[SECTION] = re.findall(r"^## Tests of your own app\n(.*?)^## ", README, re.DOTALL | re.MULTILINE)
[PYTHON], [SHELL] = (re.findall(rf"^```{name}\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)
                     for name in ("python", "bash"))


def test_the_python_one(run):
    quick = PYTHON.replace("timeout=5", "timeout=1")
    run(quick).assert_outcomes(passed=2)
    careless = quick.replace("context=ssl.create_default_context(cafile=config.ca_file)", "")
    assert careless != quick != PYTHON
    run(careless).assert_outcomes(failed=2)


@pytest.fixture
def shell(tmp_path):
    """`shell(text)` runs it in bash, `smtplab` being this one; its exit status."""
    command = tmp_path / "smtplab"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m smtplab "$@"\n')
    command.chmod(0o700)

    def run(text):
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(["bash", "-c", text], env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.mark.posix("bash")
@pytest.mark.real("curl", "bash")
@pytest.mark.parametrize(("change", "status"), [
    (("", ""), 0), (("--ssl-reqd", "--ssl-reqd --insecure"), 1), (("smtp://localhost", "smtps://localhost"), 1),
    (("expired --mode", "starttls --mode"), 1)])
def test_the_shell_step(shell, change, status):
    text = SHELL.replace(*change) if change[0] else SHELL
    assert change[0] in SHELL
    found, said = shell(text)
    assert found == status, said


@pytest.mark.posix("bash")
@pytest.mark.real("ruby", "bash")
def test_the_shell_step_with_ruby(shell):
    """As one writes it for another language: the same step, another client."""
    ruby = """ruby -rnet/smtp -e '
      smtp = Net::SMTP.new("localhost", ARGV[0].to_i)
      smtp.enable_starttls(Net::SMTP.default_ssl_context.tap { |c| c.ca_file = ARGV[1] } )
      smtp.start("me", "alice", "wonderland", :plain) { |s| s.send_message("Subject: x", "a@b.example", "c@d.example") }
    ' "$port" "$ca_file" """
    checked = re.sub(r'^echo "Subject.*?\n.*?\n', lambda _: ruby + "\n", SHELL, flags=re.MULTILINE)
    assert "ruby" in checked and "curl" not in checked
    careless = checked.replace("c.ca_file = ARGV[1]", "c.verify_mode = OpenSSL::SSL::VERIFY_NONE")
    assert [shell(checked)[0], shell(careless)[0]] == [0, 1]
