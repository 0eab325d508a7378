"""The tests' own means: what is missing is named, and a thread that goes on is seen."""

import threading
from pathlib import Path

import pytest
import real_tools
from lab_threads import left_over
from real_tools import are_here, need, need_module, need_system

from smtplab import serve
from smtplab.lab.programs import run_program

pytest_plugins = ["pytester"]


def test_programs_that_are_here_are_found():
    shell, either = need("sh", "no-such-program|sh")
    assert shell == either
    assert shell.endswith("/sh")


def test_a_missing_program_skips_and_is_named(monkeypatch):
    monkeypatch.delenv("SMTPLAB_REQUIRE_REAL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="not here: no-such-a or no-such-b, no-such-c$"):
        need("sh", "no-such-a|no-such-b", "no-such-c")
    with pytest.raises(pytest.skip.Exception, match="Python's no_such_module"):
        need_module("json", "no_such_module")


@pytest.mark.parametrize("name", real_tools.SYSTEMS)
def test_another_system_skips_and_is_named(name, request, monkeypatch):
    monkeypatch.delenv("SMTPLAB_REQUIRE_REAL", raising=False)
    monkeypatch.setitem(real_tools.SYSTEMS, name, True)
    need_system(name, "signals")
    monkeypatch.setitem(real_tools.SYSTEMS, name, False)
    with pytest.raises(pytest.skip.Exception, match=rf"not here: {name} \(signals\)$"):
        need_system(name, "signals")


def test_the_marks_of_systems_are_heeded(pytester, monkeypatch):
    monkeypatch.delenv("SMTPLAB_REQUIRE_REAL", raising=False)
    monkeypatch.setitem(real_tools.SYSTEMS, "posix", False)
    monkeypatch.setitem(real_tools.SYSTEMS, "linux", True)
    ours = str(Path(__file__).with_name("conftest.py"))
    hook = "pytest_runtest_setup"
    pytester.makeconftest(f"from runpy import run_path\n{hook} = run_path({ours!r})[{hook!r}]")
    pytester.makepyfile("import pytest\n@pytest.mark.posix('x')\ndef test_a(): pass\n"
                        "@pytest.mark.linux('y')\ndef test_b(): pass")
    pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist").assert_outcomes(passed=1, skipped=1)


def test_elsewhere_a_test_that_starts_the_kind_filtered_is_skipped(no_full_backlog):
    with pytest.raises(pytest.skip.Exception, match="full backlog"):
        serve("filtered")
    serve("refused").close()


def test_elsewhere_a_test_that_runs_a_real_program_is_skipped(no_pseudo_terminal):
    with pytest.raises(pytest.skip.Exception, match="pseudo-terminal"):
        run_program(["sh", "-c", "true"])
    assert run_program(["no-such-program"]).ended == "not here"


@pytest.mark.parametrize(("language", "library"), [
    ("sh", "python:json"), ("ruby", "gem:json"), ("node", "npm:node:net"), ("perl", "perl:IO::Socket"),
    ("php", "php:/etc/hostname"), ("git", "git:send-pack"),
])
def test_libraries_are_looked_for_in_their_own_language(language, library, monkeypatch):
    need(language)
    [path] = need(library)
    assert path
    kind = library.partition(":")[0]
    assert are_here(library, f"{kind}:no-such-thing|{library}")
    assert not are_here(library, f"{kind}:no-such-thing")
    monkeypatch.delenv("SMTPLAB_REQUIRE_REAL", raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"not here: {kind}:no-such-thing$"):
        need(f"{kind}:no-such-thing")


def test_a_library_of_a_language_that_is_not_here_is_missing(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert not are_here("gem:never-looked-for-yet")


def test_a_missing_program_fails_where_all_must_be_here(monkeypatch):
    monkeypatch.setenv("SMTPLAB_REQUIRE_REAL", "1")
    with pytest.raises(pytest.fail.Exception, match="not here: no-such-program"):
        need("no-such-program")


@pytest.mark.parametrize(("name", "seen"), [("smtplab-x", ["smtplab-x"]), ("smtplab-resolve", []), ("other", [])])
def test_a_thread_that_goes_on_is_seen(name, seen):
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name=name, daemon=True)
    thread.start()
    try:
        assert left_over(set(), within_s=0.05) == seen
        assert left_over({thread}, within_s=0.05) == []
    finally:
        end.set()
        thread.join()
    assert left_over(set()) == []
