"""Invented originals and messages, for tests."""

from datetime import UTC, datetime, timedelta

from ownhand.daemon.domain import (
    AccountName,
    Correspondent,
    Letter,
    MessageId,
    Original,
    RecipientKind,
    recipient_kind,
)
from ownhand.daemon.mail.mime import Message

ANA = Correspondent("ana@kiln.example", "Ana Prior")
BOB = Correspondent("bob@kiln.example", "Bob Marsh")
EVA = Correspondent("eva@gmail.example", "Eva Lund")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WORK = AccountName("work")


def original(
    n: int, text: str, *, to: Correspondent = BOB, language: str = "en", thread: str = "", **more: object
) -> Original:
    """The nth mail of an account, sent on the nth day."""
    return Original(
        message_id=MessageId(f"<{n}@kiln.example>"),
        account=WORK,
        sent_at=START + timedelta(days=n),
        thread=MessageId(thread or f"<{n}@kiln.example>"),
        letter=Letter(ANA, (to,), recipient_kind(ANA, (to,)), language=language),
        text=text,
    )


def message(n: int, text: str, *, to: Correspondent = BOB, **more: object) -> Message:
    """The nth mail as it comes from a source."""
    fields: dict[str, object] = {
        "message_id": f"<{n}@kiln.example>",
        "sent_at": START + timedelta(days=n),
        "sender": (ANA.address, ANA.name),
        "to": ((to.address, to.name),),
        "text": text,
        **more,
    }
    return Message(**fields)  # type: ignore[arg-type]  # the fields of a Message


__all__ = ["ANA", "BOB", "EVA", "START", "WORK", "RecipientKind", "message", "original"]
