"""Which framework a text's settings are of: `recognize`.

Theory of operation. The frameworks' own descriptions say what each of them reads, and so nothing is listed here. A text
is read by the readers of all frameworks, and each thing that is found in it speaks for the frameworks that know it:

- a *setting*: a name with a value, in a form that the framework reads (its keys and aliases, with their path);
- a *call* whose arguments are settings there (`createTransport`, `SMTP_SSL`);
- an *option* of a command line (`--ssl-reqd`);
- a *word* that is no English one, since it is put together ("SecureSocketOptions"): a key, or what stands about the
  keys in the framework's shortest right settings;
- a *name* that prose, logs and stack traces call it by (`named_by`).

The rarer a thing is among the frameworks, the more it says: it weighs as the logarithm of how many of them there are to
each that knows it. What all know cancels out, and what five alike know leaves five alike. The likelihood is each one's
share of the exponentials, of which a share is left for a program that isn't described here.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .collect import FOREIGN, READERS
from .keys import Key, Role
from .model import Framework, Given, NotPossible
from .reading import Bare, Computed, Pair, Paste, Word
from .registry import frameworks
from .standard import SUBMISSION


@dataclass(frozen=True)
class Candidate:
    """A framework whose settings a text may hold, and why.

    `likelihood` is 0 to 1; all candidates' together are below 1. `reasons` are keys and words of the text, what tells
    most first. `lines` (from 1) are those that hold its settings; () where the text only names it.
    """

    framework: str
    title: str
    likelihood: float
    reasons: tuple[str, ...]
    lines: tuple[int, ...]


LONG, WINDOW = 30_000, 6  # characters of a text that is read whole; lines that are read about a telling one in others
MOST_PARAGRAPHS = 200  # that are read by themselves
_UNKNOWN = 1.0  # what speaks for a program that isn't described: as much as a rather common key
_SPELLED = 0.8  # of the weight, for a name that isn't the key's own, but one that people give it
_LEAST = 0.004  # a likelihood below this is none
_COMPOUND = re.compile(r"[A-Za-z0-9](?:[_.\-/]+|->|::)[A-Za-z0-9]|[a-z0-9][A-Z]|[A-Z]{2}[a-z]")
_WORD = re.compile(r"[A-Za-z_][\w]*(?:(?:[.\-]|->|::)[A-Za-z_][\w]*)*")
_JOINTS = re.compile(r"\.|->|::")
_OPTION = re.compile(r"(?<![\w-])--?([A-Za-z][\w-]*)")
_SHORT, _FEW_WORDS = 200, 5  # characters and words of a line that may be a setting in a form that no reader knows
_PLAIN_CALL = re.compile(r"[A-Z]?[a-z]+")
_GAP = re.compile(r"\n[ \t>]*\n|\n[ \t]*(?:```|~~~)[^\n]*\n")
_OPENS = re.compile(r"[{(\[\\]\s*$|^\s*(?:- )?[\w.\-]+:\s*$|^\s*\[[\w. \-]+\]\s*$")  # or goes on
_CLOSES = re.compile(r"^[\s})\];,.]*[})\]][\s})\];,.]*$")
_DIRECTIVE_WORDS = 3  # more words than this after a name are prose
_OF_A_LINE = {"command", "directives"}
_OF_SOME = {*_OF_A_LINE, "yaml"}  # readers for those frameworks alone that name them


def recognize(text: str) -> tuple[Candidate, ...]:
    """The frameworks whose settings a text may hold, the most likely first.

    The text may be a forum post: settings with prose and log around them. Several may fit alike. () if nothing in it is
    a setting and it names no framework. Never raises; nothing of the text is evaluated.
    """
    text = text if isinstance(text, str) else str(text)
    found = _Evidence()
    _names(text, found)
    for first, block in [(1, text)] if len(text) <= LONG else _windows(text):
        _words(block, first, found)
        _options(block, first, found)
        for line, part in _parts(block):
            _settings(part, first + line, found)
            _commands(part, first + line, found)
    return found.candidates(text)


# --- what the frameworks know ---


@dataclass(frozen=True)
class _Knowledge:
    """Who knows which name; numbers are places in `frameworks()`."""

    keys: dict[str, dict[int, Key]]
    loose: dict[str, dict[int, Key]]  # in small letters, of those that ignore case
    calls: dict[str, set[int]]
    words: dict[str, set[int]]  # put-together words, and of dotted ones the whole
    names: dict[str, set[int]]
    own: dict[str, set[int]]  # names, and whose first name each is
    parts: frozenset[str]  # every single word of a key, in small letters


@functools.cache
def _knowledge() -> _Knowledge:
    keys: dict[str, dict[int, Key]] = defaultdict(dict)
    loose: dict[str, dict[int, Key]] = defaultdict(dict)
    calls: dict[str, set[int]] = defaultdict(set)
    words: dict[str, set[int]] = defaultdict(set)
    names: dict[str, set[int]] = defaultdict(set)
    own: dict[str, set[int]] = defaultdict(set)
    for place, framework in enumerate(frameworks()):
        for name, key in framework.by_name.items():
            if re.fullmatch(r"[\w.\-\[\]]+", name):
                keys[name][place] = key
                if framework.any_case:
                    loose[name.lower()][place] = key
                if _COMPOUND.search(name):
                    words[name].add(place)
        for path, key in _form_paths(framework).items():
            keys[path][place] = key
        for call in framework.calls:
            calls[call].add(place)
        for word in _form_words(framework):
            words[word].add(place)
        for name in framework.named_by:
            names[name].add(place)
        for name in framework.named_by[:1]:
            own[name].add(place)
    parts = {part for name in (*keys, *calls, *words) for part in re.findall(r"\w+", name.lower())}
    return _Knowledge(dict(keys), dict(loose), dict(calls), dict(words), dict(names), dict(own), frozenset(parts))


def _forms(framework: Framework) -> list[str]:
    """The framework's shortest settings for each mode."""
    forms = framework.forms(Given(framework, framework.releases[-1], {}, SUBMISSION))
    return [form for form in forms.values() if not isinstance(form, NotPossible)]


