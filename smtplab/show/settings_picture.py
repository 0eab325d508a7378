"""The picture that goes with a settings report: how the connection opens there, and the five bytes of a mismatch.

Tables, so that it is drawn at once, read aloud and printed. Words and numbers of the five bytes come from the
readers; the openings are those of the RFCs, and a real dial shows that they are.
"""

from __future__ import annotations

import functools
import html

from ..escape import show_bytes
from ..events import Who
from ..records import HEADER_BYTES, parse_header
from ..settings import Outcome, SettingsMode, SettingsReport
from ..settings.standard import MX, SUBMISSIONS, server_of
from ..verdict import judge
from .five_byte_lens import GREETING
from .openings import Arrow
from .settings_document import duration

OPENSSL = "3.0"


def _in_clear(*lines: str) -> list[Arrow]:
    """Plaintext lines, "C: ..." and "S: ..."."""
    return [Arrow({"C": Who.CLIENT, "S": Who.SERVER}[line[0]], "smtp", line[3:], False) for line in lines]


_GREETS = _in_clear("S: 220 mail.example.com ESMTP")
_TLS = [Arrow(Who.CLIENT, "tls", "ClientHello", False), Arrow(Who.SERVER, "tls", "ServerHello", False)]
_OFFERS = _in_clear("C: EHLO client.example.com", "S: 250-STARTTLS")
_WAITS = [Arrow(Who.CLIENT, "wait", "", False)]


def _inside(*lines: str) -> list[Arrow]:
    return [Arrow(arrow.who, "inside", arrow.words, True) for arrow in _in_clear(*lines)]


def opening(report: SettingsReport) -> list[Arrow]:
    """What crosses, in order; an arrow of the layer "wait" is where both wait. Empty where nothing is dialled."""
    arrows = _for_a_good_certificate(report)
    if report.outcome is not Outcome.CERTIFICATE_REFUSED:
        return arrows
    return [*(a for a in arrows if not a.encrypted), Arrow(Who.CLIENT, "tls", "Alert: unknown ca", True)]


def _for_a_good_certificate(report: SettingsReport) -> list[Arrow]:
    mode, server = report.mode, server_of(report.port, report.mode)
    login = ("C: EHLO client.example.com", "S: 250-AUTH PLAIN LOGIN", "C: AUTH PLAIN ...")
    if mode is SettingsMode.ERROR:
        return []
    if mode is SettingsMode.IMPLICIT:
        if server != SUBMISSIONS:
            return [_TLS[0], *_GREETS, Arrow(Who.CLIENT, "gives-up", "reads five bytes of it, and gives up", False)]
        return [*_TLS, *_inside("S: 220 mail.example.com ESMTP", *login)]
    if server == SUBMISSIONS:
        return _WAITS
    if mode is SettingsMode.PLAIN:
        return [*_GREETS, *_OFFERS, *_plain(report, server)]
    begun = [*_GREETS, *_OFFERS, *_in_clear("C: STARTTLS", "S: 220 Ready to start TLS"), *_TLS]
    if server != MX:
        return [*begun, *_inside(*login)]
    if report.outcome is Outcome.AUTH_NOT_OFFERED:
        return [*begun, *_inside("C: EHLO client.example.com", "S: 250 (a list without AUTH)")]
    return [*begun, *_inside("C: EHLO client.example.com", "S: 250 ...", "C: MAIL FROM:<...>")]


def _plain(report: SettingsReport, server: int) -> list[Arrow]:
    if not report.password_first and server != MX:
        return _in_clear("C: AUTH (the method's name alone)", "S: 530 Must issue a STARTTLS command first")
    if report.outcome is Outcome.PLAINTEXT and server != MX:
        return _in_clear("C: AUTH PLAIN ... (the password, in clear)", "S: 530 Must issue a STARTTLS command first")
    if report.outcome is Outcome.REFUSED_NEEDS_TLS:
        return _in_clear("C: MAIL FROM:<...>", "S: 530 Must issue a STARTTLS command first")
    if report.outcome is Outcome.PLAINTEXT:
        return _in_clear("C: MAIL FROM:<...> (and all that follows, in clear)")
    return []


