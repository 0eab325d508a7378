"""The matrix: every cell as it must be, side by side, stoppable."""

import pytest

from smtplab import Cause, Mode, matrix
from smtplab.lab.matrix import EXPECTED

OK, I2P, P2I = Cause.OK, Cause.IMPLICIT_TO_PLAINTEXT, Cause.PLAINTEXT_TO_IMPLICIT
NOW, NOT = True, False  # certain or not
# The contract's table, written out by hand: rows are client modes.
MUST = {
    "plain": {Mode.PLAIN: (OK, NOW), Mode.STARTTLS: (Cause.STARTTLS_NOT_OFFERED, NOW),
              Mode.STARTTLS_OPPORTUNISTIC: (OK, NOW), Mode.IMPLICIT: (I2P, NOW)},
    "starttls": dict.fromkeys(Mode, (OK, NOW)) | {Mode.IMPLICIT: (I2P, NOW)},
    "implicit": dict.fromkeys(Mode, (P2I, NOW)) | {Mode.IMPLICIT: (OK, NOW)},
    "refused": dict.fromkeys(Mode, (Cause.REFUSED, NOW)),
    "filtered": dict.fromkeys(Mode, (Cause.FILTERED_TIMEOUT, NOW)),
    "silent": dict.fromkeys(Mode, (P2I, NOT)) | {Mode.IMPLICIT: (Cause.OTHER, NOT)},
    "starttls-refused": {Mode.PLAIN: (OK, NOW), Mode.STARTTLS: (Cause.TEMPORARILY_UNAVAILABLE, NOW),
                         Mode.STARTTLS_OPPORTUNISTIC: (OK, NOW), Mode.IMPLICIT: (I2P, NOW)},
    # Both ends are ours, so that a stall is certain; an edited reply and a silence that ends are not.
    "starttls-stalls": {Mode.PLAIN: (OK, NOW), Mode.STARTTLS: (Cause.HANDSHAKE_STALLED, NOW),
                        Mode.STARTTLS_OPPORTUNISTIC: (Cause.HANDSHAKE_STALLED, NOW), Mode.IMPLICIT: (I2P, NOW)},
    "implicit-stalls": dict.fromkeys(Mode, (P2I, NOW)) | {Mode.IMPLICIT: (Cause.HANDSHAKE_STALLED, NOW)},
    "starttls-masked": {Mode.PLAIN: (OK, NOW), Mode.STARTTLS: (Cause.MIDDLEBOX, NOT),
                        Mode.STARTTLS_OPPORTUNISTIC: (OK, NOW), Mode.IMPLICIT: (I2P, NOW)},
    "closes-late": dict.fromkeys(Mode, (P2I, NOT)) | {Mode.IMPLICIT: (Cause.OTHER, NOT)},
    # These have twins, which a client for STARTTLS dials.
    "incomplete-chain": dict.fromkeys(Mode, (Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, NOT)) | {Mode.PLAIN: (P2I, NOW)},
    "expired": dict.fromkeys(Mode, (Cause.CERT_EXPIRED, NOW)) | {Mode.PLAIN: (P2I, NOW)},
    "intercepted": dict.fromkeys(Mode, (Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA, NOW)) | {Mode.PLAIN: (P2I, NOW)},
}


@pytest.fixture(scope="module")
def rows():
    return matrix()


def test_the_contract(rows):
    found = {(row.server, row.mode): (row.cause, row.certain) for row in rows}
    assert {(kind, mode): found[kind, mode] for kind in MUST for mode in Mode} == {
        (kind, mode): cell for kind, cells in MUST.items() for mode, cell in cells.items()}


def test_every_cell_is_there_and_as_expected(rows):
    assert [(row.server, row.mode) for row in rows] == [(kind, mode) for kind in EXPECTED for mode in Mode]
    assert [(r.server, r.mode, r.cause) for r in rows if r.cause is not r.expected] == []
    assert all(row.ok == (row.cause is OK) for row in rows)


def test_five_bytes_are_read_in_every_mismatch(rows):
    assert {row.bytes_read for row in rows if row.cause is I2P} == {5}


def test_in_clear_is_said(rows):
    clear = [r for r in rows if r.server in ("plain", "starttls-refused") and r.mode is Mode.STARTTLS_OPPORTUNISTIC]
    assert len(clear) == 2 and all("Warning" in r.trace.diagnosis.why for r in clear)


def test_the_dials_run_side_by_side(rows):
    # Not a speed: what each took, added up, is many times what all can have taken in turn.
    assert sum(row.seconds for row in rows) > 10 * max(row.seconds for row in rows)


def test_part_of_it_with_progress_and_wrong_names():
    seen = []
    rows = matrix(["starttls", "plain"], ["implicit"], listener=seen.append)
    assert sorted(seen, key=str) == sorted(rows, key=str) and [r.server for r in rows] == ["starttls", "plain"]
    with pytest.raises(ValueError, match="the kinds are"):
        matrix(["nothing"])
    with pytest.raises(ValueError, match="the modes are"):
        matrix(["plain"], ["tls"])


def test_leaving_it_stops_the_rest():
    class Enough(Exception):
        """Raised by the listener."""

    def listener(row):
        raise Enough

    with pytest.raises(Enough):
        matrix(["refused", "silent"], timeout_s=60, listener=listener)
