"""MailKit and System.Net.Mail: what people paste, and each trap with its twin."""

from helpers import each_row

from smtplab import explain
from smtplab.settings import read_settings, translate

CONNECT = 'client.Connect("smtp.example.com", %s, %s);\nclient.Authenticate("alice", "jabberwocky");'
ASYNC = """\
using var client = new SmtpClient();
client.ServerCertificateValidationCallback = (s, c, h, e) => true;
await client.ConnectAsync("smtp.example.com", 587, SecureSocketOptions.StartTls).ConfigureAwait(false);
await client.AuthenticateAsync("alice", "jabberwocky");
"""
CHOSEN = "smtp.Connect(s.Host, 465, s.Ssl ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls);"
NAMED = 'smtp.Connect(host: "h", port: 465, options: SecureSocketOptions.SslOnConnect)'
URI = 'client.Connect(new Uri("%s"));'
APPSETTINGS = '{"Mail": {"SmtpServer": "h", "SmtpPort": 587, "UseSsl": true, "Password": "jabberwocky"}}'
INITIALISED = """\
var smtp = new SmtpClient
{
    Host = "smtp.example.com",
    Port = 587,
    EnableSsl = true,
    UseDefaultCredentials = false,
    Credentials = new NetworkCredential(from.Address, "jabberwocky"),
    Timeout = 20000
};
"""
CALLED = """\
var c = new SmtpClient("h", 587);
c.Credentials = new NetworkCredential("a", "jabberwocky");
c.EnableSsl = true;
"""
APP_CONFIG = """\
<smtp deliveryMethod="Network" from="alice@example.com">
  <network host="h" port="587" enableSsl="true" userName="alice" password="jabberwocky" defaultCredentials="false" />
</smtp>
"""
LATE = INITIALISED.replace("    UseDefaultCredentials = false,\n", "").replace(
    "    Timeout", "    UseDefaultCredentials = false,\n    Timeout")
OPTION = "SecureSocketOptions."


@each_row(("name", "text", "mode", "port", "outcome"), [
    ("mailkit", CONNECT % (465, OPTION + "SslOnConnect"), "implicit", 465, "works"),
    ("mailkit", CONNECT % (587, OPTION + "SslOnConnect"), "implicit", 587, "wrong-version-number"),
    ("mailkit", CONNECT % (0, OPTION + "SslOnConnect"), "implicit", 465, "works"),
    ("mailkit", CONNECT % (587, OPTION + "StartTls"), "starttls-required", 587, "works"),
    ("mailkit", CONNECT % (465, OPTION + "StartTls"), "starttls-required", 465, "hang"),
    ("mailkit", CONNECT % (587, OPTION + "Auto"), "starttls-opportunistic", 587, "works"),
    ("mailkit", CONNECT % (465, OPTION + "Auto"), "implicit", 465, "works"),
    ("mailkit", CONNECT % (2465, OPTION + "Auto"), "starttls-opportunistic", 2465, "hang"),
    ("mailkit", CONNECT % (587, OPTION + "StartTlsWhenAvailable"), "starttls-opportunistic", 587, "works"),
    ("mailkit", CONNECT % (25, OPTION + "StartTlsWhenAvailable"), "starttls-opportunistic", 25, "auth-not-offered"),
    ("mailkit", CONNECT % (587, OPTION + "None"), "plain", 587, "refused-needs-tls"),
    ("mailkit", CONNECT % (587, OPTION + "StartTLS"), "error", 587, "config-error"),
    ("mailkit", CONNECT % (587, "false"), "starttls-opportunistic", 587, "works"),
    ("mailkit", CONNECT % (465, "useSsl: true"), "implicit", 465, "works"),
    ("mailkit", 'client.Connect("h", 587);', "starttls-opportunistic", 587, "works"),
    ("mailkit", 'client.Connect("h");', "starttls-opportunistic", 25, "auth-not-offered"),
    ("mailkit", ASYNC, "starttls-required", 587, "works"),
    ("mailkit", NAMED, "implicit", 465, "works"),
    ("mailkit", URI % "smtps://alice:jabberwocky@h", "implicit", 465, "works"),
    ("mailkit", URI % "smtp://h:587", "starttls-opportunistic", 587, "works"),
    ("mailkit", URI % "smtp://h:587/?starttls=always", "starttls-required", 587, "works"),
    ("mailkit", URI % "smtp://h:587/?starttls=never", "plain", 587, "refused-needs-tls"),
    ("mailkit", URI % "http+smtp://h", "error", 25, "config-error"),
    ("mailkit", APPSETTINGS, "implicit", 587, "wrong-version-number"),
    ("dotnet", INITIALISED, "starttls-required", 587, "works"),
    ("dotnet", INITIALISED.replace("587", "465"), "starttls-required", 465, "hang"),
    ("dotnet", INITIALISED.replace("587", "25"), "starttls-required", 25, "works"),
    ("dotnet", LATE, "starttls-required", 587, "auth-missing"),
    ("dotnet", CALLED, "starttls-required", 587, "works"),
    ("dotnet", CALLED.replace("true", "false"), "plain", 587, "refused-needs-tls"),
    ("dotnet", 'new SmtpClient("localhost")', "plain", 25, "plaintext"),
    ("dotnet", APP_CONFIG, "starttls-required", 587, "works"),
    ("mono", LATE, "starttls-required", 587, "works"),
    ("mono", "EnableSsl=false", "plain", 25, "works"),
])
def test_pastes(name, text, mode, port, outcome):
    report = read_settings(name, text)
    assert (report.mode.value, report.port, report.outcome.value) == (mode, port, outcome)
    assert "jabber" not in str(report) + report.to_json()


