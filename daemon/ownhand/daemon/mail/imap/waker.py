"""Waiting for a socket or for another thread, whichever comes first."""

import selectors
import socket
from contextlib import suppress


class Waker:
    """One thread drains and waits; any thread may wake it."""

    def __init__(self) -> None:
        self._ends: tuple[socket.socket, socket.socket] | None = None

    def drain(self) -> None:
        """Forgets calls of `wake` so far; what they were for must be looked at after this."""
        if self._ends is None:
            self._ends = socket.socketpair()
            for end in self._ends:
                end.setblocking(False)
        with suppress(BlockingIOError):
            while self._ends[0].recv(64):
                pass

    def wake(self) -> None:
        ends = self._ends
        if ends is not None:
            with suppress(OSError):
                ends[1].send(b"x")

    def wait(self, link: socket.socket | None, seconds: float) -> None:
        assert self._ends is not None, "drain comes first"
        # TLS may have read more from the network than was asked of it.
        if link is not None and getattr(link, "pending", int)():
            return
        with selectors.DefaultSelector() as selector:
            selector.register(self._ends[0], selectors.EVENT_READ)
            if link is not None:
                selector.register(link, selectors.EVENT_READ)
            selector.select(seconds)

    def close(self) -> None:
        ends, self._ends = self._ends, None
        for end in ends or ():
            end.close()
