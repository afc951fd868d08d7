"""A mail as bytes -> a Message: addresses, subject, time, text. Says which mail must never be learned from.

Bytes become text here and nowhere else. Reads what is broken as far as it can be read, and never raises.
Knows nothing of what the text says.
"""

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message as Parsed

from ownhand.daemon.mail import fields
from ownhand.daemon.mail.charset import decode_header, decode_text, decode_transfer, unflow
from ownhand.daemon.mail.fields import Fields, Mailbox
from ownhand.daemon.mail.refusals import TELLING_FIELDS, reason_to_skip

MAX_TEXT = 256 * 1024  # bytes of one text part that are read
_MAX_DEPTH = 20  # parts within parts

# The header fields that `message_from_parts` reads; fetch at least these.
HEADER_FIELDS = (
    *("Message-ID", "Date", "From", "Reply-To", "To", "Cc", "Subject", "In-Reply-To", "References"),
    *TELLING_FIELDS,
)


@dataclass(frozen=True, slots=True)
class TextPart:
    """One text part as the server holds it, and what its structure says of it."""

    content: bytes  # still in its transfer encoding; may be cut off anywhere
    subtype: str = "plain"  # plain or html
    charset: str = ""
    transfer_encoding: str = ""
    flowed: bool = False  # format=flowed
    delsp: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, read. `text` or `html` is None when there is none with words in it."""

    message_id: str
    sent_at: datetime | None  # aware, UTC; None when the mail does not say it usably
    sender: Mailbox
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    subject: str = ""
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    text: str | None = None
    html: str | None = None
    skip: str | None = None  # why this mail must never be learned from
    reply_to: tuple[Mailbox, ...] = ()
    uid: int = 0  # in its folder; 0 when it came from a file


def read_message(raw: bytes) -> Message:
    """A whole mail. Nested mails (message/rfc822) are someone else's and are not looked into."""
    try:
        parsed = message_from_bytes(raw)
        structure = list(_parts(parsed))
        texts = [part for part in map(_text_part, _written(structure)) if part is not None]
        media_types = {part.get_content_type() for part in structure}
        return _message(fields.fields_of(parsed.raw_items()), texts, media_types)
    except (RecursionError, ValueError, LookupError, TypeError):
        # The standard parser gives up on some nestings; the header alone still says whose mail this is.
        return message_from_parts(re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0], ())


def message_from_parts(
    headers: bytes, text_parts: Sequence[TextPart], *, media_types: Collection[str] = ()
) -> Message:
    """The same Message from what a source fetched of it.

    `headers` holds at least HEADER_FIELDS. `text_parts` are the text/plain and text/html parts in their
    order, without attachments and without what lies inside message/rfc822. `media_types` are the types of
    all parts ("text/calendar", "application/pkcs7-mime" …), in lower case: they tell encrypted and automatic
    mail.
    """
    found = fields.read_fields(headers)
    return _message(found, text_parts, (*media_types, fields.media_type(found)))


def _message(found: Fields, parts: Sequence[TextPart], media_types: Collection[str]) -> Message:
    text = _joined(parts, "plain")
    html = _joined(parts, "html")
    sender = fields.mailboxes(found.get("from", ()))
    subject = decode_header(fields.first(found, "subject"))
    date = fields.first(found, "date")
    return Message(
        message_id=_message_id(found, sender, date, subject, text or html or ""),
        sent_at=fields.instant(date),
        sender=sender[0] if sender else ("", ""),
        to=fields.mailboxes(found.get("to", ())),
        cc=fields.mailboxes(found.get("cc", ())),
        subject=subject,
        reply_to=fields.mailboxes(found.get("reply-to", ())),
        in_reply_to=next(iter(fields.message_ids(fields.first(found, "in-reply-to"))), None),
        references=tuple(fields.message_ids(" ".join(found.get("references", ())))),
        text=text,
        html=html,
        skip=reason_to_skip(found, media_types, text, html),
    )


