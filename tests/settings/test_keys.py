"""The compact way to write keys, and what it refuses."""

import pytest

from smtplab.settings.keys import Key, Role, keys, spelled
from smtplab.settings.values import ABSENT, PYTHON


def test_a_string_holds_names_and_their_aliases():
    assert keys(mode="tls ssl", host="host|server|smtp_host") == (
        Key("tls"), Key("ssl"), Key("host", role=Role.HOST, aliases=("server", "smtp_host")))


def test_a_key_gets_the_role_it_is_given_under_and_keeps_the_rest():
    [flag, other] = keys(auth=(Key("login", PYTHON, True, since=(2,)), "method"))
    assert flag == Key("login", PYTHON, True, Role.AUTH, since=(2,))
    assert other == Key("method", role=Role.AUTH) and other.default is ABSENT


def test_a_name_with_a_space_takes_a_key():
    assert [k.name for k in keys(other="new PHPMailer")] == ["new", "PHPMailer"]
    assert [k.name for k in keys(other=Key("new PHPMailer"))] == ["new PHPMailer"]


def test_the_order_is_the_written_one():
    assert [k.name for k in keys(port=("b", Key("a")), mode="c")] == ["b", "a", "c"]


def test_there_is_no_other_role():
    with pytest.raises(ValueError, match="'passwort' is not a valid Role"):
        keys(passwort="password")


def test_more_names_for_each_key_come_after_its_own():
    made = spelled(lambda name: [name.upper()] if name != "x" else [], keys(host="host|server", other="x"))
    assert [k.aliases for k in made] == [("server", "HOST"), ()]
