"""Examples of every framework: each reads back to what it is called, or says why there is none."""

from helpers import each_row

from smtplab.settings import framework, frameworks, read_settings
from smtplab.show import settings_examples as module
from smtplab.show.settings_examples import KINDS, by_ecosystem, examples, first_example, versions

NAMES = [(f.name, release.name) for f in frameworks() for release in f.releases]


@each_row(("name", "version"), NAMES)
def test_they_read_back(name, version):
    for example, (called, port, modes) in zip(examples(name, version), KINDS, strict=True):
        assert example.name == called
        found = read_settings(name, example.text, version=version)
        if example.possible:
            assert found.mode in modes and found.port == port
        else:
            assert example.text.startswith("not possible, because ")


def test_the_two_mix_ups_are_what_they_are_called():
    _, _, mismatch, wait = examples("rails")
    assert read_settings("rails", mismatch.text).outcome == "wrong-version-number"
    assert read_settings("rails", wait.text).outcome == "hang"


def test_one_that_cannot_be_set_says_why_and_is_not_the_first():
    required = examples("gitlab")[1]
    assert not required.possible and "no omnibus key requires STARTTLS" in required.text
    assert first_example("gitlab").name == "implicit on 465"
    assert first_example("rails").name == "STARTTLS required on 587"
    wait = examples("gitlab")[3]  # by STARTTLS where it is offered
    assert wait.possible and read_settings("gitlab", wait.text).outcome == "hang"


def test_one_that_would_mean_something_else_is_none(monkeypatch):
    monkeypatch.setattr(module, "fill", lambda form, host, port: (f"port: {port}\nenable_starttls: true", True))
    found = examples.__wrapped__("rails", "2.8.1")[0]  # past the cache
    assert not found.possible and "these settings mean starttls-required" in found.text


def test_where_nothing_is_possible_it_begins_empty(monkeypatch):
    monkeypatch.setattr(module, "examples", lambda name, version: (module.Example("x", "not possible", False),) * 4)
    assert first_example("rails") == module.Example("", "", False)


def test_rails_first_then_by_ecosystem():
    chosen = by_ecosystem()
    assert chosen[0] == ("Ruby: Rails ActionMailer (mail gem)", "rails-mail")
    assert sorted(name for _, name in chosen) == sorted(f.name for f in frameworks())
    ecosystems = [words.partition(":")[0] for words, _ in chosen]
    assert [e for i, e in enumerate(ecosystems) if e in ecosystems[:i] and ecosystems[i - 1] != e] == []


def test_versions_newest_first():
    known = [release.name for release in framework("rails").releases]
    assert versions("rails")[0] == (f"the newest: {known[-1]}", "")
    assert [version for _, version in versions("rails")[1:]] == known[::-1]
    assert versions("rails", "2.7")[-1] == ("2.7", "2.7") and versions("rails", known[0]) == versions("rails")
