"""gen_smtp, Swoosh and lettre: what people paste, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import read_settings
from smtplab.settings.tables.erlang import Atom

ERLANG = """\
gen_smtp_client:send({"a@example.com", ["b@example.com"], Body},
    [{relay, "smtp.example.com"}, {username, "alice"}, {password, "jabberwocky"},
     {port, %s}, %s]). %% a comment
"""
MODULEDOC = """\
config :sample, Sample.Mailer,
  adapter: Swoosh.Adapters.SMTP,
  relay: "smtp.example.com",
  username: "alice",
  password: "jabberwocky",
  ssl: true,
  tls: :always,
  auth: :always,
  port: 465,
  dkim: [s: "default", d: "example.com", private_key: {:pem_plain, File.read!("priv/key")}],
  retries: 2
"""
RUNTIME = """\
config :app, App.Mailer,
  adapter: Swoosh.Adapters.SMTP,
  relay: System.get_env("SMTP_HOST"),
  port: String.to_integer(System.get_env("SMTP_PORT") || "587"),
  password: System.fetch_env!("SMTP_PASSWORD"),
  ssl: false,
  tls: :always,
  tls_options: [verify: :verify_peer, cacerts: :public_key.cacerts_get(), depth: 99]
"""
RELAY = """\
let creds = Credentials::new("alice".to_owned(), "jabberwocky".to_owned());
// Open a remote connection
let mailer = SmtpTransport::relay("smtp.example.com")
    .unwrap()
    .port(587)
    .credentials(creds)
    .timeout(Some(Duration::from_secs(10)))
    .build();
