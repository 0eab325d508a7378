"""From a pasted text or a mapping to a framework's own keys; secrets are dropped, unknown parts are named."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .keys import Key, Role, Values
from .model import Framework
from .reading import (
    Bare,
    Computed,
    EnvironmentText,
    Paste,
    UnreadLine,
    Word,
    computed,
    is_dressed,
    is_variable,
    placeholder,
    read_assignments,
    read_code,
    read_command,
    read_directives,
    read_environment,
    read_yaml,
)
from .values import ABSENT, Anything, Hidden, Switch, Truth

READERS: dict[str, Callable[[str], Paste]] = {
    "code": read_code, "assignments": read_assignments, "directives": read_directives, "yaml": read_yaml,
    "command": read_command, "environment": read_environment}
MOST, MOST_LINES = 2 << 20, 65_000  # characters and lines that are read: a second's work, if each is a setting
FOREIGN = re.compile(r"(?:^|[._])(?:https?|imap|pop3?|incoming(?:_email)?|redis|db|database|ldap|proxy)[._]",
                      re.IGNORECASE)
_SECRET = re.compile(r"pass(?!ive)|secret|token|pwd|credential|api_?key|private", re.IGNORECASE)
# A password in a URL goes up to the last @ before what looks like a host: people write any character into it.
_USERINFO = re.compile(r"(://[^\s/@:]*):(\S*?)@(?=[\w.\-\[\]:]+(?:[/?#\s]|$))")
_LOGIN = re.compile(r"(://[^\s/@:]*):\S*@")
_NAMED_SECRET = re.compile(r"(\b(?:pass|password|passwd|pwd|secret|token)[\"']?\s{0,9}[=:]\s{0,9})[^\s&]{1,4000}",
                           re.IGNORECASE)
_LONGEST = 4000  # characters of a value
_LONG_TEXT = 100_000  # characters of a text that is read once, by the first reader that finds something
_NOT_GIVEN = {"(undefined)", "(unset)", "(default)"}
_SHORTHAND = {"option", "settings", "muttrc", "transport", "constructor", "text"}
_FLAG_WORDS = {"yes", "no", "on", "off", "y", "n", "t", "f", "enabled", "disabled"}  # a file's words for a flag
_PLAIN_WORDS = {"true": True, "false": False, "": "", "none": None, "null": None}  # what a flag in a list says
_URL = re.compile(r"(?:^|[._])(?:url|uri|dsn)$", re.IGNORECASE)
_ANY_URL = "smtp://smtp.example.com:587"  # in place of one that is computed
_CAPITALS = re.compile(r"\b[A-Z][A-Z0-9_]{3,60}\b")  # names of variables
# A port by a variable's name, or by words that stand for one, and not by a service's.
_PORT_NAME = re.compile(r"(?!(?:s?smtps?|submissions?|urd)$)[<\[{]?[A-Za-z_$][\w.$-]{0,99}[>\]}]?,?", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"[\w.]*\w\.(?:[a-z_]\w*|[A-Z0-9_]+)|is_\w+")  # settings.use_tls, settings.USE_TLS
_CAMEL = re.compile(r"[a-z]\w*[A-Z_]\w*")
_BETWEEN = re.compile(r"(?:[;,+]|(?<=\s)and(?=\s))[ \t]{0,9}(?=\w{1,60}[ \t]{0,9}=)")  # directives written in one line
# A line that is code between backquotes, as Markdown lists have it.
_IN_BACKQUOTES = re.compile(
    r"^([ \t>]{0,9}(?:[-*+\u2022]|\d{1,3}[.)])?[ \t]{0,9})`([^`\n]{1,400})`[ \t]*$", re.MULTILINE)
_LOOKUPS = 300  # unknown names that are compared with the known ones


@dataclass
class Collected:
    """Settings by the framework's names, the line of each, and what could not be used."""

    values: Values = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    unread: list[UnreadLine] = field(default_factory=list)
    unknown: list[tuple[str, str | None, int]] = field(default_factory=list)  # name, what was meant, line
    repeated: list[tuple[str, int]] = field(default_factory=list)
    defaults_taken: list[str] = field(default_factory=list)
    inherited: set[str] = field(default_factory=set)  # settings that stand nowhere in the text
    computed: dict[str, tuple[int, Computed]] = field(default_factory=dict)  # known at run time: line, expression
    plain: Values = field(default_factory=dict)  # `values` before one says anything about another
    cut: bool = False
    asked: set[str] = field(default_factory=set, repr=False)  # unknown names that were looked at


