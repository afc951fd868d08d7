"""Our errors -> google.rpc.Status, in one interceptor for unary and streaming calls.

The status code is for machines' reflexes, `ErrorInfo.reason` for our own clients, the message for people.
Whatever is not one of ours becomes INTERNAL with a reference number: its own text may hold mail.
"""

import errno
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from ownhand.daemon.errors import (
    Invalid,
    LimitReached,
    LoginFailed,
    NotFound,
    NotReady,
    OwnhandError,
    Reason,
    StorageFailed,
    Unreachable,
)
from ownhand.daemon.log import places

log = logging.getLogger(__name__)

DOMAIN = "ownhand"

_SQLITE_FULL = 13  # SQLITE_FULL, as sqlite3's errors carry it in `sqlite_errorcode`

_CODES: dict[type[OwnhandError], grpc.StatusCode] = {
    NotFound: grpc.StatusCode.NOT_FOUND,
    Invalid: grpc.StatusCode.INVALID_ARGUMENT,
    NotReady: grpc.StatusCode.FAILED_PRECONDITION,
    # Not UNAUTHENTICATED: the caller is fine, it is our login elsewhere that was refused.
    LoginFailed: grpc.StatusCode.FAILED_PRECONDITION,
    Unreachable: grpc.StatusCode.UNAVAILABLE,
    LimitReached: grpc.StatusCode.RESOURCE_EXHAUSTED,
}


class ErrorInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[misc]  # grpc has no types
    """Wraps our own services; health and reflection speak for themselves."""

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: grpc.HandlerCallDetails
    ) -> Any:
        handler = await continuation(details)
        if handler is None or not details.method.startswith(f"/{DOMAIN}."):
            return handler
        kept = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                _streaming(handler.unary_stream, details.method), **kept
            )
        return grpc.unary_unary_rpc_method_handler(_unary(handler.unary_unary, details.method), **kept)


def to_status(error: OwnhandError) -> status_pb2.Status:
    """The status with all that is known of one of our errors."""
    info = error_details_pb2.ErrorInfo(reason=f"ERROR_REASON_{error.reason.name}", domain=DOMAIN)
    if error.hint:
        info.metadata["hint"] = error.hint
    details: list[Message] = [info]
    if isinstance(error, Invalid) and error.fields:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(field=field, description=description)
            for field, description in error.fields.items()
        ]
        details.append(error_details_pb2.BadRequest(field_violations=violations))
    if isinstance(error, Unreachable):
        delay = Duration(nanos=int(error.retry_after_s % 1 * 1e9), seconds=int(error.retry_after_s))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    return status_pb2.Status(code=_code(error).value[0], message=str(error), details=map(_packed, details))


def _code(error: OwnhandError) -> grpc.StatusCode:
    if isinstance(error, StorageFailed):
        full = error.reason is Reason.DISK_FULL
        return grpc.StatusCode.RESOURCE_EXHAUSTED if full else grpc.StatusCode.INTERNAL
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), grpc.StatusCode.INTERNAL)


def _packed(message: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed


def _translated(exc: Exception, method: str) -> OwnhandError:
    if isinstance(exc, OwnhandError):
        log.info("call refused", extra={"method": method, "reason": exc.reason.name})
        return exc
    if _disk_full(exc):
        log.error("disk full", extra={"method": method})
        return StorageFailed("the disk is full", hint="free some space and try again; nothing is lost")
    reference = secrets.token_hex(4)
    facts = {"method": method, "error": type(exc).__name__, "at": places(exc), "reference": reference}
    log.error("call broke", extra=facts)
    return _Internal(
        f"an internal error, reference {reference}", hint="the log has the rest: see `ownhand status`"
    )


class _Internal(OwnhandError):
    """Something that nobody thought of."""


def _disk_full(exc: Exception) -> bool:
    if isinstance(exc, OSError):
        return exc.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(exc, "sqlite_errorcode", None) == _SQLITE_FULL


async def _abort(context: Any, exc: Exception, method: str) -> None:
    if isinstance(exc, grpc.aio.AbortError):
        raise exc
    status = rpc_status.to_status(to_status(_translated(exc, method)))
    await context.abort(status.code, status.details, status.trailing_metadata)


def _unary(serve: Callable[[Any, Any], Awaitable[Any]], method: str) -> Callable[[Any, Any], Awaitable[Any]]:
    async def served(request: Any, context: Any) -> Any:
        try:
            return await serve(request, context)
        except Exception as exc:
            await _abort(context, exc, method)

    return served


def _streaming(serve: Callable[[Any, Any], Any], method: str) -> Callable[[Any, Any], Awaitable[None]]:
    async def served(request: Any, context: Any) -> None:
        # Closed here and not by the garbage collector: a cancelled call must stop the model's at once.
        try:
            async with aclosing(serve(request, context)) as responses:
                async for response in responses:
                    await context.write(response)
        except Exception as exc:
            await _abort(context, exc, method)

    return served
