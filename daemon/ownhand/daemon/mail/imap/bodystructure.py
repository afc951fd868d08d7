"""A server's BODYSTRUCTURE -> which parts of a mail hold its words. Pure; knows nothing of connections.

Servers get BODYSTRUCTURE wrong in many ways (Gmail's RELATED with NIL, Exchange's quotes). Whatever is not
understood raises ValueError, and the caller reads the mail itself instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ownhand.daemon.mail.mime import TextPart

_MAX_DEPTH = 20
_MAX_PARTS = 1000
# The places of fields in a text part, RFC 3501 section 7.4.2.
_PARAMETERS, _ENCODING, _SIZE, _DISPOSITION = 2, 5, 6, 9
# A plain part this small may be the empty half of an alternative; its HTML costs little to have too.
_NEARLY_EMPTY = 32


@dataclass(frozen=True, slots=True)
class TextSection:
    """A text part on the server: its section number, and what is needed to read its content."""

    section: str  # as in BODY[1.2]
    subtype: str  # plain or html
    size: int = 0  # bytes, still encoded
    charset: str = ""
    transfer_encoding: str = ""
    flowed: bool = False
    delsp: bool = False

    def part(self, content: bytes) -> TextPart:
        return TextPart(
            content, self.subtype, self.charset, self.transfer_encoding, flowed=self.flowed, delsp=self.delsp
        )


@dataclass(frozen=True, slots=True)
class Structure:
    """The text parts of a mail in their order, and the media types of all its parts."""

    sections: tuple[TextSection, ...]
    media_types: frozenset[str]

    @property
    def wanted(self) -> tuple[TextSection, ...]:
        """The sections worth fetching: plain text, or HTML where there is none."""
        plain = tuple(part for part in self.sections if part.subtype == "plain")
        return plain if sum(part.size for part in plain) > _NEARLY_EMPTY else self.sections


def read_structure(body: object) -> Structure:
    """Takes BODYSTRUCTURE as nested sequences: a multipart holds its children as a list in its first place.

    Mails inside the mail (message/rfc822) are someone else's and are not looked into.
    """
    sections: list[TextSection] = []
    media_types: set[str] = set()
    signed: str | None = None
    for n, (number, part) in enumerate(_parts(body, "", 0)):
        if n >= _MAX_PARTS:
            raise ValueError("too many parts")
        media_type = f"{'multipart' if _children(part) else _word(part, 0)}/{_word(part, 1)}"
        media_types.add(media_type)
        if media_type == "multipart/signed" and signed is None:
            signed = f"{number}.1" if number else "1"
        if media_type in ("text/plain", "text/html") and not _is_attachment(part):
            sections.append(_section(number, part))
    # Of signed mail only what is signed: the signature is not, nor is what a list added below.
    written = [one for one in sections if signed is None or f"{one.section}.".startswith(f"{signed}.")]
    return Structure(tuple(written), frozenset(media_types))


def _parts(part: object, number: str, depth: int) -> Iterator[tuple[str, Sequence[object]]]:
    """Every part with its section number, outermost first."""
    if not isinstance(part, (tuple, list)) or len(part) < 2 or depth > _MAX_DEPTH:
        raise ValueError("not a part")
    children = _children(part)
    # A mail that is not made of parts has its content in section 1 (RFC 3501, 6.4.5).
    yield (number or "1") if not children else number, part
    for n, child in enumerate(children, 1):
        yield from _parts(child, f"{number}.{n}" if number else str(n), depth + 1)


def _children(part: Sequence[object]) -> Sequence[object]:
    return part[0] if part and isinstance(part[0], list) else ()


def _section(number: str, part: Sequence[object]) -> TextSection:
    size = part[_SIZE] if len(part) > _SIZE else None
    if not isinstance(size, int):
        raise ValueError("no size")
    parameters = _pairs(part[_PARAMETERS])
    return TextSection(
        section=number,
        subtype=_word(part, 1),
        size=size,
        charset=parameters.get("charset", ""),
        transfer_encoding=_word(part, _ENCODING) if part[_ENCODING] is not None else "",
        flowed=parameters.get("format", "").lower() == "flowed",
        delsp=parameters.get("delsp", "").lower() == "yes",
    )


def _is_attachment(part: Sequence[object]) -> bool:
    disposition = part[_DISPOSITION] if len(part) > _DISPOSITION else None
    if not isinstance(disposition, tuple) or not disposition:
        return False
    named = _pairs(disposition[1]) if len(disposition) > 1 else {}
    return _word(disposition, 0) == "attachment" or any(name.startswith("filename") for name in named)


def _pairs(parameters: object) -> dict[str, str]:
    """Parameters by lower-case name: the server gives name, value, name, value, or NIL."""
    if parameters is None:
        return {}
    if not isinstance(parameters, tuple) or len(parameters) % 2:
        raise ValueError("not parameters")
    words = [_text(value) for value in parameters]
    return {name.lower(): value for name, value in zip(words[::2], words[1::2], strict=True)}


def _word(part: Sequence[object], at: int) -> str:
    if len(part) <= at or not isinstance(part[at], bytes):
        raise ValueError("a word is missing")
    return _text(part[at]).lower()


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    return "" if value is None else str(value)
