"""A client's socket with a deadline, recorded: enough of a socket for `smtplib`, with TLS built in."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator

from .. import limits
from ..events import What
from .recorder import Recorder
from .tls import CHUNK_BYTES, Tls


class Ended(OSError):
    """The connection gave no more bytes; `how` is "timeout", "closed", "reset", "flood", "stopped" or "tls"."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class RecordedSocket:
    """A connected socket with a deadline, recorded, enough of a socket for `smtplib`.

    `deadline` is a `time.monotonic()` value. Reading or sending past it, or after the peer has
    closed or reset, raises `Ended`, and `how` keeps the reason.
    """

    def __init__(self, sock: socket.socket, recorder: Recorder, deadline: float) -> None:
        self.sock, self.recorder, self.deadline = sock, recorder, deadline
        self.how: str | None = None
        self.text = bytearray()  # plaintext received and not yet asked for
        self.reply = bytearray()  # the lines asked for since the owner last cleared it
        self.secure, self.lines = False, 0
        self.broken: ssl.SSLError | None = None  # why TLS broke off after its handshake

    def _end(self, how: str) -> Ended:
        self.how = self.how or how
        if how in ("closed", "reset"):
            self.recorder.add(What(how), self.recorder.peer)
        return Ended(how)

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if self.recorder.stopped:
            raise self._end("stopped")
        if left <= 0:
            raise self._end("timeout")
        return left

    def _receive(self) -> bytes:
        """The next chunk from the network; empty when the peer has closed."""
        if self.recorder.received > limits.DIAL_BYTES or len(self.recorder.events) > limits.DIAL_EVENTS:
            raise self._end("flood")
        self.sock.settimeout(self._left())
        try:
            data = self.sock.recv(CHUNK_BYTES)
        except TimeoutError:
            raise self._end("timeout") from None
        except OSError as exc:
            raise self._end("stopped" if self.recorder.stopped else "reset") from exc
        if self.recorder.stopped and not data:
            raise self._end("stopped")
        if data:
            self.recorder.add(What.BYTES, self.recorder.peer, data)
        else:
            self._end("reset" if self.recorder.was_reset else "closed")
        return data

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                self.sock.settimeout(self._left())
                sent = self.sock.send(view)
                self.recorder.add(What.BYTES, data=bytes(view[:sent]))
                view = view[sent:]
        except Ended:
            raise
        except TimeoutError:
            raise self._end("timeout") from None
        except OSError as exc:
            raise self._end("reset") from exc

    def start_tls(self, context: ssl.SSLContext, server_name: str | None) -> Tls:
        """Do the TLS handshake. Raises ssl.SSLError (after sending the alert) or `Ended`.

        Plaintext that had come already is thrown away (RFC 3207 section 4.2)."""
        self.text.clear()
        tls = Tls(context, self.recorder, server_name=server_name)
        try:
            while not tls.handshake():
                self._send(tls.pull())
                self.recorder.wait_for("server-finished" if tls.hello_came else "server-hello")
                tls.feed(self._receive())
            self._send(tls.pull())
            self.secure = True
        except ssl.SSLError:
            with contextlib.suppress(Ended):
                self._send(tls.pull())
            raise
        finally:
            self.recorder.count_handshake()
        self.recorder.wait_for(None)
        return tls

    # --- what smtplib asks of a socket and of its file ---

    def sendall(self, data: bytes) -> None:
        """Send, within TLS if it is on."""
        if self.secure:
            self.recorder.add(What.INSIDE, data=bytes(data))
            with self._within_tls():
                self._tls().object.write(data)
            data = self._tls().pull()
        self._send(data)

    def readline(self, limit: int) -> bytes:
        """A line with its end, at most `limit` bytes; what there is, if the peer closes."""
        while (end := self.text.find(b"\n") + 1) == 0 and len(self.text) < limit:
            if not self._more_text():
                end = len(self.text)
                break
        end = min(end or limit, limit)
        self.lines += 1
        if self.lines > limits.READ_LINES:
            raise self._end("flood")
        line = bytes(self.text[:end])
        del self.text[:end]
        self.reply += line
        return line

    def _tls(self) -> Tls:
        assert self.recorder.tls  # it is on
        return self.recorder.tls

    def _more_text(self) -> bool:
        if not self.secure:
            came = self._receive()
            self.text += came
            return bool(came)
        tls = self._tls()
        with self._within_tls():
            while (data := tls.read()) is None:
                tls.feed(self._receive())
                if reply := tls.pull():
                    self._send(reply)
        if data:
            self.recorder.add(What.INSIDE, self.recorder.peer, data)
            self.text += data
        else:
            self._end("closed")
        return bool(data)

    @contextlib.contextmanager
    def _within_tls(self) -> Iterator[None]:
        try:
            yield
        except ssl.SSLError as exc:  # an alert after the handshake, or bytes that do not decrypt
            self.broken = exc
            raise self._end("tls") from exc

    def makefile(self, *_args: object, **_kwargs: object) -> RecordedSocket:
        """This object is its own file."""
        return self

    def close(self) -> None:
        """Note what has arrived meanwhile, say close_notify if TLS is on, and close. Twice is once."""
        if self.sock.fileno() < 0:
            return
        with contextlib.suppress(OSError):
            self.sock.setblocking(False)
            if self.secure and self.how is None:
                with contextlib.suppress(ssl.SSLError):
                    self._tls().object.unwrap()
                if data := self._tls().pull():
                    self.recorder.add(What.BYTES, data=data[:self.sock.send(data)])
            while self.recorder.received < limits.DIAL_BYTES and (data := self.sock.recv(CHUNK_BYTES)):
                self.recorder.add(What.BYTES, self.recorder.peer, data)
        self.sock.close()
        self.recorder.add(What.CLOSED)
        self.recorder.end = time.monotonic()