def _form_words(framework: Framework) -> set[str]:
    """The put-together words of the framework's shortest settings that aren't keys."""
    words = {word for form in _forms(framework) for word in _WORD.findall(form)}
    parts = words | {part for word in words for part in _JOINTS.split(word)}
    return {part for part in parts if _COMPOUND.search(part) and part not in framework.by_name}


def _form_paths(framework: Framework) -> dict[str, Key]:
    """The paths at which the framework's shortest settings have its keys: "unclassified.mailer.smtpHost"."""
    found = {}
    for form, reader in itertools.product(_forms(framework), framework.read):
        for pair in READERS[reader](form.replace("{host}", "host.example").replace("{port}", "587")).pairs:
            key = next(filter(None, (framework.find(".".join(pair.path[at:])) for at in range(len(pair.path)))), None)
            if key and len(pair.path) > 1:
                found[".".join(pair.path)] = key
    return found


def _weight(known_by: int) -> float:
    """How much a thing says that so many frameworks know."""
    return math.log((len(frameworks()) + 1) / known_by)


# --- what a text holds ---


@dataclass
class _Evidence:
    """What speaks for each framework: (kind, name) with its weight, and the lines of its settings."""

    said: dict[int, dict[tuple[str, str], float]] = field(default_factory=lambda: defaultdict(dict))
    lines: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    telling: set[int] = field(default_factory=set)  # frameworks that more speaks for than words such as "from" and "to"

    def add(self, place: int, kind: str, name: str, weight: float, tells: bool = True) -> bool:
        """The thing speaks for that framework with that weight, and no more if it is there twice. True."""
        said = self.said[place]
        said[kind, name] = max(weight, said.get((kind, name), weight))
        if tells:
            self.telling.add(place)
        return True

    def candidates(self, text: str) -> tuple[Candidate, ...]:
        """The candidates by likelihood."""
        known, rows = frameworks(), text.split("\n")
        sums = {place: sum(said.values()) for place, said in self.said.items() if place in self.telling}
        if not sums:
            return ()
        top = max(*sums.values(), _UNKNOWN)
        shares = {place: math.exp(total - top) for place, total in sums.items()}
        whole = sum(shares.values()) + math.exp(_UNKNOWN - top)
        ranked = sorted(shares, key=lambda place: (-shares[place], place))
        return tuple(Candidate(known[place].name, known[place].title, round(shares[place] / whole, 4),
                               self.reasons(place), _with_brackets(self.lines[place], rows))
                     for place in ranked if shares[place] / whole >= _LEAST)

    def reasons(self, place: int) -> tuple[str, ...]:
        """The names that spoke for it, those that weigh most first."""
        said = self.said[place]
        return tuple(dict.fromkeys(name for _kind, name in sorted(said, key=lambda thing: -said[thing])))[:8]


