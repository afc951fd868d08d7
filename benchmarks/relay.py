"""The relay's speed and memory, beside a direct connection and beside aiosmtpd's own Proxy.

    python benchmarks/relay.py

Every server is a process of its own, and the sink throws mail away. aiosmtpd's Proxy sends a whole message on
after it took it, one at a time, adds a header and answers 250 whatever the server said: it is here for scale.
Memory is the peak resident size (VmHWM, so Linux alone) of a relay started anew for each row.
"""

import asyncio
import base64
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SECRET_WORD = "sink"
SMALL = (
    b"From: a@example.org\r\nTo: b@example.org\r\nSubject: a\r\n\r\n"
    + b"some words of a mail in a line\r\n" * 128
)
LINE = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODkr\r\n"
PIECE = LINE * 700  # about 60 kB


def main() -> None:
    match sys.argv[1:]:
        case ["--sink", stall_s]:
            asyncio.run(serve_sink(float(stall_s)))
        case ["--proxy", port]:
            serve_proxy(int(port))
        case _:
            speed()
            memory()


# --- what is measured ------------------------------------------------------------------------------


def speed() -> None:
    print("messages a second, 4 kB each, one recipient, 2,000 in all")
    print(f"{'connections':>12} {'direct':>8} {'relay':>8} {'Proxy':>8}")
    with sink() as to, relay(to) as (port, secret, _), proxy(to) as other:
        for n in (1, 8, 40):
            each = 2000 // n
            rates = [
                n * each / asyncio.run(send_many(place, word, n, each))
                for place, word in ((to, SECRET_WORD), (port, secret), (other, ""))
            ]
            print(f"{n:>12} " + " ".join(f"{rate:>8,.0f}" for rate in rates))
        print("\none message of 50 MB, seconds")
        times = [
            asyncio.run(send_long(place, word, 1, 50_000_000))
            for place, word in ((to, SECRET_WORD), (port, secret), (other, ""))
        ]
        print(f"{'':>12} " + " ".join(f"{seconds:>8.2f}" for seconds in times))


def memory() -> None:
    print("\npeak memory of the process, MiB, and seconds")
    print(f"{'':>48} {'relay':>7} {'s':>6} {'Proxy':>7} {'s':>6}")
    for name, n, size, stall_s in (
        ("nobody there", 0, 0, 0.0),
        ("200 clients at once, 4 kB each", 200, 0, 0.0),
        ("200 clients at once, 1 MB each", 200, 1_000_000, 0.0),
        ("the same, and the server takes nothing for 5 s", 200, 1_000_000, 5.0),
        ("4 clients at once, 50 MB each", 4, 50_000_000, 0.0),
    ):
        with sink(stall_s) as to:
            with relay(to) as (port, secret, process):
                relay_s = asyncio.run(send_long(port, secret, n, size))
                of_relay = peak_mib(process)
            print(f"{name:>48} {of_relay:>7.1f} {relay_s:>6.2f}", end="")
            if stall_s:
                print("  (one after the other: a quarter of an hour)")
                continue
            with proxy_process(to) as (port, process):
                proxy_s = asyncio.run(send_long(port, "", n, size))
                of_proxy = peak_mib(process)
        print(f" {of_proxy:>7.1f} {proxy_s:>6.2f}")


