"""The glossary: each term is explained in the lessons where it first stands, and nowhere used before."""

import json
import re
from pathlib import Path

import pytest
from helpers import displayed, each_row

from smtplab.course import glossary
from smtplab.course.glossary_table import TERMS
from smtplab.course.questions import EXERCISES
from smtplab.course.questions.predictions import PREDICTIONS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NEEDED = {"mode", "SMTP", "record", "certificate", "authority", "ca_file", "cipher", "alert", "opportunistic", "NSS",
          "submission", "relay", "reply code", "kernel", "trace", "door"}


def asked(source):
    """What a card puts into the page at once: the question, and what can be chosen."""
    for name in re.findall(r'\b(?:predict|check)\("([^"]+)"', source):
        if name in PREDICTIONS:
            yield from (PREDICTIONS[name].question, *PREDICTIONS[name].choices)
        else:
            yield from (EXERCISES[name].question, *(choice.words for choice in EXERCISES[name].choices))


def walked(lessons="[0-7]"):
    """(lesson, cell, text, whether it is folded) of all that is read, in order: prose, and the questions of cards."""
    for path in sorted(NOTEBOOKS.glob(f"0{lessons}-*.ipynb")):
        if path.stem.count("."):
            continue
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            text = source if cell["cell_type"] == "markdown" else "\n".join(asked(source))
            yield (path.name[:2], cell["id"], re.sub(r"\]\([^)]*\)|wrong version number", "]", text),
                   "side" in cell["metadata"].get("tags", ()))


ALL = list(walked("[0-8]"))
WALK = [(lesson, cell, text) for lesson, cell, text, folded in walked() if not folded]


def first_use(term, walk=WALK):
    return next(((lesson, cell) for lesson, cell, text in walk if re.search(term.pattern, text)), None)


@each_row("term", TERMS, ids=lambda term: term.word)
def test_a_term_is_explained_where_it_first_stands(term):
    assert first_use(term) == (term.lesson, term.cell)
    [text] = [text for lesson, cell, text in WALK if (lesson, cell) == (term.lesson, term.cell)]
    assert term.said in text and term.meaning.endswith((".", ".)"))


def test_a_use_before_is_found():
    term = next(term for term in TERMS if term.word == "cipher")
    assert first_use(term, [("00", "error-text", "Its cipher is new."), *WALK]) == ("00", "error-text")


# Words of folded cells that explain a term before its place on the core way.
SOONER = {"cipher": "the **cipher**, the way in which what is said is encrypted",
          "ca_file": "the file of the authority that it trusts (the lab calls it `ca_file`)"}


def unexplained(read=ALL, terms=TERMS):
    """(lesson, cell, word) of the terms that a folded cell uses, though no cell before it, nor itself, explains them:
    on the core way, or in a folded cell in the words of `SOONER`."""
    found = []
    for term in terms:
        known = False
        for lesson, cell, text, folded in read:
            known = known or (lesson, cell) == (term.lesson, term.cell) or (
                folded and SOONER.get(term.word, term.said) in text)
            if folded and not known and re.search(term.pattern, text):
                found.append((lesson, cell, term.word))
    return found


def test_a_term_in_a_folded_cell_is_explained_before():
    assert unexplained() == []


def test_a_use_in_a_folded_cell_before_is_found():
    [term] = [term for term in TERMS if term.word == "cipher"]
    folded, openly = ("00", "box-text", "Its cipher is new.", True), ("00", "error-text", "Its cipher is new.", False)
    there = ("00", "box-text", f"Mark {SOONER['cipher']}.", True)
    assert unexplained([folded, there, *ALL], [term]) == [("00", "box-text", "cipher")]
    assert unexplained([openly, *ALL], [term]) == []  # that one is the other test's
    assert unexplained([there, folded, *ALL], [term]) == []


def test_those_that_were_missing_are_there():
    assert NEEDED <= {term.word for term in TERMS} and len({term.word for term in TERMS}) == len(TERMS)


def test_it_is_shown_whole_or_word_by_word():
    shown = str(glossary())
    assert all(term.word in shown for term in TERMS) and max(map(len, shown.splitlines())) < 120
    assert str(glossary("Mode")) == f"mode: {next(t.meaning for t in TERMS if t.word == 'mode')} (Lesson 0)"
    assert "<table" in displayed(glossary())["text/html"] and "<b>mode</b>" in displayed(glossary("mode"))["text/html"]
    with pytest.raises(ValueError, match="no word 'modus'; did you mean 'mode'"):
        glossary("modus")
