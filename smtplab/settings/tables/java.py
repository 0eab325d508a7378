"""Java: Jakarta Mail itself, and what fills in its properties: Spring Boot, Jenkins' mailer, Keycloak.

Sources: spring-boot MailProperties.java, MailSenderPropertiesConfiguration.java; spring-framework
JavaMailSenderImpl.java; jenkinsci/mailer-plugin Mailer.java (createSession); keycloak DefaultEmailSenderProvider.java
(buildEmailProperties). Their properties were worked out from these and run on Jakarta Mail 2.0.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable
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
    NotPossible,
    Release,
    Role,
    Rule,
    Unoffered,
    Waits,
    other_keys,
    port_key,
)
from ..reading import Call, Word
from ..standard import SUBMISSION, SUBMISSIONS
from ..values import Switch
from .jakarta import (
    ERRORS,
    FAMILIES,
    JAKARTA,
    NO_NAME_CHECK,
    NOTES,
    RULES,
    SET,
    STARTTLS,
    TRANSPORT,
    WAITS,
    is_on,
    not_read,
    protocol_of,
    read_xml,
)

_NEGATIONS = {"neither", "nor", "no", "not", "without"}  # of the name that follows
_NO_NAMES = {"only", "and", "or", "nothing", "none", "default"}
_ITEM = re.compile(r"([A-Za-z][\w.]*)(?:=([\w.:-]+))?")


def prose(words: list[Word]) -> dict[str, str]:
    """Settings as people write them in a sentence: "ssl=true starttls=true, port 587"; {} for any other text."""
    text = " ".join(words[:41])
    if len(words) > 40 or any(w.line > 1 for w in words) or not re.search(r"(?<![\w.])port\s\d{1,5}\b", text):
        return {}
    found = {"port": re.search(r"port\s(\d+)", text)[1]}
    before = ""
    for item in re.split(r"[,+\s]+", re.sub(r"port\s\d+", " ", text)):
        if (m := _ITEM.fullmatch(item)) and item not in _NO_NAMES | _NEGATIONS:
            found[m[1]] = m[2] or ("false" if before in _NEGATIONS else "true")
        before = item
    return found


def _one(name: str) -> Callable[[Call], dict[str, object]]:
    return lambda call: {name: call.arguments[0]} if len(call.arguments) == 1 else {}


def _env(key: Key) -> Key:
    """With the name of Spring's environment variable; a map's keys come out of it in small letters."""
    name = key.name if key.name.startswith("spring.") else "spring.mail.properties." + key.name
    variable = name.upper().replace(".", "_").replace("-", "")
    return key if key.name != key.name.lower() else replace(key, aliases=(*key.aliases, variable))


_BOOT_SWITCH = Switch(("true", "on", "yes", "1"), ("false", "off", "no", "0", ""))
_BOOT, _BUNDLES = "MailSenderPropertiesConfiguration.java; live", (3, 4)  # spring.mail.ssl came with SSL bundles
_NO_SUCH = (*(f"spring.mail.starttls.{n}" for n in ("enable", "enabled", "required")),
            *(f"spring.mail.smtp.{n}" for n in ("auth", "ssl.enable", *STARTTLS)))


def _not_boolean(g: Given) -> bool:
    return g.has("spring.mail.ssl.enabled") and bool(_BOOT_SWITCH.complaint(g.raw("spring.mail.ssl.enabled")))


def _spring_words(words: list[Word]) -> dict[str, object]:
    """A sentence's or a Spring bean's names: `ssl.enabled` and `host` are spring.mail.*, `properties.x` is x."""
    return {n if n.startswith(("mail.", "spring.")) else n.removeprefix("properties.") if n.startswith("properties.")
            else f"spring.mail.{n}": v for n, v in (prose(words) or read_xml(words)).items()}


_SPRING_KEYS = (
    Key("spring.mail.protocol", default="smtp", aliases=("mail.protocol",)),
    Key("spring.mail.ssl.enabled", _BOOT_SWITCH, False, since=_BUNDLES, aliases=("mail.ssl.enabled",)),
    Key("mail.transport.protocol", default="smtp"), port_key("spring.mail.port", "mail.port"),
    *(Key(f"spring.mail.{n}", role=role, aliases=(f"mail.{n}",))
      for n, role in (("host", Role.HOST), ("username", Role.USER), ("password", Role.SECRET),
                      ("ssl.bundle", Role.CHECK))),
    *other_keys(Role.OTHER, "spring.mail.default-encoding", "spring.mail.test-connection", "spring.mail.jndi-name",
                "mail.transport.protocol.rfc822", "mail.debug", "JavaMailSenderImpl()", *_NO_SUCH), *FAMILIES)
_SPRING_NOTES = (
    *NOTES, replace(NO_NAME_CHECK, before=(3,)),
    *(Note("contradiction", f"mail.smtp.{name}", f"spring.mail.ssl.enabled wins, and {name} is never looked at",
           lambda g, n=name: protocol_of(g) == "smtp" and g["spring.mail.ssl.enabled"] and is_on(g, n), TRANSPORT,
           _BUNDLES) for name in STARTTLS),
    Note("ineffective", "mail.transport.protocol", "Spring Boot asks for the protocol of spring.mail.protocol (smtp by"
         " default), not for mail.transport.protocol: set spring.mail.protocol",
         lambda g: g.has("mail.transport.protocol") and g.raw("mail.transport.protocol") != protocol_of(g),
         "JavaMailSenderImpl.java getTransport"),
    *(Note("unknown-key", name, f"Spring Boot has no {name}, and ignores it: set spring.mail.properties.mail.smtp."
           + name.removeprefix("spring.mail.").removeprefix("smtp.").replace("enabled", "enable"),
           lambda g, n=name: g.has(n), "MailProperties.java") for name in _NO_SUCH),
)
_SPRING_FORM = "spring.mail.host={host}\nspring.mail.port={port}"
SPRING = Framework(
    "spring-boot", "Spring Boot (spring.mail)", "Java", tuple(map(_env, _SPRING_KEYS)),
    (Rule(ERROR, "spring.mail.ssl.enabled must be a boolean: Spring Boot does not start", _not_boolean,
          "MailProperties.java", _BUNDLES), *RULES[:2],
     Rule(IMPLICIT, "spring.mail.ssl.enabled sets mail.smtp.ssl.enable: TLS starts at once",
          lambda g: g["spring.mail.ssl.enabled"], _BOOT, _BUNDLES), *RULES[2:]),
    (Release("via Jakarta Mail 2.0.0", (4, 1)),),
    {IMPLICIT: _SPRING_FORM + "\nspring.mail.properties.mail.smtp.ssl.enable=true",
     REQUIRED: _SPRING_FORM + "\nspring.mail.properties.mail.smtp.starttls.required=true",
     OPPORTUNISTIC: _SPRING_FORM + "\nspring.mail.properties.mail.smtp.starttls.enable=true", PLAIN: _SPRING_FORM},
    ("command", "yaml", "assignments", "code"), ("spring", "springboot", "spring.mail"), _SPRING_NOTES,
    default_port=lambda g: SUBMISSIONS if g["spring.mail.ssl.enabled"] else JAKARTA.default_port(g),
    unoffered=Unoffered.SKIPS, waits=WAITS, errors=ERRORS, words=_spring_words, expand=not_read,
    namespace=r"(?:^|properties\.)mail\.smtps?\.(?:ssl|tls|starttls|start_tls|socket)"
              r"|(?:^|\.)spring\.mail\.(?!properties\.mail\.)",
    calls={"JavaMailSenderImpl": lambda call: {"JavaMailSenderImpl()": True}, **{
        f"set{n.title()}": _one(f"spring.mail.{n}") for n in ("port", "host", "username", "password", "protocol")}},
    says={"spring.mail.ssl.enabled": {"spring.mail.ssl.enabled": "true"},
          **{f"...mail.smtp.{n}": {f"mail.smtp.{n}": "true"} for n in SET[1:]}},
)

_MAILER, _SAMPLE = "Mailer.java createSession; live", """\
unclassified:
  mailer:
    smtpHost: "{host}"
    smtpPort: "{port}\""""
