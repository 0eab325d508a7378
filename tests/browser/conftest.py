"""Fixtures for tests that look at notebooks in JupyterLab.

One server, one browser and one page of JupyterLab serve all tests of this folder; each notebook is opened as
a fresh copy, since JupyterLab gives a second visit of the same file the same kernel.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pages import WAIT_S, Browser, LabServer, NotebookPage, lab_server, notebook_page, write_notebook
from real_tools import need, need_module

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


# The first lesson, and one widget by clicks; every other page, theme and size is slow.
EVERY_DAY = {"test_the_command_serves_the_lesson_and_leaves_nothing", "test_a_mismatch_by_clicks"}


# First, so that the marks are there when "-m" looks at them.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(4 * WAIT_S))
            if item.name not in EVERY_DAY:
                item.add_marker(pytest.mark.slow)


class Projector:
    """A Chromium whose pages are as a projector shows them: 1920x1080, everything 1.5 times as large."""

    def __init__(self, chromium: object) -> None:
        self.chromium = chromium

    def new_context(self, **options: object) -> object:
        """As the Chromium's own, with that size."""
        return self.chromium.new_context(**{**options, "viewport": {"width": 1280, "height": 720},
                                            "device_scale_factor": 1.5})


_BROWSERS: list[Browser] = []


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    # A page that nobody looks at takes processor time from the tests that follow.
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        for browser in _BROWSERS:
            browser.drop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium, and playwright's event loop with it: another test in this process can't run one in this thread."""
    need_module("playwright")
    [program] = need("chromium|chromium-browser|google-chrome")
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=[
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"])
        _BROWSERS.append(Browser(chromium))
        yield _BROWSERS[-1]
        _BROWSERS.clear()
        chromium.close()


@pytest.fixture(scope="package")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """One JupyterLab for all tests of this folder."""
    with lab_server(tmp_path_factory.mktemp("notebooks")) as server:
        yield server
        browser.drop()


@pytest.fixture(scope="package")
def wall(browser: Browser, lab: LabServer) -> Iterator[Browser]:
    """The same Chromium on a projector, with a kept page of its own."""
    projector = Browser(Projector(browser.chromium), browser.asked_outside)
    _BROWSERS.append(projector)
    yield projector
    projector.drop()


@pytest.fixture(autouse=True)
def no_odd_page_is_kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that failed the next begins with a new page."""
    before = request.session.testsfailed
    browsers = [request.getfixturevalue(name) for name in ("browser", "wall") if name in request.fixturenames]
    yield
    if request.session.testsfailed > before:
        for browser in browsers:
            browser.drop()


@pytest.fixture
def open_notebook(browser: Browser, lab: LabServer, tmp_path: Path) -> Iterator[Callable[..., NotebookPage]]:
    """`open_notebook(name, scheme="light")` gives a `NotebookPage` of a fresh copy; it is closed after the test.

    No page may have asked for anything outside its server.
    """
    with contextlib.ExitStack() as stack:
        def open_(name: str, scheme: str = "light") -> NotebookPage:
            folder = Path(tempfile.mkdtemp(prefix="copy-", dir=lab.folder))
            shutil.copytree(NOTEBOOKS, folder, dirs_exist_ok=True)
            return stack.enter_context(notebook_page(browser, lab, f"{folder.name}/{name}", tmp_path, scheme))

        browser.asked_outside.clear()
        yield open_
        assert browser.asked_outside == [], "the page asked for something outside its own server"


@pytest.fixture
def open_widget(browser: Browser, lab: LabServer,
                tmp_path: Path) -> Iterator[Callable[..., tuple[NotebookPage, object]]]:
    """`open_widget(code, selector, scheme, ready=...)`: a page with that cell run, and what the selector finds in it.

    The page is there once `ready`, or the selector itself, finds something. Nothing of it may ask another host.
    """
    browser.asked_outside.clear()
    with contextlib.ExitStack() as stack:
        def open_(code: str, selector: str, scheme: str = "light", *, ready: str = "") -> tuple[NotebookPage, object]:
            name = f"{tmp_path.name}.ipynb"
            write_notebook(lab.folder / name, code)
            page = stack.enter_context(notebook_page(browser, lab, name, tmp_path, scheme))
            page.run_all()
            page.page.locator(ready or selector).first.wait_for()
            assert page.errors() == []
            return page, page.page.locator(selector)
        yield open_
        assert browser.asked_outside == []