def _with_brackets(lines: set[int], rows: list[str]) -> tuple[int, ...]:
    """The lines, with those right before that open what they stand in, and those right after that only close it."""
    found = set(lines)
    for line in lines:
        for step, belongs in ((-1, _OPENS), (1, _CLOSES)):
            at = line + step
            while 1 <= at <= len(rows) and at not in found and (
                    belongs.search(rows[at - 1][-200:]) or (step > 0 and rows[at - 2].endswith("\\"))):
                found.add(at)
                at += step
    return tuple(sorted(found))


def _parts(block: str) -> Iterator[tuple[int, str]]:
    """(lines before it, part): the block as a whole, and its paragraphs, which a quote left open elsewhere can't spoil.
    """
    yield 0, block
    gaps = list(itertools.islice(_GAP.finditer(block), MOST_PARAGRAPHS))
    starts, ends = [0, *(gap.end() for gap in gaps)], [*(gap.start() for gap in gaps), len(block)]
    line = at = 0
    for start, end in zip(starts, ends, strict=True) if gaps else ():
        line, at = line + block.count("\n", at, start), start
        yield line, block[start:end]


def _windows(text: str) -> Iterator[tuple[int, str]]:
    """The lines about those that hold a put-together word of some framework, up to `LONG` characters."""
    known, lines, taken = _knowledge(), text[:4_000_000].split("\n"), 0
    telling: list[int] = []
    for number, line in enumerate(lines):
        if len(line) < 2000 and any(word in known.words for word in _WORD.findall(line)):
            telling.append(number)
            taken += len(line) * 2
            if taken > LONG:
                break
    start = end = -1
    for number in [*telling, len(lines) + 2 * WINDOW]:
        if number - WINDOW > end:
            if end > 0:
                yield start + 1, "\n".join(line[:2000] for line in lines[start:end])
            start = max(0, number - WINDOW)
        end = min(number + WINDOW, len(lines))


