"""One JSON line per event, on a descriptor that nothing else writes to."""

import os

from google.protobuf.json_format import MessageToJson
from ownhand.worker.v1 import training_pb2 as pb


class Events:
    """The event stream of one training."""

    def __init__(self) -> None:
        # Libraries print: descriptor 1 becomes standard error before any of them is imported.
        self._fd = os.dup(1)
        os.dup2(2, 1)

    def started(self, event: pb.TrainingStarted) -> None:
        self._write(pb.TrainingEvent(started=event))

    def step(self, event: pb.TrainingStep) -> None:
        self._write(pb.TrainingEvent(step=event))

    def finished(self, manifest: pb.AdapterManifest) -> None:
        self._write(pb.TrainingEvent(finished=pb.TrainingFinished(manifest=manifest)))

    def failed(self, reason: str, message: str) -> None:
        self._write(pb.TrainingEvent(failed=pb.TrainingFailed(reason=reason, message=message)))

    def close(self) -> None:
        """Gives descriptor 1 back."""
        os.dup2(self._fd, 1)
        os.close(self._fd)

    def _write(self, event: pb.TrainingEvent) -> None:
        line = MessageToJson(event, preserving_proto_field_name=True, indent=None)
        os.write(self._fd, line.encode() + b"\n")
