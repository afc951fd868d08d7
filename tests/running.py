"""A real daemon, as a child process with a home of its own, and a client for it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from ownhand.daemon.paths import find_paths
from ownhand.v1 import (
    accounts_pb2_grpc,
    agents_pb2_grpc,
    daemon_pb2,
    daemon_pb2_grpc,
    drafts_pb2_grpc,
    learning_pb2,
    learning_pb2_grpc,
    privacy_pb2_grpc,
    rules_pb2_grpc,
)

STARTS_WITHIN_S = 30.0


class Client:
    """One channel with every service on it."""

    def __init__(self, target: str, token: str = "") -> None:
        self.channel = grpc.insecure_channel(target)
        self.token = token
        self.accounts = accounts_pb2_grpc.AccountServiceStub(self.channel)
        self.agents = agents_pb2_grpc.AgentServiceStub(self.channel)
        self.daemon = daemon_pb2_grpc.DaemonServiceStub(self.channel)
        self.drafts = drafts_pb2_grpc.DraftServiceStub(self.channel)
        self.learning = learning_pb2_grpc.LearningServiceStub(self.channel)
        self.privacy = privacy_pb2_grpc.PrivacyServiceStub(self.channel)
        self.rules = rules_pb2_grpc.RuleServiceStub(self.channel)

    def wait(self, job_id: str, timeout_s: float = 120.0) -> learning_pb2.Job:
        """The job as it ended."""
        job = learning_pb2.Job()
        for reply in self.learning.WatchJob(learning_pb2.WatchJobRequest(job_id=job_id), timeout=timeout_s):
            job = reply.job
        return job


class Daemon:
    """`ownhand serve` under a home of its own."""

    def __init__(self, home: Path, config: str, environ: dict[str, str] | None = None) -> None:
        self.home = home
        self.environ = {**os.environ, "OWNHAND_HOME": str(home), **(environ or {})}
        self.paths = find_paths(self.environ)
        self.paths.config.mkdir(parents=True, exist_ok=True)
        self.paths.config_file.write_text(config)
        self.paths.config_file.chmod(0o600)
        self.process: subprocess.Popen[bytes] | None = None
        self.output = home / "output.txt"

    def start(self, *flags: str) -> Client:
        """Starts it and waits until it answers."""
        self.paths.endpoint.unlink(missing_ok=True)
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ownhand.daemon", "serve", *flags],
                env=self.environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(
                    f"the daemon ended with {self.process.returncode}: {self.output.read_text()}"
                )
            if self.paths.endpoint.exists():
                endpoint = json.loads(self.paths.endpoint.read_text())
                client = Client(endpoint["target"], endpoint.get("token", ""))
                try:
                    client.daemon.GetStatus(daemon_pb2.GetStatusRequest(), timeout=5, wait_for_ready=True)
                except grpc.RpcError:
                    client.channel.close()
                    continue
                return client
            time.sleep(0.02)
        raise AssertionError(
            f"the daemon did not answer in {STARTS_WITHIN_S:.0f} s: {self.output.read_text()}"
        )

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """As the system would; gives the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@contextmanager
def daemon(
    home: Path, config: str, environ: dict[str, str] | None = None, flags: tuple[str, ...] = ()
) -> Iterator[tuple[Daemon, Client]]:
    """A daemon that answers, ended with the block."""
    running = Daemon(home, config, environ)
    client = running.start(*flags)
    try:
        yield running, client
    finally:
        client.channel.close()
        running.stop()
