"""Ninety-odd servers that do what no server should, each a short script: what it sends, and when it ends.

`SERVERS` maps a name to steps as `peers.scripted` takes them. A script doesn't look at what the visitor says; it waits
for something to be said, and goes on. `FLOODS` are those that send without end: they cost their whole deadline.
"""

import os
import random
import socket
import ssl

from peers import close, every, read, reset, stay

from smtplab.lab.certificates import server_context

GREETING, GO = b"220 there\r\n", b"220 go\r\n"
EHLO = b"250-there\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"
CONTROLS = b"\x1b[2J\x1b]0;owned\x07\x9b31m\x08\x00\x7f\xe2\x80\xae"
MARKUP = b"<img src=x onerror=alert(1)></script><!-- $\\alpha$ `x` [a](javascript:1)"
ALERTS = b"\x15\x03\x03\x00\x02\x01\x5a"  # user_canceled, a warning
EMPTY = b"\x16\x03\x01\x00\x00"
KEY = random.Random(15)  # the same junk in each run


def within(*steps, version=None):
    """TLS, with what follows inside it."""

    def tls(visitor, done):
        return server_context(tls_version=version).wrap_socket(visitor, server_side=True)

    return (tls, *steps)


def raw(data):
    """A step that sends these bytes below TLS, once it is on."""

    def send(visitor, done):
        with socket.socket(fileno=os.dup(visitor.fileno())) as below:
            below.sendall(data)
        return visitor

    return send


def echo(visitor, done):
    """Send back whatever comes."""
    while data := visitor.recv(65536):
        visitor.sendall(data)
    return visitor


def half_close(visitor, done):
    """End this direction only, and stay."""
    visitor.shutdown(socket.SHUT_WR)
    done.wait(20)
    return visitor


