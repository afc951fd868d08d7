"""One person's mailbox -> what was learned from its earlier mails, and the later ones, held out."""

import email
import email.utils
import mailbox
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ownhand.daemon.app import App, build
from ownhand.daemon.config import AgentSettings, LearningSettings, Settings
from ownhand.daemon.domain import AccountName, AgentId, JobPhase, Original, Stage
from ownhand.daemon.errors import Invalid, NotReady
from ownhand.daemon.paths import find_paths

HELD_OUT = 0.2  # the newest mails, never seen in training
_ACCOUNT = AccountName("person")


@dataclass(frozen=True, slots=True)
class Learned:
    """A program that learned from the earlier mails of one person, and the later ones."""

    app: App
    earlier: Sequence[Original]
    later: Sequence[Original]
    agent: AgentId

    account = _ACCOUNT


@asynccontextmanager
async def learned(file: Path, home: Path, *, backend: str, threads: int) -> AsyncIterator[Learned]:
    """Learns from all but the newest fifth of an mbox file; leaves nothing outside `home`."""
    address, everything = _sender(file), await read(file, home / "all")
    n_earlier = len(everything) - max(1, round(len(everything) * HELD_OUT))
    earlier = home / "earlier.mbox"
    _copy(file, earlier, {original.message_id for original in everything[n_earlier:]})
    app = _app(home / "earlier", backend, threads)
    try:
        await _import(app, earlier, address)
        job = await app.services.learning.start(_ACCOUNT, Stage.PROMOTE, asked_by="person")
        ended = await app.jobs.finish(job.id)
        current = app.store.agents.current(_ACCOUNT)
        if ended.phase is not JobPhase.SUCCEEDED or current is None:
            raise NotReady(
                f"no agent could be trained: {ended.message}", hint="give a mailbox with more mail"
            )
        yield Learned(app, app.store.corpus.originals(_ACCOUNT), everything[n_earlier:], current.id)
    finally:
        await app.aclose()


async def read(file: Path, home: Path) -> list[Original]:
    """All mails of an mbox file that can be learned from, in the order in which they were sent."""
    app = _app(home, "fake", 1)
    try:
        await _import(app, file, _sender(file))
        found = app.store.corpus.originals(_ACCOUNT)
        return sorted(found, key=lambda original: (original.sent_at, original.message_id))
    finally:
        await app.aclose()


async def _import(app: App, file: Path, address: str) -> None:
    await app.jobs.finish(await app.services.accounts.import_mail(file, address, _ACCOUNT))


def _app(home: Path, backend: str, threads: int) -> App:
    """One that asks nobody: the large model is the offline one."""
    settings = Settings(
        agent=AgentSettings(backend=backend, threads=threads), learning=LearningSettings(watch=False)
    )
    paths = find_paths({"OWNHAND_HOME": str(home)})
    paths.make()
    return build(settings, paths)


def _sender(file: Path) -> str:
    """The address that most of the mails are from."""
    box = mailbox.mbox(file, create=False)
    senders = Counter(email.utils.parseaddr(str(message["From"]))[1].lower() for message in box)
    del senders[""]
    if not senders:
        raise Invalid("there is no mail in this file", hint="give sent mail as an mbox file")
    return senders.most_common(1)[0][0]


def _copy(source: Path, target: Path, without: set[str]) -> None:
    box = mailbox.mbox(target)
    for message in mailbox.mbox(source, create=False):
        if str(message["Message-ID"] or "").strip() not in without:
            box.add(message)
    box.flush()
    box.close()
