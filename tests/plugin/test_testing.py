"""What is expected of an app, without pytest: each success beside an app that fails."""

import os
import smtplib
import socket
import ssl
import subprocess

import pytest
from helpers import each_row, nobody_listens

from smtplab import KINDS, Cause, Mode
from smtplab.testing import RIGHT, WRONG, AppServer, ExpectationFailed, cause_of, check

MAIL = "Subject: hello\n\nhello\n"


def send(config, *, tls="checked", timeout_s=2.5, ask=True):
    """An app: it checks the certificate and insists on TLS, but for what is changed here."""
    context = ssl.create_default_context(cafile=config.ca_file)
    context = context if tls == "checked" else ssl._create_unverified_context()
    with (smtplib.SMTP_SSL(config.host, config.port, timeout=timeout_s, context=context) if config.implicit
          else smtplib.SMTP(config.host, config.port, timeout=timeout_s)) as client:
        if config.starttls and tls != "off":
            client.starttls(context=context)
        if config.user and ask:
            client.login(config.user, config.password)
        client.sendmail("app@example.com", ["you@example.com"], MAIL)


def problem(send, kind, mode, **options):
    """What `check` finds wrong with this app at one kind of server; the right one is not looked at."""
    return check(send, mode, kinds=[kind], **options).outcomes[1].problem


# --- a server and its settings ---

def test_a_server_is_settings_as_an_app_takes_them():
    with AppServer("expired", "starttls") as server:
        config = server.config
        assert (config.host, config.port) == server.server.address and os.path.isfile(config.ca_file)
        assert (config.user, config.password, config.mode) == ("alice", "wonderland", Mode.STARTTLS)
        assert (config.starttls, config.implicit, str(server)) == (True, False, "the expired server (STARTTLS)")
    assert nobody_listens(server.server.address)
    with AppServer("plain") as server:
        assert (server.config.user, server.config.mode, str(server)) == ("", Mode.PLAIN, "the plain server")


@each_row(("kind", "mode"), [("starttls", "starttls"), ("implicit", "implicit"), ("starttls-stripped", "starttls"),
                             ("expired", "implicit"), ("silent", "plain")])
def test_without_a_mode_it_is_the_one_that_fits(kind, mode):
    with AppServer(kind) as server:
        assert server.mode == mode


def test_wrong_names_say_what_is_right():
    for wrong in (lambda: AppServer("expird"), lambda: AppServer("plain", "tls"), lambda: cause_of("expird", "plain")):
        with pytest.raises(ValueError, match="the kinds are|the modes are"):
            wrong()
    with AppServer("plain") as server, pytest.raises(ValueError, match="no cause 'bad-luck'"):
        server.expect("bad-luck")
    for mode in ("plain", "starttls-opportunistic"):
        with pytest.raises(ValueError, match="it takes what it gets"):
            check(send, mode)


def test_what_python_trusts_is_put_back(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "before")
    with AppServer("implicit") as server:
        with server.config.trusted():
            trusting = ssl.create_default_context()
        with pytest.raises(ZeroDivisionError), server.config.trusted():
            assert os.environ["SSL_CERT_FILE"] == server.config.ca_file
            _ = 1 / 0
        assert os.environ["SSL_CERT_FILE"] == "before"
        monkeypatch.delenv("SSL_CERT_FILE")
        with server.config.trusted():
            pass
        assert "SSL_CERT_FILE" not in os.environ
        for context, trusts in ((trusting, True), (ssl.create_default_context(), False)):
            with socket.create_connection(server.server.address) as sock:
                try:
                    context.wrap_socket(sock, server_hostname="localhost").close()
                    assert trusts
                except ssl.SSLCertVerificationError:
                    assert not trusts


# --- what is expected ---

def test_an_app_that_refuses_as_it_must():
    with AppServer("expired", "starttls") as server:
        with server.expect("cert-expired") as seen:
            send(server.config)
        assert isinstance(seen.error, ssl.SSLCertVerificationError) and seen.trace.cause is Cause.CERT_EXPIRED
        assert seen.problem == "" and len(seen.traces) == 1
        with server.expect() as again:  # the cause of the kind; of this block's visits alone
            send(server.config)
        assert again.cause is Cause.CERT_EXPIRED and len(again.traces) == 1 and len(server.traces()) == 2


def test_an_app_that_works():
    with AppServer("starttls") as server:
        with server.expect("ok") as seen:
            send(server.config)
        assert (seen.error, seen.trace.password_in_clear) == (None, False)