def flood(data):
    """The same again and again, as fast as it is taken."""
    return every(0, data * max(1, 60_000 // len(data)))


def server_hello(version=None):
    """A real ServerHello, and nothing of what has to follow it."""

    def step(visitor, done):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = server_context(tls_version=version).wrap_bio(incoming, outgoing, server_side=True)
        incoming.write(visitor.recv(65536))
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            hello = outgoing.read()
        visitor.sendall(hello[: 5 + int.from_bytes(hello[3:5], "big")])
        return visitor

    return step


def asked(*replies):
    """Each reply once something has come."""
    return tuple(step for reply in replies for step in (read, reply))


FIRST_WORDS = {
    "drip": (every(0.05, b"2"),),
    "nul": (b"220 \x00\x01\xff\xfe\r\n", stay),
    "controls": (b"220 " + CONTROLS + b"\r\n", stay),
    "markup": (b"220 " + MARKUP + b"\r\n", stay),
    "latin-1": ("220 grüß\r\n".encode("latin-1"), stay),
    "empty-line": (b"\n", close),
    "blank-lines": (b"\r\n" * 50, close),
    "three-digits": (b"220", stay),
    "no-newline": (b"220 there", close),
    "no-text": (b"220\r\n", stay),
    "ff": (b"\xff" * 5000, close),
    "bare-cr": (b"220 a\r220 b\r", stay),
    "999": (b"999 x\r\n", stay),
    "000": (b"000 x\r\n", stay),
    "minus": (b"-220 x\r\n", stay),
    "wide-digits": ("２２０ x\r\n".encode(), stay),
    "long-line": (b"220 " + b"x" * 900_000 + b"\r\n", stay),
    "long-and-cut": (b"220 " + b"x" * 70_000, close),
    "http": (b"HTTP/1.1 400 Bad Request\r\n\r\n" + MARKUP, close),
    "html": (b"<!DOCTYPE html>" + MARKUP, close),
    "pop3": (b"+OK " + CONTROLS + b"\r\n", stay),
    "imap": (b"* OK " + MARKUP + b"\r\n", stay),
    "ssh": (b"SSH-2.0-" + CONTROLS + b"\r\n", stay),
    "telnet": (b"\xff\xfb\x01\xff\xfd\x18", stay),
    "421": (b"421 " + CONTROLS + b"\r\n", close),
    "554": (b"554-" + MARKUP + b"\r\n554 no\r\n", close),
    "multi-codes": (b"220-a\r\n554 b\r\n", stay),
    "random": (KEY.randbytes(3000), close),
}
RECORDS = {
    "empty-handshake": (EMPTY, stay),
    "empty-of-each-type": (b"".join(b"%c\x03\x03\x00\x00" % n for n in range(20, 25)), close),
    "alert": (b"\x15\x03\x03\x00\x02\x02\x46", close),
    "alert-unknown": (b"\x15\x03\x03\x00\x02\x07\xee", stay),
    "alert-one-byte": (b"\x15\x03\x03\x00\x01\x02", stay),
    "alert-three-bytes": (b"\x15\x03\x03\x00\x03\x02\x46\x00", close),
    "alert-and-more": (b"\x15\x03\x03\x00\x02\x02\x16", close),
    "ccs": (b"\x14\x03\x03\x00\x01\x01" * 5, stay),
    "heartbeat": (b"\x18\x03\x03\x00\x03\x01\x00\x10", stay),
    "too-long": (b"\x16\x03\x03\xff\xff" + b"x" * 70_000, stay),
    "header-only": (b"\x17\x03\x03\xff\xff", stay),
    "four-bytes": (b"\x16\x03\x03\x40", stay),
    "no-hello": (b"\x16\x03\x03\x00\x05hello", stay),
    "sslv2": (b"\x80\x2e\x01\x00\x02", stay),
    "dtls": (b"\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04abcd", stay),
    "ssl3": (b"\x16\x03\x00\x00\x04\x02\x00\x00\x00", stay),
    "hello-request": (b"\x16\x03\x03\x00\x04\x00\x00\x00\x00", stay),
    "its-own-hello": (b"\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03", stay),
    "echo": (echo,),
    "hello-then-junk": (server_hello(), KEY.randbytes(500), stay),
    "hello-then-220": (server_hello(), GREETING, stay),
    "hello-1.2-then-nothing": (server_hello("1.2"), close),
    "hello-then-empty": (server_hello(), EMPTY * 20, close),
    "one-byte-records": (
        b"".join(b"\x16\x03\x03\x00\x01%c" % b for b in b"\x02\x00\x00\x28\x03\x03" + bytes(38)),
        close,
    ),
}
ENDS = {
    "close": (close,),
    "reset": (reset,),
    "silent": (stay,),
    "half-close": (half_close,),
    "byte-close": (b"2", close),
    "byte-reset": (b"2", reset),
    "greeting-reset": (GREETING, reset),
    "greeting-half-close": (GREETING, half_close),
    "never-reads": (GREETING, stay),
}
IN_CLEAR = {
    "ten-thousand-keywords": (GREETING, read, b"250-there\r\n" + b"250-KEYWORD\r\n" * 10_000 + b"250 HELP\r\n", stay),
    "keyword-controls": (GREETING, *asked(b"250-there\r\n250-AUTH " + CONTROLS + b"\r\n250 " + MARKUP + b"\r\n"), stay),
    "no-helo": (GREETING, *asked(b"500 " + MARKUP + b"\r\n", b"500 no\r\n"), stay),
    "thousand-mechanisms": (GREETING, *asked(b"250-there\r\n250 AUTH" + b" XM" * 1000 + b"\r\n"), stay),
    "unasked": (GREETING, *asked(EHLO + b"250 ok\r\n" * 2000), stay),
    "byte-by-byte": tuple(GREETING[i : i + 1] for i in range(len(GREETING)))
    + (read,)
    + tuple(EHLO[i : i + 1] for i in range(len(EHLO)))
    + (stay,),
    "ehlo-mixed": (GREETING, *asked(b"250-there\r\n550 no\r\n"), stay),
    "ehlo-junk": (GREETING, *asked(KEY.randbytes(300) + b"\r\n"), stay),
    "ehlo-echo": (GREETING, echo),
    "ehlo-reset": (GREETING, read, reset),
    "ehlo-421": (GREETING, *asked(b"421 " + CONTROLS + b"\r\n"), close),
    "go-and-text": (GREETING, *asked(EHLO, GO, b"250 still plain\r\n"), stay),
    "go-and-inject": (GREETING, *asked(EHLO, GO + b"250-evil\r\n250 " + MARKUP + b"\r\n"), *within(*asked(EHLO), stay)),
    "go-and-close": (GREETING, *asked(EHLO, GO), close),
    "go-and-reset": (GREETING, *asked(EHLO, GO), read, reset),
    "go-and-nothing": (GREETING, *asked(EHLO, GO), stay),
    "go-and-empty": (GREETING, *asked(EHLO, GO, EMPTY * 100), stay),
    "go-and-alert": (GREETING, *asked(EHLO, GO, b"\x15\x03\x03\x00\x02\x02\x28"), close),
    "go-and-junk": (GREETING, *asked(EHLO, GO, KEY.randbytes(2000)), stay),
    "454": (GREETING, *asked(EHLO, b"454 " + MARKUP + b"\r\n"), stay),
    "go-in-lines": (
        GREETING,
        *asked(EHLO, b"220-go\r\n220-" + CONTROLS + b"\r\n220 now\r\n"),
        *within(*asked(EHLO), stay),
    ),
    "503-to-all": (GREETING, *asked(*[b"503 " + CONTROLS + b"\r\n"] * 5), stay),
    "auth-endless": (GREETING, *asked(b"250-there\r\n250 AUTH LOGIN\r\n", *[b"334 " + MARKUP + b"\r\n"] * 8), stay),
    "auth-335": (GREETING, *asked(b"250-there\r\n250 AUTH PLAIN\r\n", b"335 \xff\r\n"), stay),
    "auth-echo": (GREETING, *asked(b"250-there\r\n250 AUTH PLAIN\r\n"), echo),
    "mail-long": (
        GREETING,
        *asked(b"250-there\r\n250 AUTH PLAIN\r\n", b"235 ok\r\n", b"250 " + b"x" * 100_000 + b"\r\n"),
        stay,
    ),
    "mail-421": (
        GREETING,
        *asked(b"250-there\r\n250 AUTH PLAIN\r\n", b"235 ok\r\n", b"421 " + MARKUP + b"\r\n"),
        close,
    ),
}
INSIDE = {  # of implicit TLS
    "tls-controls": within(b"220 " + CONTROLS + MARKUP + b"\r\n", *asked(EHLO), stay),
    "tls-silent": within(stay),
    "tls-junk-record": within(raw(b"\x17\x03\x03\x00\x20" + bytes(32)), stay),
    "tls-reset": within(GREETING, reset),
    "tls-text-below": within(raw(b"220 below TLS\r\n"), stay),
    "tls-no-close-notify": within(GREETING, raw(b""), close),
    "tls-alert-below": within(raw(b"\x15\x03\x03\x00\x02\x02\x28"), stay),
    "tls-bytes": within(*[b"%c" % b for b in GREETING], stay),
    "tls12-empty-app-data": within(GREETING, read, raw(b"\x17\x03\x03\x00\x00" * 50), stay, version="1.2"),
    "tls12-hello-request": within(GREETING, raw(b"\x16\x03\x03\x00\x04\x00\x00\x00\x00"), stay, version="1.2"),
    "tls12-reads-nothing": within(GREETING, stay, version="1.2"),
}
FLOODS = {
    "flood-220": (flood(b"220 no end "),),
    "flood-220-lines": (flood(b"220-more\r\n"),),
    "flood-replies": (flood(GREETING),),
    "flood-newlines": (flood(b"\n"),),
    "flood-empty-records": (flood(EMPTY),),
    "flood-alerts": (flood(ALERTS),),
    "flood-ccs": (flood(b"\x14\x03\x03\x00\x01\x01"),),
    "flood-app-data": (flood(b"\x17\x03\x03\x00\x00"),),
    "flood-hello-requests": (flood(b"\x16\x03\x03\x00\x04\x00\x00\x00\x00"),),
    "flood-small": (every(0, EMPTY),),
    "flood-ehlo": (GREETING, read, flood(b"250-KEYWORD\r\n")),
    "flood-after-go": (GREETING, *asked(EHLO, GO), flood(ALERTS)),
    "flood-after-hello": (server_hello(), flood(b"\x14\x03\x03\x00\x01\x01")),
    "flood-334": (GREETING, read, EHLO, flood(b"334 \r\n")),
    "flood-in-tls": within(flood(b"220-more\r\n")),
    "flood-bytes-in-tls": within(GREETING, read, every(0, b"\n")),
}
QUICK = {**FIRST_WORDS, **RECORDS, **ENDS, **IN_CLEAR, **INSIDE}
SERVERS = {**QUICK, **FLOODS}
