"""What goes beyond one machine: the values for Kubernetes are the chart's, the plan is arithmetic, the image lints."""

import copy
import json
import os
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml
from helpers import each_row
from real_tools import need

from smtplab.room import sizing

TOP = Path(__file__).parents[2]
CLOUD = TOP / "smtplab" / "room" / "cloud"
VALUES = yaml.safe_load((CLOUD / "values.yaml").read_text(encoding="utf-8"))
NAMES = yaml.safe_load((Path(__file__).parent / "fixtures" / "z2jh_schema.yaml").read_text(encoding="utf-8"))
GUIDE = (TOP / "notebooks" / "instructor-guide.md").read_text(encoding="utf-8")


def schema(form):
    """A form of the fixture as a JSON schema."""
    if form == "any":
        return {}
    if isinstance(form, list):
        return {"enum": form}
    if isinstance(form, str):
        kinds = form.removesuffix("*").split("|")
        return {"type": [*kinds, "null"] if form.endswith("*") else kinds}
    if "<name>" in form:
        return {"type": "object", "additionalProperties": schema(form["<name>"])}
    return {"type": "object", "additionalProperties": False,
            "properties": {name: schema(inner) for name, inner in form.items()}}


def faults(values, told=None):
    return [f"{'.'.join(map(str, fault.absolute_path))}: {fault.message}"
            for fault in jsonschema.Draft7Validator(told or schema(NAMES)).iter_errors(values)]


def test_the_values_are_the_chart_s():
    jsonschema.Draft7Validator.check_schema(schema(NAMES))
    assert faults(VALUES) == []


@each_row(("path", "value"), [
    ("singleuser.memory.garantee", "1G"), ("hub.concurentSpawnLimit", 3), ("hub.concurrentSpawnLimit", "many"),
    ("cull.timeout", "1h"), ("proxy.service.type", "Loadbalancer"), ("singleusr", {}), ("cull.maxage", 3),
    ("singleuser.networkPolicy.egressAllowRules.privateIps", False), ("singleuser.extraFiles.x.path", "/etc")])
def test_a_typo_is_found(path, value):
    changed = copy.deepcopy(VALUES)
    *folders, name = path.split(".")
    place = changed
    for folder in folders:
        place = place.setdefault(folder, {})
    place[name] = value
    found = faults(changed)
    assert len(found) >= 1 and name in found[0]


def test_the_values_against_the_chart_s_own_schema():
    """Where somebody has it: SMTPLAB_Z2JH_SCHEMA=values.schema.yaml. What the chart itself gives need not be here."""
    named = os.environ.get("SMTPLAB_Z2JH_SCHEMA")
    if not named:
        pytest.skip("not here: the chart's values.schema.yaml (SMTPLAB_Z2JH_SCHEMA)")
    told = yaml.safe_load(Path(named).read_text(encoding="utf-8"))

    def without_required(node):
        if isinstance(node, dict):
            return {name: without_required(inner) for name, inner in node.items() if name != "required"}
        return [without_required(inner) for inner in node] if isinstance(node, list) else node

    assert faults(VALUES, without_required(told)) == []


def test_no_seat_reaches_out_or_is_reached():
    policy = VALUES["singleuser"]["networkPolicy"]
    allowed = {name for name, on in policy["egressAllowRules"].items() if on}
    assert policy["enabled"] and policy["ingress"] == policy["egress"] == []
    assert allowed == {"dnsPortsKubeSystemNamespace"} and len(policy["egressAllowRules"]) == 6


def test_a_seat_has_what_was_measured():
    guaranteed = int(VALUES["singleuser"]["memory"]["guarantee"].removesuffix("M")) * 1000 ** 2
    assert sizing.ALONE_MIB * 1024 ** 2 <= guaranteed <= 2 * sizing.ALONE_MIB * 1024 ** 2


def test_the_trainer_s_service_is_named_the_same_everywhere():
    claim, service, deployment = yaml.safe_load_all((CLOUD / "trainer.yaml").read_text(encoding="utf-8"))
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    given = {one["name"]: one.get("value") for one in container["env"]}
    [port] = service["spec"]["ports"]
    assert VALUES["hub"]["services"]["trainer"]["url"] == f"http://{service['metadata']['name']}:{port['port']}"
    assert given["JUPYTERHUB_SERVICE_URL"].endswith(f":{port['port']}")
    assert json.loads(given["JUPYTERHUB_OAUTH_ACCESS_SCOPES"])[0] in VALUES["hub"]["loadRoles"]["trainer"]["scopes"]
    image = VALUES["singleuser"]["image"]
    assert container["image"] == f"{image['name']}:{image['tag']}"
    volumes = VALUES["singleuser"]["storage"]["extraVolumes"]
    assert {one["persistentVolumeClaim"]["claimName"] for one in volumes} == {claim["metadata"]["name"]}


def test_the_notebooks_that_open_exist():
    urls = [VALUES["singleuser"]["defaultUrl"], *(one["kubespawner_override"]["default_url"] for one in VALUES[
        "singleuser"]["profileList"] if "kubespawner_override" in one)]
    assert urls and all((TOP / url.removeprefix("/lab/tree/")).is_file() for url in urls)


# --- the plan ---

def test_the_guide_has_the_plan_as_it_is_computed():
    assert sizing.table() in GUIDE


@each_row(("seats", "machines"), [(1, 1), (30, 1), (300, 3)])
def test_machines(seats, machines):
    assert sizing.plan(seats).machines == machines


def test_more_seats_never_need_less():
    plans = [sizing.plan(seats) for seats in range(1, 400)]
    for before, after in zip(plans, plans[1:], strict=False):
        assert before.machines <= after.machines and before.processors <= after.processors
    with pytest.raises(ValueError, match="a seat at least"):
        sizing.plan(0)


# --- the image ---

@pytest.mark.slow
@pytest.mark.real("jupyter-repo2docker", "hadolint", "git")
def test_the_image_s_dockerfile_lints():
    """What repo2docker itself writes in every Dockerfile is its own matter: unpinned packages, a pipe in `sh`."""
    repo2docker, hadolint, _ = need("jupyter-repo2docker", "hadolint", "git")
    made = subprocess.run([repo2docker, "--no-build", "--debug", str(TOP)], capture_output=True, text=True, timeout=120)
    [text] = [stream for stream in (made.stdout, made.stderr) if "\nFROM " in stream]
    docker = re.sub(r"^\[Repo2Docker.*\n", "", text[text.index("\nFROM ") + 1:], flags=re.MULTILINE)
    assert made.returncode == 0 and re.search(r"^CMD ", docker, re.MULTILINE)
    found = subprocess.run([hadolint, "--no-color", "--failure-threshold", "warning", "--ignore", "DL3008", "--ignore",
                            "DL4006", "-"], input=docker, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
    broken = subprocess.run([hadolint, "--no-color", "--failure-threshold", "warning", "-"],
                            input=docker.replace("FROM ", "FORM ", 1), capture_output=True, text=True)
    assert broken.returncode != 0
