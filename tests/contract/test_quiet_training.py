"""A training that nobody waits for keeps out of the way, with real processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ownhand.daemon.agents import pausing
from ownhand.daemon.agents.worker import TrainerBackend
from ownhand.daemon.domain import AgentId, TrainingProgress
from ownhand.daemon.ports import Quiet

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
STEPS = 3000
PATIENCE_S = 30.0


class Switch:
    """An occasion that a test turns off and on."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason

    def why_not(self, waited_s: float) -> str:
        return self.reason


@pytest.fixture
def training_set(tmp_path: Path) -> Path:
    folder = tmp_path / "a1b2"
    folder.mkdir()
    for split in ("train", "valid", "test"):
        lines = [{"id": f"{split}{n}", "situation": {}, "rules": ["Use dashes."]} for n in range(40)]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "manifest.json").write_text("{}")
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pausing, "WAIT_S", 0.05)
    monkeypatch.setattr(pausing, "LOOK_S", 0.05)


def backend(tmp_path: Path) -> TrainerBackend:
    return TrainerBackend(
        sys.executable, tmp_path / "adapters", tmp_path / "run", backend="fake", max_steps=STEPS
    )


def children() -> list[tuple[int, str]]:
    """Process id and state of each training of ours."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words, stat = (place / "cmdline").read_bytes().split(b"\0"), (place / "stat").read_text()
        except OSError:
            continue
        state, parent = stat.rpartition(")")[2].split()[:2]
        if b"train" in words and int(parent) == os.getpid():
            found.append((int(place.name), state))
    return found


async def until(what: Callable[[], bool], said: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, said
        await asyncio.sleep(0.02)


async def train(tmp_path: Path, training_set: Path, quiet: Quiet | None) -> list[TrainingProgress]:
    running = backend(tmp_path).train(AgentId("one"), training_set, None, quiet)
    return [report async for report in running]


async def test_it_begins_when_there_is_an_occasion_and_says_what_it_waits_for(
    tmp_path: Path, training_set: Path
) -> None:
    switch, told = Switch("the machine is in use"), list[str]()
    task = asyncio.ensure_future(train(tmp_path, training_set, Quiet(switch, told.append)))

    await until(lambda: bool(told), "nothing was told")
    assert children() == []
    switch.reason = ""
    reports = await task

    assert told[0] == "waits: the machine is in use"
    assert "" in told
    assert reports[-1].manifest is not None


async def test_it_stands_still_at_once_and_goes_on_to_the_same_adapter(
    tmp_path: Path, training_set: Path
) -> None:
    await train(tmp_path / "undisturbed", training_set, None)
    switch, told = Switch(), list[str]()
    task = asyncio.ensure_future(train(tmp_path, training_set, Quiet(switch, told.append)))
    await until(lambda: bool(children()), "no training began")

    switch.reason = "the machine runs on battery"
    await until(lambda: [state for _, state in children()] == ["T"], "it did not stand still")
    assert told == ["pauses: the machine runs on battery"]
    switch.reason = ""
    reports = await task

    assert told[1:] == [""]
    assert reports[-1].manifest is not None
    weights = "adapters/one/adapter.json"
    assert (tmp_path / weights).read_bytes() == (tmp_path / "undisturbed" / weights).read_bytes()


async def test_a_long_pause_gives_the_memory_back_and_the_training_is_taken_up_again(
    tmp_path: Path, training_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pausing, "GIVE_BACK_S", 0.2)
    switch, told = Switch(), list[str]()
    task = asyncio.ensure_future(train(tmp_path, training_set, Quiet(switch, told.append)))
    await until(lambda: bool(children()), "no training began")

    switch.reason = "the machine is in use"
    await until(lambda: told[-1:] == ["waits: the machine is in use"], "it was not given back")
    assert children() == []
    switch.reason = ""

    assert (await task)[-1].manifest is not None


async def test_who_leaves_a_training_that_stands_still_need_not_wait_for_it(
    tmp_path: Path, training_set: Path
) -> None:
    switch = Switch()
    task = asyncio.ensure_future(train(tmp_path, training_set, Quiet(switch, lambda _: None)))
    await until(lambda: bool(children()), "no training began")
    switch.reason = "the machine is in use"
    await until(lambda: [state for _, state in children()] == ["T"], "it did not stand still")

    task.cancel()
    began = time.monotonic()
    await asyncio.gather(task, return_exceptions=True)

    assert time.monotonic() - began < 5
    assert children() == []


CHILD = """
import time
from ownhand.trainer import lifeline
lifeline.die_with_parent()
print("ready", flush=True)
time.sleep(600)
"""
PARENT = """
import asyncio, pathlib, signal, sys
from ownhand.daemon.agents import child

async def main():
    started = await child.start([sys.executable, "-c", sys.argv[1]], log=pathlib.Path(sys.argv[2]))
    await started.stdout.readline()
    started.send_signal(signal.SIGSTOP)
    threads = list(pathlib.Path(f"/proc/{started.pid}/task").iterdir())
    while any((one / "stat").read_text().rpartition(")")[2].split()[0] != "T" for one in threads):
        await asyncio.sleep(0.01)
    print(started.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def test_a_child_that_stands_still_does_not_outlive_its_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, CHILD, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        stopped = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while _lives(stopped):
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
