"""Go: gomail.v2 and its successor gopkg.in/mail.v2, which Grafana uses.

Sources: go-gomail/gomail and go-mail/mail smtp.go (NewDialer, Dial), auth.go (loginAuth). The tables were run against
loopback servers.
"""

from __future__ import annotations

from ..model import (
    IMPLICIT,
    OPPORTUNISTIC,
    PLAIN,
    REQUIRED,
    Framework,
    Given,
    Key,
    Note,
    NotPossible,
    Outcome,
    Release,
    Role,
    Rule,
    Unoffered,
    other_keys,
    port_key,
)
from ..reading import Call
from ..standard import if_login_fails
from ..values import ABSENT
from .asking import said_empty
from .go_reading import (
    CHECK,
    FLAG,
    HOSTS,
    NO_TLS_RECORD,
    PORTS,
    UNCHECKED,
    Policy,
    argument,
    given_only,
    is_number,
    login_in_clear,
    notes_of,
    text_only,
)

_GOMAIL, _MAIL = "go-gomail/gomail smtp.go Dial; live", "go-mail/mail smtp.go Dial; live"
_DIALER = (
    Key("SSL", FLAG), Key("NewDialer", FLAG, role=Role.OTHER), port_key("Port"), port_key("port", *PORTS),
    *other_keys(Role.HOST, "Host"), Key("host", role=Role.HOST, aliases=HOSTS),
    *other_keys(Role.USER, "Username"), *other_keys(Role.SECRET, "Password"), *CHECK,
    *other_keys(Role.OTHER, "LocalName", "Timeout", "RetryFailure"),
)


def _new_dialer(call: Call) -> dict[str, object]:
    """NewDialer(host, port, username, password)."""
    port = argument(call, 1)
    return {"NewDialer": True} | given_only(host=text_only(argument(call, 0)), port=port if is_number(port) else ABSENT,
                                        Username=text_only(argument(call, 2)), Password=argument(call, 3))


def _literal(g: Given) -> bool:
    """Whether the Dialer is written out, so that NewDialer doesn't set SSL."""
    return g.has("Host", "Port") and not g.has("NewDialer")


def _dialer_logs_in(g: Given) -> bool:
    return not said_empty(g, "Username")


def _dialer_rules(source: str, *more: Rule) -> tuple[Rule, ...]:
    return if_login_fails((
        Rule(IMPLICIT, "SSL is true: TLS starts at once", lambda g: g.has("SSL") and g["SSL"], source),
        Rule(IMPLICIT, "port 465: NewDialer sets SSL", lambda g: not g.has("SSL") and not _literal(g)
             and g.port == 465, source, inferred=True),
        *more,
        Rule(OPPORTUNISTIC, "SSL is off: STARTTLS where it is offered", source=source),
    ), lambda g: not _dialer_logs_in(g))


def _dialer_notes(source: str) -> tuple[Note, ...]:
    return (
        login_in_clear(source + "; auth.go loginAuth"),
        Note("mail-in-clear", "Username", "with no login there is nothing that asks for TLS: where STARTTLS is missing"
             " the mail goes in clear", lambda g: g.mode is OPPORTUNISTIC and not _dialer_logs_in(g), source),
        Note("inferred", "SSL", "port 465 makes NewDialer set SSL; a Dialer that is written out needs SSL: true",
             lambda g: g.mode is IMPLICIT and not g.has("SSL"), source),
        Note("not-inferred", "SSL", "only NewDialer sets SSL for port 465; this Dialer is written out: add SSL: true",
             lambda g: g.port == 465 and _literal(g) and not g.has("SSL"), source),
        Note("not-inferred", "SSL", "NewDialer sets SSL for port 465 only: on port {port} say d.SSL = true",
             lambda g: g.outcome is Outcome.HANG and g.port != 465 and not g.has("SSL"), source),
        UNCHECKED,
    )


_CALL = 'd := %s.NewDialer("{host}", {port}, user, password)'


def _dialer_form(g: Given, package: str, ssl: bool) -> str:
    """The call; with SSL said outright where a translation wants what the port doesn't give."""
    says = not g.values and ssl != (g.port == 465)
    return _CALL % package + (f"\nd.SSL = {str(ssl).lower()}" if says else "")


