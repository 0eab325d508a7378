"""The decision tree in JupyterLab: it lights up live, stops, is text where it is hostile, and is seen at a glance."""

import contextlib
import os
from pathlib import Path

import pytest
from pages import violations

from smtplab import dial, serve
from smtplab.show import DecisionTree

TREE = ".smtplab-tree"
IMPORTS = "import smtplab\nfrom smtplab.show import DecisionTree\n"
CODE = """server = smtplab.serve("%s")
tree = DecisionTree(server, "%s", %s)
tree"""
ALL_OF_IT = "login=('alice', 'wonderland'), mail_from='alice@example.com'"
SHOWN = {"ok": CODE % ("starttls", "starttls", ALL_OF_IT), "silence": CODE % ("implicit", "starttls", "timeout_s=3"),
         "mismatch": CODE % ("starttls", "implicit", ""), "certificate": CODE % ("expired", "implicit", "")}
OUTCOME = {"ok": "Through all 12 doors", "silence": "Certain, now that a ClientHello was answered",
           "mismatch": "Out at door 3: implicit-to-plaintext", "certificate": "Out at door 5: cert-expired"}
HOSTILE = r"""import socket, threading
listening = socket.create_server(("127.0.0.1", 0))
def greet():
    visitor, _ = listening.accept()
    visitor.sendall(b"220 <img src=x onerror='window.hacked=1'></script><script>window.hacked=2</script>"
                    b"\x1b[31m\xe2\x80\xae" + b"A" * 65536 + b"\r\n")
    visitor.recv(1)
    visitor.close()
thread = threading.Thread(target=greet)
thread.start()
tree = DecisionTree(listening.getsockname(), "plain", timeout_s=5)
tree.wait(20); thread.join(); listening.close()
tree"""


@pytest.fixture
def open_tree(open_widget):
    """`open_tree(code, scheme)`: a notebook page with that cell run, and its tree."""
    return lambda code, scheme="light": open_widget(f"{IMPORTS}{code}", TREE, scheme, ready=f"{TREE} .door")


def states(tree) -> list[str]:
    return [words.split()[1] for words in tree.locator(".door").evaluate_all("all => all.map(e => e.className)")]


def not_moving(page) -> None:
    page.locator("body").evaluate("() => Promise.all(document.getAnimations().map(a => a.effect.getTiming()"
                                  ".iterations === Infinity ? null : a.finished.catch(() => null)))")


@pytest.mark.parametrize("what", SHOWN)
def test_it_lights_up_and_looks_right(open_tree, what):
    page, tree = open_tree(SHOWN[what])
    tree.get_by_text(OUTCOME[what]).wait_for()
    found = states(tree)
    if what == "ok":
        assert set(found) == {"passed"} and tree.locator(".exit.taken").count() == 0
    else:
        assert found.index("failed") == tree.locator(".passed + .failed").evaluate("e => [...e.parentNode.children]"
                                                                                   ".indexOf(e)")
        assert tree.locator(".failed .exit.taken .title").is_visible()
    # Not by colour alone: sign and word say it too.
    for door in tree.locator(".door").all():
        sign, word = door.locator(".sign").inner_text(), door.locator(".word").inner_text()
        state = door.get_attribute("class").split()[1]
        assert (sign, word) == {"passed": ("✓", "yes"), "failed": ("✗", "no"), "ahead": ("·", "not asked yet")}[state]
    box = tree.bounding_box()
    assert box["height"] <= 620
    assert tree.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    page.scroll_to(page.page.get_by_role("button", name="Probe again", exact=True))
    for scheme in ("light", "dark"):
        page.scheme(scheme)
        not_moving(page.page)
        assert violations(page.page, TREE) == []
        page.screenshot(f"decision-tree-{scheme}" if what == "ok" else f"decision-tree-{scheme}-{what}")


def test_live_it_waits_at_a_door_and_stops(open_tree):
    page, tree = open_tree(CODE % ("silent", "starttls", "timeout_s=600"))
    tree.get_by_text("waiting: greeting").wait_for()
    assert states(tree)[:4] == ["passed", "passed", "waiting", "ahead"]
    assert tree.get_by_role("status").inner_text() == "… At door 3 of 10: Does the server speak first?"
    not_moving(page.page)
    assert violations(page.page, TREE) == []
    page.screenshot("decision-tree-light-waiting")
    assert page.execute("print(tree.trace)") == "None\n"  # the page is not blocked
    page.page.get_by_role("button", name="Stop", exact=True).click()
    tree.get_by_text("Out at door 3").wait_for()
    assert states(tree)[2] == "failed"


def test_running_the_cell_again_leaves_one_tree(open_tree):
    page, tree = open_tree(CODE % ("silent", "starttls", "timeout_s=600"))
    page.execute("earlier = tree")
    page.run_all()
    tree.get_by_text("waiting: greeting").wait_for()
    assert page.execute("print(earlier is tree, earlier.running, tree.running)") == "False False True\n"
    assert page.page.locator(TREE).count() == 1


def test_a_hostile_greeting_is_text(open_tree):
    page, tree = open_tree(HOSTILE)
    assert "220 <img src=x onerror='window.hacked=1'></script>" in tree.inner_text()
    assert page.page.evaluate("window.hacked") is None
    assert tree.locator("img, script, iframe").count() == 0
    assert not {"\u202e", "\x1b"} & set(tree.text_content())
    assert tree.evaluate("e => e.scrollWidth <= e.clientWidth + 1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_page_needs_neither_kernel_nor_network(browser, tmp_path, scheme):
    with serve("plain") as server:
        picture = DecisionTree.of(dial(server, "starttls"))
    file = tmp_path / "tree.html"
    file.write_text(f"<!doctype html><html lang=en><meta charset=utf-8><title>A tree</title>{picture.page()}",
                    encoding="utf-8")
    errors = []
    context = browser.chromium.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, offline=True)
    with contextlib.closing(context):
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        tree = page.locator(TREE)
        tree.get_by_text("Out at door 5: starttls-not-offered").wait_for()
        not_moving(page)
        assert violations(page, TREE) == []
        page.screenshot(path=Path(os.environ.get("SMTPLAB_SHOTS") or tmp_path) / f"decision-tree-page-{scheme}.png")
    assert errors == []
