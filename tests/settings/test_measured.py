"""What real frameworks did with 352 settings on loopback servers (measured.jsonl), against what is said of them.

`server` is "standard" (587 and 2525: STARTTLS, AUTH only after it; 465: implicit TLS; 25 and 80: STARTTLS and no
AUTH), or a server without STARTTLS, where only the mode is compared.
"""

import collections
import json
from pathlib import Path

from helpers import each_row

from smtplab.settings import read_settings

CASES = [json.loads(line) for line in (Path(__file__).parent / "measured.jsonl").read_text("utf-8").splitlines()]
FRAMEWORKS = sorted({case["framework"] for case in CASES})


def differences(case: dict, given: object) -> list[str]:
    """What is said otherwise than measured, in words."""
    report = read_settings(case["framework"], given, version=case["version"], port=case["port"])
    said = {"mode": report.mode.value}
    if case["server"] == "standard":
        said |= {"outcome": report.outcome.value}
        if "hang_ends_after_s" in case:
            said |= {"hang_ends_after_s": report.hang_ends_after_s}
    if case.get("password_in_clear_if_server_allows") is not None:
        said |= {"password_in_clear_if_server_allows": report.password_in_clear_if_server_allows}
    return [f"{key}: said {value}, measured {case[key]}" for key, value in said.items()
            if value != (None if str(case[key]).startswith("never") else case[key])]


def test_there_are_cases_of_every_mode():
    assert len(CASES) == 352
    assert len(FRAMEWORKS) == 41
    assert len(collections.Counter(case["mode"] for case in CASES)) == 5


@each_row("framework", FRAMEWORKS)
def test_settings_are_read_as_the_framework_reads_them(framework):
    cases = [case for case in CASES if case["framework"] == framework]
    wrong = {case["id"]: found for case in cases if (found := differences(case, case["settings"]))}
    assert wrong == {}


@each_row("framework", sorted({case["framework"] for case in CASES if "text" in case}))
def test_what_a_person_would_paste_is_read_the_same(framework):
    cases = [case for case in CASES if case["framework"] == framework and "text" in case]
    wrong = {case["id"]: found for case in cases if (found := differences(case, case["text"]))}
    assert wrong == {}


def test_a_wrong_answer_is_told():
    """The twin: one row turned round."""
    case = next(case for case in CASES if case["mode"] == "implicit") | {"mode": "plain"}
    assert differences(case, case["settings"]) == ["mode: said implicit, measured plain"]