_XML_NAMES = {"port": "smtpPort", "smtpServer": "smtpHost"}


def _jenkins_words(words: list[Word]) -> dict[str, object]:
    """A sentence, or hudson.tasks.Mailer.xml: <useSsl>true</useSsl>."""
    found = prose(words) or dict(re.findall(r"<(use(?:Ssl|Tls)|smtpPort|smtpHost)>([^<]{0,200})</", " ".join(words)))
    return {_XML_NAMES.get(name, name): value for name, value in found.items()}


JENKINS = Framework(
    "jenkins", "Jenkins (mailer plugin)", "Java",
    (Key("useSsl", _BOOT_SWITCH, False), Key("useTls", _BOOT_SWITCH, False, since=(1, 31)), port_key("smtpPort"),
     *other_keys(Role.HOST, "smtpHost", "smtpServer"),
     *other_keys(Role.USER, "authentication.username", "smtpAuthUsername", "smtpAuthUserName", "smtpUsername"),
     *other_keys(Role.SECRET, "authentication.password", "smtpAuthPassword", "smtpPassword"),
     *other_keys(Role.OTHER, "charset", "replyToAddress", "defaultSuffix", "adminAddress")),
    (Rule(IMPLICIT, "useSsl sets ssl.enable: TLS starts at once, and useTls plays no part", lambda g: g["useSsl"],
          _MAILER),
     Rule(REQUIRED, "useTls sets starttls.enable and starttls.required: STARTTLS or nothing", lambda g: g["useTls"],
          _MAILER), Rule(PLAIN, "neither useSsl nor useTls is on", source=_MAILER)),
    (Release("via Jakarta Mail 2.0.0", (525,)),),
    {IMPLICIT: _SAMPLE + "\n    useSsl: true", REQUIRED: _SAMPLE + "\n    useTls: true",
     OPPORTUNISTIC: NotPossible("Jenkins' useTls requires STARTTLS, and nothing asks for it only where it is offered"),
     PLAIN: _SAMPLE}, ("command", "yaml", "code", "assignments"), ("jenkinsmailer", "casc"),
    (Note("contradiction", "useTls", "useSsl and useTls are both on: SSL wins, and STARTTLS is never asked for. Use"
          " useSsl alone on 465, useTls alone on 587", lambda g: g["useSsl"] and g["useTls"], _MAILER),
     Note("no-certificate-check", "", "mailer before 1.32.1 does not compare the server's name with its certificate",
          lambda g: g["useSsl"] or g["useTls"], "Jenkins security advisory, mailer 1.32.1", (), (1, 32, 1))),
    default_port=lambda g: SUBMISSIONS if g["useSsl"] else SUBMISSION if g["useTls"] else 25,
    unoffered=Unoffered.SKIPS, waits=(Waits(60, source="Mailer.java mail.smtp.timeout"),), errors=ERRORS,
    words=_jenkins_words, namespace=r"(?:^|\.)mailer\.use\w+$",
    calls={f"set{n}": _one(n[0].lower() + n[1:]) for n in ("SmtpHost", "SmtpPort", "UseSsl", "UseTls")},
    says={"useSsl": {"useSsl": True}, "useTls": {"useTls": True}},
)

