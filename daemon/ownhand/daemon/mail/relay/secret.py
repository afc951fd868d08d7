"""What a mail program shows the relay: random words in a file that only their owner can read."""

import os
import secrets
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from ownhand.daemon.errors import NotReady

_BYTES = 24  # random ones; typed by nobody, pasted once


def relay_secret(folder: Path, account: str, *, new: bool = False) -> str:
    """The secret of an account's relay; made when there is none, or when a new one is wanted."""
    file = folder / f"{sha256(account.encode()).hexdigest()[:16]}.secret"
    if new:
        file.unlink(missing_ok=True)
    with suppress(FileExistsError):
        _make(file)
    with file.open(encoding="ascii") as opened:
        if stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
            raise NotReady(
                "others on this machine can read the relay's secret",
                hint="make one: `ownhand relay secret --new`",
            )
        return opened.readline().strip()


def _make(file: Path) -> None:
    """Whole or not at all: two programs may want it at once."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    if file.exists():
        return
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(_BYTES) + "\n")
    try:
        os.link(temporary, file)
    finally:
        temporary.unlink()
