"""The closed list of causes: every one is there, by its exact name, with something to say."""

import re
import socket
import subprocess

import pytest
from helpers import each_row

from smtplab.causes import TEXTS, Cause
from smtplab.show import meanings

NAMES = """ok implicit-to-plaintext plaintext-to-implicit starttls-not-offered starttls-required auth-required
    auth-rejected
    auth-mechanism auth-needs-tls cert-self-signed-or-unknown-ca cert-hostname cert-expired cert-chain-incomplete
    cert-rejected
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


def modes_of(fix):
    """For each word that a fix says a setting is called by: the modes that it gives in the frameworks."""
    return {word: {mode for *_, mode in meanings(word).rows}
            for word in re.findall(r"\b(SSL|TLS|SMTPS|secure|implicit)\b(?! at once)", fix)
            if re.search(rf"called[^.]*\b{word}\b", fix)}


def test_no_fix_names_a_setting_that_means_another_mode_elsewhere():
    for cause in Cause:
        assert not any(len(modes) > 1 for fix in cause.text.fixes for modes in modes_of(fix).values()), cause
    for cause in (Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT):
        assert "smtplab settings FRAMEWORK" in cause.text.fixes[0]
    earlier = "Keep the port and use STARTTLS: the setting is called STARTTLS, or TLS with port 587."
    assert len(modes_of(earlier)["TLS"]) > 1


WORDS = {  # what a cause's words must say, and what they must not
    Cause.REFUSED: ("firewall that rejects", r"no program has|Nothing listens on that port"),
    Cause.AUTH_REJECTED: ("TLS is if it was required", r"Encryption and port are right"),
    Cause.AUTH_REQUIRED: ("none was sent", r"understood the login"),
    Cause.STARTTLS_REQUIRED: ("another 530 asks for a login", r"\bpassword"),
    Cause.RELAY_OR_POLICY: ("reached the server", r"session works|mode are right"),
    Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA: ("-showcerts", r"^Give the client"),
    Cause.FILTERED_TIMEOUT: ("MX exists on 25 alone", r"25 often is\)"),
    Cause.DNS: ("getent ahosts", r"getent hosts"),
}


@each_row("cause", WORDS)
def test_a_cause_says_no_more_than_is_so(cause):
    says, never = WORDS[cause]
    text = " ".join((cause.text.title, cause.text.why, *cause.text.fixes, cause.text.evidence))
    assert says in text and not re.search(never, text)


@pytest.mark.real("getent")
def test_getent_ahosts_gives_what_a_client_dials():
    """Both families, in the order of getaddrinfo, as a client gets them."""
    said = subprocess.run(["getent", "ahosts", "localhost"], capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in said.splitlines() if "STREAM" in line] == [
        found[4][0] for found in socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM,
                                                    flags=socket.AI_ADDRCONFIG)]
