"""A look at the submission server behind a relay: signs in, asks what it takes, and leaves. Sends nothing."""

import asyncio
from pathlib import Path

from ownhand.daemon.domain import Connection, Found
from ownhand.daemon.errors import Invalid, LoginFailed
from ownhand.daemon.mail.relay.login import log_in
from ownhand.daemon.mail.relay.spool import FOLDER, n_copies, relay_runs
from ownhand.daemon.mail.relay.upstream import Patience, Submission, Upstream

_PATIENCE = Patience(connect_s=10.0, open_s=30.0)
_HELLO = b"[127.0.0.1]"


async def look(server: Submission, spool: Path, patience: Patience = _PATIENCE) -> Found:
    """What the server offers to who has signed in, and whether copies come from the relay.

    Raises LoginFailed, Unreachable, or NotReady when the secret cannot be had.
    """
    upstream, mechanism = await _signed_in(server, patience)
    await upstream.quit()
    offers = {
        keyword.decode("ascii", "replace"): rest.decode("ascii", "replace")
        for keyword, rest in upstream.features.items()
    }
    size = offers.get("SIZE", "")
    return Found(
        server=f"{server.host}:{server.port}",
        capabilities=tuple(sorted(f"{keyword} {rest}".strip() for keyword, rest in offers.items())),
        sent_folder=FOLDER,
        n_messages=await asyncio.to_thread(n_copies, spool),
        folders=(),
        connection=Connection(upstream.tls_version, pinned=False, mechanism=mechanism),
        max_message_bytes=int(size) if size.isdecimal() else 0,
        relay_running=await asyncio.to_thread(relay_runs, spool),
    )


async def _signed_in(server: Submission, patience: Patience) -> tuple[Upstream, str]:
    secret = await asyncio.to_thread(server.sign_in.secret)
    try:
        return await _tried(server, secret, patience)
    except LoginFailed:
        # A token may have run out: then there is another one now.
        if not await asyncio.to_thread(server.sign_in.refused, secret):
            raise
    return await _tried(server, await asyncio.to_thread(server.sign_in.secret), patience)


async def _tried(server: Submission, secret: str, patience: Patience) -> tuple[Upstream, str]:
    try:
        context = server.context()
    except OSError:
        raise Invalid(
            "the file that `trust` names cannot be read",
            hint="it must hold certificates in PEM",
            fields={"relay.trust": "cannot be read"},
        ) from None
    upstream = Upstream(server, context, patience)
    await upstream.open(_HELLO)
    try:
        return upstream, await log_in(upstream, secret)
    except BaseException:
        upstream.abort()
        raise
