"""PHPMailer and WP Mail SMTP: what people paste, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import read_settings

README = """\
<?php
use PHPMailer\\PHPMailer\\PHPMailer;
$mail = new PHPMailer(true);
try {
    $mail->SMTPDebug = SMTP::DEBUG_SERVER;                      //Enable verbose debug output
    $mail->isSMTP();                                            //Send using SMTP
    $mail->Host       = 'smtp.example.com';
    $mail->SMTPAuth   = true;
    $mail->Username   = 'user@example.com';
    $mail->Password   = 'jabberwocky';
    $mail->SMTPSecure = PHPMailer::ENCRYPTION_SMTPS;            //Enable implicit TLS encryption
    $mail->Port       = 465;             //use 587 if you have set `SMTPSecure = PHPMailer::ENCRYPTION_STARTTLS`
    $mail->Subject = 'Here is the subject';
} catch (Exception $e) { echo "Mailer Error: {$mail->ErrorInfo}"; }
"""
STARTTLS = README.replace("_SMTPS;", "_STARTTLS;")
NO_TLS = "$mail->SMTPSecure = false; $mail->SMTPAutoTLS = false; $mail->Port = 587;"
CHECKS = "$mail->SMTPOptions = array('ssl' => array('verify_peer' => %s, 'allow_self_signed' => %s));"
CONSTANTS = "define( 'WPMS_ON', true );\ndefine( 'WPMS_SSL', '%s' ); // Possible values '', 'ssl', 'tls'\n"
SAVED = '{"mail":{"mailer":"smtp"},"smtp":{"autotls":%s,"auth":true,"encryption":"%s","port":%d,"pass":"jabberwocky"}}'


@each_row(("text", "mode", "port", "outcome"), [
    (README, "implicit", 465, "works"),
    (README.replace("= 465", "= 587"), "implicit", 587, "wrong-version-number"),
    (STARTTLS, "starttls-required", 465, "hang"),
    (STARTTLS.replace("= 465", "= 587"), "starttls-required", 587, "works"),
    (README.replace("_SMTPS;", "_TLS;"), "error", 465, "config-error"),
    (README.replace("PHPMailer::ENCRYPTION_SMTPS", "'ssl'"), "implicit", 465, "works"),
    (README.replace("PHPMailer::ENCRYPTION_SMTPS", "'SSL'"), "starttls-opportunistic", 465, "hang"),
    (README.replace("PHPMailer::ENCRYPTION_SMTPS", "true").replace("= 465", "= 25"), "starttls-opportunistic", 25,
     "auth-not-offered"),
    (NO_TLS, "plain", 587, "refused-needs-tls"),
    ("$mail->SMTPAutoTLS = 'false'; $mail->Port = 587;", "starttls-opportunistic", 587, "works"),
    ("$mail->Host = 'ssl://smtp.example.com'; $mail->Port = 465;", "implicit", 465, "works"),
    ("$mail->Host = 'tls://smtp.example.com:587';", "starttls-required", 587, "works"),
    ("$mail->Host = 'ssl://a.example:465; tls://b.example:587'; $mail->SMTPSecure = 'tls';", "implicit", 465, "works"),
    ("$mail->Host = 'smtp://a.example; tls://b.example:587';", "starttls-required", 587, "works"),
    ("$mail->Host = 'smtp://a.example'; $mail->Port = 587;", "error", 587, "config-error"),
    ("$mail->Host = 'SSL://a.example:465';", "error", 25, "config-error"),
    ("$mail->Host = '[::1]:587';", "starttls-opportunistic", 587, "works"),
    ("$mail->Port = 25; $mail->SMTPAuth = false;", "starttls-opportunistic", 25, "works"),
])
def test_phpmailer(text, mode, port, outcome):
    report = read_settings("phpmailer", text)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "jabberwocky" not in repr(report)


@each_row(("version", "host", "mode"), [
    ("6.6.3", "localhost", "starttls-opportunistic"), ("6.12", "localhost", "starttls-opportunistic"),
    ("7.0", "localhost", "plain"), ("7.1.1", "localhost", "plain"),
    ("7.1.1", "localhost:587", "starttls-opportunistic"), ("7.1.1", "127.0.0.1", "starttls-opportunistic")])
def test_phpmailer_7_takes_no_starttls_from_localhost(version, host, mode):
    report = read_settings("phpmailer", {"Host": host, "Port": 587}, version=version)
    assert report.mode == mode
    assert ("fallback-in-clear" in {w.code for w in report.warnings}) is (mode == "plain")


def test_phpmailer_hangs_for_its_own_time_out_or_the_one_that_is_set():
    assert read_settings("phpmailer", STARTTLS).hang_ends_after_s == 300
    assert read_settings("phpmailer", STARTTLS + "$mail->Timeout = 10;").hang_ends_after_s == 10
    assert read_settings("phpmailer", README + "$mail->Timeout = 10;").hang_ends_after_s is None


@each_row(("trap", "code", "setting", "word", "twin"), [
    ("$mail->SMTPSecure = ''; $mail->Port = 587;", "redundant", "SMTPSecure", "does not switch TLS off", NO_TLS.replace(
        "$mail->SMTPSecure = false;", "")),
    ("$mail->SMTPSecure = 'TLS';", "unknown-value", "SMTPSecure", "did you mean 'tls'", "$mail->SMTPSecure = 'tls';"),
    ("$mail->SMTPSecure = 'starttls';", "unknown-value", "SMTPSecure", "SMTPAutoTLS decides", "$mail->Port = 587;"),
    ("$mail->SMTPAutoTLS = 'false';", "truthy", "SMTPAutoTLS", "merely true", "$mail->SMTPAutoTLS = '0';"),
    ("$mail->SMTPSecure = 'tls'; $mail->SMTPAutoTLS = false;", "ineffective", "SMTPAutoTLS", "all the same", NO_TLS),
    ("$mail->Host = 'ssl://h'; $mail->SMTPSecure = 'tls';", "contradiction", "SMTPSecure", "prefix counts",
     "$mail->Host = 'ssl://h'; $mail->SMTPSecure = 'ssl';"),
    ("$mail->Host = 'h:587'; $mail->Port = 465;", "contradiction", "Port", "within Host",
     "$mail->Host = 'h:587'; $mail->Port = 587;"),
    ("$mail->Host = 'a;b';", "several-hosts", "Host", "the first", "$mail->Host = 'a';"),
    ("$mail->Host = 'a;smtp://b';", "unknown-value", "Host", "passed over", "$mail->Host = 'a;b';"),
    (CHECKS % ("false", "false"), "no-certificate-check", "SMTPOptions", "not checked", CHECKS % ("true", "false")),
    (CHECKS % ("true", "true"), "no-certificate-check", "SMTPOptions", "not checked",
     CHECKS % ("false", "true") + NO_TLS),
    (README.replace("$mail->isSMTP();", ""), "not-smtp", "isSMTP()", "mail()", README),
    ("$mail->Username = 'u';", "auth-incomplete", "SMTPAuth", "never logs in",
     "$mail->Username = 'u'; $mail->SMTPAuth = true;"),
    ("$mail->SMTPsecure = 'tls'; $mail->Port = 587;", "unknown-key", "SMTPsecure", "did you mean SMTPSecure",
     "$mail->SMTPSecure = 'tls'; $mail->Port = 587;"),
])
def test_phpmailers_traps(trap, code, setting, word, twin):
    said = [w.message for w in read_settings("phpmailer", trap).warnings if (w.code, w.setting) == (code, setting)]
    assert len(said) == 1
    assert word in said[0]
    assert (code, setting) not in {(w.code, w.setting) for w in read_settings("phpmailer", twin).warnings}


@each_row(("text", "mode", "port", "outcome"), [
    (CONSTANTS % "ssl" + "define( 'WPMS_SMTP_PORT', 465 );", "implicit", 465, "works"),
    (CONSTANTS % "tls" + "define( 'WPMS_SMTP_PORT', 587 );", "starttls-required", 587, "works"),
    (CONSTANTS % "tls" + "define( 'WPMS_SMTP_PORT', 465 );", "starttls-required", 465, "hang"),
    (CONSTANTS % "" + "define( 'WPMS_SMTP_PORT', 587 );", "starttls-opportunistic", 587, "works"),
    (CONSTANTS % "" + "define( 'WPMS_SMTP_PORT', 587 );\ndefine( 'WPMS_SMTP_AUTOTLS', false );", "plain", 587,
     "refused-needs-tls"),
    (SAVED % ("true", "ssl", 587), "implicit", 587, "wrong-version-number"),
    (SAVED % ("true", "tls", 25), "starttls-required", 25, "auth-not-offered"),
    (SAVED % ("true", "none", 465), "starttls-opportunistic", 465, "hang"),
    (SAVED % ("false", "none", 587), "plain", 587, "refused-needs-tls"),
])
def test_wp_mail_smtp(text, mode, port, outcome):
    report = read_settings("wp-mail-smtp", text)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)


@each_row(("trap", "code", "setting", "word", "twin"), [
    (CONSTANTS % "" + "define( 'WPMS_SMTP_PORT', 587 );", "redundant", "WPMS_SSL", "not \"no TLS\"", CONSTANTS % "tls"),
    (CONSTANTS % "tls" + "define( 'WPMS_SMTP_PORT', 465 );", "documented-example", "WPMS_SSL", "'tls' is STARTTLS",
     CONSTANTS % "ssl" + "define( 'WPMS_SMTP_PORT', 465 );"),
    ("define( 'WPMS_SSL', 'tls' );", "ineffective", "WPMS_ON", "none of the WPMS_ constants", CONSTANTS % "tls"),
    (SAVED % ("false", "tls", 587), "ineffective", "autotls", "only looked at", SAVED % ("false", "none", 587)),
    ((SAVED % ("true", "tls", 587)).replace('"mailer":"smtp"', '"mailer":"gmail"'), "not-smtp", "mailer", "Other SMTP",
     SAVED % ("true", "tls", 587)),
    ({"encryption": "TLS", "port": 587}, "unknown-value", "encryption", "did you mean 'tls'", {"encryption": "tls"}),
    ({"host": "localhost", "port": 587}, "fallback-in-clear", "host", "PHPMailer 7", {"host": "h", "port": 587}),
])
def test_wp_mail_smtps_traps(trap, code, setting, word, twin):
    said = [w.message for w in read_settings("wp-mail-smtp", trap).warnings if (w.code, w.setting) == (code, setting)]
    assert len(said) == 1
    assert word in said[0]
    assert (code, setting) not in {(w.code, w.setting) for w in read_settings("wp-mail-smtp", twin).warnings}


@each_row(("version", "text", "error"), [
    ("6.6.3", README.replace("= 465", "= 587"), "SMTP Error: Could not connect to SMTP host."),
    ("7.1.1", README.replace("= 465", "= 587"),
     "SMTP Error: Could not connect to SMTP host. Failed to connect to server"),
    ("7.1.1", README.replace("_SMTPS;", "_TLS;"),
     "Error: Undefined constant PHPMailer\\PHPMailer\\PHPMailer::ENCRYPTION_..."),
    ("7.1.1", NO_TLS, "SMTP Error: Could not authenticate."), ("7.1.1", README, None)])
def test_the_error_that_is_printed(version, text, error):
    assert read_settings("phpmailer", text, version=version).error == error
