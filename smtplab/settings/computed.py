"""Settings that are only known when the program runs: what each value that they may take would mean."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .collect import Collected, collect, is_url
from .keys import Key, Role
from .meaning import decided
from .model import Framework, Given, Release
from .reading import Computed
from .report import ComputedSetting
from .standard import SUBMISSION, SUBMISSIONS
from .values import ABSENT, Hidden, OneOf, Switch, Truth

_LONGEST = 120  # characters of an expression
_LOGIN = re.compile(r"://[^\n]*@", re.DOTALL)  # up to the last @: a password may hold any character
_SECRET = re.compile(r"pass(?!ive)|secret|token|pwd|credential|api_?key|private", re.IGNORECASE)
_LITERAL = re.compile(r"\"[^\"\n]*\"?|'[^'\n]*'?|`[^`\n]*`?")
_MOST = 12  # values of one setting
_NOT_SET = "(not set)"


def computed_settings(framework: Framework, release: Release, found: Collected, port: int | None
                      ) -> tuple[ComputedSetting, ...]:
    """Each setting that is computed at run time, with the answer for each of its values; the rest stays as read."""
    return tuple(_setting(framework, release, found, port, name) for name in found.computed)


def _setting(framework: Framework, release: Release, found: Collected, port: int | None, name: str) -> ComputedSetting:
    line, value = found.computed[name]
    key = framework.by_name[name]
    answers = []
    for label, candidate in _candidates(framework, release, key, value):
        settings = {n: v for n, v in found.plain.items() if n != name}
        if candidate is not ABSENT:
            settings[name] = candidate
        if framework.expand:
            settings = framework.expand(settings)
        asked = None if key.role is Role.PORT else port
        given, _rule = decided(framework, release, settings, asked)
        answers.append((label, given.mode, given.outcome))
    return ComputedSetting(name, line, shown(value.text), tuple(answers))


def shown(expression: str) -> str:
    """An expression on one line, shortened, without logins in URLs, and without literals where it names a secret."""
    text = _LOGIN.sub("://...@", " ".join(expression[:2000].split())).rstrip(",;")
    if _SECRET.search(text):
        text = _LITERAL.sub("'...'", text)
    return text if len(text) <= _LONGEST else text[:_LONGEST - 3] + "..."


def _candidates(framework: Framework, release: Release, key: Key, value: Computed) -> Iterable[tuple[str, object]]:
    """The values that the key takes, each with what it is called: those of the expression, if it has few."""
    unset = value.default if value.known else ABSENT
    if value.choices:
        return [(_label(choice), choice) for choice in value.choices[:_MOST]]
    if key.role is Role.PORT:
        return [(str(port), port) for port in (SUBMISSIONS, SUBMISSION)]
    if is_url(key.name):
        return [(f"{scheme}://", f"{scheme}://smtp.example.com:{SUBMISSIONS if at_once else SUBMISSION}")
                for scheme, at_once in _schemes(framework)]
    if isinstance(key.type, Truth):
        if value.as_text:  # a text is true, whatever it says
            return [("'true'", "true"), ("'false'", "false"), (_NOT_SET, unset)]
        return [("true", True), ("false", False)]
    if isinstance(key.type, Switch):
        return [(word, word) for word in (key.type.on[0], key.type.off[0])]
    if isinstance(key.type, OneOf):
        return [(word, word) for word in key.type.words[:_MOST]]
    words = {_label(word): word for word in _words(framework, release, key)}
    return [*list(words.items())[:_MOST], *([(_NOT_SET, unset)] if unset is ABSENT else [])]


def _label(value: object) -> str:
    return str(value).lower() if value is None or isinstance(value, bool) else shown(str(value))


def _schemes(framework: Framework) -> Iterable[tuple[str, bool]]:
    known = [str(v).partition("://")[0] for said in framework.says.values() for v in said.values() if "://" in str(v)]
    return [(scheme, scheme in ("smtps", "smtp+ssl")) for scheme in dict.fromkeys(("smtp", "smtps", *known))]


def _words(framework: Framework, release: Release, key: Key) -> Iterable[object]:
    """The values by which the framework's own words and forms set the key, or a key of the same last name."""
    forms = framework.forms(Given(framework, release, {}, None)).values()
    said = [*framework.says.values(), *(collect(framework, form).plain for form in forms if isinstance(form, str))]
    for settings in said:
        for name, value in settings.items():
            if _same(name, key.name) and not isinstance(value, Hidden | Computed):
                yield value
    if key.default is not ABSENT:
        yield key.default


def _same(one: str, other: str) -> bool:
    one, other = (re.sub(r"\W|_", "", name).lower() for name in (one, other))
    return one.endswith(other) or other.endswith(one)
