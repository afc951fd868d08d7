"""Signing in to an IMAP server: STARTTLS, which mechanism, and what a refusal means.

Is handed imapclients and makes none.
"""

import imaplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ownhand.daemon.errors import LoginFailed, Unreachable
from ownhand.daemon.mail.imap import faults
from ownhand.daemon.mail.signin.password import SignIn


def log_in(client: Any, user: str, sign_in: SignIn, secret: str, server: str) -> str:
    """Logs an imapclient in; gives the mechanism.

    Raises LoginFailed or Unreachable, without a word of what the server said.
    """
    try:
        if sign_in.kind == "token":
            mechanism = _with_token(client, user, secret, server)
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
        raise _refused(error, server, sign_in) from None
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
    except faults.FOREIGN as error:
        if isinstance(error, OSError):
            raise faults.translate(error, server) from None
        # After a greeting of PREAUTH too, where there is no room for STARTTLS: one who listens could send it.
        raise Unreachable(
            f"{server} refused STARTTLS, and nothing is said to it without",
            hint="check the port; 993 is the one that has TLS from the start",
        ) from None


def token_words(mechanism: str, user: str, token: str) -> bytes:
    """The first client response: XOAUTH2 is Google's, OAUTHBEARER that of RFC 7628."""
    if mechanism == "XOAUTH2":
        return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()
    name = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\x01auth=Bearer {token}\x01\x01".encode()


def token_mechanism(offered: Callable[[str], bool]) -> str:
    """The mechanism to use, of those that a server offers; empty when there is none."""
    # Gmail and Microsoft have XOAUTH2 for longer, and some servers offer the other without taking it.
    return next((name for name in ("XOAUTH2", "OAUTHBEARER") if offered(name)), "")


def _with_token(client: Any, user: str, token: str, server: str) -> str:
    offered = client.capabilities()
    mechanism = token_mechanism(lambda name: f"AUTH={name}".encode() in offered)
    if not mechanism:
        raise LoginFailed(
            f"{server} takes no OAuth 2 tokens", hint="use a password: put `password` in place of `oauth`"
        )
    words = iter([token_words(mechanism, user, token)])
    # A refusal comes as a challenge, with the reason as JSON in it: an empty line brings the real answer.
    # imapclient's own methods would send the token a second time there.
    client.sasl_login(mechanism, lambda _: next(words, b""))
    return mechanism


def _refused(error: imaplib.IMAP4.error, server: str, sign_in: SignIn) -> Exception:
    told = faults.login_refused(error, server)
    if isinstance(told, LoginFailed) and sign_in.kind == "token":
        return LoginFailed(
            f"{server} refused the OAuth 2 token",
            hint="check `user`, and that the scopes include IMAP; then run `ownhand sign-in`",
        )
    return told
