"""What keeps distracting code out of cells: a framework's own settings, Ruby's programs, a login without its base64."""

import pytest
from helpers import displayed, each_row

from smtplab import dial, serve
from smtplab.course import own_settings, ruby_mail, ruby_smtp, sent_in_base64
from smtplab.settings.answer import frameworks


@each_row("framework", frameworks(), ids=lambda framework: framework.name)
def test_every_framework_has_settings_of_its_own(framework):
    own = own_settings(framework.name)
    assert own.texts.keys() | own.impossible.keys() == {"587", "465", "587, too early", "465, too late"}
    assert {own.mode(name) for name in own.right} <= {"starttls", "implicit"}
    for name in own.texts:
        assert own.read(name).port == int(name[:3]) and own.says(name)
    assert {own.mode(name) == "implicit" for name in own.wrong if name.startswith("587")} <= {True}
    assert all(own.texts[name] in str(own) or "\n" in own.texts[name] for name in own.right)


def test_rails_is_as_the_lesson_shows_it():
    own = own_settings("rails")
    assert own.right == ["587", "465"] and own.wrong == ["587, too early", "465, too late"]
    assert [own.mode(name) for name in own.texts] == ["starttls", "implicit", "implicit", "starttls"]
    assert own.says("465, too late") == "Net::ReadTimeout, after 5 s" and "wrong version" in own.says("587, too early")
    page = displayed(own)["text/html"]
    assert page.index("tls: true") < page.index("<details") < page.rindex("tls: true")
    assert len(str(own).splitlines()) <= 25


def test_what_a_framework_can_not_do_is_said():
    own = own_settings("system.net.mail")
    assert "465" in own.impossible and "465" not in own.right and own.impossible["465"] in " ".join(str(own).split())
    with pytest.raises(ValueError, match="has no settings '465'; there are: '587'"):
        own.read("465")
    with pytest.raises(ValueError, match="no framework is known"):
        own_settings("no such thing")


@pytest.mark.parametrize(("mechanism", "words"), [("PLAIN", r"\x00alice\x00wonderland"), ("LOGIN", "wonderland")])
def test_a_login_without_its_base64(mechanism, words):
    with serve("implicit") as server:
        shown = sent_in_base64(dial(server, "implicit", login=("alice", "wonderland"), mechanism=mechanism))
    assert words in shown and repr(shown) == shown


def test_no_login_is_no_secret():
    with serve("starttls") as server:
        assert sent_in_base64(dial(server, "starttls")) == "nothing that base64 hides"
        other = dial(server, "starttls", login=("alice", "another-password"))
    assert "another-password" not in sent_in_base64(other)


@pytest.mark.real("ruby")
def test_ruby_s_own_words():
    with serve("starttls") as server:
        assert "wrong version number" in ruby_smtp(server, implicit=True).text()
    with serve("starttls-stripped", auth_reply="535-5.7.8 Learn more at\r\n535 5.7.8 a place") as server:
        assert "535-5.7.8 Learn more at" in ruby_smtp(server, "alice", "wrong").text()


@pytest.mark.real("ruby")
def test_the_mail_gem_gets_the_server_s_place():
    with serve("starttls") as server:
        ran = ruby_mail("{ address: 'mail.example.com',\n  port: 587, user_name: 'alice' }", server)
        host, port = server.address
    assert f'address: "{host}", port: {port}, user_name' in ran.command.replace("'\"'\"'", "'")
    assert "mail.example.com" not in ran.command and "read_timeout: 1 }" in ran.command
