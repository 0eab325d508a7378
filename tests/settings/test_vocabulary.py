"""What descriptions are written with: fields by value or function, rules by mode, the case without a login, notes."""

from dataclasses import FrozenInstanceError, replace

import pytest
from helpers import each_row

from smtplab.settings.evaluate import evaluate
from smtplab.settings.keys import Key, keys
from smtplab.settings.model import Framework, Given, Mode, Outcome, Release, Unoffered
from smtplab.settings.values import PYTHON
from smtplab.settings.vocabulary import (
    auth_incomplete,
    both,
    error,
    given,
    if_login_fails,
    implicit,
    mail_in_clear,
    no_certificate_check,
    not_empty,
    opportunistic,
    password_in_clear,
    plain,
    required,
    switched_on,
)

LOGS_IN = not_empty("user")
MODES = ("plain", "starttls-opportunistic", "starttls-required", "implicit")
KEYS = keys(mode=("mode", Key("flag", PYTHON, False)), user="user", check="verify", port="port")
RULES = tuple(made(f"it says {mode}", lambda g, mode=mode: g["mode"] == mode) for made, mode in zip(
    (plain, opportunistic, required, implicit), MODES, strict=True)) + (error("it says nothing"),)
SAMPLE = Framework(
    name="sample", title="Sample", ecosystem="Tests", keys=KEYS, rules=RULES, releases=(Release("1", (1,)),),
    forms=dict.fromkeys(Mode, "mode = x"),
    notes=(no_certificate_check("verify", lambda g: g.raw("verify") == "none"), password_in_clear("", LOGS_IN),
           mail_in_clear("user", LOGS_IN, "live"), auth_incomplete("user", "nobody logs in", LOGS_IN)))


def settings(**values: object) -> Given:
    return Given(SAMPLE, SAMPLE.releases[0], values, None)


def test_a_field_takes_a_value_or_a_function_and_is_read_as_a_function():
    by_value = replace(SAMPLE, default_port=587, unoffered=Unoffered.SKIPS)
    by_function = replace(SAMPLE, default_port=lambda g: 465 if g["flag"] else 25)
    assert (by_value.default_port(settings()), by_value.unoffered(settings())) == (587, Unoffered.SKIPS)
    assert [by_function.default_port(settings(flag=f)) for f in (True, False)] == [465, 25]
    assert (SAMPLE.default_port(settings()), SAMPLE.errors(settings())) == (25, {})
    with pytest.raises(TypeError, match="forms"):
        Framework(name="", title="", ecosystem="", keys=(), rules=(), releases=())
    with pytest.raises(FrozenInstanceError):
        SAMPLE.default_port = 26


@each_row(("mode", "port", "outcome"), [
    ("implicit", 465, "auth-missing"), ("implicit", 587, "wrong-version-number"),
    ("starttls-required", 587, "auth-missing"), ("starttls-required", 465, "hang"),
    ("starttls-opportunistic", 587, "auth-missing"), ("plain", 587, "plaintext"), (None, 587, "config-error")])
def test_a_login_that_is_missing_shows_only_where_tls_works_and_one_is_due(mode, port, outcome):
    sample = replace(SAMPLE, rules=if_login_fails(RULES, LOGS_IN, adds="; but"), unoffered=Unoffered.SENDS)
    stranger = evaluate(sample, {"mode": mode, "user": ""}, port=port)
    assert stranger.outcome == outcome and stranger.because.endswith("; but") == (outcome == "auth-missing")
    assert evaluate(sample, {"mode": mode, "user": "alice"}, port=port).outcome != "auth-missing"


def test_a_rule_with_an_outcome_of_its_own_has_no_twin():
    refused = implicit("refused", outcome=Outcome.REFUSED)
    assert if_login_fails((refused,), LOGS_IN) == (refused,)


@each_row(("values", "codes"), [
    ({"mode": "implicit", "verify": "none"}, {"no-certificate-check"}), ({"mode": "implicit"}, set()),
    ({"mode": "plain", "verify": "none"}, {"password-in-clear"}), ({"mode": "plain", "user": ""}, {"auth-incomplete"}),
    ({"mode": "starttls-opportunistic", "user": ""}, {"mail-in-clear", "auth-incomplete"}),
    ({"mode": "starttls-opportunistic", "user": "alice"}, set()), ({"verify": "none"}, set())])
def test_the_notes_that_many_share(values, codes):
    found = {w.code for w in evaluate(SAMPLE, values, port=587).warnings}
    assert found & {"no-certificate-check", "password-in-clear", "mail-in-clear", "auth-incomplete"} == codes


@each_row(("condition", "true", "false"), [
    (given("user", "port"), {"port": 1}, {"mode": "x"}), (given("user"), {"user": ""}, {}),
    (switched_on("flag"), {"flag": True}, {"flag": False}), (switched_on("flag"), {"flag": 1}, {}),
    (not_empty("user"), {}, {"user": ""}), (both(given("user"), given("port")), {"user": 1, "port": 1}, {"user": 1})])
def test_conditions(condition, true, false):
    assert condition(settings(**true)) and not condition(settings(**false))
