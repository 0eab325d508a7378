"""A server that follows a script with each visitor: the virtual peer, beside the real ones."""

import contextlib
import socket
import struct
import threading

from smtplab.lab.certificates import server_context


def read(visitor, done):
    """Wait until something comes."""
    visitor.recv(65536)
    return visitor


def tls(visitor, done):
    """Do a TLS handshake, and go on within it."""
    return server_context().wrap_socket(visitor, server_side=True)


def reset(visitor, done):
    """End with a reset."""
    visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visitor.close()
    return visitor


def close(visitor, done):
    """End in order, and let the visitor go first: a close with bytes unread would be a reset."""
    with contextlib.suppress(OSError):
        visitor.shutdown(socket.SHUT_WR)
        while visitor.recv(65536):
            pass
    visitor.close()
    return visitor


def stay(visitor, done):
    """Say and read no more, and stay until the test ends."""
    done.wait(20)
    return visitor


def every(seconds, data):
    """A step that sends `data` again and again, so often, until the test ends or the visitor leaves."""
    def drip(visitor, done):
        while not done.wait(seconds):
            visitor.sendall(data)
        return visitor
    return drip


@contextlib.contextmanager
def scripted(*steps):
    """Its address. A step is bytes to send, or a function of (socket, event that the test is over)."""
    listening = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def follow(visitor):
        with contextlib.suppress(OSError):
            try:
                for step in steps:
                    if isinstance(step, bytes):
                        visitor.sendall(step)
                    else:
                        visitor = step(visitor, done)
            finally:
                visitor.close()

    def run():
        visits = []
        with contextlib.suppress(OSError):
            while not done.is_set():
                visits.append(threading.Thread(target=follow, args=(listening.accept()[0],), daemon=True))
                visits[-1].start()
        for visit in visits:
            visit.join(30)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()
    finally:
        done.set()
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)  # wakes the accept
        listening.close()
        thread.join(30)