def is_url(name: str) -> bool:
    """Whether a setting of that name is a URL, whose scheme may decide."""
    return _URL.search(name) is not None


def collect(framework: Framework, given: str | Mapping[str, object]) -> Collected:
    """The framework's keys that `given` sets, a mapping or a pasted text."""
    found = Collected()
    if isinstance(given, Mapping):
        _from_mapping(framework, given, found)
    else:
        _from_text(framework, str(given), found)
    for name in [name for name, (_line, value) in found.computed.items() if _stands_elsewhere(framework, found, value)]:
        found.computed.pop(name)
    found.plain = dict(found.values)
    if framework.expand:
        found.values = framework.expand(found.values)
    return found


def _stands_elsewhere(framework: Framework, found: Collected, value: Computed) -> bool:
    """Whether what is looked up is a setting of the same text, as where .env and mailer.yaml are pasted together."""
    keys = {framework.by_name[n].name for n in _CAPITALS.findall(value.text) if n in framework.by_name}
    return bool(keys & found.values.keys() - found.computed.keys())


def _from_mapping(framework: Framework, given: Mapping[str, object], found: Collected, prefix: str = "") -> None:
    for name, value in given.items():
        name = f"{prefix}{name}"
        if name in _SHORTHAND and name not in framework.by_name and isinstance(value, str):
            _from_text(framework, value, found)
        elif isinstance(value, Mapping) and name not in framework.by_name:
            _from_mapping(framework, value, found, f"{name}.")
        elif value is not None and not isinstance(value, str | int | float | bool):
            found.unread.append(UnreadLine(0, f"the value of {name[:60]} is of a kind that isn't read here"))
        else:
            _take(framework, tuple(name.split(".")) if name not in framework.by_name else (name,), value, 0, found,
                  certain=True)


def _from_text(framework: Framework, text: str, found: Collected) -> None:
    if len(text) > MOST or text.count("\n") > MOST_LINES:
        text, found.cut = "\n".join(text[:MOST].split("\n", MOST_LINES)[:MOST_LINES]), True
    if framework.read[0] == "directives" and "\n" not in text.strip():
        text = _BETWEEN.sub("\n", text)
    best: Collected | None = None
    dressed = is_dressed(text) and framework.read != ("directives",)
    readers = (*framework.read, "code", "assignments")
    for reader in dict.fromkeys(("environment", *readers) if dressed else (*readers, "environment")):
        tried = Collected()
        _from_paste(framework, READERS[reader](text), tried)
        if best is None or _read_by(tried) > _read_by(best):
            best = tried
        enough = reader != "environment" and len(tried.values) >= text.count("\n") / 4
        if tried.values and (enough or len(text) > _LONG_TEXT):
            break  # most of it is read, or another reader would take as long again
    assert best is not None  # there is at least one reader
    if not best.values and not best.computed and "`" in text:
        bare = _IN_BACKQUOTES.sub(lambda m: f"{' ' * len(m[1])} {m[2]} ", text)  # each word keeps its place
        if bare != text:
            _from_text(framework, bare, found)
            return
    found.values |= best.values
    found.lines |= best.lines
    found.unread += [u for u in best.unread if best.values or best.computed or u.line <= 3]
    found.unknown += best.unknown
    found.repeated += best.repeated
    found.defaults_taken += best.defaults_taken
    found.inherited |= best.inherited
    found.computed |= best.computed
    nothing = not best.values and not best.computed
    if nothing and text.strip() and text.strip() not in _NOT_GIVEN and not text.startswith("(default"):
        found.unread.append(UnreadLine(1, "nothing in this text is a setting of this framework"))


