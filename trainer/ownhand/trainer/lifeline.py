"""Ties this process to the one that started it: when standard input ends, so does the process.

No polling of process ids, and it works after kill -9 of the parent: the kernel closes the pipe.
"""

import os
import threading
from collections.abc import Callable

PARENT_GONE = 3  # exit status


def die_with_parent() -> None:
    """Ends the process at once when standard input ends. Whatever is on disk is whole at any moment."""
    watch(lambda: os._exit(PARENT_GONE))


def watch(at_end: Callable[[], None]) -> None:
    """Calls `at_end`, in a thread of its own, when standard input ends."""

    def read() -> None:
        while _more():
            pass
        at_end()

    threading.Thread(target=read, name="lifeline", daemon=True).start()


def _more() -> bool:
    try:
        return bool(os.read(0, 4096))
    except OSError:  # closed: as good as ended
        return False
