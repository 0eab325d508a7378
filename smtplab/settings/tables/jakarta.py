"""Java: Jakarta Mail (JavaMail, Angus Mail) by its session properties, which other programs fill in.

Sources: angus-mail SocketFetcher.java (getSocket), SMTPTransport.java (constructor, protocolConnect), PropUtil.java.
JavaMail 1.6.5 and Jakarta Mail 2.0.0 were run against loopback servers and gave the same table.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..model import (
    ERROR,
    IMPLICIT,
    OPPORTUNISTIC,
    PLAIN,
    REQUIRED,
    Framework,
    Given,
    Key,
    Note,
    Outcome,
    Release,
    Role,
    Rule,
    Unoffered,
    Waits,
    other_keys,
    port_key,
)
from ..reading import Call, Word
from ..standard import SUBMISSIONS, server_of
from ..values import ABSENT, Switch

JAVA = Switch(("true",), ("false", ""))  # PropUtil.getBoolean: "yes" and "1" are false
_BOOT = Switch(("true", "on", "yes", "1"), ("false", "off", "no", "0", ""))
_FETCHER, TRANSPORT = "SocketFetcher.java getSocket; live", "SMTPTransport.java; live"
STARTTLS = ("starttls.enable", "starttls.required")
_PROTOCOLS = ("smtp", "smtps")


def _family(protocol: str) -> tuple[Key, ...]:
    """The properties of one protocol; only `smtp` can wait for a greeting, so only its time-out ends a hang."""
    p = f"mail.{protocol}."
    timeout = Key(p + "timeout", role=Role.TIMEOUT if protocol == "smtp" else Role.OTHER, unit_s=0.001)
    return (*(Key(p + name, JAVA, False) for name in ("ssl.enable", *STARTTLS)),
            *(Key(p + f"socketFactory.{name}") for name in ("class", "port", "fallback")), timeout,
            port_key(p + "port"),
            *other_keys(Role.HOST, p + "host"), *other_keys(Role.USER, p + "user"),
            *other_keys(Role.SECRET, p + "password"), *other_keys(Role.AUTH, p + "auth", p + "auth.mechanisms"),
            *other_keys(Role.CHECK, p + "ssl.trust", p + "ssl.checkserveridentity", p + "ssl.protocols"),
            *other_keys(Role.OTHER, p + "connectiontimeout", p + "writetimeout", p + "from", p + "localhost"))


FAMILIES = (*_family("smtp"), *_family("smtps"))


def protocol_of(g: Given) -> str:
    """The protocol that the transport is asked for; Spring Boot always names one."""
    own = "mail.transport.protocol.rfc822" if g.has("mail.transport.protocol.rfc822") else "mail.transport.protocol"
    if "spring.mail.protocol" in g.framework.by_name and not g.has("JavaMailSenderImpl()"):
        own = "spring.mail.protocol"
    value = g.raw(own)
    return "smtp" if value in (ABSENT, None, "") else str(value)


def _raw(g: Given, name: str) -> object:
    return g.raw(f"mail.{protocol_of(g)}.{name}")


def is_on(g: Given, name: str) -> bool:
    """Whether mail.smtp.<name>, or mail.smtps.<name> with that protocol, is true."""
    return JAVA.read(_raw(g, name))


def _factory(g: Given) -> bool:
    """Whether a socket factory for TLS is set (the recipe from before 2008), without ssl.enable."""
    return "ssl" in str(_raw(g, "socketFactory.class")).lower() and not is_on(g, "ssl.enable")


def _falls_back(g: Given) -> bool:
    return _factory(g) and str(_raw(g, "socketFactory.fallback")).lower() != "false"


def _factory_port(g: Given) -> int:
    value = str(_raw(g, "socketFactory.port")).strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 6 else g.port


def _elsewhere(g: Given) -> bool:
    return _factory_port(g) != g.port


def _plain_port(g: Given) -> bool:
    return server_of(g.port, IMPLICIT) != SUBMISSIONS


def _starttls(g: Given) -> bool:
    return any(is_on(g, name) for name in STARTTLS)


def _first_elsewhere(rule: Rule) -> Rule:
    """What the fallback then does, where socketFactory.port sends the first try to another port."""
    return replace(rule, because="the socket factory first tries TLS on socketFactory.port; where that fails, the"
                                 " client connects to {port} without TLS: there " + rule.because,
                   when=lambda g: _factory(g) and _elsewhere(g) and rule.when(g), source=_FETCHER)


_BY_STARTTLS = (
    Rule(REQUIRED, "starttls.required is true: STARTTLS or nothing", lambda g: is_on(g, "starttls.required"),
         TRANSPORT),
    Rule(OPPORTUNISTIC, "starttls.enable is true, and starttls.required is not: STARTTLS where it is offered",
         lambda g: is_on(g, "starttls.enable"), TRANSPORT),
    Rule(PLAIN, "neither ssl.enable nor starttls.enable is true, and both are false by default", source=TRANSPORT),
)
_FALLBACK = "a TLS socket factory is set, and its fallback is on: where TLS fails, the client connects again without it"
RULES = (
    Rule(ERROR, "there is no such protocol: the session throws a NoSuchProviderException",
         lambda g: protocol_of(g) not in _PROTOCOLS, "Session.java getProvider"),
    Rule(IMPLICIT, "the protocol is smtps: TLS starts at once, whatever the properties say",
         lambda g: protocol_of(g) == "smtps", "SMTPSSLTransport.java; live"),
    Rule(IMPLICIT, "ssl.enable is true: TLS starts at once, and STARTTLS plays no part",
         lambda g: is_on(g, "ssl.enable"), _FETCHER),
    Rule(IMPLICIT, "the socket factory speaks TLS at once, to socketFactory.port, and its fallback is off",
         lambda g: _factory(g) and not _falls_back(g) and _elsewhere(g) and server_of(
             _factory_port(g), IMPLICIT) == SUBMISSIONS, _FETCHER, outcome=Outcome.WORKS),
    Rule(IMPLICIT, "the socket factory speaks TLS at once, to socketFactory.port, and its fallback is off",
         lambda g: _factory(g) and not _falls_back(g) and _elsewhere(g), _FETCHER,
         outcome=Outcome.WRONG_VERSION_NUMBER),
    Rule(IMPLICIT, "the socket factory speaks TLS at once, and its fallback is off",
         lambda g: _factory(g) and not _falls_back(g), _FETCHER),
    *map(_first_elsewhere, _BY_STARTTLS),
    Rule(IMPLICIT, _FALLBACK + ", and then requires STARTTLS",
         lambda g: _factory(g) and _plain_port(g) and is_on(g, "starttls.required"), _FETCHER, outcome=Outcome.WORKS),
    Rule(IMPLICIT, _FALLBACK + ", and then takes STARTTLS where it is offered",
         lambda g: _factory(g) and _plain_port(g) and _starttls(g), _FETCHER, outcome=Outcome.WORKS,
         password_in_clear=True),
    Rule(IMPLICIT, _FALLBACK, lambda g: _factory(g) and _plain_port(g), _FETCHER, outcome=Outcome.PLAINTEXT,
         password_in_clear=True),
    Rule(IMPLICIT, _FALLBACK, lambda g: _factory(g) and is_on(g, "starttls.required"), _FETCHER),
    Rule(IMPLICIT, _FALLBACK, _factory, _FETCHER, password_in_clear=True),
    *_BY_STARTTLS,
)


def _tls(g: Given) -> bool:
    return g.mode not in (PLAIN, ERROR)


def _milliseconds(g: Given) -> bool:
    value = str(g.raw("mail.smtp.timeout"))
    return value.isascii() and value.isdigit() and 0 < int(value[:9]) < 1000


NOTES = (
    *(Note("contradiction", f"mail.smtp.{name}", f"ssl.enable wins, and {name} is never looked at: use ssl.enable alone"
           " on 465, starttls.required alone on 587",
           lambda g, n=name: protocol_of(g) == "smtp" and is_on(g, "ssl.enable") and is_on(g, n), TRANSPORT)
      for name in STARTTLS),
    *(Note("ineffective", f"mail.{other}.{name}", f"the protocol is {protocol}, which reads mail.{protocol}.* only:"
           f" mail.{other}.{name} changes nothing",
           lambda g, p=protocol, k=f"mail.{other}.{name}": protocol_of(g) == p and g.has(k), TRANSPORT)
      for protocol, other in (_PROTOCOLS, _PROTOCOLS[::-1]) for name in ("ssl.enable", *STARTTLS)),
    *(Note("ineffective", f"mail.smtps.{name}", f"the protocol smtps starts TLS at once, whatever mail.smtps.{name}"
           " says", lambda g, n=name: protocol_of(g) == "smtps" and g.has(f"mail.smtps.{n}"), TRANSPORT)
      for name in ("ssl.enable", *STARTTLS)),
    Note("fallback-in-clear", "mail.smtp.socketFactory.class", "socketFactory.fallback is true by default: when the TLS"
         " connection fails, the client silently connects again WITHOUT TLS and sends the password. Take the"
         " socketFactory settings out and set ssl.enable=true",
         lambda g: protocol_of(g) == "smtp" and _falls_back(g), _FETCHER),
    *(Note("contradiction", f"mail.smtp.socketFactory.{name}", "the first try goes, with TLS, to socketFactory.port;"
           " only where that fails is port {port} used, without TLS at first. Take the socketFactory settings out",
           lambda g: _falls_back(g) and _elsewhere(g), _FETCHER) for name in ("class", "port")),
    Note("redundant", "mail.smtp.socketFactory.port", "socketFactory.port is the port that is used anyway",
         lambda g: _factory(g) and g.has("mail.smtp.socketFactory.port") and not _elsewhere(g), _FETCHER),
    Note("redundant", "mail.smtp.starttls.enable", "starttls.required asks for STARTTLS by itself; starttls.enable"
         " beside it is harmless", lambda g: protocol_of(g) == "smtp" and not is_on(g, "ssl.enable") and all(
             is_on(g, n) for n in STARTTLS), TRANSPORT),
    Note("timeout-unit", "mail.smtp.timeout", "mail.smtp.timeout counts milliseconds: this is less than a second",
         _milliseconds, "providers/smtp package-info.java"),
    *(Note("no-certificate-check", f"mail.{p}.ssl.trust", "ssl.trust=* accepts any certificate: name the one server, or"
           " put its CA into a trust store",
           lambda g, p=p: protocol_of(g) == p and str(_raw(g, "ssl.trust")).strip() == "*" and _tls(g),
           "SocketFetcher.java; live") for p in _PROTOCOLS),
)
NO_NAME_CHECK = Note(
    "no-certificate-check", "mail.smtp.ssl.checkserveridentity", "the server's name is not compared with its"
    " certificate (Angus Mail 2 does it by default): set ssl.checkserveridentity=true",
    lambda g: protocol_of(g) in _PROTOCOLS and not is_on(g, "ssl.checkserveridentity") and _tls(g)
    and str(_raw(g, "ssl.trust")).strip() != "*", "SocketFetcher.java:638; live")


def not_read(values: dict[str, object]) -> dict[str, object]:
    """The port of the protocol that isn't used, and a time-out of 0 (no limit), in words that are no numbers."""
    protocol = next((str(values[n]) for n in ("spring.mail.protocol", "mail.transport.protocol.rfc822",
                                              "mail.transport.protocol") if values.get(n)), "smtp")
    for name, value in values.items():
        if name == f"mail.{'smtp' if protocol == 'smtps' else 'smtps'}.port":
            values[name] = f"{str(value)[:20]} (not read by {protocol[:20]})"
        elif name in ("mail.smtp.timeout", "smtpServer.timeout") and re.fullmatch(r"0|-\d+", str(value)):
            values[name] = f"{value} (no limit)"
    return values


