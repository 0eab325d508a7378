"""A document and its two renderers: the form of each block, and that no string in it is markup or acts."""

import dataclasses
import inspect
import re
import typing

import pytest
from helpers import each_row
from html_reader import Page
from hypothesis import given
from hypothesis import strategies as st

from smtplab.course import lesson_aids, terminal
from smtplab.escape import printable
from smtplab.show import document, explanation_document, reproduction, setting_words, settings_document
from smtplab.show.document import (
    OWN_KEYS,
    STYLE,
    Bar,
    Block,
    Bullets,
    Code,
    Details,
    Document,
    Either,
    Group,
    Inline,
    Link,
    Listing,
    Mark,
    Paragraph,
    Section,
    Small,
    Strong,
    Table,
    ToCopy,
    Tone,
    Typed,
    as_html,
    as_text,
    columns,
    mimebundle,
)

LONG = "some words that go on " * 9
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
HOSTILE = "</p></pre></td>\"'><script>boom()</script><img src=x onerror=boom()>&amp;\x1b[2J\x9b\r\u202e\ud800"
TAGS = {"div", "p", "b", "small", "pre", "code", "del", "ul", "li", "table", "caption", "colgroup", "col", "thead",
        "tbody", "tr", "th", "td", "details", "summary", "mark", "sup", "a", "span"}
BLOCKS, INLINES = typing.get_args(Block), typing.get_args(Inline)


# --- text ---


@each_row(("block", "lines"), [
    (Paragraph("words"), ["words"]), (Paragraph(""), []),
    (Paragraph(("one ", Strong("two"), Bar(3), " ", Code("three"), Link("four", "x"))), ["one two threefour"]),
    (Paragraph("a b", indent=3), ["   a b"]),
    (Bullets(("one", ("two ", Strong("three")))), ["- one", "- two three"]), (Bullets(("one",), sign=""), ["one"]),
    (Listing("a\n  b\n"), ["a", "  b", ""]), (Listing(("a\nb", Mark("c", "1")), indent=2), ["  a", "  bc"]),
    (ToCopy("a\n  b"), ["a", "  b"]),
    (Section("head", (Paragraph("a"), Listing("b"))), ["head", "  a", "  b"]),
    (Section("head", (ToCopy("a"), ToCopy("b"), Paragraph("c"), ToCopy("d")), indent=0),
     ["head", "", "a", "b", "c", "", "d"]),
    (Section("1. head", (Section("inner", (Bullets(("a",)),)), Group((Section("other", ()),))), indent=3),
     ["1. head", "   inner:", "     - a", "   other:"]),
    (Group((Paragraph("a"), Group((Listing("b"),), Tone.BAD))), ["a", "b"]),
    (Details("more", (Paragraph("a"),)), ["more", "  a"]),
    (Table(("a", "bb"), (("ccc", "d"), ("", ""))), ["a    bb", "ccc  d", ""]), (Table((), (("a", "b"),)), ["a  b"]),
    (Table((), ()), []),
    (Table(("a", "b"), (("one two three", Code("x\ny")),), widths=(9, 3), underlined=True),
     ["a        b", "-------  -", "one two  x", "  three  y"]),
])
def test_a_block_as_text(block, lines):
    assert as_text(Document((block,))) == "\n".join(lines)


def test_prose_is_wrapped_and_listings_are_not():
    hanging = as_text(Document((Section("x", (Paragraph(LONG, hanging=2), Bullets((LONG,)))),))).splitlines()
    assert max(map(len, hanging)) <= document.WIDTH and hanging[1].startswith("  some")
    assert hanging[2].startswith("    ") and hanging[4].startswith("  - some") and hanging[5].startswith("    ")
    assert as_text(Document((Listing(LONG),))) == LONG
    assert as_text(Document((Paragraph(LONG.strip()),)), None) == LONG.strip()
    assert max(map(len, as_text(Document((Paragraph(LONG),)), 30).splitlines())) <= 30


def test_blocks_of_a_document_stand_apart_and_empty_ones_leave_no_gap():
    either = Either(text=(Paragraph("b"), Paragraph("c")), html=(Paragraph("d"),))
    nothing = (Either(html=(Paragraph("x"),)), Paragraph(""), Group(()))
    assert as_text(Document((Paragraph("a"), either, *nothing, Paragraph("e")))) == "a\n\nb\n\nc\n\ne"
    assert as_text(Document(())) == "" and columns([]) == []


