"""`ownhand-host`: started by the mail client, ends with its port.

The mail client says on the command line where its manifest is and which plugin asks; the wrapper that
`ownhand install-host` writes puts our own options before that.
"""

import argparse
import asyncio
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from ownhand.host import frames
from ownhand.host.bridge import Bridge
from ownhand.host.daemon import Daemon


def main() -> None:
    parser = argparse.ArgumentParser(prog="ownhand-host", description=__doc__)
    parser.add_argument("--endpoint", type=Path, required=True, help="where the daemon says how to reach it")
    parser.add_argument("asked_by", nargs="*", help="what the mail client adds")
    endpoint = parser.parse_args().endpoint
    asyncio.run(_serve(Daemon(endpoint), sys.stdin.buffer, sys.stdout.buffer))


async def _serve(daemon: Daemon, source: BinaryIO, sink: BinaryIO) -> None:
    def write(frame: bytes) -> None:
        sink.write(frame)
        sink.flush()

    bridge = Bridge(daemon, write)
    taken: asyncio.Queue[dict[str, object] | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    # Standard input can be awaited on some systems only; a thread reads it on all.
    threading.Thread(target=_read, args=(source, loop, taken), daemon=True).start()
    try:
        while (frame := await taken.get()) is not None:
            bridge.take(frame)
    except BrokenPipeError:
        pass  # the mail client is gone
    finally:
        await bridge.aclose()


def _read(
    source: BinaryIO,
    loop: asyncio.AbstractEventLoop,
    taken: "asyncio.Queue[dict[str, object] | None]",
) -> None:
    frame: dict[str, object] | None = {}
    while frame is not None:
        try:
            frame = frames.read(source)
        except frames.BadFrame as exc:
            print("ownhand-host:", exc, file=sys.stderr)
            frame = None
        loop.call_soon_threadsafe(taken.put_nowait, frame)


if __name__ == "__main__":
    main()
