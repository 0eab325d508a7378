"""Dialogues in logs: every program's marks, commands paired with replies, and what was refused first."""

import hypothesis
from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st

from smtplab.messages import clean
from smtplab.messages.transcript import transcript_of

SAID = ["220 mail.example.com ESMTP", "EHLO a.example.com", "250-mail.example.com", "250 SIZE 1000",
        "MAIL FROM:<a@example.com>", "530 5.7.0 no"]
MARKS = {"curl": ("< {}", "> {}"), "swaks": ("<-  {}", " -> {}"), "swaks in TLS": ("<~  {}", " ~> {}"),
         "swaks refused": ("<** {}", " -> {}"), "msmtp": ("<-- {}", "--> {}"),
         "PHPMailer": ("2026-01-01 12:00:00\tSERVER -> CLIENT: {}", "2026-01-01 12:00:00\tCLIENT -> SERVER: {}"),
         "nodemailer": ("[2026-01-01 12:00:00] DEBUG [a1B] S: {}", "[2026-01-01 12:00:00] DEBUG [a1B] C: {}"),
         "MailKit": ("S: {}", "C: {}"), "Perl": ("Net::SMTP=GLOB(0x55)<<< {}", "Net::SMTP=GLOB(0x55)>>> {}"),
         "Ruby": ('-> "{}\\r\\n"', '<- "{}\\r\\n"'), "smtplib": ("reply: b'{}\\r\\n'", "send: '{}\\r\\n'"),
         "Exim": ("  SMTP<< {}", "  SMTP>> {}"), "sSMTP": ("[<-] {}", "[->] {}"), "a terminal": ("{}", "{}"),
         "go-mail": ("C <-- S: {}", "C --> S: {}"), "plain English": ("Got: {}", "Sent: {}")}


def written(marks: tuple[str, str], said: list[str]) -> str:
    """The lines of a dialogue with a program's marks."""
    return "\n".join(marks[0 if line[0].isdigit() else 1].format(line) for line in said)


def steps(text: str) -> list[tuple[str, int | None]]:
    """Verbs, and the codes that answered them."""
    return [(step.verb, step.reply and step.reply.reply_code) for step in transcript_of(clean(text)).steps]


@each_row(("program", "marks"), MARKS.items())
def test_every_programs_marks_are_read(program, marks):
    text = written(marks, SAID)
    found = transcript_of(text)
    assert found.greeting.reply_code == 220
    assert steps(text) == [("EHLO", 250), ("MAIL", 530)]
    assert found.keywords == ("SIZE 1000",)
    cause, (start, end) = found.refused
    assert (cause, text[start:end]) == ("auth-required", "530 5.7.0 no")


@each_row("text", ["", "550 5.7.1 relaying denied", "EHLO a.example.com", "220 one\n250 two", "MAIL is not sent",
                   "Error: 535 no", "Received: 530 no",
                   "ERROR => Received:  530 no\nserver: 421 no",
                   "at line 250\nsee rfc 5321", "- item\n> quoted words\n< less"])
def test_a_reply_or_a_command_alone_is_no_dialogue(text):
    assert transcript_of(text) is None


def test_settings_that_a_program_prints_before_its_dialogue_are_no_part_of_it():
    text = "host = mail.example.com\nauth = PLAIN\n" + written(MARKS["msmtp"], SAID)
    assert steps(text) == [("EHLO", 250), ("MAIL", 530)]
    assert steps(text.replace("auth = PLAIN", "--> AUTH PLAIN"))[0] == ("AUTH", 220)


def test_replies_belong_to_commands_in_their_order_when_they_are_pipelined():
    said = [*SAID[:4], "MAIL FROM:<a@example.com>", "RCPT TO:<b@example.com>", "DATA", "250 ok", "550 no", "554 none"]
    assert steps(written(MARKS["curl"], said)) == [("EHLO", 250), ("MAIL", 250), ("RCPT", 550), ("DATA", 554)]


