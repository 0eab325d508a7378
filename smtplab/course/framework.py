"""A framework that the learner names once, and cells that follow it: right settings, and the two mistakes."""

from __future__ import annotations

from dataclasses import dataclass

from ..settings import SettingsReport, framework, read_settings
from ..show.document import Details, Document, Either, Listing, Paragraph, Section, as_text, mimebundle
from ..show.settings_examples import examples


@dataclass(frozen=True)
class OwnSettings:
    """Settings of one framework by what they are called: `texts`, of those that it can be given, and `impossible`."""

    title: str
    texts: dict[str, str]
    impossible: dict[str, str]
    framework: str

    def read(self, name: str) -> SettingsReport:
        """What the settings of that name say. Raises ValueError for a name that is not among `texts`."""
        if name not in self.texts:
            there = ", ".join(map(repr, self.texts))
            raise ValueError(f"{self.title} has no settings {name!r}; there are: {there}")
        return read_settings(self.framework, self.texts[name])

    def mode(self, name: str) -> str:
        """The client's mode that these settings give, as `smtplab.dial` calls it. Raises ValueError as `read` does."""
        return self.read(name).mode.value.removesuffix("-required")

    def says(self, name: str) -> str:
        """What the framework says of it on that port, and after how long if it waits. ValueError as `read` raises."""
        report = self.read(name)
        waits = report.outcome == "hang"
        ends = report.hang_ends_after_s
        after = f"after {ends:g} s" if ends else "never, since it waits for ever"
        return f"{report.error or 'nothing'}{f', {after}' * waits}"

    @property
    def right(self) -> list[str]:
        """The names of the right ones that there are: their ports."""
        return [name for name in self.texts if name.isdecimal()]

    @property
    def wrong(self) -> list[str]:
        """The names of the mixed-up ones that there are; they begin with their ports."""
        return [name for name in self.texts if not name.isdecimal()]

    def document(self) -> Document:
        """Each with its name, and why some can't be made."""
        mixed = tuple(Section(name, (Listing(self.texts[name]),)) for name in self.wrong)
        names = ", ".join(map(repr, self.wrong))
        return Document((Paragraph(self.title), *(Section(name, (Listing(self.texts[name]),)) for name in self.right),
                         *(Section(name, (Paragraph(why),)) for name, why in self.impossible.items()),
                         Either(text=(Paragraph(f"And mixed up: {names}"),), html=(Details("And mixed up", mixed),))))

    def __str__(self) -> str:
        return as_text(self.document())

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return mimebundle(self.document())


def own_settings(name: str) -> OwnSettings:
    """Right settings and mixed-up ones of a framework, `smtplab settings --list` names them.

    They are called "465" and "587", which are right there; "587, too early", implicit TLS at a port that greets; and
    "465, too late", STARTTLS at a port that waits for TLS. Raises ValueError for an unknown framework.
    """
    found = dict(zip(("465", "587", "587, too early", "465, too late"), examples(name), strict=True))
    order = ("587", "465", "587, too early", "465, too late")
    return OwnSettings(framework(name).title, {key: found[key].text for key in order if found[key].possible},
                       {key: found[key].text for key in order if not found[key].possible}, name)
