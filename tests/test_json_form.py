"""The form of a JSON value: what has it passes, and what has not is named by its place."""

import pytest
from helpers import each_row

from smtplab.json_form import COUNT, HEX, NULL, NUMBER, PORT, check, one_of

FORM = {"name": str, "size?": COUNT, "address": [str, PORT], "events": [{"at_s": NUMBER, "data": (HEX, NULL)}],
        "mode": one_of(["plain", "implicit"])}
RIGHT = {"name": "a", "address": ["::1", 25], "events": [{"at_s": 0.5, "data": None}, {"at_s": 1, "data": "0aFF"}],
         "mode": "plain"}


def test_what_has_the_form_passes():
    check(RIGHT, FORM)
    check({**RIGHT, "size": 3, "events": []}, FORM)


@each_row(("changes", "message"), [
    ({"name": 3}, "name is 3, not a text"), ({"size": -1}, "size is -1, not a whole number, 0 or more"),
    ({"address": ["::1"]}, "address is a list, not a list of 2"),
    ({"address": ["::1", 70000]}, r"address\[1\] is 70000, not a port"),
    ({"events": [{"at_s": 1}]}, r"events\[0\].data is missing"),
    ({"events": [{"at_s": float("nan"), "data": None}]}, r"events\[0\].at_s is nan, not a number"),
    ({"events": [{"at_s": True, "data": None}]}, r"events\[0\].at_s is True, not a number"),
    ({"events": [{"at_s": 1, "data": "0"}]}, r"events\[0\].data is '0', not bytes in hexadecimal"),
    ({"mode": "tls"}, "mode is 'tls', not one of plain, implicit"), ({"other": 1}, "other is no field of it"),
    ({"events": None}, "events is None, not a list"),
])
def test_what_has_not_is_named(changes, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        check({**RIGHT, **changes}, FORM)


def test_the_document_itself_is_named_too():
    with pytest.raises(ValueError, match=r"^the document is a list, not an object$"):
        check([], FORM)
    with pytest.raises(ValueError, match=r"^the document is True, not a number$"):
        check(True, int)
