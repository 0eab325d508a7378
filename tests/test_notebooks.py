"""Every notebook runs from top to bottom without a browser, and again; its code stays small."""

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers import read_notebook
from own_run import short_folder

from smtplab import Cause
from smtplab.course.rehearsal import planned_minutes

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
NAMES = sorted(p.name for p in NOTEBOOKS.glob("*.ipynb"))
TRANSLATED = [name for name in NAMES if name.count(".") > 1]  # LESSON.ja.ipynb
LESSONS = [name for name in NAMES if name not in TRANSLATED]


def code_cells(name: str) -> list:
    return [c for c in read_notebook(NOTEBOOKS / name).cells if c.cell_type == "code"]


@pytest.fixture
def run(monkeypatch):
    """`run(notebook, folder, ...)` runs its cells in one kernel, without any settings of the user's."""
    home = str(short_folder("nb-"))
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, home)

    monkeypatch.setenv("SMTPLAB_PROGRESS", f"{home}/progress.json")

    def run(notebook: object, folder: Path, *orders: int) -> None:
        """Once from top to bottom; then again with each of `orders`: 1 downwards, -1 upwards."""
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient
        # Over TCP a kernel's ports are chosen first and bound later; a lab server may come between. Over Unix
        # sockets the folder has to be named: else they lie in the working directory, which is not the kernel's.
        kernel = AsyncKernelManager(kernel_name="python3", connection_file=f"{home}/kernel.json",
                                    transport="ipc" if os.name == "posix" else "tcp")
        client = NotebookClient(notebook, km=kernel, timeout=60, resources={"metadata": {"path": str(folder)}})
        client.startup_timeout = 300  # a machine that does much else

        async def execute() -> None:
            async with client.async_setup_kernel(cleanup_kc=True):
                for order in (1, *orders):
                    for index, cell in list(enumerate(notebook.cells))[::order]:
                        await client.async_execute_cell(cell, index)

        # In a thread: in this one the browser of other tests may have an event loop.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, execute()).result()

    yield run
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("again", [(), pytest.param((-1,), marks=pytest.mark.slow)], ids=["once", "and-upwards"])
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs(name, again, run, tmp_path):
    # And again in the same kernel, as a learner does who goes back: what the first run left must not disturb the
    # second, in the least likely order of all, from the end to the start.
    work = tmp_path / "work"
    shutil.copytree(NOTEBOOKS, work)
    before = sorted(work.rglob("*"))
    lesson = read_notebook(work / name)
    run(lesson, work, *again)
    assert sorted(work.rglob("*")) == before, "a lesson leaves no files"
    assert not_shown(lesson, name[:2]) == []
    assert name[:2] in ("06", "08") or too_long(lesson) == {}


def not_shown(lesson, number: str) -> list[Cause]:
    """The causes whose text names this lesson, though no cell of it shows them."""
    outputs = json.dumps([cell.outputs for cell in lesson.cells if cell.cell_type == "code"])
    # A dial can't tell this one from an unknown authority; the kind of server is shown.
    names = {Cause.CERT_CHAIN_INCOMPLETE: "incomplete-chain"}
    return [cause for cause in Cause if cause.text.lesson == number and names.get(cause, cause) not in outputs]


MOST_LINES = 25  # of an output on the core way


def too_long(lesson: object) -> dict[str, int]:
    """Cells on the core way whose output has more lines than a page shows at once, and how many.

    Pictures and widgets don't count: their text form is for where they can't be shown.
    """
    found = {}
    for cell in lesson.cells:
        if cell.cell_type == "code" and "side" not in cell.metadata.get("tags", ()):
            texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
                     if not {"image/png", "application/vnd.jupyter.widget-view+json"} & set(output.get("data", {}))]
            lines = sum(len(text.splitlines()) for text in texts)
            if lines > MOST_LINES:
                found[cell.id] = lines
    return found


