"""Postfix's smtp(8), as the client of a relay.

Sources: postconf(5), TLS_README, SASL_README and Postfix's src/smtp (smtp_tls_policy.c, smtp_sasl_glue.c); HISTORY
20250623 for the default since 3.11. Postfix 3.7.11 was run against loopback servers.
"""

from __future__ import annotations

import re

from ..keys import Key, Role, Values, keys
from ..model import Framework, Given, Mode, Note, Outcome, Release, Timeout, Unoffered, numbers
from ..reading import Word
from ..values import OneOf
from ..vocabulary import (
    both,
    error,
    given,
    hangs,
    if_login_fails,
    implicit,
    in_clear,
    no_certificate_check,
    opportunistic,
    plain,
    required,
    switched_on,
)
from .options import take_address, take_seconds

_TLS_README, _OBSOLETE = "postconf(5), TLS_README; live", "postconf(5); live"
_BOOL = OneOf(("yes", "no"), any_case=True, otherwise='Postfix takes only yes and no, and stops with "bad boolean'
              ' configuration"')
_LEVEL = OneOf(("", "none", "may", "encrypt", "dane", "dane-only", "fingerprint", "verify", "secure"), any_case=True,
               otherwise='Postfix stops with "invalid TLS level"')
_BOOLEANS = ("smtp_tls_wrappermode", "smtp_use_tls", "smtp_enforce_tls", "smtp_tls_enforce_peername",
             "smtp_sasl_auth_enable")
_CHECKS = ("smtp_tls_CAfile", "smtp_tls_CApath", "smtp_tls_fingerprint_cert_match", "smtp_tls_fingerprint_digest",
           "smtp_tls_secure_cert_match", "smtp_tls_verify_cert_match", "smtp_tls_trust_anchor_file",
           "smtp_tls_scert_verifydepth", "smtp_tls_servername")
_OTHERS = tuple("smtp_tls_" + name for name in """block_early_mail_reply cert_file chain_files ciphers connection_reuse
    dane_insecure_mx_policy dcert_file dkey_file eccert_file eckey_file enable_rpk enforce_sts_mx_patterns
    exclude_ciphers force_insecure_host_tlsa_lookup key_file loglevel mandatory_ciphers mandatory_exclude_ciphers
    mandatory_protocols note_starttls_offer per_site policy_maps protocols session_cache_database
    session_cache_timeout""".split()) + ("smtp_starttls_timeout", "smtp_connect_timeout")
_SASL = ("smtp_sasl_security_options", "smtp_sasl_tls_security_options", "smtp_sasl_tls_verified_security_options",
         "smtp_sasl_mechanism_filter", "smtp_sasl_type", "smtp_sasl_path", "smtp_sasl_auth_soft_bounce",
         "smtp_sasl_auth_cache_name", "smtp_sasl_auth_cache_time", "smtp_sender_dependent_authentication")
_CLIENT = ("smtp_tls_security_level", *_BOOLEANS, *_CHECKS, *_OTHERS, *_SASL, "smtp_sasl_password_maps")
# The same names with smtpd_ are about mail that comes in, with lmtp_ about another client.
_FOR_OTHERS = tuple(dict.fromkeys(prefix + n[5:] for n in _CLIENT for prefix in ("smtpd_", "lmtp_"))) + (
    "smtpd_tls_auth_only", "smtpd_tls_received_header", "smtpd_sasl_local_domain", "smtpd_sasl_authenticated_header")