def _message_id(found: Fields, sender: Sequence[Mailbox], date: str, subject: str, text: str) -> str:
    """The mail's own id, else one that is the same whenever and however this mail is read."""
    for name in fields.message_ids(fields.first(found, "message-id")):
        return name
    seen = "\n".join((*(address for address, _ in sender), date, subject, " ".join(text.split())))
    return f"<sha256.{hashlib.sha256(seen.encode('utf-8', 'replace')).hexdigest()[:40]}@ownhand.invalid>"


# --- parts -------------------------------------------------------------------------------------


def _parts(part: Parsed, depth: int = 0) -> Iterator[Parsed]:
    """Every part, outermost first, but none inside nested mails: what they are says nothing of this one."""
    if depth > _MAX_DEPTH:
        return
    yield part
    for child in _children(part):
        yield from _parts(child, depth + 1)


def _written(structure: Sequence[Parsed]) -> Iterator[Parsed]:
    """The parts that are not made of parts. Of signed mail only what is signed: a list's footer is not."""
    signed = next((part for part in structure if part.get_content_type() == "multipart/signed"), None)
    children = _children(signed) if signed is not None else []
    return (part for part in (_parts(children[0]) if children else structure) if not _children(part))


def _children(part: Parsed) -> list[Parsed]:
    payload = part.get_payload()
    if part.get_content_maintype() == "message" or not isinstance(payload, list):
        return []
    return [child for child in payload if isinstance(child, Parsed)]


def _text_part(part: Parsed) -> TextPart | None:
    if part.get_content_maintype() != "text" or part.get_content_subtype() not in ("plain", "html"):
        return None
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    if disposition.startswith("attachment") or "filename" in disposition:
        return None
    payload = part.get_payload()
    return TextPart(
        content=payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b"",
        subtype=part.get_content_subtype(),
        charset=_parameter(part, "charset"),
        transfer_encoding=str(part.get("Content-Transfer-Encoding", "")),
        flowed=_parameter(part, "format").lower() == "flowed",
        delsp=_parameter(part, "delsp").lower() == "yes",
    )


def _parameter(part: Parsed, name: str) -> str:
    value = part.get_param(name, "")
    # RFC 2231 gives charset, language and value.
    return str(value[2]) if isinstance(value, tuple) else str(value or "")


def _joined(parts: Sequence[TextPart], subtype: str) -> str | None:
    texts = [text for part in parts if part.subtype == subtype for text in [_text_of(part)] if text.strip()]
    return "\n".join(texts)[:MAX_TEXT] or None


def _text_of(part: TextPart) -> str:
    # Base64 needs 4 bytes for 3, quoted-printable at most 3 for 1: more than this cannot be needed.
    data = decode_transfer(part.content[: 3 * MAX_TEXT], part.transfer_encoding)[:MAX_TEXT]
    text = decode_text(data, part.charset).replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    if part.subtype == "plain":
        text = _without_armour(unflow(text, delsp=part.delsp) if part.flowed else text)
    return text


_SIGNED = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z]+: [^\n]*\n)*[ \t]*\n", re.MULTILINE
)
_SIGNATURE, _SIGNATURE_END = "\n-----BEGIN PGP SIGNATURE-----", "\n-----END PGP SIGNATURE-----"


def _without_armour(text: str) -> str:
    """Of text that is signed in place only what is signed, unless something stands above it."""
    opened = _SIGNED.search(text) if _SIGNATURE in text else None
    closed = text.find(_SIGNATURE, opened.end() - 1) if opened else -1
    if opened is None or closed < 0:
        return text
    body = re.sub(r"^- ", "", text[opened.end() : closed + 1], flags=re.MULTILINE)
    above = text[: opened.start()]
    if not above.strip():
        return body  # what a list added below is not the person's
    _, _, below = text[closed:].partition(_SIGNATURE_END)
    return above + body + below.lstrip("\n")  # the signed words may be a quote: that is told by the text
