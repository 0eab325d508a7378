"""The lens where there is no kernel and no network: its judge is Python's, and its exported page still reads."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from lens_page import CELL, LENS, choose, verdict_says
from pages import WAIT_S, violations, write_notebook

from smtplab import judge
from smtplab.show import FiveByteLens
from smtplab.show.five_byte_lens import names, presets, rows
from smtplab.show.widget_base import HERE

# The HTML form is to win over the widget's, which is dead without a kernel; and nothing comes from a network.
NBCONVERT = [*(f"--NbConvertBase.display_data_priority={kind}" for kind in (
    "text/html", "image/svg+xml", "image/png", "text/markdown", "text/plain")),
    *(f"--HTMLExporter.{script}_url=data:," for script in ("require_js", "mathjax", "widget_renderer"))]


def test_the_page_judges_as_python_does(browser, lab):
    seed = random.Random(4)
    inputs = [(data, row, role) for data in random_inputs(seed) for row in (seed.choice(rows()),)
              for role in ("client", "server") if role == "client" or row["name"] != "1.0.2"]
    expected = []
    for data, row, role in inputs:
        found = judge(data, row["version"], role=role)
        expected.append([found.verdict, found.alert and found.alert.number, found.bytes_needed,
                         [[c.check, c.passed, c.because] for c in found.checks]])
    script = (HERE / "openssl_checks.js").read_text(encoding="utf-8")
    with browser.page(lab) as page:
        said = page.evaluate("""([script, rows, names, inputs]) => {
            const { judge, branchOf } = new Function(script + "; return { judge, branchOf };")();
            return inputs.map(([hex, version, role]) => {
                const data = Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
                const found = judge(data, branchOf(rows, version), role, names);
                return [found.verdict, found.alert, found.needed,
                        found.checks.map((c) => [c.check, c.passed, c.because])];
            });
        }""", [script, rows(), names(), [(data.hex(), row["version"], role) for data, row, role in inputs]])
    assert len(said) > 5000
    assert [(i, s, e) for i, s, e in zip(inputs, said, expected, strict=True) if s != e][:3] == []
    assert {s[0] for s in said} >= {"wait", "accept", "http request", "invalid alert", "close notify",
                                    "no renegotiation", "bad change cipher spec", "packet length too long"}


def random_inputs(seed: random.Random) -> list[bytes]:
    """Records with a twist, methods, greetings, and plain noise."""
    texts = [bytes.fromhex(p["hex"]) for p in presets()] + [b"\x15\x03\x03\x00\x02\x01\x00"] + [
        m + b" / HTTP/1.1" for m in (b"GET", b"POST", b"HEAD", b"PUT", b"CONNECT", b"PATCH", b"OPTIONS", b"DELETE")]
    out = [text[:seed.randrange(len(text) + 1)] for text in texts for _ in range(10)] + texts * 12
    for _ in range(3000):
        body = bytes(seed.choice([0, 1, 2, 3, 100, seed.randrange(256)]) for _ in range(seed.randrange(8)))
        length = seed.choice([len(body)] * 6 + [0, 16384, 16385, 16704, 16705, 16707, 16708, 16711, 16712, 65535])
        kind = seed.choice([20, 21, 21, 22, 22, 22, 23, 50])
        version = seed.choice([0x303] * 5 + [0x301, 0x309, 2, 0x3230])
        out.append(bytes([kind]) + version.to_bytes(2, "big") + length.to_bytes(2, "big") + body)
    return out + [seed.randbytes(seed.randrange(12)) for _ in range(500)]


PLAYER_TOO = """import smtplab
from smtplab.show import Player
with smtplab.serve("starttls") as server:
    display(Player(smtplab.dial(server, "implicit")))"""


@pytest.fixture
def offline(browser):
    """`offline(path)`: that file opened by a browser without network; no dialogs, errors or requests may come of it."""
    seen, contexts = [], []

    def open_(path: Path):
        context = browser.chromium.new_context(offline=True, viewport={"width": 1280, "height": 800})
        contexts.append(context)
        context.set_default_timeout(WAIT_S * 1000)
        page = context.new_page()
        page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(("file:", "data:", "blob:"))
                else seen.append(request.url))
        page.goto(path.as_uri(), wait_until="commit")
        page.locator(LENS).first.wait_for()
        return page, page.locator(LENS), seen

    yield open_
    for context in contexts:
        context.close()


def test_its_own_page_needs_no_kernel(offline, tmp_path):
    data = b"220 <img src=x onerror=alert(1)></script><script>alert(2)</script>\r\n"
    path = tmp_path / "lens.html"
    path.write_text("<!doctype html><html lang=en><meta charset=utf-8><title>Lens</title><body><main>"
                    + FiveByteLens(data).page() + FiveByteLens(b"HTTP/1.1", "3.2").page() + "</main></body></html>",
                    encoding="utf-8")
    page, lens, seen = offline(path)
    first, second = lens.first, lens.nth(1)
    verdict_says(first, "says: wrong version number")
    verdict_says(second, "says: packet length too long")
    first.get_by_label("First bytes:").fill(r"\x15\x03\x03\0\2")
    first.get_by_label("typed as").select_option("hex")
    first.get_by_label("First bytes:").fill("15030300020228")
    verdict_says(first, "says: sslv3 alert handshake failure")
    choose(second, "OpenSSL:", value="1.1.1")
    verdict_says(second, "says: wrong version number")
    assert page.get_by_role("button", name="Ask").count() == 0
    assert page.locator("img").count() == 0 and page.locator("pre").count() == 0
    assert violations(page, LENS) == [] and seen == []
    page.set_viewport_size({"width": 400, "height": 800})  # as 1280 at 320 %: nothing is cut off
    assert first.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= 400")


def test_a_script_that_fails_leaves_the_text(browser, tmp_path):
    class Broken(FiveByteLens):
        _esm = "function render() { throw new Error('broken'); }\nexport default { render };\n"

    path = tmp_path / "broken.html"
    path.write_text(f"<!doctype html>{Broken().page()}", encoding="utf-8")
    page = browser.chromium.new_page()
    page.goto(path.as_uri())
    assert "wrong version number" in page.locator("pre").inner_text()
    page.close()


def test_nbconvert_makes_a_page_that_still_reads_and_steps(offline, tmp_path):
    notebook = write_notebook(tmp_path / "lens.ipynb", f"{PLAYER_TOO}\n{CELL}")
    done = subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", "--execute",
                           *NBCONVERT, str(notebook)], capture_output=True, text=True, timeout=3 * WAIT_S)
    assert done.returncode == 0, done.stderr
    page, lens, seen = offline(tmp_path / "lens.html")
    lens.get_by_label("First bytes:").fill("HTTP/1.1 200 OK")
    choose(lens, "OpenSSL:", value="3.5.0")
    verdict_says(lens, "3.5.0 to 3.5.5 says: packet length too long")
    player = page.locator(".smtplab-player")
    player.get_by_role("button", name="Next").click()
    page.locator(".smtplab-player[data-step='2']").wait_for()
    player.get_by_role("button", name="Last").click()
    assert "implicit-to-plaintext" in player.inner_text()
    page.screenshot(path=tmp_path / "exported.png")
    assert page.locator("img").count() == 0 and violations(page, LENS) == [] and seen == []