# --- HTML ---


@each_row(("block", "made"), [
    (Paragraph("a", status=True), '<p role="status">a</p>'), (Bullets(("a", Code("b"))),
                                                             "<ul><li>a</li><li><code>b</code></li></ul>"),
    (Listing("a"), "<pre>a</pre>"),
    (Listing("a", label="b"), '<pre class="smtplab-scrolls" tabindex="0" role="group" aria-label="b"'
     f"{OWN_KEYS}>a</pre>"),
    (Section("a", (Paragraph("b"),)), '<p class="smtplab-head">a</p><p>b</p>'),
    (Details("a", (Paragraph("b"),), open=True, framed=True),
     f"<details class=smtplab-framed open><summary{OWN_KEYS}>a</summary><p>b</p></details>"),
    (Group((Paragraph("a"),), Tone.GOOD, status=True),
     '<div class="smtplab-says smtplab-good" role="status"><p>a</p></div>'),
    (Either(text=(Paragraph("a"),), html=(Listing("b"),)), "<pre>b</pre>"),
    (Table(("a", "b"), (("c", Strong("d")),), caption="e", narrow=(1,)),
     '<table class="smtplab-table"><caption>e</caption><thead><tr><th scope="col">a</th><th scope="col">b</th></tr>'
     "</thead><tbody><tr><td>c</td><td class=smtplab-narrow><b>d</b></td></tr></tbody></table>"),
    (Table((), (("c",),), widths=(9,), label="l"),
     f'<div class="smtplab-box" tabindex="0" role="group" aria-label="l"{OWN_KEYS}>'
     '<table class="smtplab-table smtplab-fixed">'
     '<colgroup><col style="width:100%"></colgroup><tbody><tr><td>c</td></tr></tbody></table></div>'),
])
def test_a_block_as_html(block, made):
    assert as_html(Document((block,))) == f'<div class="smtplab-document">{made}</div>'


@each_row(("part", "made"), [
    ("a", "a"), (Strong("a"), "<b>a</b>"), (Small("a"), "<small>a</small>"),
    (Code("a", struck=True), "<del><code>a</code></del>"), (Mark("a", "1,2"), "<mark>a<sup>1,2</sup></mark>"),
    (Typed("a"), '<b class="smtplab-typed" title="typed">a</b>'),
    (Link("a", "b c.ipynb"), '<a href="b%20c.ipynb" target="_blank" rel="noopener">a</a>'),
    (Bar(130), '<span class="smtplab-bar" aria-hidden="true"><span style="width:100%"></span></span>'),
])
def test_words_as_html(part, made):
    assert as_html(Document((Paragraph(part),))) == f'<div class="smtplab-document"><p>{made}</p></div>'


@each_row("file", ["javascript:boom()", "//example.com", "data:text/html,x"])
def test_a_link_is_no_address_elsewhere(file):
    [(_, address)] = [a for a in Page(as_html(Document((Paragraph(Link("a", file)),)))).attributes if a[0] == "href"]
    assert ":" not in address and not address.startswith("//")


def test_a_bundle_has_both_forms_and_the_style():
    made = Document((Paragraph("a"),))
    assert mimebundle(made) == {"text/plain": "a", "text/html": STYLE + as_html(made)}


# --- no string of any source does more than stand there ---


LEAVES = [kind for kind in BLOCKS if kind not in (Section, Group, Details, Either)]
TEXTS = {"text", "note", "file", "head", "summary", "label", "sign"}  # fields that are one string


def filled(kind: type, texts: typing.Iterator[str]) -> object:
    """A node of this kind with a text of `texts` wherever its fields take one."""
    if kind is str:
        return next(texts)
    if kind is Table:
        return Table((next(texts),), ((next(texts),), (Strong(next(texts)),)), next(texts), (0,), next(texts), (9,))
    if kind is Either:
        return Either(*(tuple(filled(one, texts) for one in LEAVES) for _ in range(2)))
    made: dict[str, object] = {}
    for field in dataclasses.fields(kind):
        if field.name in ("words", "points"):
            made[field.name] = tuple(filled(one, texts) for one in INLINES)
        elif field.name == "blocks":
            made[field.name] = tuple(filled(one, texts) for one in LEAVES)
        elif field.name in TEXTS:
            made[field.name] = next(texts)
        elif field.type == "bool":
            made[field.name] = True
        elif field.type == "int":
            made[field.name] = 5
        else:
            made[field.name] = Tone.BAD
    return kind(**made)


