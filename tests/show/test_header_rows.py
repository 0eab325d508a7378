"""The lens's small form: three rows under each other, the part that fails, and other bytes than a greeting."""

import re

import pytest
from helpers import displayed, each_row

from smtplab import dial, judge, serve
from smtplab.show import five_bytes
from smtplab.show.header_rows import WORDS
from smtplab.verdict import BRANCHES

GREETING = b"220 mail"
HELLO = bytes((22, 3, 3, 0, 122))


def column(text, name):
    """The cells of a column, from top to bottom."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if "|" in line]
    return [row[head.index(name)] for row in rows]


def test_a_greeting_in_three_rows_and_what_fails():
    text = str(five_bytes(GREETING))
    assert column(text, "type") == ["2", "32", "50", "not looked at"]
    assert column(text, "version") == ["2  0", "32 30", "0x3230", "✗ must begin with 03"]
    assert column(text, "length") == ["␣  m", "20 6d", "8301", "not looked at"]
    lines = [line for line in text.splitlines() if "|" in line]
    assert len({tuple(m.start() for m in re.finditer(r"\|", line)) for line in lines}) == 1, "aligned"
    assert "OpenSSL 3.0 says: wrong version number." in text
    assert "0x32 is 3 × 16 + 2 = 50" in text and "0x206d is 32 × 256 + 109 = 8301" in text
    assert max(map(len, text.splitlines())) <= 80


def test_it_takes_a_trace_from_either_side():
    with serve("starttls") as server:
        trace = dial(server, "implicit")
        seen = server.trace(of=trace)
    assert str(five_bytes(trace)) == str(five_bytes(GREETING[:5]))
    assert "0x0301" in str(five_bytes(seen)) and "✓ must begin with 03" in str(five_bytes(seen))
    with serve("silent") as server:
        assert "0 of 5 bytes are here" in str(five_bytes(dial(server, "implicit", timeout_s=0.2)))


def test_real_tls_passes_and_openssl_reads_on():
    shown = five_bytes(HELLO)
    assert [box.passed for box in shown.boxes] == [None, True, True]
    assert "✗" not in str(shown) and "This may be TLS: OpenSSL 3.0 reads on, up to byte 127." in str(shown)
    assert 'fails"' not in shown._repr_mimebundle_()["text/html"].partition("</style>")[2]
    alert = five_bytes(bytes((21, 3, 3, 0, 2, 2, 40)))
    assert alert.boxes[0].passed and "OpenSSL 3.0 says: sslv3 alert handshake failure." in str(alert)


@each_row("size", range(5))
def test_fewer_bytes_are_waited_for(size):
    shown = five_bytes(GREETING[:size])
    assert {box.passed for box in shown.boxes} == {None} and "✗" not in str(shown)
    assert f"{size} of 5 bytes are here" in str(shown) and str(shown).count("…") == 2 * (5 - size) + 3
    assert displayed(shown)["text/html"].count("not there yet") == 2 * (5 - size) + 3


@each_row("branch", BRANCHES, ids=lambda branch: branch.name)
def test_the_part_that_fails_is_the_one_that_the_verdict_is_about(branch):
    version = ".".join(map(str, branch.first))
    shown = five_bytes(GREETING, openssl=version)
    assert [box.name for box in shown.boxes if box.passed is False] == ["version"]
    too_long = five_bytes(bytes((22, 3, 3, 0xFF, 0xFF, 2, 0)), openssl=version)
    assert [box.name for box in too_long.boxes if box.passed is False] == (
        [] if branch.name == "1.0.2" else ["length"])
    for data in (GREETING, HELLO, bytes((22, 3, 3, 0xFF, 0xFF, 2, 0)), b"\x80\x2e\x01\x00\x02\x00\x00"):
        made = judge(data, version).checks
        boxes = {box.passed for box in five_bytes(data, openssl=version).boxes}
        assert (False in boxes) == any(not check.passed and "here" not in check.because for check in made)


def test_as_html_it_is_a_table_with_heads_and_signs_are_words_too():
    page = displayed(five_bytes(GREETING))["text/html"]
    table = page.partition("</style>")[2]
    assert table.count('scope="row"') == 4 and table.count('scope="col"') == 3 and "<caption>" in table
    assert table.count("smtplab-five-fails") == 7  # the head, two bytes twice, the value, the check
    assert '<span aria-hidden="true">✗</span><span class="smtplab-five-spoken">fails:</span> must begin' in table
    assert ">a space</span>" in table
    for row in re.findall("<tr>(.*?)</tr>", table):
        spans = [int(n) for n in re.findall(r'<t[dh][^>]*colspan="(\d)"', row)]
        assert sum(spans) == 5, row


@each_row("data", [b"<b>&\"", b"\x1b[2J\x07", b"\xff\xfe\x80\x00\n", bytes(5)])
def test_what_came_is_only_text(data):
    shown = five_bytes(data)
    page = displayed(shown)["text/html"].partition("</style>")[2]
    assert not re.search(r"<(?!/?(?:div|table|caption|thead|tbody|tr|t[dh]|p|b|code|span)\b)", page)
    assert page.count("<b>") == 1 and not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", str(shown) + page)


def test_it_speaks_japanese():
    shown = five_bytes(GREETING, lang="ja")
    assert "✗ 03 で始まること" in str(shown) and "OpenSSL 3.0 の答え：wrong version number" in str(shown)
    assert set(WORDS["ja"]) == set(WORDS["en"]) and not re.search("[ぁ-ん]", str(five_bytes(GREETING)))
    with pytest.raises(ValueError, match="no labels in 'fr'; there are en, ja"):
        five_bytes(GREETING, lang="fr")


def test_other_versions_and_roles_are_refused_as_judge_does():
    assert "✗ must begin with 03" in str(five_bytes(b"EHLO me", role="server"))
    with pytest.raises(ValueError, match="no OpenSSL"):
        five_bytes(GREETING, openssl="7")
