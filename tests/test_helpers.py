"""The tests' own helpers: a table in one test tries every row and names each that fails."""

import textwrap

import pytest

pytest_plugins = ["pytester"]
HELPERS = "from helpers import each_row\nimport pytest\n"


@pytest.fixture
def run(pytester, monkeypatch):
    """`run(code)` runs a file of tests with this code, in this process, without xdist."""
    def run(code: str) -> pytest.RunResult:
        pytester.makepyfile(HELPERS + textwrap.dedent(code))
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist")

    return run


def test_every_row_is_tried_with_the_fixtures_and_each_that_fails_is_named(run):
    result = run("""
        @each_row("a, b", [(1, 1), (2, 3), ("four", "four"), ("five", "six")])
        def test_compare(tmp_path, a, b):
            assert tmp_path.is_dir()
            assert a == b
    """)
    result.assert_outcomes(failed=3)  # two rows and their test
    result.stdout.fnmatch_lines(["*SUBFAILED(a=2, b=3)*", "*SUBFAILED(a='five', b='six')*"])
    assert "four" not in str(result.stdout).split("short test summary")[1]


def test_a_row_has_the_name_that_it_is_given(run):
    result = run("""
        @each_row("a", ["x", "y"], ids=str.upper)
        def test_it(a):
            assert a == "x"
    """)
    result.assert_outcomes(failed=2)  # the row and its test
    result.stdout.fnmatch_lines(["*SUBFAILED[[]Y[]]*"])


def test_a_table_over_a_table_and_an_exception_that_is_not_raised(run):
    run("""
        @each_row("a", "xy")
        @each_row("b", "zw")
        def test_product(a, b):
            assert (a, b) != ("y", "w")

        @each_row("a", ["x", "1"])
        def test_refused(a):
            with pytest.raises(ValueError):
                int(a)
    """).assert_outcomes(failed=4)  # two rows, and their two tests


def test_a_row_that_takes_all_of_the_time_is_the_last(run):
    result = run("""
        tried = []

        @each_row("a", [1, 2])
        def test_slow(a):
            tried.append(a)
            pytest.fail("Timeout (>1.0s) from pytest-timeout.")

        def test_afterwards():
            assert tried == [1]
    """)
    result.assert_outcomes(passed=1, failed=2)


def test_no_rows_are_a_mistake():
    from helpers import each_row
    with pytest.raises(AssertionError, match="tests nothing"):
        each_row("a", [])
