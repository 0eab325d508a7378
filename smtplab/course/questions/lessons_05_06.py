"""The exercises of lesson 5 (which mode settings give, which of their lines do nothing, which settings are right)
and of lesson 6 (what one's own client sends, and what another client that works proves).
"""

import re
from collections.abc import Callable
from typing import Any

from ...settings import SettingsMode, SettingsReport, read_settings
from ..exercises import Choice, Exercise, Slip

# Five smtp_settings for port 587; the test holds them to the modes of mail 2.7 to 2.9.
FIVE = {"a": ("enable_starttls_auto: true", True), "b": ("tls: true", False), "c": ("", True),
        "d": ("ssl: 587", False), "e": ("tls: false, enable_starttls_auto: true", True)}
_WORK = {letter for letter, (_, works) in FIVE.items() if works}
_LISTED = "\n".join(f"  {letter}. {{ address: 'mail.example.net', port: 587{', ' if words else ''}{words} }}"
                    for letter, (words, _) in FIVE.items())
# Six words for TLS in six frameworks, and whether they mean implicit TLS.
SIX = {"a": ("flask-mail", "MAIL_USE_TLS = True", False), "b": ("gitlab", "gitlab_rails['smtp_tls'] = true", True),
       "c": ("system.net.mail", "EnableSsl = true", False), "d": ("laravel", "MAIL_SCHEME=smtps", True),
       "e": ("nodemailer", "secure: false", False), "f": ("jakarta", "mail.smtp.ssl.enable=true", True)}
_AT_ONCE = {letter for letter, (*_, implicit) in SIX.items() if implicit}
_NAMES = {"flask-mail": "Flask-Mail", "gitlab": "GitLab", "system.net.mail": ".NET's SmtpClient", "laravel": "Laravel",
          "nodemailer": "Nodemailer", "jakarta": "Jakarta Mail"}
_SIX_LISTED = "\n".join(f"  {letter}. {_NAMES[name]}: {words}" for letter, (name, words, _) in SIX.items())
HOST = "mail.example.com"
# Jakarta's properties; the one that changes nothing is the right choice.
LINES = (f"mail.smtp.host={HOST}", "mail.smtp.ssl.enable=true", "mail.smtp.starttls.enable=true",
         "mail.smtp.timeout=10000")
# The first bytes that a server read from each of two clients on the same port.
FIRST = {"A": bytes.fromhex("1603010200"), "B": b"EHLO "}


def _letters(of: dict[str, tuple]) -> Callable[[object], set[str]]:
    """A reader for any number of the letters in `of`."""
    def read(answer: object) -> set[str]:
        words = "" if isinstance(answer, int) else str(answer).lower()  # a number may be too long for a text
        found = set("".join(set(re.findall(r"\b[a-z]\b|[a-z]{2,}", words)) - {"and"}))
        if not found or not found <= set(of):
            raise ValueError(f"Answer with letters from {min(of)} to {max(of)}, such as \"a b\".")
        return found
    return read


def _written(answer: object) -> SettingsReport:
    if not isinstance(answer, str):
        raise ValueError("Give the settings as text, as you would write them into the file.")
    return read_settings("django" if re.search(r"EMAIL_\w+", answer) else "nodemailer", answer)


def _codes(report: SettingsReport) -> set[str]:
    return {warning.code for warning in report.warnings}


def _needless(report: SettingsReport) -> bool:
    return any(line.effect in ("redundant", "ineffective", "unknown") for line in report.lines)


def _smallest(report: SettingsReport) -> bool:
    return (report.mode, report.port) == (SettingsMode.STARTTLS_REQUIRED, 587) and not report.warnings \
        and not _needless(report) and report.host == HOST


