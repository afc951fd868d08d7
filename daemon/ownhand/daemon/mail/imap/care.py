"""How cautiously to read from a server after failures. Pure.

A message that makes a server hang up must in the end be asked for alone and passed over; a server that is
busy must be left alone; and neither may be taken for the other.
"""

from ownhand.daemon.errors import Unreachable
from ownhand.daemon.mail.imap.faults import Busy, SessionOver, suggested_s
from ownhand.daemon.mail.imap.plan import batch_size

AHEAD = 4  # batches that are asked for before they are needed
_MAX_GIVEN_UP = 3  # messages in a row that cost the connection


class Care:
    """What to do after each success and each failure; so many `attempts` are made in a row."""

    def __init__(self, most: int, attempts: int) -> None:
        self._most = most
        self._attempts = attempts
        self._level = 0
        self._n_suspects = 0  # messages, from the next on, of which one may have cost the connection
        self._n_busy = 0
        self._n_given_up = 0
        self._signed_in = True  # and something was read since
        self.n_failures = 0

    @property
    def size(self) -> int:
        return batch_size(self._most, self._level)

    @property
    def n_upcoming(self) -> int:
        """How far ahead to ask; after a failure no further than is read, to know what it was."""
        return self.size if self._level else self.size * (1 + AHEAD)

    def succeeded(self, n: int) -> None:
        self.n_failures = self._n_busy = self._n_given_up = 0
        self._signed_in = True
        self._passed(n)

    def failed(self, error: Unreachable) -> bool:
        """Whether to pass over the next message and go on without it. Raises when it is time to give up."""
        if isinstance(error, SessionOver) and self._signed_in:
            self._signed_in = False
            return False
        if isinstance(error, Busy):
            self._n_busy += 1
            if self._n_busy >= self._attempts:
                raise error
            return False
        self.n_failures += 1
        if self.size > 1 or self.n_failures < self._attempts:
            self._n_suspects = max(self._n_suspects, self.n_upcoming) if not self._level else self.size
            self._level = min(2, self._level + 1)
            return False
        self._n_given_up += 1
        if self._n_given_up > _MAX_GIVEN_UP:
            raise error
        self.n_failures = 0
        self._passed(1)
        return True

    def pause_s(self, error: Unreachable, shortest_s: float) -> float:
        """How long to leave the server alone after this error."""
        if isinstance(error, SessionOver) and not self._signed_in:
            return 0.0
        doubled: float = shortest_s * 2 ** (max(self._n_busy, self.n_failures, 1) - 1)
        return max(doubled, suggested_s(error))

    def _passed(self, n: int) -> None:
        self._n_suspects -= n
        if self._n_suspects <= 0:
            self._level, self._n_suspects = 0, 0
