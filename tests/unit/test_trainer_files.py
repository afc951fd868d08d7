"""Jobs, training sets, adapter folders and events as files and lines."""

import os
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToJson, Parse
from ownhand.trainer import job as jobs
from ownhand.trainer import manifest, scoring
from ownhand.trainer.backends import base
from ownhand.trainer.dataset import read_training_set
from ownhand.trainer.errors import AdapterMismatch, BadJob, NotReady
from ownhand.trainer.events import Events
from ownhand.worker.v1 import training_pb2 as pb

EXAMPLE = '{"id": "1", "situation": {"reply": true}, "rules": ["Use dashes."], "later": 1}\n'


@pytest.fixture
def training_set(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "train.jsonl").write_text(EXAMPLE + '{"id": "2"}\n\n')
    (folder / "valid.jsonl").write_text(EXAMPLE)
    (folder / "manifest.json").write_text('{"hash": "a1b2"}')
    return folder


@pytest.fixture
def job(training_set: Path, tmp_path: Path) -> pb.TrainingJob:
    return pb.TrainingJob(
        agent_id="one",
        training_set=str(training_set),
        training_set_hash="a1b2",
        adapters=str(tmp_path / "adapters"),
        base_model="embedded",
        backend="fake",
    )


def test_examples_without_a_rule_teach_nothing_and_newer_fields_do_no_harm(training_set: Path) -> None:
    data = read_training_set(training_set)

    assert [example.id for example in data.train] == ["1"]
    assert data.train[0].situation.reply


def test_a_training_set_without_held_out_mail_is_not_ready(training_set: Path) -> None:
    (training_set / "valid.jsonl").write_text("")

    with pytest.raises(NotReady, match="nothing to measure on"):
        read_training_set(training_set)


def test_a_training_set_without_a_file_is_a_bad_job(training_set: Path) -> None:
    (training_set / "valid.jsonl").unlink()

    with pytest.raises(BadJob, match=r"valid\.jsonl cannot be read"):
        read_training_set(training_set)


def test_a_job_is_read_as_it_was_written(job: pb.TrainingJob, tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(MessageToJson(job))

    assert jobs.read_job(tmp_path / "job.json") == job


@pytest.mark.parametrize("text", ["{", '{"agent_id": 1}', '{"unheard": 1}'])
def test_a_job_that_is_no_job_is_refused_without_being_quoted(text: str, tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text(text)

    with pytest.raises(BadJob, match=r"^the job file is not a TrainingJob in JSON$"):
        jobs.read_job(tmp_path / "job.json")


def test_a_job_for_another_training_set_is_refused(job: pb.TrainingJob, tmp_path: Path) -> None:
    job.training_set_hash = "ffff"
    (tmp_path / "job.json").write_text(MessageToJson(job))

    with pytest.raises(BadJob, match="training_set_hash"):
        jobs.read_job(tmp_path / "job.json")


def test_the_fingerprint_of_a_job_is_of_what_decides_its_adapter(job: pb.TrainingJob) -> None:
    same, other = pb.TrainingJob(), pb.TrainingJob()
    same.CopyFrom(job)
    same.adapters, same.checkpoint_every = "/elsewhere", 5
    other.CopyFrom(job)
    other.seed = 1

    assert jobs.fingerprint(same) == jobs.fingerprint(job) != jobs.fingerprint(other)


def test_an_adapter_folder_has_its_name_only_when_it_is_whole(job: pb.TrainingJob) -> None:
    partial = manifest.partial_folder(job)
    assert not manifest.final_folder(job).exists()

    manifest.finish(job, pb.AdapterManifest(agent_id="one"))

    assert manifest.read_manifest(manifest.final_folder(job)).agent_id == "one"
    assert not partial.exists()


def test_a_folder_without_a_manifest_is_no_adapter(tmp_path: Path) -> None:
    with pytest.raises(AdapterMismatch, match="never finished"):
        manifest.read_manifest(tmp_path)


def test_a_file_is_replaced_for_the_owner_only(tmp_path: Path) -> None:
    manifest.write_text(tmp_path / "a", "one")
    manifest.write_text(tmp_path / "a", "two")

    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a"]
    assert (tmp_path / "a").read_text() == "two"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_what_a_library_prints_is_no_event(capfd: pytest.CaptureFixture[str]) -> None:
    events = Events()
    os.write(1, b"Loading weights: 100 %\n")

    events.failed("INTERNAL", "ä")
    events.close()

    output = capfd.readouterr()
    assert Parse(output.out, pb.TrainingEvent()).failed.message == "ä"
    assert "Loading" in output.err


def test_a_backend_that_is_not_there_is_not_ready() -> None:
    with pytest.raises(NotReady, match='no backend "abacus"'):
        base.choose("abacus")


def test_the_fake_is_never_chosen_by_itself() -> None:
    assert base.choose("auto").name == "torch"


def test_precision_and_recall_count_rules_over_all_mails() -> None:
    pairs = [(["a", "b", "b"], ["a"]), ([], ["a", " c  d "]), (["c d"], ["c d"])]

    assert scoring.precision_and_recall(pairs) == (2 / 3, 2 / 4)


def test_nothing_predicted_is_no_precision_and_no_error() -> None:
    assert scoring.precision_and_recall([([], ["a"])]) == (0.0, 0.0)
