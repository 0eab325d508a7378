"""Secrets in logs and settings: found by the words around them, and put out of the text as `(secret)`."""

from __future__ import annotations

import base64
import binascii
import functools
import re

HIDDEN = "(secret)"

_KEY = (r"(?:(?<!by)pass(?:word|wd|phrase|code)?(?!ed|ing|es\b)|passwort|pwd|secret"
        r"|kennwort|contrase[nñ]a|senha|wachtwoord|has[łl]o|пароль|パスワード|密码|密碼|비밀번호"
        r"|(?<![a-z])(?:smtp|mail|auth|user)?pw(?![a-z])|(?<!unexpected )(?<!invalid )token"
        r"|api[_-]?key|credentials?|auth[_-]?key|private[_-]?key)\w{0,20}")
# On the line after its name a value stands alone, or in quotes; other words there are the program's.
_NEXT_LINE = (r"[ \t]{0,3}\r?\n\s{0,12}(?=[bu]?[\"']|[\[{(]|(?:[a-z]{4} ){3}[a-z]{4}\b"
              r"|[^\s,;]{1,300}[ \t,;]{0,8}(?:\r?\n|\Z))")
_PUT = rf"[\"'\]]{{0,2}}\s{{0,3}}(?:=>|:=|=|：|:(?!:))(?:{_NEXT_LINE}|[ \t]{{0,3}})"
# Words that an error says after "password:"; everything else may be one.
_SAYS = (r"\s{0,3}(?:command|not|is|was|are|invalid|incorrect|wrong|expired|failed|failure|required|missing|error"
         r"|authentication|unexpected|no such|rejected|denied)\b|\s{0,3}[45]\d\d[ -]|\s{0,3}\(secret\)")
_TOLD = f"(?!{_SAYS})"
# What a password may be said to be, without its being said.
_STATES = (r"correct|right|ok|okay|fine|good|bad|set|unset|empty|blank|sent|used|given|stored|saved|encrypted|known|new"
           r"|old|different|same|changed|reset|accepted|refused|valid|weak|disabled|needed|there")
# A value that begins with a quote or bracket ends with it, or with its line; four groups of four letters are an app
# password.
_VALUE = (r"(?:[\[{(][^\])}\n]{0,300}[\])}]?|[bu]?\"(?:[^\"\\\n]|\\.){0,300}\"?|[bu]?'(?:[^'\\\n]|\\.){0,300}'?"
          r"|[a-z]{4}(?: [a-z]{4}){3}\b|[^\s\"']\S{0,300})")
_QUOTED = r"(?P<quote>\"{3}|'{3}|[\"'`])(?:\\.|(?!(?P=quote))[^\\\n]){0,300}(?P=quote)"
_MECHANISMS = (r"PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|SCRAM-SHA-\d{1,3}(?:-PLUS)?|EXTERNAL"
               r"|MSN")
# What may stand after a mechanism's name besides an initial response.
_TALK = (r"failed|failure|command|trace|suppressed|mechanisms?|method|authentication|error|with|succeeded|successful"
         r"|over|rejected|disabled|supported|available|unavailable|requires?|for|and|but|the|not|is|was|auth|returned"
         r"|accepted|SIZE|8BITMIME|on|by|to|in|or|as|at")



