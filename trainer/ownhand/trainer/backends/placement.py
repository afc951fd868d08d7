"""Where a base model is held and in what, so that the training fits: decided before a weight is read."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

from ownhand.trainer.backends import footprint
from ownhand.trainer.errors import NotReady
from ownhand.worker.v1 import training_pb2 as pb

_PROBE_S = 0.025  # each of two
_GB = 1e9
_LONG_ROWS = {"cpu": 2048, "cuda": 8192}
_SHORT_ROW = 512
_LONGEST = 1024  # tokens of one sequence, which has a row of its own
_SMALL = 512  # a hidden size up to which memory and width hardly matter, and long rows are quicker
_WORTH_IT = 1.3  # times quicker: what is nearly the same must not hang on a whim of the machine
_SPARED = 0.1  # of what is free, for whatever else begins meanwhile


@dataclass(frozen=True, slots=True)
class Placement:
    """How a base model is held."""

    device: str = "cpu"  # or "cuda"
    precision: str = "float32"  # or "bfloat16", "nf4"
    row_tokens: int = 2048  # of a packed row
    checkpointing: bool = False  # what the way back needs is computed again


def for_answers() -> Placement:
    """Where the worker holds a base: memory was looked at when the agent was trained."""
    return Placement(device=_device(), precision="float32" if _device() == "cpu" else wide("cuda"))


def for_training(job: pb.TrainingJob, *, rank: int) -> Placement:
    """The quickest that fits. Raises NotReady, naming a base that would, when none does."""
    device = _device()
    room = job.memory_bytes or int((1 - _SPARED) * free_bytes(device))
    size = footprint.size_of(job.base_model)
    width = "float32" if size.hidden <= _SMALL else wide(device)

    def needed(how: Placement) -> int:
        return footprint.bytes_of(
            size, device=device, precision=how.precision, width=width, checkpointing=how.checkpointing,
            row_tokens=max(how.row_tokens, _LONGEST), rank=rank,
        )  # fmt: skip

    return choose(ways(device, width, size.hidden, quantises=quantises()), needed, room, job.others)


def ways(device: str, width: str, hidden: int, *, quantises: bool) -> Iterator[Placement]:
    """The quickest first. Pure."""
    if device == "cuda" or hidden <= _SMALL:
        yield Placement(device, width, _LONG_ROWS[device])
    yield Placement(device, width, _SHORT_ROW)
    yield Placement(device, width, _SHORT_ROW, checkpointing=True)
    if quantises and hidden > _SMALL:
        yield Placement(device, "nf4", _SHORT_ROW)
        yield Placement(device, "nf4", _SHORT_ROW, checkpointing=True)


def choose(
    several: Iterable[Placement],
    needed: Callable[[Placement], int],
    room: int,
    others: Iterable[pb.BaseChoice] = (),
) -> Placement:
    """The first that has room. Pure."""
    least = None
    for how in several:
        if needed(how) <= room:
            return how
        least = min(least or needed(how), needed(how))
    fitting = [other for other in others if other.memory_bytes <= room]
    instead = max(fitting, key=lambda other: other.memory_bytes).name if fitting else ""
    raise NotReady(
        f"training on this base model takes {(least or 0) / _GB:.1f} GB of memory, and {room / _GB:.1f} GB "
        "are free: close other programs"
        + (f", or take a smaller one: ownhand model use {instead}" if instead else "")
    )


def quantises() -> bool:
    return util.find_spec("bitsandbytes") is not None


def free_bytes(device: str) -> int:
    """Memory that a training could take now."""
    if device == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
        return min(free, _free_in_container())
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 3 // 4


def _free_in_container() -> int:
    folder = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        limit, used = ((folder / name).read_text("ascii") for name in ("memory.max", "memory.current"))
        return int(limit) - int(used)
    return 1 << 62


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def wide(device: str) -> str:
    """What a device computes in: 16 bits where they are quicker."""
    import torch

    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    return _quicker()


@cache
def _quicker() -> str:
    """float32 or bfloat16, whichever this CPU multiplies quicker: its feature flags do not tell."""
    import torch

    return "bfloat16" if _time(torch.bfloat16) * _WORTH_IT < _time(torch.float32) else "float32"


def _time(dtype: Any) -> float:
    """Seconds of one product in the size of a small model, forth and back; the best of several."""
    import torch

    x, w = torch.ones(256, 512, dtype=dtype), torch.ones(1024, 512, dtype=dtype)
    best, end = float("inf"), time.perf_counter() + _PROBE_S
    while time.perf_counter() < end:
        began = time.perf_counter()
        (x @ w.T) @ w
        best = min(best, time.perf_counter() - began)
    return best
