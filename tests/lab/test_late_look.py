"""A client that looks at the certificate late: between the peers no success, and what it is in TLS 1.2."""

import pytest

import smtplab
from smtplab import Cause
from smtplab.lab.late_look import look_and_leave


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_client_that_looks_and_leaves_is_no_success(version):
    with smtplab.serve("implicit", tls_version=version) as server, smtplab.relay(server) as hop:
        look_and_leave(hop.address, server_name="smtp.example.com")
        passed, visit = hop.trace(), server.trace()
    in_clear = version == "1.2"
    assert passed.cause is (Cause.CERT_HOSTNAME if in_clear else Cause.CERT_REJECTED) and not passed.certain
    assert visit.cause is Cause.CERT_HOSTNAME


def test_where_no_tls_comes_nobody_looks():
    with smtplab.serve("plain") as server, pytest.raises(OSError):
        look_and_leave(server.address, server_name="smtp.example.com")
