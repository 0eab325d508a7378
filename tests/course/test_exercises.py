"""An answer, however odd, gets a judgement and never an exception."""

import pytest
from helpers import each_row

from smtplab.course.exercises import Choice, Exercise, Judged, Slip, Wrong, numbers, safe_str, some_bytes
from smtplab.course.questions import EXERCISES


class Nasty(Exception):
    """Raises at whatever is done to it, and what it raises does so too."""

    def __eq__(self, other):
        raise Nasty

    def __str__(self):
        raise Nasty

    __hash__ = __repr__ = __index__ = __len__ = __str__


def endless(data):
    return endless(data)


def raises(error):
    def function(data):
        raise error
    return function


ODD = [0, -1, 10**5000, 1.5, float("nan"), True, b"", b"\xff" * 3, "x" * 10**6, "\0", "<b>&", "'", '"', [], [1, 2, 3],
       {}, (), ("a", "b", "c"), {1}, object(), Nasty(), len, Nasty, int, lambda: None, lambda d: Nasty(),
       lambda d: (1, 2), lambda d: "ab", lambda d: 1 / 0, endless, Exception("x"), lambda d: "x" * 10**6,
       lambda d: (Nasty(), 2, 3), lambda d: [10**5000] * 3, raises(Nasty()), raises(SystemExit(3)),
       raises(Exception("\ud800\x1b[2J\u202e")), range(3), "0x", "1 2 3", "٣ ٣ ٣", "1e400", "\ud800"]


@each_row("name", EXERCISES)
def test_odd_answers(name):
    for answer in ODD:
        found = EXERCISES[name].judge(answer)
        assert isinstance(found, Judged) and found.feedback and len(found.feedback) < 2000
        assert found.right is not True, answer
        assert found.feedback.replace("\n", " ").isprintable(), "nothing that acts on a terminal, or is no Unicode"


def test_a_learner_may_still_interrupt_an_own_function():
    with pytest.raises(KeyboardInterrupt):
        EXERCISES["02-record-reader"].judge(raises(KeyboardInterrupt()))


def test_what_cannot_be_told():
    assert safe_str(3) == "3" and safe_str("a\x1bb", repr) == "'a\\x1bb'"
    assert safe_str("\x1b\ud800") == "\\x1b\\ud800" and len(safe_str("x" * 999)) == 500
    assert safe_str(Nasty()) == safe_str(10**5000) == "(it can't be shown)"


def test_the_first_slip_that_fits_speaks():
    exercise = Exercise("00-x", "?", ("a", "b"), right=lambda a: a == (4,), praise="yes", read=numbers(1),
                        slips=(Slip(lambda a: a[0] > 4, "less"), Slip(lambda a: a[0] > 9, "much less")),
                        otherwise="more")
    assert [exercise.judge(answer) for answer in ("4", 4, (4,), "0x4")] == [Judged(True, "yes")] * 4
    assert exercise.judge(10) == Judged(False, "less") and exercise.judge(3) == Judged(False, "more")
    assert exercise.judge("four").right is None and exercise.judge("1 2").right is None


def test_a_test_may_know_best():
    def right(answer):
        raise Wrong("because")
    assert Exercise("00-x", "?", (), right=right).judge(1) == Judged(False, "because")


def test_what_readers_read():
    assert numbers(3)("1, 0x10 3") == numbers(3)([1, "16", 3]) == (1, 16, 3)
    assert some_bytes("0x3232") == some_bytes("32 32") == some_bytes(bytearray(b"22")) == b"22"
    assert some_bytes("0x16 0x03") == some_bytes(r"\x16\x03") == b"\x16\x03"
    for reader, wrong in ((numbers(2), "1"), (numbers(1), 1.5), (numbers(1), None), (numbers(1), int),
                          (some_bytes, "xyz"), (some_bytes, "0x2"), (some_bytes, 5)):
        with pytest.raises(ValueError, match="Give"):
            reader(wrong)


def test_a_choice_by_letter_or_words():
    exercise = Exercise("00-x", "?", (), (Choice("One (1)", "no"), Choice("Two", "yes", right=True)))
    assert exercise.judge("B") == exercise.judge("b.") == exercise.judge(" two ") == Judged(True, "yes")
    assert exercise.judge("one (1)") == Judged(False, "no")
    assert [exercise.judge(given).right for given in ("c", "", "  ", 1, b"b", ["b"])] == [None] * 6
