"""Which language a trace is of, and that settings of a program in another one are not taken for this program's."""


from helpers import each_row
from pastes import COMPOSE, OTHER_FILE, RAILS

from smtplab.question import diagnose_paste
from smtplab.question.stacks import languages

VARIABLES = "SMTP_HOST=smtp.example.net\nSMTP_PORT=587\nSMTP_SECURE=true\n"
NODE = "    at TLSSocket.emit (node:events:519:28) {\n  code: 'ESOCKET',\n  command: 'CONN'\n}\n"
ERROR = "Error: 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:355:\n"


@each_row(("text", "found"), [
    (NODE, {"JavaScript"}), ("    at send (/app/lib/mail.js:12:5)", {"JavaScript"}), (COMPOSE, {"Java"}),
    (OTHER_FILE, {"Python"}), (RAILS, {"Ruby"}), ("mail.php on line 12", {"PHP"}),
    ("dial tcp 192.0.2.1:465: i/o", {"Go"}),
    ("   at A.B.Send(Mail m) in C:\\a\\Mail.cs:line 88", {".NET"}), ("panicked at src/mail.rs:27:10", {"Rust"}),
    ("at half past nine", set()), ("see mail.php", set()), ("535 5.7.8 no", set())])
def test_the_language_of_a_trace(text, found):
    assert languages(text) == found


def test_variables_that_only_a_program_in_another_language_reads_are_not_its_settings():
    answer = diagnose_paste(f"{VARIABLES}\n{ERROR}{NODE}")
    assert answer.read.framework == "" and answer.finding is None
    assert (answer.read.host, answer.read.port) == ("smtp.example.net", 587)
    assert answer.causes[0].cause.value == "implicit-to-plaintext"


def test_they_are_where_no_trace_says_otherwise_or_the_text_names_the_program():
    for text in (f"{VARIABLES}\n{ERROR}", f"Our Nextcloud sends no mail.\n\n{VARIABLES}\n{ERROR}{NODE}",
                 f"{VARIABLES}\n{ERROR}{NODE}\nmail.php on line 12\n"):
        assert diagnose_paste(text).read.framework == "nextcloud"


def test_a_paste_of_empty_lines_is_read():
    """With `\\s` before "at" it takes minutes, and pytest's own time-out ends it."""
    for text in ("\n" * 200_000, " \n" * 100_000, "\tat\n" * 50_000):
        assert languages(text) == frozenset()
