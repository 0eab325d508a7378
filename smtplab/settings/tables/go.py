"""Go: net/smtp's SendMail, gomail.v2, its successor gopkg.in/mail.v2 (in Grafana), and wneessen/go-mail.

Sources: net/smtp smtp.go (SendMail, Client.StartTLS), auth.go (PlainAuth.Start, isLocalhost); go-gomail/gomail and
go-mail/mail smtp.go (NewDialer, Dial), auth.go (loginAuth); wneessen/go-mail client.go (NewClient, SetTLSPortPolicy,
SetSSLPort, tls, auth), smtp/auth_login.go. The tables were run against loopback servers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..keys import Key, Values, keys
from ..model import Framework, Given, Mode, ModeRule, Note, NotPossible, Outcome, Release, Timeout, Unoffered
from ..reading import Bare, Call, Computed, Word
from ..values import ABSENT, Complaint, Switch, shown
from ..vocabulary import (
    hangs,
    if_login_fails,
    implicit,
    in_clear,
    mail_in_clear,
    no_certificate_check,
    not_empty,
    opportunistic,
    plain,
    required,
    said_empty,
    switched_on,
)

FLAG = Switch(("true",), ("false", ""))
GO_BOOL = Switch(("true", "1", "t", "yes", "y", "on"), ("false", "0", "f", "no", "n", "off", ""))  # ini.v1 parseBool
NO_TLS_RECORD = "tls: first record does not look like a TLS handshake"
_PORT = re.compile(r":(\d{1,5})$")
_HOME = ("localhost", "127.0.0.1", "::1")  # where PlainAuth needs no TLS: auth.go isLocalhost
_SHORTEST = 4  # words; a note such as "SSL=true" or "Mandatory", no program


def port_in(address: object) -> int | None:
    """The port at the end of "host:port"; None without one."""
    found = _PORT.search(str(address).strip())
    return int(found[1]) if found else None


def at_home(address: object) -> bool:
    """Whether "host" or "host:port" is this machine, for which Go's PlainAuth needs no TLS."""
    return _PORT.sub("", str(address).strip()).strip("[]") in _HOME or str(address).strip() == "::1"


@dataclass(frozen=True)
class Policy:
    """A constant such as mail.TLSMandatory or MandatoryStartTLS, as any package spells it, or its number."""

    numbers: dict[str, Mode]

    def read(self, value: object) -> Mode | None:
        """The mode, or None if it isn't such a constant."""
        word = str(value).rpartition(".")[2].lower()
        by_word = (Mode.REQUIRED if "mandatory" in word else
                   Mode.OPPORTUNISTIC if word.startswith("opp") or "opportunistic" in word else
                   Mode.PLAIN if word in ("notls", "nostarttls") else None)
        return by_word or self.numbers.get(word)

    def complaint(self, value: object) -> Complaint | None:
        """Whether it is an unknown name, such as a variable."""
        return None if self.read(value) else Complaint("unknown-value", f"{shown(value)} is no policy that is known"
                                                       " here: the default is taken")


def is_number(value: object) -> bool:
    """Whether it is a number or a string of digits, and not a variable's name."""
    return isinstance(value, int) and not isinstance(value, bool) or isinstance(value, str) and value.isdecimal()


def argument(call: Call, index: int) -> object:
    """A call's argument by its place, from 0; `ABSENT` where there is none."""
    return call.arguments[index] if index < len(call.arguments) else ABSENT


def address_in(call: Call, index: int) -> Values:
    """{"addr": ...} if the argument, a string or a sum such as host + ":587", ends in a port; else {}."""
    value = argument(call, index)
    value = value.default if isinstance(value, Computed) and value.known else value
    return {"addr": value} if isinstance(value, str) and port_in(value) else {}


def given_only(**values: object) -> Values:
    """The values that aren't `ABSENT`, by name."""
    return {k: v for k, v in values.items() if v is not ABSENT}


def text_only(value: object) -> object:
    """The value if it is a string, else `ABSENT`."""
    return value if isinstance(value, str) else ABSENT


