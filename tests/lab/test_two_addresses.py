"""A name whose first address is black-holed: a slow fall-back, for smtplib and a dial, and a name that goes again."""

import contextlib
import smtplib
import socket

import pytest

from smtplab import Cause, dial
from smtplab.lab import two_addresses as module
from smtplab.lab.two_addresses import NAME, two_addresses

pytestmark = pytest.mark.linux("a full backlog drops what comes, and 127.0.0.2 is an address")


SHARE_S = 4.0  # of its deadline, for each of two addresses


@pytest.fixture(params=["::1", "127.0.0.2"])
def first(request, monkeypatch):
    """The address that comes first."""
    with contextlib.closing(socket.socket(socket.AF_INET6 if ":" in request.param else socket.AF_INET)) as sock:
        try:
            sock.bind((request.param, 0))
        except OSError:
            pytest.skip(f"no {request.param} here")
    monkeypatch.setattr(module, "FIRST", (request.param,))
    return request.param


def test_a_dial_falls_back_after_its_share_of_the_deadline(first):
    with two_addresses() as place:
        assert place.addresses == (first, "127.0.0.1") and first in repr(place)
        trace = dial(place, "starttls", timeout_s=2 * SHARE_S)
        [tried] = [e for e in trace.events if e.tried]
        assert trace.ok and tried.tried.strip("[").startswith(first) and tried.at_s > SHARE_S - 0.1
        assert trace.sockets[1].startswith("127.0.0.1:") and place.server.trace(of=trace).ok
        # The failing twin: with the one address there is no wait.
        assert dial(place.server, "starttls", server_name=NAME).seconds < SHARE_S - 0.1


def test_smtplib_waits_for_its_whole_time_out_and_goes_on(first):
    with two_addresses("plain") as place, smtplib.SMTP(*place.address, local_hostname="me", timeout=0.5) as client:
        assert client.ehlo()[0] == 250 and client.sock.getpeername()[0] == "127.0.0.1"


def test_the_name_is_known_only_meanwhile():
    before = socket.getaddrinfo
    with two_addresses() as place:
        assert dial((NAME, place.address[1]), "plain", timeout_s=1).sockets
        assert dial("name.invalid:25", "plain").cause is Cause.DNS
        assert socket.getaddrinfo("127.0.0.1", 25) == before("127.0.0.1", 25)
        families = {one[0] for one in socket.getaddrinfo(NAME, 25, socket.AF_INET)}
        assert families == {socket.AF_INET}
    assert socket.getaddrinfo is before
    with pytest.raises(ValueError, match="the kinds are"), two_addresses("nothing"):
        pass
    assert socket.getaddrinfo is before
