"""The predictions of all lessons: what is asked before a cell runs, and how what it gave says which answer is so.

Each can be made from what was taught before it. `of` takes what the lesson's cell hands over and gives the number of
the answer that is so, from 1; where a lesson's own lab gives something else, it gives None.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MOST_A_LESSON = 5


@dataclass(frozen=True)
class Prediction:
    """A question with its answers; `of` says which is so by what was seen, and `because` why that one."""

    name: str
    question: str
    choices: tuple[str, ...]
    of: Callable[[Any], int | None]
    because: str
    language: str = "en"

    @property
    def lesson(self) -> str:
        """The lesson's number, such as "02"."""
        return self.name.partition("-")[0]

    def number(self, seen: object) -> int | None:
        """The number of the answer that is so, from 1; None if what was seen is none of them, or no such thing."""
        try:
            number = self.of(seen)
        except Exception:  # a learner may hand over anything
            return None
        return number if number in range(1, len(self.choices) + 1) else None


def _first(*those: object) -> int | None:
    """The number, from 1, of the first that is true."""
    return next((number for number, so in enumerate(those, 1) if so), None)


def _how_many_work(runs: Any) -> int | None:
    """Of the four corners, each of which has been run."""
    works = sum(run.trace.ok for run in runs)
    return {4: 1, 3: 2, 2: 3}.get(works) if len(runs) == 4 else None


def _inside(trace: Any) -> tuple[str, bytes]:
    return next((str(e.who), e.data) for e in trace.events if e.what == "inside")


