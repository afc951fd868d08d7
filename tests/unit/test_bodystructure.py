"""Which parts of a mail are fetched, from structures as servers really write them, and broken ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ownhand.daemon.mail.imap.bodystructure import read_structure

PLAIN = (
    b"TEXT",
    b"PLAIN",
    (b"CHARSET", b"utf-8"),
    None,
    None,
    b"QUOTED-PRINTABLE",
    400,
    9,
    None,
    None,
    None,
    None,
)
HTML = (b"text", b"html", None, None, None, b"base64", 900, 9)
PDF = (
    b"application",
    b"pdf",
    None,
    None,
    None,
    b"base64",
    52_000_000,
    None,
    (b"attachment", (b"filename", b"x.pdf")),
)
NOTES = (*PLAIN[:9], (b"attachment", (b"FileName", b"notes.txt")), None, None)
NAMED = (*PLAIN[:9], (b"inline", (b"filename*0*", b"utf-8''notes")), None, None)
EMPTY = (*PLAIN[:6], 2, 1)
SIGNATURE = (b"application", b"pgp-signature", None, None, None, b"7bit", 800, None, None, None)
FORWARDED = (b"message", b"rfc822", None, None, None, b"7bit", 900, (None,) * 10, PLAIN, 20)


def multipart(subtype: bytes, *parts: object) -> tuple[object, ...]:
    return (list(parts), subtype, None, None, None)


def sections(body: object) -> list[str]:
    return [part.section for part in read_structure(body).wanted]


def test_a_mail_that_is_one_text_has_it_in_section_1() -> None:
    (part,) = read_structure(PLAIN).wanted

    assert (part.section, part.subtype, part.size) == ("1", "plain", 400)
    assert (part.charset, part.transfer_encoding) == ("utf-8", "quoted-printable")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (multipart(b"alternative", PLAIN, HTML), ["1"]),
        (multipart(b"mixed", multipart(b"alternative", PLAIN, HTML), PDF), ["1.1"]),
        (multipart(b"mixed", multipart(b"related", multipart(b"alternative", PLAIN, HTML), PDF)), ["1.1.1"]),
        (multipart(b"mixed", PLAIN, PDF, PLAIN), ["1", "3"]),
        (multipart(b"alternative", EMPTY, HTML), ["1", "2"]),
        (HTML, ["1"]),
        (multipart(b"mixed", PLAIN, NOTES), ["1"]),
        (multipart(b"mixed", PLAIN, NAMED), ["1"]),
        (multipart(b"mixed", PLAIN, FORWARDED), ["1"]),
        (multipart(b"signed", PLAIN, SIGNATURE), ["1"]),
        (multipart(b"SIGNED", multipart(b"mixed", PLAIN, PLAIN), SIGNATURE), ["1.1", "1.2"]),
        (multipart(b"mixed", multipart(b"signed", PLAIN, SIGNATURE), PLAIN), ["1.1"]),
        (FORWARDED, []),
        (PDF, []),
    ],
)
def test_only_the_words_of_the_author_are_wanted(body: object, expected: list[str]) -> None:
    assert sections(body) == expected


def test_flowed_text_is_known_by_its_parameters() -> None:
    flowed = (*PLAIN[:2], (b"charset", b"utf-8", b"Format", b"Flowed", b"DelSp", b"YES"), *PLAIN[3:])

    (part,) = read_structure(flowed).wanted

    assert part.flowed and part.delsp


def test_the_types_of_all_parts_are_told() -> None:
    structure = read_structure(multipart(b"MIXED", PLAIN, (b"TEXT", b"CALENDAR", *PLAIN[2:])))

    assert structure.media_types == {"multipart/mixed", "text/plain", "text/calendar"}


@pytest.mark.parametrize(
    "body",
    [
        None,
        (),
        b"text",
        (b"text",),
        (None, b"plain"),
        (b"text", None),
        (b"text", b"plain"),
        (*PLAIN[:6], b"many", 1),
        (*PLAIN[:2], b"charset", *PLAIN[3:]),
        (*PLAIN[:2], (b"charset",), *PLAIN[3:]),
        multipart(b"mixed", PLAIN, None),
        ([PLAIN],),
        multipart(b"mixed", *[PLAIN] * 1001),
    ],
)
def test_what_is_not_understood_is_an_error_and_not_a_guess(body: object) -> None:
    with pytest.raises(ValueError):
        read_structure(body)


def test_parts_within_parts_without_end_are_an_error() -> None:
    body: object = PLAIN
    for _ in range(50):
        body = multipart(b"mixed", body)

    with pytest.raises(ValueError):
        read_structure(body)


_ATOMS = st.none() | st.integers(0, 9) | st.sampled_from([b"text", b"plain", b"html", b"mixed", b"\xff"])
_NODES = st.recursive(
    _ATOMS, lambda inner: st.lists(inner, max_size=9).map(tuple) | st.lists(inner, max_size=3)
)


@given(_NODES)
def test_nonsense_gives_a_structure_or_a_value_error_and_nothing_else(body: object) -> None:
    try:
        read_structure(body)
    except ValueError:
        return