def notes_of(table: dict[str, Values]) -> Callable[[Iterable[Word]], Values]:
    """A reader of texts of a few words ("noauth", "WithSSL"); it finds nothing in longer ones, which are programs."""
    def read(words: Iterable[Word]) -> Values:
        words = list(words)
        pieces = re.findall(r"[\w.]+", " ".join(words).lower()) if len(words) <= _SHORTEST else []
        return {k: v for piece in pieces for k, v in table.get(piece.rpartition(".")[2], {}).items()}
    return read


CHECK = keys(check=(Key("InsecureSkipVerify", FLAG), "ServerName"))
UNCHECKED = no_certificate_check("InsecureSkipVerify", switched_on("InsecureSkipVerify"), "crypto/tls")
HOSTS = ("smtpHost", "SMTPHost", "SmtpHost", "smtp_host", "SMTP_HOST", "mailHost", "emailHost")
PORTS = ("smtpPort", "SMTPPort", "SmtpPort", "smtp_port", "SMTP_PORT", "mailPort", "emailPort")


def login_in_clear(source: str, setting: str = "") -> Note:
    """The warning that Go's caution with PLAIN doesn't extend to LOGIN."""
    return Note("password-in-clear", setting, "without TLS Go refuses to send the password by PLAIN (\"unencrypted"
                " connection\"), unless the host is localhost; but a server, or anyone on the way, that offers LOGIN"
                " alone is given it in clear", lambda g: in_clear(g) and g.framework.credentials(g), source)


# net/smtp

_SEND, _AUTH_GO = "go src/net/smtp/smtp.go SendMail; live", "go src/net/smtp/auth.go"


def _dialled(call: Call) -> Values:
    """tls.Dial("tcp", address, config), net.Dial("tcp", address) or smtp.Dial(address)."""
    over = argument(call, 0) == "tcp"
    how = "tls.Dial" if over and len(call.arguments) > 2 else "smtp.Dial"
    return {how: True} | address_in(call, 1 if over else 0)


def _sent(call: Call) -> Values:
    return {"SendMail": True} | address_in(call, 0) | ({"auth": None} if argument(call, 1) is None else {})


def _seen(name: str) -> Callable[[Call], Values]:
    """A reader for a call whose mere presence is the setting."""
    return lambda _call: {name: True}


def _by_hand(g: Given, *names: str) -> bool:
    return not g.has("SendMail") and g.has(*names)


def _go_logs_in(g: Given) -> bool:
    return not (g.has("auth") and g.raw("auth") is None)


def _go_gives_away(g: Given) -> bool:
    return _go_logs_in(g) and not g.has("CRAMMD5Auth") and (
        g.has("LoginAuth") or at_home(g.raw("addr")) or at_home(g.raw("host")))


