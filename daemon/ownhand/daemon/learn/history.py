"""What the person's other mails show: habits, habits with one reader, and the nearest mails, for the agent.

An agent that reads them need not hold every habit in its weights; what it learns is when to follow which.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ownhand.daemon.domain import AccountName, Habit, History, Letter, MessageId, Original, Situation
from ownhand.daemon.learn import claims, style, verify
from ownhand.daemon.learn.recall import Recall

N_NEAREST = 3
VERSION = "shown@1"  # of what is measured; another one is measured anew
MIN_SHARE = 0.2  # what fewer mails show is no habit


class ShownStore(Protocol):
    """What was measured in each original, so that it is measured once."""

    def shown(self, account: AccountName, version: str) -> dict[MessageId, tuple[str, ...]]: ...
    def add_shown(
        self, account: AccountName, version: str, shown: Mapping[MessageId, Sequence[str]]
    ) -> None: ...


class Histories:
    """The past of each account, kept in memory until its mail changes."""

    def __init__(self, store: ShownStore) -> None:
        self._store = store
        self._known: dict[AccountName, tuple[int, Past]] = {}

    async def past(self, account: AccountName, originals: Sequence[Original]) -> "Past":
        """Measures new mail first, some milliseconds each, in a thread of its own."""
        key = hash(tuple(original.message_id for original in originals))
        if account not in self._known or self._known[account][0] != key:
            known = self._store.shown(account, VERSION)
            unknown = [original for original in originals if original.message_id not in known]
            new = await asyncio.to_thread(lambda: {o.message_id: shown(o) for o in unknown})
            if new:
                self._store.add_shown(account, VERSION, new)
            self._known[account] = key, await asyncio.to_thread(Past, originals, {**known, **new})
        return self._known[account][1]


class Past:
    """What all originals of one voice show, for any letter."""

    def __init__(self, originals: Sequence[Original], shown: Mapping[MessageId, Sequence[str]]) -> None:
        self.originals = originals
        self.recall = Recall(originals)
        self._shown = shown
        self._everyone = _counted(shown[original.message_id] for original in originals)
        self._n = len(originals)
        self._threads: dict[MessageId, list[Original]] = {}
        self._by_reader: dict[str, list[Original]] = {}
        for original in sorted(originals, key=lambda o: (o.sent_at, o.message_id)):
            self._threads.setdefault(original.thread, []).append(original)
            self._by_reader.setdefault(original.letter.recipient.address.lower(), []).append(original)

    def shown(self, message_id: MessageId) -> tuple[str, ...]:
        """The measurable rules that a mail shows."""
        return tuple(self._shown[message_id])

    def situation(self, original: Original, points: Sequence[str]) -> Situation:
        """What the agent would have been told when this mail was written."""
        return Situation(
            original.letter,
            tuple(points),
            hour_of(original.sent_at),
            self.history(original.letter, points, without=self._since(original)),
        )

    def history(
        self, letter: Letter, points: Sequence[str], *, without: Collection[MessageId] = ()
    ) -> History:
        """What the mails show that are not among `without`."""
        theirs = self._by_reader.get(letter.recipient.address.lower(), ())
        same = [self._shown[o.message_id] for o in theirs if o.message_id not in without]
        hidden = _counted(self._shown[message_id] for message_id in without)
        near = self.recall.nearest(letter, points, N_NEAREST, without=without)
        return History(
            n_before=len(same),
            usual=_habits(self._everyone - hidden, self._n - len(without)),
            with_reader=_habits(_counted(same), len(same)) if len(same) > 1 else (),
            nearest=tuple(self.shown(original.message_id) for original in near),
        )

    def _since(self, original: Original) -> Collection[MessageId]:
        """The mail and what followed it in its thread, which may repeat what it says."""
        thread = self._threads[original.thread]
        return {original.message_id} | {o.message_id for o in thread if o.sent_at >= original.sent_at}


def shown(original: Original) -> tuple[str, ...]:
    """The measurable rules that a mail shows, in their order; none that names a person."""
    letter = original.letter
    measured = style.measure(original.text, letter.recipient, letter.sender)
    rules = (claims.say(claim) for claim in claims.claims_of(measured))
    return tuple(rule for rule in rules if not verify.leaks(rule, original.text, letter, measured=True))


def hour_of(time: datetime) -> int:
    """1 to 24, on the clock of this machine: mail does not always say where it was written."""
    return time.astimezone().hour + 1


def _habits(counted: Counter[str], n_mails: int) -> tuple[Habit, ...]:
    """How often each rule holds, in the order of the rules, the most frequent of a dimension first."""
    told = [Habit(rule, n / n_mails) for rule, n in counted.items() if n_mails and n / n_mails >= MIN_SHARE]
    return tuple(sorted(told, key=lambda habit: (_place(habit.rule), -habit.share, habit.rule)))


def _counted(lists: Iterable[Sequence[str]]) -> Counter[str]:
    return Counter(rule for rules in lists for rule in rules)


def _place(rule: str) -> int:
    claim = claims.read(rule)
    return claims.DIMENSIONS.index(claim.dimension) if claim else len(claims.DIMENSIONS)
