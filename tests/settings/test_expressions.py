"""What an expression comes to by its literals and defaults, and shorthand in one line; each with its twin."""

from helpers import each_row

from smtplab.settings import read_settings
from smtplab.settings.reading import Computed, read_code


def value_of(text: str) -> object:
    """The value, or that of the default in a list, or "?" where there is none."""
    value = next(p.value for p in read_code(f"x = {text}").pairs if p.path == ("x",))
    return value if not isinstance(value, Computed) else [value.default] if value.known else "?"


@each_row(("text", "value"), [
    ('os.environ.get("T", "False") == "True"', [False]), ('os.environ.get("T", "True") == "True"', [True]),
    ('os.getenv("T", "False").lower() in ("true", "1")', [False]), ('os.getenv("T", "1") in ["true", "1"]', [True]),
    ('config("T", default="False", cast=bool)', [False]), ('config("T", default="False")', ["False"]),
    ('int(os.environ.get("T", "0"))', [0]), ('bool(os.environ.get("T", "0"))', [True]),
    ('ENV.fetch("T", "false") == "true"', [False]), ('ENV["T"] == "true"', "?"),
    ('ENV.fetch("T", "false").present?', "?"), ("getenv('X') ?: 'ssl'", ["ssl"]),
    ("!true", False), ("not False", True), ("!!process.env.T", "?"), ("not DEBUG", "?"),
    ("isProd ? true : false", "?"), ('True if os.getenv("T") else False', "?"), ('true if ENV["T"]', True),
    ("Boolean.TRUE", True), ("String.valueOf(true)", True), ("String.valueOf(useTls)", "?"),
    ("587 and some words", "587 and some words"),
])
def test_an_expression_is_worth_its_default_or_nothing(text, value):
    assert value_of(text) == value


def test_a_variable_in_a_flags_place_is_no_text():
    variable, text = (read_settings("django", f"EMAIL_USE_TLS = {v}\nEMAIL_PORT = 587") for v in ("USE_TLS", "'no'"))
    assert (variable.mode, text.mode) == ("plain", "starttls-required")
    assert [w.code for w in variable.warnings if w.code in ("unread", "truthy")] == ["unread"]
    assert "truthy" in {w.code for w in text.warnings}


@each_row(("name", "settings", "version", "port", "mode"), [
    *(("exim", {"transport": f"hosts_require_auth = *{sep}hosts_require_tls = *"}, None, 587, "starttls-required")
      for sep in ("; ", ", ", " + ", " and ")),
    ("exim", {"transport": "hosts_require_auth = <; a ; b"}, None, 587, "starttls-opportunistic"),
    ("exim", {"transport": "protocol = smtps, hosts_require_auth = *"}, None, 465, "implicit"),
    ("mutt", {"option": "smtps://"}, None, 465, "implicit"),
    ("mutt", {"option": "smtp://"}, None, 465, "starttls-required"),
    ("mutt", {"option": "ssl_force_tls=no,ssl_starttls=yes"}, None, 587, "starttls-opportunistic"),
    ("mutt", {"option": "ssl_force_tls=no, ssl_starttls=no"}, None, 587, "plain"),
    ("jenkins", {"settings": "neither useSsl nor useTls, port 587"}, None, 587, "plain"),
    ("jenkins", {"settings": "no useSsl, useTls, port 587"}, None, 587, "starttls-required"),
    ("keycloak", {"settings": "neither ssl nor starttls, port 465"}, None, 465, "plain"),
    ("keycloak", {"settings": "ssl, port 465"}, None, 465, "implicit"),
    ("django", {"EMAIL_USE_SSL": True}, "1.6", 465, "plain"),
    ("django", {"EMAIL_USE_SSL": True}, "1.7", 465, "implicit"),
    ("lettre", 'let m = AsyncSmtpTransport::<T>::starttls_relay("x")?.port(2525).build();', None, None,
     "starttls-required"),
    ("lettre", 'let m: SmtpTransport = SmtpTransport::relay("x")?.build();', None, None, "implicit"),
    ("smtplib", 'self.server = conn = smtplib.SMTP_SSL("x", 465)', None, None, "implicit"),
    ("system.net.mail", '<smtp a="b"><network host="x" port="465" enableSsl="true"/>', None, None, "starttls-required"),
])
def test_what_is_told_in_one_line_is_read_whole(name, settings, version, port, mode):
    assert read_settings(name, settings, version=version, port=port).mode == mode


@each_row(("name", "call", "key"), [
    ("smtplib", "smtplib.SMTP(h, port)", "port"),
    ("mailkit", "client.Connect(s.Host, s.Port, SecureSocketOptions.StartTls);", "Port")])
def test_a_port_that_is_worked_out_is_told(name, call, key):
    told = [[w.message for w in read_settings(name, f"{before}{call}").warnings if w.code == "unread"]
            for before in ("", f"{key} = 587\n")]
    assert told == [[f"line 1: the value of {key} is worked out when it runs; the default port is taken"], []]
