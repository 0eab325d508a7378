"""The README's pictures are of the widgets as they are now, small enough, and described."""

import io
import re
from pathlib import Path

import pytest
from ci_pages import pictures
from helpers import each_row

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r'<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="(\S+)">\s*'
                   r'<img alt="([^"]+)" src="(\S+)">\s*</picture>', README)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {name: pictures.page(widget) for name, widget in pictures.widgets().items()}


def test_no_picture_is_stale(pages):
    assert list(pictures.stale(pages)) == [], f"make them anew: {pictures.COMMAND}"


def test_a_page_does_not_differ_from_run_to_run(pages):
    again = {name: pictures.page(widget) for name, widget in pictures.widgets().items()}
    assert again == pages


def test_a_picture_of_another_page_is_stale_and_so_is_one_that_is_missing(pages, tmp_path, monkeypatch):
    from PIL import Image
    monkeypatch.setattr(pictures, "PLACE", tmp_path)
    png = io.BytesIO()
    Image.new("RGB", (2, 2)).save(png, "PNG")
    for name, text in pages.items():
        small = pictures.small(png.getvalue(), pictures.fingerprint(text))
        for scheme in pictures.SCHEMES:
            pictures.path_of(name, scheme).write_bytes(small)
    assert list(pictures.stale(pages)) == []
    changed = pages | {"player": pages["player"].replace("border-radius: 6px", "border-radius: 7px")}
    assert changed != pages
    assert list(pictures.stale(changed)) == ["player-light.png", "player-dark.png"]
    pictures.path_of("four-corners", "dark").unlink()
    pictures.path_of("five-byte-lens", "light").write_bytes(png.getvalue())  # it says nothing of a page
    assert list(pictures.stale(pages)) == ["four-corners-dark.png", "five-byte-lens-light.png"]


def test_a_picture_that_cannot_be_small_is_none(monkeypatch):
    from PIL import Image
    png = io.BytesIO()
    Image.effect_noise((80, 80), 90).save(png, "PNG")
    monkeypatch.setattr(pictures, "MOST_BYTES", 500)
    with pytest.raises(ValueError, match="over 500 bytes"):
        pictures.small(png.getvalue(), "")


@each_row("scheme", pictures.SCHEMES)
def test_each_is_small_and_as_wide_as_it_says(scheme):
    from PIL import Image
    for name in pictures.ALT:
        path = pictures.path_of(name, scheme)
        assert path.stat().st_size < pictures.MOST_BYTES, name
        with Image.open(path) as image:
            assert image.width == pictures.WIDTH * pictures.SCALE


def test_the_readme_shows_each_light_and_dark_and_says_what_is_seen():
    expected = [(pictures.path_of(name, "dark"), alt, pictures.path_of(name, "light"))
                for name, alt in pictures.ALT.items()]
    assert [(ROOT / dark, alt, ROOT / light) for dark, alt, light in SHOWN] == expected
    assert README.count("<picture>") == len(SHOWN)


def test_what_the_descriptions_say_is_so(pages):
    """Of the recorded runs: the four outcomes, five bytes read, and who waits at the end."""
    for words in ("both talk: wrong version number", "both wait: the hang", "5 read"):
        assert words in pages["four-corners"]
    assert "wrong version number" in pages["five-byte-lens"]
    assert "the client waits for greeting, the server waits for client-hello" in pages["player"]
