"""Notebooks in JupyterLab in a real Chromium: the server, the browser, and one open notebook.

JupyterLab's page is loaded once and kept: notebooks are opened in it one after another, each with a kernel
of its own. A page that asks for anything outside its own server is noted, and doesn't get it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from helpers import until
from own_run import short_folder

# Generous: a machine with ten times its load needs a minute for what takes six seconds.
WAIT_S = 90
VIEWPORT = {"width": 1280, "height": 800}

# Not the toolbar's "idle": it is there before there is a kernel, and Run All then runs nothing, silently.
KERNEL_READY = """async () => {
    const { context, sessionContext } = jupyterapp.shell.currentWidget;
    await context.ready; await sessionContext.ready; await sessionContext.session.kernel.info;
}"""
# As a link in a notebook does it, which loads JupyterLab no second time.
OPEN = """async path => {
    const before = [...jupyterapp.shell.widgets('main')];
    await (await jupyterapp.commands.execute('docmanager:open', { path })).revealed;
    before.forEach(widget => widget.dispose());
}"""
# The launcher comes by itself when nothing else is open, but later, and over what is opened next. Not the command
# that closes: it would ask whether to save.
CLOSE = """async () => {
    const before = [...jupyterapp.shell.widgets('main')];
    await jupyterapp.commands.execute('launcher:create');
    before.forEach(widget => widget.dispose());
}"""


@dataclass
class LabServer:
    """A running JupyterLab: its process, where it answers, the folder it shows."""

    process: subprocess.Popen
    url: str
    token: str
    folder: Path

    @property
    def port(self) -> int:
        return int(re.search(r":(\d+)/", self.url)[1])

    def end_kernels(self) -> None:
        """End all kernels, and with them what ties a notebook to one."""
        for session in self.api("sessions"):
            self.api(f"sessions/{session['id']}", "DELETE")

    def api(self, path: str, method: str = "GET") -> object:
        """What the server's REST interface answers."""
        request = urllib.request.Request(f"{self.url}api/{path}", method=method,
                                         headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return json.loads(answer.read() or b"null")


def lab_environment(home: Path) -> dict[str, str]:
    """This environment with a home of its own, no proxy, and nothing of the user's Jupyter."""
    keep = {k: v for k, v in os.environ.items() if not re.match(r"(?i)jupyter|ipython|.*_proxy$", k)}
    return keep | {"HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "run"), "JUPYTER_CONFIG_DIR": str(home / "c"),
                   "JUPYTER_DATA_DIR": str(home / "d"), "IPYTHONDIR": str(home / "i"), "MPLCONFIGDIR": str(home / "m"),
                   "SMTPLAB_PROGRESS": str(home / "progress.json")}


@contextlib.contextmanager
def lab_server(folder: Path) -> Iterator[LabServer]:
    """`smtplab lab FOLDER`, as a learner starts it, until the end of the block; then nothing of it is left."""
    # Not pytest's folder: the paths of a kernel's Unix sockets must stay short.
    home = short_folder("lab-")
    (home / "run").mkdir(mode=0o700)
    options = ["--no-browser", "--LabApp.expose_app_in_browser=True"]
    with (home / "log").open("w+") as log:
        process = subprocess.Popen([sys.executable, "-m", "smtplab", "lab", str(folder), "--", *options],
                                   env=lab_environment(home), stdout=log, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        try:
            yield until(lambda: _answering(process, home / "run", folder), WAIT_S)
        finally:
            process.terminate()
            try:
                process.wait(WAIT_S)
            finally:
                process.kill()
                print((home / "log").read_text())  # pytest shows it if the test fails
                shutil.rmtree(home, ignore_errors=True)


def _answering(process: subprocess.Popen, runtime: Path, folder: Path) -> LabServer | None:
    assert process.poll() is None, f"JupyterLab ended with {process.returncode}"
    for file in runtime.glob("jpserver-*.json"):
        with contextlib.suppress(OSError, ValueError):  # not whole, or not answering yet
            told = json.loads(file.read_text())
            server = LabServer(process, told["url"], told["token"], folder)
            server.api("status")
            return server
    return None


@dataclass
class KeptPage:
    """A page of JupyterLab that stays open: playwright's, its own size, and what any dialog in it said."""

    page: object
    size: dict[str, int]
    dialogs: list[str]


@dataclass
class Browser:
    """A Chromium, the addresses outside its page's own server that any page asked for, and its kept page."""

    chromium: object
    asked_outside: list[str] = field(default_factory=list)
    kept: KeptPage | None = None
    keeping: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def keep(self, server: LabServer) -> KeptPage:
        """The page that stays open, which is made if there is none."""
        if self.kept is None:
            page, dialogs = self.keeping.enter_context(self.page(server)), []
            page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
            self.kept = KeptPage(page, page.viewport_size, dialogs)
        return self.kept

    def drop(self) -> None:
        """Close the page that stays open, as its server ends, or a test has failed and may have left it odd."""
        self.kept = None
        self.keeping.close()

    @contextlib.contextmanager
    def page(self, server: LabServer, scheme: str = "light") -> Iterator[object]:
        """A page that can reach nothing but `server`."""
        def route(route) -> None:
            if route.request.url.startswith(server.url):
                route.continue_()
            else:
                self.asked_outside.append(route.request.url)
                route.abort()

        def web_socket(socket) -> None:
            if not socket.url.startswith(server.url.replace("http", "ws", 1)):
                self.asked_outside.append(socket.url)

        context = self.chromium.new_context(viewport=VIEWPORT, color_scheme=scheme)
        context.set_default_timeout(WAIT_S * 1000)
        context.route("**/*", route)
        page = context.new_page()
        page.on("websocket", web_socket)
        try:
            yield page
        finally:
            context.unroute_all(behavior="ignoreErrors")  # what is asked for just now needs no answer
            context.close()


@dataclass
class NotebookPage:
    """One notebook, open in JupyterLab with its kernel ready. `page` is playwright's; dialogs are dismissed."""

    page: object
    shots: Path
    dialogs: list[str]

    def run_all(self) -> None:
        """Run all cells; returns when the last has been run, or one has failed."""
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")

    def execute(self, code: str) -> str:
        """What this code prints in the notebook's kernel."""
        return self.page.evaluate("""async code => {
            const future = jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code });
            let text = '';
            future.onIOPub = message => { text += message.content.name === 'stdout' ? message.content.text : ''; };
            await future.done;
            return text;
        }""", code)

    def outputs(self) -> list[str]:
        """The text of every output, in the page's order; also of those far from the window, which are not drawn."""
        return self.page.locator(".jp-Notebook .jp-OutputArea-output").all_text_contents()

    def errors(self) -> list[str]:
        """The text of every traceback in the page."""
        return self.page.locator("[data-mime-type='application/vnd.jupyter.stderr'], "
                                 "[data-mime-type='application/vnd.jupyter.error']").all_inner_texts()

    def scheme(self, scheme: str) -> None:
        """The "light" or "dark" of the learner's system; JupyterLab's theme follows."""
        # Not JupyterLab's Theme menu: while the theme follows the system, a choice there only ends the following.
        self.page.emulate_media(color_scheme=scheme)
        # "attached": a body that scrolls inside counts as hidden.
        self.page.locator(f"body[data-jp-theme-light={str(scheme == 'light').lower()}]").wait_for(state="attached")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")  # it lies over the page during the change

    def schemes(self) -> Iterator[str]:
        """"light", then "dark", each once JupyterLab's theme has followed."""
        for scheme in ("light", "dark"):
            self.scheme(scheme)
            yield scheme

    def scroll_to(self, locator: object) -> None:
        """Bring it to the top of the window, as far as the notebook goes."""
        locator.evaluate("element => element.scrollIntoView({ block: 'start' })")

    def screenshot(self, name: str) -> Path:
        """The window as a PNG in $SMTPLAB_SHOTS, or else among the test's own temporary files."""
        folder = Path(os.environ.get("SMTPLAB_SHOTS") or self.shots)
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")
        return folder / f"{name}.png"


def write_notebook(path: Path, *codes: str) -> Path:
    """A notebook of these cells. Its kernel is named, or JupyterLab would ask for one and wait."""
    cells = [{"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "execution_count": None, "outputs": [],
              "source": code} for number, code in enumerate(codes)]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5}),
                    encoding="utf-8")
    return path


