"""Lesson 5, its first half: Rails and GitLab."""

import re

from ..exercises import Choice, Exercise, Slip

# Five smtp_settings for port 587; the test holds them to the modes of mail 2.7 to 2.9.
FIVE = {"a": ("enable_starttls_auto: true", True), "b": ("tls: true", False), "c": ("", True),
        "d": ("ssl: 587", False), "e": ("tls: false, enable_starttls_auto: true", True)}
_WORK = {letter for letter, (_, works) in FIVE.items() if works}
_LISTED = "\n".join(f"  {letter}. {{ address: 'mail.example.net', port: 587{', ' if words else ''}{words} }}"
                    for letter, (words, _) in FIVE.items())


def _letters(answer: object) -> set[str]:
    found = set(re.findall(r"\b[a-z]\b|[a-z]{2,}", str(answer).lower())) - {"and"}
    found = set("".join(found))
    if not found or not found <= set(FIVE):
        raise ValueError(f"Answer with letters from {min(FIVE)} to {max(FIVE)}, such as \"a b\".")
    return found


EXERCISES = (
    Exercise(
        "05-which-work",
        f"Which of these smtp_settings of Rails work with a server on 587 that offers STARTTLS?\n{_LISTED}\n\n"
        "Answer with all the letters that do.",
        ("Ask of each: when does TLS begin? On 587 it may not begin at once.",
         "A setting that is not written has its default, and the default of one of these is true.",
         "In Ruby, every number is true."),
        right=lambda answer: answer == _WORK, read=_letters, example="a b",
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
)
