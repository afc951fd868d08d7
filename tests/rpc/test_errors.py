"""Every row of the error table, for calls with one answer and for streams."""

import errno
import logging
import sqlite3
from typing import TypeVar

import grpc
import pytest
from fakes import FakeServices
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from ownhand.daemon.errors import (
    Invalid,
    LimitReached,
    LoginFailed,
    NotFound,
    NotReady,
    Reason,
    StorageFailed,
    Unreachable,
)
from ownhand.v1 import accounts_pb2, accounts_pb2_grpc, drafts_pb2, drafts_pb2_grpc, errors_pb2


def _sqlite_full() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


CODES = grpc.StatusCode
TABLE: list[tuple[Exception, grpc.StatusCode, str]] = [
    (NotFound("no such account"), CODES.NOT_FOUND, "NOT_FOUND"),
    (Invalid("wrong"), CODES.INVALID_ARGUMENT, "INVALID"),
    (NotReady("no agent yet"), CODES.FAILED_PRECONDITION, "NO_AGENT"),
    (NotReady("too little", reason=Reason.TOO_LITTLE_MAIL), CODES.FAILED_PRECONDITION, "TOO_LITTLE_MAIL"),
    (NotReady("no consent", reason=Reason.NO_CONSENT), CODES.FAILED_PRECONDITION, "NO_CONSENT"),
    (LoginFailed("refused"), CODES.FAILED_PRECONDITION, "LOGIN_FAILED"),
    (Unreachable("no answer"), CODES.UNAVAILABLE, "UNREACHABLE"),
    (LimitReached("used up"), CODES.RESOURCE_EXHAUSTED, "LIMIT_REACHED"),
    (StorageFailed("the disk is full"), CODES.RESOURCE_EXHAUSTED, "DISK_FULL"),
    (StorageFailed("newer", reason=Reason.INTERNAL), CODES.INTERNAL, "INTERNAL"),
    (OSError(errno.ENOSPC, "No space left on device"), CODES.RESOURCE_EXHAUSTED, "DISK_FULL"),
    (_sqlite_full(), CODES.RESOURCE_EXHAUSTED, "DISK_FULL"),
    (ZeroDivisionError(), CODES.INTERNAL, "INTERNAL"),
]  # fmt: skip


Detail = TypeVar("Detail", bound=Message)


def _detail(error: grpc.aio.AioRpcError, kind: type[Detail]) -> Detail:
    """The one detail of this kind that an error carries."""
    found = kind()
    unpacked = [detail.Unpack(found) for detail in rpc_status.from_call(_Call(error)).details]
    assert unpacked.count(True) == 1
    return found


class _Call:
    """grpc_status reads the status of calls; a caught error has the same facts under other names."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        self.code = error.code
        self.details = error.details
        self.trailing_metadata = error.trailing_metadata


async def _refused(
    channel: grpc.aio.Channel, services: FakeServices, error: Exception
) -> grpc.aio.AioRpcError:
    services.accounts.error = error
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.CheckAccount(accounts_pb2.CheckAccountRequest(account="work"))
    return caught.value


@pytest.mark.parametrize(("error", "code", "reason"), TABLE)
async def test_an_error_of_a_call_has_its_code_and_reason(
    channel: grpc.aio.Channel,
    services: FakeServices,
    error: Exception,
    code: grpc.StatusCode,
    reason: str,
) -> None:
    caught = await _refused(channel, services, error)
    assert caught.code() is code
    info = _detail(caught, error_details_pb2.ErrorInfo)
    assert (info.domain, info.reason) == ("ownhand", f"ERROR_REASON_{reason}")


@pytest.mark.parametrize(("error", "code", "reason"), TABLE)
async def test_an_error_in_the_middle_of_a_stream_has_its_code_and_reason(
    channel: grpc.aio.Channel,
    services: FakeServices,
    error: Exception,
    code: grpc.StatusCode,
    reason: str,
) -> None:
    services.drafts.error = error
    call = drafts_pb2_grpc.DraftServiceStub(channel).ComposeDraft(
        drafts_pb2.ComposeDraftRequest(account="work", notes="done")
    )
    assert (await call.read()).WhichOneof("event") == "rules_proposed"
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    assert caught.value.code() is code
    assert _detail(caught.value, error_details_pb2.ErrorInfo).reason == f"ERROR_REASON_{reason}"


def test_every_reason_of_ours_is_one_of_the_api() -> None:
    assert {f"ERROR_REASON_{reason.name}" for reason in Reason} | {"ERROR_REASON_UNSPECIFIED"} == set(
        errors_pb2.ErrorReason.keys()
    )


async def test_an_error_says_what_to_do(channel: grpc.aio.Channel, services: FakeServices) -> None:
    caught = await _refused(channel, services, NotReady("no agent yet", hint="run `ownhand learn` first"))
    assert caught.details() == "no agent yet; run `ownhand learn` first"
    info = _detail(caught, error_details_pb2.ErrorInfo)
    assert info.metadata["hint"] == "run `ownhand learn` first"


async def test_a_wrong_request_is_told_every_wrong_field(
    channel: grpc.aio.Channel, services: FakeServices
) -> None:
    error = Invalid("two things are wrong", fields={"path": "is relative", "address": "has no @"})
    caught = await _refused(channel, services, error)
    violations = _detail(caught, error_details_pb2.BadRequest).field_violations
    assert {v.field: v.description for v in violations} == error.fields


async def test_what_may_pass_says_when_to_call_again(
    channel: grpc.aio.Channel, services: FakeServices
) -> None:
    caught = await _refused(channel, services, Unreachable("no answer", retry_after_s=2.5))
    assert _detail(caught, error_details_pb2.RetryInfo).retry_delay.ToMilliseconds() == 2500


async def test_an_unforeseen_error_shows_a_reference_and_not_its_text(
    channel: grpc.aio.Channel, services: FakeServices, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caught = await _refused(channel, services, ValueError("Dear Sam, marigold"))
    [record] = [r for r in caplog.records if r.msg == "call broke"]
    assert record.__dict__["reference"] in (caught.details() or "")
    assert record.__dict__["error"] == "ValueError"
    assert "fakes.py:" in record.__dict__["at"]
    assert "marigold" not in caught.details() + str(vars(record))