NET_SMTP = Framework(
    name="go net/smtp.SendMail", title="Go net/smtp (SendMail)", ecosystem="Go",
    comment="//", named_by=("net/smtp", "smtp.sendmail"),
    keys=(*keys(other="SendMail smtp.Dial",
                host=("addr|address|servername|serverAddr|smtpAddr|smtpServer|SMTPServer", Key("host", aliases=HOSTS)),
                port=Key("port", aliases=(*PORTS,)), auth="auth PlainAuth LoginAuth CRAMMD5Auth"),
          *(Key(name, FLAG) for name in ("tls.Dial", "StartTLS", "Extension(STARTTLS)")), *CHECK),
    rules=if_login_fails((
        implicit("tls.Dial starts TLS before any SMTP", lambda g: _by_hand(g, "tls.Dial"), "crypto/tls; live"),
        opportunistic("StartTLS is called where the server offers it",
                      lambda g: _by_hand(g, "StartTLS") and g.has("Extension(STARTTLS)"), "smtp.go Client.StartTLS"),
        required("StartTLS is called whatever the server offers: it works, or is an error",
                 lambda g: _by_hand(g, "StartTLS"), "smtp.go Client.StartTLS"),
        plain("the connection is made without TLS, and StartTLS is not called", lambda g: _by_hand(g, "smtp.Dial"),
              "smtp.go Dial"),
        opportunistic("SendMail takes STARTTLS where it is offered, and no setting changes that", source=_SEND),
    ), _go_logs_in),
    releases=(Release("1.19", (1, 19)),),
    forms={Mode.IMPLICIT: NotPossible("SendMail never starts TLS at once: call tls.Dial and smtp.NewClient in its"
                                      " place"),
           Mode.REQUIRED: NotPossible("SendMail goes on without STARTTLS where it is not offered: call smtp.Dial and"
                                      " StartTLS in its place"),
           Mode.OPPORTUNISTIC: "err := smtp.SendMail(\"{host}:{port}\", auth, from, to, msg)",
           Mode.PLAIN: NotPossible("SendMail takes STARTTLS wherever it is offered")},
    read=("code", "command"), aliases=("go", "golang", "net/smtp", "smtp.SendMail", "SendMail"),
    notes=(
        Note("auth-refused", "auth", "without TLS PlainAuth keeps the password to itself (\"unencrypted connection\"),"
             " unless the server is localhost: where STARTTLS is missing nothing is sent",
             lambda g: in_clear(g) and _go_logs_in(g) and not _go_gives_away(g) and not g.has("CRAMMD5Auth"),
             _AUTH_GO + "; live"),
        Note("mail-in-clear", "auth", "with no login there is nothing that asks for TLS: where STARTTLS is missing the"
             " mail goes in clear", lambda g: in_clear(g) and not _go_logs_in(g), _SEND),
        Note("password-in-clear", "auth", "a LoginAuth of your own sends the password without TLS too, unless its Start"
             " asks for server.TLS", lambda g: in_clear(g) and g.has("LoginAuth"), _AUTH_GO),
        Note("password-in-clear", "host", "PlainAuth needs no TLS for localhost",
             lambda g: in_clear(g) and _go_gives_away(g) and not g.has("LoginAuth"), _AUTH_GO),
        Note("not-inferred", "port", "SendMail knows no port: on 465 it waits for a greeting. Use tls.Dial and"
             " smtp.NewClient there", lambda g: hangs(g) and not _by_hand(g, "StartTLS", "smtp.Dial"), _SEND),
        UNCHECKED,
    ),
    default_port=lambda g: port_in(g.raw("addr")) or 25, credentials=_go_logs_in, password_in_clear=_go_gives_away,
    errors=lambda g: {Outcome.WRONG_VERSION_NUMBER: NO_TLS_RECORD, Outcome.REFUSED_NEEDS_TLS: "unencrypted connection",
                      Outcome.AUTH_NOT_OFFERED: '503 5.5.1 Error: authentication not enabled' if _by_hand(
                          g, "StartTLS", "tls.Dial") else "smtp: server doesn't support AUTH",
                      Outcome.AUTH_MISSING: "530 5.7.0 Authentication required"},
    calls={"SendMail": _sent, "Dial": _dialled, "DialTimeout": lambda _call: {"smtp.Dial": True},
           "DialWithDialer": lambda _call: {"tls.Dial": True},
           "Client": lambda call: {"tls.Dial": True} if len(call.arguments) == 2 else {},
           "StartTLS": lambda _call: {"StartTLS": True},
           "Extension": lambda call: {"Extension(STARTTLS)": True} if argument(call, 0) == "STARTTLS" else {},
           **{name: _seen(name) for name in ("PlainAuth", "LoginAuth", "CRAMMD5Auth")}},
    words=notes_of({"noauth": {"auth": None}}), says={"SendMail": {"SendMail": True}},
)


_GOMAIL, _MAIL = "go-gomail/gomail smtp.go Dial; live", "go-mail/mail smtp.go Dial; live"
_DIALER = (
    *keys(mode=Key("SSL", FLAG), other=(Key("NewDialer", FLAG), "LocalName Timeout RetryFailure"),
          port=("Port", Key("port", aliases=PORTS)), host=("Host", Key("host", aliases=HOSTS)), user="Username",
          secret="Password"),
    *CHECK)