def peak_mib(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return float("nan")


# --- clients ---------------------------------------------------------------------------------------


class Client:
    """One connection that says what it is told to."""

    async def open(self, port: int, secret: str) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        await self.reply()
        await self.ask(b"EHLO client.example")
        if secret:
            word = base64.b64encode(f"\0any\0{secret}".encode())
            assert (await self.ask(b"AUTH PLAIN " + word)).startswith(b"235")

    async def reply(self) -> bytes:
        line = b"   -"
        while line[3:4] == b"-":
            line = await self.reader.readline()
        return line

    async def ask(self, line: bytes) -> bytes:
        self.writer.write(line + b"\r\n")
        return await self.reply()

    async def begin(self) -> None:
        assert (await self.ask(b"MAIL FROM:<a@example.org>")).startswith(b"250")
        assert (await self.ask(b"RCPT TO:<b@example.org>")).startswith(b"250")
        assert (await self.ask(b"DATA")).startswith(b"354")

    async def send(self, size: int = 0) -> None:
        """One message: a small one, or one of about so many bytes."""
        await self.begin()
        if not size:
            self.writer.write(SMALL)
        for _ in range(size // len(PIECE)):
            self.writer.write(PIECE)
            await self.writer.drain()
        assert (await self.ask(b".")).startswith(b"250")

    async def close(self) -> None:
        await self.ask(b"QUIT")
        self.writer.close()


async def clients(port: int, secret: str, n: int) -> list[Client]:
    made = [Client() for _ in range(n)]
    async with asyncio.TaskGroup() as group:
        for client in made:
            group.create_task(client.open(port, secret))
    return made


async def send_many(port: int, secret: str, n: int, each: int) -> float:
    """Seconds for `n` connections with `each` small messages."""
    made = await clients(port, secret, n)

    async def run(client: Client) -> None:
        for _ in range(each):
            await client.send()

    begun = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for client in made:
            group.create_task(run(client))
    took = time.monotonic() - begun
    for client in made:
        await client.close()
    return took


async def send_long(port: int, secret: str, n: int, size: int) -> float:
    """Seconds for one message of each of `n` clients, all connected at the same time."""
    made = await clients(port, secret, n)
    begun = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for client in made:
            group.create_task(client.send(size))
    took = time.monotonic() - begun
    for client in made:
        await client.close()
    return took


# --- servers, each a process -----------------------------------------------------------------------


@contextmanager
def started(words: list[str], environ: dict[str, str] | None = None) -> Iterator[tuple[int, int]]:
    """The port that a program says last in its first line on stderr, and its process id."""
    process = subprocess.Popen(
        [sys.executable, *words], stderr=subprocess.PIPE, text=True, env={**os.environ, **(environ or {})}
    )
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        port = said.rpartition(":")[2].strip()
        if not port.isdecimal():
            raise SystemExit(said + process.stderr.read())
        yield int(port), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


@contextmanager
def sink(stall_s: float = 0.0) -> Iterator[int]:
    with started([__file__, "--sink", str(stall_s)]) as (port, _):
        yield port


@contextmanager
def proxy_process(to: int) -> Iterator[tuple[int, int]]:
    with started([__file__, "--proxy", str(to)]) as found:
        yield found


@contextmanager
def proxy(to: int) -> Iterator[int]:
    with proxy_process(to) as (port, _):
        yield port


@contextmanager
def relay(to: int) -> Iterator[tuple[int, str, int]]:
    """`ownhand relay` before the sink: its port, its secret and its process."""
    with tempfile.TemporaryDirectory() as home:
        environ = {"OWNHAND_HOME": home, "RELAY_PASSWORD": SECRET_WORD}
        (Path(home) / "config").mkdir()
        (Path(home) / "config" / "config.toml").write_text(
            '[[account]]\nname = "bench"\naddress = "a@example.org"\npassword = { env = "RELAY_PASSWORD" }\n'
            f'[account.relay]\nhost = "127.0.0.1"\nport = {to}\ntls = "plaintext-loopback"\nlisten = 0\n'
        )
        secret = subprocess.run(
            [sys.executable, "-m", "ownhand.daemon", "relay", "secret"],
            env={**os.environ, **environ}, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        with started(["-m", "ownhand.daemon", "relay"], environ) as (port, process):
            yield port, secret, process


class Discard(asyncio.Protocol):
    """Says yes to everything, and throws messages away as fast as they come."""

    def __init__(self, stall_s: float) -> None:
        self.stall_s = stall_s
        self.left = b""
        self.in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        if self.in_data:
            self.left = (self.left + data)[-5:]
            if self.left != b"\r\n.\r\n":
                return
            self.in_data, self.left = False, b""
            self.transport.write(b"250 thrown away\r\n")
            return
        *lines, self.left = (self.left + data).split(b"\r\n")
        for line in lines:
            self.command(line[:4].upper())

    def command(self, verb: bytes) -> None:
        if verb == b"DATA":
            self.in_data, self.left = True, b"\r\n"
            if self.stall_s:
                self.transport.pause_reading()
                asyncio.get_running_loop().call_later(self.stall_s, self.transport.resume_reading)
        answer = {
            b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE\r\n250 AUTH PLAIN",
            b"AUTH": b"235 welcome",
            b"DATA": b"354 go ahead",
            b"QUIT": b"221 bye",
        }.get(verb, b"250 fine")
        self.transport.write(answer + b"\r\n")
        if verb == b"QUIT":
            self.transport.close()


async def serve_sink(stall_s: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Discard(stall_s), "127.0.0.1", 0, backlog=512)
    print(f"sink:{server.sockets[0].getsockname()[1]}", file=sys.stderr, flush=True)
    await server.serve_forever()


def serve_proxy(to: int) -> None:
    import logging

    from aiosmtpd.handlers import Proxy
    from aiosmtpd.smtp import SMTP

    logging.getLogger("mail.log").disabled = True

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        handler = Proxy("127.0.0.1", to)
        server = await loop.create_server(
            lambda: SMTP(handler, data_size_limit=100_000_000, hostname="proxy", loop=loop),
            "127.0.0.1", 0, backlog=512,
        )  # fmt: skip
        print(f"proxy:{server.sockets[0].getsockname()[1]}", file=sys.stderr, flush=True)
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