"""
STARTTLS = RELAY.replace("relay", "starttls_relay")
ASYNC = 'AsyncSmtpTransport::<Tokio1Executor>::starttls_relay("h")?.credentials(creds).build::<Tokio1Executor>()'
DANGEROUS = """\
let tls = TlsParameters::builder(host.clone()).dangerous_accept_invalid_certs(true).build()?;
SmtpTransport::builder_dangerous(&host).port(587).tls(Tls::Required(tls)).build()
"""
URL = 'SmtpTransport::from_url("%s")?.build();'
LOGIN = "alice:jabberwocky@"


@each_row(("name", "text", "mode", "port", "outcome"), [
    ("gen_smtp", ERLANG % (465, "{ssl, true}"), "implicit", 465, "works"),
    ("gen_smtp", ERLANG % (587, "{ssl, true}"), "implicit", 587, "wrong-version-number"),
    ("gen_smtp", ERLANG % (465, '{ssl, "true"}'), "starttls-opportunistic", 465, "hang"),
    ("gen_smtp", ERLANG % (465, "{ssl, true}, {tls, always}"), "implicit", 465, "starttls-not-offered"),
    ("gen_smtp", ERLANG % (587, "{ssl, true}, {tls, always}"), "implicit", 587, "wrong-version-number"),
    ("gen_smtp", ERLANG % (587, "{tls, always}"), "starttls-required", 587, "works"),
    ("gen_smtp", ERLANG % (587, "{tls, never}"), "plain", 587, "refused-needs-tls"),
    ("gen_smtp", ERLANG % (587, "{tls, true}"), "plain", 587, "refused-needs-tls"),
    ("gen_smtp", ERLANG % (25, "{tls, always}"), "starttls-required", 25, "works"),
    ("gen_smtp", ERLANG % (25, "{tls, always}, {auth, always}"), "starttls-required", 25, "auth-not-offered"),
    ("gen_smtp", "[{ssl, true}]", "implicit", 465, "works"),
    ("gen_smtp", "[]", "starttls-opportunistic", 25, "works"),
    ("swoosh", MODULEDOC, "implicit", 465, "starttls-not-offered"),
    ("swoosh", MODULEDOC.replace("  tls: :always,\n", ""), "implicit", 465, "works"),
    ("swoosh", MODULEDOC.replace("ssl: true", "ssl: false").replace("465", "587"), "starttls-required", 587, "works"),
    ("swoosh", RUNTIME, "starttls-required", 587, "works"),
    ("swoosh", 'ssl: "true", port: "465"', "implicit", 465, "works"),
    ("swoosh", 'tls: "always", port: 587', "starttls-required", 587, "works"),
    ("swoosh", 'ssl: "yes", port: 465', "error", 465, "config-error"),
    ("swoosh", "tls: true, port: 587", "plain", 587, "refused-needs-tls"),
    ("lettre", RELAY, "implicit", 587, "wrong-version-number"),
    ("lettre", RELAY.replace("    .port(587)\n", ""), "implicit", 465, "works"),
    ("lettre", STARTTLS, "starttls-required", 587, "works"),
    ("lettre", STARTTLS.replace("587", "465"), "starttls-required", 465, "hang"),
    ("lettre", STARTTLS.replace("587", "25"), "starttls-required", 25, "auth-not-offered"),
    ("lettre", ASYNC, "starttls-required", 587, "works"),
    ("lettre", DANGEROUS, "starttls-required", 587, "works"),
    ("lettre", 'SmtpTransport::builder_dangerous("h").tls(Tls::None).build()', "plain", 25, "plaintext"),
    ("lettre", "SmtpTransport::unencrypted_localhost()", "plain", 25, "plaintext"),
    ("lettre", URL % f"smtps://{LOGIN}h", "implicit", 465, "works"),
    ("lettre", URL % f"smtp://{LOGIN}h?tls=required", "starttls-required", 587, "works"),
    ("lettre", URL % f"smtp://{LOGIN}h:465?tls=required", "starttls-required", 465, "hang"),
    ("lettre", URL % f"smtp://{LOGIN}h?tls=opportunistic", "starttls-opportunistic", 587, "works"),
    ("lettre", URL % f"smtp://{LOGIN}h:587", "plain", 587, "refused-needs-tls"),
    ("lettre", URL % f"smtp://{LOGIN}h?tls=maybe", "error", 587, "config-error"),
    ("lettre", f"SMTP_URL='smtps://{LOGIN}h'", "implicit", 465, "works"),
    ("lettre", f"smtp://{LOGIN}h", "plain", 25, "auth-not-offered"),
    ("lettre", f"smtp://{LOGIN}[h:99999", "error", 25, "config-error"),
    ("lettre", "let mailer = todo!();", "error", 25, "config-error"),
])
def test_pastes(name, text, mode, port, outcome):
    report = read_settings(name, text)
    assert (report.mode.value, report.port, report.outcome.value) == (mode, port, outcome)
    assert "jabber" not in str(report) + report.to_json()


def warned(report, code):
    return [w for w in report.warnings if w.code == code]


@each_row(("name", "given", "code", "word", "twin"), [
    ("gen_smtp", {"ssl": True, "tls": "always"}, "contradiction", "inside TLS", {"ssl": True}),
    ("gen_smtp", {"ssl": "true"}, "unknown-value", "counts as false", {"ssl": True}),
    ("gen_smtp", {"tls": True}, "unknown-value", "counts as never", {"tls": "always"}),
    ("gen_smtp", {"ssl": True}, "no-certificate-check", "verify_peer",
     {"ssl": True, "sockopts.verify": ":verify_peer"}),
    ("gen_smtp", {"ssl": True, "tls_options.verify": "verify_peer"}, "ineffective", "sockopts",
     {"tls": "always", "tls_options.verify": "verify_peer"}),
    ("gen_smtp", {"ssl": True, "tls": "never"}, "redundant", "not needed", {"ssl": True}),
    ("gen_smtp", {"auth": "never", "username": "alice"}, "auth-incomplete", "not used", {"username": "alice"}),
    ("swoosh", MODULEDOC, "documented-example", "documentation", RUNTIME),
    ("swoosh", RUNTIME.replace(":verify_peer", ":verify_none"), "no-certificate-check", "not checked", RUNTIME),
    ("swoosh", {"ssl": "yes"}, "unknown-value", "ArgumentError", {"ssl": "true"}),
    ("lettre", RELAY, "port-does-not-choose", "starttls_relay()", STARTTLS),
    ("lettre", STARTTLS.replace("587", "465"), "port-does-not-choose", "use relay()", RELAY.replace("587", "465")),
    ("lettre", "smtp://h:587", "no-tls", "?tls=required", "smtp://h:587?tls=required"),
    ("lettre", "smtps://h?tls=required", "ineffective", "does not look at", "smtps://h"),
    ("lettre", DANGEROUS, "no-certificate-check", "accepted", STARTTLS),
])
def test_traps_and_their_twins(name, given, code, word, twin):
    assert any(word in w.message for w in warned(read_settings(name, given), code))
    assert not warned(read_settings(name, twin), code)


@each_row(("version", "warns"), [(None, True), ("gen_smtp 1.2.0", True), ("1.2.0 on OTP 25", True),
                                                ("gen_smtp 1.2.0, OTP 27", False)])
def test_otp_26_checks_certificates(version, warns):
    report = read_settings("gen_smtp", {"ssl": True}, version=version)
    assert bool(warned(report, "no-certificate-check")) is warns


@each_row(("name", "given", "seconds"), [
    ("gen_smtp", {}, 1200), ("swoosh", {}, 1200), ("lettre", "SmtpTransport::starttls_relay(h)", 60),
    ("lettre", STARTTLS, 10), ("lettre", STARTTLS.replace("Some(Duration::from_secs(10))", "None"), None),
])
def test_how_long_a_hang_lasts(name, given, seconds):
    report = read_settings(name, given, port=465)
    assert (report.outcome.value, report.hang_ends_after_s) == ("hang", seconds)


def test_auth_never_keeps_the_password():
    assert read_settings("gen_smtp", {"tls": "never", "auth": "never"}).password_in_clear_if_server_allows is False
    assert read_settings("gen_smtp", {"tls": "never"}).password_in_clear_if_server_allows is True


@each_row(("value", "on", "odd"), [(True, True, False), (False, False, False), ("true", False, True),
                                                  (1, False, True), (None, False, False)])
def test_only_the_atom_true_is_on(value, on, odd):
    assert Atom().read(value) is on
    assert (Atom().complaint(value) is not None) is odd
