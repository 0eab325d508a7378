"""Applications: Grafana and Alertmanager; Gitea, and Mastodon and Discourse on Rails, stand in modules of their own.

Sources: grafana pkg/services/notifications/smtp.go (createDialer, getStartTLSPolicy), pkg/setting/setting_smtp.go;
alertmanager notify/email/email.go (Notify, auth), commit bc26ebb5e. Alertmanager 0.25 was run, and Grafana's mail.v2.
"""

from __future__ import annotations

import re

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
    Outcome,
    Release,
    Role,
    Rule,
    SettingsMode,
    Unoffered,
    other_keys,
    port_key,
)
from ..standard import if_login_fails
from ..values import ABSENT, Complaint, Switch, Words, shown
from .applications_rails import DISCOURSE, MASTODON
from .asking import environment, over_tls, said_empty
from .gitea import GITEA
from .go_dialer import MAIL_ERRORS, NO_GREETING_TIMEOUT
from .go_reading import FLAG, GO_BOOL, NO_TLS_RECORD, login_in_clear, port_in

_WITH_PORT = re.compile(r"(?:\[[^\]]*\]|[^:\[\]]*):\w+")  # net.SplitHostPort


def _without_port(g: Given, name: str) -> bool:
    """Whether "host:port" is due and there is no port; a port that is asked about makes up for it."""
    value = str(g.raw(name)).strip()
    return g.has(name) and g.port_given is None and value not in ("", "(computed)") and not _WITH_PORT.fullmatch(value)


def _like_465(g: Given) -> bool:
    return g.port != 465 and g.port % 1000 == 465


# Grafana

_GRAFANA = "grafana pkg/services/notifications/smtp.go; mail.v2 live"
_POLICIES = ("", "OpportunisticStartTLS", "MandatoryStartTLS", "NoStartTLS")


def _grafana_keys(role: Role, *names: str) -> tuple[Key, ...]:
    return tuple(Key(n, role=role, aliases=(f"GF_SMTP_{n.upper()}",)) for n in names)


def _grafana_logs_in(g: Given) -> bool:
    return not said_empty(g, "user")


