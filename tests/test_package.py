"""What is shipped: the two lists of dependencies agree and are true, the wheel is whole, the files are clean."""

import ast
import configparser
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from real_tools import need, need_module

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def bounds(lines: list[str]) -> dict[str, str]:
    return {r.name.lower(): str(r.specifier) for r in map(Requirement, lines)}


# --- dependencies ---

def test_environment_yml_has_pyproject_s_names_and_bounds(project):
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, *conda, pip = environment["dependencies"]
    conda = bounds(conda)
    assert environment["channels"] == ["conda-forge"]
    assert is_one_of_ours(python, project)
    assert conda.pop("pip") == ""
    assert pip == {"pip": ["-e ."]}
    assert conda == bounds(project["dependencies"])


def is_one_of_ours(python: str, project: dict) -> bool:
    """Whether conda is told exactly one Python, which pyproject.toml allows and names."""
    told = re.fullmatch(r"python=(3\.\d+)", python)
    return bool(told) and Requirement(f"python{project['requires-python']}").specifier.contains(told[1]) and (
        f"Programming Language :: Python :: {told[1]}" in project["classifiers"])


@pytest.mark.parametrize("python", ["python>=3.11", "python=3.10", "python=3.99", "python", "pythonx=3.12"])
def test_another_python_for_conda_is_found(project, python):
    assert not is_one_of_ours(python, project)


def test_every_dependency_has_a_lower_bound(project):
    lines = project["dependencies"] + sum(project["optional-dependencies"].values(), [])
    assert [line for line in lines if not Requirement(line).specifier] == []


DISTRIBUTIONS = {"yaml": "pyyaml"}  # where a package is installed under another name


def imported(source: str) -> set[str]:
    """What this Python text needs installed: it imports it, wherever, and it is not the standard library or its own."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.partition(".")[0])
    return {DISTRIBUTIONS.get(name, name) for name in names - sys.stdlib_module_names - {"smtplab"}}


def test_imports_are_found_in_any_place():
    text = "import os, a.b, yaml\nfrom . import x\nfrom smtplab import y\ndef f():\n    from c.d import e\n"
    assert imported(text) == {"a", "c", "pyyaml"}


def test_what_is_imported_is_declared_and_what_is_declared_is_used(project):
    room = set().union(*(imported(p.read_text(encoding="utf-8")) for p in (ROOT / "smtplab" / "room").glob("*.py")))
    found = set().union(*(imported(p.read_text(encoding="utf-8")) for p in (ROOT / "smtplab").rglob("*.py")
                          if p.parent.name != "room"))
    assert room - bounds(project["dependencies"]).keys() == bounds(project["optional-dependencies"]["room"]).keys()
    # JupyterLab is run, and these four are what the notebooks themselves may use.
    for_notebooks = {"jupyterlab", "ipywidgets", "anywidget", "matplotlib", "scapy"}
    assert found - {"pytest"} | for_notebooks == bounds(project["dependencies"]).keys()
    # pytest alone loads what imports it.
    importing = [p for p in (ROOT / "smtplab").rglob("*.py") if "pytest" in imported(p.read_text(encoding="utf-8"))]
    assert [p.name for p in importing] == ["pytest_plugin.py"]


# --- versions ---

def fresh(code: str, path: Path | None, *options: str) -> str:
    """What a new Python prints, with only `path` and what the options leave to find modules in."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, *options, "-c", code], cwd=os.path.abspath(os.sep), capture_output=True,
                          text=True, env=environment | ({"PYTHONPATH": str(path)} if path else {}))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_the_version_of_an_installed_package_is_pyproject_s(unpacked, project):
    assert fresh("import smtplab; print(smtplab.__version__)", unpacked, "-S") == project["version"]


def test_a_checkout_that_is_not_installed_has_an_unknown_version(project):
    # -S: without site-packages, where it may be installed
    assert fresh("import smtplab; print(smtplab.__version__)", ROOT, "-S") == "0+unknown" != project["version"]


def test_the_version_costs_nothing_until_it_is_asked_for():
    code = "import sys, smtplab; assert '__version__' in dir(smtplab); before = 'importlib.metadata' in sys.modules; " \
           "smtplab.__version__; print(before, 'importlib.metadata' in sys.modules)"
    assert fresh(code, ROOT, "-S") == "False True"


