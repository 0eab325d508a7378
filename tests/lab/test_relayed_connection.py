"""What a recorder between two peers can be sure of, and a capture of the same bytes."""

import pytest

from smtplab import Cause, Trace, dial, relay, serve


@pytest.mark.parametrize(("kind", "mode", "sender", "cause", "certain"), [
    ("plain", "plain", "a@example.com", Cause.OK, True),
    ("plain", "plain", None, Cause.OK, False),  # EHLO and QUIT: so does also who looked for STARTTLS, or AUTH, in vain
    ("starttls-refused", "starttls-opportunistic", "a@example.com", Cause.OK, True),
    # A client that needs TLS and one that only tries it say the same.
    ("starttls-refused", "starttls", "a@example.com", Cause.TEMPORARILY_UNAVAILABLE, False),
    ("starttls-refused", "starttls-opportunistic", None, Cause.TEMPORARILY_UNAVAILABLE, False)])
def test_who_leaves_in_order_may_have_failed(kind, mode, sender, cause, certain, tmp_path):
    with serve(kind) as server, relay(server) as between:
        passed = between.trace(of=dial(between.address, mode, mail_from=sender, timeout_s=30), timeout_s=30)
    passed.to_pcapng(tmp_path / "x.pcapng")
    for trace in (passed, *Trace.from_pcap(tmp_path / "x.pcapng")):
        assert (trace.cause, trace.certain) == (cause, certain)
