"""Secrets in logs and settings: found by the words around them, and replaced by `(secret)`."""

from __future__ import annotations

import base64
import binascii
import re

from .patterns import LazyPattern, any_of, group

HIDDEN = "(secret)"

# --- what the patterns are made of ---

# The name of a setting or field that holds a secret.
_KEY = group(
    # English, and its abbreviations
    r"(?<!by)pass(?:word|wd|phrase|code)?(?!ed|ing|es\b)",
    r"passwort",
    r"pwd",
    r"secret",
    # other languages
    r"kennwort",
    r"contrase[nñ]a",
    r"senha",
    r"wachtwoord",
    r"has[łl]o",
    r"пароль",
    r"パスワード",
    r"密码",
    r"密碼",
    r"비밀번호",
    # what programs call it
    r"(?<![a-z])(?:smtp|mail|auth|user)?pw(?![a-z])",
    r"(?<!unexpected )(?<!invalid )token",
    r"api[_-]?key",
    r"credentials?",
    r"auth[_-]?key",
    r"private[_-]?key",
) + r"\w{0,20}"
# On the line after its name a value stands alone, or in quotes; other words there are the program's.
_NEXT_LINE = r"[ \t]{0,3}\r?\n\s{0,12}(?=" + any_of(
    r"[bu]?[\"']",
    r"[\[{(]",
    r"(?:[a-z]{4} ){3}[a-z]{4}\b",
    r"[^\s,;]{1,300}[ \t,;]{0,8}(?:\r?\n|\Z)",
) + ")"
# What stands between a name and its value.
_PUT = rf"[\"'\]]{{0,2}}\s{{0,3}}(?:=>|:=|=|：|:(?!:))(?:{_NEXT_LINE}|[ \t]{{0,3}})"
# Words that an error says after "password:"; everything else may be one.
_SAYS = any_of(
    r"\s{0,3}" + group(
        *"command not is was are invalid incorrect wrong expired failed failure required missing error".split(),
        r"authentication", r"unexpected", r"no such", r"rejected", r"denied",
    ) + r"\b",
    r"\s{0,3}[45]\d\d[ -]",
    r"\s{0,3}\(secret\)",
)
_NO_ERROR = f"(?!{_SAYS})"
# Words about a password that are not the password.
_STATES = any_of(*(
    "correct right ok okay fine good bad set unset empty blank sent used given stored saved encrypted known new old "
    "different same changed reset accepted refused valid weak disabled needed there").split())
# A value that begins with a quote or bracket ends with it, or with its line; four groups of four letters are an app
# password.
_VALUE = group(
    r"[\[{(][^\])}\n]{0,300}[\])}]?",
    r"[bu]?\"(?:[^\"\\\n]|\\.){0,300}\"?",
    r"[bu]?'(?:[^'\\\n]|\\.){0,300}'?",
    r"[a-z]{4}(?: [a-z]{4}){3}\b",
    r"[^\s\"']\S{0,300}",
)
_QUOTED = r"(?P<quote>\"{3}|'{3}|[\"'`])(?:\\.|(?!(?P=quote))[^\\\n]){0,300}(?P=quote)"
_MECHANISMS = any_of(
    *"PLAIN LOGIN XOAUTH2 OAUTHBEARER CRAM-MD5 DIGEST-MD5 NTLM GSSAPI".split(),
    r"SCRAM-SHA-\d{1,3}(?:-PLUS)?",
    r"EXTERNAL",
    r"MSN",
)
# What may stand after a mechanism's name besides an initial response.
_TALK = any_of(*(
    "failed failure command trace suppressed mechanisms? method authentication error with succeeded successful over "
    "rejected disabled supported available unavailable requires? for and but the not is was auth returned accepted "
    "SIZE 8BITMIME on by to in or as at").split())


def _after(pattern: str, flags: int = 0) -> tuple[LazyPattern, str]:
    """Keep the pattern's first group, and hide the rest of what it matches."""
    return LazyPattern(pattern, flags), r"\1" + HIDDEN


# --- the patterns, and what is put in the place of what they match ---

