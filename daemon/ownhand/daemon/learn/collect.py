"""Sent mail -> originals: the person's own words, once each, with what was left out counted by reason."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from ownhand.daemon import anatomy
from ownhand.daemon.domain import (
    AccountName,
    Correspondent,
    Cursor,
    Letter,
    MessageId,
    Original,
    recipient_kind,
    text_digest,
)
from ownhand.daemon.errors import NotReady, Reason
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.mail.own_words import OwnWords, own_words
from ownhand.daemon.ports import Clock, Fetched, MailSource

# Fewer own words than this ("ok", "thanks!") say nothing about a hand that a greeting rule could hold on to.
MIN_WORDS = 4
_CONTEXT_CHARACTERS = 4000


class CollectStore(Protocol):
    def cursor(self, account: AccountName, source: str = "") -> Cursor | None: ...
    def n_originals(self, account: AccountName) -> int: ...
    def thread_of(self, account: AccountName, ids: Sequence[MessageId]) -> MessageId | None: ...
    def began_as_draft(self, account: AccountName, digest: str, message_id: MessageId) -> bool: ...
    def commit_batch(
        self,
        account: AccountName,
        cursor: Cursor,
        originals: Sequence[Original],
        skipped: Sequence[tuple[MessageId, str]],
        *,
        source: str = "",
        at: datetime,
    ) -> int: ...


async def collect(
    store: CollectStore,
    source: MailSource,
    account: AccountName,
    person: Correspondent,
    *,
    key: str = "",
    clock: Clock,
    report: Callable[[int, int], None],
) -> int:
    """Reads what is new in the Sent folder; gives the number of new originals. May stop at any point.

    `key` names the imported file, whose cursor is its own; the account's server has none.
    Raises NotReady when the folder is empty although it was full before: a changed login or a wiped
    folder must not look like a person who never wrote.
    """
    before, seen, added = store.cursor(account, key), 0, 0
    async for batch in source.fetch_since(before):
        _refuse_emptied(batch, store.n_originals(account), before)
        read = [_read(message, account, person, store) for message in batch.messages]
        added += store.commit_batch(
            account,
            batch.cursor,
            [item for item in read if isinstance(item, Original)],
            [item for item in read if not isinstance(item, Original)],
            source=key,
            at=clock.now(),
        )
        seen += len(batch.messages)
        report(seen, max(seen, batch.total))
    return added


def _refuse_emptied(batch: Fetched, n_known: int, before: Cursor | None) -> None:
    # A folder with nothing in it gives one batch without messages whose total is 0 and whose cursor is at 0;
    # "nothing new" gives one whose cursor stands where it stood.
    if n_known and before is not None and not batch.messages and batch.cursor.last_uid == 0:
        raise NotReady(
            f"the Sent folder is empty, but {n_known} mails were learned from before",
            hint="did the login change? check with `ownhand check`; nothing was forgotten",
            reason=Reason.FOLDER_EMPTIED,
        )


def _read(
    message: Message, account: AccountName, person: Correspondent, store: CollectStore
) -> Original | tuple[MessageId, str]:
    message_id = MessageId(message.message_id)
    if message.skip:
        return message_id, message.skip
    if message.sent_at is None:
        return message_id, "no date"
    if message.sender[0].lower() != person.address.lower():
        return message_id, "from another sender"
    words = _own_words(message)
    if words.refused:
        return message_id, words.refused
    if len(words.text.split()) < MIN_WORDS:
        return message_id, "too few own words"
    if store.began_as_draft(account, text_digest(words.text), message_id):
        return message_id, "our own draft, sent unchanged"
    return _original(message, message.sent_at, words, account, person, store)


def _own_words(message: Message) -> OwnWords:
    if message.text is not None:
        return own_words(message.text)
    return own_words(message.html or "", html=True)


def _original(
    message: Message,
    sent_at: datetime,
    words: OwnWords,
    account: AccountName,
    person: Correspondent,
    store: CollectStore,
) -> Original:
    to = tuple(Correspondent(address, name) for address, name in (*message.to, *message.cc))
    earlier = [MessageId(i) for i in (*message.references, *filter(None, [message.in_reply_to]))]
    thread = store.thread_of(account, earlier) if earlier else None
    return Original(
        message_id=MessageId(message.message_id),
        account=account,
        sent_at=sent_at,
        thread=thread or (earlier[0] if earlier else MessageId(message.message_id)),
        letter=Letter(
            sender=Correspondent(person.address, person.name or message.sender[1]),
            to=to,
            kind=recipient_kind(person, to),
            subject=message.subject,
            reply=bool(earlier) or bool(words.quoted),
            context=words.quoted[:_CONTEXT_CHARACTERS],
            language=anatomy.language(words.text),
        ),
        text=words.text,
    )
