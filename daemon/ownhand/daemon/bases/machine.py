"""What this machine has for a small model: memory, cores, an accelerator.

Asks the system and the driver, never a numerical library: that would cost the command seconds.
"""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_GIB = 2**30
_ASK_S = 5.0

# GFLOP/s of one core that a training of ours reaches in 32 bits. Measured: avx512f, 75 (2026-11-23); the
# others by the width of their vectors.
_CORE_GFLOPS = (("avx512f", 75.0), ("avx2", 40.0))
_OTHER_CORE_GFLOPS = 20.0
_ARM_CORE_GFLOPS = 30.0

# TFLOP/s in 16 bits by the maker's word, and the share of it that LoRA trainings reach: 34 % was published
# for an A100, less for Apple's GPUs.
_NVIDIA_TFLOPS = (
    ("B200", 2250), ("H200", 989), ("H100", 989), ("A100", 312), ("L40", 181), ("L4", 121), ("A10", 125),
    ("5090", 210), ("4090", 165), ("4080", 97), ("4070", 58), ("4060", 30), ("3090", 71), ("3080", 60),
    ("3070", 40), ("3060", 25), ("T4", 65), ("V100", 112),
)  # fmt: skip
_APPLE_TFLOPS = (
    ("Ultra", 54), ("M4 Max", 34), ("M3 Max", 28), ("M2 Max", 27), ("M1 Max", 21), ("M4 Pro", 17),
    ("M3 Pro", 13), ("M2 Pro", 13), ("M1 Pro", 10), ("M5", 12), ("M4", 9), ("M3", 8), ("M2", 7), ("M1", 5),
)  # fmt: skip
_NVIDIA_SHARE, _APPLE_SHARE = 0.3, 0.25
_OTHER_NVIDIA_TFLOPS, _OTHER_APPLE_TFLOPS = 30, 8

Kind = Literal["cpu", "cuda", "mlx"]


@dataclass(frozen=True, slots=True)
class Machine:
    """What trainings and workers have here."""

    kind: Kind
    name: str
    memory_bytes: int  # of the accelerator, or all there is
    gflops: float  # reached in training, by the cores that training may take

    @property
    def room_bytes(self) -> int:
        """What a training may take: not the memory that the system and the person's programs live in."""
        spared = {"cpu": 2 * _GIB, "cuda": _GIB // 2, "mlx": max(3 * _GIB, self.memory_bytes // 4)}
        return max(0, self.memory_bytes - spared[self.kind])


def this_machine(backend: str = "auto", threads: int = 1) -> Machine:
    """With the backend that would be chosen here."""
    if backend in ("auto", "mlx") and platform.system() == "Darwin" and platform.machine() == "arm64":
        name = _answer(["sysctl", "-n", "machdep.cpu.brand_string"]) or "Apple silicon"
        gflops = _of(name, _APPLE_TFLOPS, _OTHER_APPLE_TFLOPS) * 1000 * _APPLE_SHARE
        return Machine("mlx", name, _memory(), gflops)
    if backend in ("auto", "torch") and (card := _nvidia()):
        name, memory = card
        gflops = _of(name, _NVIDIA_TFLOPS, _OTHER_NVIDIA_TFLOPS) * 1000 * _NVIDIA_SHARE
        return Machine("cuda", name, memory, gflops)
    cores = n_cores() if threads == 0 else min(threads, n_cores())
    name = f"{cores} of {n_cores()} cores" if cores < n_cores() else f"{cores} cores"
    return Machine("cpu", name, _memory(), cores * _core_gflops())


def n_cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    """Of the machine, or of the container that this runs in."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    said = limit.read_text().strip() if limit.is_file() else ""
    return min(whole, int(said)) if said.isdigit() else whole


def _core_gflops() -> float:
    if platform.machine().lower() in ("arm64", "aarch64"):
        return _ARM_CORE_GFLOPS
    told = Path("/proc/cpuinfo")
    flags = told.read_text(errors="replace") if told.is_file() else _answer(["sysctl", "-n", "machdep.cpu"])
    return next((gflops for flag, gflops in _CORE_GFLOPS if flag in flags.lower()), _OTHER_CORE_GFLOPS)


def _nvidia() -> tuple[str, int] | None:
    """The card that torch would take first, and its memory."""
    if not shutil.which("nvidia-smi"):
        return None
    asked = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"]
    name, _, mib = _answer(asked).partition("\n")[0].rpartition(",")
    return (name.strip(), int(mib) * 2**20) if mib.strip().isdigit() else None


def _answer(words: list[str]) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_ASK_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _of(name: str, table: tuple[tuple[str, int], ...], otherwise: int) -> float:
    return next((number for part, number in table if part in name), otherwise)