_GRAFANA_FORM = "[smtp]\nenabled = true\nhost = {host}:{port}"
GRAFANA = Framework(
    "grafana", "Grafana", "Go",
    (Key("startTLS_policy", Words(_POLICIES, otherwise="it counts as OpportunisticStartTLS"), default="",
         aliases=("GF_SMTP_STARTTLS_POLICY",), since=(7, 1)),
     port_key("(port)"), *_grafana_keys(Role.HOST, "host"), *_grafana_keys(Role.USER, "user"),
     *_grafana_keys(Role.SECRET, "password"),
     Key("skip_verify", GO_BOOL, role=Role.CHECK, aliases=("GF_SMTP_SKIP_VERIFY",)),
     # A bare "enabled" is in every section.
     Key("smtp.enabled", GO_BOOL, role=Role.OTHER, aliases=("GF_SMTP_ENABLED",)),
     *_grafana_keys(Role.OTHER, "cert_file", "key_file", "from_address", "from_name", "ehlo_identity"),
     Key("smtp.enable_tracing", role=Role.OTHER, aliases=("GF_SMTP_ENABLE_TRACING",))),
    if_login_fails((
        Rule(ERROR, "host must be host:port: without a port Grafana says \"missing port in address\" when it sends",
             lambda g: _without_port(g, "host"), _GRAFANA),
        Rule(IMPLICIT, "port 465: TLS starts at once, and startTLS_policy is not looked at", lambda g: g.port == 465,
             _GRAFANA),
        Rule(PLAIN, "startTLS_policy is NoStartTLS: STARTTLS is never used",
             lambda g: g["startTLS_policy"] == "NoStartTLS", _GRAFANA),
        Rule(REQUIRED, "startTLS_policy is MandatoryStartTLS: STARTTLS or nothing",
             lambda g: g["startTLS_policy"] == "MandatoryStartTLS", _GRAFANA),
        Rule(OPPORTUNISTIC, "no policy (or one that isn't known): STARTTLS where it is offered; TLS at once is for port"
             " 465 alone", source=_GRAFANA),
    ), lambda g: not _grafana_logs_in(g)),
    (Release("2023-2025", (10,)),),
    {IMPLICIT: _GRAFANA_FORM, REQUIRED: _GRAFANA_FORM + "\nstartTLS_policy = MandatoryStartTLS",
     OPPORTUNISTIC: _GRAFANA_FORM, PLAIN: _GRAFANA_FORM + "\nstartTLS_policy = NoStartTLS"},
    ("yaml", "assignments", "command", "code"), ("grafana.ini", "gf_smtp"),
    (
        Note("ineffective", "startTLS_policy", "on port 465 TLS starts at once, and startTLS_policy is not looked at",
             lambda g: g.mode is IMPLICIT and g.has("startTLS_policy") and g["startTLS_policy"], _GRAFANA),
        Note("not-possible", "host", "TLS at once is for port 465 alone: no setting switches it on for port {port}",
             _like_465, _GRAFANA),
        Note("missing-setting", "host", "write the port into host, as in smtp.example.com:587",
             lambda g: g.mode is ERROR, _GRAFANA),
        Note("not-enabled", "smtp.enabled", "enabled = false: Grafana sends no mail at all",
             lambda g: g.has("smtp.enabled") and not g["smtp.enabled"], "grafana setting_smtp.go"),
        Note("no-certificate-check", "skip_verify", "the server's certificate is not checked",
             lambda g: over_tls(g) and g.has("skip_verify") and g["skip_verify"], _GRAFANA),
        Note("mail-in-clear", "user", "with no login there is nothing that asks for TLS: where STARTTLS is missing the"
             " mail goes in clear", lambda g: g.mode is OPPORTUNISTIC and not _grafana_logs_in(g), _GRAFANA),
        login_in_clear("go-mail/mail auth.go loginAuth"), NO_GREETING_TIMEOUT,
    ),
    default_port=lambda g: port_in(g.raw("host")) or 25, unoffered=Unoffered.SKIPS, credentials=_grafana_logs_in,
    password_in_clear=_grafana_logs_in,
    errors=MAIL_ERRORS | {Outcome.CONFIG_ERROR: "address smtp.example.com: missing port in address"},
    words=environment, namespace=r"^smtp\.\w+$|^GF_SMTP_\w+$|grafana\.ini\.smtp\.\w+$",
    says={"startTLS_policy = MandatoryStartTLS": {"startTLS_policy": "MandatoryStartTLS"}},
)

# Alertmanager

_ALERT, _FORCED = "prometheus/alertmanager notify/email/email.go Notify; live", (0, 31)
_TLS_CONFIGS = ("email_configs.tls_config", "smtp_tls_config")  # a bare tls_config is also a webhook's


class _YamlBool(Switch):
    """true or false, unquoted; anything else is refused, a quoted "false" too."""

    def complaint(self, value: object) -> Complaint | None:
        """Whatever is no boolean to YAML."""
        return None if isinstance(value, bool) else Complaint(
            "unknown-value", f"{shown(value)} is a text to YAML: write true or false, without quotes")


_YAML_BOOL = _YamlBool()


def _alert_key(own: str, camel: str, role: Role = Role.MODE, **more: object) -> tuple[Key, ...]:
    """A receiver's own setting, and the global one that it overrides."""
    default = more.pop("default", ABSENT)
    return (Key(f"email_configs.{own}", role=role, aliases=(own, *filter(None, [camel])), **more),
            Key(f"smtp_{own}", role=role, default=default, **more))


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


def _alert_logs_in(g: Given) -> bool:
    return not said_empty(g, "smtp_auth_username", "email_configs.auth_username")


