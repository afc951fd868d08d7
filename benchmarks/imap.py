"""Times the first sync of a large Sent folder against mbsync and imapclient: `make bench-imap`.

One Dovecot, one run: invented mail on loopback, then through a proxy with 40 ms round trip and 50 Mbit/s.
Needs Debian's dovecot-imapd; mbsync (Debian's isync) is measured where it is installed.
"""

import argparse
import asyncio
import json
import os
import platform
import pwd
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent
_PROXY = _REPOSITORY / "tests" / "proxy.py"
sys.path.insert(0, str(_REPOSITORY / "tests"))

from imap_servers import PASSWORD, USER, Server, dovecot_server, mail_folder  # noqa: E402

_DELAY_MS, _MBIT = 20, 50  # each way
_FEW = 2_500  # messages, for memory, and for what takes long on the slow line
_BATCH = 200


@dataclass(frozen=True)
class Run:
    """What one program did."""

    n: int
    seconds: float
    up: int = 0
    down: int = 0
    rss: int = 0  # MiB at most

    @property
    def per_s(self) -> float:
        return self.n / self.seconds


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--worker", choices=sorted(_WORKERS), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--newest", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker:
        _WORKERS[options.worker](options.port, options.newest)
        return 0
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"{datetime.now(UTC):%Y-%m-%d}")
    with dovecot_server() as server:
        megabytes = fill(mail_folder(server), options.messages) / 1e6
        print(f"{options.messages} messages, {megabytes:.0f} MB: ", end="")
        print("56 % plain, 32 % alternative, 12 % with attachment")
        compare(server, options.messages)
    return 0


# --- the mailbox ---------------------------------------------------------------------------------


def fill(folder: Path, n: int, seed: int = 7) -> int:
    """Writes invented messages into a Maildir; gives their bytes."""
    chance = random.Random(seed)
    blob = chance.randbytes(1_500_000).hex().encode()
    lines = b"\r\n".join(blob[at : at + 76] for at in range(0, len(blob), 76))
    owner = pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else os.getuid()
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    total = 0
    for i in range(n):
        content = _mail(i, chance, lines)
        total += len(content)
        # With its sizes in its name Dovecot need not read it to know them.
        path = folder / "cur" / f"{1_500_000_000 + i}.M{i}P1.host,S={len(content)},W={len(content)}:2,S"
        path.write_bytes(content)
        if os.getuid() == 0:
            os.chown(path, owner, -1)
    if os.getuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner, -1)
    return total


def _mail(i: int, chance: random.Random, lines: bytes) -> bytes:
    at = datetime(2020, 1, 1, 9, tzinfo=UTC) + timedelta(hours=5 * i)
    text = _words(chance, chance.randint(40, 240))
    kind = chance.random()
    head = (
        f"Message-ID: <{i}.{chance.getrandbits(64):x}@example.org>\r\n"
        f"Date: {at:%a, %d %b %Y %H:%M:%S +0000}\r\n"
        f"From: Mara Lindt <{USER}>\r\nTo: Ana Sol <ana{i % 90}@example.com>\r\n"
        f"Subject: {_words(chance, 5).strip()}\r\nMIME-Version: 1.0\r\nUser-Agent: Mail 1.0\r\n"
        + (f"In-Reply-To: <{i}.r@example.com>\r\nReferences: <{i}.r@example.com>\r\n" if i % 2 else "")
    ).encode()
    plain = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
    if kind < 0.56:
        return head + plain
    html = b"<html><body><p>" + text.replace("\r\n", "<br>\r\n").encode() + b"</p></body></html>"
    rich = b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html + b"\r\n"
    both = _multipart("alternative", [plain, rich])
    if kind < 0.88:
        return head + both
    start = chance.randrange(0, 1_000_000)
    file = lines[start : start + chance.randint(20_000, 600_000)]
    attached = (
        b'Content-Type: application/pdf; name="plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        b'Content-Disposition: attachment; filename="plan.pdf"\r\n\r\n' + file + b"\r\n"
    )
    return head + _multipart("mixed", [both if i % 3 else plain, attached])


def _multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    edge = f"=_{subtype}_5f1e".encode()
    inner = b"".join(b"--" + edge + b"\r\n" + part + b"\r\n" for part in parts)
    return b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n%s--%s--\r\n' % (
        subtype.encode(),
        edge,
        inner,
        edge,
    )


_SYLLABLES = "ka ri mo len ta su ber no vi dal er un ge fa to li san per ho mi".split()


