"""Where a message ends, whatever it holds and however it is cut up on its way."""

import asyncio
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ownhand.daemon.mail.relay.body import Ambiguous, Body, pieces

# Bytes that matter stand often.
TRICKY = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"a", b"\0", b"\xff"])).map(
    b"".join
)
CUTS = st.lists(st.integers(0, 60), max_size=8)


def cut(raw: bytes, places: list[int]) -> list[bytes]:
    places = sorted({0, len(raw), *(place for place in places if place < len(raw))})
    return [raw[a:b] for a, b in pairwise(places)]


def passed(wire: bytes, places: list[int]) -> list[bytes]:
    """What is passed on of a message that came in these pieces."""
    body = Body()
    return [*(body.feed(piece) for piece in cut(wire, places)), body.end()]


def servers_view(wire: bytes, line_end: bytes) -> int:
    """Where a server ends the message whose lines end so: the number of bytes before the dot, or -1."""
    found = re.search(rb"(?:\A|%s)(\.)(?:%s)" % (line_end, line_end), wire)
    return found.start(1) if found else -1


@given(TRICKY, CUTS)
def test_what_is_passed_on_is_what_came_however_it_was_cut(text: bytes, places: list[int]) -> None:
    wire = text + b"\r\n"
    try:
        assert b"".join(passed(wire, places)) == wire
    except Ambiguous:
        assert re.search(rb"(\A|[\r\n])\.|\0", wire)


@given(TRICKY, CUTS)
def test_only_dots_and_nuls_are_ever_refused(text: bytes, places: list[int]) -> None:
    wire = text.replace(b".", b"-").replace(b"\0", b"0") + b"\r\n"
    assert b"".join(passed(wire, places)) == wire


@given(TRICKY, CUTS)
def test_no_server_finds_another_end_than_the_dot_we_send(text: bytes, places: list[int]) -> None:
    """CR LF . CR LF is taken out by then; others look for bare LF or CR, or leave NUL out."""
    wire = re.sub(rb"(\A|\r\n)\.(?=\r\n)", rb"\1x", text + b"\r\n")
    body, safe = Body(), []
    try:
        for piece in cut(wire, places):
            safe.append(body.feed(piece))
        safe.append(body.end())
    except Ambiguous:
        pass
    whole = b"".join(safe)
    for line_end in (rb"\r\n", rb"\r?\n", rb"\r\n?", rb"[\r\n]", rb"\r\0?\n"):
        assert servers_view(whole, line_end) == -1, line_end


@pytest.mark.parametrize(
    "wire",
    [b"a\n.\r\nb", b"a\n.\nb", b"a\r.\rb", b"a\r\n.\nb", b"a\r\n.\rb", b".\nb", b".\rb", b"a\r.\r\nb",
     b"a\n..b", b"\0", b"a\r\r.\r\nb"],
)  # fmt: skip
def test_what_could_be_an_end_for_others_is_refused(wire: bytes) -> None:
    for n in range(len(wire)):
        with pytest.raises(Ambiguous):
            passed(wire + b"\r\n", [n])


@pytest.mark.parametrize("wire", [b"a\nb\r\n", b"a\rb\r\n", b"\r\n..\r\n", b"..a\r\n", b"\xff\x80\r\n", b""])
def test_what_has_one_end_for_everybody_is_passed_on(wire: bytes) -> None:
    for n in range(len(wire) + 1):
        assert b"".join(passed(wire, [n])) == wire


@given(TRICKY, CUTS)
def test_the_copy_has_its_dots_as_they_were_written(text: bytes, places: list[int]) -> None:
    written = b"\r\n".join(re.split(rb"[\r\n\0]+", text)) + b"\r\n"
    wire = re.sub(rb"(\A|\r\n)\.", rb"\1..", written)
    body = Body()

    copy = b"".join(body.written(body.feed(piece)) for piece in cut(wire, places)) + body.written(body.end())

    assert copy == written


@given(TRICKY, CUTS, st.binary(max_size=20))
async def test_the_reader_stops_behind_the_dot_and_leaves_the_rest(
    text: bytes, places: list[int], rest: bytes
) -> None:
    wire = re.sub(rb"(\A|\r\n)\.", rb"\1..", text) + b"\r\n"
    reader = asyncio.StreamReader(limit=32)
    for piece in cut(wire + b".\r\n" + rest, places):
        reader.feed_data(piece)
    reader.feed_eof()

    found = b"".join([piece async for piece in pieces(reader)])

    assert found == wire
    assert await reader.read() == rest


async def test_no_piece_of_a_long_message_is_long() -> None:
    reader = asyncio.StreamReader(limit=1000)
    reader.feed_data(b"a" * 700)
    taking = asyncio.ensure_future(anext(aiter(pieces(reader))))
    for _ in range(5):
        await asyncio.sleep(0)
    reader.feed_data(b"b" * 700)

    assert len(await taking) <= 1400
