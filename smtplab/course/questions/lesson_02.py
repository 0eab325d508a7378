"""The exercises of lesson 2: reading five bytes as a record header, as OpenSSL does."""

from typing import Any

from ...records import HEADER_BYTES, parse_header
from ...verdict import judge
from ..exercises import Choice, Exercise, Slip, Wrong, numbers, safe_str, some_bytes

GREETING = b"* OK "  # what an IMAP server says first (RFC 9051 section 7.1.1)
SAMPLES = (b"220 m", b"\x16\x03\x03\x00\x7a", b"\x15\x03\x01\x00\x02", b"HTTP/", bytes((255, 1, 2, 3, 4)))
_SHOWN = repr(GREETING).replace(" ", "\u00a0")  # a line doesn't break in it


def header_numbers(data: bytes) -> tuple[int, int, int]:
    """Type, version and length of a record header, from its five bytes."""
    header = parse_header(data)
    if header is None:
        raise ValueError(f"a header has {HEADER_BYTES} bytes, not {len(data)}")
    return int(header.content_type), header.legacy_record_version, header.length


READING = header_numbers(GREETING)


def reads(function: object) -> bool:
    """Whether the learner's function reads every sample as OpenSSL does. If not, raises `Wrong` with the difference.

    Raises ValueError for what is not a finished function.
    """
    if not callable(function):
        raise ValueError("Hand in the function itself, without parentheses.")
    for sample in SAMPLES:
        right = header_numbers(sample)
        try:
            given = function(sample)
        except (Exception, SystemExit) as exc:  # the learner's own
            raise Wrong(f"For {sample!r} your function ended with {type(exc).__name__}: {safe_str(exc)}") from None
        if isinstance(given, tuple) and ... in given:
            raise ValueError("Replace the dots in your function, and run the cell again.")
        if given is None:
            raise Wrong("Your function gives None: does it end with return?")
        if not isinstance(given, tuple | list) or len(given) != 3:
            raise Wrong(f"Your function should give three numbers; for {sample!r} it gave {safe_str(given, repr)}.")
        if tuple(given) == right:
            continue
        names = ("type", "version", "length")
        wrong = [name for name, mine, yours in zip(names, right, given, strict=True) if mine != yours]
        swapped = [name for name, mine, yours in zip(names, right, given, strict=True)
                   if mine != yours and isinstance(yours, int) and mine == (yours % 256) * 256 + yours // 256]
        raise Wrong(f"For {sample!r} the {' and the '.join(wrong)} differ{'s' * (len(wrong) == 1)} from what OpenSSL "
                    "reads. " + ("Which of two bytes counts for more? In TLS it is the one that comes first."
                                 if swapped else "Which bytes does it read for that, and as how many?"))
    return True


def passes(data: bytes) -> bool:
    """Whether OpenSSL asks for more after these five bytes, instead of refusing them.

    Raises `Wrong` if there are not five.
    """
    if len(data) != HEADER_BYTES:
        raise Wrong(f"A header's worth, please: you gave {len(data)} bytes.")
    return judge(data).verdict == "wait"


def disagree(data: bytes) -> bool:
    """Whether OpenSSL 3.5.5 and 3.5.6, which check in another order, refuse these bytes in different words."""
    return judge(data, "3.5.5").verdict != judge(data, "3.5.6").verdict


EXERCISES: tuple[Exercise[Any], ...] = (
    Exercise[tuple[int, ...]](
        "02-imap",
        f"Somebody typed an IMAP port into a mail program's SMTP settings, with SSL on. The server says "
        f"{_SHOWN} and more. Read its first five bytes as a record header: type, version, length.",
        ("ord('*') is the first byte as a number; bytes.hex(b'...') shows all of them.",
         "The first byte is the type. The next two are one number, and the last two are another; what comes first "
         "counts 256 times as much.",
         "smtplab.judge reads headers for you: give it five bytes and look at its .header."),
        right=lambda answer: answer == READING, read=numbers(3), example="21 0x0303 2",
        answer=f"{READING[0]} {READING[1]:#06x} {READING[2]}",
        reason="The first byte is the type. The second and third side by side are the version, the fourth and fifth "
               "the length: 256 times the one that comes first, and the other.",
        praise="And no version of TLS begins with that byte, so OpenSSL refuses it as it refused the greeting.",
        slips=(Slip(lambda a: a == (READING[0], READING[1] % 256 * 256 + READING[1] // 256,
                                    READING[2] % 256 * 256 + READING[2] // 256),
                    "The two bytes of a number are the other way round: the first counts for more."),
               Slip(lambda a: a[0] == READING[0] and a[1] == READING[1],
                    "Type and version are right. The length is made of the last two bytes, the blank included."),
               Slip(lambda a: a[0] == READING[0], "The type is right. The version is made of the next two bytes; in "
                                                  "hexadecimal you can write them side by side."),
               Slip(lambda a: a[0] == 22, "That is the type of a real handshake record. Here the type is whatever "
                                          "number the first character has."))),
    Exercise[object](
        "02-record-reader",
        "Write the black box yourself: read_header(data) takes five bytes and gives type, version and length as "
        "three numbers. It is compared with what OpenSSL reads, for several openings.",
        ("data[0] is a number already.",
         "Two bytes make one number: int.from_bytes(..., 'big') takes a slice of data.",
         "The slices are those after the type: two bytes, and two bytes."),
        right=reads, by_code=True, example="read_header",
        answer="def read_header(data):\n    return data[0], int.from_bytes(data[1:3], 'big'), "
               "int.from_bytes(data[3:5], 'big')",
        reason="One byte for the type, then twice two bytes that make a number, the first of them counting for more.",
        praise="Your reader and OpenSSL's agree on every sample, on text as on real records."),
    Exercise[bytes](
        "02-craft",
        "Craft five bytes that pass OpenSSL's version check, so that it does not refuse them but waits for more. "
        "They need not be a sensible record.",
        ("Which of the five bytes is looked at by the check that the greeting failed?",
         "Look at the first bytes of a real answer in the lens: one of them is the same in every TLS version.",
         "If the version passes and it is still refused, the length promises more than a record may hold."),
        right=passes, read=some_bytes, example="323230206d", answer="16 03 03 00 7a",
        reason="The version's first byte is 03, as in every TLS, and the length is small enough for a record. The "
               "type may be any.",
        praise="OpenSSL now waits for as many bytes as your length promises. A hang can be made of five bytes.",
        slips=(Slip(lambda d: d[1] != 3, "The check looks at the second byte, and yours is not the one that every "
                                         "TLS version has there."),
               Slip(lambda d: True, "The version passes. But the length promises more than a record may hold, and "
                                    "that is refused too."))),
    Exercise(
        "02-not-the-mode",
        "Four programs failed. Which of the errors is about TLS versions, and so not about the mode?",
        ("Who could have sent it: somebody who speaks TLS, or somebody who does not?",
         "An alert is itself a TLS record. Which of the texts reports one that came from the server?"),
        (Choice("wrong version number, right after connecting to port 587",
                "Here the name misleads: the first bytes were no TLS at all."),
         Choice("alert protocol version, after the client's hello",
                "To send an alert is to speak TLS. The server has understood the hello and refuses its versions: a "
                "question of old and new, and not of when.", right=True),
         Choice("first record does not look like a TLS handshake, on port 25",
                "That is the same thing in the words of Go: plain text came where a record was due."),
         Choice("An unexpected TLS packet was received, on port 2525",
                "That is the same thing in the words of GnuTLS, which takes text for an odd packet."))),
    Exercise[bytes](
        "02-disagree",
        "Find first bytes that OpenSSL 3.5.5 and 3.5.6 word differently. (An ordinary SMTP greeting is worded alike "
        "by both.)",
        ("One of the two looks at the length before it looks at the version.",
         "So it takes an opening whose version is wrong and whose length is too large as well.",
         "The length's first byte is the fourth character. In a greeting it is a blank or a hyphen, which is small; "
         "letters are larger. Which protocols begin with four letters?"),
        right=disagree, read=some_bytes, example="323230206d", answer="48 54 54 50 2f",
        reason="That is HTTP/. Its version is wrong, and its length, made of P and /, is too large: one release says "
               "the first, the other the second.",
        praise="The same mistake, two wordings, a patch release apart. The bytes didn't change.",
        slips=(Slip(lambda d: len(d) < HEADER_BYTES, "Fewer bytes than a header: both wait for more."),
               Slip(lambda d: d[1] == 3, "The version passes here, so neither of them trips over it."),
               Slip(lambda d: d[1:3] == b"\0\2", "That is the version number of SSLv2. Both look for it first of "
                                                 "all, and word it alike."),
               Slip(lambda d: True, "Both say the same: the length is within bounds, so the older order of checks "
                                    "comes to the version as well."))),
)
