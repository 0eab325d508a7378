"""The recorder of the four corners writes what is read from its file."""

import json

import record_corners

from smtplab.show import corner_runs
from smtplab.show.corners import CORNERS


def test_it_prints_a_line_a_corner(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(record_corners, "CornerJob", lambda corner: corner_runs.CornerJob(corner, 2))
    record_corners.main()
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    runs = [corner_runs._recorded(row) for row in rows]
    assert [run.corner for run in runs] == list(CORNERS)
    assert [run.tone for run in runs] == [run.tone for run in corner_runs.recorded_corners()]
    assert all(run.recorded["versions"].startswith("Python 3.") for run in runs)
