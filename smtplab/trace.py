"""`Trace`: what happened on one connection, explained, and its JSON document."""

from __future__ import annotations

import json
from collections.abc import Collection
from os import PathLike
from typing import TYPE_CHECKING

from .address import MAIL_PORTS, port_number
from .report import report
from .shown import Shown
from .trace_data import TraceData
from .words import Diagnosis, diagnose

if TYPE_CHECKING:
    from .certificate import ServerCertificate


class Trace(TraceData, Shown):
    """A `TraceData` that explains itself, and goes to documents and back."""

    @property
    def diagnosis(self) -> Diagnosis:
        """Title, why (from these bytes) and fixes."""
        return diagnose(self)

    @property
    def password_in_clear(self) -> bool:
        """Whether the client sent a password, or a token in its place, outside TLS."""
        from .asides import password_in_clear  # here and below: few ask
        return password_in_clear(self.conversation) is not None

    @property
    def mail_in_clear(self) -> bool:
        """Whether the client sent anything of a mail outside TLS, if only its sender."""
        from .asides import mail_in_clear
        return bool(mail_in_clear(self.conversation))

    def __str__(self) -> str:
        return report(self)

    @property
    def certificate(self) -> ServerCertificate | None:
        """What the server showed: names, issuer, dates, chain, and what is wrong with it. None where this trace can't
        read it: none was sent, or it crossed encrypted, as in TLS 1.3, and this side did not end TLS."""
        from .certificate import shown  # here, since it reads certificates
        return shown(self)

    def to_dict(self) -> dict[str, object]:
        """The handshake document of the JSON contract, as plain values."""
        from .trace_document import document_of  # slow to import
        return document_of(self, self.diagnosis)

    def to_json(self, indent: int | None = 2) -> str:
        """The handshake document; `from_json` reads it back."""
        return json.dumps(self.to_dict(), indent=indent)

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """The trace of a handshake document, as `to_json` gives it; its diagnosis is made anew.

        Raises ValueError, which names the field, if the text is not such a document."""
        from .trace_document import fields_of
        return cls(**fields_of(text))

    def to_pcapng(self, path: str | PathLike[str], *, port: int | None = None) -> None:
        """Write a capture file (mode 0600) that Wireshark opens, decrypted where the lab knows the TLS secrets.

        The TCP/IP packets are made up around the recorded bytes, at their times. `port` is the server's port as shown;
        without it 25, 465 or 587, whichever fits what the server spoke. What the trace blanks stays blank; if that was
        within TLS, the secrets that would show it are left out. Raises ValueError unless `port` is 1 to 65535."""
        from .packets import write_pcapng
        write_pcapng(path, [self], port=port)

    @classmethod
    def from_pcap(cls, path: str | PathLike[str], *, ports: Collection[int] | int = MAIL_PORTS) -> list[Trace]:
        """The traces of a capture (pcap or pcapng), one per TCP connection to these ports (or one port), in order.

        Each is seen from the client. What crossed encrypted stays unread. Raises ValueError if the file is not a
        capture, or a port is not 1 to 65535."""
        from .packets import read_pcap
        ports = [ports] if isinstance(ports, int | str) else ports
        return read_pcap(path, ports={port_number(port) for port in ports})


Trace.__doc__ = TraceData.__doc__  # for help(Trace): the fields
