"""The host as a mail client runs it: a process that speaks native messaging, beside a real server."""

import asyncio
import json
import os
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fakes import WORK, FakeServices
from ownhand.daemon.domain import OutcomeKind
from ownhand.daemon.errors import Invalid, LimitReached, Unreachable
from ownhand.daemon.rpc.endpoint import Endpoint, write_endpoint
from ownhand.host.methods import ALLOWED, known

MIB = 2**20
PLUGIN = "thunderbird@ownhand"


class Host:
    """A running host, with frames in and out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._n = 0

    def send(self, **frame: Any) -> None:
        body = json.dumps(frame).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(struct.pack("=I", len(body)) + body)

    async def next(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            (length,) = struct.unpack("=I", await self.process.stdout.readexactly(4))
            answer: dict[str, Any] = json.loads(await self.process.stdout.readexactly(length))
        return answer

    async def ask(self, method: str, **request: Any) -> list[dict[str, Any]]:
        """Every answer up to the last, which ends the call or says why not."""
        self._n += 1
        self.send(id=self._n, method=method, request=request)
        answers = [await self.next()]
        while "message" in answers[-1]:
            answers.append(await self.next())
        assert {answer["id"] for answer in answers} == {self._n}
        return answers

    async def one(self, method: str, **request: Any) -> dict[str, Any]:
        answers = await self.ask(method, **request)
        assert answers[1:] == [{"id": self._n, "end": True}], answers
        message: dict[str, Any] = answers[0]["message"]
        return message

    async def failure(self, method: str, **request: Any) -> dict[str, Any]:
        error: dict[str, Any] = (await self.ask(method, **request))[-1]["error"]
        return error

    async def close(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        async with asyncio.timeout(30):
            return await self.process.wait()


async def started(endpoint: Path, home: Path) -> Host:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-m", "ownhand.host", "--endpoint", str(endpoint),
        "/somewhere/ownhand.host.json", PLUGIN,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "OWNHAND_HOME": str(home)},
    )  # fmt: skip
    return Host(process)


@pytest.fixture
async def host(runtime: Path) -> AsyncIterator[Host]:
    running = await started(runtime / "endpoint.json", runtime)
    yield running
    if running.process.returncode is None:
        await running.close()


async def test_a_call_is_carried_as_json_both_ways(
    host: Host, endpoint: Endpoint, services: FakeServices
) -> None:
    answer = await host.one("RuleService/ListRules", account="work", include_refused=True)

    assert [rule["id"] for rule in answer["rules"]] == ["rule1", "rule2"]
    assert (answer["rules"][0]["support"], answer["rules"][0]["muted"]) == (8, False)
    assert services.rules.asked == [("work", "", None, True)]


async def test_a_stream_is_carried_piece_by_piece(host: Host, endpoint: Endpoint) -> None:
    request = {"account": "work", "to": [{"address": "sam@example.org", "name": "Sam"}], "notes": "done"}

    answers = await host.ask("DraftService/ComposeDraft", **request)

    events = [next(iter(answer["message"])) for answer in answers[:-1]]
    assert events == ["rules_proposed", "text_delta", "text_delta", "draft_completed"]
    assert answers[-1] == {"id": 1, "end": True}


async def test_a_cancelled_draft_ends_at_the_model(
    host: Host, endpoint: Endpoint, services: FakeServices
) -> None:
    services.drafts.endless = True
    host.send(id=7, method="DraftService/ComposeDraft", request={"account": "work", "notes": "x"})
    assert "rules_proposed" in (await host.next())["message"]

    host.send(id=7, cancel=True)

    async with asyncio.timeout(10):
        await services.drafts.stopped.wait()
    assert (await host.one("DaemonService/GetStatus"))["pid"] == 42  # and the host lives on


async def test_calls_run_beside_each_other(host: Host, endpoint: Endpoint, services: FakeServices) -> None:
    services.drafts.endless = True
    host.send(id=1000, method="DraftService/ComposeDraft", request={"account": "work", "notes": "x"})
    await host.next()

    assert (await host.one("DaemonService/GetStatus"))["version"] == "0.1.0"


async def test_when_the_mail_client_goes_the_host_ends_and_stops_what_it_asked_for(
    host: Host, endpoint: Endpoint, services: FakeServices
) -> None:
    services.drafts.endless = True
    host.send(id=1, method="DraftService/ComposeDraft", request={"account": "work", "notes": "x"})
    await host.next()

    assert await host.close() == 0

    async with asyncio.timeout(10):
        await services.drafts.stopped.wait()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (LimitReached("the monthly limit is reached"), {"reason": "LIMIT_REACHED"}),
        (Unreachable("the model is down", retry_after_s=2.5), {"reason": "UNREACHABLE", "retryAfterS": 2.5}),
        (
            Invalid("notes are missing", hint="say something", fields={"notes": "must not be empty"}),
            {"reason": "INVALID", "hint": "say something", "fields": {"notes": "must not be empty"}},
        ),
    ],
)
async def test_errors_keep_their_reason_and_what_to_do(
    host: Host, endpoint: Endpoint, services: FakeServices, error: Exception, told: dict[str, Any]
) -> None:
    services.drafts.error = error

    failure = await host.failure("DraftService/ComposeDraft", account="work", notes="x")

    assert failure.items() >= told.items()
    assert failure["message"]


async def test_without_a_daemon_it_says_so(host: Host) -> None:
    hello = await host.one("Host/Hello")
    failure = await host.failure("RuleService/ListRules", account="work")

    assert (hello["protocol"], hello["daemon"]) == (1, None)
    assert failure["reason"] == "DAEMON_STOPPED" and "ownhand serve" in failure["hint"]


async def test_a_daemon_that_was_killed_is_none(host: Host, runtime: Path) -> None:
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    write_endpoint(runtime / "endpoint.json", Endpoint(f"unix:{runtime}/daemon.sock", "", gone.pid, "0"))

    assert (await host.failure("DaemonService/GetStatus"))["reason"] == "DAEMON_STOPPED"


async def test_a_daemon_that_does_not_answer_is_none_either(host: Host, runtime: Path) -> None:
    write_endpoint(runtime / "endpoint.json", Endpoint(f"unix:{runtime}/daemon.sock", "", os.getpid(), "0"))

    assert (await host.failure("DaemonService/GetStatus"))["reason"] == "DAEMON_STOPPED"


async def test_the_host_starts_the_daemon_and_the_daemon_outlives_it(runtime: Path) -> None:
    host = await started(runtime / "run/endpoint.json", runtime)
    hello = await host.one("Host/Start")
    again = await host.one("Host/Start")
    pid = hello["daemon"]["pid"]
    try:
        assert again["daemon"]["pid"] == pid
        assert (await host.one("DaemonService/GetStatus"))["pid"] == pid
        assert await host.close() == 0
        os.kill(pid, 0)
    finally:
        os.kill(pid, 15)


async def test_what_is_no_call_of_a_plugin_is_refused(host: Host, endpoint: Endpoint) -> None:
    for method in ("AccountService/ImportMail", "DraftService/DistilIntent", "Nothing/AtAll", ""):
        assert (await host.failure(method, path="/etc/passwd"))["reason"] == "BAD_CALL"

    failure = await host.failure("DraftService/ComposeDraft", secret_of_mine="x")
    assert failure["reason"] == "BAD_CALL" and "secret_of_mine" not in json.dumps(failure)


async def test_a_frame_that_cannot_be_read_ends_the_host(host: Host) -> None:
    assert host.process.stdin is not None
    host.process.stdin.write(struct.pack("=I", 5) + b"[1, 2")

    async with asyncio.timeout(30):
        assert await host.process.wait() == 0


async def test_an_answer_too_long_for_a_mail_client_is_said_to_be(
    host: Host, endpoint: Endpoint, services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = services.rules.list(WORK, recipient="", group=None, include_refused=False)[0]

    def many(*_: object, **__: object) -> list[object]:
        return [rule] * 8000

    monkeypatch.setattr(services.rules, "list", many)

    assert (await host.failure("RuleService/ListRules", account="work"))["reason"] == "TOO_LONG"


async def test_what_became_of_a_draft_is_told(host: Host, endpoint: Endpoint, services: FakeServices) -> None:
    answer = await host.one(
        "DraftService/RecordOutcome", draft_id="draft1", kind="OUTCOME_KIND_SENT", sent_text="Sam, done."
    )

    assert answer == {"kept": 0.75}
    assert services.drafts.asked == [("draft1", OutcomeKind.SENT, "Sam, done.", "")]


async def test_it_takes_at_most_forty_mib(host: Host, endpoint: Endpoint) -> None:
    await host.one("RuleService/ListRules", account="work")

    assert _own_mib(host.process.pid) < 40


def _own_mib(pid: int) -> float:
    """Memory that is shared, as grpc's library is with the daemon, counts in part."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def test_every_allowed_method_is_one_of_the_daemon() -> None:
    methods = known()

    assert len(methods) == sum(map(len, ALLOWED.values()))
    assert {name for name, method in methods.items() if method.streams} == {
        "DraftService/ComposeDraft",
        "LearningService/WatchJob",
        "LearningService/WatchJobs",
    }