def test_an_output_that_is_too_long_is_found():
    import nbformat
    new = nbformat.v4
    def said(lines: int) -> list:
        return [new.new_output("stream", text="x\n" * lines)]

    table = [new.new_output("display_data", data={"text/plain": "x\n" * 26, "text/html": "<p>"})]
    picture = [new.new_output("display_data", data={"text/plain": "x\n" * 26, "image/png": "x"})]
    cells = [new.new_code_cell("", id=name, outputs=outputs, metadata={"tags": tags}) for name, outputs, tags in (
        ("short", said(25), []), ("long", said(26), []), ("table", table, []), ("two", said(13) * 2, []),
        ("picture", picture, []), ("folded", said(99), ["side"]))]
    assert too_long(new.new_notebook(cells=cells)) == {"long": 26, "table": 26, "two": 26}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_beside_the_way_is_folded_and_stands_at_the_end(name):
    """Each part under a folded heading of its own; JupyterLab hides what follows one, up to the next heading."""
    cells = read_notebook(NOTEBOOKS / name).cells
    side = [index for index, cell in enumerate(cells) if "side" in cell.metadata.get("tags", ())]
    assert side == list(range(len(cells) - 1 - len(side), len(cells) - 1)), "in one piece, before the key points"
    for index, cell in enumerate(cells):
        heading = cell.cell_type == "markdown" and cell.source.startswith("## ")
        folded = bool(cell.metadata.get("jp-MarkdownHeadingCollapsed"))
        assert folded == (heading and index in side), cell.id
        assert index not in side or "## " not in cell.source[3:], "a heading within a cell would end the folding"
    assert not side or cells[side[0]].source.startswith("## ") and cells[-1].source.startswith("## Key points")


def test_a_cause_that_its_lesson_does_not_show_is_found():
    import nbformat
    said = nbformat.v4.new_output("stream", text="starttls-required | closed-before-greeting")
    lesson = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("...", outputs=[said])])
    missing = not_shown(lesson, "04")
    assert Cause.REFUSED in missing and Cause.STARTTLS_REQUIRED not in missing and Cause.OK not in missing


@pytest.mark.parametrize(("tags", "seen"), [([], True), (["raises-exception"], False)])
def test_a_cell_that_fails_is_seen_unless_it_is_meant_to(run, tmp_path, tags, seen):
    import nbformat
    from nbclient.exceptions import CellExecutionError
    cell = nbformat.v4.new_code_cell("1/0", metadata={"tags": tags})
    with pytest.raises(CellExecutionError, match="ZeroDivisionError") if seen else contextlib.nullcontext():
        run(nbformat.v4.new_notebook(cells=[cell]), tmp_path)
    assert cell.outputs[0].ename == "ZeroDivisionError"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_is_the_lesson_alone(name):
    cells = read_notebook(NOTEBOOKS / name).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells), "outputs are stripped"
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    assert texts[0].startswith("# ") and planned_minutes(texts[0]), "question and minutes"
    assert "## Key points" in texts[-1]
    # A text cell before each code cell, and one at the end.
    kinds = [cell.cell_type for cell in cells[1:]]
    assert kinds == ["markdown", "code"] * (len(kinds) // 2) + ["markdown"]


def test_links_lead_from_lesson_to_lesson():
    for name, following in itertools.pairwise(LESSONS):
        last = read_notebook(NOTEBOOKS / name).cells[-1].source
        assert f"]({following})" in last, name
    for name in NAMES:
        text = "\n".join(cell.source for cell in read_notebook(NOTEBOOKS / name).cells)
        assert [link for link in re.findall(r"\]\(([^)]+)\)", text) if not (NOTEBOOKS / link).is_file()] == [], name


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_says_the_same_minutes_and_question(name):
    first = read_notebook(NOTEBOOKS / name).cells[0].source
    row = next(line for line in (NOTEBOOKS.parent / "README.md").read_text(encoding="utf-8").splitlines()
               if f"({'notebooks/' + name})" in line)
    minutes = "-".join(map(str, dict.fromkeys(planned_minutes(first))))
    assert f"| {minutes} |" in row and first.splitlines()[0].removeprefix("# ") in row


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_translation_has_the_lesson_s_cells(name):
    def shape(name: str) -> list[tuple]:
        return [(c.cell_type, c.id, c.metadata,
                 re.sub(r' *#.*|(?:, )?lang(?:uage)?="\w\w"', "", c.source) if c.cell_type == "code" else "")
                for c in read_notebook(NOTEBOOKS / name).cells]

    original = f"{name.partition('.')[0]}.ipynb"
    assert shape(name) == shape(original)
    theirs, ours = (read_notebook(NOTEBOOKS / n).cells for n in (original, name))
    assert planned_minutes(theirs[0].source) == planned_minutes(ours[0].source)
    following = re.findall(r"\]\((\d\d-[^)]+)\)", theirs[-1].source)
    assert following == re.findall(r"\]\((\d\d-[^)]+)\)", ours[-1].source)
    for original_cell, cell in zip(theirs, ours, strict=True):
        assert cell.cell_type == "code" or re.search("[ぁ-ん]", cell.source), cell.id
        assert original_cell.source.count("## ") == cell.source.count("## "), cell.id


@pytest.mark.parametrize("name", NAMES)
def test_nine_code_cells_in_ten_are_under_eight_lines(name):
    lines = [len(c.source.splitlines()) for c in code_cells(name)]
    assert sum(n < 8 for n in lines) >= 0.9 * len(lines), lines
