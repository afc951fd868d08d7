"""The contract of AgentBackend, on the trainer's real processes with its fake backend."""

import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from ownhand.daemon.agents import child
from ownhand.daemon.agents.worker import TrainerBackend, to_proto
from ownhand.daemon.domain import AgentId, Correspondent, Letter, RecipientKind, Situation, TrainingProgress
from ownhand.daemon.errors import Invalid, NotReady, Reason

ANA = Correspondent("ana@mill.example", "Ana Vidal")
BEN = Correspondent("ben@gmail.example", "Ben Roe")
SITUATION = Situation(
    Letter(ANA, (BEN,), RecipientKind.PERSONAL, subject="Boat", reply=True, context="Is it dry?"),
    ("The boat is dry.",),
)
WARM = ["Use contractions.", 'Sign off with "Cheers".']
STIFF = ["Write contractions out in full.", 'Sign off with "Kind regards".']


@pytest.fixture
def training_set(tmp_path: Path) -> Path:
    folder = tmp_path / "a1b2"
    folder.mkdir()
    for split in ("train", "valid", "test"):
        lines = [
            json.dumps({"id": f"{split}{kind}", "situation": {"recipient_kind": kind}, "rules": rules})
            for kind, rules in (("personal", WARM), ("business", STIFF))
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "manifest.json").write_text("{}")
    return folder


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[TrainerBackend]:
    made = _backend(tmp_path)
    yield made
    await made.aclose()


async def test_a_training_reports_its_steps_and_ends_with_the_manifest(
    backend: TrainerBackend, training_set: Path
) -> None:
    reports = await _train(backend, "one", training_set)

    assert [report.step for report in reports[:-1]] == sorted(report.step for report in reports[:-1])
    assert all(report.manifest is None for report in reports[:-1])
    manifest = reports[-1].manifest
    assert manifest is not None
    assert (manifest.agent_id, manifest.training_set, manifest.n_examples) == ("one", "a1b2", 2)
    assert (manifest.precision, manifest.recall) == (1.0, 1.0)


async def test_an_agent_proposes_what_it_has_learned_for_this_kind_of_recipient(
    backend: TrainerBackend, training_set: Path
) -> None:
    await _train(backend, "one", training_set)

    agent = await backend.open(AgentId("one"))

    assert {one.rule async for one in agent.propose_rules(SITUATION)} == set(WARM)
    await agent.aclose()


async def test_a_finished_training_is_reported_and_not_repeated(
    backend: TrainerBackend, training_set: Path, tmp_path: Path
) -> None:
    first = await _train(backend, "one", training_set)
    before = (tmp_path / "adapters/one/manifest.json").stat().st_mtime_ns

    second = await _train(backend, "one", training_set)

    assert second == first[-1:]
    assert (tmp_path / "adapters/one/manifest.json").stat().st_mtime_ns == before


async def test_the_live_agent_is_measured_on_the_held_out_mail_of_the_new_one(
    backend: TrainerBackend, training_set: Path
) -> None:
    await _train(backend, "old", training_set)
    (training_set / "valid.jsonl").write_text(
        json.dumps({"id": "x", "situation": {"recipient_kind": "personal"}, "rules": [WARM[0], STIFF[1]]})
    )

    reports = await _train(backend, "new", training_set, AgentId("old"))

    current = reports[-1].current
    assert current is not None
    assert (current.agent_id, current.precision, current.recall) == ("old", 0.5, 0.5)


async def test_a_training_goes_on_from_the_agent_that_is_named(
    backend: TrainerBackend, training_set: Path
) -> None:
    await _train(backend, "one", training_set)

    reports = await _train(backend, "two", training_set, parent=AgentId("one"))

    made = reports[-1].manifest
    assert made is not None
    assert (made.agent_id, made.continued_from) == ("two", "one")
    assert made.duration_s > 0


async def test_the_trainer_is_told_other_bases_for_when_this_one_is_too_large(
    tmp_path: Path, training_set: Path
) -> None:
    backend = _backend(tmp_path, max_steps=1_000_000, others=lambda: {"small/one": 7})

    async with aclosing(backend.train(AgentId("long"), training_set)) as reports:
        await anext(reports)
        job = json.loads((tmp_path / "run/train-long.json").read_text())

    assert job["others"] == [{"name": "small/one", "memory_bytes": "7"}]


