"""Reads and checks a TrainingJob."""

import json
import re
from hashlib import sha256
from pathlib import Path

from google.protobuf.json_format import Parse, ParseError
from ownhand.trainer.errors import BadJob
from ownhand.worker.v1 import training_pb2 as pb

BACKENDS = ("auto", "torch", "mlx", "fake")
# Says how a job is run, and nothing of what comes of it.
_OF_THE_RUN = ("adapters", "training_set", "checkpoint_every", "current_adapter", "memory_bytes", "others")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def read_job(path: Path) -> pb.TrainingJob:
    """The job in a file; everything that is wrong with it is said at once."""
    try:
        job = Parse(path.read_text("utf-8"), pb.TrainingJob())
    except (OSError, UnicodeDecodeError) as exc:
        raise BadJob(f"the job file cannot be read ({type(exc).__name__})") from exc
    except ParseError:
        raise BadJob("the job file is not a TrainingJob in JSON") from None  # the text may quote the file
    problems = _problems(job)
    if problems:
        raise BadJob("the job is wrong: " + "; ".join(problems))
    return job


def fingerprint(job: pb.TrainingJob) -> str:
    """The same for two jobs that must end with the same adapter; where it lies does not count."""
    same = pb.TrainingJob()
    same.CopyFrom(job)
    for field in _OF_THE_RUN:
        same.ClearField(field)
    same.continue_from = Path(job.continue_from).name
    return sha256(same.SerializeToString(deterministic=True)).hexdigest()


def _problems(job: pb.TrainingJob) -> list[str]:
    problems = []
    if not _NAME.fullmatch(job.agent_id):
        problems.append("agent_id must be 1 to 64 letters, digits, - and _")
    if not Path(job.training_set, "manifest.json").is_file():
        problems.append("training_set is not a finished training set: no manifest.json")
    elif _hash_of(Path(job.training_set, "manifest.json")) not in ("", job.training_set_hash):
        problems.append("training_set_hash is not that of the training set")
    if not job.adapters:
        problems.append("adapters is missing")
    if not job.base_model:
        problems.append('base_model is missing; "embedded" needs no download')
    if job.backend not in BACKENDS:
        problems.append(f"backend must be one of {', '.join(BACKENDS)}")
    if job.learning_rate < 0:
        problems.append("learning_rate must not be negative")
    return problems


def _hash_of(path: Path) -> str:
    """The hash that the manifest of a training set gives; empty if it gives none."""
    try:
        made = json.loads(path.read_text("utf-8"))
    except ValueError:
        return "unreadable"
    return str(made.get("hash", "")) if isinstance(made, dict) else "unreadable"
