"""`smtplab lab`: the notebooks in JupyterLab."""

from __future__ import annotations

from pathlib import Path

import click

from ..jupyter_launcher import open_lab


@click.command("lab", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("words", nargs=-1, metavar="[DIR] [-- JUPYTER OPTIONS]", type=click.UNPROCESSED)
def command(words: tuple[str, ...]) -> int:
    """Open JupyterLab on the notebooks.

    In a checkout, on those of the checkout; installed, on a copy in DIR, where nothing that exists is
    overwritten. Example: smtplab lab my-notebooks -- --no-browser
    """
    directory = Path(words[0]) if words and not words[0].startswith("-") else None
    return open_lab(directory, [w for w in words[directory is not None:] if w != "--"])
