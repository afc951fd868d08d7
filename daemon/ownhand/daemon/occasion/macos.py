"""macOS: what `pmset` says of power and IOKit's HIDSystem of the last touch of keyboard or mouse."""

import re
import subprocess
from collections.abc import Callable

_IDLE_AFTER_S = 300.0
_ASK_S = 5.0
_IDLE_TIME = re.compile(r'"HIDIdleTime"\s*=\s*(\d+)')  # nanoseconds


def answer(words: list[str]) -> str:
    """What a command of the system prints; empty when it fails."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_ASK_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


class MacOccasion:
    """Asks two commands that come with the system."""

    def __init__(self, ask: Callable[[list[str]], str] = answer) -> None:
        self._ask = ask

    def why_not(self, waited_s: float) -> str:
        """macOS always knows when it was last touched, so patience has no end."""
        if "'Battery Power'" in self._ask(["pmset", "-g", "batt"]).partition("\n")[0]:
            return "the machine runs on battery"
        touched = _IDLE_TIME.search(self._ask(["ioreg", "-c", "IOHIDSystem", "-d", "4"]))
        if touched and int(touched[1]) / 1e9 < _IDLE_AFTER_S:
            return "the machine is in use"
        return ""
