"""What can go wrong with a mail server, as errors that say what was so and what to do.

Texts of servers are looked at and never passed on: they quote addresses, and broken answers quote mail.
That is why callers raise these errors `from None`.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Sequence

from ownhand.daemon.errors import LoginFailed, NotReady, OwnhandError, Reason, Unreachable

# What imapclient and the socket below it raise. Its LoginError and ProtocolError are IMAP4.error too.
FOREIGN = (OSError, imaplib.IMAP4.error)
# What an answer that breaks the protocol makes imapclient raise, beside its own errors.
BROKEN_ANSWER = (ValueError, TypeError, LookupError, AttributeError)

_BUSY_S = 300.0
_PASSES = re.compile(
    r"\[(unavailable|inuse|limit|serverbug)\]|too many|temporar|try again|rate limit|backoff|not connected",
    re.IGNORECASE,
)
# What refuses any command, there being too many. "[SERVERBUG]" is not among them: that may be one bad mail.
_THROTTLES = re.compile(
    r"\[(limit|throttled|overquota|unavailable)\]|too many|rate limit|backoff|throttl|bandwidth|"
    r"not connected",
    re.IGNORECASE,
)
_SUGGESTED = re.compile(r"backoff time: (\d+) milliseconds", re.IGNORECASE)
# Sessions end with the token they were opened with: after an hour (OAuth) or a day (Gmail), in these words.
_EXPIRED = re.compile(
    r"\[(authenticationfailed|expired|authorizationfailed|privacyrequired)\]|session expired|"
    r"accesstokenexpired|not authenticated|invalid credentials",
    re.IGNORECASE,
)


class Busy(Unreachable):
    """The server wants to be left alone; `suggested_s` says for how long if it said so, else it is 0."""

    def __init__(self, message: str, said: str, *, hint: str) -> None:
        found = _SUGGESTED.search(said)
        self.suggested_s = int(found[1]) / 1000 if found else 0.0
        super().__init__(message, hint=hint, retry_after_s=self.suggested_s or _BUSY_S)


class SessionOver(Unreachable):
    """The token that the session was opened with is no longer good; signing in with a fresh one helps."""


_Maker = Callable[[str], OwnhandError]
_TABLE: tuple[tuple[type[BaseException], _Maker], ...] = (
    (
        ssl.SSLCertVerificationError,
        lambda server: Unreachable(
            f"the certificate of {server} is not trusted",
            hint="check the host name; a certificate of your own must be installed on this machine first",
        ),
    ),
    (
        ssl.SSLError,
        lambda server: Unreachable(
            f"{server} does not speak TLS on this port", hint="check the port; it is usually 993"
        ),
    ),
    (
        socket.gaierror,
        lambda server: Unreachable(
            f"the host of {server} is not known", hint="check the host name and the network connection"
        ),
    ),
    (
        ConnectionRefusedError,
        lambda server: Unreachable(
            f"{server} refused the connection", hint="it may be down; check host and port"
        ),
    ),
    (
        TimeoutError,
        lambda server: Unreachable(f"{server} did not answer in time", hint="check the network connection"),
    ),
    (
        imaplib.IMAP4.abort,
        lambda server: Unreachable(f"{server} ended the connection", hint="trying again may help"),
    ),
    (
        OSError,
        lambda server: Unreachable(f"the connection to {server} failed", hint="check the network connection"),
    ),
    (
        imaplib.IMAP4.error,
        lambda server: Unreachable(
            f"{server} refused a command or answered nonsense", hint="trying again later may help"
        ),
    ),
)


def translate(error: BaseException, server: str) -> OwnhandError:
    """The error to raise for a FOREIGN one. `server` is host and port."""
    return next(make(server) for kind, make in _TABLE if isinstance(error, kind))


def login_refused(error: imaplib.IMAP4.error, server: str) -> OwnhandError:
    """A login that failed because the server is busy may pass; any other one does not."""
    said = str(error)
    # imapclient turns every failure of LOGIN into its LoginError, a cut connection too.
    if isinstance(error, imaplib.IMAP4.abort) or isinstance(error.__context__, imaplib.IMAP4.abort):
        return translate(imaplib.IMAP4.abort(), server)
    if _PASSES.search(said) and "[authenticationfailed]" not in said.lower():
        hint = "it is busy or limits logins; trying again later helps"
        return Busy(f"{server} takes no login at the moment", said, hint=hint)
    return LoginFailed(
        f"{server} refused the login",
        hint="check user and password; many providers want an app password made in their web settings",
    )


def refuse(result: bytes | None, server: str) -> None:
    """Raises when a command was refused for a reason that is not its own: a limit, or a session's end."""
    said = (result or b"").decode("ascii", "replace")
    if said[:2].upper() == "OK":
        return
    if _EXPIRED.search(said):
        raise _session_over(server)
    if _THROTTLES.search(said):
        raise Busy(f"{server} limits how much is asked of it", said, hint="trying again later helps")


def hung_up(said: str, server: str) -> OwnhandError:
    """The error for a connection that the server ended, saying `said` if anything."""
    if _EXPIRED.search(said):
        return _session_over(server)
    if _THROTTLES.search(said):
        return Busy(f"{server} ended the connection, being busy", said, hint="trying again later helps")
    return translate(imaplib.IMAP4.abort(), server)


def _session_over(server: str) -> SessionOver:
    return SessionOver(f"{server} ended the session", hint="signing in again helps", retry_after_s=1.0)


def suggested_s(error: Unreachable) -> float:
    """Seconds that the server asked to wait; 0 when it named none."""
    return error.suggested_s if isinstance(error, Busy) else 0.0


def folder_missing(wanted: str, folders: Sequence[str]) -> NotReady:
    """`wanted` is the name in the config, or empty when the folder was looked for."""
    there = ", ".join(f'"{name}"' for name in folders[:40]) or "none"
    return NotReady(
        f'there is no folder "{wanted}"' if wanted else "the Sent folder was not found",
        hint=f'name it in the config as sent = "…"; the account has these folders: {there}',
        reason=Reason.FOLDER_MISSING,
    )


def refuses_all(n_messages: int) -> Unreachable:
    return Unreachable(
        f"the server could give none of {n_messages} messages in a row",
        hint="it may be repairing itself; nothing was lost, and reading goes on from here later",
        retry_after_s=_BUSY_S,
    )
