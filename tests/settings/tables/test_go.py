"""Go: net/smtp, gomail.v2, mail.v2 and wneessen/go-mail: what people paste, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import framework, read_settings, translate
from smtplab.settings.evaluate import evaluate, fill
from smtplab.settings.model import Given, Mode, NotPossible

NET, GOMAIL, MAIL, WNEESSEN = "go net/smtp.SendMail", "gomail.v2", "gopkg.in/mail.v2 (Grafana)", "wneessen/go-mail"
TUTORIAL = """\
func main() {
  from := "alice@example.com"
  password := "jabberwocky"
  to := []string{"bob@example.com"}
  smtpHost := "smtp.example.com"
  smtpPort := "587"
  message := []byte("This is a test email message.")
  auth := smtp.PlainAuth("", from, password, smtpHost)
  err := smtp.SendMail(smtpHost+":"+smtpPort, auth, from, to, message)
}
"""
AT_ONCE = """\
servername := "smtp.example.com:465"
host, _, _ := net.SplitHostPort(servername)
auth := smtp.PlainAuth("", "alice", "jabberwocky", host)
tlsconfig := &tls.Config {
    InsecureSkipVerify: true, // a remark
    ServerName: host,
}
conn, err := tls.Dial("tcp", servername, tlsconfig)
c, err := smtp.NewClient(conn, host)
if err = c.Auth(auth); err != nil { log.Panic(err) }
"""
BY_HAND = """\
c, err := smtp.Dial("smtp.example.com:587")
if ok, _ := c.Extension("STARTTLS"); ok {
    if err = c.StartTLS(&tls.Config{ServerName: host}); err != nil { return err }
}
"""
UNASKED = 'c, err := smtp.Dial("smtp.example.com:587")\nif err = c.StartTLS(config); err != nil { return err }\n'
DIALER = 'd := gomail.NewDialer("smtp.example.com", 587, "alice", "jabberwocky")\n'
WRITTEN = 'd := &gomail.Dialer{Host: "smtp.example.com", Port: 465, Username: "alice", Password: "jabberwocky"}'
CLIENT = """\
client, err := mail.NewClient("smtp.example.com", mail.WithTLSPortPolicy(mail.TLSMandatory),
    mail.WithSMTPAuth(mail.SMTPAuthPlain), mail.WithUsername("alice"), mail.WithPassword("jabberwocky"))