GOMAIL = Framework(
    "gomail.v2", "gomail.v2 (Go)", "Go", _DIALER, _dialer_rules(_GOMAIL), (Release("2016-04 (81ebce5)", (2,)),),
    lambda g: {IMPLICIT: _dialer_form(g, "gomail", True), OPPORTUNISTIC: _dialer_form(g, "gomail", False),
               REQUIRED: NotPossible("gomail.v2 goes on in clear where STARTTLS is not offered: gopkg.in/mail.v2, its"
                                     " successor, has MandatoryStartTLS"),
               PLAIN: NotPossible("gomail.v2 takes STARTTLS wherever it is offered")},
    ("code", "command"), ("gomail", "gopkg.in/gomail.v2", "go-gomail/gomail"), _dialer_notes(_GOMAIL),
    unoffered=Unoffered.SKIPS, credentials=_dialer_logs_in, password_in_clear=_dialer_logs_in,
    errors={Outcome.WRONG_VERSION_NUMBER: NO_TLS_RECORD,
            Outcome.AUTH_MISSING: "gomail: could not send email 1: 530 5.7.0 Authentication required"},
    calls={"NewDialer": _new_dialer, "NewPlainDialer": _new_dialer}, says={"SSL = true": {"SSL": True}},
)
_STARTTLS_POLICY = Policy({"0": OPPORTUNISTIC, "1": REQUIRED, "-1": PLAIN})
MAIL_ERRORS = {
    Outcome.WRONG_VERSION_NUMBER: NO_TLS_RECORD,
    Outcome.STARTTLS_NOT_OFFERED: "gomail: MandatoryStartTLS required, but SMTP server does not support STARTTLS",
    Outcome.REFUSED_NEEDS_TLS: "gomail: could not send email 1: 530 5.7.0 Must issue a STARTTLS command first",
    Outcome.AUTH_MISSING: "gomail: could not send email 1: 530 5.7.0 Authentication required"}
NO_GREETING_TIMEOUT = Note(
    "no-timeout", "", "the Dialer's time-out (10 s) covers connecting, but not the wait for the greeting, which lasts"
    " for ever", lambda g: g.outcome is Outcome.HANG, "go-mail/mail smtp.go lines 91, 97; live")
MAIL_V2 = Framework(
    "gopkg.in/mail.v2 (Grafana)", "gopkg.in/mail.v2 (Go; in Grafana)", "Go",
    (Key("StartTLSPolicy", _STARTTLS_POLICY, default="OpportunisticStartTLS"), *_DIALER),
    _dialer_rules(
        _MAIL,
        Rule(PLAIN, "StartTLSPolicy is NoStartTLS: STARTTLS is never used", lambda g: g["StartTLSPolicy"] is PLAIN,
             _MAIL),
        Rule(REQUIRED, "StartTLSPolicy is MandatoryStartTLS: STARTTLS or nothing",
             lambda g: g["StartTLSPolicy"] is REQUIRED, _MAIL)),
    (Release("f59b9b8", (2, 3, 1)),),
    lambda g: {IMPLICIT: _dialer_form(g, "mail", True), OPPORTUNISTIC: _dialer_form(g, "mail", False),
               REQUIRED: _dialer_form(g, "mail", False) + "\nd.StartTLSPolicy = mail.MandatoryStartTLS",
               PLAIN: _dialer_form(g, "mail", False) + "\nd.StartTLSPolicy = mail.NoStartTLS"},
    ("code", "command"), ("mail.v2", "gopkg.in/mail.v2", "go-mail/mail"),
    (*_dialer_notes(_MAIL), NO_GREETING_TIMEOUT,
     Note("ineffective", "StartTLSPolicy", "with SSL on TLS starts at once, and StartTLSPolicy is not looked at",
          lambda g: g.mode is IMPLICIT and g.has("StartTLSPolicy"), _MAIL)),
    unoffered=Unoffered.SKIPS, credentials=_dialer_logs_in, password_in_clear=_dialer_logs_in, errors=MAIL_ERRORS,
    calls={"NewDialer": _new_dialer, "NewPlainDialer": _new_dialer},
    words=notes_of({**{w: {"StartTLSPolicy": w} for w in ("mandatory", "mandatorystarttls", "nostarttls", "opp",
                                                        "opportunistic", "opportunisticstarttls")},
                  "no": {"StartTLSPolicy": "NoStartTLS"}, "notls": {"StartTLSPolicy": "NoStartTLS"}}),
    says={"SSL = true": {"SSL": True}, "StartTLSPolicy = MandatoryStartTLS": {"StartTLSPolicy": "MandatoryStartTLS"}},
)