def _port(value: object) -> object:
    """A call's port: a number, `Computed` for a variable, or `ABSENT`."""
    if isinstance(value, Bare):
        return Computed(text=value)
    return value if is_number(value) or isinstance(value, Computed) else ABSENT


def _new_dialer(call: Call) -> Values:
    """NewDialer(host, port, username, password)."""
    return {"NewDialer": True} | given_only(host=text_only(argument(call, 0)), port=_port(argument(call, 1)),
                                        Username=text_only(argument(call, 2)), Password=argument(call, 3))


def _literal(g: Given) -> bool:
    """Whether the Dialer is a struct literal, for which NewDialer doesn't set SSL."""
    return g.has("Host", "Port") and not g.has("NewDialer")


_dialer_logs_in = not_empty("Username")


def _dialer_rules(source: str, *more: ModeRule) -> tuple[ModeRule, ...]:
    return if_login_fails((
        implicit("SSL is true: TLS starts at once", switched_on("SSL"), source),
        implicit("port 465: NewDialer sets SSL", lambda g: not g.has("SSL") and not _literal(g) and g.port == 465,
                 source, inferred=True),
        *more,
        opportunistic("SSL is off: STARTTLS where it is offered", source=source),
    ), _dialer_logs_in)


def _dialer_notes(source: str) -> tuple[Note, ...]:
    return (
        login_in_clear(source + "; auth.go loginAuth"),
        mail_in_clear("Username", _dialer_logs_in, source),
        Note("inferred", "SSL", "port 465 makes NewDialer set SSL; a Dialer that is written out needs SSL: true",
             lambda g: g.mode is Mode.IMPLICIT and not g.has("SSL"), source),
        Note("not-inferred", "SSL", "only NewDialer sets SSL for port 465; this Dialer is written out: add SSL: true",
             lambda g: g.port == 465 and _literal(g) and not g.has("SSL"), source),
        Note("not-inferred", "SSL", "NewDialer sets SSL for port 465 only: on port {port} say d.SSL = true",
             lambda g: hangs(g) and g.port != 465 and not g.has("SSL"), source),
        UNCHECKED,
    )


_CALL = 'd := %s.NewDialer("{host}", {port}, user, password)'


def _dialer_form(g: Given, package: str, ssl: bool) -> str:
    """The call, followed by an SSL setting where a translation needs another mode than the port gives."""
    says = not g.values and ssl != (g.port == 465)
    return _CALL % package + (f"\nd.SSL = {str(ssl).lower()}" if says else "")


GOMAIL = Framework(
    name="gomail.v2", title="gomail.v2 (Go)", ecosystem="Go", keys=_DIALER, rules=_dialer_rules(_GOMAIL),
    comment="//", named_by=("gomail", "gomail.v2"),
    releases=(Release("2016-04 (81ebce5)", (2,)),),
    forms=lambda g: {Mode.IMPLICIT: _dialer_form(g, "gomail", True),
                     Mode.OPPORTUNISTIC: _dialer_form(g, "gomail", False),
                     Mode.REQUIRED: NotPossible("gomail.v2 goes on in clear where STARTTLS is not offered:"
                                                " gopkg.in/mail.v2, its successor, has MandatoryStartTLS"),
                     Mode.PLAIN: NotPossible("gomail.v2 takes STARTTLS wherever it is offered")},
    read=("code", "command"), aliases=("gomail", "gopkg.in/gomail.v2", "go-gomail/gomail"),
    notes=_dialer_notes(_GOMAIL),
    unoffered=Unoffered.SKIPS, credentials=_dialer_logs_in, password_in_clear=_dialer_logs_in,
    errors={Outcome.WRONG_VERSION_NUMBER: NO_TLS_RECORD,
            Outcome.AUTH_MISSING: "gomail: could not send email 1: 530 5.7.0 Authentication required"},
    calls={"NewDialer": _new_dialer, "NewPlainDialer": _new_dialer}, says={"SSL = true": {"SSL": True}},
)
_STARTTLS_POLICY = Policy({"0": Mode.OPPORTUNISTIC, "1": Mode.REQUIRED, "-1": Mode.PLAIN})
MAIL_ERRORS = {
    Outcome.WRONG_VERSION_NUMBER: NO_TLS_RECORD,
    Outcome.STARTTLS_NOT_OFFERED: "gomail: MandatoryStartTLS required, but SMTP server does not support STARTTLS",
    Outcome.REFUSED_NEEDS_TLS: "gomail: could not send email 1: 530 5.7.0 Must issue a STARTTLS command first",
    Outcome.AUTH_MISSING: "gomail: could not send email 1: 530 5.7.0 Authentication required"}
