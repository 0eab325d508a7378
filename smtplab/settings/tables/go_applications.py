"""Applications in Go: Grafana, Prometheus Alertmanager, and Gitea with Forgejo, which reads the same settings.

Sources: grafana pkg/services/notifications/smtp.go (createDialer, getStartTLSPolicy), pkg/setting/setting_smtp.go;
alertmanager notify/email/email.go (Notify, auth), commit bc26ebb5e; gitea modules/setting/mailer.go (loadMailerFrom),
services/mailer/mailer.go (smtpSender.Send) of 1.18 to 1.2x, and the Send of 1.17 before it. Alertmanager 0.25 was run,
and Grafana's mail.v2; Gitea was read.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..keys import Key, keys, spelled
from ..model import Forms, Framework, Given, Mode, Note, NotPossible, Outcome, Release, Unoffered
from ..values import ABSENT, Complaint, OneOf, Switch, shown
from ..vocabulary import (
    error,
    given,
    if_login_fails,
    implicit,
    in_clear,
    mail_in_clear,
    no_certificate_check,
    not_empty,
    opportunistic,
    plain,
    required,
    switched_on,
)
from .go import FLAG, GO_BOOL, MAIL_ERRORS, NO_GREETING_TIMEOUT, NO_TLS_RECORD, login_in_clear, port_in
from .options import environment

_WITH_PORT = re.compile(r"(?:\[[^\]]*\]|[^:\[\]]*):\w+")  # net.SplitHostPort


def _without_port(g: Given, name: str) -> bool:
    """Whether the port that "host:port" needs is missing, and the caller gave none either."""
    value = str(g.raw(name)).strip()
    return g.has(name) and g.port_given is None and value not in ("", "(computed)") and not _WITH_PORT.fullmatch(value)


def _like_465(g: Given) -> bool:
    return g.port != 465 and g.port % 1000 == 465


# Grafana

_GRAFANA = "grafana pkg/services/notifications/smtp.go; mail.v2 live"
_POLICIES = ("", "OpportunisticStartTLS", "MandatoryStartTLS", "NoStartTLS")


def _variable(name: str) -> tuple[str]:
    """The environment variable of a key."""
    return (f"GF_SMTP_{name.removeprefix('smtp.').upper()}",)


_grafana_logs_in = not_empty("user")
_GRAFANA_FORM = "[smtp]\nenabled = true\nhost = {host}:{port}"
GRAFANA = Framework(
    name="grafana", title="Grafana", ecosystem="Go",
    comment="#", named_by=("grafana", "grafana.ini"),
    keys=(
        *keys(port="(port)"),
        *spelled(_variable, keys(
            mode=Key("startTLS_policy", OneOf(_POLICIES, otherwise="it counts as OpportunisticStartTLS"), "",
                     since=(7, 1)),
            host="host", user="user", secret="password", check=Key("skip_verify", GO_BOOL),
            # A bare "enabled" is in every section.
            other=(Key("smtp.enabled", GO_BOOL), "cert_file key_file from_address from_name ehlo_identity"
                                                 " smtp.enable_tracing"))),
    ),
    rules=if_login_fails((
        error("host must be host:port: without a port Grafana says \"missing port in address\" when it sends",
              lambda g: _without_port(g, "host"), _GRAFANA),
        implicit("port 465: TLS starts at once, and startTLS_policy is not looked at", lambda g: g.port == 465,
                 _GRAFANA),
        plain("startTLS_policy is NoStartTLS: STARTTLS is never used", lambda g: g["startTLS_policy"] == "NoStartTLS",
              _GRAFANA),
        required("startTLS_policy is MandatoryStartTLS: STARTTLS or nothing",
                 lambda g: g["startTLS_policy"] == "MandatoryStartTLS", _GRAFANA),
        opportunistic("no policy (or one that isn't known): STARTTLS where it is offered; TLS at once is for port 465"
                      " alone", source=_GRAFANA),
    ), _grafana_logs_in),
    releases=(Release("2023-2025", (10,)),),
    forms={Mode.IMPLICIT: _GRAFANA_FORM, Mode.REQUIRED: _GRAFANA_FORM + "\nstartTLS_policy = MandatoryStartTLS",
           Mode.OPPORTUNISTIC: _GRAFANA_FORM, Mode.PLAIN: _GRAFANA_FORM + "\nstartTLS_policy = NoStartTLS"},
    read=("yaml", "assignments", "command", "code"), aliases=("grafana.ini", "gf_smtp"),
    notes=(
        Note("ineffective", "startTLS_policy", "on port 465 TLS starts at once, and startTLS_policy is not looked at",
             lambda g: g.mode is Mode.IMPLICIT and g.has("startTLS_policy") and g["startTLS_policy"], _GRAFANA),
        Note("not-possible", "host", "TLS at once is for port 465 alone: no setting switches it on for port {port}",
             _like_465, _GRAFANA),
        Note("missing-setting", "host", "write the port into host, as in smtp.example.com:587",
             lambda g: g.mode is Mode.ERROR, _GRAFANA),
        Note("not-enabled", "smtp.enabled", "enabled = false: Grafana sends no mail at all",
             lambda g: g.has("smtp.enabled") and not g["smtp.enabled"], "grafana setting_smtp.go"),
        no_certificate_check("skip_verify", switched_on("skip_verify"), _GRAFANA),
        mail_in_clear("user", _grafana_logs_in, _GRAFANA),
        login_in_clear("go-mail/mail auth.go loginAuth"),
        NO_GREETING_TIMEOUT,
    ),
    default_port=lambda g: port_in(g.raw("host")) or 25, unoffered=Unoffered.SKIPS, credentials=_grafana_logs_in,
    password_in_clear=_grafana_logs_in,
    errors=MAIL_ERRORS | {Outcome.CONFIG_ERROR: "address smtp.example.com: missing port in address"}, words=environment,
    namespace=r"^smtp\.\w+$|^GF_SMTP_\w+$|grafana\.ini\.smtp\.\w+$",
    says={"startTLS_policy = MandatoryStartTLS": {"startTLS_policy": "MandatoryStartTLS"}},
)

# Alertmanager

_ALERT, _FORCED = "prometheus/alertmanager notify/email/email.go Notify; live", (0, 31)
_TLS_CONFIGS = ("email_configs.tls_config", "smtp_tls_config")  # a bare tls_config is also a webhook's


class _YamlBool(Switch):
    """true or false, unquoted; anything else is refused, a quoted "false" too."""

    def complaint(self, value: object) -> Complaint | None:
        """Whether it isn't a boolean in YAML."""
        return None if isinstance(value, bool) else Complaint(
            "unknown-value", f"{shown(value)} is a text to YAML: write true or false, without quotes")


