"""Has the trainer fetch a base model, in a child process, and reads what it says.

The one child that may use the network; it ends when we do, and goes on where it stopped when asked again.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from google.protobuf.json_format import Parse, ParseError
from ownhand.daemon.errors import (
    Invalid,
    LoginFailed,
    NotFound,
    NotReady,
    OwnhandError,
    Reason,
    StorageFailed,
    Unreachable,
)
from ownhand.worker.v1 import fetching_pb2 as pb

_SAID = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1"}
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_AGAIN = "pull again: it goes on where it stopped"


def look(python: str, name: str, folder: Path) -> pb.FetchFound:
    """What the hub has under a name; fetches nothing."""
    with _child(python, [name, str(folder), "--look"]) as events:
        for event in events:
            if event.WhichOneof("event") == "found":
                return event.found
    raise _ended()


def pull(python: str, name: str, folder: Path) -> Iterator[int]:
    """Yields the bytes that are left; the folder is there, whole, when it ends."""
    with _child(python, [name, str(folder)]) as events:
        for event in events:
            if event.WhichOneof("event") == "finished":
                return
            if event.WhichOneof("event") == "progress":
                yield event.progress.bytes_left
    raise _ended()


@contextmanager
def _child(python: str, words: list[str]) -> Iterator[Iterator[pb.FetchEvent]]:
    try:
        process = subprocess.Popen(
            [python, "-m", "ownhand.trainer", "fetch", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(os.environ),
        )
    except OSError as exc:
        hint = "set trainer.python to a Python that has Ownhand's trainer"
        raise NotReady(f"the trainer cannot be started ({type(exc).__name__})", hint=hint) from None
    assert process.stdout is not None and process.stdin is not None
    try:
        yield (_event(line, words[0]) for line in process.stdout)
    finally:
        process.stdin.close()  # the child ends with it
        process.stdout.close()
        process.wait()


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The person's own, for proxies, certificates and the hub's token; but no offline switch of a parent."""
    kept = {key: value for key, value in environ.items() if key not in _OFFLINE}
    return kept | _SAID


def _event(line: bytes, name: str) -> pb.FetchEvent:
    try:
        event = Parse(line, pb.FetchEvent(), ignore_unknown_fields=True)
    except ParseError:
        raise NotReady(
            "the trainer wrote a line that is no event", hint="is it of another version?"
        ) from None
    if event.WhichOneof("event") == "failed":
        raise _failure(event.failed, name)
    return event


def _failure(failed: pb.FetchFailed, name: str) -> OwnhandError:
    said = failed.message
    match failed.reason:
        case "UNKNOWN":
            return NotFound(said, hint="names stand at huggingface.co/models, as owner/name")
        case "GATED":
            hint = f"accept its terms at huggingface.co/{name} and set HF_TOKEN to a token that may read it"
            return LoginFailed(said, hint=hint)
        case "UNREACHABLE" | "DAMAGED":
            return Unreachable(said, hint=f"look at the connection; {_AGAIN}")
        case "DISK_FULL":
            return StorageFailed(said, hint=f"make room; {_AGAIN}")
        case "UNFIT":
            hint = "choose a repository of the original model, not of GGUF or other formats"
            return Invalid(said, hint=hint, fields={"name": "is no base model"})
    return NotReady(said, hint=_AGAIN, reason=Reason.TRAINER_FAILED)


def _ended() -> NotReady:
    return NotReady("fetching ended too early", hint=_AGAIN, reason=Reason.TRAINER_FAILED)
