"""How the relay signs in at a submission server (RFC 4954): with a password, or with an OAuth 2 token."""

from base64 import b64decode, b64encode
from collections.abc import Collection

from ownhand.daemon.errors import LoginFailed, Unreachable
from ownhand.daemon.mail.relay.replies import Reply
from ownhand.daemon.mail.relay.upstream import Upstream
from ownhand.daemon.mail.signin.bearer import Bearer, mechanism_of

_PASSWORD = "check user and password; many providers want an app password for mail"


async def log_in(upstream: Upstream, secret: str) -> str:
    """Gives the mechanism. Raises LoginFailed for a refused secret, Unreachable when nobody can say."""
    server = upstream.server
    offered = upstream.features.get(b"AUTH", b"").decode("ascii", "replace").upper().split()
    if server.sign_in.kind == "token":
        mechanism, hint, reply = await _with_token(upstream, offered, secret)
    else:
        mechanism, hint, reply = await _with_password(upstream, offered, secret)
    if reply.ok:
        upstream.signed_in = True
        return mechanism
    upstream.abort()
    if reply.code >= 500:
        raise LoginFailed(f"the submission server refused the sign-in ({reply.code})", hint=hint)
    raise Unreachable(f"the submission server lets nobody sign in now ({reply.code})")


async def _with_token(upstream: Upstream, offered: Collection[str], token: str) -> tuple[str, str, Reply]:
    mechanism = mechanism_of(offered)
    if mechanism is None:
        raise _none_fits(upstream)
    bearer = Bearer(mechanism, upstream.server.user, token)
    reply = await _begun(upstream, mechanism, bearer.words)
    if reply.code == 334:
        reply = await _answered(upstream, bearer.reply(_challenge(reply)))
    return mechanism, bearer.hint, reply


async def _with_password(upstream: Upstream, offered: Collection[str], word: str) -> tuple[str, str, Reply]:
    user = upstream.server.user.encode()
    if "PLAIN" in offered:
        return "PLAIN", _PASSWORD, await _begun(upstream, "PLAIN", b"\0%s\0%s" % (user, word.encode()))
    if "LOGIN" not in offered:
        raise _none_fits(upstream)
    reply = await _begun(upstream, "LOGIN")
    for answer in (user, word.encode()):
        if reply.code == 334:
            reply = await _answered(upstream, answer)
    return "LOGIN", _PASSWORD, reply


async def _begun(upstream: Upstream, mechanism: str, first: bytes = b"") -> Reply:
    words = [b"AUTH", mechanism.encode(), *([b64encode(first)] if first else [])]
    return await upstream.ask(b" ".join(words), upstream.open_s)


async def _answered(upstream: Upstream, answer: bytes) -> Reply:
    return await upstream.ask(b64encode(answer), upstream.open_s)


def _challenge(reply: Reply) -> bytes:
    try:
        return b64decode(reply.lines[-1][4:])
    except ValueError:
        return b""


def _none_fits(upstream: Upstream) -> LoginFailed:
    upstream.abort()
    return LoginFailed("the submission server offers no way to sign in that fits", hint="check its port")
