"""The names that a checker is told of are the tables' own, and a checker finds a wrong one."""

import re
import subprocess
import sys
from typing import get_args

import pytest
from real_tools import need_module

from smtplab import KINDS, Mode
from smtplab.lab.matrix import EXPECTED
from smtplab.literals import KindName, ModeName


def test_they_are_the_tables_own():
    assert list(get_args(ModeName)) == [mode.value for mode in Mode]
    assert list(get_args(KindName)) == list(KINDS)
    assert set(EXPECTED) == set(KINDS)


ROWS = [  # a line, and whether it is wrong
    ('dial(server, "implicit")', False), ("dial(server, Mode.IMPLICIT)", False), ('dial(server, "implicitt")', True),
    ('serve("expired", mode="starttls")', False), ('serve("expird")', True), ('serve("expired", mode="tls")', True),
    ("[serve(kind) for kind in KINDS]", False), ('matrix(["expired"], ["implicit"])', False),
    ('matrix(["expired"], ["implicitt"])', True)]


@pytest.mark.slow  # a checker is a developer's tool, which the everyday tests don't install
def test_a_checker_finds_the_wrong_ones(tmp_path):
    need_module("mypy")
    file, lines = tmp_path / "made.py", [line for line, _ in ROWS]
    names = "from smtplab import KINDS, Mode, dial, matrix, serve"
    file.write_text("\n".join([*lines, names, "server = serve('plain')"]))
    done = subprocess.run([sys.executable, "-m", "mypy", "--follow-imports=silent", "--ignore-missing-imports",
                           "--cache-dir", str(tmp_path), str(file)], capture_output=True, text=True)
    found = {int(number) for number in re.findall(r"made\.py:(\d+): error: .*(?:incompatible|List item)", done.stdout)}
    assert found == {number for number, (_, wrong) in enumerate(ROWS, 1) if wrong}, done.stdout
