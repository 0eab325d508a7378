"""`doctor`: what this machine has, and whether the lab works on it."""

from __future__ import annotations

import platform
import shutil
import socket
import ssl
from importlib import metadata
from typing import Any

from ..causes import Cause
from .client import dial
from .server import serve

PACKAGES = ("smtplab", "jupyterlab", "ipywidgets", "anywidget", "matplotlib", "scapy", "aiosmtpd", "trustme", "click")
TOOLS = ("openssl", "curl", "swaks", "ruby", "telnet", "tshark", "postfix", "chromium")


def examine() -> dict[str, Any]:
    """{"versions": {name: version or None}, "tools": {name: path or None}, "witness": bool,
    "capture": sentence, "self_test": {what: bool}}; nothing here raises."""
    return {"versions": {"python": platform.python_version(), "openssl": ssl.OPENSSL_VERSION,
                         "system": platform.platform(), **{name: _version(name) for name in PACKAGES}},
            "tools": {name: shutil.which(name) for name in TOOLS},
            "witness": hasattr(ssl.SSLContext, "_msg_callback"), "capture": _capture(), "self_test": _self_test()}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _capture() -> str:
    """Whether packets of the loopback can be captured here."""
    if not hasattr(socket, "AF_PACKET"):
        return "not tried on this system; the lab records bytes itself"
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    except OSError as exc:
        return f"no ({exc.strerror}); the lab records bytes itself, which needs no rights"
    return "yes"


def _self_test() -> dict[str, bool]:
    found: dict[str, bool] = {}
    try:
        _dials(found)
    except (OSError, ValueError) as exc:  # no sockets, no temporary folder, a CA file that can't be read
        found[f"the lab's servers can be reached ({exc})"] = False
    return found


def _dials(found: dict[str, bool]) -> None:
    with serve("starttls") as server:
        found["STARTTLS works"] = dial(server, "starttls").ok
        trace = dial(server, "implicit")
        found["implicit TLS on a plaintext port fails at its first bytes"] = (
            trace.cause is Cause.IMPLICIT_TO_PLAINTEXT and trace.bytes_read < trace.bytes_received)
    with serve("implicit") as server:
        found["implicit TLS works"] = dial(server, "implicit").ok
        found["a plaintext client hangs there"] = dial(server, "plain", timeout_s=0.5).waiting_for == "greeting"
