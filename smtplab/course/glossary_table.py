"""The words of the course, each with a sentence and the place in the lessons where it is explained first."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from ..show.document import Document, Paragraph, Strong, Table, as_text, mimebundle

WIDTHS = (16, 84, 8)


@dataclass(frozen=True)
class Term:
    """A word and its meaning; `cell` of `lesson` explains it, in words that hold `said`.

    `pattern`, a regular expression, finds its uses in prose.
    """

    word: str
    meaning: str
    lesson: str
    cell: str
    said: str
    pattern: str


TERMS: tuple[Term, ...] = (
    Term("SMTP", "The language in which mail programs and mail servers talk: lines of text, commands and replies.",
         "00", "order-text", "the language of mail servers, **SMTP**", r"\bSMTP\b"),
    Term("TLS", "What encrypts a connection and says, with a certificate, who is at its other end. Its old name is "
         "SSL.",
         "00", "order-text", "TLS, which encrypts a connection", r"\bTLS\b"),
    Term("STARTTLS", "The command by which a client asks, in plain text, to begin TLS; also the way to open a "
         "connection that uses it, called explicit TLS too.", "00", "order-text",
         "when the client asks for it (`STARTTLS`)", r"\bSTARTTLS\b"),
    Term("greeting", "What a mail server says first: a line that begins with 220.", "00", "order-text",
         "it greets, in plain text", r"\bgreet"),
    Term("mode", "When a client's TLS begins, if at all: plain, STARTTLS or implicit.", "00", "order-text",
         "A client has a setting for this, its **mode**", r"\bmodes?\b"),
    Term("implicit", "TLS from the first byte, before any greeting.", "00", "order-text",
         "`implicit`, TLS from the first byte", r"\bimplicit\b"),
    Term("ClientHello", "The first message of TLS, from the client: which versions and ciphers it knows, and which "
         "server it wants.", "00", "corners-text", "A *ClientHello* is the client's first word in TLS",
         r"\bClientHello\b"),
    Term("trace", "The recording of one connection: every byte, when it crossed, and who waited for what.", "00",
         "error-text", "A **trace** is the recording of all that happens", r"\btraces?\b"),
    Term("record", "The piece in which TLS travels: a header of five bytes, for type, version and length, and what it "
         "announces.", "00", "error-text", "TLS, which travels in **records**, pieces with a header",
         r"\brecords?\b"),
    Term("OpenSSL", "The TLS library of Python and of many mail programs; also a program, for trying connections.",
         "00", "fix-text", "OpenSSL, the TLS library of Python", r"\bOpenSSL\b"),
    Term("certificate", "A document that says whose server this is; the server sends it as TLS begins.", "00",
         "challenge-text", "A **certificate** is a document", r"\b[Cc]ertificates?\b"),
    Term("authority", "Who signs certificates; a client trusts those whose own certificates it has.", "01",
         "three-text",
         "which an **authority** has signed", r"\bauthorit(?:y|ies)\b"),
    Term("handshake", "How TLS begins: ClientHello, ServerHello, the certificate, and a Finished from each side.", "01",
         "three-text", "TLS begins with a **handshake**", r"\bhandshakes?\b"),
    Term("EHLO", "The client's hello in SMTP, with its own name; the reply lists what the server can do.", "01",
         "player-text", "`EHLO` is the client's hello", r"\bEHLO\b"),
    Term("reply code", "Three digits that begin each reply: 2xx done, 3xx go on, 4xx not now, 5xx no.", "01",
         "hand-text",
         "2xx means done, 3xx means go on, 4xx means not now, 5xx means no",
         r"\b[245]xx\b|\b(?:2[235]0|221|[45][0-5]\d)\b"
         "(?! bytes| of)"),
    Term("kernel", "In a notebook, the Python that runs its cells. (In an operating system, its innermost part, which "
         "chooses ports for instance.)", "01", "hand-text", "**kernel**, the Python that runs these cells",
         r"\b[Kk]ernel\b"),
    Term("capability list", "The reply to EHLO: what the server can do, a line each.", "01", "list-text",
         "is a list of what the server can do", r"\bcapabilit"),
    Term("AUTH", "The command to log in, and the line of the list that says how.", "01", "ehlo-text",
         "`AUTH`, the login",
         r"\bAUTH\b"),
    Term("submission", "Handing a mail to one's own provider, on 587 or 465, with a login.", "01", "ports-text",
         "that is **submission**", r"\bsubmission\b"),
    Term("relay", "To pass a mail on to another server. In lesson 6, a program that passes bytes on and records them.",
         "01", "ports-text", "that is to **relay** it", r"\brelays?\b(?!\.)"),
    Term("RFC", "One of the documents in which the internet's rules stand.", "01", "ports-text",
         "RFCs, the documents in which the internet's rules stand", r"\bRFCs?\b"),
    Term("opportunistic", "Using STARTTLS if it is offered, and going on in clear if not.", "01", "stripped-text",
         "The other is **opportunistic**: it uses STARTTLS if it is offered", r"\b[Oo]pportunistic"),
    Term("NSS", "The TLS library of Firefox and Thunderbird.", "02", "order-text", "the TLS library that Firefox",
         r"\bNSS\b"),
    Term("cipher", "The way in which TLS encrypts what is said.", "02", "terminal-why",
         "**cipher**, which is the way in which TLS encrypts", r"\bciphers?\b"),
    Term("alert", "TLS's own way to say that something is wrong, in two bytes: how bad, and what.", "02", "version-why",
         "an **alert**: TLS's own way to say that something is wrong", r"\balerts?\b"),
    Term("ca_file", "The file with the certificate of an authority that a client is to trust.", "03", "prove-run",
         "`ca_file` is the certificate of the authority", r"\bca_file\b"),
    Term("door", "A step of a connection that has to open before the next is tried: name, TCP, greeting, list, "
         "STARTTLS, TLS, certificate, login.", "04", "tree-text", "a step that has to open before the next is tried",
         r"\bdoors?\b"),
    Term("base64", "An alphabet in which any bytes can be written as letters and digits. It hides nothing.", "04",
         "stripped-run", "base64, an alphabet for any bytes", r"\b[Bb]ase64\b"),
)


@dataclass(frozen=True)
class Glossary:
    """Some of the terms, to be shown."""

    terms: tuple[Term, ...]

    def document(self) -> Document:
        """A table, or of one term its sentence."""
        if len(self.terms) == 1:
            [term] = self.terms
            return Document((Paragraph((Strong(term.word), f": {term.meaning} (Lesson {int(term.lesson)})")),))
        rows = tuple((term.word, term.meaning, str(int(term.lesson)))
                     for term in sorted(self.terms, key=lambda term: term.word.casefold()))
        return Document((Table(("word", "what it is", "lesson"), rows, label="glossary", widths=WIDTHS,
                               underlined=True),))

    def __str__(self) -> str:
        return as_text(self.document(), None)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return mimebundle(self.document())


def glossary(word: str = "") -> Glossary:
    """The words of the course with a sentence each; with `word` only that one.

    Raises ValueError for a word that is not there; it names those that are.
    """
    if not word:
        return Glossary(TERMS)
    found = tuple(term for term in TERMS if term.word.casefold() == word.casefold())
    if not found:
        names = [term.word for term in TERMS]
        near = difflib.get_close_matches(word, names, 1, 0.5)
        raise ValueError(f"no word {word!r}{f'; did you mean {near[0]!r}?' if near else '.'} "
                         f"There are: {', '.join(names)}")
    return Glossary(found)
