"""mutt: the URL's scheme chooses TLS at once, and ssl_force_tls, on by default, overrules ssl_starttls.

Sources: muttrc(5) and mutt's smtp.c (smtp_open, smtp_fill_account). mutt 2.2.12 was run against loopback servers.
"""

from __future__ import annotations

import re
import shlex

from ..keys import Key, Values, keys
from ..model import Framework, Given, Mode, Note, Outcome, Release, Timeout
from ..reading import Word
from ..values import OneOf
from ..vocabulary import (
    both,
    error,
    given,
    if_login_fails,
    implicit,
    no_certificate_check,
    opportunistic,
    password_in_clear,
    plain,
    required,
)
from .options import take_url

_MUTT = "muttrc(5) smtp_url, ssl_force_tls, ssl_starttls; live"
_IGNORED = "mutt reports an error in the line and keeps the default"
MUTT_KEYS = keys(
    host="host smtp_url", port="port",
    mode=(
        Key("ssl_force_tls", OneOf(("yes", "no"), any_case=True, otherwise=_IGNORED)),
        Key("ssl_starttls", OneOf(("yes", "no", "ask-yes", "ask-no"), any_case=True, otherwise=_IGNORED)),
    ),
    user="user smtp_user", secret="password smtp_pass imap_pass", auth="smtp_authenticators smtp_oauth_refresh_command",
    check="ssl_verify_host ssl_verify_dates ssl_verify_partial_chains ssl_ca_certificates_file ssl_usesystemcerts"
    " certificate_file",
    other="connect_timeout sendmail ssl_ciphers ssl_client_cert ssl_min_dh_prime_bits ssl_use_sslv2 ssl_use_sslv3"
    " ssl_use_tlsv1 ssl_use_tlsv1_1 ssl_use_tlsv1_2 ssl_use_tlsv1_3 ssl_verify_host_override",
)
_COMMANDS = {"set", "unset", "reset", "toggle"}
_NEXT = re.compile(r"[;,](?=(?:set|unset|reset|toggle)\Z|(?:smtp|ssl)_\w{2,30}=|\Z)")


def _mutt_words(words: list[Word]) -> Values:
    """`set name=value name = value noname`, `unset name`; also inside a hook's quotes, or separated by commas."""
    parts = [Word(part, w.line) for w in words for part in _NEXT.split(w) if part]
    values: Values = {}
    command = "set"
    at = 0
    while at < len(parts):
        word, following = parts[at], parts[at + 1] if at + 1 < len(parts) else ""
        at += 1
        if word in _COMMANDS:
            command = word
        elif " " in word and word.split()[0] in _COMMANDS:
            values |= _mutt_words([Word(w, word.line) for w in _split(word)])
        elif word.startswith(("smtp://", "smtps://")):  # the URL, or the scheme of one, without its name
            values["smtp_url"] = word
        else:
            name, equals, value = word.partition("=")
            if not equals and following.startswith("="):
                at += 1
                equals, value = "=", following[1:]
                if not value and at < len(parts) and parts[at].line == word.line:
                    value = parts[at]
                    at += 1
            if not equals and name.startswith("no") and name[2:] in MUTT.by_name:
                name, value = name[2:], "no"
            elif not equals:
                value = "no" if command == "unset" else "yes"
            if command in ("reset", "toggle"):
                values.pop(name, None)
            elif name in MUTT.by_name or re.fullmatch(r"(?:smtp|ssl)_\w{2,30}", name):
                values[name] = Word(value, word.line)
    return values


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _mutt_values(values: Values) -> Values:
    for name, value in values.items():
        if isinstance(value, bool):
            values[name] = "yes" if value else "no"
    take_url(values, "smtp_url")
    return values


def _scheme(g: Given) -> str:
    return str(g.raw("smtp_url")).partition("://")[0] if g.has("smtp_url") else "smtp"


def _force(g: Given) -> bool:
    return g["ssl_force_tls"] == "yes" or (not g["ssl_force_tls"] and g.numbers >= (2,))


def _mutt_logs_in(g: Given) -> bool:
    return not g.has("host") or g.has("user", "smtp_user")  # a scheme alone is taken to log in


