"""All that a user sees, written into files, to compare before and after a rebuild: `python tests/golden.py FOLDER`.

    git worktree add ../before main && (cd ../before && PYTHONPATH=. python tests/golden.py /tmp/before)
    python tests/golden.py /tmp/after && diff -r /tmp/before /tmp/after

Each command's output, and every view of a dial at each kind of server in each mode. What differs from run to run is
masked: times, ports, addresses, random bytes.
"""

import re
import subprocess
import sys
from functools import partial
from pathlib import Path

sys.path += [str(Path(__file__).parent / "hostile")]

import smtplab
from smtplab import Mode, explain, read_settings, serve
from smtplab.lab.jobs import Later, run_concurrently

SAMPLES = {"rails": "tls: true, port: 587", "nodemailer": "{secure: true, port: 587}", "django": "EMAIL_USE_SSL = True"}
ERRORS = ("ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "535 5.7.8 Error",
          "Greeting never received", "connect ECONNREFUSED 127.0.0.1:587", "certificate has expired")
COMMANDS = {"judge": ["judge", "--hex", "323230206d"], "settings-list": ["settings", "--list"], "help": ["--help"],
            **{f"help-{name}": [name, "--help"] for name in ("serve", "handshake", "probe", "relay", "explain",
                                                             "settings", "matrix", "mystery", "rehearse", "lab")}}
MASKS = (
    (r"data:image/png;base64,[A-Za-z0-9+/=]+", "PNG"), (r"IPY_MODEL_\w+", "MODEL"), (r"smtplab-[0-9a-f]{32}", "ID"),
    (r"#[\w-]{16}\b", "#NAME"), (r"[0-9a-f]{8,}", "HEX"), (r"(?:\\{1,2}x[0-9a-f]{2}){2,}", "BYTES"),
    (r"127\.0\.0\.1:\d+", "HOST:PORT"), (r"\b\d+\.\d+\b", "T"), (r"\b\d+ bytes", "N bytes"),
    (r"\b(read|written|received|sent|length) \d+", r"\1 N"),
    (r"\b(?:[6-9]\d\d|\d{4,})\b", "N"),  # sizes and ports; reply codes stay
    (r'"(\w+_s|seconds|bytes_\w+|read|written|received|sent|length|size_bytes|offset)": [\w.-]+', r'"\1": N'))


def masked(text: str) -> str:
    for pattern, put in MASKS:
        text = re.sub(pattern, put, text)
    return text


def traces() -> dict[str, smtplab.Trace]:
    """Name -> trace, of a client in each mode at each kind of server, and of the server."""
    servers = {kind: serve(kind) for kind in smtplab.KINDS}
    try:
        names = [(kind, mode) for kind in servers for mode in Mode]
        dials = [Later(partial(_dial, servers[kind], mode)) for kind, mode in names]
        found = {f"{names[index][0]}-{names[index][1].value}": trace for index, trace in run_concurrently(dials, 8)}
        return found | {f"{name}-server": seen for name, trace in found.items()
                        if (seen := servers[name.removesuffix(f"-{trace.mode.value}")].trace(of=trace))}
    finally:
        for server in servers.values():
            server.close()


def _dial(server, mode):
    from smtplab.lab.client import Dial
    return Dial(server, mode, timeout_s=2.0, login=("alice", "wonderland"), mail_from="alice@example.com")


def main(folder: str) -> None:
    from views import VIEWS
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for name, trace in sorted(traces().items()):
        for view, make in VIEWS.items():
            if view not in ("lens", "live text") and not (view == "doors" and trace.seen_from == "server"):
                (out / f"{name}.{view}.txt").write_text(masked("\n".join(make(trace))), encoding="utf-8")
    for framework, text in SAMPLES.items():
        (out / f"settings-{framework}.txt").write_text(str(read_settings(framework, text)), encoding="utf-8")
    for number, text in enumerate(ERRORS):
        said = "\n".join(str(one.to_dict()) for one in explain(text))
        (out / f"explain-{number}.txt").write_text(said, encoding="utf-8")
    for name, words in COMMANDS.items():
        done = subprocess.run([sys.executable, "-m", "smtplab", *words], capture_output=True, text=True)
        (out / f"command-{name}.txt").write_text(masked(done.stdout + done.stderr), encoding="utf-8")
    print(f"{len(list(out.iterdir()))} files in {out}")


if __name__ == "__main__":
    main(*sys.argv[1:])
