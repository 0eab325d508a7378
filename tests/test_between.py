"""Who waits, as somebody between the peers sees it."""

from helpers import each_row
from test_conversation import CCS, EHLO, EHLO_REPLY, GREETING, STARTTLS_OK, answer, events, hello, sealed

from smtplab.between import waits
from smtplab.conversation import parse_conversation
from smtplab.events import Who

CH = ("C", hello(297))
UPGRADED = [("S", GREETING), ("C", EHLO), ("S", EHLO_REPLY), ("C", b"STARTTLS\r\n"), ("S", STARTTLS_OK), CH]
CLIENT, SERVER = {"client": "server-finished"}, {"server": "client-finished"}


@each_row("begun", [[CH], UPGRADED])
@each_row(("answered", "waiting"), [
    ([], {"client": "server-hello"}),
    # A ServerHello and nothing behind it is not the whole answer; with more behind, nobody between can tell.
    ([("S", answer(127))], CLIENT),
    ([("S", answer(127)[:60])], {"client": "server-hello"}),
    ([("S", answer(127) + CCS + sealed(74))], SERVER),
    ([("S", answer(127)), ("S", sealed(74)[:20])], SERVER),
    ([("S", answer(127) + CCS + sealed(74)), ("C", CCS)], CLIENT)])
def test_who_waits_in_a_handshake(begun, answered, waiting):
    said = [*begun, *answered]
    last = {"C": Who.CLIENT, "S": Who.SERVER}[said[-1][0]]
    assert waits(parse_conversation(events(said)), True, last) == waiting


def test_a_record_with_all_of_the_answer_is_no_hello_alone():
    """As Schannel and NSS send it in TLS 1.2: one record, several messages."""
    packed = bytearray(answer(900))
    packed[6:9] = (70).to_bytes(3)
    assert waits(parse_conversation(events([CH, ("S", bytes(packed))])), True, Who.SERVER) == SERVER