NO_GREETING_TIMEOUT = Note("no-timeout", "", "the Dialer's time-out (10 s) covers connecting, but not the wait for the"
                           " greeting, which lasts for ever", hangs, "go-mail/mail smtp.go lines 91, 97; live")
MAIL_V2 = Framework(
    name="gopkg.in/mail.v2 (Grafana)", title="gopkg.in/mail.v2 (Go; in Grafana)", ecosystem="Go",
    comment="//", named_by=("gopkg.in/mail.v2", "mail.v2", "go-mail/mail"),
    keys=(*keys(mode=Key("StartTLSPolicy", _STARTTLS_POLICY, "OpportunisticStartTLS")), *_DIALER),
    rules=_dialer_rules(_MAIL,
                        plain("StartTLSPolicy is NoStartTLS: STARTTLS is never used",
                              lambda g: g["StartTLSPolicy"] is Mode.PLAIN, _MAIL),
                        required("StartTLSPolicy is MandatoryStartTLS: STARTTLS or nothing",
                                 lambda g: g["StartTLSPolicy"] is Mode.REQUIRED, _MAIL)),
    releases=(Release("f59b9b8", (2, 3, 1)),),
    forms=lambda g: {Mode.IMPLICIT: _dialer_form(g, "mail", True), Mode.OPPORTUNISTIC: _dialer_form(g, "mail", False),
                     Mode.REQUIRED: _dialer_form(g, "mail", False) + "\nd.StartTLSPolicy = mail.MandatoryStartTLS",
                     Mode.PLAIN: _dialer_form(g, "mail", False) + "\nd.StartTLSPolicy = mail.NoStartTLS"},
    read=("code", "command"), aliases=("mail.v2", "gopkg.in/mail.v2", "go-mail/mail"),
    notes=(
        *_dialer_notes(_MAIL),
        NO_GREETING_TIMEOUT,
        Note("ineffective", "StartTLSPolicy", "with SSL on TLS starts at once, and StartTLSPolicy is not looked at",
             lambda g: g.mode is Mode.IMPLICIT and g.has("StartTLSPolicy"), _MAIL),
    ),
    unoffered=Unoffered.SKIPS, credentials=_dialer_logs_in, password_in_clear=_dialer_logs_in, errors=MAIL_ERRORS,
    calls={"NewDialer": _new_dialer, "NewPlainDialer": _new_dialer},
    words=notes_of({**{w: {"StartTLSPolicy": w}
                       for w in ("mandatory", "mandatorystarttls", "nostarttls", "opp", "opportunistic",
                                 "opportunisticstarttls")}, "no": {"StartTLSPolicy": "NoStartTLS"},
                    "notls": {"StartTLSPolicy": "NoStartTLS"}}),
    says={"SSL = true": {"SSL": True}, "StartTLSPolicy = MandatoryStartTLS": {"StartTLSPolicy": "MandatoryStartTLS"}},
)


# wneessen/go-mail

_CLIENT, _TLS = "wneessen/go-mail client.go", "wneessen/go-mail client.go tls(); live"
_TIMED = (0, 7, 3)  # the 15 seconds cover the greeting since (commit a309659)
_IN_THE_OPEN = ("noenc", "no-enc")


