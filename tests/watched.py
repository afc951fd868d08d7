"""An account on a test server, its mail, and how a test has it learned."""

import time
from collections.abc import Callable

from imap_servers import PASSWORD, Server
from ownhand.v1 import learning_pb2
from running import Client

PATIENCE_S = 60.0


def config(server: Server, **learning: object) -> str:
    keys = {"min_mails": 20, "new_mails": 3, "min_interval_hours": 0.0, "quiet": False, **learning}
    settings = "\n".join(f"{key} = {str(value).lower()}" for key, value in keys.items())
    return f"""
[[account]]
name = "work"
address = "mara@example.org"
host = "{server.host}"
port = {server.port}
tls = "plaintext-loopback"
user = "{server.user}"
password = {{ env = "WORK_PASSWORD" }}

[agent]
backend = "fake"

[learning]
{settings}
"""


def mail(n: int, body: str = "") -> bytes:
    text = body or f"Hi Sam,\n\nlot {n} is packed - I'm sending it tomorrow!\n\nCheers,\nMara"
    return (
        f"From: Mara Ost <mara@example.org>\r\nTo: Sam Hale <sam@shop.example>\r\nSubject: Lot {n}\r\n"
        f"Date: Mon, {n % 28 + 1} Mar 2026 09:{n % 60:02}:00 +0000\r\nMessage-ID: <{n}@example.org>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


def learn(client: Client, until: int = learning_pb2.STAGE_PROMOTE) -> learning_pb2.Job:
    request = learning_pb2.StartLearningRequest(account="work", until=until)  # type: ignore[arg-type]
    return client.wait(client.learning.StartLearning(request, timeout=30).job.id)


def eventually(what: Callable[[], bool], said: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


ENVIRON = {"WORK_PASSWORD": PASSWORD}
