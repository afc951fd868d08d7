"""One JSON line per event, on a descriptor that nothing else writes to."""

import os

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from ownhand.worker.v1 import training_pb2 as pb


class Lines:
    """Messages, a line each."""

    def __init__(self) -> None:
        # Libraries print: descriptor 1 becomes standard error before any of them is imported.
        self._fd = os.dup(1)
        os.dup2(2, 1)

    def write(self, event: Message) -> None:
        line = MessageToJson(event, preserving_proto_field_name=True, indent=None)
        os.write(self._fd, line.encode() + b"\n")

    def close(self) -> None:
        """Gives descriptor 1 back."""
        os.dup2(self._fd, 1)
        os.close(self._fd)


class Events(Lines):
    """The event stream of one training."""

    def started(self, event: pb.TrainingStarted) -> None:
        self.write(pb.TrainingEvent(started=event))

    def step(self, event: pb.TrainingStep) -> None:
        self.write(pb.TrainingEvent(step=event))

    def finished(self, manifest: pb.AdapterManifest) -> None:
        self.write(pb.TrainingEvent(finished=pb.TrainingFinished(manifest=manifest)))

    def failed(self, reason: str, message: str) -> None:
        self.write(pb.TrainingEvent(failed=pb.TrainingFailed(reason=reason, message=message)))
