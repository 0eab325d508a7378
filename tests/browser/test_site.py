"""The pages of the course, made and walked through: they ask no other host, fit, read, and go on working."""

import contextlib
import functools
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from lens_page import LENS, verdict_says
from pages import WAIT_S, violations
from real_tools import need_module

ROOT = Path(__file__).parents[2]
SIZES = {"wide": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
OURS = ".smtplab-page, .cell_output, .doors"  # the theme's own parts are its own
# Where the pages lead, beside themselves. Nothing is fetched from there.
ELSEWHERE = ("https://github.com/smtplab/", "https://mybinder.org/", "https://www.sphinx-doc.org/",
             "https://github.com/pradyunsg/furo", "https://pradyunsg.me")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing."""

    def log_message(self, *what: object) -> None:
        """Not to stderr."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder's address, as long as the block lasts."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as .ci/site makes them, or those in $SMTPLAB_SITE."""
    if made := os.environ.get("SMTPLAB_SITE"):
        return Path(made)
    need_module("sphinx", "myst_nb", "furo")
    out = tmp_path_factory.mktemp("site") / "out"
    done = subprocess.run([ROOT / ".ci/site", out], capture_output=True, text=True, timeout=3 * WAIT_S,
                          env={**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def names(site: Path) -> list[str]:
    """All pages; not those of the lab in the browser, which is no page but a program."""
    found = sorted(path.relative_to(site).as_posix() for path in site.glob("*.html"))
    return found + ["lab/index.html"] * (not (site / "lab/jupyter-lite.json").exists())


class Walker:
    """Opens pages in a Chromium of one size and scheme, and takes down what is wrong with them."""

    def __init__(self, chromium: object, size: str, scheme: str, home: str) -> None:
        self.home, self.size, self.problems, self.asked_outside = home, SIZES[size], [], []
        self.context = chromium.new_context(viewport=self.size, color_scheme=scheme)
        self.context.set_default_timeout(WAIT_S * 1000)
        self.context.route("**/*", self._route)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("response", lambda answer: answer.ok or self.problems.append(f"{answer.status}: {answer.url}"))

    def _route(self, route: object) -> None:
        if route.request.url.startswith((self.home, "data:", "blob:")):
            route.continue_()
        else:
            self.asked_outside.append(route.request.url)
            route.abort()

    def look_at(self, name: str, shot: Path | None = None) -> list[str]:
        """What is wrong with the page of this name; `shot` is where its picture goes."""
        self.problems.clear()
        self.asked_outside.clear()
        self.page.goto(urljoin(self.home, name))
        if shot:
            self.page.screenshot(path=shot, full_page=True)
        found = [f"asks {url}" for url in self.asked_outside] + self.problems
        if (wide := self.page.evaluate("document.documentElement.scrollWidth")) > self.size["width"]:
            found.append(f"is {wide} wide")
        if self.page.locator(OURS).count():
            found += [f"axe: {each}" for each in violations(self.page, OURS)]
        return found

    def links(self) -> list[str]:
        """Where the page leads."""
        return self.page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)")


@pytest.fixture
def walker(browser, site) -> Iterator:
    """`walker(size, scheme)` gives a `Walker` through the site."""
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(served(site))

        def make(size: str = "wide", scheme: str = "light") -> Walker:
            made = Walker(browser.chromium, size, scheme, home)
            stack.callback(made.context.close)
            return made
        yield make


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_in_every_form(walker, site, size, scheme):
    walk, shots = walker(size, scheme), os.environ.get("SMTPLAB_SHOTS")
    if shots:
        Path(shots).mkdir(parents=True, exist_ok=True)
    found = {name: walk.look_at(name, shots and Path(
        shots, f"site-{name.replace('/', '-').removesuffix('.html')}-{size}-{scheme}.png")) for name in names(site)}
    assert len(found) > 10
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


FAULTY = """<!DOCTYPE html><html lang="en"><title>x</title><img src="https://elsewhere.invalid/x.png" alt="">
<script src="none.js"></script><script>throw new Error("broken")</script><div style="width: 3000px">wide</div>
<div class="smtplab-page"><button></button></div><a href="none.html">x</a><a href="#none">y</a><a href="#here">z</a>
<p id="here">here</p>"""


def test_a_page_with_faults_is_found(browser, tmp_path):
    (tmp_path / "faulty.html").write_text(FAULTY, encoding="utf-8")
    with served(tmp_path) as home:
        walk = Walker(browser.chromium, "phone", "dark", home)
        found = "\n".join(walk.look_at("faulty.html"))
        broken = broken_links(tmp_path, home, {"faulty.html": walk.links()})
        walk.context.close()
    for part in ("asks https://elsewhere.invalid/x.png", "404: ", "error: broken", "is 3008 wide", "button-name"):
        assert part in found
    assert broken == {"faulty.html": ["none.html", "faulty.html#none"]}


def broken_links(site: Path, home: str, links: dict[str, list[str]]) -> dict[str, list[str]]:
    """By page, its links to files or places in them that are not there, and to hosts that are not expected."""
    @functools.cache
    def places(path: Path) -> set[str]:
        return set(re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8")))

    def is_there(url: str) -> bool:
        if not url.startswith(home):
            return url.startswith(ELSEWHERE)
        address, place = urldefrag(url)
        path = site / unquote(address.removeprefix(home).partition("?")[0])
        path = path / "index.html" if path.is_dir() else path
        return path.is_file() and (not place or unquote(place) in places(path))

    found = {name: [url.removeprefix(home) for url in dict.fromkeys(urls) if not is_there(url)]
             for name, urls in links.items()}
    return {name: urls for name, urls in found.items() if urls}


def test_no_link_is_broken(walker, site):
    walk = walker()
    links = {}
    for name in names(site):
        walk.page.goto(urljoin(walk.home, name))
        links[name] = walk.links()
    assert sum(map(len, links.values())) > 100
    assert broken_links(site, walk.home, links) == {}


def test_widgets_go_on_working(walker):
    walk = walker(scheme="dark")
    page = walk.page
    page.goto(urljoin(walk.home, "02-five-bytes.html"))
    lens = page.locator(LENS).first
    lens.get_by_label("First bytes:").fill("HTTP/1.1 200 OK")
    verdict_says(lens, "says: wrong version number")
    lens.get_by_label("typed as").select_option("hex")
    lens.get_by_label("First bytes:").fill("15030300020228")
    verdict_says(lens, "says: sslv3 alert handshake failure")
    page.goto(urljoin(walk.home, "03-the-hang.html"))
    player = page.locator(".smtplab-player").last
    assert player.get_attribute("data-step") == "1"
    player.get_by_role("button", name="Next").click()
    page.locator(".smtplab-player[data-step='2']").wait_for()
    page.goto(walk.home)
    corners = page.locator(".smtplab-corners")
    corners.get_by_text("both wait: the hang").first.click()
    corners.locator(".detail .name").get_by_text("the client waits for a greeting, the server waits for TLS").wait_for()
    assert walk.problems == [] and walk.asked_outside == []


@pytest.mark.parametrize("scheme, most", [("light", 1.0), ("dark", 0.1)])
def test_a_widget_is_as_dark_as_its_page(walker, scheme, most):
    walk = walker(scheme=scheme)
    for name, part in {"index.html": ".smtplab-corners", "02-five-bytes.html": LENS,
                       "03-the-hang.html": ".smtplab-player"}.items():
        walk.page.goto(urljoin(walk.home, name))
        colour = walk.page.locator(part).first.evaluate("e => getComputedStyle(e).backgroundColor")
        light = sum(map(int, re.findall(r"\d+", colour)[:3])) / (3 * 255)
        assert most - 0.15 < light <= most, (name, colour)


def test_the_search_works_without_a_server(browser, site):
    context, seen = browser.chromium.new_context(offline=True), []
    context.set_default_timeout(WAIT_S * 1000)
    page = context.new_page()
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("request", lambda request: request.url.startswith(("file:", "data:")) or seen.append(request.url))
    page.goto(f"{(site / 'search.html').as_uri()}?q=wrong+version+number")
    results = page.locator("#search-results li a")
    results.get_by_text("wrong version number").first.wait_for()
    assert any("02-five-bytes.html" in href for href in results.evaluate_all("all => all.map(a => a.href)"))
    page.goto(f"{(site / 'search.html').as_uri()}?q=xyzzyplugh")
    page.locator("#search-results").get_by_text("did not match any documents").wait_for()
    assert results.count() == 0 and seen == []
    context.close()


def test_no_page_names_this_machine(site):
    own = json.dumps([str(ROOT), str(Path.home() / ".")])
    text = "\n".join(path.read_text(encoding="utf-8") for path in site.glob("*.html"))
    assert [folder for folder in json.loads(own) if folder in text] == []
