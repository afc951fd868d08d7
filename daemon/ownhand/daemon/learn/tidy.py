"""What only the whole corpus tells: the signature a person repeats, and mail that was merged for many."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from ownhand.daemon.domain import AccountName, MessageId, Original, text_digest
from ownhand.daemon.learn.extract import MIN_WORDS
from ownhand.daemon.mail.words.endings import Endings

_MERGED_WITHIN = timedelta(hours=24)
_MERGED_FOR = 4  # readers of the same words
_MERGED_WORDS = 12  # fewer are said to many people, one by one


class TidyStore(Protocol):
    def originals(self, account: AccountName) -> list[Original]: ...
    def endings(self, voice: AccountName) -> str: ...
    def set_endings(self, voice: AccountName, digests: str) -> None: ...
    def replace(self, originals: Sequence[Original]) -> None: ...
    def remove(self, account: AccountName, ids: Sequence[MessageId], reason: str = "") -> int: ...


@dataclass(frozen=True, slots=True)
class Tidied:
    """What is to be changed in a corpus."""

    endings: Endings
    recut: tuple[Original, ...]  # without the signature that was found in them
    empty: tuple[MessageId, ...]  # of which nothing was left
    merged: tuple[MessageId, ...]


async def tidy(store: TidyStore, voice: AccountName) -> int:
    """Takes signatures and merged mail out of a voice's originals; gives how many of them went."""
    originals = store.originals(voice)
    known = Endings.load(store.endings(voice))
    tidied = await asyncio.to_thread(tidied_of, originals, known)
    if tidied.endings != known:
        store.set_endings(voice, tidied.endings.packed())
    store.replace(tidied.recut)
    gone = store.remove(voice, tidied.empty, "too few own words") if tidied.empty else 0
    return gone + (store.remove(voice, tidied.merged, "mail merge") if tidied.merged else 0)


def tidied_of(originals: Sequence[Original], known: Endings) -> Tidied:
    """Pure. The originals are in the order in which they were sent."""
    endings = known.counted([original.text for original in originals])
    recut, empty = [], []
    for original in originals:
        text, signature = endings.cut(original.text)
        if signature and len(text.split()) < MIN_WORDS:
            empty.append(original.message_id)
        elif signature:
            recut.append(replace(original, text=text))
    return Tidied(endings, tuple(recut), tuple(empty), merged(originals))


def merged(originals: Sequence[Original]) -> tuple[MessageId, ...]:
    """Mails that say the same to many readers within a day: a program put the names in."""
    alike: dict[str, list[Original]] = {}
    for original in originals:
        # The first line holds the name.
        words = original.text.partition("\n")[2] or original.text
        if len(words.split()) >= _MERGED_WORDS:
            alike.setdefault(text_digest(words), []).append(original)
    return tuple(
        original.message_id
        for group in alike.values()
        if len(group) >= _MERGED_FOR
        for original in group
        if _n_readers(original, group) >= _MERGED_FOR
    )


def _n_readers(original: Original, group: Sequence[Original]) -> int:
    near = (one for one in group if abs(one.sent_at - original.sent_at) <= _MERGED_WITHIN)
    return len({one.letter.recipient.address.lower() for one in near})
