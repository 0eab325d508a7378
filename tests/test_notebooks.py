"""Every notebook runs from top to bottom without a browser, and again; its code stays small."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
NAMES = sorted(p.name for p in NOTEBOOKS.glob("*.ipynb"))


def code_cells(name: str) -> list[nbformat.NotebookNode]:
    return [c for c in nbformat.read(NOTEBOOKS / name, as_version=4).cells if c.cell_type == "code"]


@pytest.fixture
def run(monkeypatch):
    """`run(notebook, folder, times)` runs its cells in one kernel, without any settings of the user's."""
    home = tempfile.mkdtemp(prefix="nb-", dir="/tmp" if os.name == "posix" else None)
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, home)

    def run(notebook: nbformat.NotebookNode, folder: Path, times: int = 1) -> None:
        # Over TCP a kernel's ports are chosen first and bound later; a lab server may come between. Over Unix
        # sockets the folder has to be named: else they lie in the working directory, which is not the kernel's.
        kernel = AsyncKernelManager(kernel_name="python3", connection_file=f"{home}/kernel.json",
                                    transport="ipc" if os.name == "posix" else "tcp")
        client = NotebookClient(notebook, km=kernel, timeout=60, resources={"metadata": {"path": str(folder)}})
        with client.setup_kernel():
            for _ in range(times):
                for index, cell in enumerate(notebook.cells):
                    client.execute_cell(cell, index)

    yield run
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_twice_in_a_row(name, run, tmp_path):
    # In one kernel, as a learner does who runs all again: what the first run left must not disturb the second.
    work = tmp_path / "work"
    shutil.copytree(NOTEBOOKS, work)
    before = sorted(work.rglob("*"))
    run(nbformat.read(work / name, as_version=4), work, times=2)
    assert sorted(work.rglob("*")) == before, "a lesson leaves no files"


@pytest.mark.parametrize(("tags", "seen"), [([], True), (["raises-exception"], False)])
def test_a_cell_that_fails_is_seen_unless_it_is_meant_to(run, tmp_path, tags, seen):
    cell = nbformat.v4.new_code_cell("1/0", metadata={"tags": tags})
    with pytest.raises(CellExecutionError, match="ZeroDivisionError") if seen else contextlib.nullcontext():
        run(nbformat.v4.new_notebook(cells=[cell]), tmp_path)
    assert cell.outputs[0].ename == "ZeroDivisionError"


@pytest.mark.parametrize("name", NAMES)
def test_nine_code_cells_in_ten_are_under_eight_lines(name):
    lines = [len(c.source.splitlines()) for c in code_cells(name)]
    assert sum(n < 8 for n in lines) >= 0.9 * len(lines), lines
