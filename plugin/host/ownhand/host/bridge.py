"""Calls in frames -> calls to the daemon -> answers in frames. Knows no message: the descriptors do.

    -> {"id": 1, "method": "RuleService/ListRules", "request": {...}}    the request as ProtoJSON
    -> {"id": 1, "cancel": true}
    <- {"id": 1, "message": {...}}       once, or once for each answer of a stream
    <- {"id": 1, "end": true}            after the last one
    <- {"id": 1, "error": {"reason": ..., "message": ..., "hint": ..., "fields": {...}}}

Three methods are the host's own: "Host/Hello" says who is here, "Host/Start" starts the daemon,
"Host/Accounts" says what the mail client's settings say of its accounts.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message
from ownhand.host import clients, failures, frames
from ownhand.host.daemon import Daemon
from ownhand.host.methods import Method, known

PROTOCOL = 1
_LONGEST_CALL_S = 180.0  # of one that answers once; a stream may go on

Frame = dict[str, Any]


class Bridge:
    """Answers frames until it is closed; any number of calls at a time."""

    def __init__(self, daemon: Daemon, write: Callable[[bytes], None]) -> None:
        self._daemon = daemon
        self._write = write
        self._methods = known()
        self._calls: dict[Any, asyncio.Task[None]] = {}

    def take(self, frame: Frame) -> None:
        """Begins, or cancels, what a frame asks for. The answers come by themselves."""
        number = frame.get("id")
        if frame.get("cancel"):
            if call := self._calls.get(number):
                call.cancel()
            return
        if number in self._calls or not isinstance(number, int):
            self._tell(
                number,
                error=failures.Failure(failures.BAD_CALL, "every call needs a number of its own").to_json(),
            )
            return
        call = asyncio.get_running_loop().create_task(self._answer(number, frame))
        self._calls[number] = call
        call.add_done_callback(lambda _: self._calls.pop(number, None))

    async def aclose(self) -> None:
        """Ends every call: whoever asked is gone."""
        for call in (calls := list(self._calls.values())):
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await self._daemon.aclose()

    async def _answer(self, number: int, frame: Frame) -> None:
        try:
            async for message in self._messages(str(frame.get("method")), frame.get("request") or {}):
                self._tell(number, message=message)
            self._tell(number, end=True)
        except failures.Failure as failure:
            self._tell(number, error=failure.to_json())
        except grpc.aio.AioRpcError as exc:
            self._tell(number, error=failures.from_call(exc).to_json())

    async def _messages(self, name: str, request: Frame) -> AsyncIterator[Frame]:
        if name == "Host/Hello":
            yield self._hello()
        elif name == "Host/Start":
            await self._daemon.start()
            yield self._hello()
        elif name == "Host/Accounts":
            found = await asyncio.to_thread(clients.accounts, Path.home(), clients.client_pid())
            yield {"accounts": found}
        elif method := self._methods.get(name):
            async for answer in self._asked(method, _parsed(method, request)):
                yield MessageToDict(
                    answer, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
                )
        else:
            raise failures.Failure(failures.BAD_CALL, "there is no such method", "update Ownhand")

    def _hello(self) -> Frame:
        endpoint = self._daemon.found()
        return {
            "protocol": PROTOCOL,
            "daemon": {"version": endpoint.version, "pid": endpoint.pid} if endpoint else None,
        }

    async def _asked(self, method: Method, request: Message) -> AsyncIterator[Message]:
        channel, metadata = await self._daemon.channel()
        kept = {
            "request_serializer": method.request.SerializeToString,
            "response_deserializer": method.response.FromString,
        }
        if method.streams:
            answers = channel.unary_stream(method.path, **kept)(request, metadata=metadata)
            async for answer in answers:
                yield answer
        else:
            call = channel.unary_unary(method.path, **kept)
            yield await call(request, metadata=metadata, timeout=_LONGEST_CALL_S)

    def _tell(self, number: Any, **what: Any) -> None:
        try:
            frame = frames.packed({"id": number, **what})
        except ValueError:
            failure = failures.Failure(failures.TOO_LONG, "the answer is too long for a mail client")
            frame = frames.packed({"id": number, "error": failure.to_json()})
        self._write(frame)


def _parsed(method: Method, request: Frame) -> Message:
    try:
        return ParseDict(request, method.request())
    except ParseError:
        # Its text quotes the request, which may hold mail.
        raise failures.Failure(
            failures.BAD_CALL, "the request is not what the method takes", "update Ownhand"
        ) from None
