"""A Python that can do no more than Pyodide in a browser, and the lessons' cells run in it.

    python tests/recorded/browser_python.py NOTEBOOK...

It prints a JSON document: for each cell how it ended and what it printed. `stand_in` is also for other tests.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import io
import json
import sys
from pathlib import Path

ABSENT = ("cryptography", "trustme", "aiosmtpd", "scapy", "matplotlib")


def stand_in() -> None:
    """From now on: no sockets, no TLS, no threads, no programs, and none of the compiled packages."""
    import asyncio  # noqa: F401  # before the platform has its name: the standard library asks for it when it is loaded
    import shutil
    import socket
    import ssl
    import subprocess
    import threading

    def refuse(*_args: object, **_options: object) -> None:
        raise OSError("Function not implemented")

    def no_thread(*_args: object) -> None:
        raise RuntimeError("can't start new thread")

    class Stub:
        def __init__(self, *_args: object, **_options: object) -> None:
            raise NotImplementedError("a stub: no TLS here")

    threading.Thread.start = no_thread
    socket.socket.connect = socket.socket.bind = refuse
    socket.getaddrinfo = refuse
    ssl.SSLContext = ssl.MemoryBIO = Stub
    ssl.OPENSSL_VERSION = "OpenSSL (stub)"
    subprocess.Popen = refuse
    shutil.which = lambda *_args, **_options: None
    sys.platform = "emscripten"
    finds = importlib.machinery.PathFinder.find_spec

    def find_spec(cls: object, name: str, path: object = None, target: object = None) -> object:
        return None if name.partition(".")[0] in ABSENT else finds(name, path, target)

    importlib.machinery.PathFinder.find_spec = classmethod(find_spec)


def run_cells(notebook: Path) -> list[dict[str, object]]:
    """Run a notebook's code cells: for each its number, how it failed or None, and what it printed or showed."""
    names: dict[str, object] = {"__name__": "__main__", "display": print}
    out: list[dict[str, object]] = []
    for number, cell in enumerate(json.loads(notebook.read_text(encoding="utf-8"))["cells"]):
        if cell["cell_type"] != "code":
            continue
        said, error = io.StringIO(), None
        with contextlib.redirect_stdout(said):
            try:
                _show("".join(cell["source"]), f"{notebook.name}[{number}]", names)
            except Exception as exc:
                error = f"{type(exc).__name__}: {exc}"
        out.append({"cell": number, "error": error, "said": said.getvalue()})
    return out


def _show(source: str, name: str, names: dict[str, object]) -> None:
    """Run a cell, and print the value of its last line as a notebook shows it."""
    import ast
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), names)
    if last:
        value = eval(compile(ast.Expression(last.value), name, "eval"), names)
        if value is not None:
            bundle = getattr(value, "_repr_mimebundle_", None)
            found = bundle() if bundle else {}
            data = found[0] if isinstance(found, tuple) else found
            print((data or {}).get("text/plain", value))


if __name__ == "__main__":
    stand_in()
    print(json.dumps({Path(name).name: run_cells(Path(name)) for name in sys.argv[1:]}, indent=1))
