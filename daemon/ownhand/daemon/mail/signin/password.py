"""How an account proves whose it is: a password, from where the person keeps it, or an OAuth 2 token.

Nothing here is ever logged, and no error shows a value.
"""

import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from ownhand.daemon.errors import Invalid, NotReady, Reason

SERVICE = "ownhand"  # under which the keyring holds passwords
_COMMAND_S = 30.0  # a password manager may ask the person to unlock it
_KINDS = ("env", "file", "command", "keyring")


class SignIn(Protocol):
    """What a mail server is shown. Safe to use from several threads; all of it blocks."""

    @property
    def kind(self) -> Literal["password", "token"]:
        """A token goes into XOAUTH2 or OAUTHBEARER, a password into anything else."""
        ...

    def secret(self) -> str:
        """The password, or a token that is still good. Raises NotReady, LoginFailed or Unreachable."""
        ...

    def refused(self, secret: str) -> bool:
        """The server refused this secret: whether `secret()` gives another one now. Raises as that does."""
        ...


@dataclass(frozen=True, slots=True)
class Password:
    """Reads a password anew each time; one that was refused stays refused."""

    read: Callable[[], str] = field(repr=False)
    kind: Literal["password"] = "password"

    def secret(self) -> str:
        return self.read()

    def refused(self, secret: str) -> bool:
        return False


def password_reader(spec: Mapping[str, object], account: str) -> Callable[[], str]:
    """What gives the password of `account`; it blocks, so call it in a thread. `spec` holds one of:

    {"env": "NAME"}, {"file": "path"}, {"command": ["program", …]}, {"keyring": True}
    """
    match dict(spec):
        case {"env": str(name), **rest} if name and not rest:
            return partial(_from_environment, name)
        case {"file": str(path), **rest} if path and not rest:
            return partial(_from_file, Path(path).expanduser())
        case {"command": [str(), *_] as words, **rest} if not rest and all(isinstance(w, str) for w in words):
            return partial(_from_command, [str(word) for word in words])
        case {"keyring": True, **rest} if not rest:
            return partial(_from_keyring, account)
    raise Invalid(
        "the password setting is not understood",
        hint='use one of { env = "NAME" }, { file = "path" }, { command = ["program"] }, { keyring = true }',
        fields={"password": f"must have exactly one of {', '.join(_KINDS)}"},
    )


def keep_in_keyring(entry: str, secret: str) -> None:
    """Puts a secret where {"keyring": True} finds it, and looks whether it is there. Blocks."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, entry, secret)
        kept = keyring.get_password(SERVICE, entry)
    except KeyringError:
        raise _no_keyring() from None
    if kept != secret:
        # The backend called null takes everything and keeps nothing.
        raise _no_keyring()


def in_keyring(entry: str) -> str:
    """What is kept there; empty when nothing is. Blocks, perhaps until the person unlocks it."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, entry) or ""
    except KeyringError:
        raise _no_keyring() from None


def forget_in_keyring(entry: str) -> bool:
    """Whether there was something to forget. Blocks."""
    import keyring
    from keyring.errors import KeyringError

    if not in_keyring(entry):
        return False
    try:
        keyring.delete_password(SERVICE, entry)
    except KeyringError:
        raise _no_keyring() from None
    return True


def keyring_problem() -> str:
    """What is wrong with this machine's keyring, for people; empty when secrets are safe in it."""
    import keyring

    backend = type(keyring.get_keyring())
    where = f"{backend.__module__}.{backend.__name__}"
    if where.startswith(("keyring.backends.fail.", "keyring.backends.null.")):
        return "this machine has no keyring that can be used"
    if "Plaintext" in where:
        return "the keyring of this machine is a file that is not encrypted"
    return ""


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise _missing(f"the environment variable {name} is not set", "set it where the daemon is started")
    return value


def _from_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            # Of the open file, not of the path: what is checked is what is read.
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO) and os.name == "posix":
                raise _missing(f"others on this machine can read {path}", f"run: chmod 600 {path}")
            value = file.readline().rstrip("\r\n")
    except FileNotFoundError:
        raise _missing(f"there is no password file {path}", "write the password in its first line") from None
    except (OSError, UnicodeDecodeError):
        raise _missing(
            f"the password file {path} cannot be read", "it must be a text file of yours"
        ) from None
    if not value:
        raise _missing(f"the first line of the password file {path} is empty", "write the password there")
    return value


def _from_command(words: list[str]) -> str:
    program = Path(words[0]).name
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_S)
    except subprocess.TimeoutExpired:
        raise _missing(
            f"the password command {program} took over {_COMMAND_S:.0f} s", "it must not ask on the terminal"
        ) from None
    except OSError:
        raise _missing(f"the password command {program} cannot be run", "is it installed?") from None
    # Its output is the secret, and what it says on stderr may quote it: neither goes into an error.
    if done.returncode:
        raise _missing(f"the password command {program} failed ({done.returncode})", "run it by hand once")
    first = done.stdout.split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8", "replace")
    if not first:
        raise _missing(f"the password command {program} printed nothing", "it must print the password")
    return first


def _from_keyring(account: str) -> str:
    if value := in_keyring(account):
        return value
    raise _missing("the keyring has no password for this account", f"put it there: ownhand key set {account}")


def _no_keyring() -> NotReady:
    # A Linux machine without a desktop has none; falling back to a file by itself would be a surprise.
    return _missing(
        "this machine has no keyring that can be used now",
        'unlock it, or use password = { command = ["pass", "mail"] } or { file = "…" } with mode 600 instead',
    )


def _missing(message: str, hint: str) -> NotReady:
    return NotReady(message, hint=hint, reason=Reason.LOGIN_FAILED)
