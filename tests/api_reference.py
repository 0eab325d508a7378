"""The API reference, made from `smtplab.__all__`: `python tests/api_reference.py` writes .github/API.md.

Signatures are the source's own words, so that every Python makes the same of them: `inspect` words annotations and
defaults otherwise from version to version.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import smtplab

PLACE = Path(__file__).parents[1] / ".github/API.md"
COMMAND = "python tests/api_reference.py"
HEAD = f"""# smtplab's Python interface

<!-- Made by `{COMMAND}` from smtplab.__all__; a test holds it to the code. -->

Everything here is imported from `smtplab` itself. What begins with an underscore, and what stands only in a module of
its own, may change. Times end in `_s` and are in seconds; sizes are in bytes.
"""


def reference() -> str:
    """The whole page."""
    public = {name: getattr(smtplab, name) for name in smtplab.__all__}
    values = {name: value for name, value in public.items() if not callable(value)}
    enums = {name: value for name, value in public.items() if isinstance(value, enum.EnumType)}
    classes = {name: value for name, value in public.items() if isinstance(value, type) and name not in enums}
    functions = {name: value for name, value in public.items() if inspect.isroutine(value)}
    assert len(values) + len(enums) + len(classes) + len(functions) == len(public)
    parts = [HEAD]
    for title, found, describe in (("Functions", functions, _function), ("Results", classes, _class),
                                   ("Names", enums, _enum), ("Values", values, _value)):
        parts.append(f"## {title}\n")
        parts += [part for name in sorted(found, key=str.lower) for part in describe(name, found[name])]
    return "\n".join(parts)


def signature(function: Callable, name: str) -> str:
    """`name(...) -> ...` as the source writes it, on lines of at most 100 characters; `self` and `cls` are left out."""
    text = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)

    def words(part: ast.expr | None) -> str:
        return " ".join((ast.get_source_segment(text, part) or "").split()) if part else ""

    def one(argument: ast.arg, default: ast.expr | None) -> str:
        return argument.arg + (f": {words(argument.annotation)}" if argument.annotation else "") + (
            f" = {words(default)}" if default else "")

    found = node.args
    assert not (found.posonlyargs or found.vararg or found.kwarg), "nothing public has such arguments yet"
    first = [None] * (len(found.args) - len(found.defaults)) + found.defaults
    parts = [one(*pair) for pair in zip(found.args, first, strict=True) if pair[0].arg not in ("self", "cls")]
    if found.kwonlyargs:
        parts += ["*", *(one(*pair) for pair in zip(found.kwonlyargs, found.kw_defaults, strict=True))]
    gives = f" -> {words(node.returns)}" if node.returns else ""
    line = f"{name}({', '.join(parts)}){gives}"
    return line if len(line) <= 100 else f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){gives}"


def members(cls: type) -> Iterator[tuple[str, str, object]]:
    """(name, what it is, the function) of each public method and property of smtplab's own; what it is is "property",
    "class method" or "method"."""
    own = {name: value for base in reversed(cls.__mro__) if base.__module__.startswith("smtplab")
           for name, value in vars(base).items() if not name.startswith("_")}
    for name, value in own.items():
        function, kind = ((value.fget, "property") if isinstance(value, property) else
                          (value.__func__, "class method") if isinstance(value, classmethod) else (value, "method"))
        if inspect.isfunction(function):
            yield name, kind, function


def attributes(cls: type) -> dict[str, str]:
    """The public attributes of an instance, and their types: a dataclass's fields, or what `__init__` sets on `self`
    with an annotation, or from an argument that has one."""
    if dataclasses.is_dataclass(cls):
        return {field.name: str(field.type) for field in dataclasses.fields(cls) if not field.name.startswith("_")}
    text = textwrap.dedent(inspect.getsource(cls.__init__))
    given = {a.arg: a.annotation for node in ast.walk(ast.parse(text)) if isinstance(node, ast.arguments)
             for a in (*node.args, *node.kwonlyargs)}
    found = {}
    for node in ast.walk(ast.parse(text)):
        pairs: list[tuple[ast.expr, ast.expr | None]] = []
        if isinstance(node, ast.AnnAssign):
            pairs = [(node.target, node.annotation)]
        elif isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            sides = zip(target.elts, value.elts, strict=True) if (
                isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)) else [(target, value)]
            pairs = [(one, given.get(of.id)) for one, of in sides if isinstance(of, ast.Name)]
        for target, kind in pairs:
            if isinstance(target, ast.Attribute) and not target.attr.startswith("_") and kind is not None:
                found[target.attr] = ast.get_source_segment(text, kind) or ""
    return found


def _fenced(code: str) -> str:
    return f"```python\n{code}\n```\n"


def _docstring(thing: object) -> str:
    return f"{inspect.getdoc(thing) or ''}\n"


def _function(name: str, function: Callable) -> Iterator[str]:
    yield f"### {name}\n"
    yield _fenced(signature(function, name))
    yield _docstring(function)


def _class(name: str, cls: type) -> Iterator[str]:
    yield f"### {name}\n"
    yield _docstring(cls)
    yield "| attribute | type |\n|---|---|"
    yield "".join("| `{}` | `{}` |\n".format(name, kind.replace("|", "\\|")) for name, kind in attributes(cls).items())
    for member, kind, function in members(cls):
        if kind == "property":
            gives = signature(function, member).partition(" -> ")[2]
            yield f"- `{name}.{member}` (`{gives}`): {' '.join(_docstring(function).split())}\n"
        else:
            owner = name if kind == "class method" else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
            yield _fenced(signature(function, f"{owner}.{member}"))
            yield _docstring(function)


def _enum(name: str, cls: enum.EnumType) -> Iterator[str]:
    yield f"### {name}\n"
    yield _docstring(cls)
    yield "| member | value |\n|---|---|"
    yield "".join(f"| `{name}.{one.name}` | `{one.value}` |\n" for one in cls)
    for member, kind, function in members(cls):
        yield f"- `{name}.{member}` ({kind}): {' '.join(_docstring(function).split())}\n"


def _value(name: str, value: object) -> Iterator[str]:
    assert isinstance(value, dict), "nothing else is public yet"
    yield f"### {name}\n"
    yield textwrap.fill(f"A dict; its keys are {', '.join(f'`{key}`' for key in value)}.", 120,
                        break_on_hyphens=False) + "\n"


if __name__ == "__main__":
    PLACE.write_text(reference(), encoding="utf-8")
    print(PLACE)
