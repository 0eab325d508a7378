"""git send-email: two words for encryption, and every other word means none.

Sources: git-send-email(1) and git-send-email.perl of 2.39.5, which was run against loopback servers.
"""

from __future__ import annotations

import re

from ..keys import Key, Values, keys, spelled
from ..model import Framework, Given, Mode, Note, NotPossible, Outcome, Release, Timeout
from ..reading import Word
from ..values import OneOf
from ..vocabulary import (
    error,
    given,
    if_login_fails,
    implicit,
    no_certificate_check,
    password_in_clear,
    plain,
    required,
)
from .options import FLAG, command_of, options, port_of, take_address

_MANUAL = "git-send-email(1) --smtp-encryption; live"
_ENCRYPTION = OneOf(("tls", "ssl", ""), otherwise="any word but tls and ssl, in small letters, means no encryption at"
                    " all")


def _spellings(name: str) -> tuple[str, ...]:
    """A key's other names, of its section and its option."""
    dashed = re.sub(r"([A-Z])", r"-\1", name).lower()
    return tuple(n for n in dict.fromkeys((name.lower(), dashed, "--" + dashed, "sendemail." + name.lower()))
                 if n != name)


_OF_THE_WRONG_SECTION = "smtpEncryption smtpServer smtpServerPort smtpUser smtpPass smtpAuth from to".split()
KEYS = (
    *keys(host="host"), *spelled(_spellings, keys(
        mode=Key("smtpEncryption", _ENCRYPTION, ""), host="smtpServer", port="smtpServerPort", user="smtpUser",
        secret="smtpPass", auth="smtpAuth", check="smtpSslCertPath smtpSslClientCert smtpSslClientKey",
        other="sendmailCmd smtpDomain smtpBatchSize smtpReloginDelay smtpServerOption smtpDebug from to cc bcc confirm"
              " annotate suppressCc identity")),
    *keys(mode=Key("smtpssl", FLAG, before=(2, 33)),
          other="--smtp-encryption=",  # an option with nothing behind its sign
          secret=Key("[sendmail]", aliases=tuple(  # SECRET, since whatever stands there is not to be shown
              f"sendmail.{n}" for name in _OF_THE_WRONG_SECTION for n in dict.fromkeys((name, name.lower()))))),
)
_TAKES = {"smtp-encryption", "smtp-server", "smtp-server-port", "smtp-server-option", "smtp-user", "smtp-auth",
          "smtp-ssl-cert-path", "smtp-domain", "sendmail-cmd", "to", "cc", "bcc", "from", "subject", "in-reply-to",
          "envelope-sender", "identity", "confirm", "suppress-cc", "to-cmd", "cc-cmd", "batch-size", "relogin-delay"}
_MAY = {"smtp-pass", "smtp-debug"}
_CONFIGURED = re.compile(r"(sendemail|sendmail)\.(?:[^=]+\.)?([A-Za-z]+)(?:=(.*))?", re.IGNORECASE | re.DOTALL)


def _words(words: list[Word]) -> Values:
    """`git config sendemail.smtpEncryption tls`, `git -c sendemail.x=y`, and the options of git send-email."""
    values: Values = {}
    for at, word in enumerate(words):
        m = _CONFIGURED.fullmatch(word)
        if not m or (at and words[at - 1] in ("--unset", "--unset-all", "--get", "--get-all")):
            continue
        value = m[3]
        if value is None and at + 1 < len(words) and words[at + 1].line == word.line:
            value = words[at + 1]
        name = m[2].lower() if m[1].lower() == "sendemail" else f"sendmail.{m[2].lower()}"
        if value is not None and name in GIT.by_name:
            values[GIT.key(name).name] = Word(value, word.line)
    said, _ = command_of(words, "send-email", "git-send-email")
    for name, value, line in options(said, _TAKES, _MAY):
        if name == "smtp-ssl":
            values["smtpEncryption"] = Word("ssl", line)
        elif name == "no-smtp-auth":
            values["smtpAuth"] = Word("none", line)
        elif name == "smtp-encryption" and value == "" and "--smtp-encryption=" in said:
            values["--smtp-encryption="] = Word("(nothing)", line)
        elif name in _TAKES | _MAY and value is not None and name in GIT.by_name:
            values[GIT.key(name).name] = value
    return values


def _values(values: Values) -> Values:
    if values.get("smtpEncryption") is None:
        values.pop("smtpEncryption", None)
    port = port_of(values.get("smtpServerPort"))
    if port:
        values["smtpServerPort"] = port
    if isinstance(values.get("smtpServer"), str) and not _is_program(values["smtpServer"]):
        take_address(values, "smtpServer", port="smtpServerPort")
    return values


