"""Java: Jakarta Mail by its session properties, and what fills them in: Spring Boot, Jenkins' mailer, Keycloak.

Sources: angus-mail SocketFetcher.java (getSocket), SMTPTransport.java (constructor, protocolConnect), PropUtil.java.
JavaMail 1.6.5 and Jakarta Mail 2.0.0 were run against loopback servers and gave the same table. spring-boot
MailProperties.java, MailSenderPropertiesConfiguration.java; spring-framework JavaMailSenderImpl.java;
jenkinsci/mailer-plugin Mailer.java (createSession); keycloak DefaultEmailSenderProvider.java (buildEmailProperties):
their properties were worked out from these and run on Jakarta Mail 2.0.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ..keys import Key, Values, keys, spelled
from ..model import Framework, Given, Mode, ModeRule, Note, NotPossible, Outcome, Release, Timeout, Unoffered
from ..reading import Call, Word
from ..standard import SUBMISSION, SUBMISSIONS, server_of
from ..values import ABSENT, Switch
from ..vocabulary import error, given, implicit, opportunistic, over_tls, plain, required

JAVA = Switch(("true",), ("false", ""))  # PropUtil.getBoolean: "yes" and "1" are false
_FETCHER, TRANSPORT = "SocketFetcher.java getSocket; live", "SMTPTransport.java; live"
STARTTLS = ("starttls.enable", "starttls.required")
_PROTOCOLS = ("smtp", "smtps")


def _family(protocol: str) -> tuple[Key, ...]:
    """The properties of one protocol; only `smtp` can wait for a greeting, so only its timeout ends a hang."""
    timeout = Key("timeout", unit_s=0.001)
    made = keys(
        mode=(*(Key(name, JAVA, False) for name in ("ssl.enable", *STARTTLS)),
              "socketFactory.class socketFactory.port socketFactory.fallback"),
        port="port", host="host", user="user", secret="password", auth="auth auth.mechanisms",
        check="ssl.trust ssl.checkserveridentity ssl.protocols", timeout=timeout if protocol == "smtp" else (),
        other=("connectiontimeout writetimeout from localhost", *((timeout,) if protocol == "smtps" else ())))
    return tuple(replace(key, name=f"mail.{protocol}.{key.name}") for key in made)


FAMILIES = (*_family("smtp"), *_family("smtps"))


def protocol_of(g: Given) -> str:
    """The protocol in force; Spring Boot always names one."""
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
    return server_of(g.port, Mode.IMPLICIT) != SUBMISSIONS


def _starttls(g: Given) -> bool:
    return any(is_on(g, name) for name in STARTTLS)


def _first_elsewhere(rule: ModeRule) -> ModeRule:
    """The rule as it holds for the fallback, where socketFactory.port sends the first attempt to another port."""
    return replace(rule, because="the socket factory first tries TLS on socketFactory.port; where that fails, the"
                                 " client connects to {port} without TLS: there " + rule.because,
                   when=lambda g: _factory(g) and _elsewhere(g) and rule.when(g), source=_FETCHER)


_BY_STARTTLS = (
    required("starttls.required is true: STARTTLS or nothing", lambda g: is_on(g, "starttls.required"), TRANSPORT),
    opportunistic("starttls.enable is true, and starttls.required is not: STARTTLS where it is offered",
                  lambda g: is_on(g, "starttls.enable"), TRANSPORT),
    plain("neither ssl.enable nor starttls.enable is true, and both are false by default", source=TRANSPORT),
)
_FALLBACK = "a TLS socket factory is set, and its fallback is on: where TLS fails, the client connects again without it"
RULES = (
    error("there is no such protocol: the session throws a NoSuchProviderException",
          lambda g: protocol_of(g) not in _PROTOCOLS, "Session.java getProvider"),
    implicit("the protocol is smtps: TLS starts at once, whatever the properties say",
             lambda g: protocol_of(g) == "smtps", "SMTPSSLTransport.java; live"),
    implicit("ssl.enable is true: TLS starts at once, and STARTTLS plays no part", lambda g: is_on(g, "ssl.enable"),
             _FETCHER),
    implicit("the socket factory speaks TLS at once, to socketFactory.port, and its fallback is off",
             lambda g: _factory(g) and not _falls_back(g) and _elsewhere(g)
             and server_of(_factory_port(g), Mode.IMPLICIT) == SUBMISSIONS, _FETCHER, outcome=Outcome.WORKS),
    implicit("the socket factory speaks TLS at once, to socketFactory.port, and its fallback is off",
             lambda g: _factory(g) and not _falls_back(g) and _elsewhere(g), _FETCHER,
             outcome=Outcome.WRONG_VERSION_NUMBER),
    implicit("the socket factory speaks TLS at once, and its fallback is off",
             lambda g: _factory(g) and not _falls_back(g), _FETCHER),
    *map(_first_elsewhere, _BY_STARTTLS),
    implicit(_FALLBACK + ", and then requires STARTTLS",
             lambda g: _factory(g) and _plain_port(g) and is_on(g, "starttls.required"), _FETCHER,
             outcome=Outcome.WORKS),
    implicit(_FALLBACK + ", and then takes STARTTLS where it is offered",
             lambda g: _factory(g) and _plain_port(g) and _starttls(g), _FETCHER, outcome=Outcome.WORKS,
             password_in_clear=True),
    implicit(_FALLBACK, lambda g: _factory(g) and _plain_port(g), _FETCHER, outcome=Outcome.PLAINTEXT,
             password_in_clear=True),
    implicit(_FALLBACK, lambda g: _factory(g) and is_on(g, "starttls.required"), _FETCHER),
    implicit(_FALLBACK, _factory, _FETCHER, password_in_clear=True),
    *_BY_STARTTLS,
)


def _milliseconds(g: Given) -> bool:
    value = str(g.raw("mail.smtp.timeout"))
    return value.isascii() and value.isdigit() and 0 < int(value[:9]) < 1000


def _beside_ssl(name: str) -> Note:
    return Note("contradiction", f"mail.smtp.{name}", f"ssl.enable wins, and {name} is never looked at: use ssl.enable"
                " alone on 465, starttls.required alone on 587",
                lambda g: protocol_of(g) == "smtp" and is_on(g, "ssl.enable") and is_on(g, name), TRANSPORT)


def _of_the_other(protocol: str, other: str, name: str) -> Note:
    key = f"mail.{other}.{name}"
    return Note("ineffective", key, f"the protocol is {protocol}, which reads mail.{protocol}.* only: {key} changes"
                " nothing", lambda g: protocol_of(g) == protocol and g.has(key), TRANSPORT)


def _beside_smtps(name: str) -> Note:
    key = f"mail.smtps.{name}"
    return Note("ineffective", key, f"the protocol smtps starts TLS at once, whatever {key} says",
                lambda g: protocol_of(g) == "smtps" and g.has(key), TRANSPORT)


def _trusts_all(protocol: str) -> Note:
    return Note("no-certificate-check", f"mail.{protocol}.ssl.trust", "ssl.trust=* accepts any certificate: name the"
                " one server, or put its CA into a trust store",
                lambda g: protocol_of(g) == protocol and str(_raw(g, "ssl.trust")).strip() == "*" and over_tls(g),
                "SocketFetcher.java; live")


NOTES = (
    *map(_beside_ssl, STARTTLS),
    *(_of_the_other(protocol, other, name) for protocol, other in (_PROTOCOLS, _PROTOCOLS[::-1])
      for name in ("ssl.enable", *STARTTLS)),
    *map(_beside_smtps, ("ssl.enable", *STARTTLS)),
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
    *map(_trusts_all, _PROTOCOLS),
)
NO_NAME_CHECK = Note(
    "no-certificate-check", "mail.smtp.ssl.checkserveridentity", "the server's name is not compared with its"
    " certificate (Angus Mail 2 does it by default): set ssl.checkserveridentity=true",
    lambda g: protocol_of(g) in _PROTOCOLS and not is_on(g, "ssl.checkserveridentity") and over_tls(g)
    and str(_raw(g, "ssl.trust")).strip() != "*", "SocketFetcher.java:638; live")


def not_read(values: Values) -> Values:
    """Turn the other protocol's port, and a timeout of 0 (no limit), into texts that aren't read as numbers."""
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


def read_xml(words: list[Word]) -> Values:
    """<prop key="mail.smtp.auth">true</prop> and the like, in XML of Spring, Tomcat and Hibernate."""
    text = _COMMENT.sub("", " ".join(words))
    return {m[1]: (m[2] or m[3] or "").strip() for m in _XML.finditer(text)} if "<" in text else {}


def _connect(call: Call) -> Values:
    """transport.connect(host, port, user, password), connect(host, user, password), connect(user, password)."""
    names = {4: ("connect() host", "connect() port", "connect() user", "connect() password"),
             3: ("connect() host", "connect() user", "connect() password"),
             2: ("connect() user", "connect() password")}.get(len(call.arguments), ())
    return dict(zip(names, call.arguments, strict=False))


_AUTHENTICATOR = {"PasswordAuthentication": lambda call: dict(
                      zip(("connect() user", "connect() password"), call.arguments, strict=False))}
ERRORS = {
    Outcome.WRONG_VERSION_NUMBER: "jakarta.mail.MessagingException: Could not connect to SMTP host: ...; nested"
                                  " exception is: javax.net.ssl.SSLException: Unsupported or unrecognized SSL message",
    Outcome.STARTTLS_NOT_OFFERED: "jakarta.mail.MessagingException: STARTTLS is required but host does not support"
                                  " STARTTLS",
    Outcome.REFUSED_NEEDS_TLS: "com.sun.mail.smtp.SMTPSendFailedException: 530 5.7.0 Must issue a STARTTLS command"
                               " first",
}
SET = ("ssl.enable", "starttls.required", "starttls.enable")
WAITS = (Timeout(None, source='providers/smtp package-info.java: "Default is infinite timeout"; live'),)
_FORM = "mail.smtp.host={host}\nmail.smtp.port={port}"
JAKARTA = Framework(
    name="jakarta-mail", title="Jakarta Mail (JavaMail)", ecosystem="Java",
    named_by=("javax.mail", "jakarta.mail", "com.sun.mail", "org.eclipse.angus", "javamail", "jakarta mail"),
    keys=(
        *keys(mode=(Key("mail.transport.protocol", default="smtp", aliases=("transport.protocol",)),
                    "mail.transport.protocol.rfc822"),
              port=Key("connect() port"), host=Key("connect() host"), user=Key("connect() user"),
              secret=Key("connect() password")),
        *FAMILIES, *keys(host="mail.host", user="mail.user", other="mail.debug mail.from")),
    rules=RULES,
    releases=(Release("Jakarta Mail 2.0.0 (JavaMail 1.6.5: same)", (2, 0, 0)),
              Release("Angus Mail 2 (Jakarta Mail 2.1)", (2, 1), {"angus": (2,)})),
    forms={Mode.IMPLICIT: _FORM + "\nmail.smtp.ssl.enable=true",
           Mode.REQUIRED: _FORM + "\nmail.smtp.starttls.required=true",
           Mode.OPPORTUNISTIC: _FORM + "\nmail.smtp.starttls.enable=true", Mode.PLAIN: _FORM},
    read=("command", "assignments", "code", "yaml"), aliases=("jakarta", "javamail", "java", "angus", "angusmail"),
    notes=(
        *NOTES,
        replace(NO_NAME_CHECK, before=(2, 1)),
        Note("transport-send", "mail.transport.protocol", "Transport.send(message) does not read"
             " mail.transport.protocol: it takes smtp. Set mail.transport.protocol.rfc822=smtps, or keep smtp and set"
             " mail.smtp.ssl.enable=true",
             lambda g: g.raw("mail.transport.protocol") == "smtps" and not g.has("mail.transport.protocol.rfc822"),
             "Session.java getTransport(Address)"),
    ),
    default_port=lambda g: SUBMISSIONS if protocol_of(g) == "smtps" or is_on(g, "ssl.enable") else 25,
    # protocolConnect logs in only where AUTH is offered, and goes on without.
    unoffered=Unoffered.SKIPS, waits=WAITS, errors=ERRORS,
    namespace=r"^mail\.smtps?\.(?:ssl|tls|starttls|start_tls|socket)", words=read_xml, expand=not_read,
    calls={"getTransport": lambda call: {"mail.transport.protocol.rfc822": call.arguments[0]} if call.arguments
           and call.arguments[0] in _PROTOCOLS else {}, "connect": _connect, **_AUTHENTICATOR},
    parts={"itself": r"(?:javamail|jakarta mail)\D{0,3}([\d.]+)", "angus": r"angus\D{0,12}(\d+)"},
    says={f"mail.smtp.{n}": {f"mail.smtp.{n}": "true"} for n in SET},
)


_NEGATIONS = {"neither", "nor", "no", "not", "without"}  # of the name that follows
_NO_NAMES = {"only", "and", "or", "nothing", "none", "default"}
_ITEM = re.compile(r"([A-Za-z][\w.]*)(?:=([\w.:-]+))?")


def prose(words: list[Word]) -> Values:
    """Settings as people write them in a sentence: "ssl=true starttls=true, port 587"; {} for any other text."""
    text = " ".join(words[:41])
    if len(words) > 40 or any(w.line > 1 for w in words) or not re.search(r"(?<![\w.])port\s\d{1,5}\b", text):
        return {}
    port = re.search(r"port\s(\d+)", text)
    found: Values = {"port": port[1] if port else ""}
    before = ""
    for item in re.split(r"[,+\s]+", re.sub(r"port\s\d+", " ", text)):
        if (m := _ITEM.fullmatch(item)) and item not in _NO_NAMES | _NEGATIONS:
            found[m[1]] = m[2] or ("false" if before in _NEGATIONS else "true")
        before = item
    return found


def _one(name: str) -> Callable[[Call], Values]:
    return lambda call: {name: call.arguments[0]} if len(call.arguments) == 1 else {}


def _variable(name: str) -> tuple[str, ...]:
    """Spring's environment variable for a key; none for one with capitals: a map's keys come out in lower case."""
    variable = (name if name.startswith("spring.") else "spring.mail.properties." + name).upper()
    return (variable.replace(".", "_").replace("-", ""),) if name == name.lower() else ()


_BOOT_SWITCH = Switch(("true", "on", "yes", "1"), ("false", "off", "no", "0", ""))
_BOOT, _BUNDLES = "MailSenderPropertiesConfiguration.java; live", (3, 4)  # spring.mail.ssl came with SSL bundles
_NO_SUCH = (*(f"spring.mail.starttls.{n}" for n in ("enable", "enabled", "required")),
            *(f"spring.mail.smtp.{n}" for n in ("auth", "ssl.enable", *STARTTLS)))


def _not_boolean(g: Given) -> bool:
    return g.has("spring.mail.ssl.enabled") and bool(_BOOT_SWITCH.complaint(g.raw("spring.mail.ssl.enabled")))


def _spring_words(words: list[Word]) -> Values:
    """A sentence's or a Spring bean's names: `ssl.enabled` and `host` are spring.mail.*, `properties.x` is x."""
    return {n if n.startswith(("mail.", "spring.")) else n.removeprefix("properties.") if n.startswith("properties.")
            else f"spring.mail.{n}": v for n, v in (prose(words) or read_xml(words)).items()}


_SPRING_KEYS = (
    *keys(mode=(Key("spring.mail.protocol", default="smtp", aliases=("mail.protocol",)),
                Key("spring.mail.ssl.enabled", _BOOT_SWITCH, False, aliases=("mail.ssl.enabled",), since=_BUNDLES),
                Key("mail.transport.protocol", default="smtp")),
          port="spring.mail.port|mail.port", host="spring.mail.host|mail.host",
          user="spring.mail.username|mail.username", secret="spring.mail.password|mail.password",
          check="spring.mail.ssl.bundle|mail.ssl.bundle",
          other=("spring.mail.default-encoding spring.mail.test-connection spring.mail.jndi-name"
                 " mail.transport.protocol.rfc822 mail.debug JavaMailSenderImpl()", *_NO_SUCH)),
    *FAMILIES,
)


def _beside_enabled(name: str) -> Note:
    return Note("contradiction", f"mail.smtp.{name}", f"spring.mail.ssl.enabled wins, and {name} is never looked at",
                lambda g: protocol_of(g) == "smtp" and g["spring.mail.ssl.enabled"] and is_on(g, name), TRANSPORT,
                _BUNDLES)


def _no_such(name: str) -> Note:
    meant = name.removeprefix("spring.mail.").removeprefix("smtp.").replace("enabled", "enable")
    return Note("unknown-key", name, f"Spring Boot has no {name}, and ignores it: set"
                f" spring.mail.properties.mail.smtp.{meant}", given(name), "MailProperties.java")


_SPRING_NOTES = (
    *NOTES, replace(NO_NAME_CHECK, before=(3,)), *map(_beside_enabled, STARTTLS),
    Note("ineffective", "mail.transport.protocol", "Spring Boot asks for the protocol of spring.mail.protocol (smtp by"
         " default), not for mail.transport.protocol: set spring.mail.protocol",
         lambda g: g.has("mail.transport.protocol") and g.raw("mail.transport.protocol") != protocol_of(g),
         "JavaMailSenderImpl.java getTransport"),
    *map(_no_such, _NO_SUCH),
)
_SPRING_FORM = "spring.mail.host={host}\nspring.mail.port={port}"
SPRING = Framework(
    name="spring-boot", title="Spring Boot (spring.mail)", ecosystem="Java", keys=spelled(_variable, _SPRING_KEYS),
    named_by=("org.springframework", "springframework", "spring boot", "javamailsender", "com.sun.mail"),
    rules=(
        error("spring.mail.ssl.enabled must be a boolean: Spring Boot does not start", _not_boolean,
              "MailProperties.java", _BUNDLES),
        *RULES[:2],
        implicit("spring.mail.ssl.enabled sets mail.smtp.ssl.enable: TLS starts at once",
                 lambda g: g["spring.mail.ssl.enabled"], _BOOT, _BUNDLES),
        *RULES[2:],
    ),
    releases=(Release("via Jakarta Mail 2.0.0", (4, 1)),),
    forms={Mode.IMPLICIT: _SPRING_FORM + "\nspring.mail.properties.mail.smtp.ssl.enable=true",
           Mode.REQUIRED: _SPRING_FORM + "\nspring.mail.properties.mail.smtp.starttls.required=true",
           Mode.OPPORTUNISTIC: _SPRING_FORM + "\nspring.mail.properties.mail.smtp.starttls.enable=true",
           Mode.PLAIN: _SPRING_FORM},
    read=("command", "yaml", "assignments", "code"),
    aliases=("spring", "springboot", "spring.mail"), notes=_SPRING_NOTES,
    default_port=lambda g: SUBMISSIONS if g["spring.mail.ssl.enabled"] else JAKARTA.default_port(g),
    unoffered=Unoffered.SKIPS, waits=WAITS, errors=ERRORS, words=_spring_words, expand=not_read,
    namespace=r"(?:^|properties\.)mail\.smtps?\.(?:ssl|tls|starttls|start_tls|socket)"
    r"|(?:^|\.)spring\.mail\.(?!properties\.mail\.)",
    calls={"JavaMailSenderImpl": lambda call: {"JavaMailSenderImpl()": True},
           **{f"set{n.title()}": _one(f"spring.mail.{n}")
              for n in ("port", "host", "username", "password", "protocol")}},
    says={"spring.mail.ssl.enabled": {"spring.mail.ssl.enabled": "true"},
          **{f"...mail.smtp.{n}": {f"mail.smtp.{n}": "true"} for n in SET[1:]}},
)

_MAILER, _SAMPLE = "Mailer.java createSession; live", """\
unclassified:
  mailer:
    smtpHost: "{host}"
    smtpPort: "{port}\""""
