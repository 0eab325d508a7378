"""Line formats: `key = value`, `key value`, ini, .env, properties, main.cf, msmtprc, muttrc; YAML; command lines."""

from __future__ import annotations

import re
import shlex

from .paste import Computed, Pair, Paste, Unread

_SECTION = re.compile(r"\s*\[([^\]\n]{1,80})\]\s*$")
_ASSIGNED = re.compile(r"\s*(?:export\s+|set\s+|-o\s+)?([A-Za-z_][\w.\-\[\]]*)\s*(?:=|:(?=\s|$))\s*(.*)$")
_SPACED = re.compile(r"\s*(?:set\s+)?([A-Za-z_][\w.\-]*)(?:[ \t]+(.*))?$")
_COMMENT = re.compile(r"\s*(?:#|;|!|//)")
_TRAILING = re.compile(r"\s+[#;]\s.*$")
_VARIABLE = re.compile(r"\$\{?\w+\}?|\$\(")


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
                paste.unread.append(Unread(number, "the line is too long to be a setting"))
            continue
        if m := _SECTION.match(line):
            section = m[1].strip().strip("\"'")
            continue
        m = next(filter(None, (form.match(line) for form in forms)), None)
        if m is None:
            paste.unread.append(Unread(number, "this is no setting in a form that is known here"))
            continue
        key, value = m[1], (m[2] or "")
        span = (start + m.start(2), start + m.end(2)) if m[2] is not None else (start, start)
        paste.pairs.append(Pair((section, key) if section else (key,), _value(value), number, span))
    return paste


def _value(raw: str) -> object:
    raw = raw.strip()
    if len(raw) > 1 and raw[0] in "\"'" and raw.find(raw[0], 1) > 0:
        quoted = raw[1:raw.find(raw[0], 1)]
        return Computed() if raw[0] == '"' and _VARIABLE.search(quoted) else quoted
    raw = _TRAILING.sub("", raw).rstrip(";").rstrip()
    return Computed() if _VARIABLE.match(raw) else raw


def read_yaml(text: str) -> Paste:
    """The scalars of a YAML document, by their path. Nodes are looked at, never built: tags do nothing."""
    import yaml  # here, since most frameworks don't need it
    paste = Paste(text)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        documents = list(yaml.compose_all(text, Loader=loader))
    except (yaml.YAMLError, RecursionError, ValueError) as exc:
        mark = getattr(exc, "problem_mark", None)
        paste.unread.append(Unread(mark.line + 1 if mark else 1, "from here on this is no YAML"))
        return paste
    seen: set[int] = set()
    waiting = [((), node) for node in documents if node is not None]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, yaml.ScalarNode):
            span = (node.start_mark.index, node.end_mark.index)
            paste.pairs.append(Pair(path, _scalar(node), node.start_mark.line + 1, span))
        elif id(node) not in seen:  # an alias may lead back to where it stands
            seen.add(id(node))
            children = node.value if isinstance(node, yaml.MappingNode) else [(None, n) for n in node.value]
            waiting += [((*path, key.value) if isinstance(key, yaml.ScalarNode) else path, value)
                        for key, value in reversed(children)]
    return paste


def _scalar(node) -> object:
    text = node.value
    if node.tag == "tag:yaml.org,2002:bool":
        return text.lower() in ("true", "yes", "on")
    if node.tag == "tag:yaml.org,2002:null":
        return None
    if node.tag == "tag:yaml.org,2002:int" and text.isdigit():
        return int(text)
    return Computed() if _VARIABLE.match(text) and node.style is None else text


def read_command(text: str) -> Paste:
    """The words of a command line, split as a shell would, with nothing expanded."""
    paste = Paste(text)
    for number, line in enumerate(re.sub(r"\\\r?\n", "  ", text).split("\n"), 1):
        try:
            words = shlex.split(line, comments=True) if len(line) <= 4000 else None
        except ValueError:
            words = line.split() if line.count('"') + line.count("'") < 20 else None
        if words is None:
            paste.unread.append(Unread(number, "the line is no command line"))
            continue
        at = 0
        for word in words:
            start = text.find(word, at) if word else -1
            span = (start, start + len(word)) if start >= 0 else (0, 0)
            at = span[1] if start >= 0 else at
            paste.words.append((word, number, span))
    return paste