def _read_by(found: Collected) -> int:
    """How much a reader found. What is known only at run time counts: another would take its code for a text."""
    return len(found.values.keys() | found.lines.keys())


def _from_paste(framework: Framework, paste: Paste, found: Collected) -> None:
    for pair in paste.pairs:
        _take(framework, pair.path, pair.value, pair.line, found)
    for call in paste.calls:
        reads = framework.calls.get(call.name)
        for name, value in (reads(call) if reads else {}).items():
            _take(framework, (name,), value, call.line, found)
    if paste.words and framework.words:
        for name, value in framework.words([Word(word, line) for word, line, _span in paste.words]).items():
            _take(framework, (name,), value, getattr(value, "line", paste.words[0][1]), found)
    if framework.inherits and found.values:
        taken_over = {n: v for n, v in framework.inherits(paste).items() if n not in found.values}
        found.values |= taken_over
        found.inherited |= set(taken_over)
    told = {u.path for u in found.unread}
    found.unread += [u for u in paste.unread if not u.path or u.path not in told]
    found.unread = [u for u in found.unread if not u.path or _missed(framework, ".".join(u.path), found)]


def _missed(framework: Framework, dotted: str, found: Collected) -> bool:
    """Whether a value that is computed at run time matters to the mode, and no default stands in for it."""
    name = _known(framework, dotted)
    key = framework.by_name[name] if name else None
    return key is not None and key.name not in found.values and key.role in (Role.MODE, Role.PORT, Role.TIMEOUT)


def _take(framework: Framework, path: tuple[str, ...], value: object, line: int, found: Collected,
          certain: bool = False) -> None:
    dotted = ".".join(path)
    name = _known(framework, dotted)
    if name is None:
        _unknown(framework, dotted, line, found, certain)
        return
    key = framework.by_name[name]
    value = _varying(key, value)
    if isinstance(value, Computed):
        if key.role is Role.SECRET:
            value = Hidden(True)
        else:
            told = key.role in (Role.MODE, Role.PORT) or key.role in (Role.HOST, Role.OTHER) and is_url(key.name)
            if told:
                found.computed[key.name] = line, value
            if value.known:
                found.defaults_taken.append(key.name)
                value = _flag_of(key, value.default)
            elif key.role is Role.MODE and is_url(key.name) and key.name not in found.values:
                found.unread.append(UnreadLine(line, f"the value of {key.name} is worked out when it runs;"
                                                     f" {_ANY_URL} is taken", path))
                value = _ANY_URL
            elif key.role in (Role.USER, Role.HOST, Role.CHECK):
                value = "(computed)"
            else:
                if key.name not in found.lines:
                    found.lines[key.name] = line
                    what = "the default port is taken" if key.role is Role.PORT else "it is left out"
                    why = f"the value of {key.name} is worked out when it runs; {what}"
                    found.unread.append(UnreadLine(line, why, path))
                return
    else:
        value = _flag_of(key, value)
        found.computed.pop(key.name, None)
    if isinstance(value, str) and value in _NOT_GIVEN or value is ABSENT:
        return
    if key.role is Role.SECRET:
        value = Hidden(value not in (None, "", False))
    elif isinstance(value, str):
        value = _without_password(value) if len(value) <= _LONGEST else "(a long text)"
    if key.role is Role.MODE and key.name in found.values and found.values[key.name] != value and line:
        found.repeated.append((key.name, line))
    found.values[key.name], found.lines[key.name] = value, line


def _varying(key: Key, value: object) -> object:
    """The value, or `Computed`, if it can only be a variable or stands for one."""
    if isinstance(value, Bare) and _names_a_variable(key, value):
        return Computed(text=value)
    if isinstance(value, str) and key.role is not Role.SECRET:
        if is_variable(value):
            return computed(value) or value
        if key.role is Role.PORT:
            return Computed(text=value) if _PORT_NAME.fullmatch(value.strip()) else value
        return placeholder(value) or value
    return value


