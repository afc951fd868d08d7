"""What can go wrong with a job or an adapter on purpose.

No message ever holds a rule, a name or a line of a training set: they end in logs.
"""

from collections.abc import Sequence


class TrainerError(Exception):
    """Base of all; `reason` is that of TrainingFailed."""

    reason = "INTERNAL"


class BadJob(TrainerError):
    """The job file or the training set is wrong."""

    reason = "BAD_JOB"


class NotReady(TrainerError):
    """Something must happen first: more mail, a library, a base model."""

    reason = "NOT_READY"


class AdapterMismatch(TrainerError):
    """An adapter does not fit what it is to be loaded on; `problems` lists everything that does not."""

    reason = "BAD_JOB"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("the adapter cannot be used: " + "; ".join(problems))
        self.problems = tuple(problems)


class MalformedAnswer(TrainerError):
    """A model answered with something else than rules, and so again when it was asked once more."""

    reason = "BAD_COMPLETION"

    def __init__(self, n_failed: int, n_asked: int) -> None:
        said = f"the agent's answer was no list of rules, twice ({n_failed} of {n_asked} questions so far)"
        super().__init__(said)
