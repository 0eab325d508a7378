"""The lens without a browser: its traits, its text, what it gives the page, and bytes that would like to be HTML."""

import json
import re
import ssl
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from helpers import displayed

from smtplab import dial, serve
from smtplab.show import FiveByteLens
from smtplab.show.five_byte_lens import MOST_BYTES, names, presets, rows
from smtplab.verdict import BRANCHES, branch_of

HOSTILE = [
    b"220 <img src=x onerror=alert(1)>\r\n", b"220 </script><script>alert(1)</script><!--\r\n",
    "220 \u202e\u2066gnp.exe\u200f\r\n".encode(), b"220 \x1b[31mred\x1b]0;title\x07\r\n",
    b"220 " + b"<b>" * 21845 + b"\r\n", b"\x00\xff\x80<\\u003c&lt;`${x}`"]


class Tags(HTMLParser):
    """Every element that a browser would make."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, sorted(name for name, _ in attrs)))


def test_a_greeting_as_text():
    text = FiveByteLens().text()
    for part in ("36 bytes came from the server", "220 mail.example.com ESMTP smtplab\\r\\n", "50 (unknown(50))",
                 "0x3230 (12848), major version 50", "The header promised 8,301 bytes; 31 came.",
                 "FAILED  major version is 3: major version is 50 (0x32)", "verdict: wrong version number",
                 "it needed 5 bytes", "alert sent: none"):
        assert part in text
    assert str(FiveByteLens()) == text


def test_another_version_and_the_other_role():
    assert "packet length too long" in FiveByteLens(b"HTTP/1.1", "3.2").text()
    assert "fatal alert 22 (record_overflow)" in FiveByteLens(b"HTTP/1.1", "3.2").text()
    assert "needed 7 bytes" in FiveByteLens(b"220 mail", "1.0.2").text()
    assert "came from the client" in FiveByteLens(b"EHLO me", role="server").text()


@pytest.mark.parametrize("given", [{"openssl": "BoringSSL"}, {"openssl": "1.0.2", "role": "server"}])
def test_what_judge_refuses_is_refused_at_once(given):
    with pytest.raises(ValueError, match="OpenSSL"):
        FiveByteLens(b"220 m", **given)


def test_what_was_not_measured_can_still_be_chosen_in_the_page():
    lens = FiveByteLens(b"EHLO me", role="server")
    lens.openssl = "1.0.2"
    assert "was not measured" in lens.text()


@pytest.mark.parametrize("data", [b"", b"2", b"220 "])
def test_fewer_than_five_bytes(data):
    lens = FiveByteLens(data)
    assert "it waits for 5 bytes" in lens.text() and "promised" not in lens.text()
    assert lens.ask() == () or lens.ask()[-1].says == "wants more"


def test_a_trace_gives_what_came_and_who_reads():
    with serve("starttls") as server:
        trace = dial(server, "implicit")
        seen = server.trace(of=trace)
    lens = FiveByteLens(trace)
    assert bytes.fromhex(lens.data_hex) == b"220 mail.example.com ESMTP smtplab\r\n"
    assert (lens.came, lens.role) == (36, "client")
    lens = FiveByteLens(seen)
    assert (lens.role, lens.data_hex[:4], lens.came) == ("server", "1603", seen.bytes_received)
    assert "came from the client" in lens.text()


def test_the_page_gets_every_branch_as_data():
    assert [row["name"] for row in rows()] == [b.name for b in BRANCHES]
    assert all(branch_of(row["version"]).name == row["name"] for row in rows())
    assert names()["content_types"]["22"] == "handshake" and names()["alerts"]["22"] == "record_overflow"
    assert names()["alert_reasons"]["ssl/tls"]["40"] == "ssl/tls alert handshake failure"
    assert json.loads(json.dumps(rows())) is not None


def test_presets_are_there():
    assert len(presets()) == 9 and {p["role"] for p in presets()} == {"client", "server"}
    assert {p["hex"][:8] for p in presets()} >= {"32323020", "3232302d", "35353420", "48545450", "2a204f4b", "5353482d",
                                                "15030300", "45484c4f"}


def from_the_page(lens, content):
    """A message that the widget's script sends."""
    lens.comm.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def test_asking_the_real_openssl():
    lens = FiveByteLens()
    sent = []
    lens.send = sent.append
    from_the_page(lens, {"ask": "openssl"})
    assert [a["says"] for a in lens.answers] == ["wants more"] * 4 + ["wrong version number"]
    assert sent == [{"asked": lens.data_hex}]
    assert f"The real {' '.join(ssl.OPENSSL_VERSION.split()[:2])}" in lens.text()
    assert "5 of 5: wrong version number" in lens.text()
    lens.data_hex = b"HTTP/".hex()
    assert lens.answers == []
    from_the_page(lens, {"else": 1})
    assert lens.answers == [] and len(sent) == 1


def test_a_long_wait_is_shown_by_its_ends():
    lens = FiveByteLens(b"\x16\x03\x03\x10\x00" + bytes(3000))
    assert len(lens.ask()) == 3005
    assert [a["fed"] for a in lens.answers] == [*range(1, 5), *range(3002, 3006)]


@pytest.mark.parametrize("data", HOSTILE)
def test_nothing_from_the_wire_is_html(data):
    lens = FiveByteLens(data, "3.0</script><img src=x onerror=alert(1)>")
    lens.ask()
    bundle = displayed(lens)
    assert bundle["text/plain"].isascii() and bundle["text/plain"].replace("\n", "").isprintable()
    found = Tags(bundle["text/html"])
    assert found.found == [("div", ["class", "id"]), ("pre", []), ("style", []), ("script", ["type"])]
    assert bundle["text/html"].lower().count("</script") == 1
    assert lens.came == len(data) and len(lens.data_hex) <= 2 * MOST_BYTES


def test_the_page_needs_no_network_and_leaves_out_the_export():
    page = FiveByteLens().page()
    assert not re.search(r"https?:|import |@import|url\(|^export", page, re.M)
    assert '"alive": false' in page


def test_names_that_are_not_there():
    import smtplab.show
    assert "FiveByteLens" in dir(smtplab.show) and "FiveByteLens" in smtplab.show.__all__
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = smtplab.show.Nothing


def test_the_libraries_are_loaded_when_first_needed():
    code = ("import sys, smtplab, smtplab.show; "
            "print([m for m in ('ipywidgets', 'anywidget', 'matplotlib') if m in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
