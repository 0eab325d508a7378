"""How the pages of the course are made: what a page keeps of a lesson's outputs, what leads where, who publishes."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from ci_pages import PAGES, build
from helpers import each_row
from test_workflow import change

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]


def lesson(*data: dict, text: str = "# A *fine* title\n\nMore") -> nbformat.NotebookNode:
    """A lesson whose one code cell showed these."""
    cells = [nbformat.v4.new_markdown_cell(text), nbformat.v4.new_code_cell("...", outputs=[
        nbformat.v4.new_output("display_data", data=each) for each in data])]
    return nbformat.v4.new_notebook(cells=cells, metadata={"widgets": {"state": {}}})


def test_a_page_has_widgets_as_they_are_at_the_end_and_no_views():
    view = {build.WIDGET_VIEW: {"model_id": "m1"}, "text/plain": "0.0 of 8 s"}
    gone = {build.WIDGET_VIEW: {"model_id": "gone"}, "text/plain": "as it was"}
    made = lesson(view, gone, {"text/plain": "1"})
    build.for_a_page(made, {"m1": {"text/plain": "done", "text/html": ""}, "other": {"text/plain": "x"}})
    assert [output.data for output in made.cells[1].outputs] == [
        {"text/plain": "done"}, {"text/plain": "as it was"}, {"text/plain": "1"}]
    assert "widgets" not in made.metadata


@pytest.mark.parametrize("code, shown", [
    ("from smtplab.show import FiveByteLens\nFiveByteLens()", "<script"),
    ("from smtplab.show.widget_base import Panel\nimport ipywidgets\nPanel([ipywidgets.HTML('<b>seen</b>')])",
     "<b>seen</b>")])
def test_a_notebook_is_run_once_and_its_widgets_are_asked_at_the_end(tmp_path, code, shown):
    path = tmp_path / "one.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# One"), nbformat.v4.new_code_cell(code)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    with build.own_home() as home:
        made = build.execute(path, home)
    assert len(made.cells) == 2
    [output] = made.cells[1].outputs
    assert shown in output.data["text/html"] and build.WIDGET_VIEW not in output.data


def test_a_cell_that_fails_ends_it(tmp_path):
    from nbclient.exceptions import CellExecutionError
    path = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1/0")]), path)
    before = dict(os.environ)
    with pytest.raises(CellExecutionError), build.own_home() as home:
        build.execute(path, home)
    assert dict(os.environ) == before


@each_row("markdown, expected", [
    ("see [it](hand-out.html), [that](hand-out.ja.html)",
     'see <a href="hand-out.html">it</a>, <a href="hand-out.ja.html">that</a>'),
    ("[next](01-a.ipynb) [x](other.html)", "[next](01-a.ipynb) [x](other.html)")])
def test_links_to_pages_that_are_only_copied(markdown, expected):
    assert build.linked(markdown) == expected


def test_a_template_is_filled_and_a_name_without_a_value_is_found():
    assert build.fill("a @B@ @@ @c@", B="x") == "a x @@ @c@"
    with pytest.raises(KeyError):
        build.fill("@A@", B="x")


def test_a_lesson_s_entry_has_its_number_and_its_title():
    assert build.entry("03-the-hang", lesson()) == "3. A fine title <03-the-hang>"


@each_row("lab", [False, True])
def test_what_sphinx_is_given(lab, tmp_path):
    place = tmp_path / str(lab)
    place.mkdir()
    build.stage(place, {"00-start-here": lesson()}, lab)
    front = (place / "index.md").read_text(encoding="utf-8")
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(commands) == 2 and all(f"\n{command}\n" in front for command in commands)
    assert "0. A fine title <00-start-here>" in front and "@" not in re.sub(r"@pradyunsg", "", front)
    assert build.binder() in front
    assert ('href="lab/index.html"' in front) == lab != (place / "lab/index.md").exists()
    kept = nbformat.read(place / "00-start-here.ipynb", as_version=4)
    assert ("open it in the browser" in kept.cells[0].source) == lab
    assert 'class="smtplab-page"' in (place / "four-corners.html").read_text(encoding="utf-8")


def test_a_folder_of_other_things_is_left_alone(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine").touch()
    monkeypatch.setattr("sys.argv", ["build.py", str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        build.main()
    assert "holds something else than pages" in capsys.readouterr().err and (tmp_path / "mine").exists()


@pytest.mark.posix("it is a shell script")
@pytest.mark.parametrize("words", [(), ("one", "two")])
def test_ci_site_says_how_it_is_used(words):
    done = subprocess.run([ROOT / ".ci/site", *words], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "usage: .ci/site OUT\n")


def test_addresses_come_from_pyproject():
    assert build.binder().startswith(f"https://mybinder.org/v2/gh/{'/'.join(URLS['Repository'].split('/')[-2:])}/")
    assert (ROOT / build.binder().partition("lab/tree/")[2]).is_file()
    assert f"(https://mybinder.org/badge_logo.svg)]({build.binder()})" in README
    assert URLS["In the browser"] == URLS["Documentation"] + "lab/"
    for name in ("Documentation", "In the browser"):
        assert f"]({URLS[name]})" in README


def test_its_style_has_all_colours_that_a_widget_asks_for():
    """With none of them a widget would take its own for a light page, also in a dark one."""
    given = set(re.findall(r"(--jp-[\w-]+):", (PAGES / "static/widgets.css").read_text(encoding="utf-8")))
    files = [path for path in (ROOT / "smtplab").rglob("*") if path.suffix in (".py", ".css", ".js")]
    asked = {name for path in files for name in re.findall(r"var\((--jp-[\w-]+)", path.read_text(encoding="utf-8"))}
    assert "--jp-layout-color1" in asked
    assert {name for name in asked if not re.search(r"-font-(family|size\d)$", name)} - given == set()


# --- publishing ---

@pytest.fixture
def workflow() -> dict:
    return yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text(encoding="utf-8"))


def problems(workflow: dict) -> list[str]:
    """What is wrong with the workflow that publishes."""
    jobs, found = workflow["jobs"], []
    if workflow["permissions"] != {"contents": "read"} or "permissions" in jobs["build"]:
        found.append("what runs the lessons may write")
    if jobs["publish"]["permissions"] != {"pages": "write", "id-token": "write"}:
        found.append("publishing needs these rights and no others")
    if workflow[True] != {"push": {"branches": ["main"]}, "workflow_dispatch": None}:  # YAML reads `on` as true
        found.append("it publishes what is not on main")
    for name, job in jobs.items():
        if not 0 < job.get("timeout-minutes", 0) <= 30:
            found.append(f"{name} has no time limit")
        found += [f"{step['uses']} has no version" for step in job["steps"]
                  if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "a/b@v1"))]
    *_, make, upload = jobs["build"]["steps"]
    command, _, folder = make["run"].partition(" ")
    if not os.access(ROOT / command, os.X_OK) or upload["with"]["path"] != folder:
        found.append("what is made is not what is published")
    return found


def test_the_workflow_publishes_what_ci_site_makes(workflow):
    assert problems(workflow) == []


@each_row("apply, problem", [
    (change("permissions", to={"contents": "write"}), "what runs the lessons may write"),
    (change("jobs", "publish", "permissions", to={"contents": "write"}), "publishing needs these rights and no others"),
    (change(True, "push", to={"branches": ["**"]}), "it publishes what is not on main"),
    (change("jobs", "publish", "timeout-minutes", to=0), "publish has no time limit"),
    (change("jobs", "build", "steps", 0, "uses", to="actions/checkout@main"), "actions/checkout@main has no version"),
    (change("jobs", "build", "steps", -2, "run", to=".ci/no-such site"), "what is made is not what is published"),
    (change("jobs", "build", "steps", -1, "with", "path", to="other"), "what is made is not what is published")])
def test_a_workflow_that_has_rotted_is_found(apply, problem):
    changed = yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text(encoding="utf-8"))
    apply(changed)
    assert problem in problems(changed)
