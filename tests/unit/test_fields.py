"""The header of a mail: read as the standard parser reads it, only faster."""

import email.utils
import time
from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ownhand.daemon.mail.charset import decode_header
from ownhand.daemon.mail.fields import fields_of, mailboxes, media_type, read_fields

_PIECES = st.sampled_from(
    (
        *(b"To:", b"Subject: ", b"to :", b"From ", b"From x", b":", b" ", b"\t", b"x", b"boat"),
        *(b"\xc3\xb6", b"\x0c"),
        *(b"\r\n", b"\n", b"\r", b"\r\n ", b"\n\t", b"\r\n\r\n"),
    )
)


@given(st.lists(_PIECES, max_size=30).map(b"".join))
def test_fields_are_those_of_the_standard_parser(header: bytes) -> None:
    expected = fields_of(message_from_bytes(header.rstrip(b"\r\n") + b"\r\n\r\n").raw_items())

    assert read_fields(header) == expected


_NAMES = st.sampled_from(
    (
        *("", "Ana", "Ana Ruiz", "A. R. Ruiz", '"Holm, Mira"', '"a@b.example"', "=?utf-8?q?J=C3=B6rg?="),
        *("'Ana'", "Ana (boats)", '"a \\" b"', "Boats:", '"Ana" Ruiz', "J\udcf6rg", "\x00", " \t"),
    )
)
_ADDRESSES = st.sampled_from(
    (
        *("a@b.example", "<a@b.example>", "<a.b+c@d-e.example>", "< a@b.example >", "a", "<>", "<a@b>"),
        *("a@b@c", "<@x.example:a@b.example>", "<a@[1.2.3.4]>", "a @b.example", "<a@b.example>;"),
        *(".a..b@c..d", "<a@b.example"),
    )
)
_BETWEEN = st.sampled_from((",", ", ", " , ", ",\r\n ", ",,", " ", ";", ""))


@given(st.lists(st.tuples(_NAMES, st.sampled_from((" ", "", "\t")), _ADDRESSES, _BETWEEN), max_size=5))
def test_addresses_are_those_of_the_standard_parser(written: list[tuple[str, str, str, str]]) -> None:
    value = "".join(map("".join, written))

    found = email.utils.getaddresses([value.replace("\r", "").replace("\n", " ")])

    expected = [(decode_header(at).replace(" ", ""), decode_header(name)) for name, at in found if "@" in at]
    assert list(mailboxes([value])) == expected


@pytest.mark.parametrize(
    "value", ["a " * 30_000, " " * 60_000, "a@" * 30_000, '"' * 60_000, "a@b.example," * 5_000]
)
def test_no_list_of_addresses_takes_long(value: str) -> None:
    started = time.process_time()

    found = mailboxes([value])

    assert time.process_time() - started < 2
    assert len(found) <= 500


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"", "text/plain"),
        (b"Content-Type: TEXT/Html; charset=x", "text/html"),
        (b"Content-Type: text", "text/plain"),
        (b"Content-Type: a/b/c", "text/plain"),
    ],
)
def test_the_media_type_is_plain_text_unless_it_is_said_properly(header: bytes, expected: str) -> None:
    assert media_type(read_fields(header)) == expected
