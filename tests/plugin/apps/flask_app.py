"""An app that sends with Flask-Mail, which as it comes checks no certificate and has no time-out."""

import smtplib
import ssl

import flask
import flask_mail


class Connection(flask_mail.Connection):
    """Flask-Mail's own, with a certificate that is checked and a time-out."""

    def configure_host(self):
        mail, context = self.mail, ssl.create_default_context()
        if mail.use_ssl:
            host = smtplib.SMTP_SSL(mail.server, mail.port, timeout=1, context=context)
        else:
            host = smtplib.SMTP(mail.server, mail.port, timeout=1)
        if mail.use_tls:
            host.starttls(context=context)
        host.login(mail.username, mail.password)
        return host


def send(config, connection=Connection, **wrong):
    """Send one mail, as the app would."""
    app = flask.Flask("app")
    app.config.update({"MAIL_SERVER": config.host, "MAIL_PORT": config.port, "MAIL_USE_TLS": config.starttls,
                       "MAIL_USE_SSL": config.implicit, "MAIL_USERNAME": config.user, "MAIL_PASSWORD": config.password}
                      | wrong)
    flask_mail.Mail(app)
    with config.trusted(), app.app_context(), connection(app.extensions["mail"]) as client:
        client.send(flask_mail.Message("hello", sender="app@example.com", recipients=["you@example.com"], body="hello"))


def test_right(smtplab_server):
    smtplab_server.check(send, "starttls")


def test_right_implicit(smtplab_server):
    smtplab_server.check(send, "implicit")


def test_as_it_comes(smtplab_server):
    smtplab_server.check(lambda config: send(config, flask_mail.Connection), "starttls", within_s=3)


def test_as_it_comes_implicit(smtplab_server):
    smtplab_server.check(lambda config: send(config, flask_mail.Connection), "implicit", within_s=3)


def test_tls_is_off(smtplab_server):
    smtplab_server.check(lambda config: send(config, MAIL_USE_TLS=False), "starttls")
