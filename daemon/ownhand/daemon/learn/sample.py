"""Some mail of an account, read as for learning and not kept -> what learning would get of it, in counts."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from ownhand.daemon.domain import AccountName, MessageId, Original, Place, Sample, Waiting
from ownhand.daemon.errors import Unreachable
from ownhand.daemon.learn.extract import CHUNK, OTHER_SENDER, ExtractStore, Mailbox, pack, read
from ownhand.daemon.learn.tidy import tidied_of
from ownhand.daemon.mail.mime import Message
from ownhand.daemon.mail.words.endings import Endings
from ownhand.daemon.ports import MailSource

NEWEST = 200  # messages
WITHIN_S = 20.0  # to fetch them, and again to look at mail that they answer
_MANY_ADDRESSES = 5  # more in From than these are other people's: then none is named
_SEVERAL = 2  # mails from one address; a single one may have been put there by hand
SAVED_TWICE = "saved twice"

Made = Original | tuple[MessageId, str]  # or why there is no original


@dataclass(frozen=True, slots=True)
class Read:
    """One message of a sample: who sent it, and what learning would get from it."""

    sender: str
    made: Made

    @property
    def reason(self) -> str:
        return "" if isinstance(self.made, Original) else self.made[1]


async def take(
    source: MailSource,
    mailbox: Mailbox,
    corpus: ExtractStore,
    *,
    newest: int = NEWEST,
    within_s: float = WITHIN_S,
) -> list[Read]:
    """The newest messages of the account, as far as they come in time, whatever was read before."""
    messages, folder = await _fetched(source, newest, within_s)
    waiting = [Waiting(n, "", Place(folder, 0, m.uid), pack(m)) for n, m in enumerate(messages)]
    try:
        async with asyncio.timeout(within_s):
            made = await _made(waiting, source, mailbox, corpus)
    except (TimeoutError, Unreachable):
        # Without the mails that are answered some stay in doubt, and are counted as such.
        made = await _made(waiting, source, replace(mailbox, read_answered=False), corpus)
    return [Read(message.sender[0].lower(), one) for message, one in zip(messages, made, strict=True)]


async def _fetched(source: MailSource, newest: int, within_s: float) -> tuple[list[Message], str]:
    messages: list[Message] = []
    folder = ""
    try:
        async with asyncio.timeout(within_s), aclosing(source.fetch_since(None)) as batches:  # type: ignore[type-var]  # a generator in every source
            async for batch in batches:
                folder = batch.cursor.folder
                messages += batch.messages
                if len(messages) >= newest:
                    break
    except TimeoutError:
        pass  # what came is enough to tell of
    return messages[:newest], folder


async def _made(
    waiting: Sequence[Waiting], source: MailSource, mailbox: Mailbox, corpus: ExtractStore
) -> list[Made]:
    made: list[Made] = []
    for at in range(0, len(waiting), CHUNK):
        made += [one for _, one in await read(waiting[at : at + CHUNK], source, mailbox, corpus)]
    return made


def sample_of(mails: Sequence[Read], endings: Mapping[AccountName, str] | None = None) -> Sample:
    """Pure. `endings` are the signatures that are known, by voice, as they are kept."""
    originals = {one.made.message_id: one.made for one in mails if isinstance(one.made, Original)}
    skipped = Counter(one.reason for one in mails if one.reason)
    once = {original.digest: original for original in originals.values()}
    n_usable_before = len(mails) - skipped.total()
    skipped[SAVED_TWICE] = n_usable_before - len(once)
    kept = _tidied(list(once.values()), endings or {}, skipped)
    others = Counter(one.sender for one in mails if one.reason == OTHER_SENDER and one.sender)
    return replace(
        of_originals(kept, skipped),
        other_addresses=_worth_naming(others),
        n_other_addresses=len(others),
    )


def of_originals(originals: Sequence[Original], skipped: Mapping[str, int]) -> Sample:
    """The same of mail that has been learned from."""
    reasons = {reason: n for reason, n in sorted(skipped.items(), key=lambda one: -one[1]) if n}
    sent = [original.sent_at for original in originals]
    return Sample(
        n_messages=len(originals) + sum(reasons.values()),
        n_usable=len(originals),
        n_skipped=reasons,
        n_by_language=dict(Counter(original.letter.language for original in originals).most_common()),
        n_replies=sum(original.letter.reply for original in originals),
        first_at=min(sent, default=None),
        last_at=max(sent, default=None),
    )


def n_usable_in_all(sample: Sample, n_messages: int) -> int:
    """About how many of so many messages can be learned from, when all are like the sample.

    Two digits: the sample says no more than that, and where it is all there is, the count is exact.
    """
    if not sample.n_messages or n_messages <= sample.n_messages:
        return sample.n_usable
    n = sample.n_usable * n_messages / sample.n_messages
    digits = 2 - len(str(int(n)))
    return max(sample.n_usable, int(round(n, min(0, digits))))


def _tidied(
    originals: Sequence[Original], endings: Mapping[AccountName, str], skipped: Counter[str]
) -> list[Original]:
    """Without what only all of them together tell: signatures alone, and mail that was merged for many."""
    gone: set[MessageId] = set()
    for voice, group in _by_voice(sorted(originals, key=lambda one: one.sent_at)).items():
        tidied = tidied_of(group, Endings.load(endings.get(voice, "")))
        merged = set(tidied.merged) - set(tidied.empty)
        skipped["too few own words"] += len(tidied.empty)
        skipped["mail merge"] += len(merged)
        gone |= merged | set(tidied.empty)
    return [original for original in originals if original.message_id not in gone]


def _by_voice(originals: Iterable[Original]) -> dict[AccountName, list[Original]]:
    voices: dict[AccountName, list[Original]] = {}
    for original in originals:
        voices.setdefault(original.account, []).append(original)
    return voices


def _worth_naming(others: Counter[str]) -> dict[str, int]:
    if len(others) > _MANY_ADDRESSES:
        return {}
    return {address: n for address, n in others.most_common() if n >= _SEVERAL}
