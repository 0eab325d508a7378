"""Three small apps, each right and wrong in several ways: what their own tests say of them."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from helpers import slow_but

pytest_plugins = ["pytester"]
APPS = Path(__file__).parent / "apps"
CERTIFICATES = "self-signed, unknown-ca, wrong-name, expired: the app went on, where it should have refused"
NO_TIME_OUT = "silent: the app had not ended after 3 s and may have no time-out"
IN_CLEAR = "starttls-stripped: a password crossed in clear"
# What each app's tests should find, by the test that has to find it; those that find nothing wrong pass.
FINDS = {
    "smtplib": {"test_certificate_not_checked": [CERTIFICATES], "test_goes_on_in_clear": [IN_CLEAR],
                "test_no_time_out": [NO_TIME_OUT],
                "test_errors_are_swallowed": ["expired: nothing was sent, and the app did not say so"],
                "test_one_kind_wrong": ["the app went on, where it should have refused"]},
    "django": {"test_certificate_not_checked": [CERTIFICATES], "test_no_time_out": [NO_TIME_OUT],
               "test_tls_is_off": [IN_CLEAR, "starttls: the app raised an error",
                                   "wrong-name, expired: it failed for another reason"]},
    "flask": {"test_as_it_comes": [CERTIFICATES, NO_TIME_OUT], "test_as_it_comes_implicit": [CERTIFICATES, NO_TIME_OUT],
              "test_tls_is_off": [IN_CLEAR, "starttls: the app raised an error"]}}
RIGHT = {"smtplib": {"test_right", "test_one_kind_right"}, "django": {"test_right", "test_right_implicit"},
         "flask": {"test_right", "test_right_implicit"}}


@pytest.mark.parametrize("name", slow_but(list(FINDS), "smtplib"))
def test_an_app(name, run):
    if name != "smtplib" and find_spec({"flask": "flask_mail"}.get(name, name)) is None:
        pytest.skip(f"not here: {name}")
    found = run((APPS / f"{name}_app.py").read_text(encoding="utf-8"), "-rpf", "--tb=short")
    found.assert_outcomes(passed=len(RIGHT[name]), failed=len(FINDS[name]))
    text = found.stdout.str()
    for test in RIGHT[name]:
        assert f"PASSED test_app.py::{test}\n" in f"{text}\n"
    for test, said in FINDS[name].items():
        [report] = [part for part in text.split("\n____")[1:] if part.partition("\n")[0].strip("_ ") == test]
        assert [words for words in said if words not in report] == [], report
    assert "smtplab/" not in text  # no line of ours
