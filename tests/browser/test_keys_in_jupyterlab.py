"""Keys pressed in a widget or an output are its own: no arrow moves to another cell, no letter is a command."""

from pages import notebook_page, write_notebook

SERVER = "import smtplab\nserver = smtplab.serve('starttls')\n"
NOT_OURS = "import ipywidgets\nipywidgets.Button(description='x')"
EXPLORER = "from smtplab.show import SettingsExplorer\nSettingsExplorer()"
OURS = (
    EXPLORER,
    "from smtplab.show import ErrorDecoder\nErrorDecoder('wrong version number')",
    "from smtplab.show import CaseBox\nCaseBox('wrong version number EMAIL_PORT = 587')",
    SERVER + "from smtplab.show import DecisionTree\nDecisionTree(server)",
    "from smtplab.show import Matrix\nMatrix(['starttls'])",
    "from smtplab.show import Watch\nWatch('starttls')",
    SERVER + "from smtplab.show import run_dial\nrun_dial(server, 'starttls')",
    SERVER + "from smtplab.show import Player\nPlayer(smtplab.dial(server, 'starttls'))",
    "from smtplab.show import FiveByteLens\nFiveByteLens(b'220 mail')",
    "from smtplab.show import FourCorners\nFourCorners()",
    "from smtplab.show import rosetta\nrosetta()",
    "from smtplab.course import check\ncheck('01-first-word')",
    "from smtplab.course import predict\npredict('00-corners')",
    SERVER + "from smtplab.show import folded\nfolded(smtplab.dial(server, 'starttls'), mark='220')")
MOST = 3  # controls of an output that are tried: they are alike
CONTROLS = ".jp-OutputArea-output :is(select, button, summary, [tabindex='0'])"
CHOOSE = """index => {
    Object.assign(jupyterapp.shell.currentWidget.content, { activeCellIndex: index, mode: 'command' });
}"""
NOTEBOOK = """() => {
    const { activeCellIndex, widgets } = jupyterapp.shell.currentWidget.content;
    return [activeCellIndex, widgets.length];
}"""
MARKED = """cell => [...cell.querySelectorAll('.jp-OutputArea-output button, .jp-OutputArea-output select')].every(
    control => control.hasAttribute('data-lm-suppress-shortcuts'))"""


def taken(page, index) -> list:
    """The controls of that cell whose keys the notebook took, each with the key."""
    found, tried = [], 0
    for control in page.locator(".jp-Notebook .jp-CodeCell").nth(index).locator(CONTROLS).all():
        if tried == MOST:
            break
        if not control.is_visible() or control.is_disabled():
            continue
        tried += 1
        for key in ("ArrowDown", "b"):
            page.evaluate(CHOOSE, index)
            control.evaluate("e => e.focus({ preventScroll: true })")
            before = page.evaluate(NOTEBOOK)
            page.keyboard.press(key)
            page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
            if page.evaluate(NOTEBOOK) != before:
                found.append((control.inner_text()[:20], key))
    assert tried
    return found


def test_the_notebook_takes_none(browser, lab, tmp_path):
    write_notebook(lab.folder / "keys.ipynb", "1", *OURS, NOT_OURS, "2")
    with notebook_page(browser, lab, "keys.ipynb", tmp_path) as opened:
        page = opened.page
        opened.run_all()
        assert opened.errors() == []
        for index in range(1, len(OURS) + 1):
            cell = page.locator(".jp-Notebook .jp-CodeCell").nth(index)
            cell.scroll_into_view_if_needed()
            cell.locator(f"{CONTROLS}[data-lm-suppress-shortcuts]").first.wait_for()
            page.wait_for_function(MARKED, arg=cell.element_handle())  # some scripts come later
            assert taken(page, index) == [], OURS[index - 1]
        page.locator(".jp-Notebook .jp-CodeCell").nth(len(OURS) + 1).scroll_into_view_if_needed()
        assert taken(page, len(OURS) + 1) == [("x", "ArrowDown"), ("x", "b")], "a key that is taken is found"

        # What the notebook doesn't take, the list gets.
        chosen = page.get_by_label("Framework")
        before = chosen.input_value()
        page.evaluate(CHOOSE, 1)
        chosen.focus()
        page.keyboard.press("ArrowDown")
        page.wait_for_function("([e, before]) => e.value !== before", arg=[chosen.element_handle(), before])