"""
ON_465 = 'c, err := mail.NewClient("h", mail.WithPort(465))'
OPEN = 'c, err := mail.NewClient("h", mail.WithTLSPolicy(mail.NoTLS), mail.WithSMTPAuth(mail.%s))'


@each_row(("name", "text", "version", "mode", "port", "outcome"), [
    (NET, TUTORIAL, None, "starttls-opportunistic", 587, "works"),
    (NET, TUTORIAL.replace("587", "465"), None, "starttls-opportunistic", 465, "hang"),
    (NET, TUTORIAL.replace("587", "25"), None, "starttls-opportunistic", 25, "auth-not-offered"),
    (NET, TUTORIAL.replace(", auth, from", ", nil, from"), None, "starttls-opportunistic", 587, "auth-missing"),
    (NET, TUTORIAL.replace("587", "25").replace(", auth, ", ", nil, "), None, "starttls-opportunistic", 25, "works"),
    (NET, 'smtp.SendMail("smtp.example.com:465", auth, from, to, msg)', None, "starttls-opportunistic", 465, "hang"),
    (NET, 'smtp.SendMail(host + ":587", auth, from, to, msg)', None, "starttls-opportunistic", 587, "works"),
    (NET, AT_ONCE, None, "implicit", 465, "works"),
    (NET, AT_ONCE.replace("465", "587"), None, "implicit", 587, "wrong-version-number"),
    (NET, BY_HAND, None, "starttls-opportunistic", 587, "works"),
    (NET, UNASKED, None, "starttls-required", 587, "works"),
    (NET, UNASKED.replace("587", "25"), None, "starttls-required", 25, "auth-not-offered"),
    (NET, BY_HAND.splitlines()[0], None, "plain", 587, "refused-needs-tls"),
    (NET, 'conn, err := net.Dial("tcp", "smtp.example.com:587")', None, "plain", 587, "refused-needs-tls"),
    (NET, "noauth", None, "starttls-opportunistic", 25, "works"),
    (GOMAIL, DIALER, None, "starttls-opportunistic", 587, "works"),
    (GOMAIL, DIALER.replace("587", "25"), None, "starttls-opportunistic", 25, "works"),
    (GOMAIL, DIALER.replace("587", "465"), None, "implicit", 465, "works"),
    (GOMAIL, DIALER + "d.SSL = true", None, "implicit", 587, "wrong-version-number"),
    (GOMAIL, DIALER.replace("587", "465") + "d.SSL = false", None, "starttls-opportunistic", 465, "hang"),
    (GOMAIL, DIALER.replace('"alice", "jabberwocky"', '"", ""'), None, "starttls-opportunistic", 587, "auth-missing"),
    (GOMAIL, DIALER.replace("NewDialer", "NewPlainDialer").replace("587", "2465"), None, "starttls-opportunistic",
     2465, "hang"),
    (GOMAIL, WRITTEN, None, "starttls-opportunistic", 465, "hang"),
    (GOMAIL, WRITTEN.replace("465,", "465, SSL: true,"), None, "implicit", 465, "works"),
    (MAIL, DIALER + "d.StartTLSPolicy = mail.MandatoryStartTLS", None, "starttls-required", 587, "works"),
    (MAIL, DIALER + "d.StartTLSPolicy = mail.NoStartTLS", None, "plain", 587, "refused-needs-tls"),
    (MAIL, DIALER + "d.StartTLSPolicy = 1", None, "starttls-required", 587, "works"),
    (MAIL, DIALER.replace("587", "465") + "d.StartTLSPolicy = mail.NoStartTLS", None, "implicit", 465, "works"),
    (MAIL, DIALER.replace("587", "25") + "d.StartTLSPolicy = mail.NoStartTLS", None, "plain", 25, "plaintext"),
    (MAIL, "Mandatory", None, "starttls-required", 25, "works"),
    (WNEESSEN, CLIENT, None, "starttls-required", 587, "works"),
    (WNEESSEN, CLIENT.replace("WithTLSPortPolicy(mail.TLSMandatory)", "WithSSLPort(false)"), None, "implicit", 465,
     "works"),
    (WNEESSEN, CLIENT.replace("WithTLSPortPolicy(mail.TLSMandatory)", "WithSSL()"), None, "implicit", 25,
     "wrong-version-number"),
    (WNEESSEN, CLIENT.replace("TLSMandatory", "TLSOpportunistic"), None, "starttls-opportunistic", 587, "works"),
    (WNEESSEN, CLIENT.replace("TLSMandatory", "NoTLS"), None, "plain", 25, "auth-not-offered"),
    (WNEESSEN, CLIENT.replace("mail.WithSMTPAuth(mail.SMTPAuthPlain), ", ""), None, "starttls-required", 587,
     "auth-missing"),
    (WNEESSEN, ON_465, "0.4.4", "starttls-required", 465, "hang"),
    (WNEESSEN, ON_465, None, "starttls-required", 465, "hang"),
    (WNEESSEN, "client.SetSSL(true)\nclient.SetTLSPolicy(mail.NoTLS)", None, "implicit", 25, "wrong-version-number"),
    (WNEESSEN, "WithSSL", "0.4.4", "implicit", 25, "wrong-version-number"),
])
def test_pastes(name, text, version, mode, port, outcome):
    report = read_settings(name, text, version=version)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "jabberwocky" not in repr(report)
    timed = name == WNEESSEN and version is None
    assert (report.error is None) == (outcome in ("works", "plaintext") or (outcome == "hang" and not timed))
    assert report.hang_ends_after_s == (15 if outcome == "hang" and timed else None)


@each_row(("name", "text", "given_away"), [
    (NET, TUTORIAL, False), (NET, TUTORIAL.replace("smtp.example.com", "localhost"), True),
    (NET, TUTORIAL.replace("smtp.PlainAuth", "LoginAuth"), True),
    (NET, TUTORIAL.replace("PlainAuth", "CRAMMD5Auth").replace("smtp.example.com", "localhost"), False),
    (NET, 'smtp.SendMail("127.0.0.1:25", auth, from, to, msg)', True),
    (NET, 'smtp.SendMail("127.0.0.1:25", nil, from, to, msg)', False),
    (GOMAIL, DIALER, True), (GOMAIL, DIALER.replace("587", "465"), False),
    (MAIL, DIALER.replace('"alice"', '""'), False), (MAIL, DIALER, True),
    (WNEESSEN, OPEN % "SMTPAuthPlain", False), (WNEESSEN, OPEN % "SMTPAuthPlainNoEnc", True),
    (WNEESSEN, OPEN % "SMTPAuthNoAuth", False),
])
def test_who_gives_the_password_away(name, text, given_away):
    report = read_settings(name, text)
    assert report.password_in_clear_if_server_allows is given_away
    assert given_away == any(w.code == "password-in-clear" for w in report.warnings)


def codes(name, text, version=None):
    return {(w.code, w.setting): w.message for w in read_settings(name, text, version=version).warnings}


@each_row(("name", "text", "version", "code", "word", "twin", "twin_version"), [
    (NET, TUTORIAL, None, ("auth-refused", "auth"), "unencrypted connection", AT_ONCE, None),
    (NET, TUTORIAL.replace("587", "465"), None, ("not-inferred", "port"), "tls.Dial", TUTORIAL, None),
    (NET, TUTORIAL.replace("587", "465"), None, ("no-timeout", ""), "for ever", TUTORIAL, None),
    (NET, TUTORIAL.replace(", auth, from", ", nil, from"), None, ("mail-in-clear", "auth"), "clear", TUTORIAL, None),
    (NET, AT_ONCE, None, ("no-certificate-check", "InsecureSkipVerify"), "not checked",
     AT_ONCE.replace("true", "false"), None),
    (GOMAIL, WRITTEN, None, ("not-inferred", "SSL"), "written out", DIALER.replace("587", "465"), None),
    (GOMAIL, DIALER.replace("587", "2465"), None, ("not-inferred", "SSL"), "2465", DIALER.replace("587", "465"), None),
    (GOMAIL, DIALER.replace("587", "465"), None, ("inferred", "SSL"), "465", DIALER, None),
    (GOMAIL, DIALER, None, ("password-in-clear", ""), "LOGIN", DIALER.replace("587", "465"), None),
    (MAIL, DIALER.replace("587", "2465"), None, ("no-timeout", ""), "10 s", DIALER, None),
    (MAIL, DIALER.replace("587", "465") + "d.StartTLSPolicy = mail.MandatoryStartTLS", None,
     ("ineffective", "StartTLSPolicy"), "SSL", DIALER + "d.StartTLSPolicy = mail.MandatoryStartTLS", None),
    (MAIL, DIALER + "d.StartTLSPolicy = policy", None, ("unknown-value", "StartTLSPolicy"), "'policy'",
     DIALER + "d.StartTLSPolicy = mail.OpportunisticStartTLS", None),
    (WNEESSEN, ON_465, "0.7.2", ("no-timeout", "Timeout"), "0.7.3", ON_465, "0.7.3"),
    (WNEESSEN, ON_465.replace("465)", "465), mail.WithTimeout(time.Second*5)"), None, ("timeout", "Timeout"),
     "WithTimeout", ON_465, None),
    (WNEESSEN, ON_465, None, ("not-inferred", "Port"), "WithSSL", CLIENT, None),
    (WNEESSEN, CLIENT.replace("mail.WithSMTPAuth(mail.SMTPAuthPlain), ", ""), None, ("auth-incomplete", "Username"),
     "WithSMTPAuth", CLIENT, None),
    (WNEESSEN, CLIENT.replace("Mandatory", "Opportunistic"), None, ("fallback-in-clear", "TLSPortPolicy"), "25",
     CLIENT, None),
    (WNEESSEN, 'mail.NewClient("h", mail.WithSSLPort(true))', None, ("fallback", "SSLPort"), "false",
     'mail.NewClient("h", mail.WithSSLPort(false))', None),
    (WNEESSEN, CLIENT.replace("mail.WithSMTP", "mail.WithSSL(), mail.WithSMTP"), None, ("ineffective", "TLSPolicy"),
     "WithSSL", CLIENT, None),
])
def test_traps(name, text, version, code, word, twin, twin_version):
    assert word in codes(name, text, version)[code]
    assert code not in codes(name, twin, twin_version)


@each_row("name", [NET, GOMAIL, MAIL, WNEESSEN])
@each_row(("mode", "port"), [(Mode.IMPLICIT, 465), (Mode.REQUIRED, 587), (Mode.OPPORTUNISTIC, 587), (Mode.PLAIN, 587)])
def test_forms_read_back(name, mode, port):
    described = framework(name)
    form = described.forms(Given(described, described.releases[-1], {}, port))[mode]
    if isinstance(form, NotPossible):
        assert mode in {NET: (Mode.IMPLICIT, Mode.REQUIRED, Mode.PLAIN), GOMAIL: (Mode.REQUIRED, Mode.PLAIN)}[name]
        return
    report = evaluate(described, fill(form, "smtp.example.com", port)[0])
    assert (report.mode, report.port) == (mode, port)
    assert not {w.code for w in report.warnings} & {"unread", "unknown-key", "ineffective", "redundant"}


def test_a_translation_says_what_the_port_does_not():
    odd = read_settings(GOMAIL, DIALER.replace("587", "1465") + "d.SSL = true")
    assert translate(odd, "mail.v2").text.endswith("1465, user, password)\nd.SSL = true")
    assert "SSL" not in translate(read_settings(GOMAIL, DIALER), "mail.v2").text
    assert not translate(odd, "go").possible


def test_short_names():
    assert [framework(n).name for n in ("go", "gomail", "mail.v2", "wneessen")] == [NET, GOMAIL, MAIL, WNEESSEN]
