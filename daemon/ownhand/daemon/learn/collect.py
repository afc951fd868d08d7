"""Sent mail -> the corpus: fetches what is new, has it read, and forgets what the person has deleted.

Each step commits what it did; whatever cuts it off, the next run goes on from there.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ownhand.daemon.domain import AccountName, Cursor, MessageId
from ownhand.daemon.errors import NotReady, Reason
from ownhand.daemon.learn.extract import ExtractStore, Mailbox, WaitingStore, extract, pack
from ownhand.daemon.learn.tidy import TidyStore, tidy
from ownhand.daemon.ports import Clock, Fetched, MailSource

log = logging.getLogger(__name__)

# A person deletes some mails; when most are gone at once, a folder was renamed or an account mixed up.
_MANY_GONE = 20  # messages
_MOST_GONE = 0.5  # of all that were learned from this account


class CorpusStore(ExtractStore, TidyStore, Protocol):
    def n_originals(self, account: AccountName) -> int: ...
    def remove(
        self, account: AccountName, ids: Sequence[MessageId], reason: str = "", *, at: datetime | None = None
    ) -> int: ...


class MailboxStore(WaitingStore, Protocol):
    def cursor(self, account: AccountName, source: str = "") -> Cursor | None: ...
    def known_uids(self, account: AccountName, cursor: Cursor | None) -> list[int]: ...
    def n_waiting(self, account: AccountName) -> int: ...
    def add_fetched(
        self,
        account: AccountName,
        cursor: Cursor,
        messages: Sequence[tuple[int, str]],
        gone: Collection[int] = (),
        *,
        source: str = "",
        at: datetime,
    ) -> None: ...
    def leave_others(self, account: AccountName, cursor: Cursor) -> None: ...
    def missing(self, account: AccountName) -> list[tuple[AccountName, MessageId]]: ...
    def n_placed(self, account: AccountName) -> int: ...
    def let_go(self, account: AccountName, ids: Collection[MessageId]) -> None: ...


@dataclass(frozen=True, slots=True)
class Collected:
    """What one look at a mailbox changed."""

    n_new: int = 0  # originals
    n_forgotten: int = 0  # originals whose message was deleted
    n_missing: int = 0  # originals whose message is not there, and that were not forgotten: they are too many

    def __str__(self) -> str:
        parts = [f"{self.n_new} new mails"]
        if self.n_forgotten:
            parts.append(f"{self.n_forgotten} forgotten that were deleted")
        if self.n_missing:
            parts.append(missing_told(self.n_missing))
        return "; ".join(parts)


def missing_told(n: int) -> str:
    """What to do when many learned mails are in the Sent folder no more, for people."""
    return (
        f"{n} mails that were learned from are not in the Sent folder any more; nothing was forgotten: "
        'name their folder as sent = "…", or forget them with `ownhand forget --missing`'
    )


async def collect(
    corpus: CorpusStore,
    mailboxes: MailboxStore,
    source: MailSource,
    mailbox: Mailbox,
    *,
    key: str = "",
    clock: Clock,
    report: Callable[[int, int], None],
) -> Collected:
    """Reads what is new in the Sent folder and forgets what was deleted. May stop at any point.

    `key` names the imported file, whose cursor is its own; the account's server has none.
    Raises NotReady when the folder is empty although it was full before: a changed login or a wiped
    folder must not look like a person who never wrote.
    """
    progress = _Progress(report, mailboxes.n_waiting(mailbox.account))
    cursor = await _fetch(corpus, mailboxes, source, mailbox, key, clock, progress)
    n_new = await extract(corpus, mailboxes, source, mailbox, progress.read)
    if n_new:
        for voice in mailbox.voices:
            n_new -= await tidy(corpus, voice)
    if cursor is not None and not key:
        mailboxes.leave_others(mailbox.account, cursor)
    n_forgotten, n_missing = await _forget_missing(corpus, mailboxes, source, mailbox, clock)
    return Collected(max(0, n_new), n_forgotten, n_missing)


async def _fetch(
    corpus: CorpusStore,
    mailboxes: MailboxStore,
    source: MailSource,
    mailbox: Mailbox,
    key: str,
    clock: Clock,
    progress: "_Progress",
) -> Cursor | None:
    """Keeps what is new until it is read; gives how far the folder has been read."""
    account = mailbox.account
    before = mailboxes.cursor(account, key)
    known = mailboxes.known_uids(account, before) if not key else []
    cursor = None
    async for batch in source.fetch_since(before, known):
        _refuse_emptied(batch, sum(corpus.n_originals(voice) for voice in mailbox.voices), before)
        cursor = batch.cursor
        messages = [(message.uid, pack(message)) for message in batch.messages]
        mailboxes.add_fetched(account, cursor, messages, batch.gone, source=key, at=clock.now())
        progress.fetched(len(messages), batch.total)
    return cursor


def _refuse_emptied(batch: Fetched, n_known: int, before: Cursor | None) -> None:
    # A folder with nothing in it gives one batch without messages whose total is 0 and whose cursor is at 0;
    # "nothing new" gives one whose cursor stands where it stood.
    if n_known and before is not None and not batch.messages and batch.cursor.last_uid == 0:
        raise NotReady(
            f"the Sent folder is empty, but {n_known} mails were learned from before",
            hint="did the login change? check with `ownhand check`; nothing was forgotten",
            reason=Reason.FOLDER_EMPTIED,
        )


async def _forget_missing(
    corpus: CorpusStore, mailboxes: MailboxStore, source: MailSource, mailbox: Mailbox, clock: Clock
) -> tuple[int, int]:
    """Forgets learned mail that the person has deleted; what was moved to an archive stays."""
    missing = mailboxes.missing(mailbox.account)
    if not missing:
        return 0, 0
    kept = await source.present([message_id for _, message_id in missing])
    mailboxes.let_go(mailbox.account, kept)
    missing = [(voice, message_id) for voice, message_id in missing if message_id not in kept]
    if len(missing) >= _MANY_GONE and len(missing) > _MOST_GONE * mailboxes.n_placed(mailbox.account):
        log.warning("%d learned messages are missing at once", len(missing))
        return 0, len(missing)
    return forget(corpus, missing, clock.now()), 0


def forget(corpus: CorpusStore, missing: Sequence[tuple[AccountName, MessageId]], at: datetime) -> int:
    """Removes these originals; should their messages come back, they are learned again."""
    voices = dict.fromkeys(voice for voice, _ in missing)
    return sum(corpus.remove(voice, [i for v, i in missing if v == voice], at=at) for voice in voices)


class _Progress:
    """Half of a message's way is to be fetched, the other half to be read."""

    def __init__(self, report: Callable[[int, int], None], n_waiting: int) -> None:
        self._report = report
        self._n_fetched = self._total = n_waiting
        self._n_read = 0

    def fetched(self, n: int, total: int) -> None:
        self._n_fetched += n
        self._total = max(self._total, self._n_fetched, total)
        self._tell()

    def read(self, n: int) -> None:
        self._n_read += n
        self._tell()

    def _tell(self) -> None:
        self._report((self._n_fetched + self._n_read) // 2, self._total)
