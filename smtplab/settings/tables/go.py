"""Go: net/smtp's SendMail and wneessen/go-mail; gomail.v2 and mail.v2 stand in go_dialer.

Sources: net/smtp smtp.go (SendMail, Client.StartTLS), auth.go (PlainAuth); wneessen/go-mail client.go (NewClient,
SetTLSPortPolicy, SetSSLPort, tls, auth), smtp/auth_login.go. The tables were run against loopback servers.
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
    Waits,
    other_keys,
    port_key,
)
from ..reading import Call
from ..standard import if_login_fails
from ..values import ABSENT
from .asking import in_clear, said_empty
from .go_dialer import GOMAIL, MAIL_V2
from .go_reading import (
    CHECK,
    FLAG,
    HOSTS,
    NO_TLS_RECORD,
    PORTS,
    UNCHECKED,
    Policy,
    address_in,
    argument,
    at_home,
    is_number,
    notes_of,
    port_in,
)

# net/smtp

_SEND, _AUTH_GO = "go src/net/smtp/smtp.go SendMail; live", "go src/net/smtp/auth.go"


def _dialled(call: Call) -> dict[str, object]:
    """tls.Dial("tcp", address, config), net.Dial("tcp", address) or smtp.Dial(address)."""
    over = argument(call, 0) == "tcp"
    how = "tls.Dial" if over and len(call.arguments) > 2 else "smtp.Dial"
    return {how: True} | address_in(call, 1 if over else 0)


def _sent(call: Call) -> dict[str, object]:
    return {"SendMail": True} | address_in(call, 0) | ({"auth": None} if argument(call, 1) is None else {})


def _by_hand(g: Given, *names: str) -> bool:
    return not g.has("SendMail") and g.has(*names)


def _go_logs_in(g: Given) -> bool:
    return not (g.has("auth") and g.raw("auth") is None)


def _go_gives_away(g: Given) -> bool:
    return _go_logs_in(g) and not g.has("CRAMMD5Auth") and (
        g.has("LoginAuth") or at_home(g.raw("addr")) or at_home(g.raw("host")))


NET_SMTP = Framework(
    "go net/smtp.SendMail", "Go net/smtp (SendMail)", "Go",
    (*(Key(name, FLAG) for name in ("tls.Dial", "StartTLS", "Extension(STARTTLS)")),
     *other_keys(Role.OTHER, "SendMail", "smtp.Dial"),
     Key("addr", role=Role.HOST, aliases=("address", "servername", "serverAddr", "smtpAddr", "smtpServer",
                                          "SMTPServer")),
     Key("host", role=Role.HOST, aliases=HOSTS), port_key("port", *PORTS), *CHECK,
     *other_keys(Role.AUTH, "auth", "PlainAuth", "LoginAuth", "CRAMMD5Auth")),
    if_login_fails((
        Rule(IMPLICIT, "tls.Dial starts TLS before any SMTP", lambda g: _by_hand(g, "tls.Dial"), "crypto/tls; live"),
        Rule(OPPORTUNISTIC, "StartTLS is called where the server offers it",
             lambda g: _by_hand(g, "StartTLS") and g.has("Extension(STARTTLS)"), "smtp.go Client.StartTLS"),
        Rule(REQUIRED, "StartTLS is called whatever the server offers: it works, or is an error",
             lambda g: _by_hand(g, "StartTLS"), "smtp.go Client.StartTLS"),
        Rule(PLAIN, "the connection is made without TLS, and StartTLS is not called",
             lambda g: _by_hand(g, "smtp.Dial"), "smtp.go Dial"),
        Rule(OPPORTUNISTIC, "SendMail takes STARTTLS where it is offered, and no setting changes that", source=_SEND),
    ), lambda g: not _go_logs_in(g)),
    (Release("1.19", (1, 19)),),
    {IMPLICIT: NotPossible("SendMail never starts TLS at once: call tls.Dial and smtp.NewClient in its place"),
     REQUIRED: NotPossible("SendMail goes on without STARTTLS where it is not offered: call smtp.Dial and StartTLS in"
                           " its place"),
     OPPORTUNISTIC: "err := smtp.SendMail(\"{host}:{port}\", auth, from, to, msg)",
     PLAIN: NotPossible("SendMail takes STARTTLS wherever it is offered")},
    ("code", "command"), ("go", "golang", "net/smtp", "smtp.SendMail", "SendMail"),
    (
        Note("auth-refused", "auth", "without TLS PlainAuth keeps the password to itself (\"unencrypted connection\"),"
             " unless the server is localhost: where STARTTLS is missing nothing is sent", lambda g: in_clear(g) and
             _go_logs_in(g) and not _go_gives_away(g) and not g.has("CRAMMD5Auth"), _AUTH_GO + "; live"),
        Note("mail-in-clear", "auth", "with no login there is nothing that asks for TLS: where STARTTLS is missing the"
             " mail goes in clear", lambda g: in_clear(g) and not _go_logs_in(g), _SEND),
        Note("password-in-clear", "auth", "a LoginAuth of your own sends the password without TLS too, unless its Start"
             " asks for server.TLS", lambda g: in_clear(g) and g.has("LoginAuth"), _AUTH_GO),
        Note("password-in-clear", "host", "PlainAuth needs no TLS for localhost",
             lambda g: in_clear(g) and _go_gives_away(g) and not g.has("LoginAuth"), _AUTH_GO),
        Note("not-inferred", "port", "SendMail knows no port: on 465 it waits for a greeting. Use tls.Dial and"
             " smtp.NewClient there", lambda g: g.outcome is Outcome.HANG and not _by_hand(g, "StartTLS", "smtp.Dial"),
             _SEND),
        UNCHECKED,
    ),
    default_port=lambda g: port_in(g.raw("addr")) or 25, credentials=_go_logs_in, password_in_clear=_go_gives_away,
    errors=lambda g: {
        Outcome.WRONG_VERSION_NUMBER: NO_TLS_RECORD, Outcome.REFUSED_NEEDS_TLS: "unencrypted connection",
        Outcome.AUTH_NOT_OFFERED: '503 5.5.1 Error: authentication not enabled' if _by_hand(
            g, "StartTLS", "tls.Dial") else "smtp: server doesn't support AUTH",
        Outcome.AUTH_MISSING: "530 5.7.0 Authentication required"},
    calls={"SendMail": _sent, "Dial": _dialled, "DialTimeout": lambda _call: {"smtp.Dial": True},
           "DialWithDialer": lambda _call: {"tls.Dial": True},
           "Client": lambda call: {"tls.Dial": True} if len(call.arguments) == 2 else {},
           "StartTLS": lambda _call: {"StartTLS": True},
           "Extension": lambda call: {"Extension(STARTTLS)": True} if argument(call, 0) == "STARTTLS" else {},
           **{name: lambda _call, name=name: {name: True} for name in ("PlainAuth", "LoginAuth", "CRAMMD5Auth")}},
    words=notes_of({"noauth": {"auth": None}}),
    says={"SendMail": {"SendMail": True}},
)

# wneessen/go-mail

_CLIENT, _TLS = "wneessen/go-mail client.go", "wneessen/go-mail client.go tls(); live"
_TIMED = (0, 7, 3)  # the 15 seconds cover the greeting since (commit a309659)
_IN_THE_OPEN = ("noenc", "no-enc")


def _logs_in(g: Given) -> bool:
    """A user name alone logs nobody in: WithSMTPAuth says how."""
    if g.has("SMTPAuth"):
        return "noauth" not in str(g.raw("SMTPAuth")).lower() and not said_empty(g, "Username")
    return not g.has("Username")


def _gives_away(g: Given) -> bool:
    return _logs_in(g) and (any(w in str(g.raw("SMTPAuth")).lower() for w in _IN_THE_OPEN) or at_home(g.raw("host")))


def _client_port(g: Given) -> int:
    if g.has("SSLPort") and g["SSL"]:
        return 465
    return 587 if g.has("TLSPortPolicy") and g["TLSPolicy"] is not PLAIN else 25


def _option(name: str, *more: str):
    """With...(value) or Set...(value); `more` are set to True by the way."""
    def read(call: Call) -> dict[str, object]:
        value = argument(call, 0)
        return ({} if value is ABSENT else {name: value}) | dict.fromkeys(more, True)
    return read


def _ssl_port(call: Call) -> dict[str, object]:
    """WithSSLPort(fallback) or SetSSLPort(ssl, fallback)."""
    return {"SSL": argument(call, 0) if len(call.arguments) > 1 else True, "SSLPort": True,
            "fallback": call.arguments[-1] if call.arguments else False}


_NEW = 'client, err := mail.NewClient("{host}", mail.WithPort({port})%s)'
GO_MAIL = Framework(
    "wneessen/go-mail", "wneessen/go-mail (Go)", "Go",
    (Key("SSL", FLAG),
     Key("TLSPolicy", Policy({"0": REQUIRED, "1": OPPORTUNISTIC, "2": PLAIN}), default="TLSMandatory"),
     *other_keys(Role.OTHER, "TLSPortPolicy", "SSLPort"), Key("fallback", FLAG, role=Role.OTHER),
     port_key("Port", "port", *PORTS), Key("host", role=Role.HOST, aliases=HOSTS),
     *other_keys(Role.AUTH, "SMTPAuth"), *other_keys(Role.USER, "Username"), *other_keys(Role.SECRET, "Password"),
     *CHECK, *other_keys(Role.OTHER, "Timeout", "HELO")),
    if_login_fails((
        Rule(IMPLICIT, "WithSSL (or WithSSLPort): TLS starts at once", lambda g: g.has("SSL") and g["SSL"], _TLS),
        Rule(OPPORTUNISTIC, "TLSOpportunistic: STARTTLS where it is offered",
             lambda g: g["TLSPolicy"] is OPPORTUNISTIC, _TLS),
        Rule(PLAIN, "NoTLS: STARTTLS is never used", lambda g: g["TLSPolicy"] is PLAIN, _TLS),
        Rule(REQUIRED, "TLSMandatory, which is the default: STARTTLS or nothing", source=_TLS),
    ), lambda g: not _logs_in(g)),
    (Release("0.4.4", (0, 4, 4)), Release("0.7.3", _TIMED)),
    {IMPLICIT: _NEW % ", mail.WithSSL()", REQUIRED: _NEW % "",
     OPPORTUNISTIC: _NEW % ", mail.WithTLSPolicy(mail.TLSOpportunistic)",
     PLAIN: _NEW % ", mail.WithTLSPolicy(mail.NoTLS)"},
    ("code", "command"), ("wneessen", "go-mail", "github.com/wneessen/go-mail"),
    (
        Note("ineffective", "TLSPolicy", "with WithSSL on TLS starts at once, and the policy is not looked at",
             lambda g: g.has("SSL") and g["SSL"] and g.has("TLSPolicy"), _TLS),
        Note("not-inferred", "Port", "go-mail infers nothing from the port: on {port} say WithSSL(), or WithSSLPort"
             " in place of WithPort", lambda g: g.outcome is Outcome.HANG, _CLIENT + "; live"),
        Note("auth-incomplete", "Username", "WithUsername alone logs nobody in: add WithSMTPAuth(mail.SMTPAuthPlain)",
             lambda g: g.has("Username") and not g.has("SMTPAuth"), _CLIENT + " WithUsername"),
        Note("auth-refused", "SMTPAuth", "without TLS go-mail keeps the password to itself (\"unencrypted"
             " connection\"), unless the server is localhost", lambda g: in_clear(g) and _logs_in(g)
             and not _gives_away(g), "wneessen/go-mail smtp/auth_plain.go, auth_login.go"),
        Note("password-in-clear", "SMTPAuth", "the NoEnc kinds of SMTPAuth, and any to localhost, send the password"
             " without TLS", lambda g: in_clear(g) and _gives_away(g), _CLIENT + " auth()"),
        Note("fallback-in-clear", "TLSPortPolicy", "WithTLSPortPolicy(TLSOpportunistic) tries port 25 when 587 can't be"
             " reached; with WithPort it doesn't", lambda g: g.has("TLSPortPolicy") and g.mode is OPPORTUNISTIC
             and not g.has("Port"), _CLIENT + " SetTLSPortPolicy"),
        Note("fallback", "SSLPort", "WithSSLPort(true) tries port 25 when 465 can't be reached: say false",
             lambda g: g.has("fallback") and g["fallback"] and not g.has("Port"), _CLIENT + " SetSSLPort"),
        Note("no-timeout", "Timeout", "before 0.7.3 the time-out (15 s) doesn't cover the greeting: it lasts for ever",
             lambda g: g.outcome is Outcome.HANG, "commit a309659; live", (), _TIMED),
        Note("timeout", "Timeout", "the wait ends with WithTimeout's value, which is not worked out here",
             lambda g: g.outcome is Outcome.HANG and g.has("Timeout"), _CLIENT, _TIMED),
        UNCHECKED,
    ),
    default_port=_client_port, credentials=_logs_in, password_in_clear=_gives_away,
    waits=(Waits(15, source=_CLIENT + " DefaultTimeout", since=_TIMED),),
    errors=lambda g: {
        Outcome.WRONG_VERSION_NUMBER: "dial failed: " + NO_TLS_RECORD,
        Outcome.STARTTLS_NOT_OFFERED: 'STARTTLS mode set to: "TLSMandatory", but target host does not support STARTTLS',
        Outcome.REFUSED_NEEDS_TLS: "dial failed: server does not support SMTP AUTH",
        Outcome.AUTH_NOT_OFFERED: "dial failed: server does not support SMTP AUTH",
        Outcome.AUTH_MISSING: "send failed: ... 530 5.7.0 Authentication required"} | (
            {Outcome.HANG: "dial failed: read tcp ...: i/o timeout"} if g.numbers >= _TIMED else {}),
    calls={"NewClient": lambda call: {"host": argument(call, 0)} if isinstance(argument(call, 0), str) else {},
           "WithPort": lambda call: {"Port": argument(call, 0)} if is_number(argument(call, 0)) else {},
           "WithSSL": lambda _call: {"SSL": True}, "SetSSL": _option("SSL"),
           "WithSSLPort": _ssl_port, "SetSSLPort": _ssl_port,
           **{f"{verb}TLSPolicy": _option("TLSPolicy") for verb in ("With", "Set")},
           **{f"{verb}TLSPortPolicy": _option("TLSPolicy", "TLSPortPolicy") for verb in ("With", "Set")},
           **{f"{verb}{name}": _option(name) for verb in ("With", "Set") for name in ("SMTPAuth", "Username",
                                                                                       "Password")},
           "WithSMTPAuthCustom": lambda _call: {"SMTPAuth": "custom"}, "WithTimeout": lambda _call: {"Timeout": True}},
    words=notes_of({**{w: {"TLSPolicy": w} for w in ("mandatory", "tlsmandatory", "opp", "opportunistic",
                                                     "tlsopportunistic", "notls")},
                    "withssl": {"SSL": True}, "ssl": {"SSL": True}, "withsslport": {"SSL": True, "SSLPort": True},
                    "no": {"TLSPolicy": "NoTLS"}}),
    says={"WithSSL()": {"SSL": True}, "WithTLSPolicy(TLSMandatory)": {"TLSPolicy": "TLSMandatory"}},
)
FRAMEWORKS = (NET_SMTP, GOMAIL, MAIL_V2, GO_MAIL)
