"""The first lesson as a learner meets it: `smtplab lab`, run all, and both outcomes are in the page."""

import os
import signal
import socket
import ssl

import pytest
from pages import lab_server, new_notebook_page, violations

NAME = "00-start-here.ipynb"


@pytest.fixture
def real_error() -> str:
    """What Python's ssl says by itself, without smtplab, when a mail server's greeting answers its ClientHello."""
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"220 mail.example.com ESMTP\r\n")
        with pytest.raises(ssl.SSLError) as caught:
            ssl.create_default_context().wrap_socket(here, server_hostname="mail.example.com")
    return str(caught.value)


def check_outputs(page, real_error: str) -> None:
    assert page.errors() == []
    asked, square, so, error, rows, fixed, *_, box, door = page.outputs()
    assert "1 all four" in asked and "It is 3: two, those in which one side begins" in so
    assert "both talk: wrong version number" in square and square.count("works: TLSv1.") == 2 and "the hang" in square
    assert real_error in error
    assert "0x3230" in rows and "must begin with 03" in rows and "OpenSSL 3.0 says: wrong version number" in rows
    assert fixed.startswith("b'220 m' ok TLSv1.")
    assert page.page.locator(".smtplab-choice").count() == 4 and "Didn't happen for you?" in box
    assert "What looks like a secret is taken out." in door


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_command_serves_the_lesson_and_leaves_nothing(browser, tmp_path, real_error):
    browser.asked_outside.clear()
    with lab_server(tmp_path / "mine") as server:
        with new_notebook_page(browser, server, NAME, tmp_path) as page:
            page.run_all()
            check_outputs(page, real_error)
            # JupyterLab's own "Would you like to get notified about Jupyter news?" would lie over the page's corner.
            assert page.page.locator(".Toastify__toast").count() == 0
            kernel = int(page.execute("import os; print(os.getpid())"))
            assert runs(kernel)
            assert listens(server.port)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(timeout=30) == 0
        assert not listens(server.port)
        assert not runs(kernel)
    assert browser.asked_outside == []
    assert (tmp_path / "mine" / NAME).is_file()


def test_it_looks_right_in_both_themes(open_notebook, real_error):
    page = open_notebook(NAME, "dark")
    for scheme in page.schemes():
        page.screenshot(f"start-here-{scheme}-1")
    page.run_all()
    check_outputs(page, real_error)
    for scheme in page.schemes():
        for number in (1, 3, 5):
            page.scroll_to(page.page.locator(".jp-CodeCell").nth(number - 1))
            page.screenshot(f"start-here-{scheme}-{number + 1}")
        assert violations(page.page, ".smtplab-five") == []
        # Nothing is cut off at the right.
        for area in page.page.locator(".jp-OutputArea-output").all():
            assert area.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.page.locator(".Toastify__toast").count() == 0


def test_a_failing_cell_and_an_outside_request_are_seen(open_notebook, browser):
    page = open_notebook(NAME)
    page.page.evaluate("""() => {
        const cells = jupyterapp.shell.currentWidget.content.model.cells;
        cells.get(2).sharedModel.setSource('1/0');
    }""")
    page.run_all()
    # A kernel only drops the cells that wait while one fails: on a busy machine the rest comes later, and fails too.
    error, *_ = page.errors()
    assert "ZeroDivisionError" in error
    page.page.evaluate("() => fetch('http://192.0.2.1/x.js').catch(() => null)")
    assert browser.asked_outside == ["http://192.0.2.1/x.js"]
    browser.asked_outside.clear()