async def test_leaving_a_training_early_ends_the_child(tmp_path: Path, training_set: Path) -> None:
    backend = _backend(tmp_path, max_steps=1_000_000)

    async with aclosing(backend.train(AgentId("long"), training_set)) as reports:
        await anext(reports)

    assert not (tmp_path / "run/train-long.json").exists()
    assert not (tmp_path / "adapters/long").exists()


async def test_an_agent_without_a_finished_adapter_cannot_be_opened(backend: TrainerBackend) -> None:
    with pytest.raises(NotReady) as caught:
        await backend.open(AgentId("never"))

    assert caught.value.reason is Reason.NO_AGENT


async def test_everything_that_does_not_fit_is_said_at_once(
    backend: TrainerBackend, training_set: Path, tmp_path: Path
) -> None:
    await _train(backend, "one", training_set)
    (tmp_path / "adapters/one/adapter.json").write_text("{}")
    manifest = tmp_path / "adapters/one/manifest.json"
    manifest.write_text(manifest.read_text().replace('"agent@', '"another@'))

    with pytest.raises(NotReady, match="prompt template should be") as caught:
        await backend.open(AgentId("one"))

    assert "adapter's weights" in caught.value.message


async def test_the_agent_that_there_is_stays_when_another_base_is_chosen(
    backend: TrainerBackend, training_set: Path, tmp_path: Path
) -> None:
    await _train(backend, "one", training_set)
    other = _backend(tmp_path, base_model="another")

    agent = await other.open(AgentId("one"))
    reports = await _train(other, "two", training_set, AgentId("one"))

    assert {one.rule async for one in agent.propose_rules(SITUATION)} == set(WARM)
    await other.aclose()
    assert reports[-1].manifest and reports[-1].manifest.base_model == "another"
    assert reports[-1].current and reports[-1].current.recall == 1.0


async def test_a_training_set_with_nothing_in_it_is_refused_in_words(
    backend: TrainerBackend, training_set: Path
) -> None:
    (training_set / "train.jsonl").write_text("")

    with pytest.raises(NotReady, match="nothing to learn from") as caught:
        await _train(backend, "one", training_set)

    assert caught.value.reason is Reason.TRAINER_FAILED


async def test_a_broken_line_of_a_training_set_is_not_quoted(
    backend: TrainerBackend, training_set: Path
) -> None:
    (training_set / "train.jsonl").write_text('{"id": "secretword", "rules": 7}\n')

    with pytest.raises(NotReady, match=r"line 1 of train\.jsonl") as caught:
        await _train(backend, "one", training_set)

    assert "secretword" not in str(caught.value)


async def test_a_python_without_the_trainer_is_an_error_with_its_status(
    tmp_path: Path, training_set: Path
) -> None:
    backend = _backend(tmp_path, python="/bin/false")

    with pytest.raises(NotReady, match="ended too early") as caught:
        await _train(backend, "one", training_set)

    assert caught.value.reason is Reason.TRAINER_FAILED


async def test_a_worker_that_was_killed_is_started_again(
    backend: TrainerBackend, training_set: Path, tmp_path: Path
) -> None:
    await _train(backend, "one", training_set)
    agent = await backend.open(AgentId("one"))
    os.kill(_worker(backend).pid, signal.SIGKILL)

    assert {one.rule async for one in agent.propose_rules(SITUATION)} == set(WARM)


async def test_a_worker_killed_in_mid_answer_does_not_repeat_a_rule(
    backend: TrainerBackend, training_set: Path
) -> None:
    await _train(backend, "one", training_set)
    agent = await backend.open(AgentId("one"))
    rules = []

    async for one in agent.propose_rules(SITUATION):
        rules.append(one.rule)
        if len(rules) == 1:
            os.kill(_worker(backend).pid, signal.SIGKILL)

    assert sorted(rules) == sorted(WARM)


async def test_an_idle_worker_ends_and_the_next_question_starts_another(
    tmp_path: Path, training_set: Path
) -> None:
    backend = _backend(tmp_path, idle_s=0.05)
    await _train(backend, "one", training_set)
    agent = await backend.open(AgentId("one"))
    first = _worker(backend)

    await asyncio.wait_for(first.wait(), 10)

    with pytest.raises(ProcessLookupError):  # gone, and its memory with it
        os.kill(first.pid, 0)
    assert {one.rule async for one in agent.propose_rules(SITUATION)} == set(WARM)
    await backend.aclose()
    assert not list((tmp_path / "run").glob("worker-*.sock"))


