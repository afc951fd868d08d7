"""DaemonService over `asks.Daemon`."""

from typing import Any

from ownhand.daemon.rpc import asks
from ownhand.daemon.rpc.convert.privacy import status_to_proto
from ownhand.v1 import daemon_pb2 as pb
from ownhand.v1 import daemon_pb2_grpc


class DaemonServicer(daemon_pb2_grpc.DaemonServiceServicer):
    def __init__(self, daemon: asks.Daemon) -> None:
        self._daemon = daemon

    async def GetStatus(self, request: pb.GetStatusRequest, context: Any) -> pb.GetStatusResponse:
        return status_to_proto(self._daemon.status())
