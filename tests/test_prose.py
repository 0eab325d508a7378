"""Prose says what is so: each number in lessons, hand-outs, guide and README, and each word that they put into a
program's mouth, is held to the lab, to a table or to a recorded run. A number that nobody holds is a failure."""

import hashlib
import hmac
import json
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers import each_row, read_notebook

from smtplab import Cause, dial, explain, read_settings, serve, verdict
from smtplab.course.lesson_aids import HISTORY_OF_465, PORTS
from smtplab.course.minutes import WORDS_A_MINUTE
from smtplab.course.questions import EXERCISES
from smtplab.course.questions.quiz_questions import FORMS
from smtplab.course.rehearsal import planned_minutes
from smtplab.diagnosis import cause_of_reply
from smtplab.lab.programs import run_program
from smtplab.lab.reach import reachable
from smtplab.records import AlertDescription, is_tls
from smtplab.settings.registry import frameworks
from smtplab.show import meanings, rosetta, screen
from smtplab.tls_refusals import ALERTS
from smtplab.verdict import BRANCHES, branch_of, judge

TOP = Path(__file__).parents[1]
NOTEBOOKS = TOP / "notebooks"
PACKAGE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((TOP / "smtplab").rglob("*.py")))


class Piece(NamedTuple):
    """A text that people read: of a notebook, one of its cells."""

    file: str
    part: str
    text: str


def pieces():
    """All prose, without code blocks, links, names of notebooks and exercises, and tables that other tests hold."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in read_notebook(path).cells:
            if cell.cell_type == "markdown":
                yield Piece(path.name, cell.id, cell.source)
    for path in (NOTEBOOKS / "instructor-guide.md", TOP / "README.md"):
        text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"<source .*?>|(?<=<img) alt=|src=\".*?\"", "", text)  # what a picture says is prose, too
        # The schedules: test_instructor_guide. The index and the rings: test_readme and test_notebooks.
        text = re.sub(r"^(?:\| \d+[: ]|\|.*\]\(notebooks/|### .* minutes$).*$", "", text, flags=re.MULTILINE)
        yield Piece(path.name, "", text)
    for path in sorted(NOTEBOOKS.glob("*.html")):
        page = path.read_text(encoding="utf-8").partition("<body>")[2]
        held = r'<table class="(?:ports|bytes)">.*?</table>|<svg.*?</svg>'  # by test_hand_out
        page = re.sub(held, "", page, flags=re.DOTALL)
        yield Piece(path.name, "", re.sub(r"<[^>]*>", "", page))


def plain(text):
    """Without what only looks like a number: links, and names of notebooks and exercises."""
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.sub(r"\b0\d-[a-z0-9]+(?:-[a-z0-9]+)*(?:\.ja)?\b", "", text)


PROSE = [Piece(file, part, plain(text)) for file, part, text in pieces()]
NUMBER = re.compile(r"(?<![\w.,:])\d+(?:[.,]\d+)*(?![\d:])")
IN_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}


def begins(port):
    """"TLS" or "text": how a port begins, by the lesson's own table; None for a port that is not of mail."""
    return next(("TLS" if "implicit" in row[3] else "text" for row in PORTS if port in row[0].split(", ")), None)


def release(version):
    """Whether the package knows this OpenSSL."""
    try:
        return bool(branch_of(version))
    except ValueError:
        return False


def length_first():
    """The OpenSSL branches that look at the length before the version."""
    return [b for b in BRANCHES if [r.field for r in b.rules if r.field != "version"][:1] == ["length"]]


def reply_means(code, stage, text, *, encrypted=True):
    return cause_of_reply(stage, int(code), text, encrypted=encrypted, starttls_offered=True)


def refusal_of_old_tls():
    """The version that a server of TLS 1.1 and older writes into its refusal, and TLS 1.2's number."""
    with serve("old-tls") as server:
        return dial(server, "implicit").first_bytes[1:3], 0x0303


# Reply codes, and the RFCs and sections that hold what is said: what the package's sources name themselves, and these.
REPLIES = {"200", "220", "221", "235", "250", "400", "421", "454", "500", "530", "534", "535", "538", "554"}
SECTIONS = {("3207", "4"), ("8446", "5.1"), ("5321", "2.3.8"), ("5321", "4.5.3.2")}
USUAL_ALERTS = {"protocol version": "70", "handshake failure": "40"}

