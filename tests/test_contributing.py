"""What is told to whoever changes this is true: the places exist, and hold what they are said to; the hooks run."""

import re
import tomllib
from pathlib import Path

import yaml
from helpers import each_row
from real_tools import SYSTEMS

from smtplab import limits

ROOT = Path(__file__).parents[1]
PAGES = {name: (ROOT / ".github" / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", "SECURITY.md")}
HOOKS = yaml.safe_load((ROOT / ".ci/pre-commit.yaml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
A_PATH = re.compile(r"\.?[\w-][\w.-]*(?:/[\w.-]*)+|README\.md|pyproject\.toml")


def paths(text: str) -> list[str]:
    """The files and folders that a text names in backticks, also within commands."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    words = [word for code in re.findall(r"`([^`]+)`", text) for word in code.split()]
    return [word for word in words if A_PATH.fullmatch(word) and not word.startswith(".venv/")]


def missing(text: str) -> list[str]:
    """What a text names and is not there: a path, or a TABLE that is in no file its paragraph names."""
    found = [path for path in paths(text) if not (ROOT / path).exists()]
    for paragraph in text.split("\n\n"):
        there = "".join(file.read_text(encoding="utf-8") for path in paths(paragraph)
                        for file in ([ROOT / path] if (ROOT / path).is_file() else (ROOT / path).rglob("*.py")))
        found += [name for name in re.findall(r"`([A-Z]{3,})`", paragraph)
                  if not re.search(rf"^{name}\b", there, re.MULTILINE)]
    return found


@each_row("page", PAGES)
def test_what_a_page_names_is_there(page):
    assert paths(PAGES[page])
    assert missing(PAGES[page]) == []


@each_row("text, absent", [
    ("see `smtplab/no_such.py`", ["smtplab/no_such.py"]), ("run `pytest tests/no_such`", ["tests/no_such"]),
    ("`KINDS` of `smtplab/limits.py`", ["KINDS"]), ("`KINDS` of `smtplab/lab/server.py`", []),
    ("`tests/helpers.py`, `.ci/run`, `.venv/bin/x`, `.github/`", []), ("`RULES` in `smtplab/messages/`", [])])
def test_what_is_missing_is_found(text, absent):
    assert missing(text) == absent


def test_each_thing_to_add_is_told():
    told = re.findall(r"^\*\*(?:An?|A row for an) (.*?)[.*]", PAGES["CONTRIBUTING.md"], re.MULTILINE)
    assert told == ["framework", "row for an error text", "lesson", "kind of server", "cause", "JSON document",
                    "colour", "OpenSSL release", "column of the Player", "label of the four corners"]


@each_row("path, text", [
    ("steps.py", "class _Steps:"), ("steps.py", "    def add(self, "), ("player.js", "function row("),
    ("player.js", "function columns("), ("player.py", "def lines(")])
def test_a_column_of_the_player_has_these_places(path, text):
    assert (ROOT / "smtplab/show" / path).read_text(encoding="utf-8").count(text) == 1
    [told] = [part for part in PAGES["CONTRIBUTING.md"].split("\n\n") if part.startswith("**A column of the Player")]
    assert {f"smtplab/show/{path}", "smtplab/show/player.css"} <= set(paths(told))


def test_a_row_of_the_player_has_two_grids():
    css = (ROOT / "smtplab/show/player.css").read_text(encoding="utf-8")
    assert len(re.findall(r"\.row \{[^}]*grid-template-columns:", css)) == 2


def test_its_extras_and_marks_are_pyproject_s():
    [extras] = re.findall(r"pip install -q -e '\.\[(.*?)\]'", PAGES["CONTRIBUTING.md"])
    assert {*extras.split(","), "site"} == PROJECT["project"]["optional-dependencies"].keys()
    assert "extra `site`" in PAGES["CONTRIBUTING.md"]
    marks = {mark.partition("(")[0].partition(":")[0] for mark in PROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    assert set(SYSTEMS) < marks
    assert [name for name in SYSTEMS if f"`{name}`" not in PAGES["CONTRIBUTING.md"]] == []


def test_reports_go_to_the_repository_that_pyproject_names():
    repository = PROJECT["project"]["urls"]["Repository"]
    assert f"<{repository}/security/advisories/new>" in PAGES["SECURITY.md"]
    owner, name = repository.removeprefix("https://github.com/").split("/")
    pages = f"https://{owner}.github.io/{name}/"
    for name, url in PROJECT["project"]["urls"].items():
        assert url.startswith((repository, pages)), name
        if "/blob/main/" in url:
            assert (ROOT / url.partition("/blob/main/")[2]).is_file()


def test_the_limits_that_are_promised_are_there():
    assert "`smtplab/limits.py`" in PAGES["SECURITY.md"] and limits.DIAL_BYTES


def test_the_hooks_are_local_and_what_they_run_is_there():
    [repository] = HOOKS["repos"]
    assert repository["repo"] == "local"
    assert {hook["id"]: hook["language"] for hook in repository["hooks"]} == dict.fromkeys(
        ("ruff", "mypy", "tests"), "system")
    for hook in repository["hooks"]:
        assert hook["entry"].startswith("python -m ")
        assert missing(f"`{hook['entry']}`") == []
    extras = " ".join(sum(PROJECT["project"]["optional-dependencies"].values(), []))
    assert [hook["entry"].split()[2] for hook in repository["hooks"] if hook["entry"].split()[2] not in extras] == []


def test_an_issue_asks_for_what_is_needed():
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/bug.yml").read_text(encoding="utf-8"))
    assert [field["validations"]["required"] for field in form["body"]] == [True] * 3
    assert "smtplab doctor" in form["body"][-1]["attributes"]["label"]