FAILS = [  # kind, mode, the cause, how the app is wrong, and what is said of it
    ("expired", "starttls", None, {"tls": "unchecked"}, "the app went on, where it should have refused"),
    ("expired", "implicit", None, {"tls": "unchecked"}, "the app went on, where it should have refused"),
    ("starttls-stripped", "starttls", None, {"tls": "off"}, "a password crossed in clear"),
    ("starttls-stripped", "starttls", None, {"tls": "off", "ask": False}, "mail crossed in clear"),
    ("starttls-stripped", "starttls", "ok", {"tls": "off", "ask": False}, "mail crossed in clear"),
    ("wrong-name", "starttls", "cert-expired", {"tls": "unchecked"}, "the app went on, where it should have refused"),
    ("expired", "starttls", "cert-hostname", {}, "it failed for another reason"),
    ("starttls", "starttls", "cert-expired", {"tls": "off"}, "it failed for another reason"),
    ("starttls-refused", "starttls", "cert-expired", {}, "it failed for another reason"),
    ("implicit", "starttls", "cert-expired", {"timeout_s": 0.2}, "it failed for another reason"),
    ("expired", "starttls", "ok", {}, "the app raised an error"),
    ("auth-required", "starttls", "auth-required", {}, "it ended otherwise"),
    ("silent", "starttls", None, {"timeout_s": None}, "the app had not ended after 0.5 s and may have no time-out"),
]


@pytest.mark.parametrize(("kind", "mode", "cause", "wrong", "said"), FAILS)
def test_an_app_that_fails_is_told_so(kind, mode, cause, wrong, said):
    with AppServer(kind, mode) as server, pytest.raises(ExpectationFailed) as failed:
        with server.expect(cause, within_s=0.5 if said.endswith("time-out") else 30):
            send(server.config, **wrong)
    text = str(failed.value)
    assert f"expected {cause or cause_of(kind, mode)} of a client in mode {mode} at the {kind} server" in text
    assert said in text.splitlines()[0]
    assert failed.value.__cause__ is None and failed.value.__suppress_context__  # no page of the app's traceback
    assert "visitor in mode" in text and "--- what the" in text and "SSL handshake has read" in text


@each_row(("kind", "mode", "cause", "options"), [
    ("auth-required", "starttls", "auth-required", {"ask": False}),
    ("starttls", "starttls", "auth-rejected", {}),
    ("starttls-required", "plain", "starttls-required", {"ask": False}),
    ("refused", "starttls", "refused", {}), ("closes", "starttls", "closed-before-greeting", {}),
    ("plain", "plain", "ok", {})])
def test_other_ends_that_can_be_expected(kind, mode, cause, options):
    with AppServer(kind, mode) as server:
        config = server.config
        if cause == "auth-rejected":
            config = type(config)(config.host, config.port, config.ca_file, "alice", "not-wonderland", config.mode)
        with server.expect(cause) as seen:
            send(config, **options)
        assert seen.problem == "" and (seen.error is None) == (cause == "ok")


def test_in_clear_can_be_allowed_and_then_it_works():
    with AppServer("starttls-stripped", "starttls") as server:
        with server.expect("ok", in_clear=True) as seen:
            send(server.config, tls="off")
    assert seen.trace.password_in_clear and seen.trace.mail_in_clear


def test_an_app_that_does_not_connect_has_not_refused():
    with AppServer("expired", "starttls") as server, pytest.raises(ExpectationFailed, match="did not connect to 127"):
        with server.expect():
            raise RuntimeError("no settings")
    # The failing twin: at a port where nobody can connect, its error is all there is.
    with AppServer("refused", "starttls") as server:
        with pytest.raises(ExpectationFailed, match="did not connect"), server.expect("refused"):
            pass


def test_the_test_s_own_assertions_and_a_stop_go_through():
    for error in (AssertionError, KeyboardInterrupt, SystemExit):
        with AppServer("expired", "starttls") as server, pytest.raises(error, match="mine"), server.expect():
            raise error("mine")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the app's open connection
def test_what_an_error_holds_open_is_let_go():
    """Or the server would see the end only a second later."""
    with AppServer("starttls-stripped", "starttls") as server:
        with server.expect() as seen:
            client = smtplib.SMTP(server.config.host, server.config.port)
            client.starttls()
    assert seen.trace.ending is None and isinstance(seen.error, smtplib.SMTPNotSupportedError)  # this frame holds it
    client.close()

    def leaves_it_open(config):
        client = smtplib.SMTP(config.host, config.port)
        client.starttls()

    with AppServer("starttls-stripped", "starttls") as server:
        with server.expect() as seen:
            leaves_it_open(server.config)
    assert seen.trace.ending