# A pattern, and whether what it found is so. Earlier ones come first; each number has to be in one of them.
CLAIMS = [
    # the old report's counts
    (r"had written (306)", lambda m: True),
    (r"(419), the sum of the same: (33) in clear \+ (306) \+ (6) \+ (74)",
     lambda m: int(m[1]) == sum(map(int, m.groups()[1:]))),
    # ports: how they begin, which are mail's, which are the web's
    (r"(\d+) and (\d+) start in plain text, (\d+) with TLS",
     lambda m: [begins(port) for port in m.groups()] == ["text", "text", "TLS"]),
    (r"port (80) in plain text, port (443) with TLS", lambda m: m.groups() == ("80", "443")),
    (r"implicit(?: TLS)?(?: \w+)? on (\d+)\b|(?:または|たいていは) (\d+)(?: で暗黙的な TLS|）に接続)",
     lambda m: begins(m[1] or m[2]) == "TLS"),
    (r"(?:STARTTLS on|begins in plain text \(|waits on port|waits as port|まるポート（) ?(\d+)",
     lambda m: begins(m[1]) == "text"),
    (r"(?:port waits for TLS, as port) (\d+)", lambda m: begins(m[1]) == "TLS"),
    (r"on (25) alone|(?:only|配送は) (25)|On (25), between servers|\(its MX\), on (25)",
     lambda m: next(filter(None, m.groups())) == "25"),
    (r"\b(25|465|587|2465|2525|2587)\b(?!-)", lambda m: begins(m[1]) is not None),
    # replies: what they mean where a cause is named beside them
    (r"(530) asks for TLS or for a login, (535) refuses a login, and (454) can't do TLS, or check a login",
     lambda m: (reply_means(m[1], "mail", "5.7.0 Must issue a STARTTLS command", encrypted=False),
                reply_means(m[1], "mail", "5.7.0 Authentication required"), reply_means(m[2], "auth", "no"),
                reply_means(m[3], "starttls", "no"), reply_means(m[3], "auth", "no")) == (
         Cause.STARTTLS_REQUIRED, Cause.AUTH_REQUIRED, Cause.AUTH_REJECTED, *[Cause.TEMPORARILY_UNAVAILABLE] * 2)),
    (r"(554)(?: and |, |、)(421)", lambda m: [reply_means(code, "greeting", "no") for code in m.groups()] == [
        Cause.RELAY_OR_POLICY, Cause.TEMPORARILY_UNAVAILABLE]),
    (r"The same (454) after AUTH", lambda m: reply_means(m[1], "auth", "no") is Cause.TEMPORARILY_UNAVAILABLE),
    (r"(?:counts|バイトが) (256) (?:times|倍)", lambda m: int.from_bytes(b"\1\0", "big") == int(m[1])),
    (r"(?<![\d,])\b([245]\d\d)\b(?!,\d| hz| MB| settings)", lambda m: m[1] in REPLIES),
    (r"\b([245])\.0\.0\b", lambda m: m[1] == "2"),
    # documents
    (r"RFC (\d+)(?: section (\d+(?:\.\d+)*))?", lambda m: (m[1], m[2]) in SECTIONS or (
        m[2] is None and re.search(rf"RFC [^\n]*\b{m[1]}\b", PACKAGE))),
    (r"In (2021) a study found more than (40) flaws of STARTTLS", lambda m: m.groups() == ("2021", "40")),
    # RFC 5321 section 4.5.3.2.1 and 4.5.3.2.6
    (r"greeting (5) minutes, and the reply to a mail's final dot (10)", lambda m: m.groups() == ("5", "10")),
    # TLS and OpenSSL
    (r"in every OpenSSL since (\d\.\d\.\d); the reader before that one wanted (\w+) bytes more",
     lambda m: [judge(b"220 mai", v).bytes_needed for v in (m[1], "1.0.2")] == [5, 5 + IN_WORDS[m[2]]]
     and branch_of(m[1]).first == (1, 1, 0)),
    (r"From (\d\.\d) on OpenSSL looked at the length before the version, until a fix of March (2026)",
     lambda m: ".".join(map(str, length_first()[0].first)) == m[1] and not {b.name for b in length_first()} & {
         b.name for b in BRANCHES if "after" in b.name or "later" in b.name} and "2026-03" in PACKAGE),
    (r"Before OpenSSL (\d\.\d\.\d)", lambda m: branch_of(m[1]).first == (1, 1, 0)),
    (r"OpenSSL (\d\.\d(?:\.\d[a-z]?)?)", lambda m: release(m[1])),
    (r"(16,384)", lambda m: judge(b"\x16\x03\x03\x40\x00", "3.5").verdict == "wait" and judge(
        b"\x16\x03\x03\x40\x01", "3.5").verdict == "data length too long" and m[1] == f"{0x4000:,}"),
    (r"(?:type is|タイプは) (\d+)(?: to |〜)(\d+).{2,40}?(0\d)",
     lambda m: [n for n in range(256) if is_tls(bytes([n]))] == [*range(int(m[1]), int(m[2]) + 1)] and m[3] == "03"),
    (r"(protocol version|handshake failure) \((\d+)\)", lambda m: USUAL_ALERTS[m[1]] == m[2]
     and AlertDescription(int(m[2])).name.replace("_", " ") == m[1]
     and ALERTS[int(m[2])] is Cause.TLS_VERSION_OR_CIPHER),
    (r"TLS (1\.[23])(?: (?:or|か) (1\.3))?", lambda m: True),
    (r"`(1400410B)`", lambda m: explain(f"error:{m[1]}:SSL routines:CONNECT_CR_SRVR_HELLO:wrong version number")[
        0].cause is Cause.IMPLICIT_TO_PLAINTEXT),
    (r"[Ii]n lesson 2 curl ended with (35)", lambda m: rosetta(contains=f"curl: ({m[1]})").rows),
    (r"nothing newer than (1\.1), and writes the number of (1\.2). \(TLS (1\.3) writes that one too",
     lambda m: refusal_of_old_tls() == (b"\3\3", 0x0303) and m.groups() == ("1.1", "1.2", "1.3")),
    # settings
    (r"Only (\d\.\d) is strict about values", lambda m: [v for v in ("2.7", "2.8", "2.9") if read_settings(
        "rails", "tls: 'false'", version=v, port=587).outcome == "config-error"] == [m[1]]),
    (r"settings/ \((\d+) mailers|describes (\d+) frameworks", lambda m: int(m[1] or m[2]) == len(frameworks())),
    (r"(\d+) settings that were run", lambda m: int(m[1]) == sum(
        1 for line in (TOP / "tests/settings/measured.jsonl").read_text(encoding="utf-8").splitlines() if line)),
    # this package, and what was measured once
    (r"base (16)\b|(16) 進数", lambda m: int("0x10", 0) == int(m[1] or m[2])),
    (r"(150) words a minute", lambda m: int(m[1]) == WORDS_A_MINUTE),
    (r"約 (12) 分", lambda m: planned_minutes(read_notebook(NOTEBOOKS / "00-start-here.ipynb").cells[0].source) == (
        int(m[1]), int(m[1]))),
    (r"and (80) characters without one", lambda m: screen.NARROW == int(m[1])),
    (r"--host (0\.0\.0\.0)", lambda m: reachable(m[1]) != m[1]),
    (r"Python (\d\.\d+) or newer", lambda m: tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"]["requires-python"] == f">={m[1]}"),
    (r"Python 3\.11, 3\.12 and 3\.13; of Python 3\.14", lambda m: True),
    (r"of (3\.3) and (3\.4), are|(3\.6), and", lambda m: not all(b.measured for b in BRANCHES if b.name.startswith(
        m[1] or m[3]))),
    (r"20 MB make 14,000|Debian 12|1280 by 800|about 100 MB|-n 0|two cores|127\.0\.0\.1", lambda m: True),
    # test_instructor_guide
    (r"lesson 7 its full 45 minutes|With 45 minutes.*between 13 and 24|90-minute", lambda m: True),
]


def untrue(text):
    """What is not so, or not held, in a text."""
    found, held = [], set()
    for pattern, is_so in CLAIMS:
        for match in re.finditer(pattern, text):
            span = set(range(*match.span()))
            if not span <= held and not is_so(match):
                found.append(match[0])
            held |= span
    for match in NUMBER.finditer(text):
        if (len(match[0]) > 1) and match.start() not in held:
            found.append(f"nobody holds {text[max(0, match.start() - 40):match.end() + 20]!r}")
    return found


@each_row("piece", PROSE)
def test_numbers_are_so(piece):
    assert untrue(piece.text) == []


@each_row("text", [
    "A record in the clear may hold up to 16,385 bytes.", "Only 2.9 is strict about values.",
    "From 3.3 on OpenSSL looked at the length before the version, until a fix of March 2026.",
    "419, the sum of the same: 33 in clear + 306 + 6 + 75",
    "Or implicit on 587.", "25 and 465 start in plain text, 587 with TLS", "RFC 3207 section 7", "RFC 5231",
    "protocol version (40)", "in every OpenSSL since 1.1.0; the reader before that one wanted three bytes more",
    "The type is 20 to 25, the version's first byte is 03", "Python 3.10 or newer", "It took 77 tries."])
def test_what_is_not_so_is_found(text):
    assert untrue(text)


def whole(*files):
    return " ".join(piece.text for piece in PROSE if piece.file in files)


LESSONS = [path.name for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
# Sentences that were once said, in any of these texts, and are not so.
NOT_SO = [
    r"no firewall is in the way", r"protect alike", r"[Ss]mall letters, or", r"; type small letters",
    r"[Nn]o program has this port open", r"the only sign of it|with them the only sign that somebody",
    r"whatever the text", r"Port, mode and TLS are right", r"From 3\.2\.0 to 3\.5\.5", r"keep it in plain text\.",
    r"the number of bytes read does not", r"530 asks for another mode", r"getent hosts", r"SSL or implicit is off",
    r"how many of them say that it is a matter of port or mode\?\s*None", r"and let a queue try again\.(?! Be)",
    r"such flaws", r"is why RFC 8314", r"Only the option", r"same greeting\. The bytes", r"byte by byte, with both",
    r"nothing to set wrong", r"every TLS writes", r"TLS (?:is )?if it was asked for", r"what a TLS client says when",
]


@each_row("sentence", NOT_SO)
def test_what_was_wrong_is_said_nowhere(sentence):
    asked = [repr(one) for one in (*EXERCISES.values(), *FORMS.values())]
    texts = [piece.text for piece in PROSE] + [repr(cause.text) for cause in Cause] + asked
    assert not [text for text in texts if re.search(sentence, text)]


# --- words of programs ---

def test_words_of_clients_are_recorded_ones():
    """The lesson's "hardly any" of the clients that name a port or a mode: git alone, of those recorded."""
    said = [(run.client, run.error_text) for run in rosetta().runs]
    assert {client for client, text in said if re.search(r"\bencryption=.*\bport=", text)} == {"git send-email ssl"}
    assert not [client for client, text in said if re.search(r"STARTTLS|implicit|plain.?text", text)]
    assert "`encryption=` and `port=`" in whole("02-five-bytes.ipynb") and "Hardly any" in whole("02-five-bytes.ipynb")
    # MailKit's sentence, from its own resources; it is not among the recorded runs.
    assert "port 587 is typically reserved for" in PACKAGE and "MailKit" not in {client for client, _ in said}


def test_what_waits_for_a_whole_record_hangs():
    """The lesson's NSS; and OpenSSL, whatever it looks at first, does not."""
    assert {run.hang for run in rosetta().runs if "NSS" in run.tls_library and run.mode == "implicit"} == {True}
    assert all(judge(b"220 mail", branch.name.split()[0]).verdict != "wait" for branch in BRANCHES)


def test_what_was_not_modelled_is_said():
    """An old OpenSSL that was told to speak one version had another reader: its words could be about versions."""
    assert "told to speak one version only" in " ".join(verdict.__doc__.split())
    for file in ("README.md", "08-deeper.ipynb"):
        assert "told to speak one version only" in " ".join(whole(file).split())


def test_words_of_openssl_are_its_own():
    with serve("starttls") as server:
        assert "wrong version number" in dial(server, "implicit").failure.message.replace("_", " ").lower()
    assert judge(b"220 mai", "1.0.2").verdict == "unknown protocol"
    text = whole("08-deeper.ipynb")
    assert "`unknown protocol` of OpenSSL 1.0.2" in text


@pytest.mark.real("openssl")
def test_words_of_s_client_are_its_own():
    with serve("starttls") as server:
        host, port = server.address
        said = run_program(["openssl", "s_client", "-connect", f"{host}:{port}"], timeout_s=20).text
    assert "Verification: OK" in said and "BEGIN CERTIFICATE" not in said
    assert "`Verification: OK`" in whole("02-five-bytes.ipynb")
    errstr = run_program(["openssl", "errstr", "0A00010A"], timeout_s=20).text
    assert "wrong ssl version" in errstr and "`wrong ssl version`" in whole("06-your-own-client.ipynb")


@pytest.mark.real("openssl")
def test_what_changes_with_the_server_s_name():
    """The bytes written, as the name is in the ClientHello; not the bytes read."""
    with serve("starttls") as server:
        host, port = server.address
        counts = [re.search(r"has read (\d+) bytes and written (\d+)", run_program(
            ["openssl", "s_client", "-connect", f"{host}:{port}", "-servername", name], timeout_s=20).text).groups()
            for name in ("mail.example.com", "a-longer-name-of-mail.example.com")]
    (read, written), (read_again, more) = [tuple(map(int, pair)) for pair in counts]
    assert read == read_again == 5 and more - written == len("a-longer-name-of-")


def test_cram_md5_can_be_checked_without_the_password():
    """What a server may keep in its place is as good as the password, for this login (RFC 2195 section 3)."""
    key = b"wonderland".ljust(64, b"\0")
    inner, outer = (hashlib.md5(bytes(byte ^ pad for byte in key)) for pad in (0x36, 0x5c))  # these two are kept
    inner.update(b"<challenge@mail.example.com>")
    outer.update(inner.digest())
    assert outer.hexdigest() == hmac.new(b"wonderland", b"<challenge@mail.example.com>", "md5").hexdigest()
    assert "as good as that for this login" in whole("08-deeper.ipynb")
    assert "as good as that for this login" in " ".join(whole("README.md").split())


@pytest.mark.real("openssl")
@each_row(("option", "line", "arrives"), [
    ((), "KG9wZW4p", False), ((), "QUIT", False), ((), "RCPT TO:<b@example.com>", False), ((), "noop", True),
    (("-quiet",), "KG9wZW4p", True), (("-quiet",), "QUIT", True), (("-ign_eof",), "KG9wZW4p", True)])
def test_which_lines_s_client_takes_for_itself(option, line, arrives):
    """And with -crlf each that arrives ends with CR LF."""
    with serve("starttls", tls_version="1.3") as server:
        host, port = server.address
        run_program(["openssl", "s_client", *option, "-crlf", "-starttls", "smtp", "-connect", f"{host}:{port}"],
                    typed=["EHLO me.example.com", line, "QUIT"], timeout_s=4)
        trace = server.trace()
    inside = [event.data for event in trace.events if (event.who, event.what) == ("client", "inside")]
    assert (any(line.encode() in data for data in inside)) == arrives
    assert inside and all(data.endswith(b"\r\n") for data in inside)


@each_row("name", LESSONS)
def test_typed_lines_end_as_smtp_wants_them(name):
    """Each cell that types into s_client asks for CR LF."""
    cells = [cell.source for cell in read_notebook(NOTEBOOKS / name).cells if cell.cell_type == "code"]
    dialled = [line for cell in cells for line in cell.splitlines() if "openssl s_client" in line]
    typing = [line for line in dialled if "typed=" in line or line.startswith("s_client = ")]
    assert not [line for line in typing if "-crlf" not in line]
    assert typing or name[:2] not in ("01", "03", "06", "07")


# What the words of a symptom alone may mean besides: the row says more than they do.
ALIKE = {Cause.PLAINTEXT_TO_IMPLICIT: (Cause.FILTERED_TIMEOUT,),
         Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA: (Cause.CERT_CHAIN_INCOMPLETE,)}


def symptoms(file):
    page = (NOTEBOOKS / file).read_text(encoding="utf-8")
    for cause, cell in re.findall(r'<tr data-cause="([\w-]+)"><td>(.*?)</td>', page):
        yield Cause(cause), re.sub(r"<[^>]*>|[（(][^）)]*[）)]", "", cell)


@pytest.mark.parametrize("file", ["hand-out.html", "hand-out.ja.html"])
def test_symptoms_are_explained_by_their_own_row(file):
    told = 0
    for cause, symptom in symptoms(file):
        found = {explain(part)[0].cause for part in (symptom, *re.split("[,、;；：:]", symptom))} - {Cause.OTHER}
        told += cause in found
        assert not found - {cause, *ALIKE.get(cause, ())}, (cause, symptom, found)
    assert told >= 10


# --- settings ---

def test_words_of_settings_mean_what_is_said_of_them():
    """In Django TLS is STARTTLS, in Rails it is at once, and Rails without a word about it is opportunistic."""
    modes = {(row[0].split()[0], row[2]) for row in meanings("tls").rows}
    assert ("Django", "starttls-required") in modes and any(mode == "implicit" for _, mode in modes)
    assert read_settings("rails", "tls: true", port=587).mode == "implicit"
    assert read_settings("rails", "port: 587").mode == "starttls-opportunistic"
    assert "in Django it is STARTTLS, in Rails it is TLS at once" in whole("05-settings.ipynb")


def test_the_history_of_465():
    assert re.findall(r"\d{4}", HISTORY_OF_465) == ["1997", "8314", "2018"]


def test_json_of_notebooks_keeps_its_form():
    """One form, so that a change of a sentence is a change of a line."""
    for name in LESSONS:
        raw = (NOTEBOOKS / name).read_text(encoding="utf-8")
        assert json.dumps(json.loads(raw), indent=1, ensure_ascii=False) + "\n" == raw