def picture(report: SettingsReport) -> str:
    """The opening as HTML, and under it the five bytes where the client takes a greeting for a TLS record."""
    arrows = opening(report)
    if not arrows:
        return '<div class="smtplab-document"><p>No connection is made, so nothing crosses.</p></div>'
    rows, sealed = [], False
    both_speak = report.outcome is Outcome.WRONG_VERSION_NUMBER
    for number, arrow in enumerate(arrows):
        if arrow.encrypted and not sealed:
            sealed = True
            rows.append('<tr class="smtplab-sealed"><th colspan="3" scope="rowgroup">encrypted from here</th></tr>')
        rows.append(_row(arrow, number == 0 or (both_speak and number == 1)))
    if not sealed:
        rows.append(f'<tr><td colspan="3">{_end(report)}</td></tr>')
    bytes_ = _five_bytes() if report.outcome is Outcome.WRONG_VERSION_NUMBER else ""
    return ('<div class="smtplab-document"><table class="smtplab-table smtplab-lanes"><caption>How it opens on port '
            f'{report.port}</caption><thead><tr><th scope="col">client</th><th scope="col">on the wire</th>'
            f'<th scope="col">server</th></tr></thead><tbody>{"".join(rows)}</tbody></table>{bytes_}</div>')


def _end(report: SettingsReport) -> str:
    if report.outcome is not Outcome.HANG:
        return "nothing was encrypted"
    ends = report.hang_ends_after_s
    return "neither ever gives up" if ends is None else f"until the client gives up, after {duration(ends)}"


def _row(arrow: Arrow, first: bool) -> str:
    if arrow.layer == "wait":
        return ('<tr class="smtplab-waits"><td>… waits for a greeting</td><td>not one byte</td>'
                "<td>… waits for a ClientHello</td></tr>")
    if arrow.layer == "gives-up":
        return f'<tr><td>{html.escape(arrow.words)}</td><td></td><td></td></tr>'
    layer = {"smtp": "in clear", "tls": "TLS", "inside": "in TLS"}[arrow.layer]
    words = f"<code>{html.escape(arrow.words)}</code>"
    from_client = arrow.who == "client"
    wire = f"{layer} {'→' if from_client else '←'}" if from_client else f"← {layer}"
    words += " <small>first word</small>" * first
    cells = (words, wire, "") if from_client else ("", wire, words)
    sealed = " class=smtplab-sealed" if arrow.encrypted else ""
    return f"<tr{sealed}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


@functools.cache
def _five_bytes() -> str:
    """The greeting's first five bytes under both readings, and OpenSSL's checks up to its verdict."""
    data, found, header = GREETING[:HEADER_BYTES], judge(GREETING, OPENSSL), parse_header(GREETING)
    assert header, "the greeting is longer than a header"
    version, length = header.legacy_record_version, header.length
    cells = [f"<td>{byte:02x}</td>" for byte in data]
    letters = [f"<td>{html.escape(show_bytes(bytes((byte,)))).replace(' ', 'space')}</td>" for byte in data]
    fields = ((1, f"type {int(header.content_type)}"), (2, f"version 0x{version:04x}"), (2, f"length {length:,}"))
    read = "".join(f'<td colspan="{span}">{words}</td>' for span, words in fields)
    checks = "".join(f"<li>{'✓' if c.passed else '✗'} {html.escape(f'{c.check}: {c.because}')}</li>"
                     for c in found.checks)
    alert = f", and sends the alert {found.alert}" if found.alert else ""
    return ('<table class="smtplab-table smtplab-bytes"><caption>The five bytes that it reads</caption><tbody>'
            f'<tr><th scope="row">bytes</th>{"".join(cells)}</tr>'
            f'<tr><th scope="row">as SMTP</th>{"".join(letters)}</tr>'
            f'<tr><th scope="row">as a TLS record header</th>{read}</tr></tbody></table>'
            f"<p>OpenSSL {html.escape(found.openssl)} checks them and says <b>{html.escape(found.verdict)}</b>"
            f"{html.escape(alert)}:</p><ul>{checks}</ul>")