_YAML_BOOL = _YamlBool()


def _own_and_global(role: str, own: Key, *camel: str) -> tuple[Key, ...]:
    """A receiver's own setting, and the global one that it overrides, which alone has a default."""
    return keys(**{role: (replace(own, name=f"email_configs.{own.name}", default=ABSENT, aliases=(own.name, *camel)),
                          replace(own, name=f"smtp_{own.name}"))})


def _alert(g: Given, name: str) -> object:
    """A setting: the receiver's own, else the global one; None where neither is given."""
    given = [n for n in (f"email_configs.{name}", f"smtp_{name}") if g.has(n) and g.raw(n) is not None]
    return g[given[0]] if given else None


def _required(g: Given) -> bool:
    return _alert(g, "require_tls") is not False


def _no_boolean(g: Given) -> bool:
    return any(g.has(k.name) and g.raw(k.name) is not None and k.type.complaint(g.raw(k.name))
               for k in g.framework.keys if k.type is _YAML_BOOL)


def _too_new(g: Given) -> bool:
    return g.numbers < _FORCED and any(n.endswith("force_implicit_tls") for n in g.values)


def _smarthost(g: Given) -> object:
    return _alert(g, "smarthost") or ""


_alert_logs_in = not_empty("smtp_auth_username", "email_configs.auth_username")


def _alert_forms(g: Given) -> Forms:
    bare, new = "global:\n  smtp_smarthost: '{host}:{port}'", g.numbers >= _FORCED
    said = "\n  smtp_force_implicit_tls: "
    # A translation may want what the port doesn't give.
    at_once, later = (said + "true", "") if g.port != 465 else ("", said + "false")
    if g.values or not new:
        at_once = later = ""
    return {Mode.IMPLICIT: bare + (at_once if new else "\n  smtp_require_tls: false"), Mode.REQUIRED: bare + later,
            Mode.OPPORTUNISTIC: NotPossible("Alertmanager either requires STARTTLS or never uses it"),
            Mode.PLAIN: bare + "\n  smtp_require_tls: false" + later}


