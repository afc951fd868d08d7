"""A link to a server that is slow, thin, cut or dead: a TCP proxy on loopback.

In tests it runs in a thread; `python tests/proxy.py PORT DELAY_MS MBIT` runs one by itself, prints its port,
and prints the bytes that passed, up and down, for each line on its standard input.
"""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_CHUNK = 64 * 1024
_Chunks = asyncio.Queue[tuple[float, bytes]]  # when each is to arrive, and what it is
_ON_THE_WAY = 32  # chunks that a link holds before its sender has to wait


@dataclass
class Proxy:
    """How the link is. Change its fields while it runs."""

    upstream: int  # port of the server
    delay_s: float = 0.0  # each way
    bytes_per_s: float = 0.0  # each way; 0 for as fast as can be
    cut_after: int | None = None  # bytes from the server, after which every link is cut, once
    garble: int | None = None  # the byte from the server that arrives as another, once
    black_hole: threading.Event = field(default_factory=threading.Event)  # set: swallows all, says nothing
    port: int = 0
    n_up: int = 0  # bytes to the server
    n_down: int = 0
    n_links: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._link, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.n_links += 1
        try:
            to_server = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        self._writers += (writer, to_server[1])
        pumps = [
            asyncio.ensure_future(self._pump(reader, to_server[1], up=True)),
            asyncio.ensure_future(self._pump(to_server[0], writer, up=False)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for end in (writer, to_server[1]):
                end.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        chunks: _Chunks = asyncio.Queue(_ON_THE_WAY)
        delivering = asyncio.ensure_future(self._deliver(chunks, writer))
        loop = asyncio.get_running_loop()
        free_at = 0.0
        try:
            while data := await reader.read(_CHUNK):
                data = self._counted(data, up=up)
                if self.black_hole.is_set():
                    continue
                free_at = max(free_at, loop.time())
                free_at += len(data) / self.bytes_per_s if self.bytes_per_s else 0.0
                await chunks.put((free_at + self.delay_s, data))
                if not up and self.cut_after == 0:
                    break
            await chunks.put((free_at + self.delay_s, b""))
            await delivering
            if not up and self.cut_after == 0:
                self.cut_after = None
                self.cut()
        except OSError:
            pass
        finally:
            delivering.cancel()

    def _counted(self, data: bytes, *, up: bool) -> bytes:
        if up:
            self.n_up += len(data)
            return data
        if self.cut_after is not None:
            data = data[: self.cut_after]
            self.cut_after -= len(data)
        if self.garble is not None:
            if self.garble < len(data):
                data = data[: self.garble] + bytes([data[self.garble] ^ 0x15]) + data[self.garble + 1 :]
            self.garble = self.garble - len(data) if self.garble >= len(data) else None
        self.n_down += len(data)
        return data

    async def _deliver(self, chunks: _Chunks, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while True:
                at, data = await chunks.get()
                if (wait := at - loop.time()) > 0:
                    await asyncio.sleep(wait)
                if not data:
                    return
                writer.write(data)
                await writer.drain()


@contextmanager
def proxied(proxy: Proxy) -> Iterator[Proxy]:
    """The proxy, running in a thread that ends with it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(proxy.serve(), loop).result(5)

    async def end() -> None:
        server.close()
        proxy.cut()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def main(upstream: str, delay_ms: str, mbit: str) -> None:
    proxy = Proxy(int(upstream), float(delay_ms) / 1000, float(mbit) * 125_000)
    with proxied(proxy):
        print(proxy.port, flush=True)
        for _ in sys.stdin:
            print(proxy.n_up, proxy.n_down, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