def _names(text: str, found: _Evidence) -> None:
    """What the text calls frameworks by."""
    known, small = _knowledge(), text[:4_000_000].lower()
    taken: list[tuple[int, int]] = []
    for name in sorted((n for n in known.names if n in small), key=len, reverse=True):
        for m in re.finditer(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", small):
            if not any(start <= m.start() and m.end() <= end for start, end in taken[:100]):
                taken.append(m.span())
                owners, weight = known.own.get(name), _weight(len(known.names[name]))
                for place in known.names[name]:
                    found.add(place, "name", text[m.start():m.end()] if len(text) == len(small) else name,
                              weight * (1 if not owners or place in owners else 0.6))
                break


def _words(block: str, first: int, found: _Evidence) -> None:
    """Put-together words, wherever they stand; a short line with a key among them is one of the settings."""
    known, keyed = _knowledge(), dict[str, list[int]]()  # a word and the frameworks that have it as a key
    for word in set(_WORD.findall(block)):
        parts = _JOINTS.split(word)
        for part in {word, *parts}:
            for place in known.words.get(part, ()):
                found.add(place, "word", part, _weight(len(known.words[part])) / 2)
                if place in known.keys.get(part, ()) or (part == word and place in known.keys.get(parts[-1], ())):
                    keyed.setdefault(word, []).append(place)  # GF_SMTP_HOST, and $mail->Host
    for number, line in enumerate(block.split("\n") if keyed else (), first):
        if len(line) < _SHORT and len(line.split()) <= _FEW_WORDS:
            for word in _WORD.findall(line):
                for place in keyed.get(word, ()):
                    found.lines[place].add(number)


def _options(block: str, first: int, found: _Evidence) -> None:
    """Options of command lines, of the programs that are called by one."""
    known, seen = _knowledge(), set()
    for m in _OPTION.finditer(block):
        if m[1] in seen:
            continue
        seen.add(m[1])
        places = {place: key for name in (m[1], f"--{m[1]}", f"-{m[1]}") for place, key in
                  known.keys.get(name, {}).items() if frameworks()[place].read == ("command",)}
        for place, key in places.items():
            found.add(place, "setting", m[0], _weight(len(places)) * _says(key, m[1]), _tells(key, m[1]))
            found.lines[place].add(first + block.count("\n", 0, m.start()))


def _settings(block: str, first: int, found: _Evidence) -> None:
    """Names with values, and calls, in each form that some framework reads."""
    if _knowledge().parts.isdisjoint(re.findall(r"\w+", block.lower())):
        return
    for reader, read in READERS.items():
        if reader != "command":
            _pairs(reader, read(block), first, found)


def _commands(block: str, first: int, found: _Evidence) -> None:
    """Words of command lines, with an option or a URL, as the programs that something spoke for read them."""
    words: list[Word] = []
    if not _OPTION.search(block) and "://" not in block:
        return
    for place in list(found.said):
        framework = frameworks()[place]
        if framework.words is None or framework.read != ("command",):
            continue
        words = words or [Word(word, line) for word, line, _span in READERS["command"](block).words]
        for name, value in (framework.words(words) if words else {}).items():
            key = framework.find(name)
            if key and isinstance(value, Word) and key.role in (Role.MODE, Role.PORT, Role.HOST):
                knowing = _knowledge().keys.get(name)
                found.add(place, "setting", name, _weight(len(knowing) if knowing else 1) * _says(key, name) / 2)
                found.lines[place].add(first + value.line - 1)


def _pairs(reader: str, paste: Paste, first: int, found: _Evidence) -> None:
    known, all_of_them = _knowledge(), frameworks()
    alike: dict[tuple[tuple[str, ...], str], list[int]] = {}  # who reads a setting; a long text repeats some
    for pair in paste.pairs:
        colon = paste.text[max(0, pair.span[0] - 2):pair.span[0]].strip() == ":"
        same = pair.path, f"{pair.value!r:.100}{colon}"
        if same not in alike:
            alike[same] = [place for place, name, weight, tells in _speaks_for(reader, pair, colon)
                           if found.add(place, "setting", name, weight, tells)]
        for place in alike[same]:
            found.lines[place].add(first + pair.line - 1)
    for call in paste.calls if reader == "code" else ():
        for place in known.calls.get(call.name, ()):
            if values := all_of_them[place].calls[call.name](call):
                keys = (all_of_them[place].find(name) for name in values)
                # "connect(2)" is no setting, `Connect(host, 587, true)` is.
                tells = not _PLAIN_CALL.fullmatch(call.name) or any(key and key.role is Role.MODE for key in keys)
                weight = _weight(len(known.calls[call.name])) * (1.0 if tells else 0.7)
                found.add(place, "setting", call.name, weight, tells)
                found.lines[place].add(first + call.line - 1)


def _speaks_for(reader: str, pair: Pair, colon: bool) -> Iterator[tuple[int, str, float, bool]]:
    """(framework, its name for it, weight, whether it tells) of those that read the pair as this reader found it."""
    known = _knowledge()
    if reader in _OF_A_LINE and len(str(pair.value).split()) > _DIRECTIVE_WORDS:
        return
    for place, name, key in _readers_of(".".join(pair.path)[-300:]):
        if _reads(frameworks()[place], reader, colon):
            weight = _weight(len(known.keys.get(name) or known.loose[name.lower()])) * _says(key, name)
            doubts = isinstance(pair.value, Bare | Computed)  # "[SSL: WRONG_VERSION_NUMBER]": a variable, or no setting
            odd = not isinstance(pair.value, Computed) and key.role is Role.MODE and key.type.complaint(pair.value)
            own = name if frameworks()[place].find(name) else key.name  # of a path, the part that the text holds
            yield place, own, weight / 2 if odd else weight, _tells(key, name) and not (odd and doubts)


def _reads(framework: Framework, reader: str, colon: bool) -> bool:
    """Whether it reads what this reader found; a colon stands in no command line and in no file of such a program."""
    if framework.read == ("command",):
        return reader == "directives" and not colon
    return reader in framework.read or reader not in _OF_SOME  # as `collect` tries the others for all


def _readers_of(dotted: str) -> Iterable[tuple[int, str, Key]]:
    """(framework, name, key) of those that take the name for a key: the longest end of the path that each knows."""
    known, rest, seen = _knowledge(), dotted, set()
    foreign = bool(FOREIGN.search(dotted + "."))
    while rest:
        for place, key in (known.keys.get(rest, {}) | known.loose.get(rest.lower(), {})).items():
            if place not in seen:
                seen.add(place)
                yield place, rest, key
        if foreign or "." not in rest:
            return
        rest = rest.partition(".")[2]


def _says(key: Key, name: str) -> float:
    """How much of its weight a key has: an English word that has no part in the mode or the place may be anything."""
    own = 1.0 if name == key.name or name.endswith(f".{key.name}") else _SPELLED
    if _COMPOUND.search(name) or key.role is Role.MODE:
        return own
    return own * (0.7 if key.role in (Role.PORT, Role.HOST, Role.USER, Role.SECRET) else 0.3)


def _tells(key: Key, name: str) -> bool:
    """Whether a name by itself makes a text one of settings."""
    return key.role in (Role.MODE, Role.PORT, Role.HOST) or bool(_COMPOUND.search(name))
