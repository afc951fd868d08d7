"""A mail as bytes -> a Message: addresses, subject, time, text. Says which mail must never be learned from.

Bytes become text here and nowhere else. Reads what is broken as far as it can be read, and never raises.
Knows nothing of what the text says.
"""

import email.utils
import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as Parsed

from ownhand.daemon.mail.charset import decode_header, decode_text, decode_transfer, unflow

MAX_TEXT = 256 * 1024  # bytes of one text part that are read
_MAX_DEPTH = 20  # parts within parts
_MAX_ADDRESSES = 500

# The header fields that `message_from_parts` reads; fetch at least these.
HEADER_FIELDS = (
    *("Message-ID", "Date", "From", "Sender", "Reply-To", "To", "Cc", "Subject", "In-Reply-To", "References"),
    *("Content-Type", "Content-Class", "Auto-Submitted", "X-Autoreply", "X-Autorespond"),
    *("X-Failed-Recipients", "Precedence", "List-Id", "List-Unsubscribe", "Resent-From", "Resent-Date"),
    *("X-Mozilla-Draft-Info", "X-Uniform-Type-Identifier"),
)

Mailbox = tuple[str, str]  # address and name, in the order of domain.Correspondent


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
        found = list(_leaves(parsed))
    except (RecursionError, ValueError, LookupError, TypeError):
        # The standard parser gives up on some nestings; the header alone still says whose mail this is.
        return message_from_parts(re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0], ())
    media_types = [part.get_content_type() for part in parsed.walk()] if len(found) < 1000 else []
    return _message(parsed, [part for part in map(_text_part, found) if part is not None], media_types)


def message_from_parts(
    headers: bytes, text_parts: Sequence[TextPart], *, media_types: Collection[str] = ()
) -> Message:
    """The same Message from what a source fetched of it.

    `headers` holds at least HEADER_FIELDS. `text_parts` are the text/plain and text/html parts in their
    order, without attachments and without what lies inside message/rfc822. `media_types` are the types of
    all parts ("text/calendar", "application/pkcs7-mime" …), in lower case: they tell encrypted and automatic
    mail.
    """
    parsed = message_from_bytes(headers.rstrip(b"\r\n") + b"\r\n\r\n")
    return _message(parsed, text_parts, (*media_types, parsed.get_content_type()))


def _message(parsed: Parsed, parts: Sequence[TextPart], media_types: Collection[str]) -> Message:
    headers = _headers(parsed)
    text = _joined(parts, "plain")
    html = _joined(parts, "html")
    sender = _mailboxes(headers.get("from", []))
    subject = decode_header(_first(headers, "subject"))
    date = _first(headers, "date")
    return Message(
        message_id=_message_id(headers, sender, date, subject, text or html or ""),
        sent_at=_instant(date),
        sender=sender[0] if sender else ("", ""),
        to=_mailboxes(headers.get("to", [])),
        cc=_mailboxes(headers.get("cc", [])),
        subject=subject,
        reply_to=_mailboxes(headers.get("reply-to", [])),
        in_reply_to=next(iter(_ids(_first(headers, "in-reply-to"))), None),
        references=tuple(_ids(" ".join(headers.get("references", [])))),
        text=text,
        html=html,
        skip=_reason_to_skip(headers, media_types, text, html),
    )


# --- parts -------------------------------------------------------------------------------------


def _leaves(part: Parsed, depth: int = 0) -> Iterator[Parsed]:
    """Parts that are not made of parts, except those of nested mails and of attachments."""
    if part.get_content_maintype() == "message" or depth > _MAX_DEPTH:
        return
    payload = part.get_payload()
    if not part.is_multipart() or not isinstance(payload, list):
        yield part
        return
    for child in payload:
        if isinstance(child, Parsed):
            yield from _leaves(child, depth + 1)


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


_ARMOUR = (
    "-----BEGIN PGP SIGNED MESSAGE-----",
    "-----BEGIN PGP SIGNATURE-----",
    "-----END PGP SIGNATURE-----",
)


