"""The hand-outs say what the package says, in both languages, and their proofs prove it to real programs."""

import re
import shlex
from html.parser import HTMLParser
from pathlib import Path

import pytest

from smtplab import Cause, dial, serve
from smtplab.course.lesson_aids import PORTS
from smtplab.lab.programs import run_program
from smtplab.records import is_tls, parse_header
from smtplab.show import plot_four_corners
from smtplab.verdict import judge

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
FILES = {"en": "hand-out.html", "ja": "hand-out.ja.html"}


class Page(HTMLParser):
    """`rows`: of each table by its class, (attributes, texts of the cells) a row; `asked`: what would be fetched."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.lang, self.asked, self._cell = {}, None, [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.lang = attrs["lang"] if tag == "html" else self.lang
        self.asked += [tag] * (tag in ("script", "link", "img", "iframe") or "src" in attrs)
        if tag == "table":
            self._rows = self.rows.setdefault(attrs["class"], [])
        if tag == "tr":
            self._rows.append((attrs, []))
        if tag == "td":
            self._rows[-1][1].append("")
            self._cell = True
        if tag == "code" and self._cell:
            self._rows[-1][1][-1] += "`"

    def handle_endtag(self, tag):
        if tag == "code" and self._cell:
            self._rows[-1][1][-1] += "`"
        if tag == "td":
            self._cell = None

    def handle_data(self, data):
        if self._cell:
            self._rows[-1][1][-1] += data

    def table(self, name):
        return [row for row in self.rows[name] if row[1]]


PAGES = {lang: Page((NOTEBOOKS / name).read_text(encoding="utf-8")) for lang, name in FILES.items()}


@pytest.mark.parametrize("lang", FILES)
def test_a_page_says_its_language_and_fetches_nothing(lang):
    assert PAGES[lang].lang == lang and PAGES[lang].asked == []
    assert "url(" not in (NOTEBOOKS / FILES[lang]).read_text(encoding="utf-8")


def test_both_have_the_same_rows_and_commands():
    english, japanese = PAGES["en"], PAGES["ja"]
    for name in ("ports", "bytes", "causes"):
        ours, theirs = english.table(name), japanese.table(name)
        assert [row[0] for row in ours] == [row[0] for row in theirs]
    assert [proof(row) for row in english.table("causes")] == [proof(row) for row in japanese.table("causes")]
    text = (NOTEBOOKS / FILES["ja"]).read_text(encoding="utf-8")
    assert "暗黙的な TLS" in text and "明示的な TLS" in text


@pytest.mark.parametrize("lang", FILES)
def test_ports_are_the_lessons_own(lang):
    for (_, cells), (port, service, *_, begins, _rfc) in zip(PAGES[lang].table("ports"), PORTS, strict=True):
        assert cells[0] == f"{port}/tcp" and re.search(r"\d+|\w+", cells[1])[0] in service.replace(",", "").split()
        implicit = "implicit" in begins
        assert ("STARTTLS" in cells[2]) != implicit and ("`16 03 01 …`" in cells[2]) == implicit
        assert {"en": "implicit", "ja": "暗黙的な TLS"}[lang] in cells[2] or not implicit


@pytest.mark.parametrize("lang", FILES)
def test_the_four_corners_are_drawn_as_the_package_draws_them(lang):
    text = (NOTEBOOKS / FILES[lang]).read_text(encoding="utf-8")
    assert re.findall("<svg.*?</svg>", text, re.DOTALL) == [plot_four_corners(lang=lang).svg]


@pytest.mark.parametrize("lang", FILES)
def test_readings_are_openssl_s(lang):
    for attributes, cells in PAGES[lang].table("bytes"):
        raw = bytes.fromhex(attributes["data-hex"])
        header = parse_header(raw)
        signs = ["✓" if ok else "✗" for ok in (is_tls(raw[:1]), raw[1] == 3, header.length <= 2**14)]
        assert cells[1] == f"`{raw.hex(' ')}`"
        assert cells[2].strip("`").replace("\u00a0", " ") == "".join(chr(b) if 32 <= b < 127 else "·" for b in raw)
        assert cells[3:6] == [f"{int(header.content_type)} {signs[0]}",
                              f"0x{header.legacy_record_version:04x} {signs[1]}", f"{header.length:,} {signs[2]}"]
        assert (judge(raw).verdict == "wrong version number") == (signs[1] == "✗")
    first = bytes.fromhex(PAGES[lang].table("bytes")[0][0]["data-hex"])
    with serve("starttls") as server:
        assert dial(server, "implicit").first_bytes == first


def test_causes_are_of_the_closed_list_in_its_words():
    for attributes, cells in PAGES["en"].table("causes"):
        cause = Cause(attributes["data-cause"])
        assert cells[1] == f"{cause.text.title} {cause.value}"
    for attributes, cells in PAGES["ja"].table("causes"):
        assert cells[1].endswith(f" {attributes['data-cause']}") and re.search("[ぁ-ん]", cells[1] + cells[3])


def proof(row):
    """The command of a row, with HOST and PORT in it."""
    return " ".join(row[1][2].split("`")[1].split())


# Of each cause: the server, what the command then shows, and what it doesn't.
SHOWS = {
    "implicit-to-plaintext": ("starttls", "BEGIN CERTIFICATE", "wrong version"),
    "plaintext-to-implicit": ("implicit", "BEGIN CERTIFICATE.*220 mail", "wrong version"),
    "refused": ("refused", "Connection refused", "Connected"), "filtered-timeout": ("filtered", "Trying", "Connected"),
    "starttls-not-offered": ("starttls-stripped", "250 HELP", "STARTTLS"),
    "starttls-required": ("starttls-required", "530 5.7.0 Must issue a STARTTLS", "250 2.1.0"),
    "temporarily-unavailable": ("starttls-refused", "STARTTLS.*454", "TLS started"),
    "auth-required": ("auth-required", "TLS started.*530 5.7.0 Auth", " 535"),
    "auth-rejected": ("starttls", "TLS started.*535", " 235"),
    "cert-self-signed-or-unknown-ca": ("self-signed", "verify error.*i:", "wrong version"),
    "cert-hostname": ("wrong-name", "(?i)hostname mismatch", "wrong version"),
    "cert-expired": ("expired", "certificate has expired.*NotAfter", "wrong version"),
    "tls-version-or-cipher": ("old-tls", "alert|unsupported protocol", "BEGIN CERTIFICATE"),
    "closed-before-greeting": ("closes", "Connected.*closed", "220"),
    "server-not-smtp": ("not-smtp", r"Connected.*\* OK", "220"),
}


def test_every_row_s_proof_is_tried():
    assert list(SHOWS) == [attributes["data-cause"] for attributes, _ in PAGES["en"].table("causes")]


@pytest.mark.parametrize("row", [
    pytest.param(row, id=row[0]["data-cause"], marks=pytest.mark.real(proof(row).split()[0]))
    for row in PAGES["en"].table("causes")])
def test_a_proof_proves(row):
    kind, shows, never = SHOWS[row[0]["data-cause"]]
    with serve(kind) as server:
        host, port = server.address
        words = proof(row).replace("HOST", host).replace("PORT", str(port)).replace("USER", "alice")
        words = words.replace("--auth-user", "--auth-password wrong --auth-user")  # swaks would ask for it
        ran = run_program(shlex.split(words), timeout_s=3 if words.startswith("telnet") else 30,
                          typed=["quit"] if words.startswith("openssl") else ())
    assert re.search(shows, ran.text, re.DOTALL) and not re.search(never, ran.text), ran.text


@pytest.mark.parametrize("lang", FILES)
def test_the_line_above_the_table_is_there(lang):
    text = (NOTEBOOKS / FILES[lang]).read_text(encoding="utf-8")
    [line] = re.findall(r'</h2>\n<p>(.*)</p>\n<table class="causes">', text)
    assert all(f"<code>{words}</code>" in line for words in ("-starttls smtp", "-quiet -crlf")) and "587" in line


@pytest.mark.real("openssl")
@pytest.mark.parametrize("cause", [cause for cause, (kind, *_) in SHOWS.items() if kind in (
    "self-signed", "wrong-name", "expired", "old-tls")])
def test_on_587_a_proof_needs_the_line_above_the_table(cause):
    kind, shows, never = SHOWS[cause]
    [command] = [proof(row) for row in PAGES["en"].table("causes") if row[0]["data-cause"] == cause]
    with serve(kind, starttls=True) as server:
        words = shlex.split(command.replace("HOST:PORT", "{}:{}".format(*server.address)).replace("HOST", "127.0.0.1"))
        without, added = (run_program([*words, *more], timeout_s=30, typed=["quit"]).text
                          for more in ((), ("-starttls", "smtp")))
    assert re.search(shows, added, re.DOTALL) and not re.search(never, added)
    assert "wrong version number" in without and not re.search("BEGIN CERTIFICATE|verify error", without)
