"""Starts and ends the trainer's processes. Knows nothing of what they say."""

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from pathlib import Path

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from ownhand.daemon.errors import Invalid, NotReady, Reason

_GRACE_S = 10.0
_MAX_SOCKET_PATH = 103  # bytes; macOS has room for 104 with the final zero, Linux for 108

# All that a trainer needs of the daemon's environment; keys and passwords are not among it.
_LOCALE = ("LANG", "LC_ALL", "LC_CTYPE", "TZ")
_LIBRARIES = ("PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES")
_PASSED_ON = frozenset(("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", *_LOCALE, *_LIBRARIES))

# Weights come from folders that the person named. No library may look for them anywhere else.
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


async def start(
    command: Sequence[str], *, log: Path, low_priority: bool = False, events: bool = True
) -> Process:
    """A child that ends when we do: it reads a pipe that only we hold open.

    In a process group of its own the system wakes it when we are gone, even if it was stopped.
    """
    words = [*_nicely(), *command] if low_priority else list(command)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return await asyncio.create_subprocess_exec(
            *words,
            stdin=PIPE,
            stdout=PIPE if events else DEVNULL,
            stderr=descriptor,
            env=_environment(),
            process_group=0,
        )
    except OSError as exc:
        message = f"the trainer cannot be started ({type(exc).__name__})"
        hint = "set trainer.python to a Python that has Ownhand's trainer"
        raise NotReady(message, hint=hint, reason=Reason.TRAINER_FAILED) from exc
    finally:
        os.close(descriptor)


async def stop(process: Process) -> None:
    """SIGTERM, ten seconds, SIGKILL. Returns when the child is gone."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        _signal(process.terminate)
        _signal(lambda: process.send_signal(signal.SIGCONT))  # a stopped one would not hear of it
        try:
            await asyncio.wait_for(process.wait(), _GRACE_S)
        except TimeoutError:
            _signal(process.kill)
            await process.wait()
    _close_pipes(process)


def ended(what: str, status: int) -> NotReady:
    """The error for a child that ended by itself."""
    how = f"signal {-status}" if status < 0 else f"status {status}"
    return NotReady(
        f"{what} ended too early ({how})",
        hint="try again; if it stays, see the trainer's log",
        reason=Reason.TRAINER_FAILED,
    )


def too_slow(seconds: float) -> NotReady:
    """The error for a worker that started but did not answer."""
    return NotReady(
        f"the worker did not answer within {seconds:.0f} seconds",
        hint="try again when the machine is less busy",
        reason=Reason.TRAINER_FAILED,
    )


def new_socket(runtime: Path) -> Path:
    """A new name each time: an old worker that is still ending removes its own socket, not this one."""
    path = runtime / f"worker-{os.getpid()}-{secrets.token_hex(2)}.sock"
    length = len(os.fsencode(path))
    if length > _MAX_SOCKET_PATH:
        what = f"its sockets would have names of {length} bytes; {_MAX_SOCKET_PATH} is the most there can be"
        raise Invalid("the runtime folder lies too deep", hint="set a shorter one", fields={"runtime": what})
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_job(path: Path, job: Message) -> None:
    """Replaces a job file whole, for the owner's eyes only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(MessageToJson(job, preserving_proto_field_name=True))
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)


def _nicely() -> list[str]:
    """Words before a command that let all else go first. Both tools replace themselves: one process."""
    words = []
    if nice := shutil.which("nice"):
        words += [nice, "-n", "19"]
    if sys.platform == "linux" and (ionice := shutil.which("ionice")):
        words += [ionice, "-c", "3"]
    return words


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in _PASSED_ON} | _OFFLINE


def _signal(send: Callable[[], None]) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended a moment ago
        send()


def _close_pipes(process: Process) -> None:
    """asyncio closes a pipe only when it was read to its end; an open one warns when it is collected."""
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()
