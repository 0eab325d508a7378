"""PHP: Nextcloud, whose one word about TLS goes to Symfony Mailer (since 26) or Swift Mailer.

Sources: Nextcloud lib/private/Mail/Mailer.php getSmtpInstance(), and smtp.config.php of its container image; the
transport below was run against loopback servers.
"""

from __future__ import annotations

from ..keys import Key, Values, keys
from ..model import Forms, Framework, Given, Mode, ModeRule, Note, NotPossible, Release, Timeout, Unoffered
from ..reading import Word
from ..values import PHP
from ..vocabulary import both, given, no_certificate_check
from .symfony import SWIFT_ERRORS, swift_rules, transport_errors, transport_rules


def _secure(g: Given) -> object:
    return g.raw("SMTP_SECURE") if g.has("SMTP_SECURE") else g.raw("mail_smtpsecure")


def _secure_given(g: Given) -> bool:
    return g.has("SMTP_SECURE", "mail_smtpsecure")


def _occ(words: list[Word]) -> Values:
    """One or more calls of `occ config:system:set mail_smtpsecure --value=ssl`."""
    found: Values = {}
    names: list[str] | None = None
    for word, following in zip(words, [*words[1:], Word("", 0)], strict=True):
        if word in ("config:system:set", "config:system:delete"):
            names = []
        elif word.startswith("--value") and names:
            value = word.partition("=")[2] if "=" in word else following
            found[".".join(names)] = Word(value, word.line)
            names = None
        elif names is not None and not word.startswith("-"):
            names.append(word)
    return found


_STREAM = tuple(f"mail_smtpstreamoptions.ssl.{name}" for name in ("verify_peer", "verify_peer_name"))
_SYMFONY_SINCE = (26,)
_NEXTCLOUD = "Nextcloud lib/private/Mail/Mailer.php getSmtpInstance()"
_SWIFT = NotPossible("Nextcloud up to 25 uses STARTTLS always or never")
_NEXTCLOUD_FORM = "'mail_smtphost' => '{host}',\n'mail_smtpport' => {port},"


def _nextcloud_forms(g: Given) -> Forms:
    ssl, tls = (f"{_NEXTCLOUD_FORM}\n'mail_smtpsecure' => '{word}'," for word in ("ssl", "tls"))
    if g.numbers < _SYMFONY_SINCE:
        return {Mode.IMPLICIT: ssl, Mode.REQUIRED: tls, Mode.OPPORTUNISTIC: _SWIFT, Mode.PLAIN: _NEXTCLOUD_FORM}
    return {Mode.IMPLICIT: ssl, Mode.OPPORTUNISTIC: _NEXTCLOUD_FORM,
            Mode.REQUIRED: NotPossible("Nextcloud has no setting that requires STARTTLS: it is used where it is"
                                       " offered. Use port 465"),
            Mode.PLAIN: NotPossible("Nextcloud has no setting that leaves STARTTLS out where it is offered")}


def _off(g: Given, *names: str) -> bool:
    return any(g.has(n) and not PHP.read(g.raw(n)) for n in names)


NEXTCLOUD = Framework(
    name="nextcloud", title="Nextcloud", ecosystem="PHP",
    comment="//", named_by=("nextcloud", "owncloud", "occ"),
    keys=keys(
        mode="SMTP_SECURE mail_smtpsecure", port="mail_smtpport|SMTP_PORT", host="mail_smtphost|SMTP_HOST",
        user="mail_smtpname|SMTP_NAME", secret="mail_smtppassword|SMTP_PASSWORD",
        auth=(Key("mail_smtpauth", PHP), "mail_smtpauthtype|SMTP_AUTHTYPE"),
        check=(*_STREAM, "mail_smtpstreamoptions.ssl.allow_self_signed"), timeout="mail_smtptimeout",
        other="mail_smtpmode mail_from_address mail_domain mail_smtpdebug mail_sendmailmode mail_template_class"
              " mail_smtpstreamoptions"
        " mail_send_plaintext_only MAIL_FROM_ADDRESS MAIL_DOMAIN",
    ),
    rules=(
        *(ModeRule(r.mode, r.because, both(lambda g: g.numbers < _SYMFONY_SINCE, r.when), r.source)
          for r in swift_rules(_secure)),
        *(r for r in transport_rules(lambda g: _secure(g) == "ssl") if r.mode not in (Mode.PLAIN, Mode.REQUIRED)),
    ),
    releases=(Release("25 on Swift Mailer 6", (25,)), Release("(2024 code) on Symfony Mailer 7.0.4", (30,))),
    forms=_nextcloud_forms, read=("code", "assignments", "command"),
    notes=(
        Note("redundant", "mail_smtpsecure", "an empty mail_smtpsecure is not \"no TLS\": port 465 means TLS at once,"
             " and elsewhere STARTTLS is used where it is offered", lambda g: _secure_given(g) and not _secure(g),
             _NEXTCLOUD, _SYMFONY_SINCE),
        Note("ineffective", "mail_smtpsecure", "only 'ssl' is looked at: 'tls' or anything else does not require"
             " STARTTLS, and the port decides (465: TLS at once; else STARTTLS where it is offered)",
             lambda g: _secure_given(g) and _secure(g) not in ("ssl", "", None, False), _NEXTCLOUD, _SYMFONY_SINCE),
        Note("ineffective", "mail_smtpauthtype", "mail_smtpauthtype is not read since Nextcloud 26: Symfony"
             " Mailer goes by an order of its own, through the methods that the server offers",
             given("mail_smtpauthtype"), f"{_NEXTCLOUD}; symfony/mailer EsmtpTransport.php constructor, handleAuth()",
             _SYMFONY_SINCE),
        Note("auth-incomplete", "mail_smtpauth", "mail_smtpname is set, but mail_smtpauth is not true: Nextcloud never"
             " logs in", lambda g: g.has("mail_smtpname") and g.has("mail_smtpauth") and not g["mail_smtpauth"],
             _NEXTCLOUD),
        Note("not-smtp", "mail_smtpmode", "mail_smtpmode is not smtp: mail is left to the sendmail program, and none of"
             " these settings is read",
             lambda g: g.has("mail_smtpmode") and str(g.raw("mail_smtpmode")) not in ("smtp", ""), _NEXTCLOUD),
        no_certificate_check("mail_smtpstreamoptions", lambda g: _off(g, *_STREAM), _NEXTCLOUD),
    ),
    default_port=lambda g: 465 if g.has("SMTP_SECURE") and g.raw("SMTP_SECURE") else 25, unoffered=Unoffered.SKIPS,
    waits=(Timeout(10, source=_NEXTCLOUD),),
    errors=lambda g: SWIFT_ERRORS if g.numbers < _SYMFONY_SINCE else transport_errors(
        "Connection could not be established with host ..."),
    namespace=r"^(?:\w+\.)*mail_smtp\w+$", words=_occ,
    says={f"mail_smtpsecure '{word}'": {"mail_smtpsecure": word} for word in ("ssl", "tls", "")},
)
