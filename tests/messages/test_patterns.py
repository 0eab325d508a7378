"""Patterns are put together from alternatives, and none is compiled before it is used."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import smtplab
from smtplab.messages.patterns import LazyPattern, any_of, group


def test_alternatives_are_joined_and_grouped():
    assert any_of("a", "b|c") == "a|b|c" and any_of("a") == "a"
    assert re.fullmatch(group("ab", "c") + "{2}", "abc") and not re.fullmatch(any_of("ab", "c") + "{2}", "abc")


def test_a_pattern_is_compiled_when_it_is_first_used_and_once():
    pattern = LazyPattern(r"(b)+", re.IGNORECASE)
    assert "compiled" not in vars(pattern)
    assert pattern.search("aB")[1] == "B" and pattern.search("abc", 2) is None and pattern.search("abc", 0, 1) is None
    first = pattern.compiled
    assert pattern.match("a") is None and pattern.match("ba")
    assert [m.start() for m in pattern.finditer("bab")] == [0, 2] and pattern.sub("x", "bbab") == "xax"
    assert pattern.compiled is first


def test_what_is_no_pattern_is_told_when_it_is_used():
    with pytest.raises(re.error):
        LazyPattern("(").search("")


COUNT = """
import gc, importlib, re, sys
import smtplab.messages as messages
from smtplab.messages.answer import TABLES
from smtplab.messages.error_rule import _compiled
from smtplab.messages.patterns import LazyPattern
for name in TABLES:
    importlib.import_module(f"smtplab.messages.{name}")
if "explain" in sys.argv:
    messages.explain("x")
lazy = [found for found in gc.get_objects() if isinstance(found, LazyPattern)]
modules = [module for name, module in sys.modules.items() if name.startswith("smtplab.messages")]
at_once = [found for module in modules for found in vars(module).values() if isinstance(found, re.Pattern)]
used = [found for found in lazy if "compiled" in vars(found)]
print(len(lazy), len(used), _compiled.cache_info().currsize, len(at_once))
"""


@pytest.mark.parametrize("explain", [False, True])
def test_no_pattern_is_compiled_before_a_text_is_explained(explain):
    code, folder = [COUNT, *["explain"] * explain], Path(smtplab.__file__).parent.parent
    run = subprocess.run([sys.executable, "-c", *code], cwd=folder,
                         capture_output=True, text=True, check=True)
    lazy, used, rows, at_once = map(int, run.stdout.split())
    assert lazy > 60 and at_once == 0
    assert (used > 30, rows > 150) == (explain, explain)