_MUTT_RULES = if_login_fails((
    error("smtp_url has to start with smtp:// or smtps://: \"Invalid SMTP URL\"",
          lambda g: _scheme(g) not in ("smtp", "smtps"), "mutt smtp.c smtp_fill_account"),
    implicit("smtps://: TLS starts at once", lambda g: _scheme(g) == "smtps", _MUTT),
    required("ssl_force_tls is yes (the default since mutt 2.0): STARTTLS or nothing", _force, _MUTT),
    opportunistic("ssl_starttls is not no: STARTTLS where it is offered", lambda g: g["ssl_starttls"] != "no", _MUTT),
    plain("ssl_force_tls and ssl_starttls are both no: mutt never starts TLS", source=_MUTT),
), _mutt_logs_in)
_MUTT_NOTES = (
    Note("ineffective", "ssl_starttls", "ssl_starttls = no changes nothing while ssl_force_tls is yes (the default"
         " since mutt 2.0): STARTTLS is demanded all the same",
         lambda g: g.mode is Mode.REQUIRED and g["ssl_starttls"] == "no", _MUTT),
    *(Note("redundant", name, f"{name} is about smtp://: with smtps:// TLS is there from the start",
           both(given(name), lambda g: g.mode is Mode.IMPLICIT), _MUTT) for name in ("ssl_force_tls", "ssl_starttls")),
    Note("default", "ssl_force_tls", "ssl_force_tls is yes by default since mutt 2.0: with smtp:// STARTTLS is"
         " required", lambda g: _scheme(g) == "smtp" and _force(g) and not g.has("ssl_force_tls", "ssl_starttls"),
         _MUTT),
    Note("redundant", "ssl_starttls", "this only makes mutt ask before STARTTLS; \"no\" as the answer sends everything"
         " in clear", lambda g: g.mode is Mode.OPPORTUNISTIC and str(g["ssl_starttls"]).startswith("ask"),
         "muttrc(5) ssl_starttls"),
    Note("auth-incomplete", "smtp_url", "without a name in smtp_url (smtp://name@host) mutt does not log in",
         lambda g: not _mutt_logs_in(g) and g.mode is not Mode.ERROR, "mutt smtp.c smtp_open"),
    Note("ineffective", "smtp_url", "without smtp_url mutt gives its mail to $sendmail, and these settings have no part"
         " in it", lambda g: not g.has("smtp_url"), "muttrc(5) smtp_url"),
    no_certificate_check("ssl_verify_host", lambda g: str(g.raw("ssl_verify_host")).lower() == "no", "muttrc(5)",
                         "ssl_verify_host = no: the name in the certificate is not checked"),
    password_in_clear("smtp_pass", _mutt_logs_in, "mutt smtp.c", "mutt sends the password in clear to a server that"
                      " offers AUTH without TLS"),
)
_URL = 'set smtp_url = "%s://you@{host}:{port}/"'
MUTT = Framework(
    name="mutt", title="mutt", ecosystem="Command line", keys=MUTT_KEYS, rules=_MUTT_RULES,
    comment="#", named_by=("mutt", "neomutt", "muttrc"),
    releases=(Release("2.2.12 (GnuTLS)", (2, 2, 12)),),
    forms=lambda g: {Mode.IMPLICIT: _URL % "smtps",
                     Mode.REQUIRED: _URL % "smtp" + "\nset ssl_force_tls = yes" * (g.numbers < (2,)),
                     Mode.OPPORTUNISTIC: _URL % "smtp" + "\nset ssl_force_tls = no" * (g.numbers >= (2,)),
                     Mode.PLAIN: _URL % "smtp" + "\nset ssl_force_tls = no\nset ssl_starttls = no"},
    read=("command",), aliases=("neomutt", "muttrc"), notes=_MUTT_NOTES,
    default_port=lambda g: 465 if _scheme(g) == "smtps" else 25,
    credentials=_mutt_logs_in, password_in_clear=_mutt_logs_in, waits=(Timeout(None),),
    errors={Outcome.WRONG_VERSION_NUMBER: "gnutls_handshake: An unexpected TLS packet was received.",
            Outcome.STARTTLS_NOT_OFFERED: "SMTP session failed: 502 ..."},
    namespace=r"^(?:smtp|ssl)_\w+$", expand=_mutt_values, words=_mutt_words,
    says={"smtp://": {"smtp_url": "smtp://you@host"}, "smtps://": {"smtp_url": "smtps://you@host"},
          "ssl_force_tls = no": {"smtp_url": "smtp://you@host", "ssl_force_tls": "no"}},
)