def test_the_classifiers_begin_with_the_oldest_python_that_is_allowed(project):
    found = [c.rpartition(" ")[2] for c in project["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert project["requires-python"] == f">={found[0]}"
    assert found == [f"3.{minor}" for minor in range(11, 11 + len(found))]


# --- the wheel ---

@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    need_module("hatchling", "pip")
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation nothing has to be fetched.
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
                    "--disable-pip-version-check", "--wheel-dir", str(folder), str(ROOT)], check=True)
    [file] = folder.iterdir()
    return file


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_has_the_package_and_the_notebooks(unpacked):
    def inside(folder: Path) -> set[Path]:
        skipped = {"__pycache__", ".ipynb_checkpoints", "images"}
        return {p.relative_to(folder) for p in folder.rglob("*") if p.is_file() and not skipped & set(p.parts)}

    assert {p.name for p in NOTEBOOKS} <= {p.name for p in inside(unpacked / "smtplab" / "_notebooks")}
    assert inside(unpacked / "smtplab" / "_notebooks") == inside(ROOT / "notebooks")
    assert inside(ROOT / "smtplab") <= inside(unpacked / "smtplab")
    assert list((ROOT / "notebooks" / "images").iterdir()) and not list(unpacked.rglob("*.png"))  # the README's alone
    assert (unpacked / "smtplab" / "py.typed").is_file()  # without it a type checker takes no notice of the types


def test_the_wheel_has_the_command_and_jupyterlab_s_settings(unpacked, project):
    [metadata] = unpacked.glob("*.dist-info")
    entry_points = configparser.ConfigParser()
    entry_points.read(metadata / "entry_points.txt")
    assert dict(entry_points["console_scripts"]) == {"smtplab": "smtplab.__main__:main"}
    assert dict(entry_points["pytest11"]) == {"smtplab.testing.pytest_plugin": "smtplab.testing.pytest_plugin"}
    told = Parser().parsestr((metadata / "METADATA").read_text(encoding="utf-8"))
    assert set(told.get_all("Project-URL")) == {f"{name}, {url}" for name, url in project["urls"].items()}
    [settings] = unpacked.glob("*.data/data/share/jupyter/lab/settings/overrides.d/*.json")
    assert json.loads(settings.read_text())["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_an_installed_package_opens_a_copy_of_its_own_notebooks(unpacked, tmp_path):
    code = "from pathlib import Path; from smtplab.jupyter_launcher import copy_notebooks, notebooks; " \
           "source, checkout = notebooks(); print(source, checkout, copy_notebooks(source, Path('c')))"
    seen = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(unpacked)},
                          stdout=subprocess.PIPE, text=True, check=True)
    assert seen.stdout == f"{unpacked / 'smtplab' / '_notebooks'} False []\n"
    assert {p.name for p in (tmp_path / "c").glob("*.ipynb")} == {p.name for p in NOTEBOOKS}


# --- the files ---

# A person's folder on the machine where a line was written, or a private key (the lab makes its own as it runs).
UNWANTED = re.compile(r"/(?:home|root|Users|mnt|workspace)/\w|[A-Z]:\\Users|-----BEGIN [A-Z ]*PRIVATE KEY")


def test_no_file_names_a_machine_s_folder_or_holds_a_key():
    [git] = need("git")
    listed = subprocess.run([git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert ROOT / "pyproject.toml" in files
    found = [f"{p}: {m[0]}" for p in files if p.is_file() for m in UNWANTED.finditer(p.read_text(errors="replace"))]
    assert found == []


@pytest.mark.parametrize("text", ["see /home/" "ann/x", "C:\\" "Users\\ann", "-----BEGIN EC " "PRIVATE KEY-----"])
def test_such_a_file_would_be_found(text):
    assert UNWANTED.search(text)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_is_stripped(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    ids = [cell["id"] for cell in notebook["cells"]]
    assert (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5)
    assert len(set(ids)) == len(ids)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [c["id"] for c in code if c["outputs"] or c["execution_count"] is not None] == []
