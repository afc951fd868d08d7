"""What went wrong, as the plugin is told: a reason to act on, a sentence, and what to do."""

from dataclasses import dataclass, field
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

DAEMON_STOPPED = "DAEMON_STOPPED"  # the reasons of the host; all others are the daemon's
BAD_CALL = "BAD_CALL"
TOO_LONG = "TOO_LONG"
START_FAILED = "START_FAILED"
_OURS = "ownhand"
_PREFIX = "ERROR_REASON_"


@dataclass(frozen=True, slots=True)
class Failure(Exception):
    reason: str
    message: str
    hint: str = ""
    fields: dict[str, str] = field(default_factory=dict)  # of a request, what is wrong with them
    retry_after_s: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "reason": self.reason,
            "message": self.message,
            "hint": self.hint,
            "fields": self.fields,
            "retryAfterS": self.retry_after_s,
        }


def stopped() -> Failure:
    return Failure(DAEMON_STOPPED, "the daemon is not running", "start it, or run: ownhand serve")


def from_call(exc: grpc.aio.AioRpcError) -> Failure:
    """Of an error that grpc raised: the daemon's own words, or what the lack of an answer means."""
    status = rpc_status.from_call(exc)
    if status is None:
        if exc.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAUTHENTICATED):
            return stopped()
        if exc.code() is grpc.StatusCode.UNIMPLEMENTED:
            return Failure("TOO_OLD", "the daemon is older than this plugin", "update Ownhand")
        if exc.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            return Failure("TOO_SLOW", "the daemon took too long to answer", "see its log")
        return Failure("INTERNAL", f"the daemon answered {exc.code().name}", "see its log")
    info, bad, retry = (
        error_details_pb2.ErrorInfo(),
        error_details_pb2.BadRequest(),
        error_details_pb2.RetryInfo(),
    )
    for detail in status.details:
        for message in (info, bad, retry):
            if detail.Is(message.DESCRIPTOR):
                detail.Unpack(message)
    delay = retry.retry_delay
    return Failure(
        reason=info.reason.removeprefix(_PREFIX) if info.domain == _OURS else "INTERNAL",
        message=status.message,
        hint=info.metadata.get("hint", ""),
        fields={violation.field: violation.description for violation in bad.field_violations},
        retry_after_s=delay.seconds + delay.nanos / 1e9,
    )
