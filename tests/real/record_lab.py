"""The recorded lab: every kind of server by every mode, and what the lessons run, in smtplab/recorded/runs.jsonl.gz.

    python tests/real/record_lab.py [FILE]

It takes some minutes: hangs last as long as they are recorded. What the lessons 00 to 05 run is recorded by running
their cells with the lab's own functions listened to; so a lesson that asks for something new is recorded with it.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import platform
import ssl
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import ipywidgets

import smtplab
from smtplab import certificate
from smtplab.course import terminal
from smtplab.events import Mode
from smtplab.lab import LAB_PASSWORD, LAB_USER, client, probe, server
from smtplab.lab import two_addresses as two
from smtplab.lab.openssl_probe import ask_openssl, real_server_hello
from smtplab.recorded.lab import CA_FILE, TWO_ADDRESSES
from smtplab.recorded.runs import FILE, SCHEMA, Run, Served, options_of, same_question
from smtplab.show.five_byte_lens import presets

Row = dict[str, Any]
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = ("00-*", "01-*", "02-*", "03-*", "04-*", "05-*")
USER, SENDER = (LAB_USER, LAB_PASSWORD), f"{LAB_USER}@example.com"
# What is asked of these besides: by the settings explorer, and with a wrong password.
BESIDES: dict[str, tuple[Row, ...]] = {
    "starttls-required": ({"login": USER},), "implicit": ({"login": USER}, {"mail_from": SENDER}),
    "starttls": ({"mail_from": SENDER}, {"login": USER}, {"login": (LAB_USER, "wrong")}),
    "auth-required": ({"mail_from": SENDER},)}
STRANGERS = (*server.FAULTS, "intercepted")

_serve, _dial_run, _probe_run, _probe_dial = server.serve, client.Dial.run, probe.Probe.run, probe.Probe._dial


class Recorder:
    """Listens to `serve`, `Dial`, `Probe` and `in_terminal`, and holds a row for each run that is told apart."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.servers: dict[tuple[str, int], tuple[server.Server, Served]] = {}
        self.ports: dict[str, int] = {}  # a kind with its options keeps its port
        self.own: set[int] = set()  # the dials that a probe makes
        self.runs: list[Run] = []

    def keep(self, row: Row, *names: str) -> None:
        """Hold a row, told apart by what stands under these names; the first of each stays."""
        self.rows.setdefault(json.dumps([row[name] for name in ("what", *names)], sort_keys=True), row)

    def serve(self, kind: str, **options: Any) -> server.Server:
        served = Served.of(kind, options)
        name = json.dumps(asdict(served), sort_keys=True)
        if not options.get("port") and "host" not in options:
            with contextlib.suppress(OSError):  # it is still in use
                return self._known(_serve(kind, **{**options, "port": self.ports.get(name, 0)}), served, name)
        return self._known(_serve(kind, **options), served, name)

    def _known(self, made: server.Server, served: Served, name: str) -> server.Server:
        self.ports.setdefault(name, made.address[1])
        self.servers[made.address] = made, served
        if made.behind:
            self.servers[made.behind.address] = made.behind, Served("implicit", {})
        return made

    def served(self, address: tuple[str, int]) -> tuple[server.Server | None, Served]:
        if address[0] == two.NAME:
            return None, Served(TWO_ADDRESSES, {})
        return self.servers.get(address, (None, Served(f"{address[0]}:{address[1]}", {})))

    def dial(self, dial: client.Dial) -> smtplab.Trace:
        trace = _dial_run(dial)
        if id(dial) not in self.own:
            made, served = self.served(dial.address)
            seen = made.trace(of=trace) if made else None
            behind = made.behind.trace() if made and made.behind else None
            row = {"what": "dial", "kind": served.kind, "served": served.options, "address": dial.address,
                   "mode": dial.mode.value, "options": options_of(dial), "client": document(trace),
                   "server": seen and document(seen), "behind": behind and document(behind)}
            run = Run(served, dial.address, dial.mode, row["options"], trace, seen, None)
            if not any(same_question(one, run) for one in self.runs):
                self.runs.append(run)
                self.keep(row, "kind", "served", "mode", "options")
        return trace

    def probe(self, asked: probe.Probe) -> smtplab.PortReport:
        report = _probe_run(asked)
        _, served = self.served(asked.target.address)
        self.keep({"what": "probe", "kind": served.kind, "served": served.options, "report": plain(asdict(report))},
                  "kind", "served")
        return report

    def certificate(self, der: bytes) -> certificate.Certificate | None:
        if found := _read_certificate(der):
            self.keep({"what": "certificate", "told": plain(asdict(found))}, "told")
        return found

    def probe_dial(self, asked: probe.Probe, *args: Any, **options: Any) -> client.Dial:
        dial = _probe_dial(asked, *args, **options)
        self.own.add(id(dial))
        self.kept_alive = [*getattr(self, "kept_alive", []), dial]  # or its id would be another's
        return dial

    def in_terminal(self, command: str, *servers: Any, typed: Any = (), **options: Any) -> terminal.Terminal:
        shown = _in_terminal(command, *servers, typed=typed, **options)
        _, served = self.served(servers[0].address) if servers else (None, Served("", {}))
        ca_file = getattr(servers[0], "ca_file", None) if servers else None
        ran = json.dumps(asdict(shown.ran)).replace(ca_file or "\0", CA_FILE)
        self.keep({"what": "program", "asked": terminal.asked(command, served, typed), "ran": json.loads(ran)}, "asked")
        return shown

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Everything that is run within is recorded."""
        with contextlib.ExitStack() as stack:
            for owner, name, new in ((server, "serve", self.serve), (smtplab, "serve", self.serve),
                                     (two, "serve", self.serve), (client.Dial, "run", lambda it: self.dial(it)),
                                     (probe.Probe, "run", lambda it: self.probe(it)),
                                     (probe.Probe, "_dial", lambda it, *a, **k: self.probe_dial(it, *a, **k)),
                                     (certificate, "read_certificate", self.certificate),
                                     (smtplab.course, "in_terminal", self.in_terminal)):
                stack.enter_context(mock.patch.object(owner, name, new, create=True))
            yield


_in_terminal, _read_certificate = terminal.in_terminal, certificate.read_certificate


def plain(row: Row) -> Row:
    """With times as text."""
    return json.loads(json.dumps(row, default=lambda when: when.isoformat()))


def document(trace: smtplab.Trace) -> Row:
    """A trace's document without what is made anew when it is read."""
    anew = ("diagnosis", "certificate", "password_in_clear", "mail_in_clear")
    return {name: value for name, value in trace.to_dict().items() if name not in anew}


