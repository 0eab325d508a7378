"""What tests of the lens in a page have in common: finding it, choosing in it, and asking axe-core about it."""

from pathlib import Path

from smtplab.show.five_byte_lens import presets

CELL = "from smtplab.show import FiveByteLens\nlens = FiveByteLens()\nlens"
LENS, VERDICT = ".smtplab-lens", ".smtplab-lens-verdict"


def choose(lens, label: str, option: str | None = None, value: str | None = None) -> None:
    lens.get_by_label(label).select_option(**({"value": value} if option is None else {"label": option}))


def label_of(start: str) -> str:
    return next(p["label"] for p in presets() if p["label"].startswith(start))


def verdict_says(lens, *parts: str) -> None:
    for part in parts:
        lens.locator(VERDICT).get_by_text(part).wait_for()


def violations(page) -> list:
    """What axe-core finds wrong in the lenses of this page."""
    import axe_playwright_python  # imports playwright, without which these tests are skipped
    page.add_script_tag(path=Path(axe_playwright_python.__file__).with_name("axe.min.js"))
    return page.evaluate(f"async () => (await axe.run({{ include: [['{LENS}']] }})).violations.map("
                         "v => [v.id, v.nodes.map(n => n.html.slice(0, 200) + n.failureSummary)])")
