"""EMAIL_URL by django-environ and dj-email-url: schemes that don't mean what they say, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import framework, read_settings
from smtplab.settings.model import Given, Mode, NotPossible

WHO = "alice:jabberwocky@smtp.example.com"


@each_row(("url", "environ", "dj"), [
    (f"smtp://{WHO}:587", ("plain", 587, "refused-needs-tls"), ("plain", 587, "refused-needs-tls")),
    (f"smtps://{WHO}:465", ("starttls-required", 465, "hang"), ("starttls-required", 465, "hang")),
    (f"smtps://{WHO}:587", ("starttls-required", 587, "works"), ("starttls-required", 587, "works")),
    (f"smtp+tls://{WHO}:587", ("starttls-required", 587, "works"), ("plain", 587, "refused-needs-tls")),
    (f"smtp+ssl://{WHO}:465", ("implicit", 465, "works"), ("plain", 465, "hang")),
    (f"smtp+ssl://{WHO}", ("implicit", 465, "works"), ("plain", 25, "auth-not-offered")),
    (f"submission://{WHO}", ("error", 25, "config-error"), ("starttls-required", 587, "works")),
    (f"submit://{WHO}:587", ("error", 587, "config-error"), ("starttls-required", 587, "works")),
    (f"smtp://{WHO}:465/?ssl=True", ("plain", 465, "hang"), ("implicit", 465, "works")),
    (f"smtp://{WHO}:587/?tls=yes", ("plain", 587, "refused-needs-tls"), ("starttls-required", 587, "works")),
    (f"smtp://{WHO}:587/?tls=No", ("plain", 587, "refused-needs-tls"), ("plain", 587, "refused-needs-tls")),
    (f"submission://{WHO}/?ssl=1", ("error", 25, "config-error"), ("implicit", 587, "wrong-version-number")),
    (f"smtp://{WHO}:587/?EMAIL_USE_TLS=1", ("starttls-required", 587, "works"), ("plain", 587, "refused-needs-tls")),
    (f"smtp://{WHO}:587/?email_use_tls=0", ("plain", 587, "refused-needs-tls"), ("plain", 587, "refused-needs-tls")),
    (f"smtps://{WHO}:587/?EMAIL_USE_SSL=1", ("error", 587, "config-error"), ("starttls-required", 587, "works")),
    ("smtp://alice:jabber#wocky@smtp.example.com:587", ("error", 25, "config-error"), ("error", 25, "config-error")),
    ("smtp.example.com", ("error", 25, "config-error"), ("plain", 25, "auth-not-offered")),
    ("", ("error", 25, "config-error"), ("error", 25, "config-error")),
])
def test_what_a_url_does(url, environ, dj):
    for name, expected in (("django-environ", environ), ("dj-email-url", dj)):
        for given in ({"EMAIL_URL": url}, f"DEBUG=on\nEMAIL_URL={url}\n", f'export EMAIL_URL="{url}"'):
            report = read_settings(name, given)
            assert (report.mode, report.port, report.outcome) == expected
            assert "jabber" not in repr(report)
            assert "wocky" not in repr(report)


@each_row(("name", "text", "mode"), [
    ("django-environ", "EMAIL_CONFIG = env.email_url('EMAIL_URL', default='smtp+tls://a:jabberwocky@h.example:587')\n"
                       "vars().update(EMAIL_CONFIG)", "starttls-required"),
    ("django-environ", f"smtp+ssl://{WHO}:465", "implicit"),
    ("dj-email-url", "config = dj_email_url.parse('submission://a:jabberwocky@h.example')", "starttls-required"),
    ("dj-email-url", "config = dj_email_url.config(default='smtp://a:jabberwocky@h.example:465/?ssl=True')",
     "implicit"),
    ("dj-email-url", "config = dj_email_url.config()", "error"),
])
def test_urls_in_code_and_alone(name, text, mode):
    report = read_settings(name, text)
    assert report.mode == mode
    assert "jabberwocky" not in repr(report)


def warnings(name, url):
    return {w.code: w.message for w in read_settings(name, {"EMAIL_URL": url}).warnings}


@each_row(("name", "url", "code", "word", "twin"), [
    ("django-environ", "smtps://h.example:465", "misleading-scheme", "smtp+ssl://", "smtp+ssl://h.example:465"),
    ("django-environ", "smtp://h.example:465/?ssl=True", "ineffective", "scheme decides", "smtp+ssl://h.example:465"),
    ("django-environ", "smtp://h.example:587/?EMAIL_USE_TLS=False", "truthy", "ON", "smtp://h.example/?EMAIL_USE_TLS=0"),
    ("django-environ", "consolemail://", "other-backend", "no mail", "smtp://h.example"),
    ("django-environ", "smtp://h.example:587", "password-in-clear", "in clear", "consolemail://"),
    ("dj-email-url", "smtps://h.example:587", "misleading-scheme", "deprecated", "submission://h.example"),
    ("dj-email-url", "smtp+tls://h.example:587", "unknown-value", "no TLS at all", "submission://h.example"),
    ("dj-email-url", "submission://h.example/?tls=False", "ineffective", "only switch on", "smtp://h.example/?tls=True"),
    ("dj-email-url", "console://", "other-backend", "no mail", "smtp://h.example"),
])
def test_each_trap_and_its_twin(name, url, code, word, twin):
    assert word in warnings(name, url)[code]
    assert code not in warnings(name, twin)


def test_the_libraries_own_complaints():
    broken = read_settings("django-environ", {"EMAIL_URL": "smtp://a:b#c@h.example:587"})
    assert "%23" in broken.because
    assert "Port could not be cast" in broken.error
    unknown = read_settings("django-environ", {"EMAIL_URL": "submission://h.example"})
    assert "Invalid email schema" in unknown.error
    assert [line.effect for line in unknown.lines] == ["decides"]


@each_row("url", ["smtp://a:1/jabber@h.example:587", "a:jabber@h.example", "smtp://a:1?jabber@h.example",
                                 "smtp://a:1#jabber@h.example", "smtp://[a:jabber@h.example"])
def test_the_rest_of_a_password_with_odd_characters_never_comes_back(url):
    for name, key in (("django-environ", "EMAIL_URL"), ("dj-email-url", "EMAIL_URL"), ("nodemailer", "url")):
        report = read_settings(name, {key: url})
        assert "jabber" not in repr(report)
        assert report.lines


@each_row("name", ["django-environ", "dj-email-url"])
def test_the_right_forms_read_back(name):
    described = framework(name)
    for mode, form in described.forms(Given(described, described.releases[-1], {}, None)).items():
        if isinstance(form, NotPossible):
            continue
        port = 465 if mode is Mode.IMPLICIT else 587
        report = read_settings(name, form.replace("{host}", "smtp.example.com").replace("{port}", str(port)))
        assert (report.mode, report.port, report.host, report.outcome == "works") == (
            mode, port, "smtp.example.com", mode != "plain")
