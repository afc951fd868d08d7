"""How the relay signs in at a submission server (RFC 4954): with a password, or with an OAuth 2 token."""

from base64 import b64encode

from ownhand.daemon.errors import LoginFailed, Unreachable
from ownhand.daemon.mail.relay.replies import Reply
from ownhand.daemon.mail.relay.upstream import Upstream

_MECHANISMS = {"password": (b"PLAIN", b"LOGIN"), "token": (b"XOAUTH2", b"OAUTHBEARER")}


async def log_in(upstream: Upstream, secret: str) -> str:
    """The mechanism. Raises LoginFailed for a refused secret, Unreachable when the server cannot say."""
    offered = upstream.features.get(b"AUTH", b"").upper().split()
    mechanism = next((m for m in _MECHANISMS[upstream.server.sign_in.kind] if m in offered), None)
    if mechanism is None:
        upstream.abort()
        raise LoginFailed("the submission server offers no way to sign in that fits", hint="check its port")
    reply = await _answered(upstream, mechanism, upstream.server.user.encode(), secret.encode())
    if reply.ok:
        upstream.signed_in = True
        return mechanism.decode()
    upstream.abort()
    if reply.code >= 500:
        raise LoginFailed(f"the submission server refused the sign-in ({reply.code})")
    raise Unreachable(f"the submission server lets nobody sign in now ({reply.code})")


async def _answered(upstream: Upstream, mechanism: bytes, user: bytes, word: bytes) -> Reply:
    """What the server said in the end."""
    match mechanism:
        case b"PLAIN":
            first, then = b"\0%s\0%s" % (user, word), []
        case b"LOGIN":
            first, then = b"", [user, word]
        # A refusal of a token comes as a question first, with the reason in it.
        case b"XOAUTH2":
            first, then = b"user=%s\1auth=Bearer %s\1\1" % (user, word), [b""]
        case _:
            first, then = b"n,a=%s,\1auth=Bearer %s\1\1" % (user, word), [b"\1"]
    line = b"AUTH " + mechanism + (b" " + b64encode(first) if first else b"")
    reply = await upstream.ask(line, upstream.open_s)
    for answer in then:
        if reply.code == 334:
            reply = await upstream.ask(b64encode(answer), upstream.open_s)
    return reply
