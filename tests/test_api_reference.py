"""The API reference is what the code says, and the docstrings of public names say what they must, errors included."""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable
from enum import EnumType

import api_reference
import pytest
from helpers import each_row

import smtplab
from smtplab import dial, explain, judge, matrix, probe, read_settings, relay, serve, translate

PUBLIC = {name: getattr(smtplab, name) for name in smtplab.__all__}
CLASSES = {name: value for name, value in PUBLIC.items() if isinstance(value, type)}
# Each public function, method and property, and each class as what makes its instances.
DOCUMENTED = {
    **{name: (value, inspect.getdoc(value) or "") for name, value in PUBLIC.items() if inspect.isfunction(value)},
    **{f"{name}.{member}": (function, inspect.getdoc(function) or "") for name, cls in CLASSES.items()
       for member, _kind, function in api_reference.members(cls)},
    **{name: (cls.__init__, inspect.getdoc(cls) or "") for name, cls in CLASSES.items()
       if not isinstance(cls, EnumType) and cls.__init__.__qualname__.startswith(f"{cls.__qualname__}.")}}


def test_the_page_is_what_the_code_says():
    assert api_reference.PLACE.read_text(encoding="utf-8") == api_reference.reference(), (
        f"{api_reference.PLACE.name} is out of date; write it anew: {api_reference.COMMAND}")


def test_every_public_name_has_its_place():
    titles = re.findall(r"^### (.*)$", api_reference.reference(), re.MULTILINE)
    assert sorted(titles) == sorted(smtplab.__all__)
    assert [name for name, (_, text) in DOCUMENTED.items() if not text] == []


def sample(one: int, *, other: "str | None" = "a,b", more: tuple[str,
           int] = ("x",  1)) -> dict[str, int]:
    """A function for the test below."""


def test_a_signature_is_the_source_s_own():
    assert api_reference.signature(sample, "s") == (
        's(one: int, *, other: "str | None" = "a,b", more: tuple[str, int] = ("x", 1)) -> dict[str, int]')
    first, *middle, last = api_reference.signature(dial, "dial").splitlines()
    assert (first, last) == ("dial(", ") -> Trace") and "    timeout_s: float = 5.0," in middle
    assert [re.match(r"    (\w+)", line)[1] for line in middle if line != "    *,"] == list(
        inspect.signature(dial).parameters)


def test_the_attributes_are_those_that_an_instance_has():
    with serve("plain") as server, relay(server) as between:
        for one in (server, between):
            has = {name for name in vars(one) if not name.startswith("_")}
            assert api_reference.attributes(type(one)).keys() == has
    assert "_kept" not in api_reference.attributes(smtplab.Trace)


# --- errors ---

def raised(function: Callable, seen: frozenset = frozenset()) -> set[str]:
    """The exceptions that a function, and what it calls in its own module, raises itself, by name; not what is only
    raised on."""
    if function.__code__.co_filename.startswith("<"):  # made by a dataclass
        return set()
    module = sys.modules[function.__module__]
    owner = getattr(module, function.__qualname__.partition(".")[0], None)
    found = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            found.add(node.exc.func.id)
        elif isinstance(node, ast.Call):
            called = node.func
            inner = (getattr(module, called.id, None) if isinstance(called, ast.Name) else
                     inspect.getattr_static(owner, called.attr, None) if isinstance(called, ast.Attribute)
                     and isinstance(called.value, ast.Name) and called.value.id == "self" else None)
            inner = inner.__init__ if isinstance(inner, type) else inner
            if inspect.isfunction(inner) and inner.__module__ == function.__module__ and inner not in seen:
                found |= raised(inner, seen | {inner})
    return found


def unnamed(function: Callable, text: str) -> list[str]:
    """The errors that it raises and its docstring does not name."""
    return sorted(name for name in raised(function) if name not in text)


def test_each_names_the_errors_that_it_raises():
    found = {name: missing for name, (function, text) in DOCUMENTED.items() if (missing := unnamed(function, text))}
    assert found == {}


def raises_one() -> None:
    if smtplab:
        raise KeyError("one")


def raises_another() -> None:
    raises_one()
    raise LookupError("another")


def test_an_error_that_is_not_named_is_found():
    assert unnamed(raises_another, "Raises LookupError.") == ["KeyError"]
    assert unnamed(raises_another, "LookupError or KeyError") == []


ERRORS = {
    "serve": (lambda: serve("no-such"), ValueError), "dial": (lambda: dial(("127.0.0.1", 25), "no-such"), ValueError),
    "relay": (lambda: relay("no port"), ValueError), "probe": (lambda: probe("127.0.0.1:99999"), ValueError),
    "matrix": (lambda: matrix(["no-such"]), ValueError), "judge": (lambda: judge(b"", "no-such"), ValueError),
    "read_settings": (lambda: read_settings("no-such", ""), ValueError),
    "translate": (lambda: translate(read_settings("rails", ""), "no-such"), ValueError),
    "Mode.of": (lambda: smtplab.Mode.of("no-such"), ValueError),
    "json_schema": (lambda: smtplab.json_schema("smtplab.no-such/1"), ValueError),
    "Trace.from_json": (lambda: smtplab.Trace.from_json("{}"), ValueError),
    "Trace.from_pcap": (lambda: smtplab.Trace.from_pcap(__file__), ValueError)}
NEVER = {"explain": lambda: explain("\0", port=-1, mode="no-such")}


@each_row("name", ERRORS)
def test_the_error_that_is_named_is_the_one_that_comes(name):
    call, error = ERRORS[name]
    assert error.__name__ in DOCUMENTED[name][1]
    with pytest.raises(error):
        call()


@each_row("name", NEVER)
def test_what_never_raises_says_so(name):
    assert NEVER[name]() and "never an exception" in DOCUMENTED[name][1]


def test_no_public_function_is_left_out():
    assert {name for name in DOCUMENTED if inspect.isfunction(PUBLIC.get(name))} == {
        name for name in (*ERRORS, *NEVER) if "." not in name} | {"confirm"}  # which takes traces, and gives one