def _logs_in(g: Given) -> bool:
    """Whether the client logs in: a user name is not enough, WithSMTPAuth has to name a method."""
    if g.has("SMTPAuth"):
        return "noauth" not in str(g.raw("SMTPAuth")).lower() and not said_empty(g, "Username")
    return not g.has("Username")


def _gives_away(g: Given) -> bool:
    return _logs_in(g) and (any(w in str(g.raw("SMTPAuth")).lower() for w in _IN_THE_OPEN) or at_home(g.raw("host")))


def _client_port(g: Given) -> int:
    if g.has("SSLPort") and g["SSL"]:
        return 465
    return 587 if g.has("TLSPortPolicy") and g["TLSPolicy"] is not Mode.PLAIN else 25


def _option(name: str, *more: str) -> Callable[[Call], Values]:
    """A reader for With...(value) and Set...(value), which also sets `more` to True."""
    def read(call: Call) -> Values:
        value = argument(call, 0)
        return ({} if value is ABSENT else {name: value}) | dict.fromkeys(more, True)
    return read


def _ssl_port(call: Call) -> Values:
    """WithSSLPort(fallback) or SetSSLPort(ssl, fallback)."""
    return {"SSL": argument(call, 0) if len(call.arguments) > 1 else True, "SSLPort": True,
            "fallback": call.arguments[-1] if call.arguments else False}


