"""A handshake that stops after the ClientHello: what the server answers is lost on the way, all but its beginning."""

from __future__ import annotations

import ssl

from ..records import TlsRecord, read_record
from .recorder import Recorder
from .tls import Tls


class StalledTls(Tls):
    """The server's end of TLS. Of its answer only the first `records` get out, and nothing is read after them.

    OpenSSL has answered in full, as its reports in the trace show: so it is where large packets are lost.
    """

    def __init__(self, context: ssl.SSLContext, recorder: Recorder, records: int) -> None:
        super().__init__(context, recorder, server_side=True)
        self._records, self._answered = records, False

    def handshake(self) -> bool:
        """Answer the ClientHello once it is whole; then wait for ever. Raises ssl.SSLError as `Tls` does."""
        return not self._answered and super().handshake()

    def pull(self) -> bytes:
        """As many whole records of the answer as get out, and later none."""
        answer = b"" if self._answered else super().pull()
        self._answered |= bool(answer)
        out = b""
        for _ in range(self._records):
            if isinstance(record := read_record(answer[len(out):]), TlsRecord):
                out += answer[len(out):len(out) + record.size_bytes]
        return out
