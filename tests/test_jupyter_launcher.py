"""`smtplab lab`: what is copied, how JupyterLab is started, and that it ends when told."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from smtplab import jupyter_launcher
from smtplab.jupyter_launcher import FIRST_LESSON, GUIDE, MAX_RUNTIME_PATH_BYTES, copy_notebooks, lab_config, notebooks


@pytest.fixture
def source(tmp_path):
    """Two notebooks as a package has them, one in a folder, the trainer's guide, and a left-over that is not one."""
    source = tmp_path / "source"
    for name in (FIRST_LESSON, GUIDE, "more/b.ipynb", ".ipynb_checkpoints/b.ipynb"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(f"new {name}")
    return source


def files(directory: Path) -> dict[str, str]:
    return {str(p.relative_to(directory)): p.read_text() for p in directory.rglob("*") if p.is_file()}


def test_a_copy_has_all_the_notebooks(source, tmp_path):
    assert copy_notebooks(source, tmp_path / "a" / "b") == []
    assert files(tmp_path / "a" / "b") == {FIRST_LESSON: f"new {FIRST_LESSON}", "more/b.ipynb": "new more/b.ipynb"}


def test_a_copy_never_overwrites(source, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / FIRST_LESSON).write_text("my work")
    assert copy_notebooks(source, mine) == [mine / FIRST_LESSON]
    assert files(mine) == {FIRST_LESSON: "my work", "more/b.ipynb": "new more/b.ipynb"}
    # Again: what is the same as the package's is no news.
    assert copy_notebooks(source, mine) == [mine / FIRST_LESSON]


@pytest.mark.posix("anybody may make a link")
def test_a_copy_never_writes_through_a_link(source, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / FIRST_LESSON).symlink_to(tmp_path / "elsewhere")
    assert copy_notebooks(source, mine) == [mine / FIRST_LESSON]
    assert not (tmp_path / "elsewhere").exists()


def test_a_copy_that_cant_be_made_is_an_oserror(source, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        copy_notebooks(source, tmp_path / "file" / "inside")


def test_a_checkouts_own_notebooks_are_found(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    assert notebooks(tmp_path / "smtplab") == (tmp_path / "notebooks", True)


def test_an_installed_package_has_its_own(tmp_path):
    (tmp_path / "notebooks").mkdir()  # somebody else's: there is no pyproject.toml beside it
    assert notebooks(tmp_path / "smtplab") == (tmp_path / "smtplab" / "_notebooks", False)


def test_the_first_lesson_opens_where_there_is_one(source, tmp_path):
    config = lab_config(source, tmp_path)
    assert config["ServerApp"]["root_dir"] == str(source)
    assert config["LabApp"]["default_url"] == f"/lab/tree/{FIRST_LESSON}"
    assert "default_url" not in lab_config(tmp_path, tmp_path)["LabApp"]


@pytest.mark.skipif(os.name != "posix", reason="Unix sockets")
def test_kernels_use_unix_sockets_only_where_their_paths_fit(tmp_path):
    fits = Path("/" + "x" * (MAX_RUNTIME_PATH_BYTES - 1))
    assert lab_config(tmp_path, fits)["KernelManager"] == {"transport": "ipc"}
    assert "KernelManager" not in lab_config(tmp_path, Path(f"{fits}x"))


@pytest.mark.skipif(os.name != "posix", reason="uids")
@pytest.mark.parametrize("uid", [0, 1000])
def test_root_is_allowed_only_as_root(monkeypatch, tmp_path, uid):
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    assert lab_config(tmp_path, tmp_path)["ServerApp"]["allow_root"] == (uid == 0)


# Stands in for `python -m jupyterlab`: it says how it was started, and ends as told.
FAKE = """
    import json, os, signal, sys, threading
    if "--fail" in sys.argv:
        sys.exit(7)
    folder = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0]
    with open(f"{folder}/jupyter_lab_config.json") as file:
        seen = {"argv": sys.argv[1:], "folder": folder, "config": json.load(file)}
    if "--wait" in sys.argv:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(print(json.dumps(seen | {"ended": "SIGTERM"}))))
        with open(f"{os.environ['JUPYTER_RUNTIME_DIR']}/jpserver-{os.getpid()}.json", "w") as file:
            json.dump({"url": "http://127.0.0.1:4242/", "token": "abc"}, file)
        threading.Event().wait(60)
    print(json.dumps(seen))
"""


@pytest.fixture
def fake_jupyterlab(tmp_path, monkeypatch):
    folder = tmp_path / "fake"
    folder.mkdir()
    (folder / "jupyterlab.py").write_text(textwrap.dedent(FAKE))
    checkout = str(jupyter_launcher.PACKAGE.parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(folder), checkout)))
    for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_PATH"):
        monkeypatch.delenv(name, raising=False)


START = "import sys; from pathlib import Path; from smtplab.jupyter_launcher import open_lab; " \
        "sys.exit(open_lab(Path(sys.argv[1]), sys.argv[2:]))"


def start(*args) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", START, *map(str, args)], stdout=subprocess.PIPE, text=True)


@pytest.mark.usefixtures("fake_jupyterlab")
def test_the_users_options_go_through_as_they_are(tmp_path):
    child = start(tmp_path / "dir", "--port=9", "x y")
    out, _ = child.communicate(timeout=30)
    seen = json.loads(out.splitlines()[-1])
    assert child.returncode == 0
    assert seen["argv"] == ["--port=9", "x y"]
    # On JupyterLab's command line an option may stand once only, so ours are in the file.
    assert seen["config"]["ServerApp"]["port"] == 0
    assert seen["config"]["ServerApp"]["root_dir"] == str(tmp_path / "dir")
    assert (tmp_path / "dir").is_dir()


@pytest.mark.usefixtures("fake_jupyterlab")
def test_a_jupyterlab_that_fails_is_a_failure(tmp_path):
    child = start(tmp_path / "dir", "--fail")
    child.communicate(timeout=30)
    assert child.returncode == 1


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.usefixtures("fake_jupyterlab")
def test_told_to_end_it_ends_jupyterlab_and_leaves_nothing(tmp_path, name):
    child = start(tmp_path / "dir", "--wait")
    first = [next(child.stdout) for _ in range(2)]
    assert first == [f"Notebooks: {tmp_path / 'dir'}\n", "JupyterLab: http://127.0.0.1:4242/?token=abc\n"]
    child.send_signal(getattr(signal, name))
    out, _ = child.communicate(timeout=30)
    seen = json.loads(out)
    assert (child.returncode, seen["ended"]) == (0, "SIGTERM")
    assert not Path(seen["folder"]).exists()
