"""Which mode a setting's words mean, as people give them beside an error: `SMTPSecure=ssl`, "STARTTLS", "none"."""

from __future__ import annotations

import re

from .patterns import LazyPattern, any_of, group

# A mode that a person says is not used ("switched from STARTTLS") doesn't count.
_FORMERLY = LazyPattern(
    r"\(?(?:switched from|changed from|instead of|rather than|\(not|, not) [\w/.-]{1,30}\)?", re.IGNORECASE)
_NOT = r"\W{0,5}(?:false|off|no|never|none|0)\b"
_AT_ONCE = any_of(
    group(
        r"secure",
        r"ssl",
        r"(?<!start)(?<!start_)(?<!require)(?<!require_)(?<!ignore)(?<!ignore_)tls",
    ) + r"\W{1,5}(?:true|yes|1|on)\b",
    r"smtps://",
)
_NOT_AT_ONCE = rf"^(?!.*(?:{_AT_ONCE})).*"
# Settings with one meaning each, in small letters; the first that fits decides.
_FIXED = tuple((mode, LazyPattern(pattern, re.DOTALL)) for mode, pattern in (
    # Settings about STARTTLS have no effect with TLS at once.
    ("implicit", rf"^(?=.*(?:{_AT_ONCE})).*" + group(
        rf"start.?tls(?:_auto)?{_NOT}",
        r"\btls\W{1,5}never\b",
        r"ignore_?tls",
        r"requiretls",
        r"--ssl-reqd",
    )),
    ("implicit", any_of(
        r"(?:tls|ssl).?on.?connect",  # swaks and Exim
        r"(?<![\w-])--?tlsc\b",  # swaks
        r"wrappermode\W{1,3}yes",  # Postfix
        r"^(?!.*\btls\W{1,3}off).*tls_starttls\W{1,3}off",  # msmtp
    )),
    ("plain", any_of(
        r"\bno[ _-]?start_?tls",  # go-mail and Grafana
        r"security_?level\W{1,4}none",  # Postfix
        r"(?:socketoptions|security|encryption)\W{1,4}(?:none|off|disabled)\b",  # MailKit, Thunderbird, Vaultwarden
    )),
    ("plain", _NOT_AT_ONCE + group(
        rf"ignore_?tls(?!{_NOT})",  # nodemailer
        r"\btls\W{1,5}never\b",  # gen_smtp
        rf"enable_?start_?tls(?:_auto)?{_NOT}",  # Ruby
        rf"(?<![a-z])(?:tls|ssl){_NOT}.*start.?tls{_NOT}",  # both ways into TLS turned off
        rf"start.?tls{_NOT}.*(?<![a-z])(?:tls|ssl){_NOT}",
    )),
    ("starttls", any_of(
        r"tls_?mandatory",  # go-mail
        r"tls_?opportunistic",
        r"security_?level\W{1,4}(?:encrypt|may|verify|secure|dane)",  # Postfix
        r"smtp-?encryption\W{1,4}tls\b",  # git
        r"(?<![\w-])--?tls(?:os?)?(?![\w-])",  # swaks
    )),
    ("starttls", _NOT_AT_ONCE + group(
        r"--ssl-reqd\b",  # curl
        r"\bcurl\b.*--ssl\b",
        rf"requiretls(?!{_NOT})",  # nodemailer
        r"\btls\W{1,5}(?:always|if_available)\b",  # gen_smtp
    )),
))
# Settings and words of people, in small letters, where none of the above fits.
_PLAIN = LazyPattern(any_of(
    r"builder_dangerous",  # lettre
    r"tls::none",
    r"ignore_?tls\W{0,3}true",
    r"\bnotls\b",
    r"(?:use|enable)_?tls\W{0,3}(?:false|0|missing|off)[^a-z]{0,3}$",
    r"(?:use|enable)_?tls\W{0,3}(?:false|0|off), no",
    r"no start_?tls",
    r"secureconnection\W{1,3}false$",
))
_STARTTLS_SET = LazyPattern(any_of(
    r"\bstarttls used",
    r"secure\W{1,3}false\W.{0,20}starttls",  # nodemailer
    r"secure\W{0,3}=\W{0,3}[\"']?tls\b",  # PHPMailer
    r"email_use_tls\W{0,3}true",  # Django
    r"tls::(?:required|opportunistic)",  # lettre
    r"crypto\W{0,3}=\W{0,3}[\"']?tls\b",  # CodeIgniter
    r"require_?tls\W{0,3}true",
))
_NO_TLS = LazyPattern(any_of(
    r"enablessl\W{0,3}(?:false|0)",  # .NET
    r"secure\W{1,3}false",
    r"no (?:ssl|tls|encryption|starttls)",
    r"^(?:none|plain|no|off|false|0)\b(?! auth| login| password)",
))
# Settings that mean STARTTLS on a port where TLS does not come first: Laravel's, msmtp's.
_BY_THE_PORT = LazyPattern(r"mail_encryption\W{1,4}tls\b|^tls on$")
# Words by themselves.
_STARTTLS = LazyPattern(r"start.?tls|explicit|enablessl", re.IGNORECASE)
_STARTTLS_OFF = LazyPattern(rf"start.?tls(?:[._](?:auto|enabled?|required?))?{_NOT}", re.IGNORECASE)
_IMPLICIT = LazyPattern(any_of(
    r"smtps",
    r"\bimplicit",
    r"wrapper",
    r"ssl.?on.?connect",
    r"smtp_ssl",
    r"smtpssl",
    r"\brelay\(\)",  # lettre
    r"secure.{0,14}(?:true|always on)",
    r"(?:use_?|is_?|enable_?)?ssl\b",
    r"\bSSL/TLS",
    r"force_?tls",
), re.IGNORECASE)
_OFF = LazyPattern(
    r"\b(?:false|off|no|none|never|disabled?|0|null|nil|plain(?:text)?|unencrypted|clear)\b", re.IGNORECASE)


def mode_of(words: str | None, port: int | None = None) -> str | None:
    """The mode that a mode's name or the words of a setting mean: implicit, starttls, plain, or None if unreadable.

    "TLS" alone means implicit TLS in some programs and STARTTLS in others (`smtplab settings --words`), on every port:
    it is not known. Laravel's `MAIL_ENCRYPTION=tls` and msmtp's `tls on` are STARTTLS where `port` is not 465.
    """
    words = _FORMERLY.sub(" ", str(words or "")[:300]).strip()
    if not words:
        return None
    low = words.lower()
    if low in ("implicit", "starttls", "plain"):
        return low
    if low.startswith(("starttls-", "starttls_", "opportunistic")):
        return "starttls"
    fixed = next((mode for mode, pattern in _FIXED if pattern.search(low)), None)
    if fixed:
        return fixed
    if "ignored" in low or "=> plaintext" in low or "=> false" in low or _PLAIN.search(low):
        return "plain"
    if _STARTTLS_SET.search(low):
        return "starttls"
    if _NO_TLS.search(low) and "starttls auto" not in low:
        return "plain"
    if _STARTTLS.search(words) and not _STARTTLS_OFF.search(words):
        return "starttls"
    if _IMPLICIT.search(words) and not _OFF.search(words):
        return "implicit"
    if port not in (None, 465) and _BY_THE_PORT.search(low):
        return "starttls"
    return None
