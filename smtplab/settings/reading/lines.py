"""Line formats: `key = value`, `key value`, ini, .env, properties, main.cf, msmtprc, muttrc; YAML; command lines."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_right

from .paste import Computed, Pair, Paste, UnreadLine
from .variables import computed, has_variable, is_variable

_SECTION = re.compile(r"\s*\[([^\]\n]{1,80})\]\s*$")
_ASSIGNED = re.compile(r"\s*(?:export\s+|set\s+|-o\s+)?([A-Za-z_][\w.\-\[\]]*)\s*(?:=|:(?=\s|$))\s*(.*)$")
_SPACED = re.compile(r"\s*(?:set\s+)?([A-Za-z_][\w.\-]*)(?:[ \t]+(.*))?$")
_COMMENT = re.compile(r"\s*(?:#|;|!|//)")
_TRAILING = re.compile(r"\s[#;]\s")
_MOST_OF_A_COMMAND = 1 << 16  # characters; shlex is slow, and no command line is that long
_OTHER_BREAKS = re.compile("[\x85\u2028\u2029]|\r(?!\n)")  # line breaks to YAML, but not to an editor
_DEEPEST = 50  # levels of YAML; its parser takes for ever over thousands
_VARIABLE = re.compile(r"\$\{?\w+\}?|\$\(|\{\{|%env\(|<%")
_IN_A_LIST = re.compile(r"([A-Za-z_]\w*)=(.*)")  # docker-compose's environment: - NAME=value
# Code that reads the environment, in a text that is taken for lines.
_LOOKUP = re.compile(r"""\(?(?:ENV(?:\[|\.fetch)|process\.env\b|\$_ENV|os\.(?:getenv|environ)
                            |(?:\w+\.)?(?:get_?)?env(?:\.\w+)?\(|[A-Za-z_][\w.]{0,99}\([^"'\n]{0,99}["'])""",
                     re.IGNORECASE | re.VERBOSE)
_EITHER = re.compile(r"""[\w.$!]{1,99}[ \t]*\?[ \t]*(?:"([^"]*)"|'([^']*)')[ \t]*:[ \t]*(?:"([^"]*)"|'([^']*)'),?""")
_HELM = re.compile(r"(?<=[:\-][ \t])\{\{([^\n]*)\}\}(?=[ \t]*(?:#[^\n]*)?\r?$)", re.MULTILINE)


def read_assignments(text: str) -> Paste:
    """`key = value` or `key: value`, one a line, with [sections]; values stay texts, quotes are taken off."""
    return _read(text, _ASSIGNED)


def read_directives(text: str) -> Paste:
    """`key value` (msmtprc), or `key = value`, one a line."""
    return _read(text, _ASSIGNED, _SPACED)


def _read(text: str, *forms: re.Pattern[str]) -> Paste:
    paste, at, section = Paste(text), 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        start, at = at, at + len(line) + 1
        line = line.rstrip("\r")
        if not line.strip() or _COMMENT.match(line) or len(line) > 4000:
            if len(line) > 4000:
                paste.unread.append(UnreadLine(number, "the line is too long to be a setting"))
            continue
        if m := _SECTION.match(line):
            section = m[1].strip().strip("\"'")
            continue
        m = next(filter(None, (form.match(line) for form in forms)), None)
        if m is None:
            if line[:1].isspace() and paste.pairs:
                _continue(paste, line, start)
            else:
                paste.unread.append(UnreadLine(number, "this is no setting in a form that is known here"))
            continue
        key, value = m[1], (m[2] or "")
        span = (start + m.start(2), start + m.end(2)) if m[2] is not None else (start, start)
        paste.pairs.append(Pair((section, key) if section else (key,), line_value(value), number, span))
    return paste


def _continue(paste: Paste, line: str, start: int) -> None:
    """Append an indented line to the value before it (main.cf, properties), if that is empty or ends in , or \\."""
    last = paste.pairs[-1]
    if isinstance(last.value, str) and (not last.value or last.value[-1] in ",\\"):
        more = line_value(line)
        value = f"{last.value.rstrip(chr(92))} {more}".strip() if isinstance(more, str) else more
        paste.pairs[-1] = Pair(last.path, value, last.line, (last.span[0], start + len(line)))


def line_value(raw: str) -> object:
    """A value as it stands on a line, without its quotes and the remark behind it; a variable is `Computed`."""
    raw = raw.strip()
    if len(raw) > 1 and raw[0] in "\"'" and raw.find(raw[0], 1) > 0:
        quoted = raw[1:raw.find(raw[0], 1)]
        varies = is_variable(quoted) if raw[0] == "'" else has_variable(quoted)
        return (computed(quoted) if varies else None) or quoted
    remark = _TRAILING.search(raw)
    raw = (raw[:remark.start()] if remark else raw).rstrip().rstrip(";").rstrip()
    return _unquoted(raw)


def _unquoted(text: str) -> object:
    """A variable, a URL with variables, or the text; elsewhere $ is a character of a password like any other."""
    if _VARIABLE.match(text) or _LOOKUP.match(text):
        return computed(text) or Computed(text=text)
    if m := _EITHER.fullmatch(text):
        return Computed(text=text, choices=(m[1] or m[2], m[3] or m[4]))
    return ((computed(text) if "://" in text else None) or text) if has_variable(text) else text


def read_yaml(text: str) -> Paste:
    """The scalars of a YAML document, by their path. Only events are looked at: no tag or alias does anything."""
    import yaml  # here, since most frameworks don't need it
    paste = Paste(text)
    text = _HELM.sub(lambda m: "'\ue000" + m[1].replace("'", '"') + "\ue001'", _OTHER_BREAKS.sub(" ", text))
    last = text.count("\n")
    path: list[str | None] = []  # a mapping's present key, None where one is due or in a list
    kinds: list[str] = []
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            start, end = event.start_mark, event.end_mark
            assert start is not None and end is not None  # both of PyYAML's parsers set them
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                kinds.append("map" if isinstance(event, yaml.MappingStartEvent) else "list")
                path.append(None)
                if len(kinds) > _DEEPEST:
                    paste.unread.append(UnreadLine(start.line + 1, "from here on this is nested too deeply"))
                    break
            elif isinstance(event, yaml.CollectionEndEvent):
                kinds.pop()
                path.pop()
                _done(path, kinds)
            elif isinstance(event, yaml.AliasEvent):
                _done(path, kinds)
            elif isinstance(event, yaml.ScalarEvent):
                if kinds and kinds[-1] == "map" and path[-1] is None:
                    path[-1] = event.value
                    continue
                span = (start.index, end.index)
                names, value = tuple(p for p in path if p is not None), _scalar(event)
                if kinds and kinds[-1] == "list" and (m := _IN_A_LIST.fullmatch(event.value)):
                    names, value = (*names, m[1]), line_value(m[2])
                # YAML reports what is missing at the end of a text ("{0") on the line after the last.
                line = min(start.line, last) + 1
                paste.pairs.append(Pair(names, value, line, span))
                _done(path, kinds)
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        paste.unread.append(UnreadLine(mark.line + 1 if mark else 1, "from here on this is no YAML"))
    return paste


def _done(path: list[str | None], kinds: list[str]) -> None:
    """A value has ended: in a mapping, a key is due next."""
    if kinds and kinds[-1] == "map":
        path[-1] = None


def _scalar(event) -> object:
    text = event.value.replace("\ue000", "{{").replace("\ue001", "}}")
    if event.style:
        return (computed(text) if is_variable(text) or "://" in text else None) or text
    if text.lower() in ("true", "yes", "on", "false", "no", "off"):  # YAML 1.1 section on bool
        return text.lower() in ("true", "yes", "on")
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return _unquoted(text)


def read_command(text: str) -> Paste:
    """The words of a command line, split as a shell would, with nothing expanded."""
    paste = Paste(text)
    text = re.sub(r"\\\r?\n", lambda m: " " * len(m[0]), text[:_MOST_OF_A_COMMAND])  # offsets stay valid
    newlines = [m.start() for m in re.finditer("\n", paste.text)]
    start = 0
    for line in text.split("\n"):
        at, start = start, start + len(line) + 1
        number = bisect_right(newlines, at) + 1
        try:
            words = shlex.split(line, comments=True) if len(line) <= 4000 else None
        except ValueError:
            words = line.split() if line.count('"') + line.count("'") < 20 else None
        if words is None:
            paste.unread.append(UnreadLine(number, "the line is no command line"))
            continue
        for word in words:
            found = text.find(word, at, start) if word else -1
            if found >= 0:
                at = found + len(word)
            span = (found, at) if found >= 0 else (0, 0)
            paste.words.append((word, bisect_right(newlines, at - 1) + 1 if found >= 0 else number, span))
    return paste
