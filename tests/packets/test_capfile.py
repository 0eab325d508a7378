"""Which connections of a capture file are read: those of one port, or of several, each a port indeed."""

import pytest
from made import SERVER, talk, write
from test_conversation import GREETING

from smtplab import Trace


@pytest.mark.parametrize("ports", [587, "587", ["587"], {587}, (25, 587)])
def test_one_port_or_several(ports, tmp_path):
    one = talk(("S", GREETING), server=(SERVER[0], 587))
    [trace] = Trace.from_pcap(write(tmp_path / "x", one.made), ports=ports)
    assert trace.first_bytes == GREETING[:5] and Trace.from_pcap(tmp_path / "x", ports=25) == []


@pytest.mark.parametrize("ports", [70000, [70000], (25, 0), ["smtp"], "smtp"])
def test_what_is_no_port_is_told_in_our_words(ports, tmp_path):
    with pytest.raises(ValueError, match=r"no port \w+; ports are 1 to 65535"):
        Trace.from_pcap(tmp_path / "x", ports=ports)
