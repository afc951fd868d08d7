"""Messages of the open folder, fetched ahead of whoever reads them.

Descriptions come first: they say which sections hold a mail's words, and only those are asked for. Several
commands are on their way at any time, so that neither a slow line nor the server waits for us.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from ownhand.daemon.mail.imap import answers, described, faults
from ownhand.daemon.mail.imap.described import Described
from ownhand.daemon.mail.imap.plan import uid_set
from ownhand.daemon.mail.imap.wire import Command, Refused, Response, Wire
from ownhand.daemon.mail.mime import Message, read_message

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Asked:
    command: Command
    uids: Sequence[int]
    items: tuple[str, ...]


class Reader:
    """Reads one open folder in the order of the UIDs it is given. Of no use after the wire is lost."""

    def __init__(self, wire: Wire, uidvalidity: int) -> None:
        self._wire = wire
        self._uidvalidity = uidvalidity
        self._flying: list[_Asked] = []
        self._answers: dict[int, answers.Items] = {}  # of those that were asked for and not made into mail
        self._described: dict[int, Described | None] = {}  # None: not in the folder any more
        self._asked: set[int] = set()  # for their description
        self._asked_text: dict[int, int] = {}  # UID to bytes, at most

    def read(self, upcoming: Sequence[int], size: int) -> tuple[list[Message], int]:
        """Messages of the first of `upcoming`, at most `size`, and how many UIDs that were.

        More than `size` are upcoming where something may be asked for ahead. A message that was deleted
        meanwhile gives nothing; one that cannot be read is marked so.
        """
        self._describe(upcoming, size)
        first = upcoming[:size]
        while any(uid not in self._described for uid in first):
            self._pump()
        n = described.n_within([self._described[uid] for uid in first])
        self._ask_texts(first[:n])
        self._ask_ahead(upcoming[n:], size)
        mine = set(first[:n])
        while any(a.items != described.DESCRIPTION and not mine.isdisjoint(a.uids) for a in self._flying):
            self._pump()
        made = [self._made(one) for uid in first[:n] if (one := self._described[uid])]
        self._forget(first[:n])
        return [message for message in made if message is not None], n

    def settle(self) -> None:
        """Waits for all that is on its way and drops it: then other commands can be given."""
        for kept in (self._answers, self._asked, self._asked_text, self._described):
            kept.clear()
        self._catch_up()
        self._flying.clear()

    # --- asking --------------------------------------------------------------------------------

    def _describe(self, upcoming: Sequence[int], size: int) -> None:
        wanted = [uid for uid in upcoming if uid not in self._described and uid not in self._asked]
        for at in range(0, len(wanted), size):
            self._ask(wanted[at : at + size], described.DESCRIPTION)
            self._asked.update(wanted[at : at + size])

    def _ask_ahead(self, upcoming: Sequence[int], size: int) -> None:
        """Asks for the text of the next messages too, as far as they are described and few bytes in all."""
        ready = []
        budget = described.BATCH_BYTES - sum(self._asked_text.values())
        for uid in upcoming:
            if uid not in self._described:
                break
            one = self._described[uid]
            budget -= one.cost if one and uid not in self._asked_text else 0
            if budget < 0:
                break
            ready.append(uid)
        self._ask_texts(ready)

    def _ask_texts(self, uids: Sequence[int]) -> None:
        groups: dict[tuple[str, ...], list[int]] = {}
        for uid in uids:
            one = self._described[uid]
            if one is not None and uid not in self._asked_text and (items := described.section_items(one)):
                groups.setdefault(items, []).append(uid)
                self._asked_text[uid] = one.cost
        for items, group in groups.items():
            self._ask(group, items)

    def _ask(self, uids: Sequence[int], items: tuple[str, ...]) -> None:
        self._flying.append(_Asked(self._wire.send(_fetch(uids, items)), uids, items))

    # --- reading -------------------------------------------------------------------------------

    def _pump(self) -> None:
        """Reads up to the answer of the oldest command, and takes note of it."""
        asked = self._flying[0]
        while asked.command.result is None:
            self._keep(self._wire.read())
        self._flying.pop(0)
        faults.refuse(asked.command.result, self._wire.server)
        if asked.items == described.DESCRIPTION:
            self._note_described(asked)

    def _keep(self, response: Response | None) -> None:
        if response is not None:
            uid, items = answers.fetched(response)
            if uid in self._asked or uid in self._asked_text:
                self._answers.setdefault(uid, {}).update(items or {})

    def _note_described(self, asked: _Asked) -> None:
        for uid in asked.uids:
            answer = self._answers.pop(uid, None)
            if answer is not None:
                self._described[uid] = described.describe(uid, answer)
        self._asked.difference_update(asked.uids)
        if silent := [uid for uid in asked.uids if uid not in self._described]:
            self._describe_silent(silent)

    def _describe_silent(self, uids: Sequence[int]) -> None:
        # Exchange leaves broken messages out of its answers as if they were gone.
        there = self._there(uids)
        again = self._once(sorted(there), described.DESCRIPTION)
        for uid in uids:
            self._described[uid] = described.describe(uid, again.get(uid, {})) if uid in there else None

    def _made(self, one: Described) -> Message | None:
        message = None
        if one.sections is not None:
            message = described.assemble(one, self._answers.get(one.uid, {}))
            if message is None:  # left out; perhaps because of another one that was asked for with it
                again = self._once([one.uid], described.section_items(one))
                message = described.assemble(one, again.get(one.uid, {}))
        return message or self._whole(one)

    def _whole(self, one: Described) -> Message | None:
        answer = self._once([one.uid], described.WHOLE).get(one.uid, {})
        raw = described.content(answer, b"BODY[]")
        log.info("message %d: its structure is broken; read as a whole: %s", one.uid, bool(raw))
        if not raw:
            return described.unreadable(self._uidvalidity, one.uid) if self._there([one.uid]) else None
        return described.marked(read_message(raw), one.uid, one.skip)

    def _forget(self, uids: Sequence[int]) -> None:
        for uid in uids:
            for kept in (self._answers, self._described, self._asked_text):
                kept.pop(uid, None)

    def _there(self, uids: Sequence[int]) -> set[int]:
        """Which of them are still in the folder."""
        said, _ = self._now(f"UID SEARCH UID {uid_set(uids)}")
        return set(answers.searched(said)) & set(uids)

    # --- one question at a time ------------------------------------------------------------------

    def _once(self, uids: Sequence[int], items: tuple[str, ...]) -> dict[int, answers.Items]:
        """Fetches now. Where the server refuses all because of one, the others are asked for without it."""
        if not uids:
            return {}
        found: dict[int, answers.Items] = {}
        try:
            _, fetched = self._now(_fetch(uids, items))
        except Refused:
            if len(uids) == 1:
                return {}
            half = len(uids) // 2
            return {**self._once(uids[:half], items), **self._once(uids[half:], items)}
        for response in fetched:
            uid, got = answers.fetched(response)
            if uid in uids:
                found.setdefault(uid, {}).update(got or {})
        return found

    def _now(self, command: str) -> tuple[list[Response], list[Response]]:
        """A question behind all that is on its way: what was said, and what was fetched."""
        sent = self._wire.send(command)
        self._catch_up()
        fetched = []
        while sent.result is None:
            if (response := self._wire.read()) is not None:
                fetched.append(response)
        self._wire.check(sent)
        return sent.said, fetched

    def _catch_up(self) -> None:
        """Reads the answers of all that was asked ahead, without looking at them yet."""
        for asked in self._flying:
            while asked.command.result is None:
                self._keep(self._wire.read())


def _fetch(uids: Sequence[int], items: tuple[str, ...]) -> str:
    return f"UID FETCH {uid_set(uids)} ({' '.join(items)})"
