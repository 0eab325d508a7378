"""The README's pictures: widgets of recorded runs, as Chromium shows them, light and dark.

Each picture holds the fingerprint of the page that it was taken of. Nothing in such a page differs from run to run, so
whoever makes the page again can tell whether the picture is still of it.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from smtplab.show import FiveByteLens, FourCorners, Player
from smtplab.show.corner_runs import recorded_corners
from smtplab.show.widget_base import LabWidget

HERE = Path(__file__).parent
PLACE = HERE.parents[1] / "notebooks" / "images"
COMMAND = ".ci/pictures"
SCHEMES = ("light", "dark")
WIDTH, SCALE = 800, 2  # CSS pixels, as wide as GitHub shows a README; and the pixels of a picture for each of them
MOST_BYTES = 150_000
# A picture can't be clicked.
UNPICTURED = """main .smtplab-corners > :not(.square) { display: none; }
main .smtplab-corners .cell[aria-selected="true"] { box-shadow: none; }
"""
KEY = "Made-of"  # the fingerprint's name in the file
ALT = {
    "four-corners":
        "The four corners, as a square. The client begins TLS and the server greets: both talk, wrong version number; "
        "five bytes were read. The client begins TLS and the server waits for it: works. The client waits for a "
        "greeting and the server greets: works. Both wait: the hang; no byte crosses.",
    "five-byte-lens":
        "The first five bytes of a greeting read twice: as characters, and as a record header whose type, version and "
        "length are made of them. OpenSSL's first check, of the version, fails: wrong version number.",
    "player":
        "The Player at the last step of the hang: the client waits for a greeting, the server for a ClientHello, and "
        "nothing crosses the wire until the time-out.",
}


def widgets() -> dict[str, LabWidget]:
    """What is pictured, by the picture's name."""
    runs = recorded_corners()
    [hang] = [run for run in runs if run.tone == "hang"]
    lens = FiveByteLens()
    lens.presets, lens.real_openssl = lens.presets[:1], ""  # one of the others is random; the name is this machine's
    player = Player(hang.trace, hang.seen)
    player.index = len(player.steps) - 1
    return {"four-corners": FourCorners(runs=runs), "five-byte-lens": lens, "player": player}


def page(widget: LabWidget) -> str:
    """A page that shows this alone."""
    style = (HERE / "static" / "widgets.css").read_text(encoding="utf-8")
    shown = re.sub(r"smtplab-[0-9a-f]{32}", "smtplab-pictured", widget.page())
    return (f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>smtplab</title>\n<style>{style}\n'
            "body { margin: 0; background: var(--jp-layout-color1); }\n"
            f"main {{ width: {WIDTH}px; }}\n{UNPICTURED}</style>\n"
            f"<main>{shown}</main></html>\n")


def fingerprint(text: str) -> str:
    """What stands in a picture of this page."""
    return hashlib.sha256(text.encode()).hexdigest()


def made_of(path: Path) -> str:
    """The fingerprint in a picture; "" for one without."""
    with Image.open(path) as image:
        return str(image.info.get(KEY, ""))


def path_of(name: str, scheme: str) -> Path:
    """Where a picture is kept."""
    return PLACE / f"{name}-{scheme}.png"


def stale(pages: dict[str, str]) -> Iterator[str]:
    """The pictures that are missing, or not of these pages."""
    for name, text in pages.items():
        for scheme in SCHEMES:
            path = path_of(name, scheme)
            if not path.is_file() or made_of(path) != fingerprint(text):
                yield path.name


def small(png: bytes, mark: str) -> bytes:
    """The same picture in as few colours as it takes to be small, with this fingerprint."""
    told = PngInfo()
    told.add_text(KEY, mark)
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 64, 32, 16):
        out = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True, pnginfo=told)
        if out.tell() < MOST_BYTES:
            return out.getvalue()
    raise ValueError(f"over {MOST_BYTES:,} bytes, even in few colours")


def main() -> None:
    """Make all of them."""
    from playwright.sync_api import sync_playwright
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("Chromium is not here")
    PLACE.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for scheme in SCHEMES:
            context = browser.new_context(viewport={"width": WIDTH, "height": 600}, device_scale_factor=SCALE,
                                          color_scheme=scheme, reduced_motion="reduce", offline=True)
            for name, widget in widgets().items():
                text = page(widget)
                tab = context.new_page()
                tab.set_content(text)
                tab.locator(".smtplab-page > div").wait_for()
                picture = small(tab.locator("main").screenshot(), fingerprint(text))
                path_of(name, scheme).write_bytes(picture)
                print(f"{path_of(name, scheme).name}: {len(picture):,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