def _alert_forms(g: Given) -> dict[SettingsMode, str | NotPossible]:
    bare, new = "global:\n  smtp_smarthost: '{host}:{port}'", g.numbers >= _FORCED
    said = "\n  smtp_force_implicit_tls: "
    # A translation may want what the port doesn't give.
    at_once, later = (said + "true", "") if g.port != 465 else ("", said + "false")
    if g.values or not new:
        at_once = later = ""
    return {IMPLICIT: bare + (at_once if new else "\n  smtp_require_tls: false"), REQUIRED: bare + later,
            OPPORTUNISTIC: NotPossible("Alertmanager either requires STARTTLS or never uses it"),
            PLAIN: bare + "\n  smtp_require_tls: false" + later}


ALERTMANAGER = Framework(
    "alertmanager", "Prometheus Alertmanager", "Go",
    (*_alert_key("require_tls", "requireTLS", type=_YAML_BOOL, default=True),
     *_alert_key("force_implicit_tls", "forceImplicitTLS", type=_YAML_BOOL, since=_FORCED),
     port_key("(port)"), *_alert_key("smarthost", "", Role.HOST),
     *_alert_key("auth_username", "authUsername", Role.USER), *_alert_key("auth_password", "authPassword", Role.SECRET),
     *_alert_key("auth_secret", "authSecret", Role.SECRET), *_alert_key("auth_identity", "authIdentity", Role.AUTH),
     *_alert_key("auth_password_file", "", Role.AUTH), *_alert_key("auth_secret_file", "", Role.AUTH),
     *(Key(f"{n}.insecure_skip_verify", FLAG, role=Role.CHECK) for n in _TLS_CONFIGS),
     *other_keys(Role.CHECK, "smtp_tls_config.server_name", "smtp_tls_config.ca_file"),
     *other_keys(Role.OTHER, "smtp_from", "smtp_hello", "email_configs.to", "email_configs.from",
                 "email_configs.hello")),
    if_login_fails((
        Rule(ERROR, "require_tls and force_implicit_tls take true or false, unquoted: Alertmanager doesn't load this",
             _no_boolean, "alertmanager config/config.go; yaml"),
        Rule(ERROR, "force_implicit_tls is new in 0.31, and Alertmanager loads no file with a setting it doesn't know",
             _too_new, "alertmanager config.Load: yaml.UnmarshalStrict", (), _FORCED),
        Rule(ERROR, "smtp_smarthost must be host:port: Alertmanager doesn't load this",
             lambda g: _without_port(g, "email_configs.smarthost") or (not g.has("email_configs.smarthost")
                                                                       and _without_port(g, "smtp_smarthost")),
             "alertmanager config HostPort.UnmarshalYAML"),
        Rule(IMPLICIT, "port 465 starts TLS at once, and then require_tls (true by default) demands STARTTLS inside it,"
             " which no server offers there", lambda g: g.port == 465 and _required(g), _ALERT, (), _FORCED,
             Outcome.STARTTLS_NOT_OFFERED),
        Rule(IMPLICIT, "port 465 starts TLS at once; with require_tls false nothing more is demanded",
             lambda g: g.port == 465, _ALERT, (), _FORCED),
        Rule(IMPLICIT, "force_implicit_tls is true: TLS starts at once, whatever the port",
             lambda g: _alert(g, "force_implicit_tls") is True, "alertmanager commit bc26ebb5e", _FORCED),
        Rule(IMPLICIT, "port 465: TLS starts at once, and since 0.31 require_tls is not asked there",
             lambda g: g.port == 465 and _alert(g, "force_implicit_tls") is None, "alertmanager commit bc26ebb5e",
             _FORCED, inferred=True),
        Rule(REQUIRED, "require_tls is true (the default): STARTTLS or nothing", _required, _ALERT),
        Rule(PLAIN, "require_tls is false: STARTTLS is never used, even where it is offered", source=_ALERT),
    ), lambda g: not _alert_logs_in(g)),
    (Release("0.25.0 (Debian)", (0, 25, 0)), Release("0.31+", _FORCED)),
    _alert_forms, ("yaml", "code"), ("prometheus alertmanager", "prometheus", "alertmanager.yml"),
    (
        Note("contradiction", "smtp_require_tls", "on port 465 say smtp_require_tls: false (up to 0.30): TLS is there"
             " from the first byte, and require_tls asks for STARTTLS on top", lambda g: g.port == 465 and _required(g),
             _ALERT, (), _FORCED),
        Note("misleading-name", "smtp_require_tls", "smtp_require_tls: false looks like \"no TLS\", but is needed on"
             " port 465 up to 0.30: there the port itself switches TLS on",
             lambda g: g.port == 465 and not _required(g), _ALERT, (), _FORCED),
        Note("no-tls", "smtp_require_tls", "require_tls: false means no STARTTLS at all, even where it is offered:"
             " everything goes in clear", lambda g: g.mode is PLAIN, _ALERT),
        Note("not-possible", "smtp_smarthost", "up to 0.30 TLS at once is for port 465 alone; since 0.31"
             " smtp_force_implicit_tls: true switches it on for port {port}", _like_465, _ALERT, (), _FORCED),
        Note("not-inferred", "smtp_smarthost", "only port 465 means TLS at once: for port {port} say"
             " smtp_force_implicit_tls: true", lambda g: _like_465(g) and g.mode is not IMPLICIT, _ALERT, _FORCED),
        Note("auth-incomplete", "smtp_auth_username", "a user name without smtp_auth_password (or its _file):"
             " \"missing password for PLAIN auth mechanism\"",
             lambda g: g.mode is not ERROR and _alert_logs_in(g) and g.has("smtp_auth_username",
                                                                           "email_configs.auth_username")
             and not any(g.has(f"{p}auth_{n}") for p in ("smtp_", "email_configs.") for n in (
                 "password", "secret", "password_file", "secret_file")), "email.go auth()"),
        Note("no-certificate-check", "smtp_tls_config.insecure_skip_verify", "the server's certificate is not checked",
             lambda g: over_tls(g) and any(g.has(n) and g[n] for n in (
                 f"{c}.insecure_skip_verify" for c in _TLS_CONFIGS)), "email.go"),
        login_in_clear("email.go loginAuth"),
    ),
    default_port=lambda g: port_in(_smarthost(g)) or 25, unoffered=Unoffered.SKIPS, credentials=_alert_logs_in,
    password_in_clear=_alert_logs_in,
    errors=lambda g: {
        Outcome.WRONG_VERSION_NUMBER: "establish TLS connection to server: " + NO_TLS_RECORD,
        Outcome.STARTTLS_NOT_OFFERED: "'require_tls' is true (default) but \"smtp.example.com:465\" does not advertise"
                                      " the STARTTLS extension",
        Outcome.REFUSED_NEEDS_TLS: "send MAIL command: 530 5.7.0 Must issue a STARTTLS command first",
        Outcome.AUTH_MISSING: "send MAIL command: 530 5.7.0 Authentication required",
        Outcome.CONFIG_ERROR: "yaml: unmarshal errors: cannot unmarshal !!str into bool" if _no_boolean(g) else
                              "yaml: unmarshal errors: field smtp_force_implicit_tls not found in type config.plain"
                              if _too_new(g) else "address smtp.example.com: missing port in address"},
    namespace=r"^(?:.*\.)?smtp_(?!tls_config)\w+$", unknown_is="Alertmanager then refuses the whole file",
    says={"smtp_require_tls: true": {"smtp_require_tls": True},
          "smtp_force_implicit_tls: true": {"smtp_force_implicit_tls": True}},
)
FRAMEWORKS = (GRAFANA, ALERTMANAGER, GITEA, MASTODON, DISCOURSE)
