"""What a test needs from this machine: skipped, with the missing thing named, or failed where all must be here.

A machine that should have everything sets SMTPLAB_REQUIRE_REAL=1, so that no test is skipped there unseen.
"""

import contextlib
import functools
import importlib.util
import os
import shutil
import socket
import subprocess
import sys

import pytest

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None

# Debian keeps servers where an ordinary user's PATH doesn't look.
_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
# How a language says where a library of its is: the last argument is the name. npm's are found by NODE_PATH.
_ASK = {
    "gem": ("ruby", "-e", "print Gem::Specification.find_by_name(ARGV[0]).full_gem_path"),
    "npm": ("node", "-p", "require.resolve(process.argv[1])"),
    "perl": ("perl", "-e", "($f = shift) =~ s{::}{/}g; require qq($f.pm); print $INC{qq($f.pm)}"),
    "php": ("php", "-r", "echo stream_resolve_include_path($argv[1]);"),
    "git": ("sh", "-c", 'command=$(git --exec-path)/git-$0 && test -x "$command" && echo "$command"'),
}

SYSTEMS = {"linux": sys.platform == "linux", "posix": os.name == "posix"}  # also marks: see pyproject.toml


def need_system(name: str, why: str) -> None:
    """This is such a system."""
    if not SYSTEMS[name]:
        _absent([f"{name} ({why})"])


def need(*programs: str) -> list[str]:
    """The paths of these real programs, in order. "a|b" is met by either; the first found is taken.

    "gem:NAME", "npm:NAME", "perl:NAME", "php:FILE" and "python:NAME" are libraries, "git:NAME" a command of git's;
    "address:A" can be listened on, and "files:N" may be open in one process.
    """
    found = {p: next(filter(None, map(_find, p.split("|"))), None) for p in programs}
    _absent([p.replace("|", " or ") for p, path in found.items() if path is None])
    return list(found.values())


def are_here(*programs: str) -> bool:
    """Whether `need` would be content with this machine."""
    return all(any(map(_find, p.split("|"))) for p in programs)


def need_module(*modules: str) -> None:
    """These Python modules can be imported (they aren't, here)."""
    _absent([f"Python's {name}" for name in modules if importlib.util.find_spec(name) is None])


@functools.cache
def _find(program: str) -> str | None:
    kind, _, name = program.partition(":")
    if not name:
        return shutil.which(program, path=_PATH)
    if kind == "python":
        spec = importlib.util.find_spec(name)
        return spec and spec.origin
    if kind == "address":
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET6 if ":" in name else socket.AF_INET) as sock:
            sock.bind((name, 0))
            return name
        return None
    if kind == "files":
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if resource else sys.maxsize
        return name if most == -1 or most >= int(name) else None
    try:
        return subprocess.run([*_ASK[kind], name], capture_output=True, text=True, timeout=60).stdout.strip() or None
    except FileNotFoundError:  # not even the language is here
        return None


def _absent(missing: list[str]) -> None:
    if not missing:
        return
    text = f"not here: {', '.join(missing)}"
    if os.environ.get("SMTPLAB_REQUIRE_REAL") == "1":
        pytest.fail(text, pytrace=False)
    pytest.skip(text)