def _without_armour(text: str) -> str:
    """Text that is signed in place, without the marks of the signature."""
    before, opened, rest = text.partition(_ARMOUR[0])
    signed, closed, signature = rest.partition(_ARMOUR[1])
    if not (opened and closed):
        return text
    _, _, body = signed.partition("\n\n")  # below "Hash: SHA256"
    _, _, after = signature.partition(_ARMOUR[2])
    return before + re.sub(r"^- ", "", body, flags=re.MULTILINE) + after.lstrip("\n")


# --- headers -----------------------------------------------------------------------------------


def _headers(parsed: Parsed) -> dict[str, list[str]]:
    """Every field by its lower-case name; bytes that are not ASCII are still surrogates."""
    fields: dict[str, list[str]] = {}
    for name, value in parsed.raw_items():
        fields.setdefault(name.lower(), []).append(str(value)[:64_000])
    return fields


def _first(headers: dict[str, list[str]], name: str) -> str:
    return next(iter(headers.get(name, [])), "").strip()


def _mailboxes(values: Sequence[str]) -> tuple[Mailbox, ...]:
    # Names are decoded after the list is taken apart: an encoded name may hold a comma.
    try:
        found = email.utils.getaddresses([value.replace("\r", "").replace("\n", " ") for value in values])
    except (RecursionError, IndexError, ValueError):  # comments within comments, without end
        return ()
    return tuple(
        (decode_header(address).replace(" ", ""), decode_header(name))
        for name, address in found[:_MAX_ADDRESSES]
        if "@" in address
    )


def _ids(value: str) -> list[str]:
    found = re.findall(r"<[^<>\s]+>", value) or [word for word in value.split() if "@" in word][:1]
    return [decode_header(name) for name in found]


def _message_id(
    headers: dict[str, list[str]], sender: Sequence[Mailbox], date: str, subject: str, text: str
) -> str:
    """The mail's own id, else one that is the same whenever and however this mail is read."""
    for name in _ids(_first(headers, "message-id")):
        return name
    seen = "\n".join((*(address for address, _ in sender), date, subject, " ".join(text.split())))
    return f"<sha256.{hashlib.sha256(seen.encode('utf-8', 'replace')).hexdigest()[:40]}@ownhand.invalid>"


def _instant(date: str) -> datetime | None:
    try:
        at = email.utils.parsedate_to_datetime(date)
        # "-0000" says that the zone is unknown.
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at if 1980 <= at.year <= 2100 else None


# --- what is never learned from ----------------------------------------------------------------


def _reason_to_skip(
    headers: dict[str, list[str]], media_types: Collection[str], text: str | None, html: str | None
) -> str | None:
    said = {name: " ".join(values).strip().lower() for name, values in headers.items()}
    if "x-mozilla-draft-info" in said or "mail-draft" in said.get("x-uniform-type-identifier", ""):
        return "draft"
    if _is_encrypted(media_types, said.get("content-type", ""), text):
        return "encrypted"
    if said.get("auto-submitted", "no").split(";")[0].strip() not in ("no", ""):
        return "automatic reply"
    if "x-autoreply" in said or "x-autorespond" in said or said.get("precedence") == "auto_reply":
        return "automatic reply"
    if "message/disposition-notification" in media_types or "multipart/report" in media_types:
        return "bounce or receipt"
    if "x-failed-recipients" in said or "message/delivery-status" in media_types:
        return "bounce or receipt"
    if "text/calendar" in media_types or "calendarmessage" in said.get("content-class", ""):
        return "calendar reply"
    if "list-id" not in said and (said.get("precedence") in ("bulk", "junk") or "list-unsubscribe" in said):
        return "bulk"
    if "resent-from" in said or "resent-date" in said:
        return "resent"
    return None if text or html else "no text"


def _is_encrypted(media_types: Collection[str], content_type: str, text: str | None) -> bool:
    if "multipart/encrypted" in media_types or "application/pgp-encrypted" in media_types:
        return True
    wrapped = {"application/pkcs7-mime", "application/x-pkcs7-mime"} & set(media_types)
    # Opaque signing wraps the text as encryption does; we cannot read either.
    return bool(wrapped) or "enveloped-data" in content_type or "-----BEGIN PGP MESSAGE-----" in (text or "")
