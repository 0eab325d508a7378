"""Jakarta Mail, Spring Boot, Jenkins and Keycloak: what people paste, and each trap with its twin."""

from helpers import each_row

from smtplab.settings import read_settings
from smtplab.settings.reading import Word
from smtplab.settings.tables.java import prose

OLD_RECIPE = """\
Properties props = new Properties();
props.put("mail.smtp.host", "smtp.example.com"); // from a blog
props.put("mail.smtp.socketFactory.port", "465");
props.put("mail.smtp.socketFactory.class", "javax.net.ssl.SSLSocketFactory");
props.put("mail.smtp.auth", "true");
props.put("mail.smtp.port", "465");
Session session = Session.getDefaultInstance(props, new javax.mail.Authenticator() {
    protected PasswordAuthentication getPasswordAuthentication() {
        return new PasswordAuthentication("alice", "jabberwocky");
    }
});
"""
SMTPS = """\
prop.put("mail.smtps.auth", true);
Transport t = session.getTransport("smtps");
t.connect("smtp.example.com", 587, "alice", "jabberwocky");
"""
PROPERTIES = """\
# mail.properties
mail.smtp.port = 587
mail.smtp.starttls.enable=true
mail.smtp.timeout=5000
"""
XML = """\
<property name="javaMailProperties"><props>
  <prop key="mail.smtp.port">587</prop> <!-- <prop key="mail.smtp.ssl.enable">true</prop> -->
  <prop key="mail.smtp.starttls.required">true</prop>
</props></property>"""
YAML = """\
spring:
  datasource:
    username: sa
    password: jabberwocky
  mail:
    host: smtp.example.com
    port: ${MAIL_PORT:587}
    username: ${MAIL_USER}
    password: "jabberwocky"
    properties:
      mail.smtp.auth: true
      mail:
        smtp:
          starttls:
            enable: true
          timeout: 5000
server:
  port: 8080
management.health.mail.enabled: false
"""
BOOT = """\
server.port=8080
spring.mail.host=smtp.example.com
spring.mail.port=465
spring.mail.password=jabber#wock'y"
spring.mail.properties.mail.smtp.starttls.enable=true
# spring.mail.properties.mail.smtp.ssl.enable=true
"""
ENVIRONMENT = "SPRING_MAIL_PORT=465\nSPRING_MAIL_PROPERTIES_MAIL_SMTP_SSL_ENABLE='true'"
BEAN = """\
JavaMailSenderImpl mailSender = new JavaMailSenderImpl();
mailSender.setPort(587);
mailSender.setPassword("jabberwocky");
Properties props = mailSender.getJavaMailProperties();
props.put("mail.transport.protocol", "smtp");
props.put("mail.smtp.starttls.required", "true");
"""
CASC = """\
unclassified:
  mailer:
    authentication: {username: "alice", password: "jabberwocky"}
    smtpHost: "smtp.example.com"
    smtpPort: "465"
    useSsl: false
    useTls: true
"""
MAILER_XML = "<smtpHost>h</smtpHost>\n<useSsl>true</useSsl>\n<useTls>false</useTls>\n<smtpPort>587</smtpPort>"
GROOVY = 'mailer.setSmtpHost("h")\nmailer.setUseSsl(true)\nmailer.setUseTls(true)\nmailer.setSmtpPort("465")'
REALM = """\
{"realm": "demo", "sslRequired": "external", "smtpServer": {
  "password": "jabberwocky", "starttls": "true", "auth": "true", "host": "smtp.example.com", "ssl": "",
  "user": "alice", "port": "587"
}, "enabled": true}"""
TERRAFORM = 'smtp_server {\n  host = "h"\n  port = 587\n  ssl = true\n  auth {\n    password = "jabberwocky"\n  }\n}'
KCADM = "kcadm.sh update realms/demo -s smtpServer.host=h -s smtpServer.port=465 -s smtpServer.ssl=true"
FACTORY = {"mail.smtp.socketFactory.class": "javax.net.ssl.SSLSocketFactory", "mail.smtp.port": "587"}
SMTP = "mail.smtp."