ALERTMANAGER = Framework(
    name="alertmanager", title="Prometheus Alertmanager", ecosystem="Go",
    comment="#", named_by=("alertmanager", "alertmanager.yml", "email_configs"),
    keys=(*keys(port="(port)",
                check=(*(Key(f"{n}.insecure_skip_verify", FLAG) for n in _TLS_CONFIGS),
                       "smtp_tls_config.server_name smtp_tls_config.ca_file"),
                other="smtp_from smtp_hello email_configs.to email_configs.from email_configs.hello"),
          *_own_and_global("mode", Key("require_tls", _YAML_BOOL, True), "requireTLS"),
          *_own_and_global("mode", Key("force_implicit_tls", _YAML_BOOL, since=_FORCED), "forceImplicitTLS"),
          *_own_and_global("host", Key("smarthost")), *_own_and_global("user", Key("auth_username"), "authUsername"),
          *_own_and_global("secret", Key("auth_password"), "authPassword"),
          *_own_and_global("secret", Key("auth_secret"), "authSecret"),
          *_own_and_global("auth", Key("auth_identity"), "authIdentity"),
          *_own_and_global("auth", Key("auth_password_file")), *_own_and_global("auth", Key("auth_secret_file"))),
    rules=if_login_fails((
        error("require_tls and force_implicit_tls take true or false, unquoted: Alertmanager doesn't load this",
              _no_boolean, "alertmanager config/config.go; yaml"),
        error("force_implicit_tls is new in 0.31, and Alertmanager loads no file with a setting it doesn't know",
              _too_new, "alertmanager config.Load: yaml.UnmarshalStrict", (), _FORCED),
        error("smtp_smarthost must be host:port: Alertmanager doesn't load this",
              lambda g: _without_port(g, "email_configs.smarthost") or (
                  not g.has("email_configs.smarthost") and _without_port(g, "smtp_smarthost")),
              "alertmanager config HostPort.UnmarshalYAML"),
        implicit("port 465 starts TLS at once, and then require_tls (true by default) demands STARTTLS inside it, which"
                 " no server offers there", lambda g: g.port == 465 and _required(g), _ALERT, (), _FORCED,
                 Outcome.STARTTLS_NOT_OFFERED),
        implicit("port 465 starts TLS at once; with require_tls false nothing more is demanded",
                 lambda g: g.port == 465, _ALERT, (), _FORCED),
        implicit("force_implicit_tls is true: TLS starts at once, whatever the port",
                 lambda g: _alert(g, "force_implicit_tls") is True, "alertmanager commit bc26ebb5e", _FORCED),
        implicit("port 465: TLS starts at once, and since 0.31 require_tls is not asked there",
                 lambda g: g.port == 465 and _alert(g, "force_implicit_tls") is None, "alertmanager commit bc26ebb5e",
                 _FORCED, inferred=True),
        required("require_tls is true (the default): STARTTLS or nothing", _required, _ALERT),
        plain("require_tls is false: STARTTLS is never used, even where it is offered", source=_ALERT),
    ), _alert_logs_in),
    releases=(Release("0.25.0 (Debian)", (0, 25, 0)), Release("0.31+", _FORCED)),
    forms=_alert_forms, read=("yaml", "code"), aliases=("prometheus alertmanager", "prometheus", "alertmanager.yml"),
    notes=(
        Note("contradiction", "smtp_require_tls", "on port 465 say smtp_require_tls: false (up to 0.30): TLS is there"
             " from the first byte, and require_tls asks for STARTTLS on top", lambda g: g.port == 465 and _required(g),
             _ALERT, (), _FORCED),
        Note("misleading-name", "smtp_require_tls", "smtp_require_tls: false looks like \"no TLS\", but is needed on"
             " port 465 up to 0.30: there the port itself switches TLS on",
             lambda g: g.port == 465 and not _required(g), _ALERT, (), _FORCED),
        Note("no-tls", "smtp_require_tls", "require_tls: false means no STARTTLS at all, even where it is offered:"
             " everything goes in clear", lambda g: g.mode is Mode.PLAIN, _ALERT),
        Note("not-possible", "smtp_smarthost", "up to 0.30 TLS at once is for port 465 alone; since 0.31"
             " smtp_force_implicit_tls: true switches it on for port {port}", _like_465, _ALERT, (), _FORCED),
        Note("not-inferred", "smtp_smarthost", "only port 465 means TLS at once: for port {port} say"
             " smtp_force_implicit_tls: true", lambda g: _like_465(g) and g.mode is not Mode.IMPLICIT, _ALERT, _FORCED),
        Note("auth-incomplete", "smtp_auth_username", "a user name without smtp_auth_password (or its _file): \"missing"
             " password for PLAIN auth mechanism\"",
             lambda g: g.mode is not Mode.ERROR and _alert_logs_in(g) and g.has(
                 "smtp_auth_username", "email_configs.auth_username") and not any(
                 g.has(f"{p}auth_{n}") for p in ("smtp_", "email_configs.") for n in (
                     "password", "secret", "password_file", "secret_file")), "email.go auth()"),
        no_certificate_check("smtp_tls_config.insecure_skip_verify",
                             lambda g: any(g.has(n) and g[n] for n in (
                                               f"{c}.insecure_skip_verify" for c in _TLS_CONFIGS)), "email.go"),
        login_in_clear("email.go loginAuth"),
    ),
    default_port=lambda g: port_in(_smarthost(g)) or 25, unoffered=Unoffered.SKIPS, credentials=_alert_logs_in,
    password_in_clear=_alert_logs_in,
    errors=lambda g: {Outcome.WRONG_VERSION_NUMBER: "establish TLS connection to server: " + NO_TLS_RECORD,
                      Outcome.STARTTLS_NOT_OFFERED: "'require_tls' is true (default) but \"smtp.example.com:465\" does"
                      " not advertise the STARTTLS extension",
                      Outcome.REFUSED_NEEDS_TLS: "send MAIL command: 530 5.7.0 Must issue a STARTTLS command first",
                      Outcome.AUTH_MISSING: "send MAIL command: 530 5.7.0 Authentication required",
                      Outcome.CONFIG_ERROR: "yaml: unmarshal errors: cannot unmarshal !!str into bool" if _no_boolean(g)
                      else "yaml: unmarshal errors: field smtp_force_implicit_tls not found in type config.plain"
                      if _too_new(g) else "address smtp.example.com: missing port in address"},
    namespace=r"^(?:.*\.)?smtp_(?!tls_config)\w+$", unknown_is="Alertmanager then refuses the whole file",
    says={"smtp_require_tls: true": {"smtp_require_tls": True},
          "smtp_force_implicit_tls: true": {"smtp_force_implicit_tls": True}},
)


