"""What is stated of a likelihood: in steps, capped where causes are alike, and no more than adds up."""

import json

from helpers import each_row
from reliability import Answered, answered, brier, half_of, main, table

from smtplab import Cause
from smtplab.messages import clean, context_of, explain, next_command
from smtplab.messages.likelihood import (
    ALIKE_MOST,
    MANY,
    MANY_MOST,
    STATED,
    in_steps,
    shared,
    stated,
    worded_alike,
)

TEXTS = ["wrong version number", "535 5.7.8 no", "Error: Greeting never received", "certificate verify failed",
         "Could not connect to the mail server", "EOFError: end of file reached", "nothing known",
         "connect ECONNREFUSED 192.0.2.1:25", "msmtp: could not send mail"]


def test_the_curve_rises_and_never_reaches_certainty():
    weights = [i / 100 for i in range(101)]
    assert [stated(w) for w in weights] == sorted(stated(w) for w in weights)
    assert stated(1) == 0.95 and stated(0) == 0.05
    assert all(low < high for (low, _), (high, _) in zip(STATED, STATED[1:], strict=False))


def test_many_causes_alike_are_capped():
    assert stated(0.9, MANY) == MANY_MOST < stated(0.9, MANY - 1)


def test_causes_that_are_worded_alike_are_capped_unless_a_dialogue_or_a_tool_tells_them_apart():
    assert explain("certificate verify failed: self-signed certificate or unknown issuer")[0].likelihood <= ALIKE_MOST
    assert worded_alike((Cause.AUTH_NEEDS_TLS, Cause.AUTH_MECHANISM, Cause.OTHER))
    assert not worded_alike((Cause.CERT_HOSTNAME, Cause.CERT_CHAIN_INCOMPLETE)) and not worded_alike((Cause.DNS,))
    dialogue = ("S: 220 mail.example.com ESMTP\nC: EHLO a.example.com\nS: 250-mail.example.com\nS: 250 STARTTLS\n"
                "C: AUTH PLAIN\nS: 503 5.5.1 no")
    for text in (dialogue, "Chain of trust               NOT ok (chain incomplete)"):
        assert explain(text)[0].likelihood > ALIKE_MOST


@each_row("text", TEXTS)
def test_stated_likelihoods_are_in_steps_and_add_up_to_no_more_than_one(text):
    found = explain(text)
    assert all(one.likelihood == in_steps(one.likelihood) for one in found)
    assert sum(one.likelihood for one in found) <= 1 + 1e-9
    assert [one.likelihood for one in found] == sorted((one.likelihood for one in found), reverse=True)


def test_the_next_cause_is_named_however_unlikely_and_the_last_ones_are_not():
    assert shared(0.95, [(Cause.DNS, 0.001), (Cause.OTHER, 0.0005)]) == [(Cause.DNS, 0.05)]
    assert [cause for cause, _ in shared(0.4, [(Cause.DNS, 0.3), (Cause.OTHER, 0.3)])] == [Cause.DNS, Cause.OTHER]


def test_words_that_fit_everything_are_never_sure():
    for text in ("Could not connect to the mail server", "message could not be sent", "mailer: timed out"):
        assert explain(text)[0].likelihood <= MANY_MOST


@each_row(("text", "command"), [
    ("opening to mail.example.com:465: certificate has expired",
     "smtplab handshake mail.example.com:465 --mode implicit"),
    ("mail.example.com:587: certificate has expired", "smtplab handshake mail.example.com:587 --mode starttls"),
    ("getaddrinfo ENOTFOUND smtp.example.con", "getent ahosts smtp.example.con"),
    ("SMTP AUTH extension not supported by server, host mail.example.com port 587",
     "smtplab handshake mail.example.com:587 --mode starttls"),
    ("host mail.example.com port 25: relay access denied",
     "smtplab handshake mail.example.com:25 --mode starttls --mail-from SENDER --rcpt-to RECIPIENT"),
    ("connect ECONNREFUSED 192.0.2.1:587", "smtplab probe 192.0.2.1"),
    ("read tcp 192.0.2.9:40000->192.0.2.1:465: i/o timeout", "smtplab probe 192.0.2.1:465"),
    ("Connected to 192.0.2.1 (192.0.2.1) port 465: timed out", "smtplab probe 192.0.2.1:465"),
    ("wrong version number", "smtplab probe HOST:PORT"), ("what is this", "smtplab probe HOST:PORT")])
def test_one_command_would_tell(text, command):
    context = context_of(clean(text), None, None)
    assert next_command(context, explain(text)) == command


# --- the measure itself ---


def test_the_table_and_the_score_of_answers():
    answers = [Answered(0.8, True, True), Answered(0.81, True, True), Answered(0.79, False, True)]
    assert table(answers) == [(0.8, 3, 2 / 3)]
    assert brier([Answered(1, True, True)]) == 0 < brier(answers) < brier([Answered(1, False, False)]) == 1


def test_an_answer_is_right_by_its_first_cause_alone():
    found = explain("Error: Greeting never received", port=465)
    second = found[1].cause.value
    assert answered({"cause": found[0].cause.value}, found).right
    assert answered({"cause": second}, found) == Answered(found[0].likelihood, False, True)
    assert not answered({"cause": "none"}, found).within_two


def test_the_script_reads_a_file_and_prints(tmp_path, capsys):
    known = {"port": None, "mode_configured": None}
    reports = [{"id": "a", "text": "wrong version number", "cause": "implicit-to-plaintext", **known},
               {"id": "b", "text": "535 5.7.8 no", "cause": "dns", **known}]
    (tmp_path / "r").write_text("\n".join(map(json.dumps, reports)))
    (tmp_path / "m").write_text('{"id": "a", "told_from": "text"}')
    main([str(tmp_path / "r"), "--marks", str(tmp_path / "m")])
    said = capsys.readouterr().out
    for words in ("text: first 1, within two 1, of 2;", "\n  text: first 1, within two 1, of 1;",
                  "stated  95%:   2 texts, right  50%"):
        assert words in said
    main([str(tmp_path / "r"), "--half", str(half_of("a"))])
    assert "of 1" in capsys.readouterr().out or half_of("a") == half_of("b")
