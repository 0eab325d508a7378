"""The handshake document: a trace as the plain values of its JSON contract, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from .asides import mail_in_clear, password_in_clear
from .causes import Cause
from .events import CaptureSecrets, Event, Failure, Mode, TlsInfo, What, Who
from .json_form import COUNT, HEX, MOMENT, NULL, NUMBER, PORT, check, one_of
from .trace_data import TraceData
from .words import Diagnosis

SCHEMA = "smtplab.trace/1"
# The fields that are the same in the document and in the trace.
_AS_THEY_ARE = ("ok", "certain", "bytes_read", "bytes_written", "bytes_received", "bytes_sent", "seconds",
                "waiting_for")
# The form of a handshake document (see `json_form`). Its diagnosis and certificate are not read, but made anew; so is
# what crossed in clear.
_DOCUMENT = {
    "schema": one_of([SCHEMA]), "mode": (one_of(Mode), NULL), "address": [str, PORT], "ok": bool,
    "cause": one_of(Cause), "certain": bool, "bytes_read": COUNT, "bytes_written": COUNT,
    "bytes_received": COUNT, "bytes_sent": COUNT, "seconds": NUMBER,
    "tls": ({"version": str, "cipher": str, "peer_subject": (str, NULL)}, NULL),
    "failure": ({"stage": str, "library": str, "reason": str, "message": str}, NULL),
    "waiting_for": (str, NULL), "first_bytes": (HEX, NULL), "diagnosis?": dict, "certificate?": (dict, NULL),
    "started?": (MOMENT, NULL), "password_in_clear?": bool, "mail_in_clear?": bool,
    "events": [{"at_s": NUMBER, "who": one_of(Who), "what": one_of(What), "data": (HEX, NULL), "note": str}]}


def document_of(trace: TraceData, diagnosis: Diagnosis) -> dict[str, object]:
    """The document of a trace and its diagnosis, as plain values: dicts, lists, text and numbers."""
    from .certificate import moment, shown  # here, as who reads a document reads no certificate
    certificate, started = shown(trace), moment(trace._kept.started)
    return {
        "schema": SCHEMA, "mode": trace.mode and trace.mode.value, "address": list(trace.address),
        "ok": trace.ok, "cause": trace.cause.value, "certain": trace.certain,
        "bytes_read": trace.bytes_read, "bytes_written": trace.bytes_written,
        "bytes_received": trace.bytes_received, "bytes_sent": trace.bytes_sent,
        "seconds": trace.seconds, "tls": trace.tls and asdict(trace.tls),
        "failure": trace.failure and {name: str(value) for name, value in asdict(trace.failure).items()},
        "waiting_for": trace.waiting_for and str(trace.waiting_for),
        "password_in_clear": password_in_clear(trace.conversation) is not None,
        "mail_in_clear": bool(mail_in_clear(trace.conversation)),
        "first_bytes": None if trace.first_bytes is None else trace.first_bytes.hex(),
        "certificate": certificate and certificate.to_dict(),
        "started": started and started.isoformat(),
        "events": [{"at_s": e.at_s, "who": str(e.who), "what": str(e.what),
                    "data": None if e.data is None else e.data.hex(), "note": str(e.note)} for e in trace.events],
        "diagnosis": {"cause": diagnosis.cause.value, "title": diagnosis.title,
                      "why": diagnosis.why, "fixes": list(diagnosis.fixes)}}


def fields_of(text: str) -> dict[str, Any]:
    """The fields of the trace that a document was made of. Raises ValueError, which names the field, if the text is
    not such a document."""
    try:
        d = json.loads(text)
        check(d, _DOCUMENT)
    except RecursionError:
        raise ValueError("the document is nested too deeply") from None
    events = tuple(Event(e["at_s"], Who(e["who"]), What(e["what"]),
                         None if e["data"] is None else bytes.fromhex(e["data"]), e["note"]) for e in d["events"])
    for index, event in enumerate(events):
        if event.data is None and event.what in (What.BYTES, What.INSIDE):
            raise ValueError(f"events[{index}].data is missing")
    return {**{name: d[name] for name in _AS_THEY_ARE}, "mode": d["mode"] and Mode(d["mode"]),
            "address": tuple(d["address"]), "cause": Cause(d["cause"]), "tls": d["tls"] and TlsInfo(**d["tls"]),
            "failure": d["failure"] and Failure(**d["failure"]), "events": events,
            "first_bytes": None if d["first_bytes"] is None else bytes.fromhex(d["first_bytes"]),
            "_kept": CaptureSecrets(datetime.fromisoformat(d["started"]).timestamp() if d.get("started") else 0.0)}
