"""Django, Flask-Mail, smtplib, aiosmtplib and fastapi-mail: what people paste, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import framework, read_settings
from smtplab.settings.model import Given, Mode, NotPossible

DJANGO = """\
EMAIL_BACKEND = 'django.core.mail.backends.smtp.EmailBackend'
EMAIL_HOST = 'smtp.example.com'
EMAIL_PORT = '587'
EMAIL_HOST_USER = 'alice@example.com'  # the account
EMAIL_HOST_PASSWORD = 'jabberwocky'
EMAIL_USE_TLS = True
TEMPLATES = [{'BACKEND': 'django.template.backends.django.DjangoTemplates'}]
CACHES = {'default': {'BACKEND': 'django.core.cache.backends.redis.RedisCache', 'LOCATION': 'redis://a:b@h:1'}}
DATABASES = {'default': {'HOST': 'db', 'PORT': 5432}}
"""
MAILERS = """\
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": "smtp.example.com", "username": "a", "password": "jabberwocky", "use_ssl": True},
    }
}
"""
REALPYTHON = """\
import smtplib, ssl
port = 465  # for SSL
smtp_server = "smtp.example.com"
password = input("Password: ")
context = ssl.create_default_context()
with smtplib.SMTP_SSL(smtp_server, port, context=context) as server:
    server.login("alice@example.com", password)
    server.sendmail("alice@example.com", receiver, message)
