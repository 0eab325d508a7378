"""The base of all widgets: what is exported, what a press does, what is visible, and how everything ends."""

import html

import ipywidgets
import pytest
import traitlets
from helpers import displayed, in_cell

from smtplab import dial, serve
from smtplab.show import widget_base
from smtplab.show.player import PlayerBox
from smtplab.show.widget_base import Keys, LabWidget, Panel, ScriptWidget, button, instead_of_earlier, row, show_if

VIEW = "application/vnd.jupyter.widget-view+json"


class Drawing(ScriptWidget):
    """A widget with a script of its own."""

    _esm = "function render({ model, el }) { el.append(model.get('words')); }\nexport default { render };\n"
    _css = ".x { color: red }"
    words = traitlets.Unicode().tag(sync=True)

    def text(self):
        return self.words


class Both(Panel):
    """A panel with one of each."""

    css_class = "smtplab-both"

    def __init__(self):
        self.pressed, self.ends = [], 0
        self.hidden = ipywidgets.HTML("<p>hidden</p>")
        self.name, self.more = ipywidgets.Text("typed", description="Name"), ipywidgets.Dropdown(description="More")
        self.buttons_row = row(button("Run it", lambda: self.pressed.append(1)),
                               button("Use", lambda: self.pressed.append(2)),
                               button("Use", lambda: self.pressed.append(3)))
        super().__init__([ipywidgets.HTML("<b>a</b>"), ipywidgets.Label("<i>"), self.hidden, self.name, self.more,
                          Drawing(words="<u>\x1b"), self.buttons_row])
        show_if(False, self.hidden, self.more)

    def end(self):
        self.ends += 1

    def text(self):
        return "the text"


class WithPage(Both):
    """The same with an exported form."""

    def page(self):
        return "<p>page</p>"


@pytest.fixture
def both():
    made = Both()
    yield made
    made.close()


# --- how it is shown ---


def test_a_notebook_gets_view_and_text_and_a_page_only_if_there_is_one(both):
    shown = displayed(both)
    assert set(shown) == {VIEW, "text/plain"} and shown["text/plain"] == both.text()
    assert shown[VIEW]["model_id"] == both.model_id
    exported = displayed(WithPage())
    assert (exported["text/html"], exported["text/plain"]) == ("<p>page</p>", both.text())


def test_the_text_of_a_script_s_widget_is_harmless_in_a_terminal(both):
    assert str(Drawing(words="text \x1b")) == "text \\x1b" and str(both) == both.text()


def test_the_page_of_a_script_needs_no_kernel():
    made = Drawing(words="</script><script>boom()</script>")
    page = displayed(made)["text/html"]
    assert "export" not in page and page.count("</script") == 1 and '"alive": false' in page
    assert made.state() == {"alive": True, "words": made.words} and html.escape(made.words) in page
    assert ".x { color: red }" in page


def test_a_panel_has_the_class_of_its_style_sheet(both):
    assert "smtplab-both" in both.get_state()["_dom_classes"]
    assert "smtplab-both" not in Panel().get_state()["_dom_classes"]


# --- the driver ---


def test_what_is_shown_is_what_is_visible_and_text_is_escaped(both):
    assert both.shown() == "<b>a</b>\n&lt;i&gt;\n&lt;u&gt;\x1b"
    show_if(True, both.hidden)
    assert "<p>hidden</p>" in both.shown()
    both.layout.display = "none"
    assert both.shown() == "" and both.inputs == {} and both.buttons == []


def test_inputs_by_their_labels(both):
    assert both.inputs == {"Name": both.name}
    both.inputs["Name"].value = "other"
    assert both.name.value == "other"


def test_a_press_does_what_the_button_does(both):
    assert both.buttons == ["Run it", "Use", "Use"]
    both.press("Use", 2)
    both.press("Run it")
    both.press("Use")
    assert both.pressed == [3, 1, 2] and both.can_press("Use", 2)


def test_a_press_that_can_t_be_says_why(both):
    for label, number, why in (("Run", 1, "no button 'Run'; there are: 'Run it', 'Use'"),
                               ("Use", 3, "2 buttons 'Use'; there are: 'Run it', 'Use'")):
        assert not both.can_press(label, number)
        with pytest.raises(ValueError) as told:
            both.press(label, number)
        assert str(told.value) == why
    both.buttons_row.children[0].disabled = True
    assert not both.can_press("Run it")
    with pytest.raises(ValueError, match="the button 'Run it' is disabled"):
        both.press("Run it")
    show_if(False, both.buttons_row)
    with pytest.raises(ValueError, match="no button 'Run it', nor any other"):
        both.press("Run it")
    assert both.pressed == []