# --- an app against the kinds that matter ---

@pytest.mark.parametrize("mode", RIGHT)
def test_the_right_app_survives(mode):
    survey = check(lambda config: send(config, timeout_s=1), mode)
    assert survey.ok, str(survey)
    assert [one.kind for one in survey.outcomes] == [RIGHT[mode], *WRONG[mode]]
    assert {"self-signed", "wrong-name", "expired"} < {one.kind for one in survey.outcomes}
    assert not any(trace.password_in_clear for one in survey.outcomes for trace in one.traces)
    assert str(survey).count("\n") == len(survey.outcomes) and "WRONG" not in str(survey)


WRONG_APPS = [
    (lambda config: send(config, tls="unchecked"), "expired", "starttls", "the app went on"),
    (lambda config: send(config, tls="unchecked"), "wrong-name", "implicit", "the app went on"),
    (lambda config: send(config, tls="off"), "self-signed", "starttls", "it failed for another reason"),
    (lambda config: None, "expired", "starttls", "did not connect"),
    (lambda config: smtplib.SMTP(config.host, config.port).close(), "expired", "starttls", "another reason"),
]


@pytest.mark.parametrize(("app", "kind", "mode", "said"), WRONG_APPS)
def test_a_wrong_app_does_not(app, kind, mode, said):
    assert said in problem(app, kind, mode)
    assert problem(lambda config: send(config, timeout_s=1), kind, mode) == ""


def test_what_does_not_work_at_the_right_server():
    def hello(config):
        with smtplib.SMTP(config.host, config.port) as client:
            client.starttls(context=ssl.create_default_context(cafile=config.ca_file))
            client.ehlo()

    def asserts(config):
        assert config is None, "mine"

    for app, said in ((hello, "no mail was sent"), (lambda config: False, "did not connect"),
                      (lambda config: [send(config)] and False, "the app said that it failed"),
                      (asserts, "did not connect")):
        first = check(app, "starttls", kinds=[]).outcomes[0]
        assert said in first.problem
    assert first.said.startswith("raised RuntimeError: AssertionError: mine")


def test_an_app_may_say_by_false_that_it_failed_but_must_say_so():
    def tells(config):
        try:
            send(config)
        except OSError:
            return False

    def hides(config):
        tells(config)

    assert problem(tells, "expired", "starttls") == ""
    assert problem(hides, "expired", "starttls") == "nothing was sent, and the app did not say so"


def test_what_is_wrong_in_the_same_way_is_told_once():
    survey = check(lambda config: send(config, tls="unchecked"), "starttls", kinds=["self-signed", "expired"])
    text = str(survey)
    assert not survey.ok and "self-signed, expired: the app went on, where it should have refused" in text
    assert text.count("the server saw ok: It worked") == 1 and len(text.splitlines()) < 10


@pytest.mark.linux("another system's programs differ, and were not seen")
@pytest.mark.real("msmtp")
@pytest.mark.parametrize("mode", RIGHT)
def test_a_client_that_leaves_within_tls_without_a_word(mode, tmp_path):
    """GnuTLS ends TLS 1.3, looks at the certificate after that, and hangs up: no alert tells the server why."""
    def msmtp(config, checks=True):
        trust = f"tls_trust_file {config.ca_file}" if checks else "tls_certcheck off"
        settings = ["account default", f"host {config.host}", f"port {config.port}", "from a@example.com", "auth plain",
                    f"user {config.user}", f"password {config.password}", "tls on", trust,
                    f"tls_starttls {'on' if config.starttls else 'off'}"]
        (tmp_path / "msmtprc").write_text("".join(f"{line}\n" for line in settings))
        (tmp_path / "msmtprc").chmod(0o600)
        done = subprocess.run(["msmtp", "-C", str(tmp_path / "msmtprc"), "b@example.com"], input=MAIL, text=True,
                              capture_output=True, timeout=60)
        return done.returncode == 0

    kinds = ("unknown-ca", "wrong-name", "expired")
    survey = check(msmtp, mode, kinds=kinds)
    assert survey.ok, str(survey)
    careless = check(lambda config: msmtp(config, checks=False), mode, kinds=kinds)
    assert [one.problem for one in careless.outcomes] == ["", *["the app went on, where it should have refused"] * 3]


@pytest.mark.slow
@pytest.mark.parametrize("mode", RIGHT)
def test_all_kinds_there_are(mode):
    survey = check(send, mode, kinds=tuple(KINDS))
    assert survey.ok, str(survey)
    assert len(survey.outcomes) == len(KINDS) + 1
    assert sum(one.seconds for one in survey.outcomes) < 30
