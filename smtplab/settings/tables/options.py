"""Command lines and addresses taken apart: options with their values, URLs, ports by name; secrets set aside.

What is not known is passed over, and its value never leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from ..keys import Values
from ..reading import Word
from ..values import Hidden, Switch

FLAG = Switch(("true", "yes", "on", "1", ""), ("false", "no", "off", "0"))  # an option that is there, or a file's yes
SERVICES = {"smtp": 25, "smtps": 465, "ssmtp": 465, "urd": 465, "submissions": 465, "submission": 587}  # /etc/services
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"\s*(\d{1,9})\s*([smhdw]?)\s*")
_ENDS = {"|", "||", "&&", "&", ";", ">", ">>", "2>&1", "<"}
_URL = re.compile(r"(?:([A-Za-z][\w+.-]{0,20})://)?(?:(.*)@)?(\[[^\]]*\]|[^:/?#\s]*)(?::([\w-]+))?")
_ADDRESS = re.compile(r"(\[[^\]]*\]|[^:\s\[\]]*)(?:::?([\w-]+))?")


class Option(NamedTuple):
    """An option's name without dashes ("" for a word that isn't an option), its value or None, and its line."""

    name: str
    value: Word | None
    line: int


def command_of(words: list[Word], *programs: str) -> tuple[list[Word], bool]:
    """(words of the first call of one of these programs, True), or (all the words, False) without such a call."""
    at = next((i for i, w in enumerate(words) if w.rpartition("/")[2] in programs), None)
    words = words if at is None else words[at + 1:]
    end = next((i for i, w in enumerate(words) if w in _ENDS or w.startswith("<<") or (at is not None and i and (
        w.rpartition("/")[2] in programs))), len(words))
    ended = next((i for i, w in enumerate(words[:end]) if w.endswith(";")), None)
    if ended is not None and at is not None:
        words, end = [*words[:ended], Word(words[ended].rstrip(";"), words[ended].line)], ended + 1
    return words[:end], at is not None


def options(words: list[Word], takes: Collection[str], may: Collection[str] = (), letters: str | None = None
            ) -> Iterator[Option]:
    """The options among the words.

    An option in `takes` is followed by its value; one in `may` only if the next word has no dash. `--name=value` and
    `-name=value` are read as well. With `letters`, a single dash starts a cluster of one-letter options, of which
    `letters` take a value (`-sSu name`, `-uname`); without, it starts a name.
    """
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if len(word) < 2 or word[0] != "-" or word == "--":
            yield Option("", word, word.line)
            continue
        names = [word.lstrip("-")]
        if letters is not None and word[1] != "-":
            names = list(_letters(word[1:], letters))
        for name in names:
            name, equals, value = name.partition("=")
            given = Word(value, word.line) if equals else None
            following = words[at] if at < len(words) else None
            if given is None and following is not None and (
                    name in takes or name in may and not following.startswith("-")):
                given = following
                at += 1
            yield Option(name, given, word.line)


def _letters(cluster: str, letters: str) -> Iterator[str]:
    for place, letter in enumerate(cluster):
        rest = cluster[place + 1:]
        if letter in letters:
            yield f"{letter}={rest}" if rest else letter
            return
        yield letter


def take_url(values: Values, name: str, guess: str = "") -> None:
    """Set `host`, `port`, `user` and `password` from a URL, and take the last two out of it.

    A `port` that was set before stays only if the URL has none. `guess` is the scheme of a URL without one.
    """
    url = values.get(name)
    if not isinstance(url, str):
        return
    m = _URL.match(url[:2000].strip())
    assert m is not None  # every part is optional
    scheme, login, host, port = m.groups()
    scheme = (scheme or guess).lower()
    if login is not None:
        user, colon, password = login.partition(":")
        values["user"] = user
        if colon:
            values["password"] = Hidden(bool(password))
    if host:
        values["host"] = host.strip("[]")
    if port_of(port) is not None:
        values["port"] = port_of(port)
    line = getattr(url, "line", 0)
    values[name] = Word(f"{scheme + '://' if scheme else ''}{host}{':' + port if port else ''}", line)


def take_address(values: Values, name: str, host: str = "host", port: str = "port") -> None:
    """Set host and port from `host:port`, `[host]:port` or `host::port` (Exim)."""
    address = values.get(name)
    if not isinstance(address, str):
        return
    m = _ADDRESS.match(address[:500].strip())
    assert m is not None  # every part is optional
    if m[1]:
        values[host] = m[1].strip("[]")
    if port_of(m[2]) is not None:
        values[port] = port_of(m[2])


def port_of(text: object) -> int | None:
    """A port by its number or its service's name; None for anything else."""
    text = str(text).strip().lower()
    port = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else SERVICES.get(text)
    return port if port and port <= 65535 else None


def take_seconds(values: Values, *names: str) -> None:
    """Convert durations such as `300s`, `5m`, `1h30m` to seconds."""
    for name in names:
        text = values.get(name)
        if isinstance(text, str) and re.fullmatch(f"(?:{_DURATION.pattern})+", text[:40]):
            values[name] = sum(int(number) * _UNITS[unit] for number, unit in _DURATION.findall(text[:40]))


def environment(words: list[Word]) -> Values:
    """The variables that `docker run -e NAME=value` (or --env) sets."""
    found: Values = {}
    for option in options(words, ("e", "env")):
        if option.name in ("e", "env") and option.value and "=" in option.value:
            name, _, value = option.value.partition("=")
            found[name] = Word(value, option.line)
    return found
