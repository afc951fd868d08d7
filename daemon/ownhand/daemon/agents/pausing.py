"""Lets a child run only while there is an occasion for it."""

import asyncio
import contextlib
import signal
import time
from asyncio.subprocess import Process

from ownhand.daemon.ports import Quiet

WAIT_S = 10.0  # between two looks whether it may begin
LOOK_S = 0.5  # between two looks whether it must pause
GIVE_BACK_S = 600.0  # of a pause, after which the memory is given back


async def occasion(quiet: Quiet) -> None:
    """Returns when there is one; tells until then what is waited for."""
    began, told = time.monotonic(), ""
    while reason := await asyncio.to_thread(quiet.occasion.why_not, time.monotonic() - began):
        if reason != told:
            quiet.tell(f"waits: {reason}")
            told = reason
        await asyncio.sleep(WAIT_S)
    if told:
        quiet.tell("")


async def mind(process: Process, quiet: Quiet) -> bool:
    """Stops the child when the occasion is over and lets it go on with the next one.

    True when the pause took so long that the child was ended: it goes on from its last checkpoint then. A
    stopped child whose parent dies is told so by the system, as it is in a process group of its own.
    """
    paused_at = 0.0
    while process.returncode is None:
        paused_s = time.monotonic() - paused_at if paused_at else 0.0
        reason = await asyncio.to_thread(quiet.occasion.why_not, paused_s)
        if reason and not paused_at:
            _send(process, signal.SIGSTOP)
            paused_at = time.monotonic()
            quiet.tell(f"pauses: {reason}")
        elif paused_at and not reason:
            _send(process, signal.SIGCONT)
            paused_at = 0.0
            quiet.tell("")
        elif paused_at and paused_s > GIVE_BACK_S:
            _send(process, signal.SIGKILL)
            return True
        await asyncio.sleep(LOOK_S)
    return False


def _send(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended a moment ago
        process.send_signal(number)