_PROPERTIES, _REALM = "DefaultEmailSenderProvider.java buildEmailProperties; live", """\
"smtpServer": {
  "host": "{host}",
  "port": "{port}"%s
}"""
_EXACTLY = Switch(("true",), ("false", ""), any_case=False)  # "true".equals(...); a boolean arrives as its text


def _keycloak_words(words: list[Word]) -> dict[str, object]:
    """A sentence, or kcadm.sh update realms/x -s smtpServer.host=... -s smtpServer.port=..."""
    return prose(words) or {w.partition("=")[0]: Word(w.partition("=")[2], w.line) for w in words
                            if w.startswith("smtpServer.") and "=" in w}


def _unset_auth(g: Given) -> bool:
    return g.has("smtpServer.auth") and not g["smtpServer.auth"]


KEYCLOAK = Framework(
    "keycloak", "Keycloak (realm's smtpServer)", "Java",
    tuple(replace(k, name=f"smtpServer.{k.name}", aliases=(k.name, f"smtp_server.{k.name}", *k.aliases)) for k in (
        Key("ssl", _EXACTLY, False), Key("starttls", _EXACTLY, False), port_key(), *other_keys(Role.HOST, "host"),
        Key("user", role=Role.USER, aliases=("auth.username",)),
        Key("password", role=Role.SECRET, aliases=("auth.password",)), Key("auth", _EXACTLY, role=Role.AUTH),
        Key("timeout", role=Role.TIMEOUT, unit_s=0.001), *other_keys(Role.OTHER, "from", "fromDisplayName", "replyTo",
                                                                     "replyToDisplayName", "envelopeFrom"))),
    (Rule(IMPLICIT, "ssl is 'true', which sets ssl.enable: TLS starts at once, and starttls plays no part",
          lambda g: g["smtpServer.ssl"], _PROPERTIES),
     Rule(OPPORTUNISTIC, "starttls is 'true', which sets starttls.enable alone: STARTTLS where it is offered",
          lambda g: g["smtpServer.starttls"], _PROPERTIES),
     Rule(PLAIN, "neither ssl nor starttls is 'true'", source=_PROPERTIES)),
    (Release("via Jakarta Mail 2.0.0", (26, 9)),),
    {IMPLICIT: _REALM % ',\n  "ssl": "true"', OPPORTUNISTIC: _REALM % ',\n  "starttls": "true"', PLAIN: _REALM % "",
     REQUIRED: NotPossible("Keycloak sets starttls.enable, never starttls.required: STARTTLS stays optional")},
    ("command", "code", "yaml", "assignments"), (),
    (Note("contradiction", "smtpServer.starttls", "ssl and starttls are both on: ssl wins, and STARTTLS is never asked"
          " for. Switch starttls off on 465, ssl off on 587",
          lambda g: g["smtpServer.ssl"] and g["smtpServer.starttls"], _PROPERTIES),
     Note("opportunistic", "smtpServer.starttls", "Keycloak sets starttls.enable, never starttls.required: where"
          " STARTTLS is missing from the EHLO reply, mail and password cross in clear, and nothing says so. Use ssl on"
          " 465",
          lambda g: g.mode is OPPORTUNISTIC, _PROPERTIES)),
    password_in_clear=lambda g: False if _unset_auth(g) else None, unoffered=Unoffered.SKIPS,
    waits=(Waits(10, source="DefaultEmailSenderProvider.java mail.smtp.timeout"),), errors=ERRORS,
    words=_keycloak_words, expand=not_read, namespace=r"(?:smtpServer|smtp_server)\.\w*(?:tls|ssl)\w*$",
    says={"ssl": {"ssl": "true"}, "starttls": {"starttls": "true"}},
)
FRAMEWORKS = (JAKARTA, SPRING, JENKINS, KEYCLOAK)
