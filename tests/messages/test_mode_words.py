"""How the words of a setting are read: as a mode, or as nothing."""

from helpers import each_row

from smtplab.messages import mode_of


@each_row(("words", "port", "mode"), [
    ("implicit", None, "implicit"), ("SMTPSecure=ssl", 465, "implicit"), ("SMTPSecure = 'tls'", 587, "starttls"),
    ("EMAIL_USE_TLS=True", 587, "starttls"),
    ("secure: true", 465, "implicit"), ("secure: false", 587, "plain"), ("secure: false, STARTTLS", 25, "starttls"),
    ("EnableSsl=false", 25, "plain"),
    ("EnableSsl", 587, "starttls"), ("TLS", 587, None), ("TLS", 465, None), ("use_tls=False, no start_tls",
    587, "plain"), ("STARTTLS", None, "starttls"),
    ("starttls-opportunistic", None, "starttls"), ("SSL/TLS", 465, "implicit"), ("none", 25, "plain"),
    ("no authentication", 25, None), ("builder_dangerous()", 25, "plain"),
    ("starttls_relay()", 587, "starttls"), ("relay()", None, "implicit"), ("EHLO", 25, None), ("", None, None),
    (None, None, None), ("Gmail", None, None)])
def test_the_words_of_a_setting(words, port, mode):
    assert mode_of(words, port) == mode


@each_row(("words", "mode"), [
    ("--ssl-reqd", "starttls"), ("smtp:// --ssl-reqd", "starttls"), ("smtps:// --ssl-reqd", "implicit"),
    ("curl --ssl smtp://mail.example.com", "starttls"), ("-tls", "starttls"), ("swaks --to a -tlso", "starttls"),
    ("-tlsc", "implicit"), ("-tls1_2", None), ("--tls-on-connect", "implicit"), ("TLSMandatory", "starttls"),
    ("NoStartTLS", "plain"), ("MandatoryStartTLS", "starttls"), ("requireTLS", "starttls"), ("requireTLS: false", None),
    ("secure: true, requireTLS: true", "implicit"), ("ignoreTLS", "plain"), ("ignoreTLS: false", None),
    ("secure: true, ignoreTLS: true", "implicit"), ("smtp_tls_security_level=encrypt", "starttls"),
    ("smtp_tls_security_level = encrypt, smtp_tls_wrappermode = yes", "implicit"),
    ("smtp_tls_security_level=none", "plain"), ("smtpEncryption=tls", "starttls"), ("smtpEncryption=ssl", "implicit"),
    ("{tls,always}", "starttls"), ("tls: :always", "starttls"), ("tls: :never", "plain"),
    ("{ssl,true},{tls,never}", "implicit"), ("{ssl,false},{tls,never}", "plain"),
    ("SecureSocketOptions.None", "plain"), ("SecureSocketOptions.SslOnConnect", "implicit"),
    ("Connection security: None", "plain"), ("tls=false, starttls=false", "plain"),
    ("starttls: false, tls: false", "plain"), ("tls=false, starttls=false, ssl: true", "implicit"),
    ("enable_starttls_auto: false", "plain"), ("tls: true, enable_starttls_auto: false", "implicit"),
    ("tls on, tls_starttls off", "implicit"), ("tls off, tls_starttls off", "plain"), ("tls_starttls on", "starttls"),
    ("mail.smtp.starttls.enable=false", None), ("tls: true", None), ("MAIL_ENCRYPTION=tls", None), ("tls on", None)])
def test_settings_with_one_meaning_are_read_on_any_port(words, mode):
    assert mode_of(words, 465) == mode
    if mode:
        assert mode_of(words) == mode_of(words, 587) == mode


def test_a_setting_that_goes_by_the_port_is_read_beside_465():
    assert mode_of("MAIL_ENCRYPTION=tls", 587) == mode_of("tls on", 25) == "starttls"
    assert mode_of("MAIL_ENCRYPTION=tls") is mode_of("TLS", 587) is None
