"""GitHub runs what the README and .ci/run say, on the systems and Pythons that the package claims."""

import copy
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from helpers import each_row

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXT = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
RUNNERS = {"ubuntu": "POSIX :: Linux", "macos": "MacOS", "windows": "Microsoft :: Windows"}


@pytest.fixture
def workflow() -> dict:
    return yaml.safe_load(TEXT)


def problems(workflow: dict) -> Iterator[str]:
    """What is wrong with this workflow."""
    if workflow["permissions"] != {"contents": "read"}:
        yield "it may do more than read"
    if not workflow["concurrency"]["cancel-in-progress"]:
        yield "older runs go on"
    jobs = workflow["jobs"]
    for name, job in jobs.items():
        if not 0 < job.get("timeout-minutes", 0) <= 90:
            yield f"{name} has no time limit"
        for used in [step["uses"] for step in job["steps"] if "uses" in step]:
            if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+(\.\d+)*", used):
                yield f"{used} has no version"
    whole = [step["run"] for step in jobs["everything"]["steps"] if "run" in step]
    if whole[-1] != ".ci/run" or not os.access(ROOT / whole[-1], os.X_OK):
        yield "nothing runs all"
    if jobs["everything"]["container"]["image"] != "debian:12":
        yield ".ci/run is made for Debian 12"
    [command] = re.findall(r"^.*&& \.venv/bin/pytest.*$", README, re.MULTILINE)
    runs = [step["run"] for step in jobs["default"]["steps"] if "run" in step]
    if runs != [command, command.replace("python3", "python").replace("/bin/", "/Scripts/")]:
        yield "the default run is not the README's"
    yield from unclaimed(jobs["default"]["strategy"]["matrix"])


def unclaimed(matrix: dict) -> Iterator[str]:
    """Where the package's classifiers and the jobs' matrix differ."""
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]
    pythons = {c.rpartition(" ")[2] for c in classifiers if re.search(r"Python :: 3\.\d+$", c)}
    systems = {c.partition(" :: ")[2] for c in classifiers if c.startswith("Operating System")}
    if set(matrix["python"]) != pythons:
        yield "other Pythons are claimed than are run"
    runners = [*matrix["os"], *(row["os"] for row in matrix["include"])]
    if {RUNNERS[runner.partition("-")[0]] for runner in runners} != systems:
        yield "other systems are claimed than are run"
    if any(row["untried"] for row in matrix["include"]) != ("nobody has tried" in README):
        yield "the README does not say what was not tried"


def test_the_workflow_runs_what_the_readme_and_ci_run_say(workflow):
    assert list(problems(workflow)) == []


def change(*path: str | int, to: object) -> Callable[[dict], None]:
    """A change of what stands at this path."""
    def apply(workflow: dict) -> None:
        *above, last = path
        for part in above:
            workflow = workflow[part]
        workflow[last] = to

    return apply


DEFAULT = ("jobs", "default")


@each_row("apply, problem", [
    (change("permissions", to={"contents": "write"}), "it may do more than read"),
    (change("concurrency", "cancel-in-progress", to=False), "older runs go on"),
    (change(*DEFAULT, "timeout-minutes", to=0), "default has no time limit"),
    (change(*DEFAULT, "steps", 0, "uses", to="actions/checkout@main"), "actions/checkout@main has no version"),
    (change("jobs", "everything", "steps", -1, "run", to=".ci/no-such"), "nothing runs all"),
    (change("jobs", "everything", "container", "image", to="debian:13"), ".ci/run is made for Debian 12"),
    (change(*DEFAULT, "steps", -1, "run", to="pytest"), "the default run is not the README's"),
    (change(*DEFAULT, "strategy", "matrix", "python", to=["3.11"]), "other Pythons are claimed than are run"),
    (change(*DEFAULT, "strategy", "matrix", "include", to=[]), "other systems are claimed than are run"),
])
def test_a_workflow_that_has_rotted_is_found(apply, problem, workflow):
    changed = copy.deepcopy(workflow)
    apply(changed)
    assert problem in list(problems(changed))