@each_row(("name", "text", "mode", "port", "outcome"), [
    ("jakarta", OLD_RECIPE, "implicit", 465, "works"),
    ("jakarta", OLD_RECIPE.replace("465", "587"), "implicit", 587, "plaintext"),
    ("jakarta", SMTPS, "implicit", 587, "wrong-version-number"),
    ("jakarta", SMTPS.replace("smtps", "smtp"), "plain", 587, "refused-needs-tls"),
    ("jakarta", PROPERTIES, "starttls-opportunistic", 587, "works"),
    ("jakarta", PROPERTIES.replace("587", "465"), "starttls-opportunistic", 465, "hang"),
    ("jakarta", PROPERTIES.replace("=true", "=yes"), "plain", 587, "refused-needs-tls"),
    ("jakarta", PROPERTIES.replace("587", "25"), "starttls-opportunistic", 25, "works"),
    ("jakarta", XML, "starttls-required", 587, "works"),
    ("jakarta", "mail.smtp.ssl.enable=true", "implicit", 465, "works"),
    ("jakarta", "mail.smtp.auth=true", "plain", 25, "plaintext"),
    ("jakarta", "mail.transport.protocol=SMTPS", "error", 25, "config-error"),
    ("spring", YAML, "starttls-opportunistic", 587, "works"),
    ("spring", BOOT, "starttls-opportunistic", 465, "hang"),
    ("spring", BOOT + "spring.mail.protocol=smtps", "implicit", 465, "works"),
    ("spring", ENVIRONMENT, "implicit", 465, "works"),
    ("spring", BEAN, "starttls-required", 587, "works"),
    ("spring", BEAN.replace('"smtp"', '"smtps"'), "implicit", 587, "wrong-version-number"),
    ("spring", XML, "starttls-required", 587, "works"),
    ("spring", "ssl.enabled=true, port 587", "implicit", 587, "wrong-version-number"),
    ("spring", "spring.mail.ssl.enabled=maybe", "error", 25, "config-error"),
    ("jenkins", CASC, "starttls-required", 465, "hang"),
    ("jenkins", CASC.replace("465", "587"), "starttls-required", 587, "works"),
    ("jenkins", MAILER_XML, "implicit", 587, "wrong-version-number"),
    ("jenkins", GROOVY, "implicit", 465, "works"),
    ("jenkins", "useTls: true", "starttls-required", 587, "works"),
    ("jenkins", "useSsl: true", "implicit", 465, "works"),
    ("jenkins", "useSsl+useTls, port 465", "implicit", 465, "works"),
    ("keycloak", REALM, "starttls-opportunistic", 587, "works"),
    ("keycloak", REALM.replace('"ssl": ""', '"ssl": true'), "implicit", 587, "wrong-version-number"),
    ("keycloak", TERRAFORM, "implicit", 587, "wrong-version-number"),
    ("keycloak", KCADM, "implicit", 465, "works"),
    ("keycloak", KCADM.replace("=true", "=TRUE"), "plain", 465, "hang"),
])
def test_pastes(name, text, mode, port, outcome):
    report = read_settings(name, text)
    assert (report.mode.value, report.port, report.outcome.value) == (mode, port, outcome)
    assert "jabber" not in str(report) + report.to_json()


@each_row(("more", "mode", "outcome", "in_clear"), [
    ({}, "implicit", "plaintext", True),
    ({"mail.smtp.port": "465"}, "implicit", "works", True),
    ({SMTP + "socketFactory.fallback": "false"}, "implicit", "wrong-version-number", False),
    ({SMTP + "starttls.enable": "true"}, "implicit", "works", True),
    ({SMTP + "starttls.required": "true"}, "implicit", "works", False),
    ({SMTP + "ssl.enable": "true"}, "implicit", "wrong-version-number", False),
    ({SMTP + "socketFactory.port": "465"}, "plain", "refused-needs-tls", True),
    ({SMTP + "socketFactory.port": "465", SMTP + "starttls.enable": "true"}, "starttls-opportunistic", "works", True),
    ({SMTP + "socketFactory.port": "465", SMTP + "socketFactory.fallback": False}, "implicit", "works", False),
])
def test_the_old_socket_factory(more, mode, outcome, in_clear):
    report = read_settings("jakarta", FACTORY | more)
    assert (report.mode.value, report.outcome.value) == (mode, outcome)
    assert report.password_in_clear_if_server_allows is in_clear


def warned(report, code):
    return [w for w in report.warnings if w.code == code]