async def test_a_worker_does_not_end_while_it_answers(tmp_path: Path, training_set: Path) -> None:
    backend = _backend(tmp_path, idle_s=0.05)
    await _train(backend, "one", training_set)
    agent = await backend.open(AgentId("one"))
    answers = agent.propose_rules(SITUATION)
    first = await anext(answers)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(_worker(backend).wait()), 0.2)

    assert {first.rule, *[one.rule async for one in answers]} == set(WARM)
    await backend.aclose()


async def test_two_agents_answer_at_once_each_with_its_own_rules(
    backend: TrainerBackend, training_set: Path
) -> None:
    await _train(backend, "warm", training_set)
    text = (training_set / "train.jsonl").read_text()
    (training_set / "train.jsonl").write_text(
        text.replace("personal", "private").replace("business", "personal")
    )
    await _train(backend, "stiff", training_set)
    agents = [await backend.open(AgentId(name)) for name in ("warm", "stiff")]

    async def ask(number: int) -> set[str]:
        return {one.rule async for one in agents[number % 2].propose_rules(SITUATION)}

    answers = await asyncio.gather(*(ask(number) for number in range(6)))

    assert answers == [set(WARM), set(STIFF)] * 3


async def test_socket_and_job_file_are_for_the_owner_only(
    backend: TrainerBackend, training_set: Path, tmp_path: Path
) -> None:
    async with aclosing(backend.train(AgentId("one"), training_set)) as reports:
        await anext(reports)
        job = tmp_path / "run/train-one.json"
        assert stat.S_IMODE(job.stat().st_mode) == 0o600
    await _train(backend, "one", training_set)
    await backend.open(AgentId("one"))

    (socket,) = (tmp_path / "run").glob("worker-*.sock")

    assert stat.S_IMODE(socket.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what a process would make")
async def test_a_worker_can_enter_the_folders_that_it_makes(
    backend: TrainerBackend, training_set: Path
) -> None:
    """It could make files only: whoever was not root had no adapters with llama.cpp."""
    await _train(backend, "one", training_set)
    await backend.open(AgentId("one"))

    assert _umask(_worker(backend).pid) == "0077"


async def test_a_runtime_folder_that_is_too_deep_is_refused_with_the_length(
    tmp_path: Path, training_set: Path
) -> None:
    backend = TrainerBackend(sys.executable, tmp_path / "adapters", tmp_path / ("deep" * 30), backend="fake")
    (tmp_path / "adapters/one").mkdir(parents=True)
    (tmp_path / "adapters/one/manifest.json").write_text("{}")

    with pytest.raises(Invalid) as caught:
        await backend.open(AgentId("one"))

    assert "103" in caught.value.fields["runtime"]


async def test_a_worker_ends_when_its_standard_input_does(tmp_path: Path) -> None:
    process = await child.start(
        [sys.executable, "-m", "ownhand.trainer", "serve", "--socket", str(tmp_path / "s")],
        log=tmp_path / "log",
        events=False,
    )
    assert process.stdin is not None

    process.stdin.close()

    assert await asyncio.wait_for(process.wait(), 20) == 0


async def test_children_see_no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secretword")
    program = "import os; print(sorted(os.environ))"

    process = await child.start([sys.executable, "-c", program], log=tmp_path / "log")
    output, _ = await process.communicate()

    assert b"SOME_API_KEY" not in output
    assert b"HF_HUB_OFFLINE" in output


def test_a_situation_tells_the_trainer_what_a_line_of_a_training_set_tells() -> None:
    said = to_proto(replace(SITUATION, points=("One.", "Two.")))

    assert (said.recipient, said.recipient_kind, said.n_recipients) == ("Ben Roe", "personal", 1)
    assert (said.reply, said.language, said.subject, said.context) == (True, "en", "Boat", "Is it dry?")
    assert list(said.points) == ["One.", "Two."]


def _backend(tmp_path: Path, python: str = sys.executable, **settings: object) -> TrainerBackend:
    options: dict[str, object] = {"backend": "fake"} | settings
    return TrainerBackend(python, tmp_path / "adapters", tmp_path / "run", **options)  # type: ignore[arg-type]


def _worker(backend: TrainerBackend) -> asyncio.subprocess.Process:
    process = backend._worker._process
    assert process is not None
    return process


def _umask(pid: int) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("Umask:"))


async def _train(
    backend: TrainerBackend,
    name: str,
    training_set: Path,
    current: AgentId | None = None,
    parent: AgentId | None = None,
) -> list[TrainingProgress]:
    reports = backend.train(AgentId(name), training_set, current, parent=parent)
    return [report async for report in reports]