# --- how it ends ---


def test_close_ends_it_once_and_closes_all_its_parts(both):
    [drawing] = [part for part in both.children if isinstance(part, Drawing)]
    both.close()
    both.close()
    assert both.ends == 1
    assert [part for part in (both, *both.children, *both.buttons_row.children, drawing) if part.comm] == []


def test_nothing_of_a_closed_widget_is_left_in_the_page():
    before = set(ipywidgets.Widget.get_manager_state()["state"])
    made = Both()
    assert len(set(ipywidgets.Widget.get_manager_state()["state"]) - before) > 20  # layouts and styles count too
    made.close()
    assert set(ipywidgets.Widget.get_manager_state()["state"]) == before


def test_parts_outside_of_the_page_are_closed_too():
    class More(Panel):
        def __init__(self):
            self.outside = ipywidgets.HTML()
            super().__init__([])

        def parts(self):
            return [*self.children, self.outside]

    made = More()
    assert made.outside.comm is not None
    made.close()
    assert made.outside.comm is None


def test_a_widget_that_could_not_be_made_can_be_closed():
    class Fails(Both):
        def __init__(self):
            self.ends = 0
            raise OSError

    made = Fails.__new__(Fails)
    with pytest.raises(OSError):
        made.__init__()
    made.close()
    assert made.ends == 1 and made.comm is None


# --- the place of a Player ---


@pytest.fixture(scope="module")
def trace():
    with serve("plain") as server:
        return dial(server, "plain")


@pytest.mark.usefixtures("stand_in_player")
def test_one_player_at_a_time_and_none_in_a_closed_box(trace):
    box = PlayerBox()
    assert box.player is None
    box.show(trace)
    first = box.player
    assert first.trace is trace and first.comm is not None
    box.show(trace, trace)
    assert box.player is not first and first.comm is None and box.player.server_trace is trace
    last = box.player
    box.close()
    assert last.comm is None
    box.show(trace)
    assert box.player is None or box.player is last


def test_the_garbage_collector_may_close_a_box_while_another_opens_a_player(trace, monkeypatch):
    old, box = PlayerBox(), PlayerBox()

    def make(*_given, **_more):
        old.close()  # as the collector does, in this thread
        return ipywidgets.HTML()

    monkeypatch.setattr("smtplab.show.player.Player", make)
    box.show(trace)
    assert box.player is not None and old.comm is None
    box.close()


# --- one widget a notebook cell ---


def test_a_cell_run_anew_closes_what_it_made_before(monkeypatch):
    made = {}
    for name, cell, run in (("first", "a", "1"), ("second", "a", "1"), ("third", "b", "2"), ("fourth", "a", "3")):
        in_cell(monkeypatch, f"cell {cell} of this test", run)
        made[name] = Panel()
        instead_of_earlier(made[name])
        open_ = [name for name, widget in made.items() if widget.comm is not None]
        assert open_ == (["third", "fourth"] if name == "fourth" else list(made))
    for widget in made.values():
        widget.close()


def test_outside_a_notebook_nothing_is_closed(monkeypatch):
    monkeypatch.delitem(widget_base.sys.modules, "IPython", raising=False)
    first, second = Panel(), Panel()
    instead_of_earlier(first)
    instead_of_earlier(second)
    assert first.comm is not None and second.comm is not None
    first.close()
    second.close()


def test_what_a_widget_says_without_a_text_of_its_own():
    assert str(Panel()) == "Panel" and LabWidget.page(Panel()) == ""


class Named(Panel):
    """A panel with a class."""

    css_class = "smtplab-named"


# That keys stay in a widget: tests/browser/test_keys_in_jupyterlab.py.
def test_each_panel_with_a_class_has_one_that_shows_nothing():
    panel, plain = Named(), Panel()
    [keys] = panel.children
    assert isinstance(keys, Keys) and plain.children == ()
    assert keys.state()["inside"] == ".smtplab-named" and "data-lm-suppress-shortcuts" in str(keys._esm)
    assert (keys.text(), keys.page(), panel.shown()) == ("", "", "")
    panel.close()
    assert keys.comm is None
    plain.close()