_SETTING, _SENDER = "gitea modules/setting/mailer.go", "gitea services/mailer/mailer.go"
_PROTOCOLS = (1, 18)  # PROTOCOL, SMTP_ADDR and SMTP_PORT came with it
_NO_SMTP = ("sendmail", "dummy", "smtp+unix")
_KNOWN = ("", "smtp", "smtps", "smtp+starttls", *_NO_SMTP)
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


def _in_mailer(name: str) -> tuple[str, ...]:
    """A key's other names: with its section, and in the environment."""
    return (f"mailer.{name}", *(f"{app}__{section}__{name}" for app in ("GITEA", "FORGEJO")
                                for section in ("mailer", "MAILER")))


_GITEA_KEYS = (
    *spelled(_in_mailer, keys(
        mode=(Key("PROTOCOL", OneOf(_KNOWN, otherwise="it counts as unset, and the port decides"), since=_PROTOCOLS),
              Key("IS_TLS_ENABLED", GO_BOOL)),
        port="SMTP_PORT", host="SMTP_ADDR HOST", user="USER", secret="PASSWD",
        check=(Key("FORCE_TRUST_SERVER_CERT", GO_BOOL), Key("SKIP_VERIFY", GO_BOOL)),
        other="MAILER_TYPE FROM ENVELOPE_FROM SUBJECT_PREFIX SEND_AS_PLAIN_TEXT ENABLE_HELO HELO_HOSTNAME"
              " USE_CLIENT_CERT CLIENT_CERT_FILE CLIENT_KEY_FILE SENDMAIL_PATH SENDMAIL_ARGS"
              " SENDMAIL_TIMEOUT SENDMAIL_CONVERT_CRLF SEND_BUFFER_LEN")),
    # The last three are of other sections, and would pass for the mailer's.
    *keys(other=(Key("mailer.ENABLED", GO_BOOL, aliases=("GITEA__mailer__ENABLED", "FORGEJO__mailer__ENABLED")),
                 "server.PROTOCOL cache.HOST session.HOST")),
)