def main(path: Path = FILE, lessons: tuple[str, ...] = LESSONS, kinds: tuple[str, ...] = tuple(server.KINDS)) -> None:
    """Record everything, and write the file."""
    found = Recorder()
    with found.listening():
        for job in matrix(kinds):
            job()
        for pattern in lessons:
            for notebook in sorted(NOTEBOOKS.glob(f"{pattern}.ipynb")):
                if ".ja." not in notebook.name:  # which runs the same
                    run_lesson(notebook)
        for preset in presets():
            if preset["label"] != "a real ServerHello":
                answers(found, bytes.fromhex(preset["hex"]), preset["role"])
    hello = real_server_hello()
    answers(found, hello, "client")
    head = {"schema": SCHEMA, "date": date.today().isoformat(), "python": platform.python_version(),
            "openssl": " ".join(ssl.OPENSSL_VERSION.split()[:2]), "server_hello": hello.hex()}
    text = "".join(f"{json.dumps(row, separators=(',', ':'))}\n" for row in (head, *found.rows.values()))
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(found.rows)} rows, {path.stat().st_size:,} bytes", file=sys.stderr)


def answers(found: Recorder, data: bytes, role: str) -> None:
    """Ask OpenSSL about these bytes, one at a time."""
    found.keep({"what": "answers", "role": role, "data": data.hex(),
                "answers": [asdict(answer) for answer in ask_openssl(data, role)]}, "role", "data")


def matrix(kinds: tuple[str, ...]) -> Iterator[Callable[[], object]]:
    """Jobs: every kind by every mode, and a probe of each kind; then the usual questions beside."""
    for kind in kinds:
        yield lambda kind=kind: at_once(kind, [{"mode": mode} for mode in Mode], probes=True)
    for kind in (kind for kind in BESIDES if kind in kinds):
        # In the other modes the client never gets so far.
        modes = [mode for mode in Mode if (mode is Mode.IMPLICIT) == (kind == "implicit")]
        yield lambda kind=kind, modes=modes: at_once(kind, [{"mode": mode, **more} for mode in modes
                                                            for more in BESIDES[kind]])
    for kind in (kind for kind in STRANGERS if kind in kinds):
        yield lambda kind=kind: at_once(kind, [{"mode": Mode.IMPLICIT, "verify": False}])
    for kind in (kind for kind in kinds if server.KINDS[kind].has_twin):
        yield lambda kind=kind: at_once(kind, [{"mode": mode} for mode in Mode], starttls=True)



def at_once(kind: str, dials: list[Row], probes: bool = False, **options: Any) -> None:
    """Dial one server side by side."""
    with smtplab.serve(kind, **options) as made, ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(smtplab.dial, made, **asked) for asked in dials]
        if probes:
            smtplab.probe(made.address)
        for job in jobs:
            job.result()


def run_lesson(notebook: Path) -> None:
    """Run a lesson's cells; what they print is not wanted here."""
    names: dict[str, Any] = {"__name__": "lesson", "display": lambda *shown: None}
    for number, cell in enumerate(json.loads(notebook.read_text(encoding="utf-8"))["cells"]):
        if cell["cell_type"] == "code":
            with contextlib.redirect_stdout(io.StringIO()):
                source = compile("".join(cell["source"]), f"{notebook.name}[{number}]", "exec")
                exec(source, names)
    for made in [*names.values(), *(names.get("servers") or {}).values()]:
        if isinstance(made, server.Server):
            made.close()
    ipywidgets.Widget.close_all()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
