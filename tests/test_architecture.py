"""The floors: who may import whom, and when, who may touch the network, and that every module says what it is."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import each_row

import smtplab

ROOT = Path(smtplab.__file__).parent
FILES = {str(path.relative_to(ROOT).as_posix()): path for path in sorted(ROOT.rglob("*.py"))}
# All others are the top: what people see and do.
FLOORS = {"records": 1, "verdict": 1, "smtp": 1, "escape": 1, "limits": 1, "json_form": 1,
          "trace": 2, "causes": 2, "conversation": 2,
          "diagnosis": 3, "words": 3, "messages": 3, "settings": 3, "lab": 4, "packets": 4}
TOP, NETWORK = 5, {"socket", "ssl"}
THIRD_PARTY = {"settings": {"yaml"}}  # on the lower floors; YAML is no format to read by hand
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


@each_row("name", FILES)
def test_a_module_imports_from_its_own_floor_and_lower_ones_and_says_what_it_is(name):
    own, found = floor(Path(name).parts[0]), imports(name, members=name != "trace.py")  # test_trace has trace's
    assert [module for module in found if module[0] == "smtplab" and floor("".join(module[1:2])) > own] == []
    if own <= 3:
        allowed = sys.stdlib_module_names | {"smtplab"} | THIRD_PARTY.get(Path(name).parts[0], set())
        assert {module[0] for module in found} <= allowed - NETWORK - CLOCK
    elif Path(name).parts[0] != "lab":
        assert {module[0] for module in found} & NETWORK == set()
    text = FILES[name].read_text(encoding="utf-8")
    tree = ast.parse(text)
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
              and not node.name.startswith("_")]
    assert [getattr(node, "name", name) for node in [tree, *public] if not ast.get_docstring(node)] == []


# --- the public face is lazy ---

HEAVY = {"smtplab.lab", "smtplab.show", "asyncio", "ssl", "socket", "aiosmtpd", "trustme", "cryptography", "click",
         "scapy", "matplotlib", "ipywidgets", "anywidget", "IPython"}


def loaded(code: str) -> set[str]:
    """The heavy modules that a fresh Python has loaded after this code."""
    run = subprocess.run([sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], cwd=ROOT.parent,
                         capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    return HEAVY & set(run.stdout.split())


def module(name: str) -> str:
    """A file's module: "smtplab.lab" for lab/__init__.py."""
    return ".".join(("smtplab", *Path(name).with_suffix("").parts)).removesuffix(".__init__")


def test_the_lower_floors_and_the_package_itself_load_nothing_heavy():
    lower = [module(name) for name in FILES if floor(Path(name).parts[0]) <= 3]
    assert {"smtplab.settings", "smtplab.words", "smtplab.records"} <= set(lower)
    assert loaded(f"import smtplab, {', '.join(lower)}; smtplab.judge; smtplab.Trace; smtplab.read_settings") == set()


def test_the_lab_is_loaded_when_asked_for_and_brings_no_pictures():
    assert {"smtplab.lab", "ssl", "socket"} <= loaded("import smtplab; smtplab.dial")
    every = loaded("import smtplab; [getattr(smtplab, name) for name in smtplab.__all__]")
    assert every & {"scapy", "matplotlib", "ipywidgets", "anywidget", "IPython", "click", "smtplab.show"} == set()


def test_a_public_name_is_its_module_s_own_whatever_was_imported_before():
    """A submodule called like a public name would take its place as soon as it is imported."""
    everything = ", ".join(module(name) for name in FILES if name != "__main__.py")
    code = f"import types, {everything}\nfor name in smtplab.__all__:\n    found = getattr(smtplab, name)\n" \
           "    assert not isinstance(found, types.ModuleType), name\n" \
           "    assert getattr(found, '__name__', name) == name"
    assert {"smtplab.lab", "smtplab.show", "click", "ipywidgets"} <= loaded(code)
    taken = {Path(name).parts[0].removesuffix(".py") for name in FILES}
    assert taken & set(smtplab.__all__) == set()


def test_type_checkers_are_told_the_same():
    [block] = [node for node in ast.parse(FILES["__init__.py"].read_text(encoding="utf-8")).body
               if isinstance(node, ast.If)]
    told = {alias.name: node.module for node in block.body for alias in node.names}
    assert told == smtplab._WHERE
    assert set(told) == set(smtplab.__all__) <= set(dir(smtplab))
    for name, where in told.items():
        assert getattr(smtplab, name) is getattr(importlib.import_module(f"smtplab.{where}"), name)


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="module 'smtplab' has no attribute 'nothing'"):
        _ = smtplab.nothing
    with pytest.raises(ImportError, match="nothing"):
        from smtplab import nothing  # noqa: F401