def violations(page: object, selector: str) -> list:
    """What axe-core finds wrong in these parts of a page."""
    import axe_playwright_python  # imports playwright, without which these tests are skipped
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=Path(axe_playwright_python.__file__).with_name("axe.min.js"))
    return page.evaluate(f"async () => (await axe.run({{ include: [['{selector}']] }})).violations.map("
                         "v => [v.id, v.nodes.map(n => n.html.slice(0, 200) + n.failureSummary)])")


def _load(page: object, server: LabServer, name: str) -> None:
    page.goto(f"{server.url}doc/tree/{quote(name)}?token={server.token}&reset")
    _ready(page)


def _ready(page: object) -> None:
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.wait_for_function("() => jupyterapp.shell.currentWidget?.context")
    page.evaluate(KERNEL_READY)
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()


@contextlib.contextmanager
def notebook_page(browser: Browser, server: LabServer, name: str, shots: Path,
                  scheme: str = "light") -> Iterator[NotebookPage]:
    """The notebook in JupyterLab's single-document view, in the kept page, with a kernel of its own, ready.

    One at a time. At the end it is closed and its kernel ended; if anything went wrong, the page is closed too.
    """
    try:
        kept = browser.keep(server)
        page = kept.page
        kept.dialogs.clear()
        page.set_viewport_size(kept.size)
        page.emulate_media(color_scheme=scheme, reduced_motion="null")
        if page.url == "about:blank":
            _load(page, server, name)
        else:
            page.evaluate(OPEN, name)
            _ready(page)
        notebook = NotebookPage(page, shots, kept.dialogs)
        notebook.scheme(scheme)
        yield notebook
        server.end_kernels()
        page.evaluate(CLOSE)
    except BaseException:
        browser.drop()
        server.end_kernels()
        raise


@contextlib.contextmanager
def new_notebook_page(browser: Browser, server: LabServer, name: str, shots: Path) -> Iterator[NotebookPage]:
    """The notebook in a page that is loaded for it, and closed at the end; its kernel is left."""
    with browser.page(server) as page:
        _load(page, server, name)
        yield NotebookPage(page, shots, [])
