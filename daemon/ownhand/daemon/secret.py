"""Passwords and keys, from where the person keeps them. Never printed, never kept."""

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ownhand.daemon.config import Secret
from ownhand.daemon.errors import NotReady, Reason

_COMMAND_TIMEOUT_S = 60.0  # a password manager may ask the person to unlock it


def reveal(secret: Secret, environ: Mapping[str, str] = os.environ) -> str:
    """The secret itself. Blocks: a command or a keyring may take its time."""
    if secret.command:
        return _from_command(secret.command)
    if secret.env:
        return _found(environ.get(secret.env, ""), f"the variable {secret.env}")
    if secret.file:
        return _from_file(Path(secret.file).expanduser())
    return _from_keyring(secret.keyring)


def _from_command(command: tuple[str, ...]) -> str:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise _missing(f"the command {command[0]} did not end in {_COMMAND_TIMEOUT_S:.0f} seconds") from None
    except OSError as exc:
        raise _missing(f"the command {command[0]} cannot be run ({type(exc).__name__})") from None
    if done.returncode:
        raise _missing(f"the command {command[0]} failed with status {done.returncode}")
    return _found(done.stdout.decode("utf-8", "replace"), f"the output of {command[0]}")


def _from_file(path: Path) -> str:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise _missing("the file with the secret can be read by others", hint="chmod 600 it")
        return _found(path.read_text("utf-8"), "the file with the secret")
    except OSError as exc:
        raise _missing(f"the file with the secret cannot be read ({type(exc).__name__})") from None


def _from_keyring(place: str) -> str:
    import keyring
    from keyring.errors import KeyringError

    service, _, name = place.partition("/")
    try:
        return _found(keyring.get_password(service, name) or "", "the keyring")
    except KeyringError as exc:
        raise _missing(
            f"the keyring cannot be used ({type(exc).__name__})",
            hint="unlock it, or keep the secret with command, env or file",
        ) from None


def _found(text: str, where: str) -> str:
    lines = text.splitlines()
    if not lines or not lines[0]:
        raise _missing(f"there is no secret in {where}")
    return lines[0]


def _missing(message: str, hint: str = "put it there, or change where config.toml looks") -> NotReady:
    return NotReady(message, hint=hint, reason=Reason.LOGIN_FAILED)