_XML_NAMES = {"port": "smtpPort", "smtpServer": "smtpHost"}


def _jenkins_words(words: list[Word]) -> Values:
    """A sentence, or hudson.tasks.Mailer.xml: <useSsl>true</useSsl>."""
    found = prose(words) or dict(re.findall(r"<(use(?:Ssl|Tls)|smtpPort|smtpHost)>([^<]{0,200})</", " ".join(words)))
    return {_XML_NAMES.get(name, name): value for name, value in found.items()}


JENKINS = Framework(
    name="jenkins", title="Jenkins (mailer plugin)", ecosystem="Java",
    comment="#", named_by=("jenkins", "hudson", "com.sun.mail"),
    keys=keys(
        mode=(Key("useSsl", _BOOT_SWITCH, False), Key("useTls", _BOOT_SWITCH, False, since=(1, 31))), port="smtpPort",
        host="smtpHost smtpServer", user="authentication.username smtpAuthUsername smtpAuthUserName smtpUsername",
        secret="authentication.password smtpAuthPassword smtpPassword",
        other="charset replyToAddress defaultSuffix adminAddress",
    ),
    rules=(
        implicit("useSsl sets ssl.enable: TLS starts at once, and useTls plays no part", lambda g: g["useSsl"],
                 _MAILER),
        required("useTls sets starttls.enable and starttls.required: STARTTLS or nothing", lambda g: g["useTls"],
                 _MAILER),
        plain("neither useSsl nor useTls is on", source=_MAILER),
    ),
    releases=(Release("via Jakarta Mail 2.0.0", (525,)),),
    forms={Mode.IMPLICIT: _SAMPLE + "\n    useSsl: true", Mode.REQUIRED: _SAMPLE + "\n    useTls: true",
           Mode.OPPORTUNISTIC: NotPossible("Jenkins' useTls requires STARTTLS, and nothing asks for it only where it is"
                                           " offered"), Mode.PLAIN: _SAMPLE},
    read=("command", "yaml", "code", "assignments"), aliases=("jenkinsmailer", "casc"),
    notes=(
        Note("contradiction", "useTls", "useSsl and useTls are both on: SSL wins, and STARTTLS is never asked for. Use"
             " useSsl alone on 465, useTls alone on 587", lambda g: g["useSsl"] and g["useTls"], _MAILER),
        Note("no-certificate-check", "", "mailer before 1.32.1 does not compare the server's name with its certificate",
             lambda g: g["useSsl"] or g["useTls"], "Jenkins security advisory, mailer 1.32.1", (), (1, 32, 1)),
    ),
    default_port=lambda g: SUBMISSIONS if g["useSsl"] else SUBMISSION if g["useTls"] else 25, unoffered=Unoffered.SKIPS,
    waits=(Timeout(60, source="Mailer.java mail.smtp.timeout"),), errors=ERRORS, words=_jenkins_words,
    namespace=r"(?:^|\.)mailer\.use\w+$",
    calls={f"set{n}": _one(n[0].lower() + n[1:]) for n in ("SmtpHost", "SmtpPort", "UseSsl", "UseTls")},
    says={"useSsl": {"useSsl": True}, "useTls": {"useTls": True}},
)

