"""The plugin as a user's tests have it: light where it is not used, and readable where it fails."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
TOP = Path(__file__).parents[2]
# An app that checks the certificate, or doesn't.
APP = '''
import smtplib, ssl, sys
import pytest

def send(config, careful=True):
    context = ssl.create_default_context(cafile=config.ca_file) if careful else ssl._create_unverified_context()
    with smtplib.SMTP(config.host, config.port, timeout=5) as client:
        client.starttls(context=context)
        client.login(config.user, config.password)
        client.sendmail("a@example.com", ["b@example.com"], "Subject: x\\n\\nx")
'''


def test_nothing_is_loaded_until_a_fixture_is_asked_for(run):
    found = run('''
        import sys

        def ours():
            return sorted(name for name in sys.modules if name.startswith("smtplab"))

        def test_without():
            assert ours() == ["smtplab", "smtplab.testing", "smtplab.testing.pytest_plugin"]
            assert not {"ssl", "asyncio", "aiosmtpd", "trustme", "click"} & set(sys.modules) - set(before)

        before = [name for name in sys.modules if not name.startswith("smtplab")]

        def test_with(smtplab_server):
            smtplab_server("plain")
            assert "smtplab.lab.server" in ours()
        ''')
    found.assert_outcomes(passed=2)


def test_loading_it_brings_nothing_of_smtplab_along():
    code = "import sys, pytest; before = set(sys.modules)\n" \
           "import smtplab.testing.pytest_plugin\nprint(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True)
    assert done.stdout.split() == ["smtplab", "smtplab.testing", "smtplab.testing.pytest_plugin"]


def test_a_conftest_may_name_it_too(pytester, run):
    pytester.makeconftest('pytest_plugins = ["smtplab.testing.pytest_plugin"]')
    run("def test_it(smtplab_server): assert smtplab_server('plain')").assert_outcomes(passed=1)


def test_a_mark_is_the_server_of_the_fixture(run):
    found = run(APP + '''
@pytest.mark.smtplab("expired", mode="starttls")
def test_refused(smtplab_server):
    with smtplab_server.expect("cert-expired") as seen:
        send(smtplab_server.config)
    assert isinstance(seen.error, ssl.SSLError)

@pytest.mark.smtplab("self-signed", "unknown-ca", "wrong-name", mode="starttls")
def test_each(smtplab_server):
    with smtplab_server.expect():
        send(smtplab_server.config)

@pytest.mark.smtplab("starttls", hostname="mx.example.com")
class TestOptions:
    def test_class(self, smtplab_server):
        send(smtplab_server.config)
        assert "mx.example.com" in str(smtplab_server.traces()[0])
''', "-v")
    found.assert_outcomes(passed=5)
    found.stdout.fnmatch_lines(["*::test_each[[]self-signed[]] PASSED*", "*::test_each[[]wrong-name[]] PASSED*"])


def test_the_fixture_is_a_factory_and_ends_what_it_made(run):
    found = run(APP + '''
from smtplab import dial
made = []

def test_two(smtplab_server):
    made.extend([smtplab_server("starttls"), smtplab_server("expired", mode="starttls")])
    assert smtplab_server.config == made[1].config != made[0].config
    with made[0].expect("ok"):
        send(made[0].config)

def test_after():
    assert [dial(server.server, "plain").cause for server in made] == ["refused", "refused"]

def test_check(smtplab_server):
    survey = smtplab_server.check(send, "starttls", kinds=["expired"])
    assert survey.ok and len(survey.outcomes) == 2
''')
    found.assert_outcomes(passed=3)


def test_a_failure_tells_what_was_expected_and_seen_and_no_traceback_of_ours(run):
    found = run(APP + '''
@pytest.mark.smtplab("expired", mode="starttls")
def test_careless(smtplab_server):
    with smtplab_server.expect("cert-expired"):
        send(smtplab_server.config, careful=False)

def test_check(smtplab_server):
    smtplab_server.check(lambda config: send(config, careful=False), "starttls", kinds=["expired"])

@pytest.mark.smtplab("expired", mode="starttls")
def test_raises(smtplab_server):
    with smtplab_server.expect("ok"):
        send(smtplab_server.config)
''')
    found.assert_outcomes(failed=3)
    text = found.stdout.str()
    found.stdout.fnmatch_lines([
        ">       with smtplab_server.expect(\"cert-expired\"):",
        "E*expected cert-expired of a client in mode starttls at the expired server (STARTTLS): the app went on, *",
        "E         the app    raised nothing", "E         the server saw ok: It worked",
        "E*C: STARTTLS", "E*(in TLS) AUTH PLAIN*", "E*ok: It worked"])
    found.stdout.fnmatch_lines(["E*an app in mode starttls:", "E*starttls * works",
                                "E*expired *WRONG: the app went on, where it should have refused"])
    found.stdout.fnmatch_lines(["E*the app raised an error", "E*raised SSLCertVerificationError: *has expired*",
                                "E*cert-expired: The certificate is out of date"])
    assert set(re.findall(r"^(\S+\.py):\d+: ", text, re.MULTILINE)) == {"test_app.py"}
    assert "__exit__" not in text and "smtplib.py" not in text


def test_any_other_failure_shows_what_the_server_saw(run):
    found = run(APP + '''
def test_own(smtplab_server):
    send(smtplab_server("starttls").config)
    assert False, "mine"

def test_without():
    assert False, "mine"

def test_passes(smtplab_server):
    send(smtplab_server("starttls").config)
''')
    found.assert_outcomes(failed=2, passed=1)
    found.stdout.fnmatch_lines(["*- what the starttls server saw -*", "visitor in mode starttls, *", "*(in TLS) AUTH*"])
    assert found.stdout.str().count("visitor in mode") == 1


@pytest.mark.parametrize(("mark", "said"), [
    ('"expird"', "'expird' is none; the kinds are plain, starttls"), ("", "wants kinds of servers"),
    ('"expired", "plian"', "'plian' is none")])
def test_a_wrong_mark_is_wrong_usage(run, mark, said):
    found = run(f"import pytest\n@pytest.mark.smtplab({mark})\ndef test_it(smtplab_server): pass\n")
    assert found.ret != 0 and said in found.stdout.str() + found.stderr.str()


def test_a_fixture_without_a_server_says_how_to_have_one(run):
    found = run("def test_it(smtplab_server): smtplab_server.config\n")
    found.assert_outcomes(failed=1)
    found.stdout.fnmatch_lines(['E*mark the test, as by @pytest.mark.smtplab("expired", mode="starttls")*'])


def test_a_mark_without_the_fixture_starts_nothing(run):
    run('import pytest\n@pytest.mark.smtplab("starttls", "expired")\ndef test_it(): pass\n').assert_outcomes(passed=1)
