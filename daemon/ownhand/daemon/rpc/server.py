"""The gRPC server: its socket, who may call, health, reflection, and a graceful end."""

import contextlib
import hmac
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection
from ownhand.daemon.errors import Reason, StorageFailed
from ownhand.daemon.rpc import asks
from ownhand.daemon.rpc.accounts import AccountServicer
from ownhand.daemon.rpc.agents import AgentServicer
from ownhand.daemon.rpc.daemon import DaemonServicer
from ownhand.daemon.rpc.drafts import DraftServicer
from ownhand.daemon.rpc.endpoint import Endpoint, write_endpoint
from ownhand.daemon.rpc.errors import ErrorInterceptor
from ownhand.daemon.rpc.learning import LearningServicer
from ownhand.daemon.rpc.privacy import PrivacyServicer
from ownhand.daemon.rpc.rules import RuleServicer
from ownhand.v1 import (
    accounts_pb2,
    accounts_pb2_grpc,
    agents_pb2,
    agents_pb2_grpc,
    daemon_pb2,
    daemon_pb2_grpc,
    drafts_pb2,
    drafts_pb2_grpc,
    learning_pb2,
    learning_pb2_grpc,
    privacy_pb2,
    privacy_pb2_grpc,
    rules_pb2,
    rules_pb2_grpc,
)

log = logging.getLogger(__name__)

GRACE_S = 5.0  # for calls in flight when the daemon stops

_PROTOS = (accounts_pb2, learning_pb2, rules_pb2, agents_pb2, drafts_pb2, privacy_pb2, daemon_pb2)
_OPTIONS = [("grpc.so_reuseport", 0)]  # two daemons must never share a port


@dataclass(frozen=True, slots=True)
class Services:
    """What the servicers ask."""

    accounts: asks.Accounts
    setup: asks.AccountSetup
    learning: asks.Learning
    rules: asks.Rules
    agents: asks.Agents
    drafts: asks.Drafts
    saver: asks.DraftSaver
    privacy: asks.Privacy
    daemon: asks.Daemon


class Server:
    """Serves on a Unix socket, or, with `socket` None, on a port of loopback with a token."""

    def __init__(self, services: Services, *, endpoint_file: Path, socket: Path | None) -> None:
        self._services = services
        self._endpoint_file = endpoint_file
        self._socket = socket
        self._health = HealthServicer()
        self._server: grpc.aio.Server | None = None

    async def start(self) -> Endpoint:
        """Returns when it answers and clients can find it."""
        token = "" if self._socket else secrets.token_urlsafe(32)
        interceptors = [TokenInterceptor(token)] if token else []
        self._server = grpc.aio.server(interceptors=[*interceptors, ErrorInterceptor()], options=_OPTIONS)
        names = self._add_servicers(self._server)
        target = self._bind(self._server)
        await self._server.start()
        for name in ("", *names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        endpoint = Endpoint(target, token, os.getpid(), metadata.version("ownhand"))
        write_endpoint(self._endpoint_file, endpoint)
        log.info("serving", extra={"transport": "tcp" if token else "unix", "pid": endpoint.pid})
        return endpoint

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """Says that it is going, lets calls in flight end for a while, then cancels them."""
        self._endpoint_file.unlink(missing_ok=True)
        if self._server is None:
            return
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)
        self._server = None
        if self._socket:
            self._socket.unlink(missing_ok=True)

    def _bind(self, server: grpc.aio.Server) -> str:
        if self._socket is None:
            return f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        target = f"unix:{self._socket}"
        self._socket.unlink(missing_ok=True)  # of a daemon that was killed; the lock says that none runs
        with _umask(0o177):
            bound = server.add_insecure_port(target)
        if not bound:
            raise StorageFailed(
                "the daemon's socket cannot be made",
                hint="is the runtime folder writable?",
                reason=Reason.INTERNAL,
            )
        return target

    def _add_servicers(self, server: grpc.aio.Server) -> list[str]:
        ask = self._services
        accounts = AccountServicer(ask.accounts, ask.setup)
        accounts_pb2_grpc.add_AccountServiceServicer_to_server(accounts, server)
        learning_pb2_grpc.add_LearningServiceServicer_to_server(LearningServicer(ask.learning), server)
        rules_pb2_grpc.add_RuleServiceServicer_to_server(RuleServicer(ask.rules), server)
        agents_pb2_grpc.add_AgentServiceServicer_to_server(AgentServicer(ask.agents), server)
        drafts_pb2_grpc.add_DraftServiceServicer_to_server(DraftServicer(ask.drafts, ask.saver), server)
        privacy_pb2_grpc.add_PrivacyServiceServicer_to_server(PrivacyServicer(ask.privacy), server)
        daemon_pb2_grpc.add_DaemonServiceServicer_to_server(DaemonServicer(ask.daemon), server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        names = [s.full_name for proto in _PROTOS for s in proto.DESCRIPTOR.services_by_name.values()]
        health = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
        reflection.enable_server_reflection([*names, health, reflection.SERVICE_NAME], server)
        return names


class TokenInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[misc]  # grpc has no types
    """On loopback every program of the machine can connect: only those that could read the file may call."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: grpc.HandlerCallDetails
    ) -> Any:
        handler = await continuation(details)
        sent = dict(details.invocation_metadata).get("authorization", "")
        given = sent if isinstance(sent, bytes) else sent.encode()
        if handler is None or hmac.compare_digest(given, self._expected):
            return handler
        return _refusal(handler)


def _refusal(handler: Any) -> Any:
    async def refuse(request: Any, context: Any) -> None:
        message = "a token is needed; it stands in endpoint.json, which its owner alone can read"
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, message)

    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    return kinds[handler.request_streaming, handler.response_streaming](refuse)


@contextlib.contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)
