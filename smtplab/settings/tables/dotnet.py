"""C# and .NET: MailKit, and System.Net.Mail as .NET and Mono have it.

Sources: jstedfast/MailKit SmtpClient.cs (ComputeDefaultValues, Connect, Authenticate), MailService.cs (Connect(Uri));
dotnet/runtime System.Net.Mail SmtpConnection.cs (GetConnectionAsync), SmtpClient.cs. .NET Core 3.1 and Mono 6.8 were
run against loopback servers; Mono and .NET decide alike.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from ..keys import Key, Role, Values, keys
from ..model import Errors, Framework, Given, Mode, Note, NotPossible, Outcome, Release, Timeout, Unoffered
from ..reading import Bare, Call, Computed
from ..standard import SUBMISSIONS, server_of
from ..values import Hidden, OneOf, Switch
from ..vocabulary import error, given, if_login_fails, implicit, no_certificate_check, opportunistic, plain, required

_OPTIONS = ("None", "Auto", "SslOnConnect", "StartTls", "StartTlsWhenAvailable")  # in the order of their numbers
_OPTION = "SecureSocketOptions"
_CONNECT, _URI = "SmtpClient.cs ComputeDefaultValues", "MailService.cs GetSecureSocketOptions"
_BOOL = Switch(("true",), ("false", ""))
_BOTH_CASES = ("{0}", "smtp{0}", "Smtp{0}", "Mail{0}")


def _spelled(name: str, *others: str) -> Key:
    """A key as objects and appsettings.json spell it, and under other names."""
    names = (spelling for n in (name, *others) for spelling in (*(p.format(n) for p in _BOTH_CASES), n.lower()))
    return Key(name, aliases=tuple(n for n in names if n != name))


def _arguments(call: Call, *names: str) -> Values:
    return dict(zip(names, call.arguments, strict=False))


def _connect(call: Call) -> Values:
    """Connect(host, port, options), Connect(host, port, useSsl), Connect(uri); named arguments are read elsewhere."""
    if len(call.arguments) == 1:
        return {"uri": call.arguments[0]} if "://" in str(call.arguments[0]) else {}
    found = _arguments(call, "Host", "Port")
    third = call.named.get("options", call.arguments[2] if len(call.arguments) > 2 else None)
    if isinstance(third, bool):
        found["useSsl"] = third
    elif isinstance(third, Computed | Bare):  # a variable, which may be either overload's
        found[_OPTION] = third if isinstance(third, Computed) else Computed(text=third)
    elif "SecureSocketOptions" in str(third):
        found[_OPTION] = third
    return found | _port(found.get("Port"))


def _port(port: object) -> Values:
    """The port of a call's arguments; a name that isn't a number is a variable."""
    if port is None:
        return {}
    known = isinstance(port, int | Computed) or str(port).isdigit()
    return {"Port": port if known else Computed(text=str(port))}


def _mailkit(values: Values) -> Values:
    """Reduce the option to its name, and take a URI apart."""
    option = values.get(_OPTION)
    if isinstance(option, int) and not isinstance(option, bool) and 0 <= option < len(_OPTIONS):
        values[_OPTION] = _OPTIONS[option]
    elif option is not None:
        bare = str(option).strip().rpartition(".")[2]
        said = re.match(r"\s*useSsl\s*[:=]\s*(true|false)", str(option), re.IGNORECASE)
        if said or bare.lower() in ("true", "false"):  # the overload with a bool
            del values[_OPTION]
            values["useSsl"] = (said[1] if said else bare).lower() == "true"
        else:
            values[_OPTION] = bare
    if "uri" in values:
        _take_uri(values, str(values["uri"])[:500])
    return values


def _take_uri(values: Values, text: str) -> None:
    values["uri"] = re.sub(r"//[^/]*@", "//", text)
    try:
        uri = urlsplit(text)
        port, host = uri.port, uri.hostname
    except ValueError:
        return
    if port:
        values.setdefault("Port", port)
    if host:
        values.setdefault("Host", host)
    if uri.username:
        values.setdefault("UserName", uri.username)
    if uri.password:
        values.setdefault("Password", Hidden(True))


def _uri(g: Given) -> tuple[str, str]:
    """The scheme of the URI, "" without one, and its starttls parameter."""
    text = str(g.raw("uri")) if g.has("uri") else ""
    scheme, _, rest = text.partition("://")
    starttls = dict(parse_qsl(rest.partition("?")[2])).get("starttls", "")
    return scheme.lower(), starttls.lower()


def _option(g: Given) -> str | None:
    """The option in force: the URI's, else the bool's, else the argument's; None if it doesn't exist."""
    scheme, starttls = _uri(g)
    if scheme:
        named = {"always": "StartTls", "true": "StartTls", "yes": "StartTls", "never": "None", "false": "None",
                 "no": "None"}.get(starttls, "StartTlsWhenAvailable")
        return {"smtps": "SslOnConnect", "smtp": named}.get(scheme)
    if g.has("useSsl") and not g.has(_OPTION):
        return "SslOnConnect" if g["useSsl"] else "StartTlsWhenAvailable"
    return g[_OPTION]


def _is(*options: str):
    return lambda g: _option(g) in options


_CERTIFICATES = no_certificate_check("ServerCertificateValidationCallback",
                                     given("ServerCertificateValidationCallback"), "MailService.cs; SslStream",
                                     "a callback of yours decides about the certificate: one that always returns true"
                                     " accepts any server")
_MAILKIT_RULES = (
    error("MailKit knows no such option or URI scheme: the program does not compile, or throws an ArgumentException"
          " before it connects", lambda g: _option(g) is None, _URI),
    implicit("SslOnConnect: TLS starts at once", _is("SslOnConnect"), _CONNECT),
    implicit("Auto on port 465 is SslOnConnect: TLS starts at once",
             lambda g: _option(g) == "Auto" and g.port == SUBMISSIONS, _CONNECT, inferred=True),
    required("StartTls: STARTTLS or nothing", _is("StartTls"), _CONNECT),
    plain("None: TLS is never used", _is("None"), _CONNECT),
    opportunistic("Auto on every port but 465 is StartTlsWhenAvailable: STARTTLS where it is offered", _is("Auto"),
                  _CONNECT),
    opportunistic("StartTlsWhenAvailable: STARTTLS where it is offered", source=_CONNECT),
)
_FORM = 'client.Connect("{host}", {port}, SecureSocketOptions.%s);'
_NO_HANDSHAKE = ("MailKit.Security.SslHandshakeException: An error occurred while attempting to establish an SSL or TLS"
                 " connection.")
_PORT_HINT = (" When connecting to an SMTP service, port %s is typically reserved for plain-text connections. If you"
              " intended to connect to SMTP on the SSL port, try connecting to port 465 instead. Otherwise, if you"
              " intended to use STARTTLS, make sure to use the following code: ...")


def _mailkit_errors(g: Given) -> Errors:
    """From the source; MailKit was not run. The hint: SslHandshakeException.cs Create(), for these ports alone."""
    hint = _PORT_HINT % g.port if g.port in (25, 587) else ""
    return {Outcome.WRONG_VERSION_NUMBER: _NO_HANDSHAKE + hint,
            Outcome.STARTTLS_NOT_OFFERED: "System.NotSupportedException: The SMTP server does not support the STARTTLS"
            " extension.", Outcome.AUTH_NOT_OFFERED: "System.NotSupportedException: The SMTP server does not support"
            " authentication."}


MAILKIT = Framework(
    name="mailkit", title="MailKit", ecosystem=".NET",
    comment="//", named_by=("mailkit", "mimekit"),
    keys=keys(
        mode=(
            Key(_OPTION, OneOf(_OPTIONS, otherwise="it does not exist"), "Auto",
                aliases=("Connect", "SecureSocketOption", "SocketOptions", "secureSocketOptions")),
            Key("useSsl", _BOOL, False, aliases=("UseSsl", "useSSL", "UseSSL")),
            "uri|Uri",
        ),
        port=_spelled("Port"),
        host=_spelled("Host", "Server"),
        user="UserName|Username|userName|username|SmtpUsername|User",
        secret=_spelled("Password"),
        timeout=Key("Timeout", unit_s=0.001),
        check="ServerCertificateValidationCallback CheckCertificateRevocation SslProtocols",
    ),
    rules=_MAILKIT_RULES, releases=(Release("2026-08 master (d1f7aa76)", (4, 99)),),
    forms={Mode.IMPLICIT: _FORM % "SslOnConnect", Mode.REQUIRED: _FORM % "StartTls",
           Mode.OPPORTUNISTIC: _FORM % "StartTlsWhenAvailable", Mode.PLAIN: _FORM % "None"},
    read=("code", "assignments"),
    notes=(
        _CERTIFICATES,
        Note("bool-overload", "useSsl", "the overload with a bool: true is SslOnConnect, implicit TLS, for port 465"
             " only; false is StartTlsWhenAvailable. Say SecureSocketOptions.StartTls on 587",
             lambda g: g.has("useSsl") and not g.has(_OPTION), "MailService.cs Connect(string, int, bool)"),
        Note("contradiction", "useSsl", "useSsl beside SecureSocketOptions: Connect takes one of the two, and the"
             " option is taken here", lambda g: g.has("useSsl") and g.has(_OPTION), "MailService.cs"),
        Note("opportunistic", _OPTION, "Auto on port {port} takes STARTTLS only where it is offered, and else goes on"
             " in clear: say SecureSocketOptions.StartTls",
             lambda g: _option(g) == "Auto" and g.mode is Mode.OPPORTUNISTIC, _CONNECT),
    ),
    default_port=lambda g: SUBMISSIONS if _option(g) == "SslOnConnect" else 25,
    waits=(Timeout(120, source="SmtpClient.cs Timeout"),),
    errors=_mailkit_errors,
    calls={"Connect": _connect, "ConnectAsync": _connect,
           "Uri": lambda call: {"uri": call.arguments[0]} if call.arguments and "smtp" in str(call.arguments[0])
           else {}, **{n: lambda call: _arguments(call, "UserName", "Password") if len(call.arguments) > 1 else {}
                       for n in ("Authenticate", "AuthenticateAsync", "NetworkCredential")}},
    expand=_mailkit,
    says={"useSsl: true": {"useSsl": True}, **{o: {_OPTION: o} for o in ("SslOnConnect", "StartTls", "Auto")}},
)

_SMTP_CONNECTION = "System.Net.Mail SmtpConnection.cs GetConnectionAsync; live (.NET Core 3.1, Mono 6.8)"


def _reset(g: Given) -> bool:
    """Whether UseDefaultCredentials is set after Credentials, in the order of the text."""
    given = list(g.values)
    return g.has("UseDefaultCredentials") and g.has("Credentials") and not g["UseDefaultCredentials"] and (
        given.index("UseDefaultCredentials") > given.index("Credentials"))


def _smtp_client(call: Call) -> Values:
    found = _arguments(call, "Host", "Port")
    return found | _port(found.get("Port"))


_SYSTEM_RULES = (
    required("EnableSsl is true, which is STARTTLS here: STARTTLS or nothing", lambda g: g["EnableSsl"],
             _SMTP_CONNECTION),
    plain("EnableSsl is false, as it is by default: TLS is never used", source=_SMTP_CONNECTION),
)
_RESET = Note("auth-incomplete", "UseDefaultCredentials", "UseDefaultCredentials = false after Credentials throws these"
              " away, and nobody logs in: take it out, or set it first", _reset, "SmtpClient.cs UseDefaultCredentials")
SYSTEM_NET_MAIL = Framework(
    name="system.net.mail", title="System.Net.Mail (.NET)", ecosystem=".NET",
    comment="//", named_by=("system.net.mail", "system.net.mail.smtpclient"),
    keys=keys(
        mode=Key("EnableSsl", _BOOL, False, aliases=("enableSsl", "EnableSSL", "enableSSL", "UseSsl")),
        port=_spelled("Port"), host=_spelled("Host", "Server"), user="UserName|userName|Username|username|SmtpUsername",
        secret=(_spelled("Password"), "Credentials"),
        auth=Key("UseDefaultCredentials", _BOOL, aliases=("defaultCredentials",)), timeout=Key("Timeout", unit_s=0.001),
        check="ServerCertificateValidationCallback TargetName SecurityProtocol",
        other="DeliveryMethod deliveryMethod DeliveryFormat PickupDirectoryLocation pickupDirectoryLocation from",
    ),
    rules=if_login_fails(_SYSTEM_RULES, lambda g: not _reset(g)), releases=(Release(".NET main", (11,)),),
    forms={Mode.IMPLICIT: NotPossible("System.Net.Mail has no implicit TLS: use 587 with EnableSsl, or MailKit"),
           Mode.REQUIRED: 'new SmtpClient("{host}", {port}) { EnableSsl = true };',
           Mode.OPPORTUNISTIC: NotPossible("EnableSsl requires STARTTLS, and without it STARTTLS is never used"),
           Mode.PLAIN: 'new SmtpClient("{host}", {port});'},
    read=("code", "assignments"), aliases=("dotnet", "SmtpClient", "csharp", "systemnet", "aspnet"),
    notes=(
        _CERTIFICATES,
        Note("ssl-means-starttls", "EnableSsl", "EnableSsl is STARTTLS, in spite of its name; System.Net.Mail has no"
             " implicit TLS", lambda g: g["EnableSsl"], _SMTP_CONNECTION),
        Note("port-mismatch", "", "port {port} expects TLS at once, which System.Net.Mail can't do: use port 587 with"
             " EnableSsl = true, or another library (MailKit)", lambda g: server_of(g.port, g.mode) == SUBMISSIONS,
             _SMTP_CONNECTION),
        _RESET,
        Note("ineffective", "DeliveryMethod", "mail is written into a directory and never sent: nothing else has"
             " effect", lambda g: "pickup" in f"{g.raw('DeliveryMethod')} {g.raw('deliveryMethod')}".lower(),
             "SmtpClient.cs Send"),
    ),
    # Mail goes on without a login where no method that it knows is offered.
    unoffered=Unoffered.SKIPS, waits=(Timeout(100, source="SmtpClient.cs _timeout = 100000; live"),),
    errors={Outcome.HANG: "System.Net.Mail.SmtpException: The operation has timed out.",
            Outcome.STARTTLS_NOT_OFFERED: "System.Net.Mail.SmtpException: Server does not support secure connections."},
    calls={"SmtpClient": _smtp_client, "NetworkCredential": lambda call: _arguments(call, "UserName", "Password")},
    says={"EnableSsl": {"EnableSsl": True}},
)
MONO = replace(
    SYSTEM_NET_MAIL, name="System.Net.Mail (Mono)", title="System.Net.Mail (Mono)", releases=(Release("6.8", (6, 8)),),
    named_by=("mono.net.security", "mono-runtime", "mono runtime", "system.net.mail"),
    # Mono never got as far as its Timeout of 100 s: after 640 s it still waited.
    keys=tuple(replace(k, role=Role.OTHER) if k.role is Role.TIMEOUT else k for k in SYSTEM_NET_MAIL.keys),
    # Mono keeps the two apart: UseDefaultCredentials = false takes nothing away there.
    rules=_SYSTEM_RULES, notes=tuple(n for n in SYSTEM_NET_MAIL.notes if n is not _RESET), aliases=("mono",),
    waits=(Timeout(None),),
    # Measured on a server that takes mail without TLS and without a login: the mail arrived.
    plaintext_is=Outcome.WORKS,
    errors={Outcome.REFUSED_NEEDS_TLS: "System.Net.Mail.SmtpException: 530 5.7.0 Must issue a STARTTLS command first",
            Outcome.STARTTLS_NOT_OFFERED: "System.Net.Mail.SmtpException: Server does not support secure connections."},
)