def everything(texts: typing.Iterator[str]) -> Document:
    return Document(tuple(filled(kind, texts) for kind in BLOCKS))


def assert_only_text(made: Document, texts: list[str]) -> None:
    """Each of the texts is in the page, as text or in an attribute, and nothing else came of it."""
    page, text = as_html(made), as_text(made)
    found = Page(page)
    assert found.tags <= TAGS and not found.handlers and not CONTROL.search(page + text)
    shown = {*(data for _, data in found.pieces), *(value for _, value in found.attributes)}
    joined = "\n".join(filter(None, shown))
    assert [one for one in texts if printable(one) not in joined] == []


def numbered(text: str) -> typing.Iterator[str]:
    return (f"{number}{text}{number}" for number in range(10_000))


def used(text: str) -> tuple[Document, list[str]]:
    """A document with every kind of node, and the texts that HTML shows of it."""
    taken: list[str] = []
    made = everything(taken.append(one) or one for one in numbered(text))
    only_text = {block.sign for block in walk(made) if isinstance(block, Bullets)}
    quoted = {block.file for block in walk(made) if isinstance(block, Link)}
    only_text |= {part for block in walk(made) if isinstance(block, Either) for part in strings(block.text)}
    return made, [one for one in taken if one not in only_text | quoted]


def walk(value: object) -> typing.Iterator[object]:
    """Every dataclass and string in a value."""
    if dataclasses.is_dataclass(value):
        yield value
        for field in dataclasses.fields(value):
            yield from walk(getattr(value, field.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from walk(one)
    elif isinstance(value, str):
        yield value


def strings(value: object) -> set[str]:
    return {one for one in walk(value) if isinstance(one, str)}


def test_every_kind_of_node_is_tried():
    made, texts = used("x")
    kinds = {type(one) for one in walk(made)}
    assert kinds >= {*BLOCKS, *INLINES} and len(texts) > 80


ODD = st.text(st.one_of(st.characters(), st.sampled_from("<>&\"'\x1b\x9b\r\u202e\ud800/=")), max_size=20)


@given(st.one_of(ODD, st.builds(lambda one, other: one + HOSTILE + other, ODD, ODD)))
def test_strings_are_only_text(text):
    assert_only_text(*used(text))


@each_row("weakened", ["_escaped", "printable"])
def test_the_check_would_see_a_string_that_is_not_escaped(weakened):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, weakened, lambda text: text)
        with pytest.raises(AssertionError):
            assert_only_text(*used(HOSTILE))


@each_row("block", [Paragraph("a\x1b"), Listing("a\u202e"), Section("\x9b", ()), Bullets(("x",), sign="\r")])
def test_each_renderer_alone_would_be_seen_too(block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "printable", lambda text: text)
        assert CONTROL.search(as_text(Document((block,)), None))
    assert not CONTROL.search(as_text(Document((block,)), None))


BUILDERS = [settings_document, explanation_document, setting_words, reproduction, terminal, lesson_aids]


@each_row("module", BUILDERS)
def test_who_builds_a_document_writes_no_markup(module):
    markup = re.compile(r"</?[a-z]+[ >]|html\.escape")
    assert not markup.search(inspect.getsource(module)) and markup.search(inspect.getsource(document))


# --- the style ---


def test_every_class_has_a_rule_and_is_our_own():
    made, _ = used("x")
    classes = {one for name, value in Page(as_html(made)).attributes if name == "class" for one in value.split()}
    assert len(classes) > 10 and all(one.startswith("smtplab-") for one in classes)
    assert [one for one in classes | {f"smtplab-{tone}" for tone in Tone if tone is not Tone.NEUTRAL}
            if f".{one}" not in STYLE and one != "smtplab-neutral"] == []


def test_rules_are_for_our_documents_alone_and_colours_fit_both_themes():
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE.removeprefix("<style>").removesuffix("</style>"))
    assert len(rules) > 20
    for selectors, declared in rules:
        assert all(one.strip().startswith(".smtplab-document") for one in selectors.split(",")), selectors
        colours = re.sub(r"var\([^)]*\)", "", declared)
        assert "mark" in selectors or not re.search(r"#[0-9a-f]{3}", colours), declared  # a mark's ground is light