_XML = re.compile(r"""<(?:prop|entry|property|env-entry)\s[^>]{0,200}?(?:key|name)=["']?([\w.]{1,99})["']?\s{0,9}
                      (?:value=["']?([^"'<>/\s]{0,200})|>\s{0,99}(?:<value>)?([^<]{0,200})<)""", re.VERBOSE)
_COMMENT = re.compile(r"<!--.{0,4000}?-->")


def read_xml(words: list[Word]) -> dict[str, str]:
    """<prop key="mail.smtp.auth">true</prop> and its like in Spring's, Tomcat's and Hibernate's XML."""
    text = _COMMENT.sub("", " ".join(words))
    return {m[1]: (m[2] or m[3] or "").strip() for m in _XML.finditer(text)} if "<" in text else {}


def _connect(call: Call) -> dict[str, object]:
    """transport.connect(host, port, user, password), connect(host, user, password), connect(user, password)."""
    names = {4: ("connect() host", "connect() port", "connect() user", "connect() password"),
             3: ("connect() host", "connect() user", "connect() password"),
             2: ("connect() user", "connect() password")}.get(len(call.arguments), ())
    return dict(zip(names, call.arguments, strict=True))


_AUTHENTICATOR = {"PasswordAuthentication": lambda call: dict(zip(("connect() user", "connect() password"),
                                                                   call.arguments, strict=False))}