def _is_program(server: object) -> bool:
    return str(server).startswith(("/", "~"))


def _no_smtp(g: Given) -> bool:
    return g.has("sendmailCmd") or g.has("smtpServer") and _is_program(g.raw("smtpServer"))


def _logs_in(g: Given) -> bool:
    return str(g.raw("smtpAuth")).lower() != "none"


_RULES = if_login_fails((
    error("git takes --smtp-encryption= with nothing behind it for an argument of format-patch, and stops;"
          ' for no encryption write --smtp-encryption ""', given("--smtp-encryption="), "live"),
    error("the section is called sendemail, with an e: git refuses to go on with settings in [sendmail]",
          given("[sendmail]"), "git-send-email.perl forbidSendmailVariables", (2, 29)),
    implicit("smtpEncryption = ssl: TLS starts at once", lambda g: g["smtpEncryption"] == "ssl", _MANUAL),
    implicit("smtpssl is on: TLS starts at once", lambda g: g["smtpssl"] and not g.has("smtpEncryption"),
             "git-send-email(1) of 2.32", before=(2, 33)),
    required("smtpEncryption = tls: STARTTLS or nothing", lambda g: g["smtpEncryption"] == "tls", _MANUAL),
    plain("smtpEncryption is neither tls nor ssl: git never starts TLS", source=_MANUAL),
), _logs_in)
_NOTES = (
    Note("ineffective", "smtpEncryption", "this word is neither tls nor ssl, so it is the same as none: the mail goes"
         " in clear", lambda g: g.has("smtpEncryption") and g["smtpEncryption"] is None and g.mode is Mode.PLAIN,
         _MANUAL),
    password_in_clear("smtpEncryption", _logs_in, says="git sends the password in clear to a server that offers AUTH"
                      " without TLS"),
    Note("default-port", "smtpServerPort", "without smtpServerPort git connects to port 25 with tls, not to 587",
         lambda g: g.mode is Mode.REQUIRED and g.port_given is None, "git-send-email.perl"),
    no_certificate_check("smtpSslCertPath", lambda g: g.has("smtpSslCertPath") and g.raw("smtpSslCertPath") == "",
                         "git-send-email.perl ssl_verify_params", "an empty smtpSslCertPath: the certificate is not"
                         " checked"),
    Note("ineffective", "smtpEncryption", "smtpServer (or sendmailCmd) names a program: git runs it and speaks no SMTP,"
         " so smtpEncryption has no part in it", _no_smtp, "git-send-email(1) --smtp-server"),
    Note("auth-incomplete", "smtpUser", "without smtpUser git does not log in",
         lambda g: (g.has("smtpServer") and not g.has("smtpUser") and not _no_smtp(g)) or not _logs_in(g),
         "git-send-email.perl smtp_auth_maybe"),
)
_FORM = "[sendemail]\n\tsmtpServer = {host}\n\tsmtpServerPort = {port}"
GIT = Framework(
    name="git send-email", title="git send-email", ecosystem="Command line", keys=KEYS, rules=_RULES,
    comment="#", named_by=("git send-email", "git-send-email", "sendemail", ".gitconfig"),
    releases=(Release("2.39.5", (2, 39, 5)),),
    forms={Mode.IMPLICIT: _FORM + "\n\tsmtpEncryption = ssl", Mode.REQUIRED: _FORM + "\n\tsmtpEncryption = tls",
           Mode.OPPORTUNISTIC: NotPossible("git knows tls (STARTTLS or nothing), ssl (TLS at once) and no encryption"),
           Mode.PLAIN: _FORM},
    read=("assignments", "command"), aliases=("git", "git-send-email", "sendemail", "gitconfig"), notes=_NOTES,
    default_port=lambda g: 465 if g["smtpEncryption"] == "ssl" else 25,
    credentials=_logs_in, password_in_clear=_logs_in, waits=(Timeout(120),),
    errors={Outcome.WRONG_VERSION_NUMBER: "Unable to initialize SMTP properly. Check config and use --smtp-debug.",
            Outcome.HANG: "Unable to initialize SMTP properly. Check config and use --smtp-debug.",
            Outcome.STARTTLS_NOT_OFFERED: "STARTTLS failed!", Outcome.REFUSED_NEEDS_TLS: "Command unknown: 'AUTH'",
            Outcome.AUTH_NOT_OFFERED: "Command unknown: 'AUTH'"},
    any_case=True, namespace=r"(?i)^sendemail\.(?:.+\.)?smtp\w*$", expand=_values, words=_words,
    says={"smtpEncryption = tls": {"smtpEncryption": "tls"}, "smtpEncryption = ssl": {"smtpEncryption": "ssl"},
          "smtpEncryption = starttls": {"smtpEncryption": "starttls"}},
)