_SERVERS = ("smtpd_tls_security_level", "smtpd_use_tls", "smtpd_enforce_tls", "smtpd_tls_wrappermode")
POSTFIX_KEYS = keys(
    mode=(
        Key("smtp_tls_security_level", _LEVEL, ""),
        Key("smtp_tls_wrappermode", _BOOL, "no", since=(3,)),
        Key("smtp_enforce_tls", _BOOL, "no"),
        Key("smtp_use_tls", _BOOL, "no"),
    ),
    check=(Key("smtp_tls_enforce_peername", _BOOL, "yes"), *_CHECKS),
    auth=(Key("smtp_sasl_auth_enable", _BOOL, "no"), *_SASL),
    secret="smtp_sasl_password_maps", host="host relayhost", port="port", timeout="smtp_helo_timeout",
    other=("default_transport relay_transport transport_maps sender_dependent_relayhost_maps compatibility_level"
           " smtp_dns_support_level", *_OTHERS, *_FOR_OTHERS),
)


def _postfix_values(values: Values) -> Values:
    for name, value in list(values.items()):
        if isinstance(value, bool):
            values[name] = "yes" if value else "no"
        elif isinstance(value, str):  # master.cf: -o a=b -o c=d
            value, *more = re.split(r"\s+-o\s+", value)
            values[name] = value.strip()
            values |= {k.strip(): v.strip() for k, eq, v in (m.partition("=") for m in more)
                       if eq and k.strip() in POSTFIX.by_name and POSTFIX.key(k.strip()).role is not Role.SECRET}
    for name in ("default_transport", "relay_transport", "relayhost"):
        if str(values.get(name, "")).startswith("smtp:"):
            values[name] = str(values[name])[5:]
        if name == "relayhost" or re.match(r"\[|[\w.-]+:\w", str(values.get(name, ""))):
            take_address(values, name)
    take_seconds(values, "smtp_helo_timeout")
    # The obsolete settings first: each is left out on trial in this order, and the level overrules them.
    old = {n: values[n] for n in ("smtp_use_tls", "smtp_enforce_tls") if n in values}
    return old | values


def _postfix_words(words: list[Word]) -> Values:
    """`postconf -e 'a = b' c=d`."""
    pairs = (word.partition("=") for word in words)
    return {name.strip(): value.strip() for name, equals, value in pairs if equals and name.strip() in POSTFIX.by_name}


def _yes(g: Given, name: str) -> bool:
    return g[name] == "yes"


def _level(g: Given) -> str:
    """The TLS level in force, with the obsolete settings taken into account."""
    if g["smtp_tls_security_level"]:
        level = str(g["smtp_tls_security_level"])
        return "may" if level == "dane" and not _dnssec(g) else level
    if _yes(g, "smtp_enforce_tls"):
        return "verify" if _yes(g, "smtp_tls_enforce_peername") else "encrypt"
    if _yes(g, "smtp_use_tls"):
        return "may"
    new = g.numbers >= (3, 11) and numbers(str(g.raw("compatibility_level"))) >= (3, 11)
    return "may" if new and not g.has("smtp_tls_security_level") else "none"


def _dnssec(g: Given) -> bool:
    return g.raw("smtp_dns_support_level") == "dnssec"


def _sasl(g: Given) -> bool:
    return _yes(g, "smtp_sasl_auth_enable")


def _forbids_plain(g: Given, *names: str) -> bool:
    """Whether SASL options forbid PLAIN and LOGIN; the first of these settings that is given counts."""
    said = next((str(g.raw(n)) for n in names if g.has(n)), "noplaintext, noanonymous")
    return "noplaintext" in said


def _no_mechanism(g: Given) -> bool:
    return _sasl(g) and _forbids_plain(g, "smtp_sasl_tls_security_options", "smtp_sasl_security_options")


def _sent_in_clear(g: Given) -> bool:
    return _sasl(g) and not _forbids_plain(g, "smtp_sasl_security_options")