@functools.cache
def _plain() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each pattern, and what is put in its place. Compiled when a text is first looked at: that takes a while."""
    return (
    (re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,8000}?(?:-----END [A-Z ]{0,30}-----|$)"), HIDDEN),
    (re.compile(rf"(\bAUTH[ \t=]{{1,3}}(?:{_MECHANISMS})[ \t]{{1,3}})(?!(?:{_MECHANISMS}"
        rf"|{_TALK})\b)([A-Za-z0-9+/=_-]{{2,}})", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(r"(\b334[ -](?:VXNlcm5hbWU6|UGFzc3dvcmQ6|VXNlciBOYW1lAA==|UGFzc3dvcmQA)[^\w\n]{1,12}(?:(?:C|CLIENT"
        r"|send|SERVER)[^\w\n]{1,8}){0,2})"
                r"([A-Za-z0-9+/]{2,}={0,2})"), r"\1" + HIDDEN),
    (re.compile(r"(?m)((?:^|\s)(?:CLIENT -> SERVER|C|send|<-|->|~>|>>)[:\s\"'b]{1,5})([A-Za-z0-9+/]{3,}={1,2})(?="
        r"[\"'\s\\]|$)"), r"\1" + HIDDEN),
    (re.compile(r"(?<=://)([^\s/:]{0,100}):\S{1,300}@(?=[\w\[])"), r"\1:" + HIDDEN + "@"),
    # Postfix's sasl_passwd, also as grep shows it.
    (re.compile(r"(?m)((?:^|sasl_passwd:)[ \t]{0,8}(?:\[[\w.-]{1,100}\](?::\w{1,8})?[ \t]{1,20}[^\s:]{1,100}"
        r"|[\w.-]{1,100}(?::\w{1,8})?[ \t]{1,20}[^\s:@]{1,100}@[^\s:@]{1,100}):)(\S{1,300})(?=[ \t]{0,8}$)"),
     r"\1" + HIDDEN),
    # A setting alone on its line: the whole rest is the value, blanks and all.
    (re.compile(rf"(?m)(^[ \t>#*+|$-]{{0,12}}[\w.\[\]\"'$>-]{{0,60}}?{_KEY}{_PUT}){_TOLD}([^\s\"'][^\n\"'={{}}:,]"
        rf"{{0,300}})$", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(rf"({_KEY}{_PUT}){_TOLD}{_VALUE}", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(r"(<[\w:.-]{0,40}(?:pass(?:word|wd)?|secret|token)[\w:.-]{0,20}(?:\s[^<>\n]{0,100})?>)([^<\n]"
        r"{1,300})", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(rf"((?:key|name)[\"']?\s{{0,3}}[=:]\s{{0,3}}[\"']?[\w.:-]{{0,60}}?{_KEY}[\"']?,?\s{{1,40}}[\"']?value"
        rf"[\"']?\s{{0,3}}[=:]\s{{0,3}}){_VALUE}", re.IGNORECASE),
     r"\1" + HIDDEN),
    (re.compile(r"(?m)(^[ \t]{0,12}(?:password|passwd|[\w.]{0,40}(?:smtp|[._])pass(?:word|wd)?)[ \t]{1,8})"
        + _TOLD + r"(\S{1,300})(?=[ \t]{0,8}$)", re.IGNORECASE), r"\1" + HIDDEN),
    # Prompts and logs; a call that is given the password, or its name and then itself; a table's row.
    (re.compile(rf"(?m)(^\W{{0,12}}(?:(?:please )?enter )?(?:password|pass ?phrase) for [^\n]{{1,200}}?:[ \t]{{1,3}})"
        rf"{_TOLD}([^\n]{{1,300}})$", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(rf"(\bpass(?:word|wd|phrase) (?:is |was )?)(?!['\"\[](?:{_SAYS}))(?:{_QUOTED}|\[[^\]\n]{{1,300}}\])",
        re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(rf"(?m)({_KEY}(?<!authentication)\(\s{{0,3}}|(?:\w\(\s{{0,3}}|^\s{{0,12}})[\"'][\w.-]{{0,60}}?{_KEY}[\"'],"
        rf"\s{{1,3}}){_QUOTED}", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(rf"(\|[ \t]{{1,20}}[\w.-]{{0,60}}?{_KEY}[ \t]{{1,20}}\|[ \t]{{1,20}})[^|\s][^|\n]{{0,300}}(?=\|)",
        re.IGNORECASE), r"\1" + HIDDEN + " "),
    # A sentence about one: behind "password" stands a word with letters and digits, or after "is" the last word.
    (re.compile(rf"(\bpass(?:word|wd|phrase|code)(?: (?:is|was|to|=+>|-+>?))? ){_TOLD}(?=[^\s\d]{{0,300}}\d)"
                r"(?=[^\sa-z]{0,300}[a-z]|\d{6})(?![\w.-]{0,60}@)[^\s\"'(\[<]{5,300}", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(rf"(?m)(\bpass(?:word|wd|phrase|code) (?:is|was) ){_TOLD}(?!(?:{_STATES})\b)[^\s\"'(\[<.]{{1,300}}"
                r"(?=[.!]?[ \t]{0,8}$)", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(r"(\b(?:login|auth)[:=]? {0,3}(?:\"[^\"\n]{1,100}\"|'[^'\n]{1,100}')[ \t/:]{1,3})"
                r"(?:\"[^\"\n]{1,300}\"|'[^'\n]{1,300}')", re.IGNORECASE), r"\1" + HIDDEN),
    # A form's label, and the line below it.
    (re.compile(rf"(?m)(^[ \t>#*|-]{{0,12}}(?:(?:your|smtp|mail|user|e-mail) ){{0,2}}{_KEY}[ \t]{{0,8}}\r?\n"
                rf"[ \t]{{0,12}}){_TOLD}(?!{_KEY}|user|login|(?:{_STATES})\b)[^\s\"':=(){{}}\[\],<>]{{4,300}}"
                r"(?=[ \t]{0,8}$)", re.IGNORECASE), r"\1" + HIDDEN),
    # Exim's client_send and sSMTP's (and sendmail's) AuthInfo.
    (re.compile(r"(\bclient_send[ \t]{0,8}=\W{0,8}[^\n:^]{0,100}[:^][ \t]{0,8})[^\n]{1,300}"), r"\1" + HIDDEN),
    (re.compile(r"(\"P[:=])[^\"\n]{1,300}(?=\")"), r"\1" + HIDDEN),
    (re.compile(r"(\blogin\s{1,8}\S{1,200}\s{1,8}password\s{1,8})(\S{1,300})", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(r"(?m)((?:^|[>:\"'] ?)PASS[ \t]{1,3})(\S{1,300})(?=[ \t\"'\\rn]{0,6}$)"), r"\1" + HIDDEN),
    (re.compile(r"(?m)((?:^|[>:] ?)[A-Za-z]{0,4}\d{1,6} LOGIN \S{1,200} )(\S{1,300})", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(r"((?<![\w-])(?:--?[\w-]{0,30}(?:pass(?:word|wd)?|pwd?|secret|token)|-ap|-xp|-xm)[= ]\s{0,3})"
        + _TOLD + _VALUE, re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(r"((?:(?<![\w-])-u(?!r[il]:|ser:)[= ]?|--(?:proxy-)?user[= ])\s{0,3}([\"'])?[^\s:\"']{1,100}:)"
        r"(?(2)[^\"'\n]|[^\s\"']){1,300}"), r"\1" + HIDDEN),
    (re.compile(r"(\bgit config(?: --\w{1,20}){0,3} [\w.-]{0,60}pass(?:word)? )" + _VALUE, re.IGNORECASE),
     r"\1" + HIDDEN),
    (re.compile(rf"(ConvertTo-SecureString (?:-String )?){_QUOTED}", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(r"(\b(?:Bearer|Basic)\s+)(?!auth)[\w.~+/=-]{6,}", re.IGNORECASE), r"\1" + HIDDEN),
    (re.compile(r"\b(?:ya29\.[\w.-]{10,}|SG\.[\w.-]{20,}|xkeysib-[\w-]{20,}|xsmtpsib-[\w-]{20,}|AKIA[A-Z0-9]{12,}"
        r"|re_\w{20,}|key-[0-9a-f]{32}|gh[pousr]_\w{20,}"
                r"|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{0,})"), HIDDEN),
    )
# Calls that take a user name and a password: which of their quoted arguments is the password.
_CALL = re.compile(r"\b(?:(?P<name>PlainAuth|NewPlainClient|NewLoginClient|CRAMMD5Auth|NewDialer|NewPlainDialer"
    r"|(?:\w{1,20}\.)?login|LoginAuth|NetworkCredential|Net::SMTP\.start|\w{0,10}smtp\w{0,10}\.start"
    r"|(?<=[.>])auth"
    r"|PasswordAuthentication|DefaultAuthenticator|setAuthentication"
                   r"|Authenticate(?:Async)?|Credentials::new|Credentials|setCredentials|SMTPBasicAuth"
                   r")(?:\s?\(|\s(?=[\"'`]))|(?:credentials|auth|login)[\"']? ?(?:=>|[:=]) ?[\[(])"
                   r"(?P<args>(?:[^\n]|(?<=[,(\[])\n){1,400})",
                   re.IGNORECASE)
_AT = {"plainauth": (2,), "newplainclient": (2,), "newdialer": (3,), "newplaindialer": (3,), "net::smtp.start": (4,),
       "authenticate": (1, 2), "authenticateasync": (1, 2)}
# A quoted text, a comma, a bracket: enough to count a call's arguments.
_ARGUMENT = re.compile(rf"{_QUOTED}|[,()\[\]{{}}]")
_B64 = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{8,2000}={0,2}(?![A-Za-z0-9+/=])")
_AFTER_334 = re.compile(r"^(?P<before>[\W\d]{0,60}(?:(?:C|S|CLIENT|SERVER|send|sent|out|write|DEBUG|INFO|TRACE|smtp"
    r"|T?\d\w{0,3}|->)[\W\d]{1,40}){0,5}b?)"
                        r"(?P<token>[A-Za-z0-9+/_-]{2,}={0,2})(?P<after>(?:\\r|\\n|[\"'\s>|])*)$", re.IGNORECASE)
_LAST_TOKEN = re.compile(r"(?P<before>.*?)(?P<token>(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{2,}={0,2})(?P<after>(?:\\r|\\n"
    r"|[\"'\s>|])*)$")
_REPLY = re.compile(r"(?:^|[^\w.])[235]\d\d[ \-)]")


def without_secrets(text: str) -> str:
    """The text with `(secret)` for passwords, tokens, AUTH arguments and answers to 334 challenges."""
    if "334" in text:
        text = _answers_hidden(text)
    text = _B64.sub(_login_hidden, text)
    text = _CALL.sub(_arguments_hidden, text)
    for pattern, put in _plain():
        text = pattern.sub(put, text)
    return text


def _answers_hidden(text: str) -> str:
    """After each 334 the client's answer, up to three lines further down (a client may log the reply twice)."""
    lines, due = text.split("\n"), 0
    for i, line in enumerate(lines):
        if re.search(r"(?<![\w.])334(?![\w.])", line):
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
    """Not a word of a language: padded, or with a digit or mixed letters, and of base64's length."""
    return len(token) % 4 == 0 and ("=" in token or any(c.isdigit() for c in token) or not (token[1:].islower()
    or token.isupper()))


def _login_hidden(m: re.Match[str]) -> str:
    """A base64 word that holds a login (RFC 4616's NULs, or the fields of XOAUTH2 and OAUTHBEARER)."""
    word = m.group()
    try:
        inside = base64.b64decode(word + "=" * (-len(word) % 4), validate=True)
    except (binascii.Error, ValueError):
        return word
    plain = inside.count(b"\0") == 2 and len(inside) < 600 and not inside.endswith(b"\0\0")
    return HIDDEN if plain or inside.startswith((b"user=", b"n,a=", b"n,,")) else word


def _arguments_hidden(m: re.Match[str]) -> str:
    name, args, end = (m["name"] or "").lower(), m["args"], 0
    wanted = _AT.get(name, (2,) if name.endswith(".start") else (1,))
    parts, place, depth = [], 0, 0
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
