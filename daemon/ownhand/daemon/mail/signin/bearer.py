"""An OAuth 2 token as mail servers are shown it: by Google's XOAUTH2, or by the OAUTHBEARER of RFC 7628."""

import json
import re
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Literal

Mechanism = Literal["XOAUTH2", "OAUTHBEARER"]
# Gmail and Microsoft have the first for longer, and some servers offer the other without taking it.
_MECHANISMS: tuple[Mechanism, ...] = ("XOAUTH2", "OAUTHBEARER")
_SCOPE = re.compile(r"[A-Za-z0-9:/._-]{1,100}")  # nothing that could be an address


def mechanism_of(offered: Container[str]) -> Mechanism | None:
    """The one to use, of those that a server offers."""
    return next((name for name in _MECHANISMS if name in offered), None)


@dataclass(slots=True)
class Bearer:
    """One sign-in with a token: what is said, and what a refusal says."""

    mechanism: Mechanism
    user: str
    token: str = field(repr=False)
    _refusal: bytes | None = field(default=None, init=False, repr=False)

    @property
    def words(self) -> bytes:
        """What the server is shown first."""
        if self.mechanism == "XOAUTH2":
            return f"user={self.user}\x01auth=Bearer {self.token}\x01\x01".encode()
        name = self.user.replace("=", "=3D").replace(",", "=2C")
        return f"n,a={name},\x01auth=Bearer {self.token}\x01\x01".encode()

    def reply(self, challenge: bytes) -> bytes:
        """To the challenge that comes after the words. Only a refusal has one: why, as JSON.

        The server says its real answer once the client has said that it has nothing to add.
        """
        self._refusal = challenge
        return b"" if self.mechanism == "XOAUTH2" else b"\x01"

    @property
    def hint(self) -> str:
        """What to do after a refusal."""
        scope = _scope(self._refusal or b"")
        needed = f"include {scope}" if scope else "are those for mail"
        return f"check `user`, and that the scopes {needed}; then run `ownhand sign-in`"


def _scope(refusal: bytes) -> str:
    """The scope that the server asks for; empty when it names none, or says something else than JSON."""
    try:
        said = json.loads(refusal)
    except ValueError:
        return ""
    scope = said.get("scope") if isinstance(said, dict) else None
    first = scope.split(" ")[0] if isinstance(scope, str) else ""
    return first if _SCOPE.fullmatch(first) else ""