_REQUIRING = ("encrypt", "fingerprint", "verify", "secure", "dane-only")
_POSTFIX_RULES = if_login_fails((
    error('Postfix takes only yes or no here, and stops with "bad boolean configuration"',
          lambda g: any(g.has(n) and g[n] is None for n in _BOOLEANS), "Postfix mail_conf_bool.c"),
    error('Postfix does not know this level and stops with "invalid TLS level"',
          lambda g: g.has("smtp_tls_security_level") and g["smtp_tls_security_level"] is None, "Postfix smtp.c"),
    error("dane-only needs smtp_dns_support_level = dnssec; without it all mail is deferred",
          lambda g: _level(g) == "dane-only" and not _dnssec(g), "Postfix smtp_tls_policy.c dane_init"),
    error("smtp_tls_wrappermode needs smtp_tls_security_level = encrypt (or stronger); without it mail is deferred",
          lambda g: _yes(g, "smtp_tls_wrappermode") and _level(g) in ("none", "may"), _TLS_README),
    implicit("smtp_tls_wrappermode = yes: TLS starts at once", lambda g: _yes(g, "smtp_tls_wrappermode"), _TLS_README),
    required("the security level demands TLS: STARTTLS, or the mail stays in the queue",
             lambda g: _level(g) in _REQUIRING, _TLS_README),
    opportunistic("the security level is may (or dane): STARTTLS where it is offered",
                  lambda g: _level(g) in ("may", "dane"), _TLS_README),
    plain("no security level is set, or none: Postfix never starts TLS", source=_TLS_README),
), lambda g: not _no_mechanism(g), Outcome.AUTH_NOT_OFFERED)
_POSTFIX_NOTES = (
    Note("port-mismatch", "smtp_tls_wrappermode", "port 465 needs smtp_tls_wrappermode = yes (since Postfix 3.0) and"
         " smtp_tls_security_level = encrypt", lambda g: hangs(g) and g.port % 1000 == 465, _TLS_README),
    Note("contradiction", "smtp_tls_wrappermode", 'Postfix says: smtp_tls_wrappermode requires "smtp_tls_security_level'
         ' = encrypt" (or stronger)', lambda g: _yes(g, "smtp_tls_wrappermode") and _level(g) in ("none", "may"),
         _TLS_README),
    Note("contradiction", "smtp_tls_security_level", "this level is too weak for smtp_tls_wrappermode: encrypt or"
         " stronger", lambda g: _yes(g, "smtp_tls_wrappermode") and g["smtp_tls_security_level"] in ("none", "may"),
         _TLS_README),
    Note("redundant", "smtp_tls_security_level", "none is what holds without it, before Postfix 3.11",
         lambda g: g["smtp_tls_security_level"] == "none" and g.mode is Mode.PLAIN
         and not g.has("smtp_use_tls", "smtp_enforce_tls"), _TLS_README, (), (3, 11)),
    no_certificate_check("smtp_tls_security_level", lambda g: _level(g) in ("may", "encrypt"), _TLS_README,
                         "this level does not check the certificate; secure (or verify) does"),
    Note("auth-not-possible", "smtp_sasl_security_options", "the default, noplaintext, forbids PLAIN and LOGIN even"
         ' under TLS ("no mechanism available"). Set smtp_sasl_tls_security_options = noanonymous: it allows the'
         " password under TLS only", _no_mechanism, "SASL_README; live"),
    Note("password-in-clear", "smtp_sasl_security_options", "these options allow the password without TLS as well;"
         " leave them out and set smtp_sasl_tls_security_options = noanonymous instead",
         lambda g: _sent_in_clear(g) and in_clear(g), "live"),
    Note("fallback-in-clear", "smtp_tls_security_level", "with may, mail (and a password) also goes on in clear where"
         " STARTTLS is answered by 454", lambda g: g.mode is Mode.OPPORTUNISTIC, "live"),
    Note("auth-incomplete", "smtp_sasl_auth_enable", "smtp_sasl_auth_enable needs smtp_sasl_password_maps",
         lambda g: _sasl(g) and not g["smtp_sasl_password_maps"], "SASL_README"),
    Note("auth-incomplete", "smtp_sasl_password_maps", "without smtp_sasl_auth_enable = yes Postfix never logs in",
         lambda g: bool(g["smtp_sasl_password_maps"]) and not _sasl(g), "SASL_README"),
    Note("obsolete", "smtp_use_tls", "smtp_use_tls is obsolete: write smtp_tls_security_level = may",
         given("smtp_use_tls"), _OBSOLETE),
    Note("obsolete", "smtp_enforce_tls", "smtp_enforce_tls is obsolete: write smtp_tls_security_level = encrypt, or"
         " verify: it checks the certificate's name too (smtp_tls_enforce_peername, on by default)",
         given("smtp_enforce_tls"), _OBSOLETE),
    *(Note("ineffective", name, f"{name} is ignored where smtp_tls_security_level is set",
           both(given(name), lambda g: g["smtp_tls_security_level"]), _OBSOLETE)
      for name in ("smtp_use_tls", "smtp_enforce_tls")),
    *(Note("wrong-side", name, f"{name} is about mail that this server receives; what it sends follows the smtp_"
           " settings, without a d",
           both(given(name), lambda g: not g.has("smtp_tls_security_level", "smtp_use_tls", "smtp_enforce_tls")),
           "postconf(5)") for name in _SERVERS),
    Note("mx-lookup", "relayhost", "without [brackets] around its name, mail goes to the MX hosts of relayhost",
         lambda g: re.match(r"[A-Za-z]", str(g.raw("relayhost"))) and g.has("relayhost"), "postconf(5) relayhost"),
    *(Note("elsewhere", name, f"{name} may say otherwise for this destination; it is not read here", switched_on(name),
           "postconf(5)") for name in ("smtp_tls_policy_maps", "smtp_tls_per_site", "transport_maps",
                                       "sender_dependent_relayhost_maps")),
)
_RELAY = "relayhost = [{host}]:{port}\nsmtp_tls_security_level = "
POSTFIX = Framework(
    name="postfix", title="Postfix (as a client of a relay)", ecosystem="Mail servers", keys=POSTFIX_KEYS,
    named_by=("postfix", "main.cf", "postconf"),
    rules=_POSTFIX_RULES, releases=(Release("3.7.11", (3, 7, 11)),),
    forms={Mode.IMPLICIT: _RELAY + "encrypt\nsmtp_tls_wrappermode = yes", Mode.REQUIRED: _RELAY + "encrypt",
           Mode.OPPORTUNISTIC: _RELAY + "may", Mode.PLAIN: _RELAY + "none"},
    read=("assignments", "command"),
    aliases=("main.cf", "postconf"), notes=_POSTFIX_NOTES, unoffered=Unoffered.SKIPS, credentials=_sasl,
    password_in_clear=_sent_in_clear, waits=(Timeout(300, source="postconf -d smtp_helo_timeout"),),
    errors={Outcome.WRONG_VERSION_NUMBER: "SSL_connect error ... wrong version number; status=deferred (Cannot start"
            " TLS: handshake failure)", Outcome.STARTTLS_NOT_OFFERED: "status=deferred (TLS is required, but was not"
            " offered by host ...)", Outcome.AUTH_NOT_OFFERED: "SASL authentication failed; cannot authenticate to"
            " server ...: no mechanism available"}, namespace=r"^(?:.*\.)?smtp_(?:tls|sasl|use|enforce)_?\w+$",
    expand=_postfix_values, words=_postfix_words,
    says={"smtp_tls_security_level = may": {"smtp_tls_security_level": "may"},
          "smtp_tls_security_level = encrypt": {"smtp_tls_security_level": "encrypt"},
          "smtp_use_tls = yes": {"smtp_use_tls": "yes"}, "smtp_enforce_tls = yes": {"smtp_enforce_tls": "yes"},
          "smtp_tls_wrappermode = yes (with encrypt)": {
              "smtp_tls_wrappermode": "yes", "smtp_tls_security_level": "encrypt"}},
)