def warned(report, code):
    return [w for w in report.warnings if w.code == code]


@each_row(("name", "given", "code", "word", "twin"), [
    ("mailkit", ASYNC, "no-certificate-check", "always returns true", NAMED),
    ("mailkit", CONNECT % (587, "true"), "bool-overload", "SslOnConnect", CONNECT % (587, OPTION + "StartTls")),
    ("mailkit", CONNECT % (587, OPTION + "Auto"), "opportunistic", "say SecureSocketOptions.StartTls",
     CONNECT % (465, OPTION + "Auto")),
    ("mailkit", CHOSEN, "unread", "SecureSocketOptions is worked out", NAMED),
    ("mailkit", CONNECT % (587, OPTION + "StartTLS"), "unknown-value", "did you mean 'StartTls'?",
     CONNECT % (587, OPTION + "StartTls")),
    ("mailkit", {"useSsl": True, "SecureSocketOptions": "StartTls"}, "contradiction", "one of the two",
     {"useSsl": True}),
    ("dotnet", INITIALISED, "ssl-means-starttls", "no implicit TLS", CALLED.replace("true", "false")),
    ("dotnet", INITIALISED.replace("587", "465"), "port-mismatch", "can't do", INITIALISED),
    ("dotnet", LATE, "auth-incomplete", "nobody logs in", INITIALISED),
    ("mono", INITIALISED.replace("587", "465"), "no-timeout", "for ever", INITIALISED),
    ("dotnet", {"DeliveryMethod": "SmtpDeliveryMethod.SpecifiedPickupDirectory"}, "ineffective", "never sent",
     {"DeliveryMethod": "SmtpDeliveryMethod.Network"}),
])
def test_traps_and_their_twins(name, given, code, word, twin):
    assert any(word in w.message for w in warned(read_settings(name, given), code))
    assert not warned(read_settings(name, twin), code)


def test_the_port_mismatch_of_a_library_without_implicit_tls_is_told_once_and_never_advises_it():
    found = warned(read_settings("dotnet", {"EnableSsl": True, "Port": 465}), "port-mismatch")
    assert len(found) == 1
    assert "implicit" not in found[0].message


@each_row(("name", "given", "seconds"), [
    ("mailkit", {"SecureSocketOptions": "StartTls"}, 120), ("mailkit", "client.Timeout = 10000;", None),
    ("mailkit", "client.Connect(h, 465, SecureSocketOptions.StartTls); client.Timeout = 10000;", 10),
    ("dotnet", {"EnableSsl": True}, 100), ("dotnet", INITIALISED, 20), ("mono", INITIALISED, None),
])
def test_how_long_a_hang_lasts(name, given, seconds):
    report = read_settings(name, given, port=465)
    assert report.hang_ends_after_s == seconds


def test_what_system_net_mail_cannot_do_is_said():
    told = translate(read_settings("mailkit", NAMED), "system.net.mail")
    assert not told.possible
    assert "no implicit TLS" in told.text
    assert translate(read_settings("dotnet", APP_CONFIG), "mailkit").possible


@each_row(("port", "names_it"), [(587, True), (25, True), (2525, False)])
def test_what_mailkit_says_of_the_port(port, names_it):
    """Only of the two ports that SmtpClient.cs hands to SslHandshakeException.Create()."""
    error = read_settings("mailkit", CONNECT % (port, OPTION + "SslOnConnect")).error
    assert error.startswith("MailKit.Security.SslHandshakeException: An error occurred")
    assert (f"port {port} is typically reserved for plain-text connections" in error) == names_it
    assert explain(error)[0].cause == "implicit-to-plaintext" or not names_it
