"""What a server says of a message -> which of its sections are fetched, and the mail made of them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ownhand.daemon.mail.imap.bodystructure import TextSection, read_structure
from ownhand.daemon.mail.mime import HEADER_FIELDS, Message, message_from_parts

BATCH_BYTES = 4 * 1024 * 1024  # of text, before a batch is closed
MAX_SECTION = 262_144  # bytes of one text part
MAX_WHOLE = 1024 * 1024  # bytes of a mail whose structure the server cannot tell

DESCRIPTION = (
    "RFC822.SIZE",
    "FLAGS",
    "BODYSTRUCTURE",
    f"BODY.PEEK[HEADER.FIELDS ({' '.join(HEADER_FIELDS)})]",
)
WHOLE = (f"BODY.PEEK[]<0.{MAX_WHOLE}>",)


@dataclass(frozen=True, slots=True)
class Described:
    """A message whose text has not been fetched yet. `sections` is None when only the whole mail can tell."""

    uid: int
    size: int
    header: bytes = b""
    sections: tuple[TextSection, ...] | None = None
    media_types: frozenset[str] = frozenset()
    skip: str | None = None  # what its flags say against learning from it

    @property
    def cost(self) -> int:
        """Bytes of text that fetching it brings, at most."""
        if self.sections is None:
            return min(self.size, MAX_WHOLE)
        return sum(min(section.size, MAX_SECTION) for section in self.sections)


def describe(uid: int, answer: Mapping[bytes, object]) -> Described:
    """Reads the answer to DESCRIPTION; items may be missing, broken or NIL."""
    said, flags = answer.get(b"RFC822.SIZE"), answer.get(b"FLAGS")
    size = said if isinstance(said, int) else MAX_WHOLE
    skip = _skip(flags if isinstance(flags, tuple) else ())
    header = content(answer, b"BODY[HEADER.FIELDS")
    if not header:
        return Described(uid, size, skip=skip)
    try:
        structure = read_structure(answer.get(b"BODYSTRUCTURE"))
    except ValueError:
        return Described(uid, size, skip=skip)
    return Described(uid, size, header, structure.wanted, structure.media_types, skip)


def n_within(messages: Sequence[Described | None], max_bytes: int = BATCH_BYTES) -> int:
    """How many of the first messages fit in one batch; at least one. None stands for one that is gone."""
    total = 0
    for n, message in enumerate(messages):
        total += message.cost if message else 0
        if total > max_bytes and n:
            return n
    return len(messages)


def section_items(message: Described) -> tuple[str, ...]:
    """FETCH items for its text. Messages with the same items can be asked for together."""
    return tuple(f"BODY.PEEK[{part.section}]<0.{MAX_SECTION}>" for part in message.sections or ())


def assemble(message: Described, answer: Mapping[bytes, object]) -> Message | None:
    """The message from its header and sections; None when the server left out a section that has content."""
    parts = []
    for section in message.sections or ():
        found = content(answer, f"BODY[{section.section}]".encode())
        if found is None and section.size:
            return None
        parts.append(section.part(found or b""))
    made = message_from_parts(message.header, parts, media_types=message.media_types)
    return marked(made, message.uid, message.skip)


def content(answer: Mapping[bytes, object], item: bytes) -> bytes | None:
    """The bytes of a BODY item; servers write the rest of its name (fields, offset) as they like."""
    values = (value for name, value in answer.items() if name.upper().startswith(item))
    return next((value for value in values if isinstance(value, bytes)), None)


def marked(message: Message, uid: int, skip: str | None) -> Message:
    """The message with its place, and with what its flags say against learning from it."""
    return replace(message, uid=uid, skip=skip or message.skip)


def unreadable(uidvalidity: int, uid: int) -> Message:
    """Stands for a message that the server cannot give: it is counted, and not asked for again."""
    return Message(
        message_id=f"<unreadable.{uidvalidity}.{uid}@ownhand.invalid>",
        sent_at=None,
        sender=("", ""),
        skip="unreadable",
        uid=uid,
    )


def _skip(flags: Sequence[object]) -> str | None:
    said = {flag.lower() for flag in flags if isinstance(flag, bytes)}
    return "draft" if b"\\draft" in said else "deleted" if b"\\deleted" in said else None
