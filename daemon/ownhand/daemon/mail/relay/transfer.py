"""Passes one message on while it comes: from the client's 354 up to its dot, which is not passed on here.

Holds a few pieces in memory however long the message is: the client is read as fast as the server takes it.
"""

from asyncio import StreamReader
from collections.abc import Callable

from ownhand.daemon.errors import Unreachable
from ownhand.daemon.mail.relay.body import Ambiguous, Body, pieces
from ownhand.daemon.mail.relay.replies import AMBIGUOUS, Reply, reply_to
from ownhand.daemon.mail.relay.spool import Copy
from ownhand.daemon.mail.relay.upstream import Upstream


async def transfer(
    reader: StreamReader, upstream: Upstream, copy: Copy, alive: Callable[[], None]
) -> tuple[Reply | None, int]:
    """Why the message must not be ended, or None when it may be; and its size in bytes as on the wire."""
    body, refusal, size = Body(), None, 0
    async for piece in pieces(reader):
        alive()
        size += len(piece)
        if refusal is None:  # else the client is heard out: it listens only after its dot
            refusal = await _passed_on(body, piece, upstream, copy)
    return refusal or await _passed_on(body, None, upstream, copy), size


async def _passed_on(body: Body, piece: bytes | None, upstream: Upstream, copy: Copy) -> Reply | None:
    """Passes a piece on, or without one the rest; gives why it could not be."""
    try:
        safe = body.end() if piece is None else body.feed(piece)
        if early := upstream.early:
            return early if early.refuses else reply_to(Unreachable("the submission server spoke too early"))
        if safe:
            await upstream.send(safe)
            copy.write(body.written(safe))
    except Ambiguous:
        return AMBIGUOUS
    except Unreachable as error:
        return await upstream.last_words() or reply_to(error)
    return None
