"""The file that tells clients where the daemon answers. Written whole or not at all."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Endpoint:
    target: str  # as grpc takes it
    token: str  # empty on a Unix socket, whose rights say who may call
    pid: int
    version: str


def write_endpoint(path: Path, endpoint: Endpoint) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(endpoint), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_endpoint(path: Path) -> Endpoint | None:
    """Where the daemon answers, or None when none has said so."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Endpoint(**json.loads(path.read_text("utf-8")))
    return None
