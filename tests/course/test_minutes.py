"""Minutes by the rule: each kind of cell has its own, what is folded has none, and lessons announce what is so."""

import json
from pathlib import Path

from helpers import each_row

from smtplab.course.minutes import minutes_by_rule
from smtplab.course.rehearsal import planned_minutes

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = {path.stem: json.loads(path.read_text(encoding="utf-8"))["cells"]
           for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path.stem.count(".") == 0}
CORE = [name for name in LESSONS if name[:2] in ("00", "01", "02", "03", "04", "05", "07")]
MOST_OF_THE_CORE = 180


def cell(kind, source, *tags):
    return {"cell_type": kind, "source": source, "metadata": {"tags": list(tags)} if tags else {}}


@each_row(("kind", "source", "minutes"), [
    ("markdown", "word " * 300, 2), ("markdown", ["word " * 75, "word " * 75], 1), ("markdown", "あ" * 375, 1),
    ("markdown", "**a** [b](a-very-long-address.ipynb) `c`", 3 / 150), ("code", "1 + 1", 1.5),
    ("code", 'from smtplab.course import check\n\ncheck("00-colleague", ...)', 3), ("code", "Player(trace)", 3),
    ("code", "tree = DecisionTree(server)\ntree", 3), ("code", "print(Player(trace).text())", 1.5),
    ("code", "import checkers", 1.5), ("code", 'one = mystery("together", count=1)\nprint(one)', 3),
    ("code", 'practice = mystery("warm-up", count=3)', 9), ("code", 'mystery("tuesday")', 3),
    ("code", 'predict("00-corners")', 0.5), ("code", 'print(1)\ntold("00-corners", 1)', 1.5),
    ("raw", "word " * 300, 0)])
def test_each_kind_of_cell_has_its_minutes(kind, source, minutes):
    assert minutes_by_rule([cell(kind, source)]) == minutes
    assert minutes_by_rule([cell(kind, source, "side"), cell("code", "1")]) == 1.5


@each_row("name", LESSONS)
def test_a_lesson_announces_what_it_takes(name):
    least, most = planned_minutes("".join(LESSONS[name][0]["source"]))
    assert 0.8 * least <= minutes_by_rule(LESSONS[name]) <= 1.2 * most


def test_the_core_way_takes_at_most_three_hours():
    announced = [planned_minutes("".join(LESSONS[name][0]["source"]))[0] for name in CORE]
    assert sum(announced) <= MOST_OF_THE_CORE
    assert sum(minutes_by_rule(LESSONS[name]) for name in CORE) <= MOST_OF_THE_CORE