"""
SMTPLIB = "s = smtplib.SMTP('smtp.example.com', 587)\ns.starttls()\ns.login('a', 'jabberwocky')\ns.send_message(m)\n"
FASTAPI = """\
conf = ConnectionConfig(
    MAIL_USERNAME="alice", MAIL_PASSWORD=SecretStr("jabberwocky"), MAIL_FROM="a@example.com",
    MAIL_PORT=465, MAIL_SERVER="smtp.example.com", MAIL_STARTTLS=False, MAIL_SSL_TLS=True,
    USE_CREDENTIALS=True, VALIDATE_CERTS=True,
)
"""
AIO_TWICE = "smtp = aiosmtplib.SMTP(hostname='smtp.example.com', port=587%s)\nawait smtp.starttls()\n"


@each_row(("name", "text", "version", "mode", "port", "outcome"), [
    ("django", DJANGO, None, "starttls-required", 587, "works"),
    ("django", DJANGO.replace("_TLS = True", "_SSL = True"), None, "implicit", 587, "wrong-version-number"),
    ("django", DJANGO.replace("587", "465"), "5.2", "starttls-required", 465, "hang"),
    ("django", "EMAIL_USE_SSL = True", None, "implicit", 25, "wrong-version-number"),
    ("django", "EMAIL_PORT=465\nEMAIL_USE_TLS=True\nEMAIL_USE_SSL=True\n", "3.2", "error", 465, "config-error"),
    ("django", MAILERS, None, "implicit", 465, "works"),
    ("django", MAILERS, "5.2", "plain", 25, "auth-not-offered"),
    ("django", "c = get_connection(host='smtp.example.com', port=465, use_ssl=True)", None, "implicit", 465, "works"),
    ("django", "EMAIL_PORT = int(os.environ.get('P', 587))\nEMAIL_USE_TLS = config('T', default=True, cast=bool)", None,
     "starttls-required", 587, "works"),
    ("django-mailers", MAILERS, None, "implicit", 465, "works"),
    ("django-mailers", MAILERS.replace("use_ssl", "use_tls"), None, "starttls-required", 587, "works"),
    ("django-mailers", MAILERS.replace('"use_ssl": True', '"use_ssl": True, "use_tls": True'), None, "error", 465,
     "config-error"),
    ("flask-mail", "app.config.update(MAIL_SERVER='smtp.example.com', MAIL_PORT=465, MAIL_USE_SSL=True)", None,
     "implicit", 465, "works"),
    ("flask-mail", "app.config['MAIL_PORT'] = 587\napp.config['MAIL_USE_TLS'] = True", None, "starttls-required", 587,
     "works"),
    ("flask-mail", "MAIL_PORT=465\nMAIL_USE_TLS=True\nMAIL_USE_SSL=True", None, "implicit", 465, "refused"),
    ("flask-mail", "MAIL_PORT=587\nMAIL_USE_TLS=True\nMAIL_USE_SSL=True", None, "implicit", 587,
     "wrong-version-number"),
    ("flask-mail", "", None, "plain", 25, "auth-not-offered"),
    ("smtplib", REALPYTHON, None, "implicit", 465, "works"),
    ("smtplib", REALPYTHON.replace("465", "587"), None, "implicit", 587, "wrong-version-number"),
    ("smtplib", SMTPLIB, "3.11", "starttls-required", 587, "works"),
    ("smtplib", SMTPLIB.replace("587", "465"), None, "starttls-required", 465, "hang"),
    ("smtplib", SMTPLIB.replace("s.starttls()", ""), None, "plain", 587, "refused-needs-tls"),
    ("smtplib", SMTPLIB.replace("SMTP(", "SMTP_SSL(").replace("587", "465"), None, "implicit", 465, "refused"),
    ("smtplib", SMTPLIB.replace("s.starttls", "if s.has_extn('STARTTLS'): s.starttls"), None, "starttls-opportunistic",
     587, "works"),
    ("smtplib", "server = smtplib.SMTP('smtp.example.com:587')\nserver.starttls()", None, "starttls-required", 587,
     "works"),
    ("smtplib", "s = smtplib.SMTP(HOST, int(os.getenv('PORT', '587')))\ns.starttls()", None, "starttls-required", 587,
     "works"),
    ("smtplib", "SMTP_SSL", None, "implicit", 465, "works"),
    ("smtplib", "SMTP + starttls()", None, "starttls-required", 25, "auth-not-offered"),
    ("aiosmtplib", "await aiosmtplib.send(m, hostname='smtp.example.com', use_tls=True)", None, "implicit", 465,
     "works"),
    ("aiosmtplib", "aiosmtplib.SMTP(hostname='smtp.example.com', start_tls=True)", None, "starttls-required", 587,
     "works"),
    ("aiosmtplib", "aiosmtplib.SMTP(port=587)", "2.0", "starttls-opportunistic", 587, "works"),
    ("aiosmtplib", "aiosmtplib.SMTP(port=587)", "1.1.7", "plain", 587, "refused-needs-tls"),
    ("aiosmtplib", "aiosmtplib.SMTP(port=587, start_tls=False)", None, "plain", 587, "refused-needs-tls"),
    ("aiosmtplib", "aiosmtplib.SMTP(use_tls=True, start_tls=True)", None, "error", 465, "config-error"),
    ("aiosmtplib", AIO_TWICE % "", None, "starttls-required", 587, "refused"),
    ("aiosmtplib", AIO_TWICE % ", start_tls=False", None, "starttls-required", 587, "works"),
    ("fastapi-mail", FASTAPI, None, "implicit", 465, "works"),
    ("fastapi-mail", FASTAPI.replace("465", "587"), None, "implicit", 587, "wrong-version-number"),
    ("fastapi-mail", "MAIL_PORT=587\nMAIL_STARTTLS=yes\nMAIL_SSL_TLS=0\n", None, "starttls-required", 587, "works"),
    ("fastapi-mail", "MAIL_PORT=587\nMAIL_STARTTLS=true\nMAIL_SSL_TLS=true\n", None, "error", 587, "config-error"),
    ("fastapi-mail", "MAIL_PORT=587\nMAIL_STARTTLS=true\n", None, "error", 587, "config-error"),
    ("fastapi-mail", "MAIL_PORT=587\nMAIL_TLS=True\nMAIL_SSL=False\n", "1.0", "starttls-required", 587, "works"),
])
def test_pastes(name, text, version, mode, port, outcome):
    report = read_settings(name, text, version=version)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "jabberwocky" not in repr(report)
    if outcome not in ("works", "hang", "auth-missing"):
        assert report.error
    else:
        assert report.error is None
    if outcome == "hang":
        assert report.hang_ends_after_s == (60 if name in ("aiosmtplib", "fastapi-mail") else None)


def codes(name, given, version=None, port=None):
    return {(w.code, w.setting): w.message for w in read_settings(name, given, version=version, port=port).warnings}


@each_row(("name", "given", "version", "code", "word", "twin", "twin_version"), [
    ("django", {"EMAIL_USE_TLS": "False"}, None, ("truthy", "EMAIL_USE_TLS"), "ON", {"EMAIL_USE_TLS": True}, None),
    ("django", {"EMAIL_USE_TLS": True}, "3.2", ("no-certificate-check", ""), "4.2", {"EMAIL_USE_TLS": True}, "4.2"),
    ("django", {"EMAIL_USE_TLS": True}, "4.1", ("no-certificate-check", ""), "4.2", {}, "4.1"),
    ("django", {"EMAIL_USE_TLS": True, "EMAIL_USE_SSL": 1}, None, ("contradiction", "EMAIL_USE_TLS"), "465",
     {"EMAIL_USE_TLS": True, "EMAIL_USE_SSL": 0}, None),
    ("django", {"EMAIL_SSL_CERTFILE": "/c.pem", "EMAIL_USE_TLS": True}, None, ("certificate-check",
     "EMAIL_SSL_CERTFILE"), "CAs", {"EMAIL_SSL_CERTFILE": "/c.pem", "EMAIL_USE_TLS": True}, "3.2"),
    ("django", {"EMAIL_HOST_PASSWORD": ""}, None, ("auth-incomplete", "EMAIL_HOST_USER"), "both",
     {"EMAIL_HOST_PASSWORD": "x"}, None),
    ("django", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, None, ("other-backend",
     "EMAIL_BACKEND"), "nothing", {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}, None),
    ("django", {"EMAIL_PORT": 587}, None, ("password-in-clear", ""), "AUTH", {"EMAIL_PORT": 587, "EMAIL_HOST_USER": ""},
     None),
    ("django", MAILERS, "5.2", ("ineffective", "MAILERS.default.BACKEND"), "6.1", MAILERS, "6.1"),
    ("django-mailers", MAILERS.replace('"host": "smtp.example.com", ', ""), None, ("missing-setting", "host"),
     "no default", MAILERS, None),
    ("flask-mail", {"MAIL_USE_TLS": True, "MAIL_USE_SSL": True}, None, ("contradiction", "MAIL_USE_TLS"), "inside",
     {"MAIL_USE_SSL": True}, None),
    ("flask-mail", {"MAIL_USE_TLS": True, "MAIL_PORT": 465}, None, ("no-timeout", ""), "no setting",
     {"MAIL_USE_SSL": True, "MAIL_PORT": 465}, None),
    ("flask-mail", {"MAIL_USE_TLS": True}, "0.9.1", ("no-certificate-check", ""), "context", {}, "0.9.1"),
    ("flask-mail", {"MAIL_TIMEOUT": 5}, None, ("ineffective", "MAIL_TIMEOUT"), "not read", {"MAIL_DEBUG": 0}, None),
    ("flask-mail", {"MAIL_SUPPRESS_SEND": True}, None, ("ineffective", "MAIL_SUPPRESS_SEND"), "nothing",
     {"MAIL_SUPPRESS_SEND": False}, None),
    ("flask-mail", "MAIL_TLS = True", None, ("unknown-key", "MAIL_TLS"), "MAIL_USE_TLS", "MAIL_USE_TLS = True", None),
    ("smtplib", SMTPLIB, None, ("no-certificate-check", "context"), "create_default_context",
     SMTPLIB.replace("starttls()", "starttls(context=ssl.create_default_context())"), None),
    ("smtplib", "context = ssl.create_default_context()\n" + SMTPLIB, None, ("no-certificate-check", "context"),
     "create_default_context", REALPYTHON, None),
    ("smtplib", SMTPLIB.replace("587", "465"), None, ("no-timeout", "timeout"), "for ever",
     SMTPLIB.replace("587", "465, timeout=9"), None),
    ("smtplib", SMTPLIB.replace("s.login", "# s.login"), None, ("auth-incomplete", "login"), "strangers", SMTPLIB,
     None),
    ("smtplib", SMTPLIB.replace("SMTP(", "SMTP_SSL("), None, ("contradiction", "starttls"), "inside", SMTPLIB, None),
    ("smtplib", "if tls:\n  s = smtplib.SMTP_SSL('h.example', 465)\nelse:\n  " + SMTPLIB, None, ("ambiguous", "class"),
     "one branch", SMTPLIB, None),
    ("smtplib", {"certfile": "x"}, "3.13", ("ineffective", "keyfile"), "3.12", {"certfile": "x"}, "3.11"),
    ("aiosmtplib", {"start_tls": "true"}, None, ("unknown-value", "start_tls"), "never", {"start_tls": True}, None),
    ("aiosmtplib", {"use_tls": True, "validate_certs": False}, None, ("no-certificate-check", "validate_certs"),
     "not checked", {"use_tls": True, "validate_certs": True}, None),
    ("aiosmtplib", AIO_TWICE % "", None, ("contradiction", "starttls()"), "already", AIO_TWICE % ", start_tls=False",
     None),
    ("aiosmtplib", {"use_tls": True, "start_tls": True}, None, ("contradiction", "start_tls"), "465",
     {"use_tls": True, "start_tls": False}, None),
    ("fastapi-mail", "MAIL_TLS=True\nMAIL_SSL=False", None, ("renamed", "MAIL_TLS"), "MAIL_STARTTLS",
     "MAIL_TLS=True\nMAIL_SSL=False", "1.1"),
    ("fastapi-mail", FASTAPI.replace("465", "587"), None, ("swapped", "MAIL_SSL_TLS"), "465", FASTAPI, None),
    ("fastapi-mail", FASTAPI.replace("SSL_TLS=True", "SSL_TLS='maybe'"), None, ("unknown-value", "MAIL_SSL_TLS"),
     "pydantic", FASTAPI.replace("SSL_TLS=True", "SSL_TLS='on'"), None),
    ("fastapi-mail", FASTAPI.replace("CERTS=True", "CERTS=False"), None, ("no-certificate-check", "VALIDATE_CERTS"),
     "not checked", FASTAPI, None),
    ("fastapi-mail", FASTAPI.replace("CREDENTIALS=True", "CREDENTIALS=False"), None, ("auth-incomplete",
     "USE_CREDENTIALS"), "log in", FASTAPI, None),
])
def test_each_trap_and_its_twin(name, given, version, code, word, twin, twin_version):
    assert word in codes(name, given, version)[code]
    assert code not in codes(name, twin, twin_version)


@each_row(("name", "given", "stranger"), [
    ("django", {"EMAIL_USE_TLS": True, "EMAIL_PORT": 587}, {"EMAIL_HOST_USER": ""}),
    ("flask-mail", {"MAIL_USE_SSL": True, "MAIL_PORT": 465}, {"MAIL_USERNAME": None}),
    ("fastapi-mail", {"MAIL_STARTTLS": True, "MAIL_SSL_TLS": False, "MAIL_PORT": 587}, {"USE_CREDENTIALS": False}),
    ("smtplib", {"class": "smtplib.SMTP_SSL"}, {"sends": True}),
])
def test_tls_that_works_is_not_enough_for_who_never_logs_in(name, given, stranger):
    assert read_settings(name, given).outcome == "works"
    assert read_settings(name, given | stranger).outcome == "auth-missing"
    assert read_settings(name, given | stranger, port=25).outcome in ("works", "wrong-version-number")


def test_what_a_refusal_names_is_not_called_without_effect():
    both = read_settings("fastapi-mail", {"MAIL_STARTTLS": True, "MAIL_SSL_TLS": True})
    assert {line.effect for line in both.lines} == {"decides"}
    twin = read_settings("django", {"EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False})
    assert [line.effect for line in twin.lines] == ["decides", "redundant"]


@each_row("name", ["django", "django-mailers", "flask-mail", "smtplib", "aiosmtplib", "fastapi-mail"])
def test_the_right_forms_read_back(name):
    described = framework(name)
    for mode, form in described.forms(Given(described, described.releases[-1], {}, None)).items():
        if isinstance(form, NotPossible):
            assert form.because
            continue
        port = 465 if mode is Mode.IMPLICIT else 587
        report = read_settings(name, form.replace("{host}", "smtp.example.com").replace("{port}", str(port)))
        assert (report.mode, report.port, report.host) == (mode, port, "smtp.example.com")
        assert not {w.code for w in report.warnings} & {"unread", "unknown-key", "ineffective", "redundant"} - (
            {"redundant"} if name == "fastapi-mail" else set())
