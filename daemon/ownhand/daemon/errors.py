"""Every error the daemon raises on purpose.

OwnhandError
├── NotFound        no such account, job, rule, agent, draft
├── Invalid         the request or the configuration is wrong; `fields` says where
├── NotReady        something must happen first; `hint` says what
├── LoginFailed     a server or a large model refused the credentials
├── Unreachable     a server or a large model did not answer; may pass
├── LimitReached    the monthly limit is used up
└── StorageFailed   the disk is full, the database is newer, another daemon runs

A message says what was so, a hint what to do. Neither ever holds mail text, a subject,
an address, a prompt or a rule.
"""

from collections.abc import Mapping
from enum import Enum


class Reason(Enum):
    """Why, for programs. The names are those of `ErrorReason` in errors.proto."""

    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    NO_AGENT = "NO_AGENT"
    TOO_LITTLE_MAIL = "TOO_LITTLE_MAIL"
    NO_CONSENT = "NO_CONSENT"
    FOLDER_MISSING = "FOLDER_MISSING"
    FOLDER_EMPTIED = "FOLDER_EMPTIED"
    LOGIN_FAILED = "LOGIN_FAILED"
    UNREACHABLE = "UNREACHABLE"
    LIMIT_REACHED = "LIMIT_REACHED"
    BAD_COMPLETION = "BAD_COMPLETION"
    TRAINER_FAILED = "TRAINER_FAILED"
    DISK_FULL = "DISK_FULL"
    INTERNAL = "INTERNAL"
    NO_KEYRING = "NO_KEYRING"


class OwnhandError(Exception):
    """Base of all; never raised itself."""

    default_reason = Reason.INTERNAL

    def __init__(self, message: str, *, hint: str = "", reason: Reason | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.reason = reason or self.default_reason

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class NotFound(OwnhandError):
    """There is no such thing."""

    default_reason = Reason.NOT_FOUND


class Invalid(OwnhandError):
    """The input is wrong; `fields` maps each wrong field to what is wrong with it."""

    default_reason = Reason.INVALID

    def __init__(self, message: str, *, hint: str = "", fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.fields = dict(fields or {})


class NotReady(OwnhandError):
    """Something must happen first; `hint` says what."""

    default_reason = Reason.NO_AGENT


class LoginFailed(OwnhandError):
    """The server or the model refused the credentials. Trying again does not help."""

    default_reason = Reason.LOGIN_FAILED


class Unreachable(OwnhandError):
    """No answer from outside; `retry_after_s` says when another try makes sense."""

    default_reason = Reason.UNREACHABLE

    def __init__(self, message: str, *, hint: str = "", retry_after_s: float = 30.0) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class LimitReached(OwnhandError):
    """The person's monthly limit is used up."""

    default_reason = Reason.LIMIT_REACHED


class StorageFailed(OwnhandError):
    """What is kept cannot be read or written as it stands."""

    default_reason = Reason.DISK_FULL