_REPLACED = (
    (LazyPattern(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,8000}?(?:-----END [A-Z ]{0,30}-----|$)"), HIDDEN),
    # AUTH with an initial response; the answer to a challenge on its own line; other base64 that a client sends.
    _after(
        rf"(\bAUTH[ \t=]{{1,3}}(?:{_MECHANISMS})[ \t]{{1,3}})"
        rf"(?!(?:{_MECHANISMS}|{_TALK})\b)([A-Za-z0-9+/=_-]{{2,}})", re.IGNORECASE),
    _after(
        r"(\b334[ -](?:VXNlcm5hbWU6|UGFzc3dvcmQ6|VXNlciBOYW1lAA==|UGFzc3dvcmQA)"
        r"[^\w\n]{1,12}(?:(?:C|CLIENT|send|SERVER)[^\w\n]{1,8}){0,2})([A-Za-z0-9+/]{2,}={0,2})"),
    _after(
        r"(?m)((?:^|\s)(?:CLIENT -> SERVER|C|send|<-|->|~>|>>)[:\s\"'b]{1,5})"
        r"([A-Za-z0-9+/]{3,}={1,2})(?=[\"'\s\\]|$)"),
    # A URL's user and password.
    (LazyPattern(r"(?<=://)([^\s/:]{0,100}):\S{1,300}@(?=[\w\[])"), r"\1:" + HIDDEN + "@"),
    # Postfix's sasl_passwd, also as grep shows it.
    _after(
        r"(?m)((?:^|sasl_passwd:)[ \t]{0,8}" + group(
            r"\[[\w.-]{1,100}\](?::\w{1,8})?[ \t]{1,20}[^\s:]{1,100}",
            r"[\w.-]{1,100}(?::\w{1,8})?[ \t]{1,20}[^\s:@]{1,100}@[^\s:@]{1,100}",
        ) + r":)(\S{1,300})(?=[ \t]{0,8}$)"),
    # A setting alone on its line: the whole rest is the value, blanks and all.
    _after(
        rf"(?m)(^[ \t>#*+|$-]{{0,12}}[\w.\[\]\"'$>-]{{0,60}}?{_KEY}{_PUT})"
        rf"{_NO_ERROR}([^\s\"'][^\n\"'={{}}:,]{{0,300}})$", re.IGNORECASE),
    # A setting anywhere, an XML element, a name and a value as two attributes, a name and a value with a blank.
    _after(rf"({_KEY}{_PUT}){_NO_ERROR}{_VALUE}", re.IGNORECASE),
    _after(
        r"(<[\w:.-]{0,40}(?:pass(?:word|wd)?|secret|token)[\w:.-]{0,20}(?:\s[^<>\n]{0,100})?>)([^<\n]{1,300})",
        re.IGNORECASE),
    _after(
        rf"((?:key|name)[\"']?\s{{0,3}}[=:]\s{{0,3}}[\"']?[\w.:-]{{0,60}}?{_KEY}[\"']?,?\s{{1,40}}"
        rf"[\"']?value[\"']?\s{{0,3}}[=:]\s{{0,3}}){_VALUE}", re.IGNORECASE),
    _after(
        r"(?m)(^[ \t]{0,12}(?:password|passwd|[\w.]{0,40}(?:smtp|[._])pass(?:word|wd)?)[ \t]{1,8})"
        rf"{_NO_ERROR}(\S{{1,300}})(?=[ \t]{{0,8}}$)", re.IGNORECASE),
    # Prompts and logs; a call that is given the password, or its name and then itself; a table's row.
    _after(
        r"(?m)(^\W{0,12}(?:(?:please )?enter )?(?:password|pass ?phrase) for [^\n]{1,200}?:[ \t]{1,3})"
        rf"{_NO_ERROR}([^\n]{{1,300}})$", re.IGNORECASE),
    _after(
        rf"(\bpass(?:word|wd|phrase) (?:is |was )?)(?!['\"\[](?:{_SAYS}))"
        rf"(?:{_QUOTED}|\[[^\]\n]{{1,300}}\])", re.IGNORECASE),
    _after(
        "(?m)(" + any_of(
            rf"{_KEY}(?<!authentication)\(\s{{0,3}}",
            rf"(?:\w\(\s{{0,3}}|^\s{{0,12}})[\"'][\w.-]{{0,60}}?{_KEY}[\"'],\s{{1,3}}",
        ) + f"){_QUOTED}", re.IGNORECASE),
    (LazyPattern(
        rf"(\|[ \t]{{1,20}}[\w.-]{{0,60}}?{_KEY}[ \t]{{1,20}}\|[ \t]{{1,20}})[^|\s][^|\n]{{0,300}}(?=\|)",
        re.IGNORECASE), r"\1" + HIDDEN + " "),
    # A sentence about one: behind "password" stands a word with letters and digits, or after "is" the last word.
    _after(
        rf"(\bpass(?:word|wd|phrase|code)(?: (?:is|was|to|=+>|-+>?))? ){_NO_ERROR}"
        r"(?=[^\s\d]{0,300}\d)(?=[^\sa-z]{0,300}[a-z]|\d{6})(?![\w.-]{0,60}@)"
        r"[^\s\"'(\[<]{5,300}", re.IGNORECASE),
    _after(
        rf"(?m)(\bpass(?:word|wd|phrase|code) (?:is|was) ){_NO_ERROR}(?!(?:{_STATES})\b)"
        r"[^\s\"'(\[<.]{1,300}(?=[.!]?[ \t]{0,8}$)", re.IGNORECASE),
    _after(
        r"(\b(?:login|auth)[:=]? {0,3}(?:\"[^\"\n]{1,100}\"|'[^'\n]{1,100}')[ \t/:]{1,3})"
        r"(?:\"[^\"\n]{1,300}\"|'[^'\n]{1,300}')", re.IGNORECASE),
    # A form's label, and the line below it.
    _after(
        rf"(?m)(^[ \t>#*|-]{{0,12}}(?:(?:your|smtp|mail|user|e-mail) ){{0,2}}{_KEY}[ \t]{{0,8}}\r?\n[ \t]{{0,12}})"
        rf"{_NO_ERROR}(?!{_KEY}|user|login|(?:{_STATES})\b)"
        r"[^\s\"':=(){}\[\],<>]{4,300}(?=[ \t]{0,8}$)", re.IGNORECASE),
    # Exim's client_send and sSMTP's (and sendmail's) AuthInfo.
    _after(r"(\bclient_send[ \t]{0,8}=\W{0,8}[^\n:^]{0,100}[:^][ \t]{0,8})[^\n]{1,300}"),
    _after(r"(\"P[:=])[^\"\n]{1,300}(?=\")"),
    # .netrc; POP3's and IMAP's logins.
    _after(r"(\blogin\s{1,8}\S{1,200}\s{1,8}password\s{1,8})(\S{1,300})", re.IGNORECASE),
    _after(r"(?m)((?:^|[>:\"'] ?)PASS[ \t]{1,3})(\S{1,300})(?=[ \t\"'\\rn]{0,6}$)"),
    _after(r"(?m)((?:^|[>:] ?)[A-Za-z]{0,4}\d{1,6} LOGIN \S{1,200} )(\S{1,300})", re.IGNORECASE),
    # Command lines: swaks, sendEmail, curl, git, PowerShell.
    _after(
        r"((?<![\w-])(?:--?[\w-]{0,30}(?:pass(?:word|wd)?|pwd?|secret|token)|-ap|-xp|-xm)[= ]\s{0,3})"
        rf"{_NO_ERROR}{_VALUE}", re.IGNORECASE),
    _after(
        r"((?:(?<![\w-])-u(?!r[il]:|ser:)[= ]?|--(?:proxy-)?user[= ])\s{0,3}([\"'])?[^\s:\"']{1,100}:)"
        r"(?(2)[^\"'\n]|[^\s\"']){1,300}"),
    _after(r"(\bgit config(?: --\w{1,20}){0,3} [\w.-]{0,60}pass(?:word)? )" + _VALUE, re.IGNORECASE),
    _after(rf"(ConvertTo-SecureString (?:-String )?){_QUOTED}", re.IGNORECASE),
    # Tokens: after the word that announces one, or known by how they begin.
    _after(r"(\b(?:Bearer|Basic)\s+)(?!auth)[\w.~+/=-]{6,}", re.IGNORECASE),
    (LazyPattern(r"\b" + group(
        r"ya29\.[\w.-]{10,}",  # Google
        r"SG\.[\w.-]{20,}",  # SendGrid
        r"xkeysib-[\w-]{20,}",  # Brevo
        r"xsmtpsib-[\w-]{20,}",
        r"AKIA[A-Z0-9]{12,}",  # Amazon
        r"re_\w{20,}",  # Resend
        r"key-[0-9a-f]{32}",  # Mailgun
        r"gh[pousr]_\w{20,}",  # GitHub
        r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{0,}",  # a JSON web token
    )), HIDDEN),
)
# Calls that take a user name and a password.
_CALLED = r"(?P<name>" + any_of(
    # Go
    r"PlainAuth", r"NewPlainClient", r"NewLoginClient", r"CRAMMD5Auth", r"NewDialer", r"NewPlainDialer",
    # Python and others; .NET
    r"(?:\w{1,20}\.)?login", r"LoginAuth", r"NetworkCredential",
    # Ruby, Perl
    r"Net::SMTP\.start", r"\w{0,10}smtp\w{0,10}\.start", r"(?<=[.>])auth",
    # Java
    r"PasswordAuthentication", r"DefaultAuthenticator", r"setAuthentication",
    # MailKit, lettre, others
    r"Authenticate(?:Async)?", r"Credentials::new", r"Credentials", r"setCredentials", r"SMTPBasicAuth",
) + r")(?:\s?\(|\s(?=[\"'`]))"
_CALL = LazyPattern(r"\b" + group(
    _CALLED,
    r"(?:credentials|auth|login)[\"']? ?(?:=>|[:=]) ?[\[(]",  # a pair in a setting
) + r"(?P<args>(?:[^\n]|(?<=[,(\[])\n){1,400})", re.IGNORECASE)
# Which of a call's quoted arguments is the password, where it is not the second.
_AT = {"plainauth": (2,), "newplainclient": (2,), "newdialer": (3,), "newplaindialer": (3,), "net::smtp.start": (4,),
       "authenticate": (1, 2), "authenticateasync": (1, 2)}
# A quoted text, a comma, a bracket: enough to count a call's arguments.
_ARGUMENT = LazyPattern(rf"{_QUOTED}|[,()\[\]{{}}]")
_B64 = LazyPattern(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{8,2000}={0,2}(?![A-Za-z0-9+/=])")
# The client's line after a 334: who speaks, the answer, what ends the line.
_AFTER_334 = LazyPattern(
    r"^(?P<before>[\W\d]{0,60}"
    r"(?:(?:C|S|CLIENT|SERVER|send|sent|out|write|DEBUG|INFO|TRACE|smtp|T?\d\w{0,3}|->)[\W\d]{1,40}){0,5}b?)"
    r"(?P<token>[A-Za-z0-9+/_-]{2,}={0,2})"
    r"(?P<after>(?:\\r|\\n|[\"'\s>|])*)$", re.IGNORECASE)
_LAST_TOKEN = LazyPattern(
    r"(?P<before>.*?)"
    r"(?P<token>(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{2,}={0,2})"
    r"(?P<after>(?:\\r|\\n|[\"'\s>|])*)$")
_CHALLENGE = LazyPattern(r"(?<![\w.])334(?![\w.])")
_REPLY = LazyPattern(r"(?:^|[^\w.])[235]\d\d[ \-)]")


def without_secrets(text: str) -> str:
    """The text with `(secret)` for passwords, tokens, AUTH arguments and answers to 334 challenges."""
    if "334" in text:
        text = _without_answers(text)
    text = _B64.sub(_without_login, text)
    text = _CALL.sub(_without_password, text)
    for pattern, put in _REPLACED:
        text = pattern.sub(put, text)
    return text


def _without_answers(text: str) -> str:
    """Hide the client's answer to each 334: it stands within three lines, as a client may log the reply twice."""
    lines, due = text.split("\n"), 0
    for i, line in enumerate(lines):
        if _CHALLENGE.search(line):
            due = 3
        elif due and not _REPLY.search(line):
            due -= 1
            m = _AFTER_334.match(line[:2000])
            if not m and (m := _LAST_TOKEN.match(line[:2000])) and not _looks_base64(m["token"]):
                m = None
            if m:
                lines[i] = m["before"] + HIDDEN + m["after"] + line[2000:]
                due = 0
    return "\n".join(lines)


def _looks_base64(token: str) -> bool:
    """Whether this is hardly a word of a language: of base64's length, and padded, with a digit, or in mixed case."""
    mixed = not (token[1:].islower() or token.isupper())
    return len(token) % 4 == 0 and ("=" in token or any(c.isdigit() for c in token) or mixed)


def _without_login(m: re.Match[str]) -> str:
    """Hide a base64 word if it holds a login: RFC 4616's NULs, or the fields of XOAUTH2 and OAUTHBEARER."""
    word = m.group()
    try:
        inside = base64.b64decode(word + "=" * (-len(word) % 4), validate=True)
    except (binascii.Error, ValueError):
        return word
    plain = inside.count(b"\0") == 2 and len(inside) < 600 and not inside.endswith(b"\0\0")
    return HIDDEN if plain or inside.startswith((b"user=", b"n,a=", b"n,,")) else word


def _without_password(m: re.Match[str]) -> str:
    """Hide the quoted argument of a call that is its password."""
    name, args, end = (m["name"] or "").lower(), m["args"], 0
    wanted = _AT.get(name, (2,) if name.endswith(".start") else (1,))
    parts: list[str] = []
    place, depth = 0, 0
    for found in _ARGUMENT.finditer(args):
        token, mark = found.group(), found["quote"]
        depth += (token in "([{") - (token in ")]}")
        place += token == "," and depth == 0
        if depth < 0:
            break
        if mark and depth == 0 and place in wanted:
            parts += [args[end:found.start()], mark, HIDDEN, mark]
            end = found.end()
    return m.group()[:len(m.group()) - len(args)] + "".join(parts) + args[end:]
