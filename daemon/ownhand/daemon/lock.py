"""One daemon per data folder. The system lets go of the lock when its holder dies, however it dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ownhand.daemon.errors import Reason, StorageFailed


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Holds the lock. Raises StorageFailed when another daemon has it."""
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            raise StorageFailed(
                f"another daemon runs already (process {pid or 'unknown'})",
                hint="use that one, or stop it first",
                reason=Reason.INTERNAL,
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