PREDICTIONS: dict[str, Prediction] = {prediction.name: prediction for prediction in (
    Prediction(
        "00-corners", "Both kinds of client meet both kinds of server. How many of the four pairs get along?",
        ("all four, as TLS comes sooner or later", "three, all but the one in which both wait",
         "two, those in which one side begins and the other waits"), _how_many_work,
        "If both begin, they talk past each other. If both wait, nobody ever says a word."),
    Prediction(
        "01-after-tls", "TLS has just begun. Who speaks first inside it?",
        ("the server: it greets once more", "the client: it says EHLO once more", "the client: it logs in"),
        lambda trace: _first(_inside(trace)[0] == "server", _inside(trace)[1].lower().startswith(b"ehlo"), True),
        "The picture above has it. What was said in clear counts no longer, so the client asks for the list again."),
    Prediction(
        "01-required", "STARTTLS is not in the list. What does the client do that requires it?",
        ("it goes on in clear", "it stops", "it begins TLS all the same"),
        lambda trace: _first(trace.ok and not trace.tls, trace.cause == "starttls-not-offered", trace.tls),
        "A client that requires TLS and can't have it has nothing more to say. That is what requiring means."),
    Prediction(
        "02-which-byte", "OpenSSL is fed the greeting one byte at a time. After which byte does it refuse?",
        ("the second, where the version begins", "the fifth, when the header is whole", "the last of the greeting"),
        lambda answers: _first(*(next(a.fed for a in answers if "want" not in a.says and "more" not in a.says) == n
                                 for n in (2, 5, 36))),
        "It waits for a whole header before it looks at any of it. So a greeting that stops after four bytes makes it "
        "hang rather than fail."),
    Prediction(
        "02-read", "s_client prints how many bytes it has read. How many?",
        ("none: there was no TLS", "a header's worth: 5", "the whole greeting"),
        lambda said: _first(*(f"has read {n} bytes" in str(said) for n in (0, 5, 36))),
        "It read a header, saw that it is none, and left the rest of the greeting where it was."),
    Prediction(
        "02-old", "This server speaks TLS, but only an old one, and says no. Are its first bytes text, or a record?",
        ("text", "a record", "it says nothing, and hangs up"),
        lambda header: _first(header is not None and not 20 <= int(header.content_type) <= 24, header is not None,
                              True),
        "To say no in TLS, a server has to speak TLS. That tells a real problem with versions from this lesson's "
        "error."),
    Prediction(
        "03-bytes", "How many bytes will have crossed, both ways together, when you stop it?",
        ("a greeting's: some 40", "a ClientHello's: some 500", "none"),
        lambda trace: _first(0 < trace.bytes_received + trace.bytes_sent < 200, trace.bytes_received + trace.bytes_sent,
                             True),
        "The client waits for a greeting and says nothing before it. The port waits for a ClientHello, and says "
        "nothing before that."),
    Prediction(
        "03-answer", "Now something sends a ClientHello to the silent port. What comes back?",
        ("nothing, as before", "TLS: a certificate", "the greeting, in plain text"),
        lambda report: _first("silent" in report.speaks, "tls" in report.speaks, "smtp" in report.speaks),
        "It is what the port had waited for all the time."),
    Prediction(
        "04-door", "The server lists STARTTLS, but is not able to do it. At which door does it end?",
        ("the list", "STARTTLS", "the certificate"),
        lambda trace: _first(trace.failure.stage == "ehlo", trace.failure.stage == "starttls",
                             trace.failure.stage == "tls"),
        "The list promised it, so that door is open. The command was then refused, and nothing behind it was tried."),
    Prediction(
        "04-at-once", "Of a port that refuses and one whose packets are dropped: which answers at once?",
        ("the one that refuses", "the one that drops", "neither"),
        lambda two: _first(two[0].seconds < 1 < two[1].seconds, two[1].seconds < 1 < two[0].seconds, True),
        "A refusal is an answer. Dropped packets have none, so only a time-out ends it."),
    Prediction(
        "04-clear", "The client uses STARTTLS if it is offered, and logs in. It is not offered. What crosses the wire?",
        ("nothing: it stops", "the login, for anybody to read", "the login, encrypted"),
        lambda trace: _first(not trace.ok, trace.tls is None, True),
        "Opportunistic means: with TLS if there is some, and without it if not. Base64 is an alphabet, no encryption."),
    Prediction(
        "04-530", "The next server says 530 too, and TLS is on. What does it want?",
        ("TLS", "a login", "another password"),
        lambda trace: _first(trace.cause == "starttls-required", trace.cause == "auth-required",
                             trace.cause == "auth-rejected"),
        "TLS is there and no password was given yet, so it can only be a login that is missing. The words say so."),
    Prediction(
        "04-unchecked", "Each of these certificates has one fault. Which of the servers does a client still reach that "
        "checks nothing?", ("none of them", "all of them", "only those with the right name"),
        lambda traces: _first(not any(t.ok for t in traces), all(t.ok for t in traces), True),
        "A client that checks nothing finds no fault, whoever answers."),
    Prediction(
        "05-none", "The server has made its certificate itself. With the check switched off, what becomes of the "
        "login?",
        ("it is not sent", "it is sent, to whoever answers", "it is sent in clear"),
        lambda sent: _first(sent is False, sent is True),
        "Lesson 4 again: no check, no fault found, and the password goes out."),
    Prediction(
        "05-two-mistakes", "Two mistakes: implicit TLS at the STARTTLS server, and STARTTLS at the implicit one. "
        "Which of them fails at once?", ("the first", "the second", "both"),
        lambda two: _first(two[0].cause == "implicit-to-plaintext" and two[0].seconds < two[1].seconds,
                           two[1].seconds < two[0].seconds),
        "The first gets a greeting at once, which is no TLS: lesson 2. In the second both wait: lesson 3."),
    Prediction(
        "05-clear", "STARTTLS has been taken out of the list. Which settings hand over the password in clear?",
        ("those that take STARTTLS if it is there", "those that require it", "all of them"),
        lambda two: _first(two[0] and not two[1], two[1] and not two[0], two[0] and two[1]),
        "What is only taken if it is there is also left out without a word."),
    Prediction(
        "06-read", "The mailer says \"wrong version number\". What did the *server* read of it first?",
        ("EHLO", "the beginning of a TLS record", "nothing"),
        lambda data: _first(bytes(data or b"").upper().startswith(b"EHLO"), bytes(data or b"")[:1] == b"\x16",
                             not data),
        "The error is of a client that begins with TLS, so its first word is a ClientHello, in a record of type 22."),
    Prediction(
        "06-certificate", "A relay hands every byte on and changes none. Whose certificate does the client get?",
        ("the relay's", "the server's", "none"),
        lambda trace: _first(trace.cause == "cert-self-signed-or-unknown-ca", trace.tls is not None, True),
        "The certificate is among the bytes that are handed on. The relay has none of its own."),
    Prediction(
        "06-relay-sees", "A client logs in with a wrong password, after STARTTLS. Can the relay see that it was "
        "refused?",
        ("yes: 535 is in clear", "no: it is inside TLS", "only with the server's certificate"),
        lambda trace: _first(trace.cause == "auth-rejected", True),
        "What is said inside TLS is for the two ends alone."),
)}
# Lesson 0 exists in Japanese too.
TRANSLATED: dict[str, dict[str, Prediction]] = {"ja": {prediction.name: prediction for prediction in (
    Prediction(
        "00-corners", "2 種類のクライアントが、2 種類のサーバーのそれぞれに接続します。"
        "四つの組み合わせのうち、うまくいくのはいくつでしょうか。",
        ("すべて。遅かれ早かれ TLS になるから", "三つ。両方が待つ組み合わせだけがだめ",
         "二つ。片方が話し始め、もう片方が待つ組み合わせ"), _how_many_work,
        "両方が話し始めると、話がかみ合いません。両方が待つと、どちらもいつまでも黙ったままです。", "ja"),
)}}


def find_prediction(name: object, language: str = "en") -> Prediction:
    """The prediction of that name, in `language` if it is translated, else in English.

    Raises ValueError for an unknown name or language; it lists the names or languages there are.
    """
    if not isinstance(name, str) or name not in PREDICTIONS:
        near = difflib.get_close_matches(name, PREDICTIONS, 1, 0.5) if isinstance(name, str) else []
        raise ValueError(f"no prediction {name!r}{f'; did you mean {near[0]!r}?' if near else '.'} "
                         f"There are: {', '.join(PREDICTIONS)}")
    languages = ("en", *TRANSLATED)
    if language not in languages:
        raise ValueError(f"no language {language!r}; there are: {', '.join(languages)}")
    return TRANSLATED.get(language, {}).get(name, PREDICTIONS[name])
