"""The bars are the recorded runs, each with its words."""

import matplotlib.text
from helpers import displayed, each_row

from smtplab.show.recorded_errors import RecordedError, recordings
from smtplab.show.timeouts import plot_timeouts


def bars(picture):
    [axes] = picture.figure.axes
    return [(patch.get_width(), bool(patch.get_hatch())) for patch in axes.patches]


def texts(picture):
    return [item.get_text() for item in picture.figure.findobj(matplotlib.text.Text) if item.get_text()]


@each_row("mode", ["starttls", "plain"])
def test_every_recorded_client_has_its_bar(mode):
    runs = [run for run in recordings() if (run.mode, run.port_kind) == (mode, "silent")]
    picture = plot_timeouts(mode)
    assert sorted(bars(picture)) == sorted((run.seconds, run.hang) for run in runs) and len(runs) > 15
    widths = [round(width) for width, _ in bars(picture)]
    assert widths == sorted(widths)
    for run in runs:
        assert f"{run.client} {run.version}: " in picture.alt and f"{run.client}  {run.version}" in texts(picture)
    hung = [run for run in runs if run.hang]
    assert texts(picture).count("still waiting at 640 s") == picture.alt.count("still waiting at 640 s") == len(hung)
    assert "2026-11-24" in picture.alt and picture.png().startswith(b"\x89PNG")


def test_seconds_are_said_and_whole_minutes_too():
    alt = plot_timeouts().alt
    assert "gnutls-cli --starttls-proto=smtp 3.7.9: 10 s\n" in alt and "PHPMailer 6.6.3: 300 s (5 min)\n" in alt
    assert ".NET Core SmtpClient 3.1.23: 100 s\n" in alt


def test_a_mode_that_was_not_recorded():
    picture = plot_timeouts("$x$")
    assert bars(picture) == [] and "No run was recorded" in picture.alt and picture.png().startswith(b"\x89PNG")


def test_odd_names_are_no_markup(monkeypatch):
    run = RecordedError("$\\frac{1}{0}$ <b>", "$1$", "x", "starttls", "silent", "", "", True, 5.0, 5.0, "$d$")
    monkeypatch.setattr("smtplab.show.timeouts.recordings", lambda: (run,))
    picture = plot_timeouts()
    assert picture.png().startswith(b"\x89PNG") and "<b>" not in displayed(picture)["text/html"]
    assert any("still waiting at 5 s" in text for text in texts(picture))