def _protocol(g: Given) -> str:
    """PROTOCOL, or what the older keys mean; "" where the port decides."""
    said = g["PROTOCOL"] if g.has("PROTOCOL") else ""
    if g.raw("PROTOCOL") == "smtp+startls":  # a slip of 1.18, still read
        return "smtp+starttls"
    if said or g.has("PROTOCOL"):
        return said or ""
    if g.raw("MAILER_TYPE") == "sendmail":
        return "sendmail"
    if g.has("IS_TLS_ENABLED"):
        return "smtps" if g["IS_TLS_ENABLED"] else "smtp+starttls"
    return ""


def _guessed(g: Given) -> bool:
    return g.numbers >= _PROTOCOLS and not _protocol(g)


def _default_port(g: Given) -> int:
    named = None if g.has("SMTP_ADDR") else port_in(g.raw("HOST"))
    return named or _PORTS.get(_protocol(g), 465 if g.numbers >= _PROTOCOLS else 25)


_logs_in = not_empty("USER")


def _unoffered(g: Given) -> Unoffered:
    return Unoffered.FAILS if g.numbers >= _PROTOCOLS else Unoffered.SKIPS


def _unchecked(g: Given) -> bool:
    return any(g.has(n) and g[n] for n in ("FORCE_TRUST_SERVER_CERT", "SKIP_VERIFY"))


def _forms(g: Given) -> Forms:
    new = "[mailer]\nENABLED = true\nPROTOCOL = %s\nSMTP_ADDR = {host}\nSMTP_PORT = {port}"
    old = "[mailer]\nENABLED = true\nHOST = {host}:{port}"
    required = NotPossible("Gitea goes on in clear where STARTTLS is not offered, and only logs a warning")
    if g.numbers >= _PROTOCOLS:
        return {Mode.IMPLICIT: new % "smtps", Mode.REQUIRED: required, Mode.OPPORTUNISTIC: new % "smtp+starttls",
                Mode.PLAIN: new % "smtp"}
    return {Mode.IMPLICIT: old + "\nIS_TLS_ENABLED = true", Mode.REQUIRED: required, Mode.OPPORTUNISTIC: old,
            Mode.PLAIN: NotPossible("Gitea before 1.18 takes STARTTLS wherever it is offered")}