@each_row(("name", "settings", "code", "word", "twin"), [
    ("jakarta", {SMTP + "ssl.enable": "true", SMTP + "starttls.enable": "true"}, "contradiction", "wins",
     {SMTP + "ssl.enable": "true"}),
    ("jakarta", FACTORY, "fallback-in-clear", "WITHOUT TLS", FACTORY | {SMTP + "socketFactory.fallback": "false"}),
    ("jakarta", FACTORY | {SMTP + "socketFactory.port": "465"}, "contradiction", "first try", FACTORY),
    ("jakarta", {SMTP + "starttls.enable": "1"}, "unknown-value", "counts as false",
     {SMTP + "starttls.enable": "TRUE"}),
    ("jakarta", {SMTP + "starttls.enabled": "true"}, "unknown-key", "did you mean mail.smtp.starttls.enable?",
     {SMTP + "starttls.enable": "true"}),
    ("jakarta", {"mail.transport.protocol": "smtps"}, "transport-send", "Transport.send",
     {"mail.transport.protocol": "smtps", "mail.transport.protocol.rfc822": "smtps"}),
    ("jakarta", {"mail.transport.protocol": "smtps", SMTP + "starttls.enable": "true"}, "ineffective",
     "mail.smtps.* only", {"mail.transport.protocol": "smtps"}),
    ("jakarta", {"mail.smtps.ssl.enable": "true"}, "ineffective", "mail.smtp.* only", {SMTP + "ssl.enable": "true"}),
    ("jakarta", {SMTP + "ssl.enable": "true", SMTP + "ssl.trust": "*"}, "no-certificate-check", "any certificate",
     {SMTP + "ssl.enable": "true", SMTP + "ssl.trust": "smtp.example.com"}),
    ("jakarta", {SMTP + "timeout": "10"}, "timeout-unit", "milliseconds", {SMTP + "timeout": "10000"}),
    ("jakarta", {SMTP + "starttls.enable": "true", SMTP + "port": "465"}, "no-timeout", "for ever",
     {SMTP + "starttls.enable": "true", SMTP + "port": "465", SMTP + "timeout": "10000"}),
    ("spring", {"spring.mail.properties.mail.transport.protocol": "smtps"}, "ineffective", "spring.mail.protocol",
     {"spring.mail.protocol": "smtps", "spring.mail.properties.mail.transport.protocol": "smtps"}),
    ("spring", {"spring.mail.starttls.enable": True}, "unknown-key", "properties.mail.smtp.starttls.enable",
     {"spring.mail.properties.mail.smtp.starttls.enable": True}),
    ("spring", {"spring.mail.smtp.ssl.enable": True}, "unknown-key", "ignores it",
     {"spring.mail.properties.mail.smtp.ssl.enable": True}),
    ("spring", {"spring.mail.ssl.enabled": True, SMTP + "starttls.enable": True}, "contradiction", "wins",
     {"spring.mail.ssl.enabled": True}),
    ("jenkins", {"useSsl": True, "useTls": True}, "contradiction", "SSL wins", {"useSsl": True}),
    ("keycloak", {"ssl": "true", "starttls": "true"}, "contradiction", "ssl wins", {"ssl": "true"}),
    ("keycloak", {"starttls": "true"}, "opportunistic", "never starttls.required", {"ssl": "true"}),
    ("keycloak", {"ssl": "True"}, "unknown-value", "counts as false", {"ssl": "true"}),
])
def test_traps_and_their_twins(name, settings, code, word, twin):
    assert any(word in w.message for w in warned(read_settings(name, settings), code))
    assert not any(word in w.message for w in warned(read_settings(name, twin), code))


@each_row(("name", "settings", "old", "new"), [
    ("jakarta", {SMTP + "ssl.enable": "true"}, "JavaMail 1.6.5", "Angus Mail 2.0.3"),
    ("spring", {SMTP + "ssl.enable": "true"}, "2.7", "3.2"),
    ("jenkins", {"useSsl": True}, "1.32", "391"),
])
def test_old_versions_do_not_compare_names(name, settings, old, new):
    assert warned(read_settings(name, settings, version=old), "no-certificate-check")
    assert not warned(read_settings(name, settings, version=new), "no-certificate-check")


@each_row(("name", "settings", "old", "new", "mode"), [
    ("spring", {"spring.mail.ssl.enabled": "true"}, "3.3", "3.4", "implicit"),
    ("jenkins", {"useTls": True}, "1.30", "1.31", "starttls-required"),
])
def test_keys_that_came_later(name, settings, old, new, mode):
    before, after = (read_settings(name, settings, version=v, port=587) for v in (old, new))
    assert (before.mode.value, after.mode.value) == ("plain", mode)
    assert warned(before, "ineffective")
    assert not warned(after, "ineffective")


def test_the_port_of_the_other_protocol_is_not_read():
    given = {"mail.transport.protocol": "smtps", SMTP + "port": "587"}
    assert read_settings("jakarta", given).port == 465
    assert read_settings("jakarta", {**given, "mail.smtps.port": "2465"}).port == 2465
    assert read_settings("jakarta", {SMTP + "port": "587", "mail.smtps.port": "465"}).port == 587


@each_row(("name", "settings", "seconds"), [
    ("jakarta", {}, None), ("jakarta", {SMTP + "timeout": "30000"}, 30), ("jakarta", {SMTP + "timeout": "0"}, None),
    ("spring", {SMTP + "timeout": 5000}, 5), ("jenkins", {}, 60), ("keycloak", {}, 10),
    ("keycloak", {"smtpServer.timeout": "25000"}, 25),
])
def test_how_long_a_hang_lasts(name, settings, seconds):
    report = read_settings(name, settings, port=465)
    assert (report.outcome.value, report.hang_ends_after_s) == ("hang", seconds)


def test_nobody_logs_in_to_keycloak_without_auth():
    assert read_settings("keycloak", {"auth": "false"}).password_in_clear_if_server_allows is False
    assert read_settings("keycloak", {"auth": "true"}).password_in_clear_if_server_allows is True


def test_no_setting_of_a_foreign_block_is_taken():
    report = read_settings("spring", YAML)
    assert not [line.text for line in report.lines if line.text.endswith(("'sa'", "8080"))]
    assert not warned(report, "unknown-key")


def test_a_sentence_is_told_from_properties():
    assert prose([Word(w, 1) for w in "ssl=true starttls=true, port 587".split()]) == {
        "port": "587", "ssl": "true", "starttls": "true"}
    assert prose([Word("mail.smtp.ssl.enable=true", 1)]) == {}
    assert prose([Word("a=b", 1), Word("port", 2), Word("25", 2)]) == {}
