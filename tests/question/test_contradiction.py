"""Where settings and error contradict each other, and their twins, where they don't."""

from helpers import each_row
from pastes import DJANGO, OTHER_FILE, OTHER_HOST, RAILS

from smtplab.question import Part, diagnose_paste


def code(*texts, **options):
    finding = diagnose_paste(*texts, **options).finding
    return finding.code if finding else None


def test_tls_at_once_where_starttls_is_set():
    answer = diagnose_paste(OTHER_FILE)
    assert answer.finding.code == "mode"
    assert "STARTTLS" in answer.finding.message and "TLS was begun at once" in answer.finding.message
    assert any("another file" in reason for reason in answer.finding.reasons)
    assert "diffsettings" in answer.next_command and answer.correction is None
    assert (answer.read.mode, answer.read.seen_mode) == ("starttls-required", "implicit")


@each_row("paste", [RAILS, DJANGO, OTHER_FILE.replace("EMAIL_USE_TLS", "EMAIL_USE_SSL"),
                    OTHER_FILE.partition("Traceback")[0], "Traceback" + OTHER_FILE.partition("Traceback")[2]])
def test_settings_that_explain_the_error_are_no_contradiction(paste):
    assert code(paste) is None


def test_another_host_or_port_was_dialled():
    assert code(OTHER_HOST) == "host"
    assert code(OTHER_HOST.replace("localhost:25", "smtp.example.net:25")) == "port"
    assert code(OTHER_HOST.replace("localhost:25", "smtp.example.net:587")) is None
    assert code(OTHER_HOST.replace("localhost:25", "192.0.2.1:587")) is None, "an address may be the name's"


def test_javamail_says_itself_that_it_begins_in_clear():
    settings = "mail.smtp.host=a.example\nmail.smtp.port=587\nmail.smtp.ssl.enable=true\n"
    log = 'DEBUG SMTP: trying to connect to host "a.example", port 587, isSSL {}\n220 a.example ESMTP\nEHLO\n501 no\n'
    assert diagnose_paste(Part(settings, "mail.properties"), Part(log.format("false"), "log")).finding.code == "mode"
    assert diagnose_paste(Part(settings, "mail.properties"), Part(log.format("true"), "log")).finding is None
    in_clear = settings.replace("ssl.enable", "auth")
    assert diagnose_paste(Part(in_clear, "mail.properties"), Part(log.format("false"), "log")).finding is None


@each_row(("mode", "error", "found"), [
    ("EMAIL_USE_TLS = True", "530 5.7.0 Must issue a STARTTLS command first", "mode"),
    ("EMAIL_USE_TLS = False", "530 5.7.0 Must issue a STARTTLS command first", None),
    ("EMAIL_USE_TLS = False", "SMTPNotSupportedError: STARTTLS extension not supported by server.", "mode"),
    ("EMAIL_USE_TLS = True", "SMTPNotSupportedError: STARTTLS extension not supported by server.", None)])
def test_what_the_client_did_against_what_is_set(mode, error, found):
    settings = f"EMAIL_HOST = 'a.example'\nEMAIL_PORT = 587\n{mode}\n"
    assert code(f"{settings}\n{error}\n") == found


def test_the_file_of_the_settings_is_named():
    settings, _, error = OTHER_FILE.partition("\n\n")
    finding = diagnose_paste(Part(error, "app.log"), Part(settings, "settings.py")).finding
    assert "The settings in settings.py say" in finding.message


LARAVEL = "MAIL_MAILER=smtp\nMAIL_HOST=smtp.example.net\nMAIL_PORT=587\nMAIL_ENCRYPTION=ssl\n"
PHP_ERROR = ("stream_socket_client(): SSL operation failed with code 1. OpenSSL Error messages:\n"
             "error:0A00010B:SSL routines::wrong version number")


def test_another_version_that_does_what_was_seen_is_named():
    finding = diagnose_paste(f"{LARAVEL}\n{PHP_ERROR}\n").finding
    assert finding.code == "version" and "8.83" in finding.message
    assert code(f"Laravel 11.30\n\n{LARAVEL}\n{PHP_ERROR}\n") == "mode", "a version that is named is not doubted"