_RULES = (
    implicit("IS_TLS_ENABLED is true: TLS starts at once", switched_on("IS_TLS_ENABLED"), _SENDER + " of 1.17", (),
             _PROTOCOLS),
    implicit("the port ends in 465: TLS starts at once", lambda g: str(g.port).endswith("465"), _SENDER + " of 1.17",
             (), _PROTOCOLS, inferred=True),
    opportunistic("TLS at once is not asked for: STARTTLS where it is offered", lambda g: True, _SENDER + " of 1.17",
                  (), _PROTOCOLS),
    error("PROTOCOL names no SMTP server: mail is left to a local program, a socket or nobody, and no SMTP connection"
          " is made", lambda g: _protocol(g) in _NO_SMTP, _SENDER),
    implicit("PROTOCOL is smtps (or IS_TLS_ENABLED true, its older name): TLS starts at once",
             lambda g: _protocol(g) == "smtps", _SENDER),
    opportunistic("PROTOCOL is smtp+starttls (or IS_TLS_ENABLED false, its older name): STARTTLS where it is offered,"
                  " else a warning in the log and on in clear", lambda g: _protocol(g) == "smtp+starttls", _SENDER),
    plain("PROTOCOL is smtp: STARTTLS is never used", lambda g: _protocol(g) == "smtp", _SENDER),
    plain("PROTOCOL is not set, and port 25 means smtp: STARTTLS is never used", lambda g: g.port == 25, _SETTING,
          inferred=True),
    opportunistic("PROTOCOL is not set, and port 587 means smtp+starttls: STARTTLS where it is offered",
                  lambda g: g.port == 587, _SETTING, inferred=True),
    implicit("PROTOCOL is not set, and port 465 means smtps: TLS starts at once", lambda g: g.port == 465, _SETTING,
             inferred=True),
    implicit("PROTOCOL is not set, and port {port} says nothing: Gitea logs an error and assumes smtps",
             source=_SETTING, inferred=True),
)
GITEA = Framework(
    name="gitea", title="Gitea (and Forgejo)", ecosystem="Go", keys=_GITEA_KEYS, rules=if_login_fails(_RULES, _logs_in),
    comment="#", named_by=("gitea", "forgejo"),
    releases=(Release("1.2x", (1, 20)),), forms=_forms, read=("yaml", "assignments", "command", "code"),
    aliases=("forgejo", "app.ini"),
    notes=(
        Note("inferred", "PROTOCOL", "PROTOCOL is not set: the port decides (25 smtp, 465 smtps, 587 smtp+starttls)."
             " Write it down", lambda g: _guessed(g) and g.port in (25, 465, 587), _SETTING, _PROTOCOLS),
        Note("inferred", "PROTOCOL", "PROTOCOL is not set and port {port} is none of 25, 465 and 587: smtps is assumed,"
             " and an error logged. Set PROTOCOL", lambda g: _guessed(g) and g.port not in (25, 465, 587), _SETTING,
             _PROTOCOLS),
        Note("no-tls", "PROTOCOL", "smtp never uses STARTTLS, even where it is offered: everything goes in clear. Say"
             " smtp+starttls or smtps", lambda g: g.mode is Mode.PLAIN, _SENDER),
        Note("opportunistic", "PROTOCOL", "STARTTLS is used when it is offered; where it is not, Gitea logs a warning"
             " (\"falling back to regular SMTP\") and goes on in clear. Only smtps on 465 insists on TLS",
             lambda g: g.mode is Mode.OPPORTUNISTIC, _SENDER, _PROTOCOLS),
        Note("renamed", "IS_TLS_ENABLED", "IS_TLS_ENABLED became PROTOCOL in 1.18, and was to go in 1.19: true meant"
             " smtps, and false smtp+starttls, not \"no TLS\". Set PROTOCOL", given("IS_TLS_ENABLED"), _SETTING,
             _PROTOCOLS),
        Note("renamed", "HOST", "HOST became SMTP_ADDR and SMTP_PORT in 1.18", given("HOST"), _SETTING, _PROTOCOLS),
        Note("password-in-clear", "USER", "Gitea tells Go that the server is \"localhost\", and so Go's PLAIN does not"
             " insist on TLS: where STARTTLS is missing the password is sent in clear",
             lambda g: in_clear(g) and _logs_in(g), _SENDER + " smtp.NewClient(conn, \"localhost\")", _PROTOCOLS),
        Note("not-enabled", "mailer.ENABLED", "ENABLED = false: Gitea sends no mail at all",
             lambda g: g.has("mailer.ENABLED") and not g["mailer.ENABLED"], _SETTING),
        no_certificate_check("FORCE_TRUST_SERVER_CERT", _unchecked, _SENDER),
        Note("not-smtp", "PROTOCOL", "this PROTOCOL makes no SMTP connection: how that mail travels is the local"
             " program's business", lambda g: g.mode is Mode.ERROR, _SENDER),
    ),
    default_port=_default_port, unoffered=_unoffered, credentials=_logs_in, password_in_clear=_logs_in,
    errors={Outcome.WRONG_VERSION_NUMBER: "could not initiate SMTP session: " + NO_TLS_RECORD,
            Outcome.REFUSED_NEEDS_TLS: "SMTP server does not support AUTH, but credentials provided",
            Outcome.AUTH_NOT_OFFERED: "SMTP server does not support AUTH, but credentials provided",
            Outcome.AUTH_MISSING: "failed to issue MAIL command: 530 5.7.0 Authentication required"}, words=environment,
    namespace=r"^mailer\.\w+$|^(?:GITEA|FORGEJO)__(?:mailer|MAILER)__\w+$",
    says={f"PROTOCOL = {word}": {"PROTOCOL": word} for word in ("smtps", "smtp+starttls", "smtp")},
)
