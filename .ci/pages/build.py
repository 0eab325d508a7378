"""The pages of the course: every lesson with its outputs, a front page, the API reference and the hand-outs.

    python .ci/pages/build.py OUT [--lab FOLDER]

Each notebook is run once, in a kernel of its own; a cell that fails ends it all. Pages need no network and no kernel:
in place of each widget stands the HTML that it has for exports. FOLDER is the lab that runs in a browser, if it was
made beforehand; it becomes OUT/lab.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import ssl
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from smtplab.show import FourCorners
from smtplab.show.corner_runs import recorded_corners

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NOTEBOOKS = ROOT / "notebooks"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
CELL_TIMEOUT_S = 120
NO_LAB = """---
orphan: true
---

# The lab in your browser

These pages were made without it. [Install the lab](../index.md#install), or open it on [a machine of Binder's]({}).
"""
# A cell's output is what a widget was when it came into the page: a clock at zero. This prints what each has become.
AT_THE_END = """
import json
from ipywidgets.widgets.widget import _instances
from smtplab.show.running import RunPanel
from smtplab.show.widget_base import LabWidget
for widget in (mine := [one for one in _instances.values() if isinstance(one, LabWidget)]):
    if isinstance(widget, RunPanel):
        widget.wait(60)
def page(one):  # what has no form of its own for pages, and none as text, is shown as it is seen
    return one.shown() if type(one).text is LabWidget.text else one.page()
print(json.dumps({one.model_id: {"text/plain": one.text(), "text/html": page(one)} for one in mine}))
"""


@contextmanager
def own_home() -> Iterator[Path]:
    """A short-lived folder in which kernels find nobody's settings and no one's progress."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="pages-") as name:  # short: Unix sockets will be in it
        own = ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
        os.environ.update(dict.fromkeys(own, name), SMTPLAB_PROGRESS=f"{name}/progress.json")
        try:
            yield Path(name)
        finally:
            os.environ.clear()
            os.environ.update(before)


def execute(path: Path, home: Path) -> nbformat.NotebookNode:
    """The notebook with its outputs, each widget as it is after the last cell.

    A cell that fails, and isn't meant to, raises nbclient's CellExecutionError.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(AT_THE_END))
    work = home / path.stem
    shutil.copytree(NOTEBOOKS, work)
    client = NotebookClient(notebook, timeout=CELL_TIMEOUT_S, resources={"metadata": {"path": str(work)}})
    kernel = client.create_kernel_manager()
    kernel.connection_file = str(home / f"{path.stem}.json")
    if os.name == "posix":  # over TCP a kernel's ports are chosen first and bound later; a lab server may come between
        kernel.transport = "ipc"
    with ThreadPoolExecutor(1) as pool:  # in this thread there may be an event loop already
        pool.submit(lambda: asyncio.run(client.async_execute())).result()
    widgets = json.loads(notebook.cells.pop().outputs[0].text)
    for_a_page(notebook, widgets)
    return notebook


def for_a_page(notebook: nbformat.NotebookNode, widgets: dict[str, dict[str, str]]) -> None:
    """Leave out what only a page with a kernel can show: then a widget's own HTML, or else its text, is shown."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = linked(cell.source)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            model = data.pop(WIDGET_VIEW, {}).get("model_id")
            data.update({kind: text for kind, text in widgets.get(model, {}).items() if text})


def told(try_it: str) -> str:
    """What stands under each lesson's title."""
    versions = f"Python {platform.python_version()} and {' '.join(ssl.OPENSSL_VERSION.split()[:2])}"
    return (f"\n\n:::{{admonition}} Recorded\nRun on {date.today().isoformat()} with {versions}. Buttons and fields "
            f"that need a running lab are left out. To have them all: {try_it}.\n:::")


def linked(markdown: str) -> str:
    """Links to pages that Sphinx only copies, as it wants them."""
    return re.sub(r"\[([^\]]+)\]\((hand-out[\w.]*\.html)\)", r'<a href="\2">\1</a>', markdown)


def fill(template: str, **values: str) -> str:
    """The template with `@NAME@` replaced; KeyError for a name without a value."""
    return re.sub(r"@([A-Z]+)@", lambda found: values[found[1]], template)


def binder() -> str:
    """Where the lab can be tried on a machine of Binder's, which reads environment.yml."""
    repository = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    return f"https://mybinder.org/v2/gh/{repository}/HEAD?urlpath=lab/tree/notebooks/00-start-here.ipynb"


def entry(name: str, notebook: nbformat.NotebookNode) -> str:
    """A lesson's line in the list of pages: its number and its title."""
    title = notebook.cells[0].source.partition("\n")[0].removeprefix("# ").replace("*", "")
    return f"{int(name[:2])}. {title} <{name}>"


def stage(source: Path, executed: dict[str, nbformat.NotebookNode], lab: bool) -> None:
    """Write what Sphinx reads."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [run, test] = re.findall(r"^python3 -m venv .*$", readme, re.MULTILINE)
    for name, notebook in executed.items():
        ways = ["[install it](index.md#install)", *(['<a href="lab/index.html">open it in the browser</a>'] * lab)]
        notebook.cells[0].source += told(" or ".join(ways))
        nbformat.write(notebook, source / f"{name}.ipynb")
    for name, path in {"instructor-guide": NOTEBOOKS / "instructor-guide.md", "api": ROOT / ".github/API.md"}.items():
        (source / f"{name}.md").write_text(linked(path.read_text(encoding="utf-8")), encoding="utf-8")
    (source / "four-corners.html").write_text(FourCorners(runs=recorded_corners()).page(), encoding="utf-8")
    (source / "index.md").write_text(fill(
        (HERE / "front.md").read_text(encoding="utf-8"), DESCRIPTION=PROJECT["description"],
        PYTHON=PROJECT["requires-python"].removeprefix(">="), REPOSITORY=PROJECT["urls"]["Repository"],
        LAB=run, TEST=test, LESSONS="\n".join(map(entry, executed, executed.values())), MORE="\n".join((
            "instructor-guide", "api", f"GitHub <{PROJECT['urls']['Repository']}>")),
        TRY=f"[on a machine of Binder's]({binder()})" + (' or <a href="lab/index.html">in your browser</a>' * lab)),
        encoding="utf-8")
    if not lab:  # the README leads there
        (source / "lab").mkdir()
        (source / "lab" / "index.md").write_text(NO_LAB.format(binder()), encoding="utf-8")


def build(out: Path, lab: Path | None = None, notebooks: Path = NOTEBOOKS) -> int:
    """Make the pages in `out`, in place of older ones. Returns 0, or Sphinx's exit code; a warning is an error.

    Raises ValueError for a folder that holds anything else: it would be lost.
    """
    if out.exists() and any(out.iterdir()) and not (out / "searchindex.js").is_file():
        raise ValueError(f"{out} holds something else than pages; name another folder, or empty it")
    from sphinx.cmd.build import build_main
    executed = {}
    with own_home() as home:
        for path in sorted(notebooks.glob("*.ipynb")):
            start = time.monotonic()
            executed[path.stem] = execute(path, home)
            print(f"{path.stem}: {time.monotonic() - start:.1f} s", flush=True)
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as work:
        source = Path(work, "source")
        source.mkdir()
        stage(source, executed, bool(lab))
        failed = build_main(["-q", "-W", "--keep-going", "-b", "html", "-c", str(HERE), "-d", f"{work}/doctrees",
                             str(source), str(out)])
    for unneeded in (".buildinfo", "objects.inv"):
        (out / unneeded).unlink(missing_ok=True)
    shutil.rmtree(out / "_sources", ignore_errors=True)
    if lab:
        shutil.copytree(lab, out / "lab")
    return failed


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--lab", type=Path)
    asked = parser.parse_args()
    try:
        return build(asked.out, asked.lab)
    except ValueError as exc:
        parser.error(str(exc))


if __name__ == "__main__":
    sys.exit(main())
