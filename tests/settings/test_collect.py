"""From pastes to keys: what a framework documents isn't called unknown, what is misspelled is, and who minds case."""

from helpers import each_row

from smtplab.settings import read_settings

# Settings that each framework documents for mail, how one is written, and one of them misspelled.
DOCUMENTED = {
    "rails-mail": ("config.action_mailer.{} = 'x'", "smtp_settings.adress", """
        delivery_method raise_delivery_errors perform_deliveries default_url_options default_options
        asset_host show_previews preview_paths deliver_later_queue_name perform_caching smtp_timeout logger
        delivery_job smtp_settings.address smtp_settings.port smtp_settings.domain smtp_settings.user_name
        smtp_settings.password smtp_settings.authentication smtp_settings.enable_starttls
        smtp_settings.openssl_verify_mode smtp_settings.ca_file smtp_settings.ca_path
        smtp_settings.open_timeout smtp_settings.read_timeout smtp_settings.return_response"""),
    "gitlab-omnibus": ("gitlab_rails['{}'] = 'x'", "smtp_adress", """
        smtp_enable smtp_address smtp_port smtp_user_name smtp_password smtp_domain smtp_authentication
        smtp_enable_starttls_auto smtp_tls smtp_ssl smtp_pool smtp_ca_file smtp_ca_path smtp_open_timeout
        smtp_read_timeout smtp_openssl_verify_mode gitlab_email_from gitlab_email_enabled
        gitlab_email_reply_to gitlab_email_display_name incoming_email_port"""),
    "django": ("{} = 'x'", "EMAIL_USE_TSL", """
        EMAIL_BACKEND EMAIL_HOST EMAIL_PORT EMAIL_HOST_USER EMAIL_HOST_PASSWORD EMAIL_USE_TLS EMAIL_USE_SSL
        EMAIL_TIMEOUT EMAIL_SUBJECT_PREFIX EMAIL_USE_LOCALTIME EMAIL_FILE_PATH EMAIL_SSL_CERTFILE
        EMAIL_SSL_KEYFILE DEFAULT_FROM_EMAIL SERVER_EMAIL"""),
    "flask-mail": ("{} = 'x'", "MAIL_USE_TSL", """
        MAIL_SERVER MAIL_PORT MAIL_USE_TLS MAIL_USE_SSL MAIL_DEBUG MAIL_USERNAME MAIL_PASSWORD
        MAIL_DEFAULT_SENDER MAIL_MAX_EMAILS MAIL_SUPPRESS_SEND MAIL_ASCII_ATTACHMENTS"""),
    "fastapi-mail": ("{} = 'x'", "MAIL_STARTTSL", """
        MAIL_USERNAME MAIL_PASSWORD MAIL_FROM MAIL_PORT MAIL_SERVER MAIL_FROM_NAME MAIL_STARTTLS MAIL_SSL_TLS
        MAIL_DEBUG USE_CREDENTIALS VALIDATE_CERTS TEMPLATE_FOLDER SUPPRESS_SEND LOCAL_HOSTNAME"""),
    "laravel": ("{}=x", "MAIL_SCHEM", """
        MAIL_MAILER MAIL_HOST MAIL_PORT MAIL_USERNAME MAIL_PASSWORD MAIL_SCHEME MAIL_FROM_ADDRESS
        MAIL_FROM_NAME MAIL_EHLO_DOMAIN MAIL_URL MAIL_LOG_CHANNEL MAIL_SENDMAIL_PATH"""),
    "nextcloud": ("'{}' => 'x',", "mail_smtpsecur", """
        mail_smtpmode mail_smtphost mail_smtpport mail_smtpsecure mail_smtpauth mail_smtpauthtype
        mail_smtpname mail_smtppassword mail_smtptimeout mail_smtpdebug mail_from_address mail_domain
        mail_sendmailmode mail_smtpstreamoptions mail_template_class mail_send_plaintext_only"""),
    "spring-boot": ("spring.mail.host=x\nspring.mail.{}=x", "prot", """
        host port username password protocol default-encoding test-connection jndi-name ssl.enabled ssl.bundle
        properties.mail.smtp.auth properties.mail.smtp.starttls.enable properties.mail.smtp.timeout
        properties.mail.smtp.starttls.required properties.mail.smtp.connectiontimeout
        properties.mail.smtp.writetimeout properties.mail.smtp.ssl.trust properties.mail.debug"""),
    "keycloak": ('{{"smtpServer": {{"host": "x", "{}": "x"}}}}', "startls", """
        host port from fromDisplayName replyTo replyToDisplayName envelopeFrom ssl starttls auth user password
        authType authTokenUrl authTokenScope authTokenClientId allowutf8 debug"""),
    "grafana": ("[smtp]\nenabled = true\n{} = x", "startTLS_polcy", """
        enabled host user password cert_file key_file skip_verify from_address from_name ehlo_identity
        startTLS_policy enable_tracing"""),
    "gitea": ("[mailer]\nENABLED = true\n{} = x", "PROTOCL", """
        ENABLED SUBJECT_PREFIX PROTOCOL SMTP_ADDR SMTP_PORT ENABLE_HELO HELO_HOSTNAME FORCE_TRUST_SERVER_CERT
        USE_CLIENT_CERT CLIENT_CERT_FILE CLIENT_KEY_FILE FROM ENVELOPE_FROM USER PASSWD SEND_AS_PLAIN_TEXT
        SENDMAIL_PATH SENDMAIL_ARGS SENDMAIL_TIMEOUT SENDMAIL_CONVERT_CRLF SEND_BUFFER_LEN"""),
    "alertmanager": ("global:\n  {}: x", "smtp_requir_tls", """
        smtp_from smtp_smarthost smtp_hello smtp_auth_username smtp_auth_password smtp_auth_password_file
        smtp_auth_identity smtp_auth_secret smtp_require_tls resolve_timeout"""),
    "mastodon": ("{}=x", "SMTP_ENABLE_STARTLS", """
        SMTP_SERVER SMTP_PORT SMTP_LOGIN SMTP_PASSWORD SMTP_FROM_ADDRESS SMTP_REPLY_TO SMTP_RETURN_PATH
        SMTP_DOMAIN SMTP_DELIVERY_METHOD SMTP_AUTH_METHOD SMTP_CA_FILE SMTP_OPENSSL_VERIFY_MODE SMTP_TLS
        SMTP_SSL SMTP_ENABLE_STARTTLS SMTP_ENABLE_STARTTLS_AUTO BULK_SMTP_SERVER BULK_SMTP_PORT"""),
    "discourse": ("DISCOURSE_SMTP_ADDRESS=x\nDISCOURSE_{}=x", "SMTP_FORCE_TSL", """
        SMTP_ADDRESS SMTP_PORT SMTP_USER_NAME SMTP_PASSWORD SMTP_DOMAIN SMTP_ENABLE_START_TLS SMTP_FORCE_TLS
        SMTP_AUTHENTICATION SMTP_OPENSSL_VERIFY_MODE SMTP_OPEN_TIMEOUT SMTP_READ_TIMEOUT NOTIFICATION_EMAIL"""),
    "git send-email": ("[sendemail]\n\t{} = x", "smtpEncrypton", """
        smtpServer smtpServerPort smtpEncryption smtpUser smtpPass smtpSSLCertPath smtpSSLClientCert
        smtpSSLClientKey smtpAuth smtpDomain smtpBatchSize smtpReloginDelay smtpServerOption thread
        suppressFrom signedOffByCC validate aliasesFile aliasFileType assume8bitEncoding xmailer bcc
        forbidSendmailVariables transferEncoding envelopeSender identity multiEdit"""),
}


