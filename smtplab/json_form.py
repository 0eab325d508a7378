"""`check` compares a value read from JSON with a form, and names the field that differs.

A form is one of these: a type; a tuple of a form and `NULL`, for what may be null; a list with the form of its items,
or with one form for each item; a dict of the fields' forms, where a name that ends with "?" may be missing; a `Form`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NULL = type(None)
_NAMES: dict[type, str] = {
    str: "a text", bool: "true or false", dict: "an object", list: "a list", int: "a number", float: "a number",
    NULL: "null"}


@dataclass(frozen=True)
class Form:
    """A form with a test of its own: `what` describes it in words, `fits` tests a value."""

    what: str
    fits: Callable[[Any], object]


def one_of(values: Iterable[str]) -> Form:
    """The form of a text that is one of these words."""
    words = [str(value) for value in values]
    return Form(f"one of {', '.join(words)}", words.__contains__)


NUMBER = Form("a number", lambda value: _is_number(value) and math.isfinite(value))
COUNT = Form("a whole number, 0 or more", lambda value: _is_number(value) and value >= 0 and value == int(value))
PORT = Form("a port", lambda value: _is_number(value) and isinstance(value, int) and 0 <= value < 65536)
MOMENT = Form("a time such as 2026-01-31T12:00:00+00:00", lambda value: isinstance(value, str) and _is_moment(value))
HEX = Form("bytes in hexadecimal", lambda value: isinstance(value, str) and re.fullmatch("(?:[0-9a-fA-F]{2})*", value))


def _is_moment(text: str) -> bool:
    try:
        return (when := datetime.fromisoformat(text)).tzinfo is not None and 1970 <= when.year < 9999
    except ValueError:
        return False


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2.0**1000


def check(value: object, form: object, path: str = "") -> None:
    """Raise ValueError unless `value` has this form; a field that the form does not name is an error too.

    `path` is where the value stands in the document, for the message.
    """
    here = path or "the document"
    if isinstance(form, dict):
        if not isinstance(value, dict):
            raise ValueError(f"{here} is {_kind(value)}, not an object")
        fields = {name.removesuffix("?"): (inner, name.endswith("?")) for name, inner in form.items()}
        if strange := next((name for name in value if name not in fields), None):
            raise ValueError(f"{_under(path, strange)} is no field of it")
        for name, (inner, may_miss) in fields.items():
            if name in value:
                check(value[name], inner, _under(path, name))
            elif not may_miss:
                raise ValueError(f"{_under(path, name)} is missing")
    elif isinstance(form, list):
        if not isinstance(value, list) or (len(form) > 1 and len(form) != len(value)):
            size = f" of {len(form)}" if len(form) > 1 else ""
            raise ValueError(f"{here} is {_kind(value)}, not a list{size}")
        for index, item in enumerate(value):
            check(item, form[index if len(form) > 1 else 0], f"{path}[{index}]")
    elif isinstance(form, tuple):
        if not (NULL in form and value is None):
            check(value, next(one for one in form if one is not NULL), path)
    elif isinstance(form, Form):
        if not form.fits(value):
            raise ValueError(f"{here} is {_kind(value)}, not {form.what}")
    elif isinstance(form, type) and (not isinstance(value, form) or (isinstance(value, bool) and form is not bool)):
        raise ValueError(f"{here} is {_kind(value)}, not {_NAMES[form]}")


def _under(path: str, name: object) -> str:
    return f"{path}.{str(name)[:60]}" if path else str(name)[:60]


def _kind(value: object) -> str:
    return repr(value)[:60] if isinstance(value, str | int | float | NULL) else _NAMES.get(type(value), "odd")