_CONNECT = (port_key("connect() port"), *other_keys(Role.HOST, "connect() host"),
            *other_keys(Role.USER, "connect() user"), *other_keys(Role.SECRET, "connect() password"))
ERRORS = {
    Outcome.WRONG_VERSION_NUMBER: "jakarta.mail.MessagingException: Could not connect to SMTP host: ...; nested"
                                  " exception is: javax.net.ssl.SSLException: Unsupported or unrecognized SSL message",
    Outcome.STARTTLS_NOT_OFFERED: "jakarta.mail.MessagingException: STARTTLS is required but host does not support"
                                  " STARTTLS",
    Outcome.REFUSED_NEEDS_TLS: "com.sun.mail.smtp.SMTPSendFailedException: 530 5.7.0 Must issue a STARTTLS command"
                               " first",
}
SET = ("ssl.enable", "starttls.required", "starttls.enable")
WAITS = (Waits(None, source='providers/smtp package-info.java: "Default is infinite timeout"; live'),)
_FORM = "mail.smtp.host={host}\nmail.smtp.port={port}"
JAKARTA = Framework(
    "jakarta-mail", "Jakarta Mail (JavaMail)", "Java",
    (Key("mail.transport.protocol", default="smtp", aliases=("transport.protocol",)),
     Key("mail.transport.protocol.rfc822"), *_CONNECT, *FAMILIES, *other_keys(Role.HOST, "mail.host"),
     *other_keys(Role.USER, "mail.user"),
     *other_keys(Role.OTHER, "mail.debug", "mail.from")), RULES,
    (Release("Jakarta Mail 2.0.0 (JavaMail 1.6.5: same)", (2, 0, 0)),
     Release("Angus Mail 2 (Jakarta Mail 2.1)", (2, 1), {"angus": (2,)})),
    {IMPLICIT: _FORM + "\nmail.smtp.ssl.enable=true", REQUIRED: _FORM + "\nmail.smtp.starttls.required=true",
     OPPORTUNISTIC: _FORM + "\nmail.smtp.starttls.enable=true", PLAIN: _FORM},
    ("command", "assignments", "code", "yaml"), ("jakarta", "javamail", "java", "angus", "angusmail"),
    (*NOTES, replace(NO_NAME_CHECK, before=(2, 1)),
     Note("transport-send", "mail.transport.protocol", "Transport.send(message) does not read mail.transport.protocol:"
          " it takes smtp. Set mail.transport.protocol.rfc822=smtps, or keep smtp and set mail.smtp.ssl.enable=true",
          lambda g: g.raw("mail.transport.protocol") == "smtps" and not g.has("mail.transport.protocol.rfc822"),
          "Session.java getTransport(Address)")),
    default_port=lambda g: SUBMISSIONS if protocol_of(g) == "smtps" or is_on(g, "ssl.enable") else 25,
    # protocolConnect logs in only where AUTH is offered, and goes on without.
    unoffered=Unoffered.SKIPS, waits=WAITS, errors=ERRORS,
    namespace=r"^mail\.smtps?\.(?:ssl|tls|starttls|start_tls|socket)", words=read_xml, expand=not_read,
    calls={"getTransport": lambda call: {"mail.transport.protocol.rfc822": call.arguments[0]}
           if call.arguments and call.arguments[0] in _PROTOCOLS else {}, "connect": _connect, **_AUTHENTICATOR},
    parts={"itself": r"(?:javamail|jakarta mail)\D{0,3}([\d.]+)", "angus": r"angus\D{0,12}(\d+)"},
    says={f"mail.smtp.{n}": {f"mail.smtp.{n}": "true"} for n in SET},
)
FRAMEWORKS = (JAKARTA,)
