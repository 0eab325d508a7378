"""A login (RFC 4954): what a client says for each mechanism, and the forms of its secret.

`smtplib` has its own; it can't send a password that is not ASCII, and shows it when it fails.
"""

from __future__ import annotations

import base64
import hmac
import re
import smtplib
from collections.abc import Callable, Iterable
from functools import partial

from ..events import Failure, Stage
from ..smtp import Reply
from . import LAB_PASSWORD, LAB_USER
from .connect import Failed
from .recorder import Recorder

Forms = tuple[re.Pattern[bytes], ...]
Ask = Callable[[Callable[[], object], tuple[int, ...]], Reply]  # what to do, and which reply codes are good


def auth_mechanisms(keywords: Iterable[str]) -> tuple[str, ...]:
    """The mechanisms that an EHLO reply offers, in its order; the old form "AUTH=LOGIN" is read too."""
    found: dict[str, None] = {}
    for line in keywords:
        words = line.upper().replace("=", " ", 1).split()
        if words[:1] == ["AUTH"]:
            found.update(dict.fromkeys(words[1:]))
    return tuple(found)


def log_in(smtp: smtplib.SMTP, ask: Ask, login: tuple[str, str], mechanisms: tuple[str, ...],
           encrypted: bool) -> None:
    """Log in once, with the first of the offered mechanisms that is one of these. Raises Failed, as `ask` does."""
    keywords = [f"{name} {value}" for name, value in smtp.esmtp_features.items()]
    offered = auth_mechanisms(keywords)
    fitting = [name for name in offered if name in mechanisms]
    if not fitting:
        hidden = not offered and not encrypted and smtp.has_extn("starttls")
        raise Failed(Failure(Stage.AUTH, "smtplib", "needs-tls" if hidden else "not-offered",
                             f"AUTH offers {' '.join(offered) or 'nothing'}"))
    first, rest = exchange(fitting[0], *login)
    reply = ask(lambda: smtp.docmd("AUTH", first), (334,) if rest else (235,))
    while rest:
        answer = encode(rest.pop(0)(decode_challenge(reply.lines[-1])))
        reply = ask(partial(smtp.docmd, answer), (334,) if rest else (235,))


def keep_from_view(recorder: Recorder, login: tuple[str, str], is_lab: bool) -> None:
    """Let a recorder blank this login where a server echoes it; the lab's own, sent to a lab server, is shown."""
    if is_lab:
        recorder.may_show = LAB_USER, LAB_PASSWORD
    if not (is_lab and login[1] == LAB_PASSWORD):
        recorder.hide = hider(*login)


def exchange(mechanism: str, user: str, password: str) -> tuple[str, list[Callable[[bytes], bytes]]]:
    """The first argument of AUTH, then a function from each challenge to its answer (RFC 4954)."""
    if mechanism == "PLAIN":
        return f"PLAIN {encode(_plain(user, password))}", []
    if mechanism == "LOGIN":
        return "LOGIN", [lambda _: user.encode(), lambda _: password.encode()]
    digest = partial(hmac.new, password.encode(), digestmod="md5")
    return "CRAM-MD5", [lambda challenge: f"{user} {digest(msg=challenge).hexdigest()}".encode()]


def decode_challenge(text: str) -> bytes:
    """The challenge in a 334 reply's text; empty if it is no base64."""
    try:
        return base64.b64decode(text + "==", validate=False)
    except ValueError:  # a server that does not know base64; what it gets will be wrong, and it says so
        return b""


def _plain(user: str, password: str) -> bytes:
    return f"\0{user}\0{password}".encode()


def encode(data: bytes) -> str:
    """Base64, as AUTH sends it."""
    return base64.b64encode(data).decode()


def forms_of(user: str, password: str) -> Forms:
    """The forms in which a server could echo a password, each as a pattern in any case, also over two reply lines.

    In UTF-8 or Latin-1: as it is, in base64 (alone or as PLAIN's blob, with or without "="), in hexadecimal, and
    escaped as in a URL, in JSON or in HTML. Too short a word would blank half the text: a form has 4 bytes at least."""
    import html
    import json
    from urllib.parse import quote, quote_plus
    raws = {password.encode(code, "ignore") for code in ("utf-8", "latin-1")}
    texts = [quote(password, "", errors="ignore"), quote_plus(password, errors="ignore"), json.dumps(password)[1:-1],
             json.dumps(password, ensure_ascii=False)[1:-1], html.escape(password), html.escape(password, quote=False)]
    blobs = [encode(data).rstrip("=") for data in (_plain(user, password), *raws)]
    forms = {*raws, *(raw.hex().encode() for raw in raws)}
    forms |= {text.encode(code, "ignore") for text in (*texts, *blobs) for code in ("utf-8", "latin-1")}
    # The longest first: what it covers, a shorter one would leave the ends of.
    return tuple(map(_anywhere, sorted((form for form in forms if len(form) >= 4), key=len, reverse=True)))


_LINE_BREAK = rb"\r?\n\d{3}[ -](?:[245]\.\d{1,3}\.\d{1,3} )?"  # from one line of a reply to the next


def _anywhere(form: bytes) -> re.Pattern[bytes]:
    between = b"(?:" + _LINE_BREAK + b")?"
    return re.compile(between.join(re.escape(form[i:i + 1]) for i in range(len(form))), re.IGNORECASE)


def hider(user: str, password: str) -> Callable[[bytes], bytes]:
    """What blanks a password, in any of its forms, in bytes that a server sent."""
    return partial(blank, forms=forms_of(user, password))


def blank(data: bytes, forms: Forms) -> bytes:
    """The same bytes with `*` for what the forms match; line breaks within it stay."""
    for form in forms:
        data = form.sub(_stars, data)
    return data


def _stars(found: re.Match[bytes]) -> bytes:
    parts = re.split(b"(" + _LINE_BREAK + b")", found[0])
    return b"".join(part if place % 2 else b"*" * len(part) for place, part in enumerate(parts))
