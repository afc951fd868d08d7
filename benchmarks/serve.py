"""How quickly the worker answers, and what it holds in memory: `make bench-serve`.

Trains an agent on an invented person first, a few steps only: how long an answer takes hangs on the base and
the length of the question, not on how good the agent is. Then asks the worker as the daemon does.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import grpc
from google.protobuf.json_format import MessageToJson
from ownhand.trainer.base import people
from ownhand.worker.v1 import training_pb2 as pb
from ownhand.worker.v1 import worker_pb2, worker_pb2_grpc

_STARTS = 5
_QUICKLY = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200)]
_TARGETS = (3.0, 0.3, 500.0)  # seconds, seconds, MiB; of the embedded base


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="embedded", help='a folder with a base model, or "embedded"')
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--steps", type=int, default=40, help="of the training")
    parser.add_argument("--questions", type=int, default=200)
    arguments = parser.parse_args()
    dice = random.Random(7)
    person = people.invent(dice)
    mails = people.mails(person, 80 + arguments.questions, dice)
    with tempfile.TemporaryDirectory(prefix="oh-") as name:
        folder = Path(name)
        train(folder, mails[:80], arguments)
        questions = [mail.situation for mail in mails[80:]]
        starts = [cold_start(folder, question, arguments) for question in questions[:_STARTS]]
        with worker(folder) as (process, stub):
            open_agent(stub, folder, arguments)
            before = memory_mib(process.pid, "VmRSS")
            timed = [ask(stub, question) for question in questions]
            most = memory_mib(process.pid, "VmHWM")
            began = time.monotonic()
        ended = time.monotonic() - began
    show(arguments.base, starts, timed, (before, most), ended)
    return 0


def train(folder: Path, mails: Sequence[pb.Example], arguments: argparse.Namespace) -> None:
    """An adapter called "one"."""
    training_set = folder / "set"
    training_set.mkdir()
    for name, part in (("train", mails[:70]), ("valid", mails[70:]), ("test", ())):
        lines = [MessageToJson(mail, indent=None) for mail in part]
        (training_set / f"{name}.jsonl").write_text("\n".join(lines))
    (training_set / "manifest.json").write_text("{}")
    job = pb.TrainingJob(
        agent_id="one", training_set=str(training_set), training_set_hash="a1", threads=1,
        adapters=str(folder / "adapters"), base_model=arguments.base, backend=arguments.backend,
        max_steps=arguments.steps,
    )  # fmt: skip
    (folder / "job.json").write_text(MessageToJson(job))
    words = [sys.executable, "-m", "ownhand.trainer", "train", str(folder / "job.json")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        *_, last = process.stdout  # its standard input stays open, or it would end at once
    if process.returncode:
        raise SystemExit(f"the training failed: {json.loads(last)}")


def cold_start(folder: Path, question: pb.Situation, arguments: argparse.Namespace) -> float:
    """Seconds from no process to the first rule."""
    began = time.monotonic()
    with worker(folder) as (_, stub):
        open_agent(stub, folder, arguments)
        next(iter(_proposed(stub, question)))
        return time.monotonic() - began


@contextmanager
def worker(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], worker_pb2_grpc.WorkerServiceStub]]:
    """A worker that answers; ended as the daemon ends an idle one."""
    socket = folder / "s"
    words = [sys.executable, "-m", "ownhand.trainer", "serve", "--socket", str(socket)]
    environ = os.environ | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    with subprocess.Popen(words, stdin=subprocess.PIPE, env=environ) as process:
        assert process.stdin is not None
        with grpc.insecure_channel(f"unix:{socket}", options=_QUICKLY) as channel:
            grpc.channel_ready_future(channel).result(timeout=60)
            yield process, worker_pb2_grpc.WorkerServiceStub(channel)
        process.stdin.close()
        process.wait()


def open_agent(stub: worker_pb2_grpc.WorkerServiceStub, folder: Path, arguments: argparse.Namespace) -> None:
    stub.OpenAgent(
        worker_pb2.OpenAgentRequest(
            adapter=str(folder / "adapters/one"), base_model=arguments.base, backend=arguments.backend
        )
    )


def ask(stub: worker_pb2_grpc.WorkerServiceStub, question: pb.Situation) -> tuple[float, float, int]:
    """Seconds to the first rule and to the last, and how many there were."""
    began, first, n_rules = time.monotonic(), 0.0, 0
    for _ in _proposed(stub, question):
        n_rules += 1
        first = first or time.monotonic() - began
    last = time.monotonic() - began
    return first or last, last, n_rules


def _proposed(
    stub: worker_pb2_grpc.WorkerServiceStub, question: pb.Situation
) -> Iterator[worker_pb2.ProposeRulesResponse]:
    return iter(stub.ProposeRules(worker_pb2.ProposeRulesRequest(situation=question, agent_id="one")))


def memory_mib(pid: int, what: str) -> float:
    """VmRSS is what a process holds, VmHWM the most it held. Linux only."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"/proc tells no {what}")


def show(
    base: str,
    starts: Sequence[float],
    timed: Sequence[tuple[float, float, int]],
    memory: tuple[float, float],
    ended: float,
) -> None:
    firsts, lasts = sorted(first for first, _, _ in timed), sorted(last for _, last, _ in timed)
    rules = sum(n for _, _, n in timed) / len(timed)
    start, answer, most = _TARGETS if base == "embedded" else ("", "", "")
    print(f"{'':<44}{'median':>9}{'p95':>9}{'worst':>9}{'target':>9}")
    _row("cold start to the first rule, s", sorted(starts), start)
    _row("a new intent to its first rule, s", firsts, "")
    _row(f"a new intent to its last rule ({rules:.1f} rules), s", lasts, answer)
    name = "memory of the worker: open, at most, MiB"
    print(f"{name:<44}{memory[0]:>9.0f}{'':>9}{memory[1]:>9.0f}{most:>9}")
    print(f"{'until it has ended and given all back, s':<44}{ended:>9.2f}")


def _row(name: str, ordered: Sequence[float], target: float | str) -> None:
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    median = ordered[len(ordered) // 2]
    print(f"{name:<44}{median:>9.3f}{p95:>9.3f}{ordered[-1]:>9.3f}{target:>9}")


if __name__ == "__main__":
    sys.exit(main())
