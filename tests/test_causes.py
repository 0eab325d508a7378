"""The closed list of causes: every one is there, by its exact name, with something to say."""

import re

import pytest
from helpers import each_row

from smtplab.causes import TEXTS, Cause

NAMES = """ok implicit-to-plaintext plaintext-to-implicit starttls-not-offered starttls-required auth-rejected
    auth-mechanism auth-needs-tls cert-self-signed-or-unknown-ca cert-hostname cert-expired cert-chain-incomplete
    tls-version-or-cipher handshake-stalled refused filtered-timeout dns middlebox server-not-smtp
    temporarily-unavailable relay-or-policy closed-before-greeting other""".split()


def test_the_list_is_closed():
    assert [cause.value for cause in Cause] == NAMES
    assert list(TEXTS) == list(Cause)
    assert len({text.title for text in TEXTS.values()}) == len({text.why for text in TEXTS.values()}) == len(NAMES)
    with pytest.raises(ValueError, match="wrong-password"):
        Cause("wrong-password")


@each_row("name", NAMES)
def test_a_cause_has_all_there_is_to_say(name):
    cause = Cause(name)
    assert str(cause) == f"{cause}" == cause.value == name
    text = cause.text
    assert re.fullmatch(r"\S.*[^.\s]", text.title)
    assert [s for s in (text.why, text.evidence, *text.fixes) if not re.fullmatch(r"\S.*\.", s)] == []
    assert re.fullmatch(r"0\d", text.lesson)
    assert isinstance(text.fixes, tuple)
    assert bool(text.fixes) == (cause is not Cause.OK)  # nothing to mend where nothing is broken
