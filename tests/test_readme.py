"""The README tells the truth: its example, its tables, its two command lines, and what it says of the code."""

import ast
import re
from pathlib import Path

import smtplab.show
from smtplab import KINDS, Cause, Mode, dial, serve, verdict
from smtplab.cli import cli
from smtplab.show.reproduction import NOT_MADE

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


def test_its_table_of_exit_codes_names_whoever_has_the_option():
    rows = re.findall(r"^\| [012].*? \|.*\|$", README, re.MULTILINE)
    for option in ("--strict", "--expires-within"):
        [row] = [row for row in rows if option in row]
        has = {name for name, command in cli.commands.items() if any(option in one.opts for one in command.params)}
        assert set(re.findall(r"`(\w+)`", row.rpartition(" | ")[2])) == has
    named = {word for row in rows for word in re.findall(r"`(\w+)(?: --once)?`", row.rpartition(" | ")[2])}
    assert named <= set(cli.commands) and len(rows) > 5


def test_names_in_its_text_exist():
    for line in re.findall(r"^from smtplab\.show import (.*)$", README, re.MULTILINE):
        assert [name for name in line.split(", ") if not hasattr(smtplab.show, name)] == []
    assert all(hasattr(smtplab.show, name) for name in smtplab.show.__all__)
    assert all(f"`{mode}`" in README for mode in Mode)
    assert {"plain", "starttls", "implicit", "filtered", "refused"} <= set(KINDS)


LISTED = re.findall(r"^\| `([\w/]+)\.py` \|", README, re.MULTILINE)  # the core's files, in the order of the table
[USED] = [re.findall(r"`([\w/]+)\.py`", part) for part in README.split("\n\n") if part.startswith("These files use")]


def imported(name, *, at_its_beginning=False):
    """Which files of the package a file imports, such as "lab/tls"; "lab" is a package's own file."""
    tree, package = ast.parse((TOP / "smtplab" / f"{name}.py").read_text(encoding="utf-8")), name.split("/")[:-1]
    found = set()
    for node in tree.body if at_its_beginning else ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*package[:len(package) + 1 - node.level], *(node.module or "").split(".")]
            inner = {"/".join(filter(None, (*base, alias.name))) for alias in node.names}
            files = {file for file in inner if (TOP / f"smtplab/{file}.py").exists()}
            found |= files or {"/".join(filter(None, base))}
    return found


def test_the_core_is_listed_in_an_order_in_which_it_can_be_read():
    """Each file imports at its beginning only what stands before it, or what the README says that all of them use."""
    assert len(LISTED) > 15 and "lab/tls" in imported("lab/recorded_socket")
    for number, name in enumerate(LISTED):
        assert imported(name, at_its_beginning=True) <= {*USED, *LISTED[:number], "lab"}, name


def test_what_the_listed_files_use_is_named():
    """Also what they import within functions; and nothing is named that none of them uses."""
    used = set().union(*map(imported, LISTED)) - set(LISTED)
    beside = re.search(r"\nBeside them stand (.*?)\.\n", README, re.DOTALL)[1]
    assert used - set(USED) <= {"lab", "packets", *re.findall(r"`(\w+)\.py`", beside)}
    assert set(USED) <= used


def test_the_package_s_docstring_has_the_same_order():
    [block] = re.findall(r"^    records .*?\n\n", smtplab.__doc__, re.DOTALL | re.MULTILINE)
    names = ", ".join(re.match(r"    ((?:[\w/]+, )*[\w/]+) ", line)[1] for line in block.strip("\n").splitlines())
    assert names.split(", ") == LISTED
    asked = re.search(r"Asked by these: (.*?); (.*?) in lab/\.", " ".join(smtplab.__doc__.split())).groups()
    assert asked[0].split(", ") + [f"lab/{name}" for name in asked[1].split(", ")] == USED


def test_the_core_is_as_small_as_it_says():
    def lines(paths):
        return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths)

    package = TOP / "smtplab"
    everything = lines(package.rglob("*.py"))
    assert "a tenth of the package's lines, and the whole core less than a quarter" in " ".join(README.split())
    assert 1 / 12 < lines(package / f"{name}.py" for name in LISTED) / everything < 1 / 9
    assert lines([*package.glob("*.py"), *package.glob("lab/*.py")]) / everything < 1 / 4


def test_the_core_s_one_exception_is_as_it_says():
    core = [path.relative_to(TOP / "smtplab").with_suffix("").as_posix() for folder in (".", "lab")
            for path in sorted((TOP / "smtplab" / folder).glob("*.py"))]
    asking = {name for name in core if any(file.startswith("packets") for file in imported(name))}
    said = re.search(r"the core imports `packets/` \(in (.*?)\)", README, re.DOTALL)[1]
    assert asking == set(re.findall(r"`([\w/]+)\.py`", said))


def test_what_it_says_the_lab_cannot_produce():
    said = re.search(r"a failure of every cause, except\n(.*?)\.\n", README, re.DOTALL)[1]
    assert {Cause(name) for name in re.findall(r"`(.*?)`", said)} == NOT_MADE.keys() - {Cause.OTHER}


def test_what_it_says_was_not_measured():
    for text in (README, verdict.__doc__):
        assert "3.6, and the fixed releases of 3.3 and 3.4, are inferred from the sources" in " ".join(text.split())
    assert [branch.name for branch in verdict.BRANCHES if not branch.measured] == [
        "3.3 after the fix", "3.4 after the fix", "3.6 before the fix", "3.6 after the fix"]


def test_its_links_lead_to_files():
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert ".github/CONTRIBUTING.md" in links
    assert [link for link in links if not (TOP / link).is_file()] == []
