"""The table of recorded words has all of them, and what is odd in them stays text; its search box."""

import re
import sys
import types
from dataclasses import replace

import pytest
from helpers import each_row, in_cell

from smtplab import Cause
from smtplab.show.document import STYLE
from smtplab.show.recorded_errors import CAUSES, RecordedError, recordings
from smtplab.show.rosetta_table import RosettaBox, RosettaTable, rosetta


def html_of(words):
    return words._repr_mimebundle_()["text/html"]


def test_one_row_for_each_wording():
    words = rosetta()
    runs = [run for family in words.families for run in family]
    assert len(runs) == 81 and len(words.rows) == len(words.families) == len({row[3] for row in words.rows}) < 60
    [go] = [row for row in words.rows if row[0] == "Go tls.Dial"]
    assert go[1] == "1.19, 1.27.3" and "first record does not look like a TLS handshake" in go[3]
    for text in (words.text(), html_of(words)):
        assert "NSS tstclnt" in text and "still waiting after 6 s" in text and "ended without a word" in text
        assert "Recorded 2026-11-24." in text and "220 mail.example.com ESMTP Postfix\\r\\n" in text
        for run in runs:
            assert run.tls_library.split()[0] in text
    assert str(words) == words.text() and max(map(len, words.text().splitlines()[2:])) < 160


def test_wordings_that_differ_in_more_than_places_are_apart():
    words = {row[3] for row in rosetta().rows}
    assert any("140770FC" in w for w in words) and any("1408F10B" in w for w in words)
    assert any("0A00010B" in w for w in words)


def test_a_filter_gives_each_client_its_row():
    found = rosetta(contains="nSs 3")
    assert [row[2] for row in found.rows] == ["NSS 3.87.1"] * 2 and "with 'nSs 3' in them" in found.heading()
    assert len(rosetta(contains="WRONG version NUMBER").rows) > 20
    assert {run.version for family in rosetta(contains="tls.dial").families for run in family} == {"1.19", "1.27.3"}
    assert rosetta(contains="still waiting").rows == found.rows


@each_row("cause", dict.fromkeys(CAUSES.values()), ids=str)
def test_by_cause(cause):
    words = rosetta(cause=cause.value)
    runs = words.runs
    assert runs == rosetta(cause=cause).runs and {run.cause for run in runs} == {cause}
    assert len(runs) == sum(run.cause is cause for run in recordings())
    assert f"whose cause is {cause}" in words.heading()
    for mode, kind in (made for made, its in CAUSES.items() if its is cause):
        assert f"{mode} against {kind}" in words.heading()
        assert {run.mode for run in rosetta(mode, cause=cause).runs} == {mode}
        assert {run.port_kind for run in rosetta(port_kind=kind, cause=cause).runs} == {kind}


def test_by_cause_and_words():
    found = rosetta(cause="plaintext-to-implicit", contains="Java")
    assert {run.client for run in found.runs} == {"JavaMail smtp"} and len(found.rows) == 2
    assert "with 'Java' in them" in found.heading() and "Jakarta" not in found.text()


def test_what_the_words_do_not_say():
    nss = [note for note in rosetta().unsaid if "NSS tstclnt" in note]
    assert len(nss) == 1 and "takes `220 m` for the header of a record of 8301 bytes" in nss[0]
    for cause in ("implicit-to-plaintext", "plaintext-to-implicit", "closed-before-greeting",
                  "temporarily-unavailable"):
        [phpmailer] = [note for note in rosetta(cause=cause).unsaid if note.startswith("PHPMailer ends alike")]
        assert "for 4 causes" in phpmailer and cause in phpmailer
    assert not [note for note in rosetta(contains="tls.dial").unsaid if "ends alike" in note]


def test_how_long_they_wait():
    [waits] = [note for note in rosetta(cause="plaintext-to-implicit").unsaid if note.startswith("How long")]
    assert "10 s: gnutls-cli" in waits and "over 640 s: " in waits and "300 s: PHPMailer;" in waits
    assert waits.index("30 s: nodemailer") < waits.index("120 s: ") < waits.index("over 640 s")
    assert waits.count("Python smtplib.SMTP") == 1 and "Python smtplib.SMTP" in waits.partition("over 640 s")[2]
    assert not [note for note in rosetta().unsaid if note.startswith("How long")]
    words = rosetta(cause="plaintext-to-implicit")
    assert "How long they wait" in " ".join(words.text().split()) and "How long they wait" in html_of(words)


