"""What went wrong at a large model, and whether to ask it again.

Both client libraries raise errors of one shape (a status, the response, a type), so one table serves both.
The server's own words are never passed on: they may quote the prompt, and a proxy's may quote the key.
"""

import math
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

from ownhand.daemon.errors import Invalid, LimitReached, LoginFailed, OwnhandError, Unreachable
from ownhand.daemon.ports import Clock

Answer = TypeVar("Answer")

LONGEST_WAIT_S = 10.0  # a person who waits for a draft hears of a longer wait at once
_WAITS_S = (0.5, 2.0)  # before the second and the third try, where the server asks for no other wait
_LATER_S = 30.0
_REACH = "is `base_url` under [model] right, and is the server up?"

# The API's error types, as they come in a stream that began well and in the results of a batch.
_STATUS_OF = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "insufficient_quota": 402,
}
_PASSING = frozenset({408, 409, 425, 429})  # and everything from 500


@contextmanager
def told_apart(who: str, *foreign: type[Exception]) -> Iterator[None]:
    """Raises the errors of a library as ours, without their texts."""
    try:
        yield
    except foreign as exc:
        raise fault_of(exc, who) from None


async def patiently(
    ask: Callable[[], Awaitable[Answer]], clock: Clock, *, who: str, foreign: tuple[type[Exception], ...]
) -> Answer:
    """The answer to a question that may be asked again: up to three times, with short waits.

    The libraries' own retries are off: they sleep for as long as the server says, be it hours.
    """
    for wait_s in _WAITS_S:
        try:
            return await ask()
        except foreign as exc:
            fault, asked_s = fault_of(exc, who), _asked_wait_s(exc)
            wait_s = wait_s if asked_s is None else asked_s
            if not isinstance(fault, Unreachable) or _timed_out(exc) or wait_s > LONGEST_WAIT_S:
                raise fault from None
        await clock.sleep(wait_s)
    with told_apart(who, *foreign):
        return await ask()


def fault_of(exc: Exception, who: str) -> OwnhandError:
    """Our error for one of theirs."""
    status = status_of(exc)
    if isinstance(exc, ValueError):  # of a JSON or a text decoder
        return not_understood(who)
    if status is None:
        why = "took too long to answer" if _timed_out(exc) else "cannot be reached, or broke off its answer"
        return Unreachable(f"{who} {why}", hint=_REACH, retry_after_s=_LATER_S)
    return fault_of_status(status, who, retry_after_s=_asked_wait_s(exc))


def fault_of_status(status: int, who: str, *, retry_after_s: float | None = None) -> OwnhandError:
    if status in (401, 403):
        return LoginFailed(f"{who} refused the API key", hint="set a valid `api_key` under [model]")
    if status == 402:
        return LimitReached(f"{who} wants to be paid first", hint="look at your account there")
    if status in _PASSING or status >= 500:
        wait_s = _LATER_S if retry_after_s is None else retry_after_s
        return Unreachable(f"{who} is busy or out of order ({status})", retry_after_s=wait_s)
    if status == 404:
        fields = {"model.name": "not known there", "model.base_url": "or not the right address"}
        return Invalid(f"{who} knows no such model", hint="look at [model] in the settings", fields=fields)
    if status == 413:
        return Invalid(f"{who} takes no text of this length", hint="give it less, or choose another model")
    if 300 <= status < 400:
        # Following would send the text to a place that the person did not consent to.
        fields = {"model.base_url": "answers from elsewhere"}
        return Invalid(f"{who} points to another address", hint="set `base_url` to that", fields=fields)
    return Invalid(f"{who} refused the request ({status})", hint="is the name of the model right?")


def fault_of_type(kind: str, who: str) -> OwnhandError:
    """Our error for an error type of the API."""
    return fault_of_status(_STATUS_OF.get(kind, 500), who)


def status_of(exc: Exception) -> int | None:
    """The HTTP status that an error stands for; None when there was no answer."""
    status = getattr(exc, "status_code", None)
    kinds = (getattr(exc, "code", None), getattr(exc, "type", None))
    named = [_STATUS_OF[kind] for kind in kinds if isinstance(kind, str) and kind in _STATUS_OF]
    if status == 429 and 402 in named:
        return 402  # an empty account; waiting does not fill it
    if isinstance(status, int) and not 200 <= status < 300:
        return status
    if isinstance(status, int) or named:  # the stream had begun when the error came
        return named[0] if named else 500
    return None


def _timed_out(exc: Exception) -> bool:
    return "Timeout" in type(exc).__name__


def _asked_wait_s(exc: Exception) -> float | None:
    return retry_after_s(getattr(getattr(exc, "response", None), "headers", {}))


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long the server asks to be left alone: in seconds, or until a moment (RFC 9110)."""
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        try:
            moment = parsedate_to_datetime(said)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def cut_short(who: str) -> Unreachable:
    """For an answer that ended before its end."""
    return Unreachable(f"{who} broke off its answer", retry_after_s=_LATER_S)


def not_understood(who: str) -> Unreachable:
    """For an answer that is none."""
    return Unreachable(f"what answers for {who} does not speak its language", hint=_REACH)


def clean_key(key: str, who: str) -> str:
    """A key that can stand in a header; an error about one that cannot would quote it."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise LoginFailed(f"the API key for {who} is empty or holds characters that no key has",
                          hint="set a valid `api_key` under [model]")  # fmt: skip
    return key


def destination_of(base_url: str) -> str:
    """Scheme, host and, where one is given, port; never a path or a password."""
    parts = urlsplit(base_url)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