def _words(chance: random.Random, n: int) -> str:
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 3))) for _ in range(n)]
    return "\r\n".join(" ".join(words[at : at + 11]) for at in range(0, n, 11))


# --- the comparison ------------------------------------------------------------------------------


def compare(server: Server, n: int) -> None:
    _worker("ours", server.port, 0)  # once unmeasured: Dovecot writes its index
    few = min(n, _FEW)
    print(f"\n{'':44}{'msg/s':>8}{'seconds':>9}{'kB/msg':>8}{'MiB':>6}")
    with _proxy(server.port, 0, 0) as line:
        _row("ownhand, fetched and stored, loopback", _worker("ours", server.port, 0))
        _row("  the same through a proxy that counts", line.counted("ours", 0))
        _row("imapclient, whole mails", _worker("imapclient", server.port, 0))
        _row("imapclient, structure and text", _worker("imapclient_text", server.port, 0))
    for fsync in ("no", "yes"):
        if (run := _mbsync(server.port, n, 0, fsync)) is not None:
            _row(f"mbsync, FSync {fsync}", run)
    print(f"\n{2 * _DELAY_MS} ms round trip, {_MBIT} Mbit/s")
    with _proxy(server.port, _DELAY_MS, _MBIT) as line:
        _row("ownhand, fetched and stored", line.counted("ours", 0))
        _row("imapclient, structure and text", line.counted("imapclient_text", 0))
        _row(f"imapclient, whole mails, newest {few // 5}", line.counted("imapclient", few // 5))
        if (run := _mbsync(line.port, few // 5, few // 5, "no")) is not None:
            _row(f"mbsync, FSync no, newest {few // 5}", run)
    print("\nmemory of the whole process at its highest")
    _row(f"ownhand, newest {few}", _worker("ours", server.port, few))
    _row(f"ownhand, all {n}", _worker("ours", server.port, 0))
    _worker("moments", server.port, 0, show=True)


def _row(name: str, run: Run) -> None:
    traffic = f"{(run.up + run.down) / run.n / 1000:8.2f}" if run.down else f"{'':8}"
    print(f"{name:44}{run.per_s:8.0f}{run.seconds:9.2f}{traffic}{run.rss or '':>6}", flush=True)


def _worker(name: str, port: int, newest: int, *, show: bool = False) -> Run:
    """One program in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, "--worker", name, "--port", str(port), "--newest", str(newest)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if show:
        print(said, end="")
        return Run(1, 1)
    return Run(**json.loads(said))


@dataclass
class _Line:
    process: "subprocess.Popen[str]"
    port: int

    def counted(self, name: str, newest: int) -> Run:
        before = self._counts()
        run = _worker(name, self.port, newest)
        up, down = (now - then for now, then in zip(self._counts(), before, strict=True))
        return Run(run.n, run.seconds, up, down, run.rss)

    def _counts(self) -> tuple[int, ...]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return tuple(map(int, self.process.stdout.readline().split()))


@contextmanager
def _proxy(upstream: int, delay_ms: int, mbit: int) -> Iterator[_Line]:
    command = [
        sys.executable,
        str(_PROXY),
        str(upstream),
        str(delay_ms),
        str(mbit),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        yield _Line(process, int(process.stdout.readline()))
        process.stdin.close()


def _mbsync(port: int, n: int, newest: int, fsync: str) -> Run | None:
    program = shutil.which("mbsync")
    if program is None:
        if fsync == "no":
            print("mbsync is not installed (Debian: isync)")
        return None
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "mbsyncrc"
        config.write_text(
            f"""FSync {fsync}
IMAPAccount it
Host 127.0.0.1
Port {port}
User {USER}
Pass "{PASSWORD}"
SSLType None
AuthMechs PLAIN

IMAPStore far
Account it

MaildirStore near
Path {folder}/
Inbox {folder}/Inbox
SubFolders Verbatim

Channel it
Far :far:Sent
Near :near:Sent
Sync Pull
Create Near
SyncState *
{f"MaxMessages {newest}" if newest else ""}
"""
        )
        began = time.perf_counter()
        subprocess.run([program, "-q", "-c", str(config), "it"], check=True, capture_output=True)
        seconds = time.perf_counter() - began
        kept = [path for name in ("cur", "new") for path in (Path(folder) / "Sent" / name).iterdir()]
        return Run(len(kept), seconds)


# --- each in a process of its own ----------------------------------------------------------------


def _told(n: int, began: float) -> None:
    seconds = time.perf_counter() - began
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"n": n, "seconds": seconds, "rss": rss}))


def _ours(port: int, newest: int) -> None:
    """The daemon's own way: every batch is packed, and committed with its cursor."""
    from ownhand.daemon.domain import AccountName
    from ownhand.daemon.learn.extract import pack
    from ownhand.daemon.mail.imap.source import ImapSource
    from ownhand.daemon.store.sqlite import Store

    async def run(folder: str) -> None:
        store = Store.open(Path(folder) / "own.db")
        source = ImapSource("127.0.0.1", port, USER, lambda: PASSWORD, tls=False, newest=newest)
        n, began = 0, time.perf_counter()
        async for batch in source.fetch_since(None):
            packed = [(message.uid, pack(message)) for message in batch.messages]
            store.mailboxes.add_fetched(AccountName("work"), batch.cursor, packed, at=datetime.now(UTC))
            n += len(packed)
        _told(n, began)
        await source.aclose()
        store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(folder))


def _imapclient(port: int, newest: int) -> None:
    """As most programs do it: whole mails, some hundred at a time, parsed and kept."""
    _plainly(port, newest, ["BODY.PEEK[]"], structured=False)


def _imapclient_text(port: int, newest: int) -> None:
    """As well as it can be done with the library alone."""
    _plainly(port, newest, ["BODYSTRUCTURE", "FLAGS", "RFC822.SIZE"], structured=True)


def _plainly(port: int, newest: int, items: list[str], *, structured: bool) -> None:
    from imapclient import IMAPClient
    from ownhand.daemon.mail.imap import described
    from ownhand.daemon.mail.mime import read_message

    client = IMAPClient("127.0.0.1", port, ssl=False)
    client._imap.debug = 0  # imapclient turns imaplib's debugging on; nobody measures that
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(f"{folder}/plain.db")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE mail (uid INTEGER PRIMARY KEY, text TEXT)")
        began = time.perf_counter()
        client.login(USER, PASSWORD)
        client.select_folder("Sent", readonly=True)
        uids = client.search("ALL")[-newest:]
        for at in range(0, len(uids), _BATCH):
            rows = []
            if structured:
                found = client.fetch(uids[at : at + _BATCH], [*items, described.DESCRIPTION[-1]])
                ready = [described.describe(uid, answer) for uid, answer in found.items()]
                groups: dict[tuple[str, ...], list[int]] = {}
                for one in ready:
                    groups.setdefault(described.section_items(one), []).append(one.uid)
                texts = {u: a for i, group in groups.items() for u, a in client.fetch(group, i).items()}
                rows = [(one.uid, str(described.assemble(one, texts[one.uid]))) for one in ready]
            else:
                for uid, answer in client.fetch(uids[at : at + _BATCH], items).items():
                    rows.append((uid, str(read_message(answer[b"BODY[]"]))))
            with db:
                db.executemany("INSERT INTO mail VALUES (?, ?)", rows)
        _told(len(uids), began)
        client.logout()


def _moments(port: int, _: int) -> None:
    """How soon it is known that there is nothing new, and that there is."""
    from ownhand.daemon.mail.imap.source import ImapSource

    async def run() -> None:
        source = ImapSource("127.0.0.1", port, USER, lambda: PASSWORD, tls=False, newest=200)
        batches = [batch async for batch in source.fetch_since(None)]
        known = sorted(message.uid for batch in batches for message in batch.messages)
        spent = []
        for _ in range(20):
            began = time.perf_counter()
            _ = [batch async for batch in source.fetch_since(batches[-1].cursor, known)]
            spent.append(time.perf_counter() - began)
        print(f"\nnothing new, on an open connection: {1000 * sorted(spent)[10]:.1f} ms (median of 20)")
        noticed = [await _noticed(source, port, n) for n in range(5)]
        print(f"from APPEND to the end of the wait: {max(noticed):.2f} s (longest of {len(noticed)})")
        await source.aclose()

    asyncio.run(run())


async def _noticed(source: object, port: int, n: int) -> float:
    from ownhand.daemon.mail.imap.source import ImapSource

    assert isinstance(source, ImapSource)
    server = Server("127.0.0.1", port)
    waiting = asyncio.ensure_future(source.wait())
    await asyncio.wait({waiting}, timeout=1.5)  # until it idles
    content = _mail(100_000 + n, random.Random(n), b"")
    await asyncio.to_thread(server.append, [content])
    began = time.perf_counter()
    await waiting
    return time.perf_counter() - began


_WORKERS = {
    "ours": _ours,
    "imapclient": _imapclient,
    "imapclient_text": _imapclient_text,
    "moments": _moments,
}

if __name__ == "__main__":
    sys.exit(main())
