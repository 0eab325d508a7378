"""What tests of the lens in a page have in common: finding it, choosing in it, and asking axe-core about it."""


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