def _names_a_variable(key: Key, value: Bare) -> bool:
    """Whether an unquoted name, as the value of a flag, a port or a mode, can only be a variable."""
    if key.role is Role.PORT:
        return not value[:1].isdigit()
    word = value.lower()
    if isinstance(key.type, Truth | Switch):
        return word not in _FLAG_WORDS and word not in (*getattr(key.type, "on", ()), *getattr(key.type, "off", ()))
    if key.role is not Role.MODE or is_url(key.name):
        return False
    if isinstance(key.type, Anything):  # a class's name is a value: javax.net.ssl.SSLSocketFactory
        return value[:1] == "$" or _ATTRIBUTE.fullmatch(value) is not None
    return value[:1] == "$" or key.type.read(value) is None and (
        "." in value or _CAMEL.fullmatch(value) is not None)


def _flag_of(key: Key, value: object) -> object:
    """A flag's value in a list of variables, as the words and the number in it say: what reads it converts it."""
    if not isinstance(value, EnvironmentText) or not isinstance(key.type, Truth):
        return value
    return int(value) if value.isdecimal() and len(value) < 9 else _PLAIN_WORDS.get(value.lower(), value)


def _without_password(text: str) -> str:
    """The text without the password of a URL in it; where no host follows an @, all up to the last one is taken."""
    blanked = _USERINFO.sub(_blanked, text)
    blanked = _LOGIN.sub(r"\1:(secret)@", text) if blanked == text else blanked
    return _NAMED_SECRET.sub(r"\1(secret)", blanked)


def _blanked(m: re.Match[str]) -> str:
    """A URL's login without its password; the first of / ? # in the password stays, as it breaks the URL."""
    odd = re.search(r"[/?#]", m[2])
    return f"{m[1]}:(secret{odd[0] if odd else ''})@"


def _known(framework: Framework, dotted: str) -> str | None:
    if len(dotted) > 300:
        return None
    if key := framework.find(dotted):
        return key.name
    if FOREIGN.search(dotted + "."):
        return None
    rest = dotted
    while "." in rest:
        rest = rest.partition(".")[2]
        if key := framework.find(rest):
            return key.name
    return _known(framework, dotted.replace(".[", ".").replace("[", ".").replace("]", "")) if "[" in dotted else None


def _unknown(framework: Framework, dotted: str, line: int, found: Collected, certain: bool) -> None:
    parts = dotted[-300:].split(".")
    leaf = parts[-1]
    if len(leaf) > 60 or dotted in found.asked or len(found.asked) >= _LOOKUPS:
        return
    found.asked.add(dotted)
    names = [n for k in framework.keys for n in (k.name, *k.aliases)]
    meant = next((n for n in names if n.lower() == leaf.lower()), None)
    if leaf in names:  # spelled right, but in another program's section (database.host)
        return
    fits = certain or bool(framework.namespace and re.search(framework.namespace, dotted))
    if meant is None:
        # A dotted name is compared with as many parts: by itself "enabled" resembles every other "enabled".
        for depth in sorted({n.count(".") + 1 for n in names}, reverse=True):
            tail = ".".join(parts[-depth:])
            # The first letters agree in nearly every typing error, and comparing is slow.
            near = [n for n in names if n.count(".") == depth - 1 and (fits or n[:2].lower() == tail[:2].lower())]
            if close := difflib.get_close_matches(tail, near, 1, 0.8 if fits else 0.88):
                meant, leaf = close[0], tail
                break
        else:
            leaf = ".".join(parts[-max(n.count(".") + 1 for n in names):])
    if (fits or meant) and not _SECRET.search(leaf) and all(name != leaf for name, _meant, _line in found.unknown):
        found.unknown.append((leaf, meant, line))