EXERCISES: tuple[Exercise[Any], ...] = (
    Exercise[set[str]](
        "05-implicit",
        f"Which of these make the client begin TLS at once, before the server has said a word?\n{_SIX_LISTED}\n\n"
        "Answer with all the letters that do.",
        ("The table above has each of them: ask it for the framework's word.",
         "The name of a setting says little: two of these are named after SSL, and they differ.",
         "Three of them begin at once."),
        right=lambda answer: answer == _AT_ONCE, read=_letters(SIX), example="a b",
        answer=" ".join(sorted(_AT_ONCE)),
        reason="GitLab hands smtp_tls to Rails, where it means at once; a scheme smtps means at once; and so does "
               "Jakarta's ssl.enable. The others wait for the greeting.",
        praise="Named after SSL, TLS or a scheme, they say when it begins, and only the framework's manual, or its "
               "bytes, say which name means which.",
        slips=(Slip(lambda a: "a" in a, "In the Python frameworks of this kind, the setting named after TLS is "
                                        "STARTTLS; its neighbour named after SSL is the other one."),
               Slip(lambda a: "c" in a, "One of yours is the odd one of the table: named after SSL, and STARTTLS all "
                                        "the same. That client has no implicit TLS at all."),
               Slip(lambda a: "e" in a, "One of yours says false. It does not switch TLS off, but it does not begin "
                                        "it at once either."),
               Slip(lambda a: "b" not in a, "You left out one whose settings are handed to Rails. What does that word "
                                            "mean in Rails?"),
               Slip(lambda a: "d" not in a, "You left out one that names a scheme, like https in a browser."),
               Slip(lambda a: True, "You left out one of Java's. Its neighbour is called starttls.enable; this one is "
                                    "the other."))),
    Exercise[set[str]](
        "05-which-work",
        f"Which of these smtp_settings of Rails work with a server on 587 that offers STARTTLS?\n{_LISTED}\n\n"
        "Answer with all the letters that do.",
        ("Ask of each: when does TLS begin? On 587 it may not begin at once.",
         "A setting that is not written has its default, and the default of one of these is true.",
         "In Ruby, every number is true."),
        right=lambda answer: answer == _WORK, read=_letters(FIVE), example="a b",
        answer=" ".join(sorted(_WORK)),
        reason="tls: true begins at once, and so does ssl: 587, since a number is true in Ruby. Whatever leaves both "
               "false waits for the greeting.",
        praise="Whatever leaves the client waiting for the greeting works; whatever makes tls or ssl true does not.",
        slips=(Slip(lambda a: "b" in a, "One of yours starts TLS at once, by the very setting that sounds safest."),
               Slip(lambda a: "d" in a, "One of yours has a port number where true or false belongs. What is a number "
                                        "in a condition?"),
               Slip(lambda a: "c" not in a, "One that you left out writes nothing about TLS. What is the default?"),
               Slip(lambda a: "e" not in a, "One that you left out says false where false is the default: redundant, "
                                            "and harmless."),
               Slip(lambda a: True, "One that you left out writes the default out in full."))),
    Exercise(
        "05-none",
        "openssl_verify_mode: 'none' made an error go away. What do you know now?",
        ("What did the check compare, and what does the client compare now?",
         "In the cell above, who received the password?"),
        (Choice("The certificate was the only problem, and it is solved",
                "It is not looked at any more, which is something else. Whoever answers is believed."),
         Choice("The mail now goes unencrypted", "It is encrypted: to somebody, who may be anybody."),
         Choice("Whoever answers on that port now gets the password",
                "Encryption without the check protects the way, and not the end of it. Find out why the check failed, "
                "and mend that.", right=True),
         Choice("The server's certificate has been installed", "Nothing was installed; the client stopped asking."))),
    Exercise(
        "05-ineffective",
        "A Java program works with the four properties below: implicit TLS, on port 465, which it takes by itself. "
        "Which of them could you take out, and nothing would change?",
        ("Ask of each: if it were not there, what would change? read_settings gives each line an effect.",
         "Two of them speak about when TLS begins, and both can't have their way."),
        (Choice(LINES[0], "Without it the client would look for the mail server on its own machine."),
         Choice(LINES[1], "This one decides. Without it nothing begins at once, and the port would be another one "
                          "too."),
         Choice(LINES[2], "TLS is on before the first word of SMTP, so there is nothing left to upgrade. The line does "
                          "nothing, and it makes the next reader believe in STARTTLS.", right=True),
         Choice(LINES[3], "Without it this client waits for ever where nothing comes: that was lesson 3's hang."))),
    Exercise[SettingsReport](
        "05-write",
        f"Your provider has {HOST}, port 587, STARTTLS. Write the smallest settings that make the client "
        "insist on TLS, for Django or for Nodemailer, whichever you like. Leave user and password out.",
        ("In the table above, look for the mode starttls-required.",
         "Host, port, and one word about TLS. Anything else is too much.",
         "In Django both words for TLS begin with EMAIL_USE_; in Nodemailer the one you need is not secure."),
        right=_smallest, read=_written, example=f"{{ host: '{HOST}', port: 587 }}",
        answer=f"EMAIL_HOST = '{HOST}'; EMAIL_PORT = 587; EMAIL_USE_TLS = True",
        reason=f"Or, in Nodemailer, {{ host: '{HOST}', port: 587, requireTLS: true }}. Each line changes something, "
               "and one of them requires STARTTLS.",
        praise="It waits for the greeting, asks for TLS, and stops if it doesn't get it. There is no line in it that "
               "does nothing.",
        slips=(Slip(lambda r: r.mode == "error", "The framework refuses these before it connects: two of your lines "
                                                 "contradict each other."),
               Slip(lambda r: "unread" in _codes(r), "Part of that could not be read as settings of Django, with its "
                                                     "EMAIL_ names, or of Nodemailer, in its braces."),
               Slip(lambda r: r.port != 587, "Not on port 587: if you write no port, the framework takes its own."),
               Slip(lambda r: r.mode == "implicit", "This one begins TLS at once; on 587 that is the famous error."),
               Slip(lambda r: r.mode == "starttls-opportunistic", "It works, and it doesn't insist: where STARTTLS is "
                                                                  "missing, it goes on in clear."),
               Slip(lambda r: r.mode == "plain", "This one never begins TLS."),
               Slip(lambda r: r.host != HOST, "It insists on TLS. Where does it connect to?"),
               Slip(_needless, "It insists on TLS, and it could be smaller: one of your lines says what holds "
                               "without it."),
               Slip(lambda r: True, "It insists on TLS, and there is more in it than was asked for: read_settings(...)"
                                    ".warnings says what."))),
    Exercise(
        "06-telnet-proves",
        "A mailer fails on port 587 of a server with 'wrong version number'. A colleague shows that telnet to the same "
        "port gets a greeting and an EHLO reply. Thunderbird, on the same machine, sends through it, set to STARTTLS. "
        "What do the two prove about the mailer?",
        ("Which of the three said EHLO, and which a ClientHello?",
         "All three came to the same port. What was different, and whose setting is that?"),
        (Choice("It is broken: the same port works for two others",
                "It does what it was told. They came to the same port, and opened the conversation otherwise."),
         Choice("Its mode may differ from theirs; name, port and the way there are fine",
                "They rule out what all three share, and say nothing of what each does by itself. Look at what the "
                "mailer sends first.", right=True),
         Choice("The server's TLS is out of date", "Thunderbird has just made TLS with this server. And the error's "
                                                   "words speak of a version where there was none."),
         Choice("A firewall stops the mailer", "Then it would have got no byte from the server. It has read five of "
                                               "them, and complains about those."))),
    Exercise(
        "06-first-bytes",
        "You point two mailers of your shop at a watched server that waits as port 587 does. It has read first\n"
        f"A   {FIRST['A'].hex(' ')}\nB   {FIRST['B'].hex(' ')}\nIn which mode is each?",
        ("The first byte of a TLS record is its type, and a ClientHello is of one type only. Letters are higher.",
         "Read B as characters. Which modes begin with that word, and when do they part?"),
        (Choice("A is set to implicit, B to STARTTLS",
                "A is right. But a client in plain mode says B's word first, too."),
         Choice("A is set to STARTTLS, B to implicit",
                "The other way round: a STARTTLS client speaks in clear first, and A's first byte is a TLS record's."),
         Choice("A is set to implicit; B to plain or STARTTLS, which its next command tells",
                "EHLO is the same word in both. If STARTTLS comes after it, B asks for TLS.", right=True),
         Choice("That can't be known before they log in",
                "A mode is when TLS begins, and A has begun it: its first byte is a record's type."))),
)
