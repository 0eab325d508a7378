"""The TLS secrets of a context's connections, as OpenSSL writes them, kept out of everybody's reach.

Python lets OpenSSL write them into a file and nowhere else (SSLContext.keylog_filename). So the file is made
with mode 0600 and, where the system can, loses its name as soon as OpenSSL has it open: nothing is left
to find, however the program ends. What OpenSSL wrote while it worked for one connection is that connection's:
whoever works for it takes the lines then, and no two threads use one context.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import threading
import weakref

from .own_files import make_own_file, own_name


class KeyLog:
    """What OpenSSL logs for `context`, to be taken piece by piece."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.theirs = context.keylog_filename  # of SSLKEYLOGFILE: its owner gets the lines all the same
        path = own_name("keys")
        try:
            handle = make_own_file(path)
            self._close = weakref.finalize(self, _close, handle, path)
            context.keylog_filename = path
        finally:
            with contextlib.suppress(OSError):  # Windows keeps the name of an open file; there it goes at the end
                os.unlink(path)
        self._handle, self._context, self._lock = handle, weakref.ref(context), threading.Lock()
        self.take()  # OpenSSL's headline

    def close(self) -> None:
        """Keep no more secrets, and let go of the file. Twice is once."""
        with self._lock:
            if self._close.alive and (context := self._context()):
                context.keylog_filename = None  # type: ignore[assignment]  # OpenSSL's hold of it
            self._close()

    def take(self) -> str:
        """The lines since the last time, which are then gone from the file."""
        with self._lock:  # a number that is closed may be another file's soon
            if not self._close.alive:
                return ""
            os.lseek(self._handle, 0, os.SEEK_SET)
            lines = b""
            while piece := os.read(self._handle, 65536):
                lines += piece
            if lines:
                os.ftruncate(self._handle, 0)  # OpenSSL appends
        text = "".join(line for line in lines.decode("ascii", "replace").splitlines(keepends=True) if line[0] != "#")
        if text and self.theirs:
            with contextlib.suppress(OSError), open(self.theirs, "a", encoding="ascii") as file:
                file.write(text)
        return text


def keep_secrets(context: ssl.SSLContext) -> ssl.SSLContext:
    """From now on the secrets of this context's connections are in their recorders."""
    with contextlib.suppress(OSError):  # no room for a file: there are no secrets then, and all else works
        context.key_log = KeyLog(context)  # type: ignore[attr-defined]  # as long as the context lives
    return context


def _close(handle: int, path: str) -> None:
    os.close(handle)
    with contextlib.suppress(OSError):
        os.unlink(path)
