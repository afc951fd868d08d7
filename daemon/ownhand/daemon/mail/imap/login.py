"""Signing in to an IMAP server: STARTTLS, which mechanism, and what a refusal means.

Is handed imapclients and makes none.
"""

import imaplib
import ssl
from contextlib import suppress
from typing import Any

from ownhand.daemon.errors import LoginFailed, Unreachable
from ownhand.daemon.mail.imap import faults
from ownhand.daemon.mail.signin.bearer import Bearer, mechanism_of
from ownhand.daemon.mail.signin.password import SignIn


def log_in(client: Any, user: str, sign_in: SignIn, secret: str, server: str) -> str:
    """Logs an imapclient in; gives the mechanism.

    Raises LoginFailed or Unreachable, without a word of what the server said.
    """
    bearer = None
    try:
        if sign_in.kind == "token":
            bearer = _bearer(client, user, secret, server)
            mechanism: str = bearer.mechanism
            _show(client, bearer)
        # LOGIN takes neither spaces in a user's name nor anything but ASCII.
        elif b"AUTH=PLAIN" in client.capabilities():
            mechanism = "PLAIN"
            client.plain_login(user, secret)
        else:
            mechanism = "LOGIN"
            client.login(user, secret)
    except UnicodeError:
        raise LoginFailed(
            f"{server} takes only ASCII in user and password", hint="choose another password there"
        ) from None
    except imaplib.IMAP4.error as error:
        raise _refused(error, server, bearer) from None
    except OSError as error:
        raise faults.translate(error, server) from None
    if b"ID" in client.capabilities():
        # NetEase refuses to open folders for programs that do not say their name.
        with suppress(imaplib.IMAP4.error):
            client.id_({"name": "ownhand"})
    return mechanism


def start_tls(client: Any, context: ssl.SSLContext | None, server: str) -> None:
    """Secures a connection that began in plain text. Raises Unreachable; goes on in plain text never."""
    if b"STARTTLS" not in client.capabilities():
        raise Unreachable(
            f"{server} offers no STARTTLS, and nothing is said to it without",
            hint="check the port; something between may also have taken the offer out",
        )
    try:
        client.starttls(context)
        # imaplib keeps what came before: anybody on the way can have said it.
        client._imap.untagged_responses.clear()
    except faults.FOREIGN as error:
        if isinstance(error, OSError):
            raise faults.translate(error, server) from None
        # After a greeting of PREAUTH too, where there is no room for STARTTLS: one who listens could send it.
        raise Unreachable(
            f"{server} refused STARTTLS, and nothing is said to it without",
            hint="check the port; 993 is the one that has TLS from the start",
        ) from None


def _bearer(client: Any, user: str, token: str, server: str) -> Bearer:
    offered = [name.decode("ascii", "replace") for name in client.capabilities()]
    mechanism = mechanism_of([name[5:] for name in offered if name.startswith("AUTH=")])
    if mechanism is None:
        raise LoginFailed(
            f"{server} takes no OAuth 2 tokens", hint="use a password: put `password` in place of `oauth`"
        )
    return Bearer(mechanism, user, token)


def _show(client: Any, bearer: Bearer) -> None:
    # imapclient's own methods would send the token a second time, in reply to a refusal.
    begun = False

    def answer(challenge: bytes) -> bytes:
        nonlocal begun
        if begun:
            return bearer.reply(challenge)
        begun = True
        return bearer.words

    client.sasl_login(bearer.mechanism, answer)


def _refused(error: imaplib.IMAP4.error, server: str, bearer: Bearer | None) -> Exception:
    told = faults.login_refused(error, server)
    if isinstance(told, LoginFailed) and bearer is not None:
        return LoginFailed(f"{server} refused the OAuth 2 token", hint=bearer.hint)
    return told
