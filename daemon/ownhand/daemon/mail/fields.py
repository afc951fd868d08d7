"""The header of a mail as bytes -> its fields, and their addresses, ids and times.

Reads what is broken as far as it can be read, and never raises. Knows nothing of the mail below.
"""

import email.utils
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from ownhand.daemon.mail.charset import decode_header

Mailbox = tuple[str, str]  # address and name, in the order of domain.Correspondent
Fields = Mapping[str, Sequence[str]]  # by lower-case name; bytes that are not ASCII are surrogates

_MAX_ADDRESSES = 500
_MAX_VALUE = 64_000  # characters of one field
# A field with its folded lines; or a line that the standard parser leaves out too. Any other ends the header.
_FIELD = re.compile(
    r"(?:([!-9;-~]+):[ \t]*|From |[: \t])([^\r\n]*(?:(?:\r\n?|\n)[ \t][^\r\n]*)*)(?:\r\n?|\n|\Z)"
)
# Addresses as nearly all programs write them. Comments, groups, routes and escapes are left to the standard
# parser, which is ten times slower. Possessive, so that no value takes more than one look at each character.
_ADDRESS = r"([\w!#$%&'*+/=?^`{|}~.-]++@[\w.-]++)"
_MAILBOX = re.compile(
    r"[ \t\r\n]*+(?:(?:\"([^\"\\\r\n]*+)\"[ \t]*+|([^()<>@,:;\\\"\[\]\r\n]*+))"
    rf"<{_ADDRESS}>|{_ADDRESS})[ \t\r\n]*+(?:,|\Z)",
    re.ASCII,
)
_IDS = re.compile(r"<[^<>\s]+>")


def read_fields(header: bytes) -> dict[str, list[str]]:
    """Every field, and no line below the header; what the standard parser reads, in a third of its time."""
    text = header.rstrip(b"\r\n").decode("ascii", "surrogateescape")
    fields: dict[str, list[str]] = {}
    at = 0
    while found := _FIELD.match(text, at):
        at = found.end()
        if found[1]:
            fields.setdefault(found[1].lower(), []).append(found[2].rstrip("\r\n")[:_MAX_VALUE])
    return fields


def fields_of(items: Iterator[tuple[str, object]]) -> dict[str, list[str]]:
    """The same from a mail that is parsed already."""
    fields: dict[str, list[str]] = {}
    for name, value in items:
        fields.setdefault(name.lower(), []).append(str(value)[:_MAX_VALUE])
    return fields


def first(fields: Fields, name: str) -> str:
    values = fields.get(name)
    return values[0].strip() if values else ""


def media_type(fields: Fields) -> str:
    """What Content-Type says the mail is; text/plain where it says nothing usable (RFC 2045, 5.2)."""
    said = first(fields, "content-type").partition(";")[0].strip().lower()
    return said if said.count("/") == 1 else "text/plain"


def mailboxes(values: Sequence[str]) -> tuple[Mailbox, ...]:
    # Names are decoded after the list is taken apart: an encoded name may hold a comma.
    found = _plain_mailboxes(values)
    if found is None:
        try:
            found = [
                (address, name)
                for name, address in email.utils.getaddresses(
                    [value.replace("\r", "").replace("\n", " ") for value in values]
                )
            ]
        except (RecursionError, IndexError, ValueError):  # comments within comments, without end
            return ()
    return tuple(
        (decode_header(address).replace(" ", ""), decode_header(name))
        for address, name in found[:_MAX_ADDRESSES]
        if "@" in address
    )


def _plain_mailboxes(values: Sequence[str]) -> list[Mailbox] | None:
    """Addresses and names that are still encoded; None when a value is written in an uncommon way."""
    found: list[Mailbox] = []
    for value in values:
        at = 0
        while at < len(value):
            one = _MAILBOX.match(value, at)
            if one is None:
                return None
            found.append((one[3] or one[4], one[1] or (one[2] or "").strip()))
            at = one.end()
    return found


def message_ids(value: str) -> list[str]:
    found = _IDS.findall(value) or [word for word in value.split() if "@" in word][:1]
    return [decode_header(name) for name in found]


def instant(date: str) -> datetime | None:
    """When that is, in UTC; None when the mail does not say it usably."""
    try:
        at = email.utils.parsedate_to_datetime(date)
        # "-0000" says that the zone is unknown.
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at if 1980 <= at.year <= 2100 else None
