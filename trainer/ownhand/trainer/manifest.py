"""The folder of an adapter: written beside its final name, the manifest last, then renamed.

A folder without a manifest is no adapter; a folder under its final name is always whole.
"""

import os
from hashlib import sha256
from pathlib import Path

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from ownhand.trainer import prompt
from ownhand.trainer.errors import AdapterMismatch
from ownhand.worker.v1 import training_pb2 as pb

MANIFEST = "manifest.json"


def final_folder(job: pb.TrainingJob) -> Path:
    return Path(job.adapters, job.agent_id)


def partial_folder(job: pb.TrainingJob) -> Path:
    """Where an adapter grows; made with its parents, for the owner only."""
    folder = Path(job.adapters, f"{job.agent_id}.partial")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def finish(job: pb.TrainingJob, manifest: pb.AdapterManifest) -> None:
    """Writes the manifest and gives the folder its final name."""
    folder = partial_folder(job)
    write_manifest(folder, manifest)
    os.rename(folder, final_folder(job))
    _sync_folder(Path(job.adapters))


def write_manifest(folder: Path, manifest: pb.AdapterManifest) -> None:
    write_text(folder / MANIFEST, MessageToJson(manifest, preserving_proto_field_name=True, indent=1))


def read_manifest(folder: Path) -> pb.AdapterManifest:
    """What an adapter says of itself."""
    try:
        return Parse((folder / MANIFEST).read_text("utf-8"), pb.AdapterManifest(), ignore_unknown_fields=True)
    except FileNotFoundError:
        raise AdapterMismatch(["it has no manifest.json, so it was never finished"]) from None
    except (OSError, UnicodeDecodeError, ParseError) as exc:
        raise AdapterMismatch([f"its manifest.json cannot be read ({type(exc).__name__})"]) from None


def check(
    folder: Path, *, base_model: str, base_hash: str, backend: str, weights: Path
) -> pb.AdapterManifest:
    """The manifest, if all of it fits; else everything that does not, at once."""
    manifest = read_manifest(folder)
    facts = (
        ("base model", manifest.base_model, base_model),
        ("base model's weights", manifest.base_hash, base_hash),
        ("backend", _portable(manifest.backend), _portable(backend)),
        ("prompt template", manifest.prompt_template, prompt.TEMPLATE),
        ("adapter's weights", manifest.weights_hash, file_hash(weights) if weights.is_file() else "missing"),
    )
    problems = [
        f"the {what} should be {_short(made)} and is {_short(found)}"
        for what, made, found in facts
        if made != found
    ]
    if problems:
        raise AdapterMismatch(problems)
    return manifest


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def text_hash(text: str) -> str:
    """SHA-256 of a text."""
    return sha256(text.encode()).hexdigest()


def write_text(path: Path, text: str) -> None:
    """Replaces a file whole: a reader sees the old or the new one, also after a crash."""
    temporary = path.with_name(path.name + ".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _portable(backend: str) -> str:
    """What torch and mlx train lies in the same files, and either reads it."""
    return "torch or mlx" if backend in ("torch", "mlx") else backend


def _short(value: str) -> str:
    return value[:12] if len(value) == 64 else value or "nothing"
