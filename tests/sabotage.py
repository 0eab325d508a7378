"""How much the tests notice: `python tests/sabotage.py [NUMBER...]` breaks the core in small ways, one at a time.

Each mutation turns an operator, changes a constant or takes a branch out, in a copy of the files that is thrown away.
Caught is one that fails a test of the default set; what slips through it is tried against the slow tests too. Prints a
line for each, and ends with 1 if one was caught by nobody.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
# Of the default set, what is over soonest comes first: most is caught by the pure tests, within seconds.
PURE = ["-n", "0", *(f"tests/test_{name}.py" for name in (
    "records", "smtp", "verdict", "conversation", "diagnosis", "words", "asides", "trace"))]


class Mutation(NamedTuple):
    """In this file of the package `old`, which stands there once, becomes `new`."""

    file: str
    old: str
    new: str


MUTATIONS = [
    Mutation("records.py", "MAX_FRAGMENT_BYTES = 2**14 + 2048", "MAX_FRAGMENT_BYTES = 2**14"),
    Mutation("records.py", "20 <= data[0] <= 24", "20 <= data[0] < 24"),
    Mutation("records.py", "self._offset += item.size_bytes", "self._offset += item.length"),
    Mutation("smtp.py", 'if found[2] != b"-":', 'if found[2] == b" ":'),
    Mutation("blanking.py", "reply.reply_code != 334)", "reply.reply_code >= 400)"),
    Mutation("blanking.py", "int(words[1]) + 1  #", "int(words[1])  #"),
    Mutation("smtp.py", "line.upper().split()[:1] == [keyword]", "keyword in line.upper()"),
    Mutation("verdict.py", "16384, 16704, 16707, 16711", "16384, 16704, 16707, 16707"),
    Mutation("verdict.py", "if level == 1 and number == 0:", "if number == 0:"),
    Mutation("verdict.py", 'newest = 0 if found[1] == "1" else 99', "newest = 0"),
    Mutation("conversation.py", "min(self.received, self.whole + HEADER_BYTES)", "self.received"),
    Mutation("conversation.py", "record.length not in _ENCRYPTED_ALERTS", "True"),
    Mutation("conversation.py", "        conversation.keywords = ()  # RFC", "        pass  # RFC"),
    Mutation("conversation.py", "self.in_content = end is None", "self.in_content = False"),
    Mutation("diagnosis.py", "len(conversation.answer) >= 4", "len(conversation.answer) >= 5"),
    Mutation("diagnosis.py", "QUIET_S = 1.0", "QUIET_S = 10.0"),
    Mutation("tls_refusals.py", "{40, 42, 48, 112}", "{40, 42, 48}"),
    Mutation("tls_refusals.py", "{20, 21}", "{21}"),
    Mutation("certificate.py", "self.seen > self.own.not_after", "False"),
    Mutation("certificate.py", "in (asked, wild)", "in (asked,)"),
    Mutation("conversation.py", "self.ended == Who.CLIENT or not self.finished", "True"),
    Mutation("lab/port_report.py", "_VARIES.sub(", "re.sub('x', "),
    Mutation("diagnosis.py", "not (trace.ending or conversation.alerts)", "not conversation.alerts"),
    Mutation("diagnosis.py", 'failure.reason in ("timeout", "ETIMEDOUT")', "True"),
    Mutation("diagnosis.py", "stage in (Stage.AUTH, Stage.MAIL) or (stage", "False and (stage"),
    Mutation("between.py", "IN_ORDER.index(stage) >= IN_ORDER", "IN_ORDER.index(stage) > IN_ORDER"),
    Mutation("lab/client.py", '("500", "502", "504")', '("500", "502")'),
    Mutation("lab/client.py", "if required or self.dial.login or not refused:", "if required or not refused:"),
    Mutation("lab/client.py", "min(self.dial.deadline, time.monotonic() + 1)", "self.dial.deadline"),
    Mutation("lab/client.py", "(250, 251)", "(250,)"),
    Mutation("lab/stalls.py", "self._answered |= bool(answer)", "pass"),
    Mutation("lab/two_addresses.py", "        socket.getaddrinfo = before\n", "        pass\n"),
    Mutation("asides.py", '(2 if mechanism == "LOGIN" else 1)', "1"),
    Mutation("asides.py", 'initial not in ([], ["="])', "bool(initial)"),
    Mutation("asides.py", "if step.inside or step.stage != Stage.AUTH:", "if step.stage != Stage.AUTH:"),
    Mutation("asides.py", "step.stage == Stage.MAIL and not step.inside", "step.stage == Stage.MAIL"),
    Mutation("conversation.py", '(command.verb != "*")', "1"),
    Mutation("lab/server.py", "(wants_starttls and row.has_twin)", "wants_starttls"),
    Mutation("lab/server.py", "of.sockets and of.sockets[0] if of else last and last.client",
             "of.sockets and of.sockets[0] if of else None"),
    Mutation("lab/server.py", "        self.ca_file = None\n", ""),
    Mutation("lab/shelf.py", "self._held.popleft()", "pass"),
    Mutation("lab/server.py", "list(transports)", "()"),
    Mutation("lab/server.py", "(visit := found()) and visit.recorder.end", "found()"),
]


def fails(copy: Path, *options: str) -> bool:
    """Whether a test fails in the copy."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *options], cwd=copy,
                          env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode not in (0, 1, 2):  # -x under xdist ends with 2
        raise RuntimeError(done.stdout[-3000:])
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "SUBFAIL"))]
        print(f"    {lines[0][:150] if lines else done.stdout[-300:]}")
    return done.returncode != 0


def tried(mutation: Mutation, copy: Path) -> str:
    """Which tests caught it: "default", "slow" or "nobody"; the file is as it was afterwards."""
    path = copy / "smtplab" / mutation.file
    text = path.read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1, f"{mutation.old!r} stands {text.count(mutation.old)} times in {mutation.file}"
    path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        if fails(copy, *PURE) or fails(copy, "tests/lab") or fails(copy):
            return "default"
        return "slow" if fails(copy, "-m", "slow") else "nobody"
    finally:
        path.write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Tries the mutations of these numbers, or all."""
    numbers = [int(argument) for argument in arguments] or range(1, len(MUTATIONS) + 1)
    caught = []
    with tempfile.TemporaryDirectory(prefix="sabotage-") as top:
        copy = Path(top) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".venv", "__pycache__", ".*_cache", "screenshots"))
        for number in numbers:
            mutation = MUTATIONS[number - 1]
            print(f"{number:2} {mutation.file}: {mutation.old.strip()}  ->  {mutation.new or 'nothing'}", flush=True)
            caught.append(tried(mutation, copy))
            print(f"   caught by: {caught[-1]}", flush=True)
    print(", ".join(f"{which}: {caught.count(which)}" for which in ("default", "slow", "nobody")))
    return 1 if "nobody" in caught else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
