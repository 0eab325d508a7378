"""The floors: who may import whom, and when, who may touch the network, and that every module says what it is."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import each_row

import smtplab

ROOT = Path(smtplab.__file__).parent
FILES = {str(path.relative_to(ROOT).as_posix()): path for path in sorted(ROOT.rglob("*.py"))}
# The core, floor by floor: a module imports from its own floor and from lower ones.
CORE = {"records": 1, "verdict": 1, "smtp": 1, "address": 1, "escape": 1, "limits": 1, "json_form": 1, "literals": 1,
        "events": 2, "conversation": 2, "causes": 2, "timeline": 2, "trace_data": 2, "blanking": 2,
        "recording": 2, "shown": 1, "schemas": 1,
        "diagnosis": 3, "certificate": 3, "tls_refusals": 3, "words": 3, "failures": 3,
        "doubts": 3, "asides": 3, "report": 3, "trace_document": 3, "trace": 3, "between": 3, "lab": 4}
# Which depend on the core and on no other knowledge; but the question, which puts all of it together, on the others.
KNOWLEDGE = {"messages": 3, "settings": 3, "packets": 4, "question": 4}
FLOORS = CORE | KNOWLEDGE  # all others are faces, the top: what people see and do
TOP, NETWORK = 5, {"socket", "ssl"}
# On the lower floors: neither YAML nor ASN.1 is a format to read by hand.
THIRD_PARTY = {"settings": {"yaml"}, "certificate": {"cryptography"}}
CLOCK = {"threading", "asyncio", "time", "select", "selectors", "subprocess", "signal"}
# The only knowledge that the core imports is packets: `Trace` reads and writes captures, the lab captures packets and
# asks tshark. Nothing else in the core loads an add-on.
ASKED = {"trace.py": {"packets"}, "lab/capture.py": {"packets"}, "lab/tshark.py": {"packets"}}
ADD_ONS = {"scapy", "matplotlib", "ipywidgets", "anywidget", "IPython", "traitlets", "click", "nbformat", "nbclient"}
# The one circle: a trace makes captures and a capture makes traces, each where it is asked to.
CIRCLES = [{"trace", "packets"}]


def part(name: str) -> str:
    """The module or package directly under smtplab that a file belongs to."""
    return Path(name).parts[0].removesuffix(".py")


def floor(name: str) -> int:
    """The floor of such a part."""
    return FLOORS.get(name, TOP)


def imports(name: str, *, members: bool = True, types: bool = True) -> set[tuple[str, ...]]:
    """What a file imports, in parts: ("smtplab", "trace") for one of ours. `members`: within functions too;
    `types`: what only type checkers see too."""
    package, tree = ("smtplab", *Path(name).parts[:-1]), ast.parse(FILES[name].read_text(encoding="utf-8"))
    left_out: set[int] = set()
    for node in ast.walk(tree):
        if (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not members) or (
                isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not types):
            left_out |= {id(inner) for inner in ast.walk(node)}
    found = set()
    for node in ast.walk(tree):
        if id(node) in left_out:
            continue
        if isinstance(node, ast.Import):
            found |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) + 1 - node.level] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            for alias in node.names:
                whole = (*base, alias.name)
                found.add(whole if base[:1] == ("smtplab",) and file_of(whole) else base)
    return found


def file_of(module: tuple[str, ...]) -> str | None:
    """The file of a module of ours."""
    inner = "/".join(module[1:])
    return next((name for name in (f"{inner}.py", f"{inner}/__init__.py".lstrip("/")) if name in FILES), None)


def test_imports_are_seen():
    """The twin of what follows: relative, absolute and nested ones are found."""
    assert ("smtplab", "records") in imports("verdict.py")
    assert ("smtplab", "causes") in imports("lab/recorder.py")
    assert ("socket",) in imports("lab/connect.py")
    assert ("smtplab", "packets") in imports("trace.py") - imports("trace.py", members=False)
    assert ("smtplab", "lab", "tls") in imports("lab/recorder.py") - imports("lab/recorder.py", types=False)


@each_row("name", FILES)
def test_a_module_imports_from_its_own_floor_and_lower_ones_and_says_what_it_is(name):
    own, found = floor(part(name)), imports(name)
    ours = {module[1] for module in found if module[0] == "smtplab" and len(module) > 1}
    assert {other for other in ours if floor(other) > own} <= ASKED.get(name, set())
    if part(name) in FLOORS:
        others = (KNOWLEDGE.keys() & ours) - {part(name)}
        if part(name) == "question":
            assert others <= {"messages", "settings", "packets"}
        else:
            assert others == ASKED.get(name, set()), "knowledge depends on the core alone, and the core on no knowledge"
    if part(name) in CORE:
        assert {module[0] for module in imports(name, types=False)} & ADD_ONS <= CAPTURES.get(name, set())
    if own <= 3:
        allowed = sys.stdlib_module_names | {"smtplab"} | THIRD_PARTY.get(part(name), set())
        assert {module[0] for module in found} <= allowed - NETWORK - CLOCK
    elif part(name) != "lab":
        assert {module[0] for module in found} & NETWORK == set()
        if part(name) == "question":  # which is given what was read, and asks no port
            assert {module[0] for module in found} & CLOCK == set()
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
              and not node.name.startswith("_")]
    assert [getattr(node, "name", name) for node in [tree, *public] if not ast.get_docstring(node)] == []


def test_the_exceptions_are_for_files_that_exist():
    assert ASKED.keys() | CAPTURES.keys() <= FILES.keys()


CAPTURES = {"lab/capture.py": {"scapy"}}  # packets are captured by scapy, where they are asked for


def circles(edges: dict[str, set[str]]) -> list[set[str]]:
    """The largest sets of names each of which leads to all others of its set."""
    def reached(start: str) -> set[str]:
        seen, ahead = set(), [start]
        while ahead:
            new = edges.get(ahead.pop(), set()) - seen
            seen |= new
            ahead += new
        return seen

    leads = {name: reached(name) for name in edges}
    found: list[set[str]] = []
    for name in edges:
        circle = {other for other in leads[name] if name in leads.get(other, set())}
        if circle and circle not in found:
            found.append(circle)
    return found


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == [{"b", "c"}]
    assert circles({"a": {"b"}, "b": set()}) == []


def test_no_module_leads_back_to_itself():
    """Also through imports within functions; what only type checkers see is no import."""
    edges = {name: {file_of(module) for module in imports(name, types=False) if module[0] == "smtplab"} - {None, name}
             for name in FILES}
    edges["__init__.py"] = set()  # it loads each module when its name is asked for
    found = circles(edges)
    assert [{part(name) for name in circle} for circle in found] in ([], CIRCLES), found


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
    lower = [module(name) for name in FILES if floor(part(name)) <= 3]
    assert {"smtplab.settings", "smtplab.words", "smtplab.records"} <= set(lower)
    assert loaded(f"import smtplab, {', '.join(lower)}; smtplab.judge; smtplab.Trace; smtplab.read_settings") == set()


def test_the_lab_is_loaded_when_asked_for_and_brings_no_pictures():
    assert {"smtplab.lab", "ssl", "socket"} <= loaded("import smtplab; smtplab.dial")
    every = loaded("import smtplab; [getattr(smtplab, name) for name in smtplab.__all__]")
    assert every & {"scapy", "matplotlib", "ipywidgets", "anywidget", "IPython", "click", "smtplab.show"} == set()


def test_a_public_name_is_its_module_s_own_whatever_was_imported_before():
    """A submodule called like a public name would take its place as soon as it is imported."""
    # JupyterHub and its like are an extra, and may be missing.
    missing = {extra for extra in ("jupyterhub", "segno") if importlib.util.find_spec(extra) is None}
    everything = ", ".join(module(name) for name in FILES if name != "__main__.py" and not missing & {
        found[0] for found in imports(name, members=False)})
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
    assert told | {"__version__": "version"} == smtplab._WHERE
    assert set(told) == set(smtplab.__all__) <= set(dir(smtplab))
    for name, where in told.items():
        assert getattr(smtplab, name) is getattr(importlib.import_module(f"smtplab.{where}"), name)


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="module 'smtplab' has no attribute 'nothing'"):
        _ = smtplab.nothing
    with pytest.raises(ImportError, match="nothing"):
        from smtplab import nothing  # noqa: F401
