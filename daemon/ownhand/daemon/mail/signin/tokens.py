"""OAuth 2 tokens of an account: kept, renewed in time, and renewed by one at a time.

The daemon and a command of the person may need a token at once: a lock file makes one of them ask, and the
other finds the answer. What was got is kept before it is used: some servers take each refresh token once.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from ownhand.daemon.errors import NotReady, Reason, Unreachable
from ownhand.daemon.mail.signin.oauth import Client, Tokens
from ownhand.daemon.mail.signin.shelf import InFile, InKeyring, Shelf

_WAIT_S = 60.0  # for another who asks; each of its requests ends within 20 seconds
_LOOK_S = 0.02


@dataclass(frozen=True, slots=True)
class TokenCommand:
    """A token from where the person's other programs have it; it is renewed there."""

    read: Callable[[], str] = field(repr=False)
    kind: Literal["token"] = "token"

    def secret(self) -> str:
        return self.read()

    def refused(self, secret: str) -> bool:
        return self.read() != secret


class TokenSignIn:
    """A SignIn with tokens that `ownhand sign-in` got."""

    kind: Literal["token"] = "token"

    def __init__(
        self, client: Client, shelf: Shelf, lock: Path, *, now: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._shelf = shelf
        self._lock = lock
        self._now = now

    def secret(self) -> str:
        tokens = self._kept()
        if tokens.is_fresh(self._now()):
            return tokens.access
        with _alone(self._lock):
            tokens = self._kept()
            if tokens.is_fresh(self._now()):
                return tokens.access
            try:
                return self._renewed(tokens)
            except Unreachable:
                if tokens.is_good(self._now()):
                    return tokens.access
                raise

    def refused(self, secret: str) -> bool:
        with _alone(self._lock):
            tokens = self._kept()
            return tokens.access != secret or self._renewed(tokens) != secret

    def keep(self, tokens: Tokens) -> None:
        """Puts the tokens of a new sign-in where the next login finds them."""
        with _alone(self._lock):
            self._shelf.write(tokens.to_json())

    def forget(self) -> bool:
        """Whether there were tokens to forget."""
        with _alone(self._lock):
            return self._shelf.erase()

    def signed_in(self) -> bool:
        """Whether there are tokens, good or not."""
        return bool(self._shelf.read())

    def _kept(self) -> Tokens:
        text = self._shelf.read()
        try:
            if text:
                return Tokens.from_json(text)
        except ValueError:
            pass
        raise NotReady(
            "this account is not signed in yet",
            hint="run `ownhand sign-in` for it",
            reason=Reason.LOGIN_FAILED,
        )

    def _renewed(self, tokens: Tokens) -> str:
        renewed = self._client.renew(tokens)
        self._shelf.write(renewed.to_json())
        return renewed.access


def token_sign_in(
    account: str, client: Client, folder: Path, *, keep: Literal["keyring", "file"]
) -> TokenSignIn:
    """The sign-in of an account, whose tokens are in the keyring, or in `folder` where the person says so."""
    name = quote(account, safe="")
    shelf: Shelf = InKeyring(f"oauth/{account}") if keep == "keyring" else InFile(folder / f"{name}.json")
    return TokenSignIn(client, shelf, folder / f"{name}.lock")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Holds the lock among threads and processes; the system lets go of it when its holder dies."""
    import fcntl

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + _WAIT_S
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Unreachable(
                        "another process is signing this account in and does not finish",
                        hint="is a question of the keyring open somewhere?",
                    ) from None
                time.sleep(_LOOK_S)
        yield
    finally:
        os.close(descriptor)
