"""One job from its file to a finished adapter folder, with every step told as an event."""

import sys
import time
import traceback
from pathlib import Path

from ownhand.trainer import manifest, scoring
from ownhand.trainer.backends import base
from ownhand.trainer.dataset import TrainingSet, read_training_set
from ownhand.trainer.errors import TrainerError
from ownhand.trainer.events import Events
from ownhand.trainer.job import read_job
from ownhand.worker.v1 import training_pb2 as pb


def train(path: Path) -> int:
    """Exit status: 0 when the adapter folder is there, 1 when an event says why not."""
    events = Events()
    try:
        events.finished(_adapter(read_job(path), events))
        return 0
    except TrainerError as exc:
        events.failed(exc.reason, str(exc))
    except MemoryError:
        events.failed("OUT_OF_MEMORY", "the training needs more memory than there is")
    except Exception as exc:
        # The text of an unknown error may quote a training set; its type and place cannot.
        print("".join(traceback.format_tb(exc.__traceback__)), type(exc).__name__, file=sys.stderr)
        reason = "OUT_OF_MEMORY" if _is_out_of_memory(exc) else "INTERNAL"
        events.failed(reason, f"the training stopped with {type(exc).__name__}")
    return 1


def _adapter(job: pb.TrainingJob, events: Events) -> pb.AdapterManifest:
    """Trains, unless an earlier run of the same job came to its end."""
    if manifest.final_folder(job).exists():
        return manifest.read_manifest(manifest.final_folder(job))
    if (manifest.partial_folder(job) / manifest.MANIFEST).exists():
        return _renamed(job)
    began = time.monotonic()
    backend, data = base.choose(job.backend), read_training_set(Path(job.training_set))
    made = backend.train(job, data, events)
    made.duration_s = time.monotonic() - began
    if job.current_adapter:
        made.MergeFrom(pb.AdapterManifest(current=_current(job, backend, data)))
    manifest.finish(job, made)
    return made


def _current(job: pb.TrainingJob, backend: base.Backend, data: TrainingSet) -> pb.HeldOutScore | None:
    """The live agent on the same held-out mail; None where it no longer fits this program."""
    try:
        current = Path(job.current_adapter)
        # Its own base: the person may have chosen another for this training.
        generator = backend.load(manifest.read_manifest(current).base_model, current)
    except TrainerError as exc:
        print("the live agent was not measured:", exc, file=sys.stderr)
        return None
    held_out = scoring.measure(generator, data.valid)
    return pb.HeldOutScore(
        agent_id=generator.manifest.agent_id,
        valid_loss=held_out.loss,
        precision=held_out.precision,
        recall=held_out.recall,
    )


def _renamed(job: pb.TrainingJob) -> pb.AdapterManifest:
    """Stopped between the manifest and the new name: only the name is missing."""
    made = manifest.read_manifest(manifest.partial_folder(job))
    manifest.finish(job, made)
    return made


def _is_out_of_memory(exc: Exception) -> bool:
    """torch says it with a RuntimeError on the CPU and a class of its own on CUDA."""
    return type(exc).__name__ == "OutOfMemoryError" or "can't allocate memory" in str(exc)
