"""Every JSON document says which schema it follows, and does; one that does not is found."""

import json
import re
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from helpers import each_row
from test_cli import Running, at, run

import smtplab
from smtplab import KINDS, Cause, Mode, Speaks, json_schema, serve
from smtplab.question import diagnose_paste
from smtplab.schemas import NAMES
from smtplab.settings.model import Outcome, SettingsMode

DJANGO = "EMAIL_HOST = 'mail.example.net'\nEMAIL_PORT = 587\nEMAIL_USE_SSL = True\n"


@cache
def documents():
    """Name -> a real document of each kind."""
    with serve("starttls") as server, serve("expired") as expired, smtplab.relay(server) as between:
        trace, failed = smtplab.dial(server, "starttls"), smtplab.dial(expired, "implicit")
        [port] = smtplab.probe(server)
        row, *_ = smtplab.matrix(["starttls"], ["implicit"])
        through = smtplab.dial(between.address, "implicit")
        said = [*(one.to_json() for one in (trace, failed, through, server.trace(of=trace))),
                port.to_json(), row.to_json()]
    said += [smtplab.explain("wrong version number").to_json(), smtplab.explain("535 no")[0].to_json(),
             smtplab.read_settings("django", DJANGO).to_json(), diagnose_paste(DJANGO + "timed out").to_json(),
             smtplab.judge(b"220 m").to_json(), smtplab.judge(b"HTTP/", "3.2.2").to_json(),
             *(run(*words).stdout for words in (("doctor", "--json"), ("settings", "--list", "--json"),
                                                ("settings", "--words", "--json")))]
    found = []
    for text in said:
        read = json.loads(text)
        found += read if isinstance(read, list) else [read]
    for words in (("serve", "expired", "--json"), ("relay", "localhost:1", "--json")):
        running = Running(*words)
        found.append(json.loads(running.line("{")))
        running.end()
    return found


def validator(document):
    from jsonschema import Draft202012Validator  # a second or two, which only this needs
    schema = json_schema(document["schema"])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.posix("signals")
def test_every_document_follows_its_schema():
    for document in documents():
        assert list(validator(document).iter_errors(document)) == [], document["schema"]
    elsewhere = {"smtplab.rehearsal/1"}  # in tests/course
    assert {one["schema"] for one in documents()} == {f"smtplab.{name}/1" for name in NAMES} - elsewhere


@pytest.mark.posix("signals")
def test_a_document_that_lacks_a_key_or_has_another_thing_in_it_is_found():
    for document in documents():
        check = validator(document)
        for key in document:
            less = {name: value for name, value in document.items() if name != key}
            assert not check.is_valid(less), (document["schema"], key)
            assert not check.is_valid({**document, key: object}), (document["schema"], key)
        assert check.is_valid({**document, "added": 1})  # as keys may be


def test_a_part_of_a_document_is_looked_at_too():
    trace = next(one for one in documents() if one["schema"] == "smtplab.trace/1")
    for break_it in (lambda d: d["events"][0].pop("at_s"), lambda d: d["events"][0].update(who="nobody"),
                     lambda d: d["diagnosis"].update(fixes="none"), lambda d: d.update(address=["host", "25"]),
                     lambda d: d.update(first_bytes="xyz"), lambda d: d["certificate"].update(sha256="0")):
        broken = deepcopy(trace)
        break_it(broken)
        assert not validator(trace).is_valid(broken)


def enums(schema):
    """Every list of words in a schema."""
    if isinstance(schema, dict):
        own = [frozenset(schema["enum"]) - {None}] if "enum" in schema else []
        return own + [words for value in schema.values() for words in enums(value)]
    return [words for value in schema for words in enums(value)] if isinstance(schema, list) else []


def test_the_words_in_them_are_the_code_s():
    closed = [frozenset(one) for one in (Cause, Mode, Speaks, KINDS, Outcome, SettingsMode, smtplab.events.Who,
                                         smtplab.events.What, ("implicit", "starttls"))]
    for name in NAMES:
        assert [words for words in enums(json_schema(f"smtplab.{name}/1")) if words not in closed] == []
    assert frozenset(Cause) in enums(json_schema("smtplab.trace/1"))


@each_row("name", ["", "smtplab.trace/2", "trace", "smtplab.../1", "smtplab.trace/../trace-1"])
def test_another_name_is_none(name):
    with pytest.raises(ValueError, match=r"smtplab\.trace/1"):
        json_schema(name)


def test_each_file_is_named_and_each_name_in_the_code_has_a_file():
    folder = Path(smtplab.schemas.__file__).parent
    assert {path.name for path in folder.glob("*.json")} == {f"{name}-1.json" for name in NAMES}
    written = {name for path in folder.parent.rglob("*.py")
               for name in re.findall(r'"smtplab\.(\w+)/1"', path.read_text("utf-8"))}
    assert written - {"recorded"} == set(NAMES)  # that one is a file of the package's own


def test_a_probe_of_several_is_a_list():
    with serve("starttls") as one, serve("implicit") as other:
        rows = json.loads(smtplab.probe([at(one), at(other)]).to_json())
    assert [row["schema"] for row in rows] == ["smtplab.port/1"] * 2