def test_challenges_of_a_login_are_no_final_replies():
    said = [*SAID[:4], "AUTH LOGIN", "334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "535 5.7.8 no"]
    assert steps(written(MARKS["smtplib"], said)) == [("EHLO", 250), ("AUTH", 535)]


@each_row(("said", "cause"), [
    (["421 too busy", "EHLO a", "503 no", "STARTTLS", "502 no"], "temporarily-unavailable"),
    (["554 go away", "QUIT"], "relay-or-policy"),
    ([*SAID[:4], "STARTTLS", "454 no"], "starttls-not-offered"),
    (["220 m", "EHLO a", "250-m", "250 STARTTLS", "STARTTLS", "454 no"], "temporarily-unavailable"),
    (["220 m", "EHLO a", "250-m", "250 STARTTLS", "AUTH PLAIN", "503 no"], "auth-needs-tls"),
    (["220 m", "EHLO a", "250-m", "250 STARTTLS", "MAIL FROM:<a@b.example>", "530 no"], "starttls-required"),
    (["220 m", "EHLO a", "250-m", "250 AUTH PLAIN", "AUTH PLAIN", "535 no", "MAIL FROM:<a@b.example>", "530 no"],
     "auth-rejected"),
    (["220 m", "EHLO a", "250-m", "250 AUTH PLAIN", "AUTH CRAM-MD5", "504 no"], "auth-mechanism")])
def test_the_first_refusal_and_not_what_follows_it(said, cause):
    assert transcript_of(written(MARKS["curl"], said)).refused[0] == cause


@each_row("said", [
    ["220 m", "EHLO a", "502 no", "HELO a", "250 m"],
    ["220 m", "EHLO a", "250-m", "250 AUTH PLAIN LOGIN", "AUTH LOGIN", "504 no", "AUTH PLAIN", "235 ok"],
    ["220 m", "EHLO a", "250-m", "250 STARTTLS", "STARTTLS", "454 no", "MAIL FROM:<a@b.example>", "250 ok"]])
def test_what_the_client_got_by_another_way_was_not_refused(said):
    assert transcript_of(written(MARKS["curl"], said)).refused is None
    assert transcript_of(written(MARKS["curl"], said[:-2])).refused is not None


def test_words_inside_tls_are_known_as_such():
    said = ["220 m", "EHLO a", "250-m", "250 STARTTLS", "STARTTLS", "220 go", "EHLO a", "250-m", "250 AUTH PLAIN"]
    found = transcript_of(written(MARKS["curl"], said))
    assert [step.inside for step in found.steps] == [False, False, True]
    assert found.mode == found.tls_after == "starttls"
    assert found.tls_agreed and not found.upgrade_pending
    assert transcript_of(written(MARKS["curl"], said[:6])).upgrade_pending


@each_row(("text", "silent"), [
    ("* Connected to mail.example.com (192.0.2.1) port 465", True), ("=== Connected to mail.example.com.", True),
    ("CONNECTED(00000003)", True), ("CONNECTED(00000003)\n---\nno peer certificate available", None),
    ("=== Connected to mail.example.com.\n<-  220 mail.example.com", False),
    ("* Connected to mail.example.com\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):", False)])
def test_a_connection_on_which_nothing_came(text, silent):
    found = transcript_of(text)
    assert (found.silent if found else None) is silent


@each_row("words", ["* OK IMAP4rev1 ready", "+OK ready", "SSH-2.0-x", "HTTP/1.1 400 Bad Request"])
def test_another_service_is_seen_where_the_greeting_is_due(words):
    text = f"S: {words}\nC: EHLO a"
    start, end = transcript_of(text).other_service
    assert text[start:end] == words
    assert transcript_of(f"S: 220 m\nC: EHLO a\nS: {words}").other_service is None


@hypothesis.settings(max_examples=100)
@given(st.lists(st.one_of(st.sampled_from([*SAID, "S: 220 x", "< 421", "C: AUTH", "<~  250-", "334 ", "STARTTLS"]),
                          st.text(max_size=30)), max_size=20))
def test_nothing_raises_and_places_are_in_the_text(lines):
    text = clean("\n".join(lines))
    found = transcript_of(text)
    if found:
        assert all(0 <= start <= end <= len(text) for start, end in found.places.values())
        assert found.mode in (None, "implicit", "starttls", "plain")
        assert found.refused is None or found.refused[1] in found.places.values()