_NEW = 'client, err := mail.NewClient("{host}", mail.WithPort({port})%s)'
GO_MAIL = Framework(
    name="wneessen/go-mail", title="wneessen/go-mail (Go)", ecosystem="Go",
    comment="//", named_by=("wneessen", "wneessen/go-mail", "go-mail"),
    keys=(*keys(mode=(Key("SSL", FLAG),
                      Key("TLSPolicy", Policy({"0": Mode.REQUIRED, "1": Mode.OPPORTUNISTIC, "2": Mode.PLAIN}),
                          "TLSMandatory")), other=("TLSPortPolicy SSLPort", Key("fallback", FLAG), "Timeout HELO"),
                port=Key("Port", aliases=("port", *PORTS)), host=Key("host", aliases=HOSTS), auth="SMTPAuth",
                user="Username", secret="Password"), *CHECK),
    rules=if_login_fails((
        implicit("WithSSL (or WithSSLPort): TLS starts at once", switched_on("SSL"), _TLS),
        opportunistic("TLSOpportunistic: STARTTLS where it is offered", lambda g: g["TLSPolicy"] is Mode.OPPORTUNISTIC,
                      _TLS),
        plain("NoTLS: STARTTLS is never used", lambda g: g["TLSPolicy"] is Mode.PLAIN, _TLS),
        required("TLSMandatory, which is the default: STARTTLS or nothing", source=_TLS),
    ), _logs_in),
    releases=(Release("0.4.4", (0, 4, 4)), Release("0.7.3", _TIMED)),
    forms={Mode.IMPLICIT: _NEW % ", mail.WithSSL()", Mode.REQUIRED: _NEW % "",
           Mode.OPPORTUNISTIC: _NEW % ", mail.WithTLSPolicy(mail.TLSOpportunistic)",
           Mode.PLAIN: _NEW % ", mail.WithTLSPolicy(mail.NoTLS)"},
    read=("code", "command"), aliases=("wneessen", "go-mail", "github.com/wneessen/go-mail"),
    notes=(
        Note("ineffective", "TLSPolicy", "with WithSSL on TLS starts at once, and the policy is not looked at",
             lambda g: g.has("SSL") and g["SSL"] and g.has("TLSPolicy"), _TLS),
        Note("not-inferred", "Port", "go-mail infers nothing from the port: on {port} say WithSSL(), or WithSSLPort in"
             " place of WithPort", hangs, _CLIENT + "; live"),
        Note("auth-incomplete", "Username", "WithUsername alone logs nobody in: add WithSMTPAuth(mail.SMTPAuthPlain)",
             lambda g: g.has("Username") and not g.has("SMTPAuth"), _CLIENT + " WithUsername"),
        Note("auth-refused", "SMTPAuth", "without TLS go-mail keeps the password to itself (\"unencrypted"
             " connection\"), unless the server is localhost",
             lambda g: in_clear(g) and _logs_in(g) and not _gives_away(g),
             "wneessen/go-mail smtp/auth_plain.go, auth_login.go"),
        Note("password-in-clear", "SMTPAuth", "the NoEnc kinds of SMTPAuth, and any to localhost, send the password"
             " without TLS", lambda g: in_clear(g) and _gives_away(g), _CLIENT + " auth()"),
        Note("fallback-in-clear", "TLSPortPolicy", "WithTLSPortPolicy(TLSOpportunistic) tries port 25 when 587 can't be"
             " reached; with WithPort it doesn't",
             lambda g: g.has("TLSPortPolicy") and g.mode is Mode.OPPORTUNISTIC and not g.has("Port"),
             _CLIENT + " SetTLSPortPolicy"),
        Note("fallback", "SSLPort", "WithSSLPort(true) tries port 25 when 465 can't be reached: say false",
             lambda g: g.has("fallback") and g["fallback"] and not g.has("Port"), _CLIENT + " SetSSLPort"),
        Note("no-timeout", "Timeout", "before 0.7.3 the time-out (15 s) doesn't cover the greeting: it lasts for ever",
             hangs, "commit a309659; live", (), _TIMED),
        Note("timeout", "Timeout", "the wait ends with WithTimeout's value, which is not worked out here",
             lambda g: hangs(g) and g.has("Timeout"), _CLIENT, _TIMED),
        UNCHECKED,
    ),
    default_port=_client_port, credentials=_logs_in, password_in_clear=_gives_away,
    waits=(Timeout(15, source=_CLIENT + " DefaultTimeout", since=_TIMED),),
    errors=lambda g: {Outcome.WRONG_VERSION_NUMBER: "dial failed: " + NO_TLS_RECORD,
                      Outcome.STARTTLS_NOT_OFFERED: 'STARTTLS mode set to: "TLSMandatory", but target host does not'
                      ' support STARTTLS', Outcome.REFUSED_NEEDS_TLS: "dial failed: server does not support SMTP AUTH",
                      Outcome.AUTH_NOT_OFFERED: "dial failed: server does not support SMTP AUTH",
                      Outcome.AUTH_MISSING: "send failed: ... 530 5.7.0 Authentication required"}
    | ({Outcome.HANG: "dial failed: read tcp ...: i/o timeout"} if g.numbers >= _TIMED else {}),
    calls={"NewClient": lambda call: {"host": argument(call, 0)} if isinstance(argument(call, 0), str) else {},
           "WithPort": lambda call: given_only(Port=_port(argument(call, 0))),
           "WithSSL": lambda _call: {"SSL": True}, "SetSSL": _option("SSL"), "WithSSLPort": _ssl_port,
           "SetSSLPort": _ssl_port, **{f"{verb}TLSPolicy": _option("TLSPolicy") for verb in ("With", "Set")},
           **{f"{verb}TLSPortPolicy": _option("TLSPolicy", "TLSPortPolicy") for verb in ("With", "Set")},
           **{f"{verb}{name}": _option(name) for verb in ("With", "Set")
              for name in ("SMTPAuth", "Username", "Password")},
           "WithSMTPAuthCustom": lambda _call: {"SMTPAuth": "custom"}, "WithTimeout": lambda _call: {"Timeout": True}},
    words=notes_of({**{w: {"TLSPolicy": w}
                       for w in ("mandatory", "tlsmandatory", "opp", "opportunistic", "tlsopportunistic", "notls")},
                    "withssl": {"SSL": True}, "ssl": {"SSL": True}, "withsslport": {"SSL": True, "SSLPort": True},
                    "no": {"TLSPolicy": "NoTLS"}}),
    says={"WithSSL()": {"SSL": True}, "WithTLSPolicy(TLSMandatory)": {"TLSPolicy": "TLSMandatory"}},
)