def test_ports_that_close_are_told_from_silent_ones():
    assert "a port that closes at once" in rosetta("starttls", "close").heading()
    assert "a port that resets at once" in rosetta("implicit", "rst").heading()


@each_row("asked", [{"contains": "<b>"}, {"mode": "<b>"}, {"mode": "plain"}, {"port_kind": "x"},
                                   {"cause": "<b>"}, {"cause": Cause.DNS}, {"cause": "other", "mode": "plain"}])
def test_what_was_not_recorded(asked):
    words = rosetta(**asked)
    assert words.rows == words.unsaid == [] and "No run was recorded" in words.text()
    assert "implicit-to-plaintext (implicit against banner220)" in words.heading()
    assert "<table" not in html_of(words) and "<b>" not in html_of(words)


def test_silence_is_recorded_for_both_modes():
    for mode in ("plain", "starttls"):
        words = rosetta(smtplab_mode(mode), "silent")
        assert "a port that says nothing" in words.text() and "still waiting after 640 s" in words.text()
        assert "Greeting never received" in words.text()


def smtplab_mode(name):
    from smtplab import Mode
    return Mode(name)


def test_the_table_scrolls_in_its_own_box_and_is_escaped():
    run = RecordedError("<img src=x>", "\"1\"", "<b>", "implicit", "banner220", "220 <i>\r\n",
                        "a\n<script>x</script> & 'y'", False, 1.0, None, "2026-01-01")
    words = RosettaTable("implicit", "banner220", "", ((run, replace(run, client="<u>")),))
    page = html_of(words).removeprefix(STYLE)
    assert set(re.findall(r"</?(\w+)", page)) == {"div", "p", "table", "colgroup", "col", "thead", "tr", "th", "tbody",
                                                   "td", "code"}
    assert 'class="smtplab-box"' in page and "&lt;img src=x&gt;, &lt;u&gt;" in page
    assert "&quot;1&quot;" in page and "&lt;script&gt;" in page


def test_its_name_in_the_package_is_the_function():
    # A module of the same name would take its place there once it is imported.
    import smtplab.show
    assert smtplab.show.rosetta is rosetta


# --- the search box ---

@pytest.fixture
def box():
    """A box of one cause, closed after the test."""
    made = RosettaBox(rosetta(cause="plaintext-to-implicit"))
    yield made
    made.close()


def test_rows_follow_what_is_typed(box):
    assert "39 runs" in box.shown()
    box.inputs["Only with"].value = " JAVA "
    assert box.table.contains == "JAVA" and {run.tls_library for run in box.table.runs} == {"JSSE 17"}
    assert box.table.html() in box.shown() and "JavaMail smtp" in box.shown()
    box.inputs["Only with"].value = "<img src=x>"
    assert box.table.rows == [] and "<img" not in box.shown()
    box.inputs["Only with"].value = ""
    assert "39 runs" in box.shown()


def test_it_begins_with_what_was_asked_for():
    made = RosettaBox(rosetta("implicit", "banner220", contains="curl"))
    assert made.inputs["Only with"].value == "curl"
    made.inputs["Only with"].value = "go tls"
    assert {(run.mode, run.port_kind) for run in made.table.runs} == {("implicit", "banner220")}
    made.close()


@pytest.mark.parametrize("kernel", [None, object()])
def test_only_a_notebook_gets_it(kernel, monkeypatch):
    shell = types.SimpleNamespace(kernel=kernel, parent_header={})
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    words = rosetta(contains="curl")
    shown = words._repr_mimebundle_()
    assert (shown["text/plain"], shown["text/html"]) == (words.text(), words.html())
    assert ("application/vnd.jupyter.widget-view+json" in shown) == (kernel is not None)


def test_running_the_cell_again_closes_the_earlier_one(monkeypatch):
    in_cell(monkeypatch, "a cell of this box", "first run")
    first = RosettaBox(rosetta())
    in_cell(monkeypatch, "a cell of this box", "second run")
    second = RosettaBox(rosetta())
    assert first.comm is None and second.comm is not None
    second.close()
