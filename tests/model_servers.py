"""Servers on loopback that speak the wire formats of large models, on good days and on bad ones."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Writer = asyncio.StreamWriter
Answer = Callable[[Writer, "ModelServer"], Awaitable[None]]
_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass(slots=True)
class ModelServer:
    """Answers the nth request with the nth answer of its script, and the rest with the last one."""

    script: list[Answer]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)  # a client left in the middle of an answer

    async def answer(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while (asked := await _request(reader)) is not None:
                self.asked.append(asked)
                answer = self.script[min(len(self.asked), len(self.script)) - 1]
                leaving = asyncio.create_task(self._left(reader)) if answer.__name__ == "waiting" else None
                await answer(writer, self)
                if leaving:
                    await asyncio.wait_for(leaving, _WAIT_S)
                    break
                if writer.is_closing():
                    break

    async def _left(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            await reader.read()
        self.gone.set()


@asynccontextmanager
async def serving(*script: Answer) -> AsyncIterator[ModelServer]:
    server = ModelServer(list(script))
    running: dict[asyncio.Task[None], Writer] = {}

    async def connected(reader: asyncio.StreamReader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        running[task] = writer
        try:
            await server.answer(reader, writer)
        finally:
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for writer in running.values():
            writer.transport.abort()
        await asyncio.gather(*running)
        await listening.wait_closed()


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode().strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    raw = await reader.readexactly(int(headers.get("content-length", 0)))
    method, path, _ = first.split(" ")
    return Asked(method, path, headers, json.loads(raw) if raw else None)


# --- answers ---------------------------------------------------------------------------------------


def status(code: int, body: object = None, **headers: str) -> Answer:
    """A plain answer; underscores in the names of headers stand for hyphens."""
    text = body if isinstance(body, str) else json.dumps(body or {})

    async def answer(writer: Writer, server: ModelServer) -> None:
        said = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        lines = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        raw = text.replace("SERVER", server.url).encode()
        writer.write(f"HTTP/1.1 {code} -\r\n{lines}Content-Length: {len(raw)}\r\n\r\n".encode() + raw)
        await writer.drain()

    return answer


def stream(*events: bytes, broken: bool = False) -> Answer:
    """A stream of events; a broken one ends without the end of the HTTP message."""

    async def answer(writer: Writer, server: ModelServer) -> None:
        _begin(writer)
        for event in events:
            await _chunk(writer, event)
        if broken:
            writer.close()
        else:
            writer.write(b"0\r\n\r\n")
            await writer.drain()

    return answer


def stalled(*events: bytes) -> Answer:
    """A stream that never goes on after these events; the server waits for the client to leave."""

    async def waiting(writer: Writer, server: ModelServer) -> None:
        _begin(writer)
        for event in events:
            await _chunk(writer, event)

    return waiting


def _begin(writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")


async def _chunk(writer: Writer, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    await writer.drain()
    await asyncio.sleep(0)


# --- Anthropic's Messages ----------------------------------------------------------------------------


def _event(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def anthropic_events(*pieces: str, thought: str = "", cut: bool = False) -> list[bytes]:
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": None,
        "usage": {"input_tokens": 7, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 20,
                  "output_tokens": 1},
    }  # fmt: skip
    events = [_event("message_start", message=message), _event("ping")]
    if thought:
        block = {"type": "thinking", "thinking": "", "signature": ""}
        delta = {"type": "thinking_delta", "thinking": thought}
        signed = {"type": "signature_delta", "signature": "c2ln"}
        events += [
            _event("content_block_start", index=0, content_block=block),
            _event("content_block_delta", index=0, delta=delta),
            _event("content_block_delta", index=0, delta=signed),
            _event("content_block_stop", index=0),
        ]
    events.append(_event("content_block_start", index=1, content_block={"type": "text", "text": ""}))
    for piece in pieces:
        events.append(_event("content_block_delta", index=1, delta={"type": "text_delta", "text": piece}))
    return [
        *events,
        _event("content_block_stop", index=1),
        _event(
            "message_delta",
            delta={"stop_reason": "max_tokens" if cut else "end_turn"},
            usage={"output_tokens": 9},
        ),
        _event("message_stop"),
    ]


def anthropic_error(kind: str) -> bytes:
    return _event("error", error={"type": kind, "message": "quoting the prompt"})


def batch_state(state: str, results: str = "") -> Answer:
    done = "2026-03-01T12:00:00Z"
    counts = {"processing": 0, "succeeded": 1, "errored": 1, "canceled": 0, "expired": 0}
    batch = {
        "id": "msgbatch_1", "type": "message_batch", "processing_status": state, "request_counts": counts,
        "created_at": done, "expires_at": done, "results_url": results or None,
    }  # fmt: skip
    return status(200, batch)


def batch_results(*results: tuple[str, dict[str, object]]) -> Answer:
    lines = "\n".join(json.dumps({"custom_id": custom_id, "result": result}) for custom_id, result in results)
    return status(200, lines, Content_Type="application/x-jsonl")


def batch_succeeded(text: str) -> dict[str, object]:
    message = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [{"type": "thinking", "thinking": "hm", "signature": "s"}, {"type": "text", "text": text}],
        "usage": {"input_tokens": 5, "output_tokens": 2},
    }  # fmt: skip
    return {"type": "succeeded", "message": message}


def batch_errored(kind: str) -> dict[str, object]:
    return {
        "type": "errored",
        "error": {"type": "error", "error": {"type": kind, "message": "quoting the prompt"}},
    }


# --- OpenAI's Chat Completions ----------------------------------------------------------------------


def openai_chunk(delta: dict[str, object] | None = None, finish: str | None = None, **more: object) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}
    return f"data: {json.dumps({**chunk, **more})}\n\n".encode()


def openai_events(*pieces: str, thought: str = "", cut: bool = False) -> list[bytes]:
    thoughts = [openai_chunk({"reasoning_content": thought})] if thought else []
    return [
        openai_chunk({"role": "assistant", "content": ""}),
        *thoughts,
        *(openai_chunk({"content": piece}) for piece in pieces),
        openai_chunk({}, "length" if cut else "stop"),
        openai_chunk(usage={"prompt_tokens": 27, "completion_tokens": 9, "total_tokens": 36}),
        b"data: [DONE]\n\n",
    ]


def texts(asked: Sequence[Asked]) -> list[str]:
    """The questions of the requests, in either format."""
    return [request.body["messages"][-1]["content"] for request in asked]
