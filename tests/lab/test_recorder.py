"""The recorder: what it gives while somebody writes into it."""

import sys
import threading
from functools import partial

from smtplab import Mode
from smtplab.events import Who
from smtplab.lab.recorder import Recorder


def test_a_trace_of_what_goes_on_is_of_one_moment(request):
    """A server's traces may be asked for while it serves: the counts are those of the events."""
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-6)  # a thread may be interrupted anywhere
    for _ in range(20):
        recorder = Recorder(Who.SERVER)
        recorder.add("connected", Who.CLIENT)

        def go_on(recorder=recorder):
            for _ in range(300):
                recorder.add("bytes", Who.CLIENT, b"NOOP\r\n")
                recorder.add("bytes", Who.SERVER, b"250 OK\r\n")

        talking = threading.Thread(target=go_on)
        talking.start()
        while talking.is_alive():
            trace = recorder.trace(mode=Mode.PLAIN, address=("127.0.0.1", 25))
            told = {who: sum(len(e.data or b"") for e in trace.events if e.who == who) for who in Who}
            assert told == {Who.CLIENT: trace.bytes_received, Who.SERVER: trace.bytes_sent}
        talking.join()
