"""Where a secret that this program got itself is kept: the keyring, or a file when the person says so."""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ownhand.daemon.errors import NotReady, Reason
from ownhand.daemon.mail.signin import password


class Shelf(Protocol):
    """One secret. All of it blocks, and raises NotReady when the place cannot be used."""

    def read(self) -> str:
        """Empty when there is none."""
        ...

    def write(self, secret: str) -> None: ...

    def erase(self) -> bool:
        """Whether there was one."""
        ...


@dataclass(frozen=True, slots=True)
class InKeyring:
    entry: str

    def read(self) -> str:
        return password.in_keyring(self.entry)

    def write(self, secret: str) -> None:
        password.keep_in_keyring(self.entry, secret)

    def erase(self) -> bool:
        return password.forget_in_keyring(self.entry)


@dataclass(frozen=True, slots=True)
class InFile:
    """For machines without a keyring. Whoever reads this person's files reads it: it is not encrypted."""

    path: Path

    def read(self) -> str:
        try:
            with self.path.open(encoding="utf-8") as file:
                if os.name == "posix" and os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                    raise NotReady(
                        f"others on this machine can read {self.path}",
                        hint=f"run: chmod 600 {self.path}",
                        reason=Reason.LOGIN_FAILED,
                    )
                return file.read()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError):
            raise self._unusable() from None

    def write(self, secret: str) -> None:
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary.unlink(missing_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                out.write(secret)
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(self.path)
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise self._unusable() from None

    def erase(self) -> bool:
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        return True

    def _unusable(self) -> NotReady:
        return NotReady(
            f"{self.path} cannot be read or written",
            hint="it must be a file of yours, and the disk must have room",
            reason=Reason.LOGIN_FAILED,
        )
