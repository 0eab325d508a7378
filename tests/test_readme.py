"""The README tells the truth: its example, its tables, its two command lines."""

import ast
import re
from pathlib import Path

import smtplab.show
from smtplab import KINDS, Mode, dial, serve
from smtplab.cli import cli

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")


def like(text, sent):
    """The same text with what differs from run to run taken out: times, ports, sizes, line ends."""
    text = re.sub(r"\d+\.\d{3}\b", "T", re.sub(r":\d{4,5}\b", ":PORT", text))
    text = re.sub(r" +T", " T", text.replace(str(sent), "SIZE").replace(str(sent - 5), "SIZE-5"))
    return re.sub(r"OpenSSL \S+ calls", "OpenSSL V calls", " ".join(text.split()))


def test_the_example_is_what_the_lab_prints():
    with serve("starttls") as server:
        trace = dial(server, "implicit")
    shown = re.search(r"```text\n(.*?)\n```", README, re.DOTALL)[1]
    sent = int(re.search(r"written (\d+) bytes", shown)[1])
    assert like(shown, sent) == like(str(trace), trace.bytes_sent)


def test_the_two_command_lines():
    lines = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
    lab, test = lines
    assert lab.endswith("smtplab lab") and "pytest" in test
    assert all(line.startswith("python3 -m venv .venv && .venv/bin/pip install") for line in lines)
    assert README.index("pytest") == README.index(test) + test.index("pytest")


def test_its_tables_name_every_command_and_notebook():
    assert set(re.findall(r"^\| `smtplab (\w+)", README, re.MULTILINE)) == set(cli.commands)
    linked = re.findall(r"^\| \[(\S+)\]\(notebooks/\1\.ipynb\)", README, re.MULTILINE)
    assert linked == sorted(path.stem for path in (TOP / "notebooks").glob("*.ipynb"))


def test_names_in_its_text_exist():
    for line in re.findall(r"^from smtplab\.show import (.*)$", README, re.MULTILINE):
        assert [name for name in line.split(", ") if not hasattr(smtplab.show, name)] == []
    assert all(hasattr(smtplab.show, name) for name in smtplab.show.__all__)
    assert all(f"`{mode}`" in README for mode in Mode)
    assert {"plain", "starttls", "implicit", "filtered", "refused"} <= set(KINDS)


def test_the_core_is_listed_in_an_order_in_which_it_can_be_read():
    """Each file is there, and imports at its beginning only what stands before it, or what all of them ask."""
    listed = re.findall(r"^\| `([\w/]+)\.py` \|", README, re.MULTILINE)
    asked = {"address", "escape", "limits", "blanking", "lab"} | set(LEFT_TO_LATER)
    assert len(listed) > 15
    for number, name in enumerate(listed):
        text = (TOP / "smtplab" / f"{name}.py").read_text(encoding="utf-8")
        package = ("smtplab", *name.split("/")[:-1])
        for node in ast.parse(text).body:
            if isinstance(node, ast.ImportFrom) and node.level:
                base = "/".join([*package[1:len(package) + 1 - node.level], *(node.module or "").split(".")]).strip("/")
                inner = {f"{base}/{alias.name}".strip("/") for alias in node.names}
                found = {base} if node.module else {name for name in inner if (TOP / f"smtplab/{name}.py").exists()}
                assert found <= asked | set(listed[:number]), (name, found)
    named = re.sub(r"\s", "", smtplab.__doc__)
    assert [name for name in listed if name not in named] == []


# Small ones that the lab's files ask, too.
LEFT_TO_LATER = ("lab/keylog", "lab/options", "lab/own_files", "lab/shelf")


def test_its_links_lead_to_files():
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert ".github/CONTRIBUTING.md" in links
    assert [link for link in links if not (TOP / link).is_file()] == []