def unknown(name: str, key: str) -> list[str]:
    text = DOCUMENTED[name][0].format(key)
    return [w.message for w in read_settings(name, text).warnings if w.code == "unknown-key"]


@each_row("name", list(DOCUMENTED))
def test_what_a_framework_documents_is_not_called_unknown_and_a_misspelled_one_is(name):
    _form, misspelled, names = DOCUMENTED[name]
    assert {key: said for key in names.split() if (said := unknown(name, key))} == {}
    assert unknown(name, misspelled) != []


def test_what_is_not_known_here_is_not_said_to_be_ignored():
    [said] = unknown("gitea", "COMPLETELY_ELSE")
    assert "if the program doesn't know it either, it is ignored" in said


@each_row(("key", "value"), [("smtpSSLCertPath", "''"), ("SMTPSERVERPORT", "587"), ("smtpencryption", "tls")])
def test_git_reads_a_key_in_any_case_and_others_do_not(key, value):
    report = read_settings("git", f"[sendEmail]\n\tSMTPServer = h\n\t{key} = {value}\n")
    assert [w for w in report.warnings if w.code == "unknown-key"] == []
    assert key.lower() in [line.text.partition(" = ")[0].lower() for line in report.lines]
    assert read_settings("django", "email_use_tls = True").mode == "plain"


def test_git_settings_mean_the_same_in_any_case():
    modes = {read_settings("git", f"[sendemail]\n{key} = ssl\nsmtpServer = h").mode
             for key in ("smtpEncryption", "smtpencryption", "SMTPENCRYPTION", "sendEmail.smtpEncryption")}
    assert modes == {"implicit"}


def test_code_between_backquotes_in_a_list_is_read_at_its_lines():
    php = "$mail->Host = 'a.example';\n$mail->Port = 465;\n$mail->SMTPSecure = 'tls';"
    listed = "\n".join(f"- `{line}`" for line in php.split("\n"))
    bare, dressed = (read_settings("phpmailer", text) for text in (php, listed))
    assert dressed.lines == bare.lines and dressed.mode is bare.mode and bare.host == dressed.host == "a.example"
    assert not read_settings("phpmailer", "- `the port`\n- `and the host`").lines
