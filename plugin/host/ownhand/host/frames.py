"""Native messaging's frames: 4 bytes of length in the machine's own order, then JSON in UTF-8.

https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_messaging
"""

import json
import struct
from typing import Any, BinaryIO

MOST_OUT = 2**20  # bytes of JSON: a longer frame closes the port
MOST_IN = 64 * 2**20  # bytes; a client that announces more is none of ours
_LENGTH = struct.Struct("=I")


class BadFrame(Exception):
    """The stream cannot be read any further."""


def read(stream: BinaryIO) -> dict[str, Any] | None:
    """The next frame; None at the end of the stream. Blocks. Raises BadFrame."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MOST_IN:
        raise BadFrame(f"a frame of {length} bytes; {MOST_IN} is the most")
    body = stream.read(length)
    if len(body) < length:
        return None
    try:
        frame = json.loads(body)
    except ValueError:
        raise BadFrame("a frame that is no JSON") from None
    if not isinstance(frame, dict):
        raise BadFrame("a frame that is no object")
    return frame


def packed(frame: dict[str, Any]) -> bytes:
    """The frame as it goes out. Raises ValueError when it is too long for a mail client."""
    body = json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > MOST_OUT:
        raise ValueError(f"a frame of {len(body)} bytes; {MOST_OUT} is the most")
    return _LENGTH.pack(len(body)) + body
