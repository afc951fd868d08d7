"""A person at a terminal: runs a command of ours in one, and answers its questions."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

_QUIET_S = 30.0  # without a byte


@dataclass(frozen=True)
class Session:
    code: int
    text: str  # all that was on the screen
    unanswered: list[str]  # questions that never came

    @property
    def told(self) -> str:
        """The text without where lines were broken."""
        return " ".join(self.text.split())


def dialogue(words: Sequence[str], answers: Sequence[tuple[str, str]], environ: dict[str, str]) -> Session:
    """Each answer is typed when its question is on the screen, in this order."""
    screen, far = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ownhand.daemon", *words], stdin=far, stdout=far, stderr=far,
        env={**os.environ, **environ}, start_new_session=True,
    )  # fmt: skip
    os.close(far)
    text, seen, left = "", 0, list(answers)
    try:
        while piece := _piece(screen):
            text += piece
            if left and left[0][0] in text[seen:] and text.rstrip(" ").endswith(":"):
                os.write(screen, f"{left.pop(0)[1]}\n".encode())
                seen = len(text)
    finally:
        process.kill()
        os.close(screen)
    return Session(process.wait(), text.replace("\r\n", "\n"), [question for question, _ in left])


def _piece(screen: int) -> str:
    """What came next on the screen; empty at its end, or when it stands still."""
    if not select.select([screen], [], [], _QUIET_S)[0]:
        return ""
    try:
        return os.read(screen, 4096).decode("utf-8", "replace")
    except OSError:  # the command ended
        return ""
