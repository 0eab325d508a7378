"""Places to connect to: a host and a port, given as text, as a pair, or by the server or relay that listens there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MAIL_PORTS = (25, 465, 587, 2525)


class Listening(Protocol):
    """A lab server or a relay: `address` is where it listens."""

    @property
    def address(self) -> tuple[str, int]: ...


Place = Listening | tuple[str, int] | str


def port_number(port: object) -> int:
    """Parse a port (int or digits). Raises ValueError unless it is 1 to 65535."""
    text = str(port).strip()
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= 65535:
        return int(text)
    raise ValueError(f"no port {text[:60]}; ports are 1 to 65535")


def parse_address(text: str) -> tuple[str, int]:
    """"HOST:PORT" or "[IPV6]:PORT" as (host, port). Raises ValueError for anything else."""
    host, _, port = text.rpartition(":")
    try:
        if host and (":" not in host or host[0] == "["):
            return host.strip("[]"), port_number(port)
    except ValueError:
        pass
    raise ValueError(f"{text!r} is no HOST:PORT (an IPv6 address stands in brackets: [::1]:587)")


def name_address(address: tuple[str, int]) -> str:
    """(host, port) as "HOST:PORT", IPv6 in brackets; further items, as in a socket address, are ignored."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(frozen=True)
class Target:
    """A place to connect to. `is_lab`: it is a lab server; `ca_file` is then the authority to trust, if it has one."""

    host: str
    port: int
    ca_file: str | None = None
    is_lab: bool = False

    @classmethod
    def of(cls, place: Place) -> Target:
        """The target that a lab server, a relay, (host, port) or "HOST:PORT" names. Raises ValueError for others."""
        if isinstance(place, str):
            return cls(*parse_address(place))
        address = place if isinstance(place, tuple) else getattr(place, "address", None)
        if not isinstance(address, tuple) or len(address) < 2:
            raise ValueError(f"{place!r} is no place to connect to; it takes a lab server, (host, port) or HOST:PORT")
        if not address[0]:
            raise ValueError("the host name is empty")
        # Only lab servers have a kind.
        return cls(str(address[0]), port_number(address[1]), getattr(place, "ca_file", None), hasattr(place, "kind"))

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port
