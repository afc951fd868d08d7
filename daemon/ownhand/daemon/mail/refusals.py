"""Which mail must never be learned from, told by its header, the types of its parts and its armour.

What a person did not write for the one who got it: drafts, what programs sent in their name, bulk mail, mail
sent on as it was; and what is encrypted, which is counted and never opened. Whose mail it is, is decided
elsewhere.
"""

import re
from collections.abc import Collection

from ownhand.daemon.mail.fields import Fields

# The fields that are read here; a source that fetches fields fetches these too.
TELLING_FIELDS = (
    *("Content-Type", "Content-Class", "Auto-Submitted", "X-Autoreply", "X-Autorespond"),
    *("X-Failed-Recipients", "Precedence", "List-Id", "List-Post", "List-Unsubscribe"),
    *("Resent-From", "Resent-Date", "X-Mozilla-Draft-Info", "X-Uniform-Type-Identifier"),
)
_IN_FILES = ("X-Unsent", "X-Status")  # no server gives these; it has flags
_TELLING = tuple(name.lower() for name in (*TELLING_FIELDS, *_IN_FILES))

_ENCRYPTED = frozenset(
    {
        "multipart/encrypted",
        "application/pgp-encrypted",
        # Opaque signing wraps the text as encryption does; neither can be read here.
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
        "application/x-microsoft-rpmsg-message",
    }
)
_REPORTS = frozenset(
    {
        "multipart/report",
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/global-disposition-notification",
    }
)
_ARMOUR = "-----BEGIN PGP MESSAGE-----"
_DOMAIN = re.compile(r"@([\w.-]+)")


def reason_to_skip(
    fields: Fields, media_types: Collection[str], text: str | None, html: str | None
) -> str | None:
    """Why this mail must not be learned from, in words that are shown with a count; None when it may be."""
    said = {
        name: " ".join(values).strip().lower()
        for name in _TELLING
        if (values := fields.get(name)) is not None
    }
    if _is_draft(said):
        return "draft"
    if _is_encrypted(said, media_types) or _ARMOUR in (text or "") or _ARMOUR in (html or ""):
        return "encrypted"
    if _is_report(said, media_types):
        return "bounce or receipt"
    if _is_automatic(said):
        return "automatic reply"
    # Invitations and their answers have a METHOD, which not every source tells. A file of dates that somebody
    # attached has none; such mail is left out all the same.
    if "text/calendar" in media_types or "calendarmessage" in said.get("content-class", ""):
        return "calendar reply"
    if _is_bulk(said, fields):
        return "bulk"
    # RFC 5322, 3.6.6 asks for these two with any other Resent field.
    if "resent-from" in said or "resent-date" in said:
        return "resent"
    return None if text or html else "no text"


def _is_draft(said: dict[str, str]) -> bool:
    # Thunderbird, Apple Mail (its notes are no mail either), Outlook's files, and T in mailboxes of Unix.
    kind = said.get("x-uniform-type-identifier", "")
    return (
        "x-mozilla-draft-info" in said
        or "mail-draft" in kind
        or "mail-note" in kind
        or said.get("x-unsent") == "1"
        or "t" in said.get("x-status", "")
    )


def _is_encrypted(said: dict[str, str], media_types: Collection[str]) -> bool:
    return (
        not _ENCRYPTED.isdisjoint(media_types)
        or "enveloped-data" in said.get("content-type", "")
        or "rpmsg" in said.get("content-class", "")
    )


def _is_report(said: dict[str, str], media_types: Collection[str]) -> bool:
    by_class = said.get("content-class", "").rpartition(":")[2]
    return not _REPORTS.isdisjoint(media_types) or by_class in ("dsn", "mdn") or "x-failed-recipients" in said


def _is_automatic(said: dict[str, str]) -> bool:
    by_program = said.get("auto-submitted", "no").split(";")[0].split("(")[0].strip() not in ("no", "")
    by_habit = "x-autoreply" in said or "x-autorespond" in said
    return by_program or by_habit or said.get("precedence") in ("auto_reply", "auto-reply")


def _is_bulk(said: dict[str, str], fields: Fields) -> bool:
    """Mail of which many got the same. Lists mark what a person wrote to them the same way: that is kept."""
    if said.get("precedence") not in ("bulk", "junk") and "list-unsubscribe" not in said:
        return False
    return not _is_to_a_list(said, fields)


def _is_to_a_list(said: dict[str, str], fields: Fields) -> bool:
    """Whether the named list takes answers or is among the recipients. A newsletter names a list too."""
    name = said.get("list-id", "").rpartition("<")[2].rstrip("> ")
    if not name:
        return False
    if said.get("list-post", "no").split(" ")[0] != "no":  # "NO" says that nobody may write to it (RFC 2369)
        return True
    sent_to = " ".join((*fields.get("to", ()), *fields.get("cc", ())))
    return any(f".{name}".endswith(f".{domain}") for domain in _DOMAIN.findall(sent_to.lower()))
