"""The connection to the daemon: finds it, waits until it answers, and says its errors."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import grpc
from ownhand.daemon.cli.terminal import Failed
from ownhand.daemon.paths import find_paths
from ownhand.daemon.rpc.endpoint import Endpoint, read_endpoint
from ownhand.v1 import (
    accounts_pb2,
    accounts_pb2_grpc,
    agents_pb2_grpc,
    daemon_pb2_grpc,
    drafts_pb2_grpc,
    learning_pb2_grpc,
    privacy_pb2_grpc,
    rules_pb2_grpc,
)

NOT_RUNNING = 3
SHORT_S = 30.0  # for what the store answers
LONG_S = 180.0  # for what waits on servers, models and files

_CONNECT_S = 5.0


class Client:
    """A stub for each service."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.accounts: Any = accounts_pb2_grpc.AccountServiceStub(channel)
        self.learning: Any = learning_pb2_grpc.LearningServiceStub(channel)
        self.rules: Any = rules_pb2_grpc.RuleServiceStub(channel)
        self.agents: Any = agents_pb2_grpc.AgentServiceStub(channel)
        self.drafts: Any = drafts_pb2_grpc.DraftServiceStub(channel)
        self.privacy: Any = privacy_pb2_grpc.PrivacyServiceStub(channel)
        self.daemon: Any = daemon_pb2_grpc.DaemonServiceStub(channel)

    def account(self, name: str) -> str:
        """The name itself, or that of the only account."""
        if name:
            return name
        listed = self.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=SHORT_S).accounts
        names = [account.name for account in listed]
        if not names:
            raise Failed("there is no account yet; run `ownhand setup`, or `ownhand import FILE`")
        if len(names) > 1:
            raise Failed(f"which account? give --account one of {', '.join(names)}", 2)
        return str(names[0])


@contextlib.contextmanager
def connected() -> Iterator[Client]:
    """A client of the running daemon. Errors of calls end the command with what the daemon said."""
    endpoint = read_endpoint(find_paths().endpoint)
    if endpoint is None or not _alive(endpoint.pid):
        raise Failed("the daemon is not running; start it with `ownhand serve`", NOT_RUNNING)
    with _channel(endpoint) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=_CONNECT_S)
        except grpc.FutureTimeoutError:
            raise Failed("the daemon does not answer; see its log", NOT_RUNNING) from None
        try:
            yield Client(channel)
        except grpc.RpcError as exc:
            raise said(exc) from None


def said(exc: grpc.RpcError) -> Failed:
    """What the daemon said, for people."""
    code, details = exc.code(), exc.details()
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return Failed("the daemon took too long to answer; see its log")
    if code is grpc.StatusCode.UNAVAILABLE and not _is_ours(exc):
        return Failed("the daemon went away; start it with `ownhand serve`", NOT_RUNNING)
    return Failed(details or f"the daemon answered {code.name}")


def _is_ours(exc: grpc.RpcError) -> bool:
    """Whether the daemon said it itself, and not the library when it found nobody there."""
    return any(key == "grpc-status-details-bin" for key, _ in exc.trailing_metadata() or ())


def _channel(endpoint: Endpoint) -> grpc.Channel:
    channel = grpc.insecure_channel(endpoint.target)
    return grpc.intercept_channel(channel, _Token(endpoint.token)) if endpoint.token else channel


class _Token(
    grpc.UnaryUnaryClientInterceptor,  # type: ignore[misc]  # grpc has no types
    grpc.UnaryStreamClientInterceptor,  # type: ignore[misc]
):
    """Shows the token of endpoint.json with every call."""

    def __init__(self, token: str) -> None:
        self._metadata = ("authorization", f"Bearer {token}")

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        return continuation(self._with_token(details), request)

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        return continuation(self._with_token(details), request)

    def _with_token(self, details: Any) -> Any:
        return details._replace(metadata=[*(details.metadata or ()), self._metadata])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
