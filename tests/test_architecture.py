"""The floors: who may import whom, who may touch the network, and the size and docstrings of every module."""

import ast
import sys
from pathlib import Path

import pytest

import smtplab

ROOT = Path(smtplab.__file__).parent
FILES = {str(path.relative_to(ROOT).as_posix()): path for path in sorted(ROOT.rglob("*.py"))}
FLOORS = {"records": 1, "verdict": 1, "smtp": 1, "trace": 2, "causes": 2, "conversation": 2, "diagnosis": 3, "words": 3,
          "messages": 3, "settings": 3, "lab": 4, "packets": 4}  # all others are the top: what people see and do
TOP, NETWORK = 5, {"socket", "ssl"}
CLOCK = {"threading", "asyncio", "time", "select", "selectors", "subprocess", "signal"}


def floor(part: str) -> int:
    """The floor of a module or package directly under smtplab."""
    return FLOORS.get(part.removesuffix(".py"), TOP)


def imports(name: str, *, members: bool = True) -> set[tuple[str, ...]]:
    """What a file imports, in parts: ("smtplab", "trace") for one of ours. `members`: within functions too."""
    package, tree = ("smtplab", *Path(name).parts[:-1]), ast.parse(FILES[name].read_text(encoding="utf-8"))
    nested = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    found = set()
    for node in ast.walk(tree):
        if id(node) in nested and not members:
            continue
        if isinstance(node, ast.Import):
            found |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) + 1 - node.level] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            found |= {(*base, alias.name) for alias in node.names} if base == ("smtplab",) else {base}
    return found


def test_imports_are_seen():
    """The twin of what follows: relative, absolute and nested ones are found."""
    assert ("smtplab", "records") in imports("verdict.py")
    assert ("smtplab", "causes") in imports("lab/recorder.py")
    assert ("socket",) in imports("lab/connect.py")
    assert ("smtplab", "words") in imports("trace.py") - imports("trace.py", members=False)


@pytest.mark.parametrize("name", FILES)
def test_a_module_imports_from_its_own_floor_and_lower_ones(name):
    own, found = floor(Path(name).parts[0]), imports(name, members=name != "trace.py")  # test_trace has trace's
    assert [module for module in found if module[0] == "smtplab" and floor("".join(module[1:2])) > own] == []
    if own <= 3:
        assert {module[0] for module in found} <= sys.stdlib_module_names | {"smtplab"}
        assert {module[0] for module in found} & (NETWORK | CLOCK) == set()
    elif Path(name).parts[0] != "lab":
        assert {module[0] for module in found} & NETWORK == set()


@pytest.mark.parametrize("name", FILES)
def test_a_module_is_small_and_says_what_it_is(name):
    text = FILES[name].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    tree = ast.parse(text)
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
              and not node.name.startswith("_")]
    assert [getattr(node, "name", name) for node in [tree, *public] if not ast.get_docstring(node)] == []