_PROPERTIES, _REALM = "DefaultEmailSenderProvider.java buildEmailProperties; live", """\
"smtpServer": {
  "host": "{host}",
  "port": "{port}"%s
}"""
_EXACTLY = Switch(("true",), ("false", ""), any_case=False)  # "true".equals(...); a boolean arrives as its text


def _keycloak_words(words: list[Word]) -> Values:
    """A sentence, or kcadm.sh update realms/x -s smtpServer.host=... -s smtpServer.port=..."""
    return prose(words) or {w.partition("=")[0]: Word(w.partition("=")[2], w.line) for w in words
                            if w.startswith("smtpServer.") and "=" in w}


def _unset_auth(g: Given) -> bool:
    return g.has("smtpServer.auth") and not g["smtpServer.auth"]


KEYCLOAK = Framework(
    name="keycloak", title="Keycloak (realm's smtpServer)", ecosystem="Java",
    named_by=("keycloak", "com.sun.mail"),
    keys=tuple(replace(k, name=f"smtpServer.{k.name}", aliases=(k.name, f"smtp_server.{k.name}", *k.aliases))
               for k in keys(mode=(Key("ssl", _EXACTLY, False), Key("starttls", _EXACTLY, False)), port="port",
                             host="host", user="user|auth.username",
                             secret="password|auth.password authTokenClientSecret",
                             auth=Key("auth", _EXACTLY), timeout=Key("timeout", unit_s=0.001),
                             other="from fromDisplayName replyTo replyToDisplayName envelopeFrom authType authTokenUrl"
                                   " authTokenScope authTokenClientId allowutf8 debug")),
    rules=(
        implicit("ssl is 'true', which sets ssl.enable: TLS starts at once, and starttls plays no part",
                 lambda g: g["smtpServer.ssl"], _PROPERTIES),
        opportunistic("starttls is 'true', which sets starttls.enable alone: STARTTLS where it is offered",
                      lambda g: g["smtpServer.starttls"], _PROPERTIES),
        plain("neither ssl nor starttls is 'true'", source=_PROPERTIES),
    ),
    releases=(Release("via Jakarta Mail 2.0.0", (26, 9)),),
    forms={Mode.IMPLICIT: _REALM % ',\n  "ssl": "true"', Mode.OPPORTUNISTIC: _REALM % ',\n  "starttls": "true"',
           Mode.PLAIN: _REALM % "",
           Mode.REQUIRED: NotPossible("Keycloak sets starttls.enable, never starttls.required: STARTTLS stays"
                                      " optional")},
    read=("command", "code", "yaml", "assignments"),
    notes=(
        Note("contradiction", "smtpServer.starttls", "ssl and starttls are both on: ssl wins, and STARTTLS is never"
             " asked for. Switch starttls off on 465, ssl off on 587",
             lambda g: g["smtpServer.ssl"] and g["smtpServer.starttls"], _PROPERTIES),
        Note("opportunistic", "smtpServer.starttls", "Keycloak sets starttls.enable, never starttls.required: where"
             " STARTTLS is missing from the EHLO reply, mail and password cross in clear, and nothing says so. Use ssl"
             " on 465", lambda g: g.mode is Mode.OPPORTUNISTIC, _PROPERTIES),
    ),
    password_in_clear=lambda g: not _unset_auth(g), unoffered=Unoffered.SKIPS,
    waits=(Timeout(10, source="DefaultEmailSenderProvider.java mail.smtp.timeout"),), errors=ERRORS,
    words=_keycloak_words, expand=not_read, namespace=r"(?:smtpServer|smtp_server)\.\w*(?:tls|ssl)\w*$",
    says={"ssl": {"ssl": "true"}, "starttls": {"starttls": "true"}},
)
