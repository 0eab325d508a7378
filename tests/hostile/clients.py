"""Ten clients that do what no client should to a lab server, each a function of a connected socket.

They return when the server has ended the connection, or when they have done their worst.
"""

import contextlib
import socket
import struct
import time

from servers import CONTROLS, EMPTY, MARKUP

MUCH = 9 << 20
CLIENT_HELLO = bytes.fromhex("16030100c8010000c4") + bytes(196)


def pour(client: socket.socket, data: bytes, size: int = MUCH, patience_s: float = 20) -> None:
    """Send it again and again, reading nothing, until so much is sent or nothing is taken any more."""
    client.settimeout(patience_s)
    block = data * max(1, 60_000 // len(data))
    with contextlib.suppress(OSError):
        for _ in range(size // len(block)):
            client.sendall(block)


def pour_and_read(client: socket.socket, data: bytes, size: int = MUCH) -> None:
    """The same, and all that is answered is read."""
    client.setblocking(False)
    block, sent, end = data * max(1, 60_000 // len(data)), 0, time.monotonic() + 20
    with contextlib.suppress(ConnectionError):
        while sent < size and time.monotonic() < end:
            with contextlib.suppress(BlockingIOError):
                sent += client.send(block)
            with contextlib.suppress(BlockingIOError):
                if not client.recv(1 << 20):
                    return


def ehlos_unread(client):
    """EHLO after EHLO, the answers never read."""
    pour(client, b"EHLO x\r\n", patience_s=1)


def ehlos_read(client):
    """EHLO after EHLO, the answers read."""
    pour_and_read(client, b"EHLO x\r\n")


def noops(client):
    """A hundred thousand commands in one go."""
    pour_and_read(client, b"NOOP\r\n", 600_000)


def long_login(client):
    """A line of AUTH that never ends."""
    client.sendall(b"EHLO x\r\nAUTH PLAIN ")
    pour(client, b"x" * 60_000)


def garbage(client):
    """Bytes that are no line."""
    pour(client, b"\xff\x00" * 30_000)


def newlines(client):
    """Empty lines, each of which wants an answer."""
    pour(client, b"\n", patience_s=1)


def empty_records(client):
    """TLS records with nothing in them."""
    pour(client, EMPTY)


def hello_and_records(client):
    """A ClientHello, and then alerts that nobody has to heed."""
    client.sendall(CLIENT_HELLO)
    pour(client, b"\x15\x03\x03\x00\x02\x01\x5a")


def controls(client):
    """Commands for a terminal and a page."""
    client.settimeout(5)
    for line in (CONTROLS, MARKUP, b"EHLO " + CONTROLS, b"MAIL FROM:<" + MARKUP + b">", b"AUTH " + CONTROLS, b"QUIT"):
        with contextlib.suppress(OSError):
            client.sendall(line + b"\r\n")
    with contextlib.suppress(OSError):
        while client.recv(65536):
            pass


def big_chunk(client):
    """A BDAT of more bytes than there are in the world."""
    client.sendall(b"EHLO x\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\n")
    client.sendall(b"BDAT 99999999999999999999 LAST\r\n")
    pour(client, b"y" * 60_000)


def resets(client):
    """A reset in the middle of a word."""
    client.sendall(b"EHL")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


CLIENTS = {made.__name__: made for made in (
    ehlos_unread, ehlos_read, noops, long_login, garbage, newlines, empty_records, hello_and_records, controls,
    big_chunk, resets)}
