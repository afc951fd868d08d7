"""How near drafts come to what seven real people sent: zero-shot against steered, by measured style.

For each person: learns from all mails but the newest, trains an agent on the embedded base model, and
composes a draft for each held-out mail from its intent alone. Run it as `python benchmarks/own_hand.py`. It
takes some minutes a person on two cores, and reads sent mail as mbox files from --data, which is not part of
the repository. Below the table stands, for each person, in what the steered drafts were farther from the real
mails than the zero-shot drafts, and by how much of the dimension's scale in the mean.
"""

import argparse
import asyncio
import email
import mailbox
import sys
import tempfile
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from ownhand.daemon.app import App, build
from ownhand.daemon.config import AgentSettings, LearningSettings, Settings
from ownhand.daemon.domain import (
    AccountName,
    ComposeRequest,
    Correspondent,
    DraftCompleted,
    JobPhase,
    JobState,
    Stage,
)
from ownhand.daemon.learn import style
from ownhand.daemon.mail.mime import Message, read_message
from ownhand.daemon.mail.words.own_words import own_words
from ownhand.daemon.paths import find_paths

HELD_OUT = 12
WORSE = 0.02  # of a dimension's scale: less than that is not told
DATA = Path(__file__).parents[2] / "shared" / "data" / "senders"
ACCOUNT = AccountName("person")


Differences = Mapping[str, float]  # dimension, how far apart in it


@dataclass(frozen=True, slots=True)
class Apart:
    """How far a draft is from the mail that was sent."""

    distance: float
    differences: Differences


@dataclass(frozen=True, slots=True)
class Result:
    person: str
    n_originals: int
    agent: str
    zero_shot: list[Apart]
    steered: list[Apart]
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--backend", default="torch", help="torch, or fake to see the benchmark run")
    parser.add_argument("--people", type=int, default=99, help="the first so many")
    options = parser.parse_args()
    files = sorted(options.data.glob("*.mbox"))[: options.people]
    if not files:
        print(f"no mbox files in {options.data}: nothing was measured")
        return 0
    print("person              mails  zero-shot  steered  nearer  agent on held-out mail        s")
    results = []
    for file in files:
        with tempfile.TemporaryDirectory() as home:
            results.append(asyncio.run(measure(file, Path(home), options.backend)))
        show(results[-1])
    zero = [d for r in results for d in r.zero_shot]
    steered = [d for r in results for d in r.steered]
    n_nearer = sum(mean(r.steered) < mean(r.zero_shot) for r in results)
    print(f"all {mean(zero):32.3f} {mean(steered):8.3f}  nearer for {n_nearer} of {len(results)} people")
    print("\nsteered farther than zero-shot in")
    for r in results:
        worse = ", ".join(f"{name} +{by:.2f}" for name, by in farther(r.zero_shot, r.steered))
        print(textwrap.fill(f"{r.person:18} {worse or 'nothing'}", 116, subsequent_indent=" " * 19))
    return 0


def show(r: Result) -> None:
    nearer = sum(s.distance < z.distance for z, s in zip(r.zero_shot, r.steered, strict=True))
    print(
        f"{r.person:18} {r.n_originals:6} {mean(r.zero_shot):10.3f} {mean(r.steered):8.3f}"
        f"  {nearer:2}/{len(r.steered):2}   {r.agent:24} {r.seconds:6.0f}",
        flush=True,
    )


def mean(drafts: Sequence[Apart]) -> float:
    return fmean(draft.distance for draft in drafts)


def farther(zero_shot: Sequence[Apart], steered: Sequence[Apart]) -> list[tuple[str, float]]:
    """The dimensions in which the steered drafts are farther from the real mails, the worst first.

    The mean is over all mails; one that has no occasion for a dimension counts as no difference.
    """
    names = {name for draft in (*zero_shot, *steered) for name in draft.differences}
    by = {
        name: fmean(
            s.differences.get(name, 0.0) - z.differences.get(name, 0.0)
            for z, s in zip(zero_shot, steered, strict=True)
        )
        for name in names
    }
    return sorted(((name, d) for name, d in by.items() if d >= WORSE), key=lambda one: (-one[1], one[0]))


async def measure(file: Path, home: Path, backend: str) -> Result:
    started = time.monotonic()
    raw = [message.as_bytes() for message in mailbox.mbox(file)]
    address = email.utils.parseaddr(str(email.message_from_bytes(raw[0])["From"]))[1]
    learned, held_out = split(raw)
    earlier = mailbox.mbox(home / "earlier.mbox")
    for one in learned:
        earlier.add(one)
    earlier.flush()
    earlier.close()
    settings = Settings(
        agent=AgentSettings(backend=backend, threads=0), learning=LearningSettings(watch=False)
    )
    paths = find_paths({"OWNHAND_HOME": str(home / "ownhand")})
    paths.make()
    app = build(settings, paths)
    try:
        job = await learn(app, home / "earlier.mbox", address)
        zero, steered = [], []
        for message in held_out:
            two = await distances(app, message, address)
            zero.append(two[0])
            steered.append(two[1])
        current = app.store.agents.current(ACCOUNT)
        numbers = current.manifest if current else None
        agent = (
            f"precision {numbers.precision:.2f} recall {numbers.recall:.2f}" if numbers else job.message[:24]
        )
        n = app.store.corpus.n_originals(ACCOUNT)
        return Result(file.stem, n, agent, zero, steered, time.monotonic() - started)
    finally:
        await app.aclose()


def split(raw: list[bytes]) -> tuple[list[bytes], list[Message]]:
    """All but the newest usable mails, and those."""
    read = [(read_message(one), one) for one in raw]
    usable = [
        m for m, _ in read if not m.skip and m.sent_at and len(own_words(m.text or "").text.split()) > 3
    ]
    held_out = sorted(usable, key=lambda m: m.sent_at or 0)[-HELD_OUT:]
    ids = {m.message_id for m in held_out}
    return [one for m, one in read if m.message_id not in ids], held_out


async def learn(app: App, file: Path, address: str) -> JobState:
    imported = await app.services.accounts.import_mail(file, address, ACCOUNT)
    await app.jobs.finish(imported)
    started = await app.services.learning.start(ACCOUNT, Stage.PROMOTE, asked_by="person")
    job = await app.jobs.finish(started.id)
    if job.phase is not JobPhase.SUCCEEDED:
        print(f"  learning ended: {job.message}", file=sys.stderr)
    return job


async def distances(app: App, message: Message, address: str) -> tuple[Apart, Apart]:
    """How far the zero-shot draft and the steered draft of a mail are from the real one."""
    words = own_words(message.text or "")
    to = tuple(Correspondent(*one) for one in message.to)
    sender = Correspondent(address, message.sender[1])  # as their mails call them, which the product learns
    reader = to[0] if to else Correspondent("")
    intent = await app.services.drafts.distil(ACCOUNT, words.text, to=to, subject=message.subject)
    real = style.measure(words.text, reader, sender)
    found = []
    for zero_shot in (True, False):
        request = ComposeRequest(
            account=ACCOUNT,
            to=to,
            subject=message.subject,
            notes="\n".join(f"- {point}" for point in intent.points),
            context=words.quoted,
            zero_shot=zero_shot,
        )
        async for event in app.services.drafts.compose(request):
            if isinstance(event, DraftCompleted):
                drafted = style.measure(event.text, reader, sender)
                found.append(Apart(style.distance(real, drafted), style.differences(real, drafted)))
    return found[0], found[1]


if __name__ == "__main__":
    sys.exit(main())
