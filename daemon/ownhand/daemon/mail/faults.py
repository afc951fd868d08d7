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
# What a FETCH answer that breaks the protocol makes imapclient's parser raise.
BROKEN_ANSWER = (imaplib.IMAP4.error, ValueError, TypeError, LookupError, AttributeError, RecursionError)

_BUSY_S = 300.0
_PASSES = re.compile(
    r"\[(unavailable|inuse|limit|serverbug)\]|too many|temporar|try again|rate limit|backoff|not connected",
    re.IGNORECASE,
)
_SUGGESTED = re.compile(r"backoff time: (\d+) milliseconds", re.IGNORECASE)

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
        lambda server: Unreachable(f"{server} refused the connection", hint="check host and port"),
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
        suggested = _SUGGESTED.search(said)
        return Unreachable(
            f"{server} takes no login at the moment",
            hint="it is busy or limits logins; trying again later helps",
            retry_after_s=int(suggested[1]) / 1000 if suggested else _BUSY_S,
        )
    return LoginFailed(
        f"{server} refused the login",
        hint="check user and password; many providers want an app password made in their web settings",
    )


def out_of_step(error: BaseException) -> bool:
    """Whether after this error the connection is in the middle of an answer, and of no more use."""
    # imaplib says an over-long line with a plain IMAP4.error, and leaves the rest of the line unread.
    return isinstance(error, imaplib.IMAP4.abort) or "got more than" in str(error)


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
