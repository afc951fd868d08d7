"""The main job on two invented people, start to end: from a Sent folder to drafts in their own hand.

Everything is done by the daemon and asked of it through its public API; the demo plays the person and, with
`provider.py`, the mail provider. What an earlier run did in the same folder is found there and not repeated.
"""

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from importlib import util
from pathlib import Path
from typing import Any, TypeVar

import grpc
from ownhand.daemon.cli.client import Client
from ownhand.daemon.demo import collecting, course, facts, report
from ownhand.daemon.demo.children import Failed
from ownhand.daemon.demo.drafting import compare
from ownhand.daemon.demo.facts import Run
from ownhand.daemon.demo.mails import Sample, Sent, samples
from ownhand.daemon.demo.program import configure, daemon, paths_of
from ownhand.daemon.demo.provider import Provider, provider
from ownhand.daemon.demo.show import Screen

N_UNSEEN = 3  # of each person, the last ones: nothing is ever learned from them
N_LATER = 3  # of each person, those before: they arrive when there is an agent already
NEW_MAILS = 3  # after so many the daemon trains again by itself

_T = TypeVar("_T")


class _Folder:
    """Where a run keeps what it makes."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.home, self.mail = out / "home", out / "mail"
        self.facts, self.report = out / "demo.json", out / "report.html"
        self.daemon_output, self.mail_output = out / "log" / "daemon.txt", out / "log" / "imap.txt"


def run(out: Path) -> int:
    """Runs the demo in a folder; gives its exit code."""
    folder, screen = _Folder(out.absolute()), Screen()
    try:
        _refuse_incomplete()
        with _alone(folder.out):
            asyncio.run(_until_told(_demo(folder, screen)))
    except Failed as exc:
        screen.failed(str(exc))
        screen.note(f"the daemon's log is {paths_of(folder.home).log_file}")
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        screen.failed("it was stopped; run it again and it goes on from there")
        return 1
    return 0


async def _demo(folder: _Folder, screen: Screen) -> None:
    started, people, before = time.monotonic(), samples(N_LATER, N_UNSEEN), facts.read(folder.facts)
    steps = _Steps(screen)
    addresses = [sample.person.address for sample in people]
    async with provider(folder.mail, addresses, folder.mail_output) as server:
        with steps.step("deliver", "A mail provider: two people with a year of sent mail") as done:
            done += await _all([_deliver(server, sample, sample.first, screen) for sample in people])
        configure(folder.home, server, people, new_mails=NEW_MAILS)
        async with daemon(folder.home, folder.daemon_output) as client:
            try:
                result = await _ask(client, server, people, steps, before)
            except grpc.aio.AioRpcError as exc:
                raise Failed(exc.details() or f"the daemon answered {exc.code().name}") from None
    facts.write(result, folder.facts)
    report.write(result, folder.report)
    screen.results(result, folder.report, folder.facts)
    if steps.reused:
        screen.note(f"Done by an earlier run, and not repeated: {', '.join(steps.reused)}.")
    screen.note(f"All in {time.monotonic() - started:.0f} s.")


async def _ask(
    client: Client, server: Provider, people: Sequence[Sample], steps: "_Steps", before: Run | None
) -> Run:
    """Everything that is asked of the daemon, in order."""
    screen = steps.screen
    with steps.step("learn", "The daemon learns how they write, from their Sent folders") as done:
        for sample in people:
            await _look(client, sample, screen)
        with screen.bars():
            done += await _all([course.learn(client, sample, screen) for sample in people])
    with steps.step(
        "learn unasked", "More mail is sent, and the daemon learns it without being asked"
    ) as done:
        done += await _all([_deliver(server, sample, sample.later, screen) for sample in people])
        with screen.bars():
            await _all([course.learn_unasked(client, sample, screen) for sample in people])
    with steps.step("draft", "Drafts of mails that nothing was learned from") as done:
        fingerprint = await collecting.fingerprint(client, people)
        if before is not None and before.fingerprint == fingerprint:
            mails = before.mails
        else:
            done += [True]
            mails = tuple(
                [await compare(client, sample, mail) for sample in people for mail in sample.unseen]
            )
    timings = {**(before.timings if before else {}), **steps.seconds}
    return await collecting.collect(
        client, people, mails, fingerprint=fingerprint, timings=timings, reused=steps.reused
    )


async def _deliver(server: Provider, sample: Sample, mails: Sequence[Sent], screen: Screen) -> bool:
    """Puts mails into the person's Sent folder that are not there yet; whether there were any."""
    there = set(await asyncio.to_thread(server.message_ids, sample.person.address))
    new = [(mail.raw, mail.message.sent_at) for mail in mails if mail.message.message_id not in there]
    await asyncio.to_thread(server.append, sample.person.address, new)
    screen.note(f"{sample.person.name}: {len(new)} messages put into the Sent folder")
    return bool(new)


async def _look(client: Client, sample: Sample, screen: Screen) -> None:
    found, planned = await course.check(client, sample), await course.plan(client, sample)
    screen.note(
        f"{sample.person.name}: {found.n_messages} messages in {found.sent_folder}; "
        f"text for the large model goes {planned.destination}"
    )


class _Steps:
    """Times each step, and remembers which of them found everything done."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.seconds: dict[str, float] = {}
        self.reused: list[str] = []

    @contextmanager
    def step(self, name: str, title: str) -> Iterator[list[bool]]:
        """Yields a list for what was done; a step in which nothing was, is one that was done before."""
        self.screen.step(title)
        done: list[bool] = []
        started = time.monotonic()
        yield done
        if any(done):
            self.seconds[name] = round(time.monotonic() - started, 1)
        else:
            self.reused.append(name)


async def _all(work: Sequence[Coroutine[Any, Any, _T]]) -> list[_T]:
    """Does it all at once. The first that fails ends the others, and its error is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    return [task.result() for task in tasks]


async def _until_told(work: Coroutine[Any, Any, None]) -> None:
    """Does the work; SIGTERM and a closed terminal end it in order, as Ctrl-C does."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await task


def _refuse_incomplete() -> None:
    missing = [name for name in ("pymap", "torch", "peft") if util.find_spec(name) is None]
    if missing:
        raise Failed(f"{' and '.join(missing)} must be installed; run `pip install 'ownhand[demo]'`")


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keeps a second demo out of the folder. The system lets go of the lock when we end, however we end."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(out / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise Failed(f"the folder {out} cannot be used: {exc.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Failed("another demo is running in this folder; give another one with --out") from None
    finally:
        os.close(descriptor)
