"""Laravel: .env and config/mail.php in every range of versions, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import framework, read_settings
from smtplab.settings.model import Given, Mode, NotPossible, release_for

ENV = """\
MAIL_MAILER=smtp
MAIL_HOST=smtp.example.com
MAIL_PORT=%s
MAIL_USERNAME=alice@example.com
MAIL_PASSWORD="jabber wocky#1"
%s
MAIL_FROM_ADDRESS="hello@example.com"
MAIL_FROM_NAME="${APP_NAME}"
"""
CONFIG = """\
<?php
return [
    'default' => env('MAIL_MAILER', 'log'),
    'mailers' => [
        'smtp' => [
            'transport' => 'smtp',
            'scheme' => env('MAIL_SCHEME'),
            'url' => env('MAIL_URL'),
            'host' => env('MAIL_HOST', '127.0.0.1'),
            'port' => (int) env('MAIL_PORT', 2525),
            'username' => env('MAIL_USERNAME'),
            'password' => env('MAIL_PASSWORD'),
            'timeout' => null,
            'local_domain' => env('MAIL_EHLO_DOMAIN', parse_url((string) env('APP_URL', 'http://localhost'))),
            %s
        ],
        'ses' => ['transport' => 'ses'],
    ],
];
"""
OLD_CONFIG = "'port' => env('MAIL_PORT', 587), 'encryption' => env('MAIL_ENCRYPTION', 'tls'), 'timeout' => null,"
WORKS, WRONG, HANG, REFUSED, CONFIG_ERROR = (
    "works", "wrong-version-number", "hang", "refused-needs-tls", "config-error")
IMPLICIT, REQUIRES, MAY, NEVER, ERROR = "implicit", "starttls-required", "starttls-opportunistic", "plain", "error"
TABLE = {  # version: encryption tls on 465 and 587, ssl on 465 and 587, null on 587, starttls on 587
    "Laravel 7": ((REQUIRES, HANG), (REQUIRES, WORKS), (IMPLICIT, WORKS), (IMPLICIT, WRONG), (NEVER, REFUSED),
                  (ERROR, CONFIG_ERROR)),
    "8.83": ((REQUIRES, HANG), (REQUIRES, WORKS), (IMPLICIT, WORKS), (IMPLICIT, WRONG), (NEVER, REFUSED),
             (ERROR, CONFIG_ERROR)),
    "9.0.2": ((IMPLICIT, WORKS), (IMPLICIT, WRONG), (IMPLICIT, WORKS), (MAY, WORKS), (MAY, WORKS), (MAY, WORKS)),
    "9.1": ((IMPLICIT, WORKS), (MAY, WORKS), (IMPLICIT, WORKS), (MAY, WORKS), (MAY, WORKS), (MAY, WORKS)),
    "10": ((IMPLICIT, WORKS), (MAY, WORKS), (IMPLICIT, WORKS), (MAY, WORKS), (MAY, WORKS), (MAY, WORKS)),
    "11.34.2": ((IMPLICIT, WORKS), (MAY, WORKS), (IMPLICIT, WORKS), (MAY, WORKS), (MAY, WORKS), (MAY, WORKS)),
    "11.35.0": ((IMPLICIT, WORKS), (IMPLICIT, WRONG), (IMPLICIT, WORKS), (MAY, WORKS), (MAY, WORKS), (MAY, WORKS)),
    "11.35.1": ((IMPLICIT, WORKS), (MAY, WORKS), (IMPLICIT, WORKS), (MAY, WORKS), (MAY, WORKS), (MAY, WORKS)),
    "v12": ((IMPLICIT, WORKS), (MAY, WORKS), (IMPLICIT, WORKS), (MAY, WORKS), (MAY, WORKS), (MAY, WORKS)),
    "13.2": ((IMPLICIT, WORKS), (MAY, WORKS), (IMPLICIT, WORKS), (MAY, WORKS), (MAY, WORKS), (MAY, WORKS)),
}


@each_row("version", TABLE)
def test_what_encryption_means_in_each_version(version):
    asked = (("tls", 465), ("tls", 587), ("ssl", 465), ("ssl", 587), ("null", 587), ("starttls", 587))
    for (word, port), (mode, outcome) in zip(asked, TABLE[version], strict=True):
        literal = "null" if word == "null" else f"'{word}'"
        for text in (ENV % (port, f"MAIL_ENCRYPTION={word}"), f"'encryption' => {literal}, 'port' => {port}"):
            report = read_settings("laravel", text, version=version)
            assert (report.mode, report.outcome, report.port) == (mode, outcome, port), text
            assert "jabber" not in repr(report)


@each_row(("text", "version", "mode", "port", "outcome"), [
    ("'scheme' => 'smtps', 'port' => 587", "9.52", IMPLICIT, 587, WRONG),
    ("'scheme' => 'smtps', 'port' => 587", "9.0", MAY, 587, WORKS),
    ("'scheme' => 'tls', 'port' => 587", "9.52", MAY, 587, WORKS),
    ("'scheme' => 'tls', 'port' => 587", "11.56", ERROR, 587, CONFIG_ERROR),
    ("'scheme' => 'smtp', 'encryption' => 'tls', 'port' => 587", "11.35.0", MAY, 587, WORKS),
    ("'scheme' => 'smtp', 'port' => 465", None, IMPLICIT, 465, WORKS),
    ("'scheme' => 'smtp', 'port' => 465, 'auto_tls' => false", None, NEVER, 465, HANG),
    ("'port' => 465, 'auto_tls' => false", None, IMPLICIT, 465, WORKS),
    ("'port' => 587, 'auto_tls' => false", None, NEVER, 587, REFUSED),
    ("'port' => 587, 'auto_tls' => false", "11.30", MAY, 587, WORKS),
    ("'port' => 587, 'auto_tls' => null", None, MAY, 587, WORKS),
    ("'port' => 587, 'require_tls' => true", None, REQUIRES, 587, WORKS),
    ("'port' => 587, 'require_tls' => true", "10", MAY, 587, WORKS),
    ("'port' => 587, 'require_tls' => true, 'auto_tls' => false", None, ERROR, 587, CONFIG_ERROR),
    (ENV % (587, "MAIL_SCHEME=smtps"), None, IMPLICIT, 587, WRONG),
    (ENV % (587, "MAIL_SCHEME=null"), None, MAY, 587, WORKS),
    (ENV % (587, "MAIL_SCHEME=tls"), None, ERROR, 587, CONFIG_ERROR),
    (ENV % (587, "MAIL_SCHEME=smtps"), "10", MAY, 587, WORKS),
    (ENV % (587, ""), "8", REQUIRES, 587, WORKS),  # the skeleton's config/mail.php has 'tls' as the default
    (ENV % (587, ""), "9.0", IMPLICIT, 587, WRONG),
    ("'port' => 587", "8", NEVER, 587, REFUSED),
    (CONFIG % "'require_tls' => true,", None, REQUIRES, 2525, WORKS),
    (ENV % (587, "") + CONFIG % "'require_tls' => true,", None, REQUIRES, 587, WORKS),
    (OLD_CONFIG, "8", REQUIRES, 587, WORKS),
    (ENV % (465, "MAIL_ENCRYPTION=ssl") + OLD_CONFIG, "8", IMPLICIT, 465, WORKS),
    ("MAIL_PORT=465, MAIL_ENCRYPTION=ssl", "8", IMPLICIT, 465, WORKS),
    ("MAIL_URL=smtp://alice:jabberwocky@h.example:587\nMAIL_PORT=465", None, MAY, 587, WORKS),
    ("MAIL_URL=smtp://alice:jabberwocky@h.example:587?require_tls=true", None, REQUIRES, 587, WORKS),
    ("MAIL_URL=smtp://alice:jabberwocky@h.example:587?encryption=ssl\nMAIL_ENCRYPTION=tls", "8", IMPLICIT, 587, WRONG),
    ("MAIL_URL=smtps://alice:jabberwocky@h.example:465", None, ERROR, 465, CONFIG_ERROR),
    ("MAIL_URL=smtp://alice:jabber#wocky@h.example:465\nMAIL_PORT=587", None, ERROR, 587, CONFIG_ERROR),
    ("MAIL_URL=\nMAIL_PORT=587", None, ERROR, 587, CONFIG_ERROR),
    ("MAIL_URL=null\nMAIL_PORT=587", None, MAY, 587, WORKS),
    ("MAIL_HOST=ssl://smtp.example.com\nMAIL_PORT=465", None, ERROR, 465, CONFIG_ERROR),
    ("MAIL_PORT=25", None, MAY, 25, WORKS),
])
def test_pastes(text, version, mode, port, outcome):
    report = read_settings("laravel", text, version=version)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "jabber" not in repr(report) + report.to_json()


@each_row(("trap", "version", "code", "setting", "word", "twin"), [
    (ENV % (587, "MAIL_ENCRYPTION=tls"), "12", "ineffective", "MAIL_ENCRYPTION", "not read since 11.35.1",
     ENV % (587, "")),
    ("'encryption' => 'ssl', 'port' => 587", "9.52", "ineffective", "encryption", "only port 465",
     "'scheme' => 'smtps', 'port' => 465"),
    ("'encryption' => 'tls', 'port' => 587", "10", "ineffective", "encryption", "does not require",
     "'encryption' => 'tls', 'port' => 465"),
    ("'encryption' => 'TLS', 'port' => 587", "10", "unknown-value", "encryption", "only 'tls'",
     "'encryption' => 'tls', 'port' => 587"),
    ("'encryption' => 'tls', 'port' => 587", "9.0", "port-mismatch", "encryption", "every port",
     "'encryption' => null, 'port' => 587"),
    ("'encryption' => 'tls', 'port' => 587", "11.35.0", "port-mismatch", "encryption", "every port",
     "'encryption' => 'tls', 'port' => 465"),
    (ENV % (587, ""), "8", "computed", "MAIL_ENCRYPTION", "skeleton", ENV % (587, "MAIL_ENCRYPTION=null")),
    ("'scheme' => 'tls', 'port' => 587", "12", "unknown-value", "scheme", "smtp or smtps", "'scheme' => 'smtp'"),
    ("'scheme' => 'tls', 'port' => 587", "10", "unknown-value", "scheme", "counts as smtp", "'scheme' => 'smtp'"),
    ("'scheme' => 'smtps', 'port' => 465", "8", "ineffective", "scheme", "MAIL_ENCRYPTION", "'encryption' => 'ssl'"),
    (ENV % (465, "MAIL_SCHEME=smtps"), "10", "ineffective", "MAIL_SCHEME", "11.35.1", ENV % (465, "")),
    (ENV % (465, "MAIL_SCHEME=smtps"), "12", "not-wired", "MAIL_SCHEME", "config/mail.php", ENV % (465, "")),
    (ENV % (587, "MAIL_REQUIRE_TLS=true"), "12", "not-wired", "MAIL_REQUIRE_TLS", "config/mail.php", ENV % (587, "")),
    ("'auto_tls' => false, 'port' => 587", "10", "ineffective", "auto_tls", "7.1", "'port' => 587"),
    ("'require_tls' => true, 'port' => 587", "8", "ineffective", "require_tls", "7.3", "'port' => 587"),
    ("'require_tls' => true, 'auto_tls' => false, 'port' => 587", "12", "contradiction", "auto_tls", "take 'auto_tls'",
     "'auto_tls' => false, 'port' => 587"),
    ("'encryption' => null, 'port' => 587", "11.30", "broken-upgrade", "scheme", "update Laravel",
     "'encryption' => 'tls', 'port' => 587"),
    ("'verify_peer' => false, 'port' => 587", "12", "no-certificate-check", "verify_peer", "not checked",
     "'verify_peer' => true, 'port' => 587"),
    ("'stream' => ['ssl' => ['verify_peer' => false]], 'encryption' => 'ssl'", "8", "no-certificate-check", "stream",
     "not checked", "'stream' => ['ssl' => ['verify_peer' => true]], 'encryption' => 'ssl'"),
    ("'stream' => ['ssl' => ['verify_peer' => false]], 'port' => 465", "12", "ineffective", "stream", "verify_peer",
     "'verify_peer' => false, 'port' => 465"),
    ("MAIL_MAILER=log\nMAIL_PORT=587", "12", "not-smtp", "MAIL_MAILER", "nothing by SMTP", "MAIL_MAILER=smtp"),
])
def test_traps(trap, version, code, setting, word, twin):
    said = [w.message for w in read_settings("laravel", trap, version=version).warnings
            if (w.code, w.setting) == (code, setting)]
    assert len(said) == 1
    assert word in said[0]
    assert (code, setting) not in {
        (w.code, w.setting) for w in read_settings("laravel", twin, version=version).warnings}


@each_row(("version", "possible"), [
    ("8", [True, True]), ("9.52", [False, False]), ("11.30", [False, False]), ("11.30 / symfony 7.2", [False, True]),
    ("12", [True, True]), ("12 / symfony/mailer 7.2.1", [False, True])])
def test_require_tls_and_auto_tls_depend_on_the_symfony_below(version, possible):
    report = read_settings("laravel", "'port' => 587, 'require_tls' => true, 'scheme' => 'smtp'", version=version)
    assert (report.mode == REQUIRES) is (possible[0] and version != "8")
    laravel = framework("laravel")
    forms = laravel.forms(Given(laravel, release_for(laravel, version)[0], {}, None))
    assert [not isinstance(forms[mode], NotPossible) for mode in (Mode.REQUIRED, Mode.PLAIN)] == possible


def test_an_old_laravel_on_a_new_symfony_fails_for_want_of_a_scheme():
    report = read_settings("laravel", {"encryption": None, "port": 587}, version="Laravel 11.34 / symfony 7.2")
    assert (report.mode, report.outcome) == (ERROR, CONFIG_ERROR)
    assert 'The "" scheme is not supported' in report.error
    assert read_settings("laravel", {"encryption": "tls", "port": 587}, version="11.34 / symfony 7.2").mode == MAY


@each_row(("version", "seconds", "error"), [("8", 30, "Timed Out")])
def test_swift_mailer_hangs_in_its_own_words(version, seconds, error):
    report = read_settings("laravel", {"encryption": "tls", "port": 465}, version=version)
    assert (report.outcome, report.hang_ends_after_s) == (HANG, seconds)
    assert error in report.error
    set_to_5 = read_settings("laravel", {"encryption": "tls", "port": 465, "timeout": 5}, version=version)
    assert set_to_5.hang_ends_after_s == 5
