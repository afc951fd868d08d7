"""The daemon at rest: small, without torch, alone, and gone without a trace when it is told to go."""

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from ownhand.v1 import daemon_pb2
from running import Daemon, daemon

MIB = 2**20


def serve(running: Daemon) -> "subprocess.CompletedProcess[str]":
    """`ownhand serve` that is expected to end by itself."""
    command = [sys.executable, "-m", "ownhand.daemon", "serve"]
    return subprocess.run(command, env=running.environ, capture_output=True, text=True, timeout=60)


def test_it_idles_below_70_mib_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    with daemon(tmp_path / "home", "") as (running, client):
        status = client.daemon.GetStatus(daemon_pb2.GetStatusRequest(), timeout=10)

        assert status.memory_bytes < 70 * MIB, f"{status.memory_bytes / MIB:.1f} MiB"
        assert status.destination == "nowhere"
        assert stat.S_IMODE(running.paths.socket.stat().st_mode) == 0o600
        assert stat.S_IMODE(running.paths.runtime.stat().st_mode) == 0o700
        assert stat.S_IMODE(running.paths.data.stat().st_mode) == 0o700


def test_it_imports_neither_torch_nor_mlx_nor_a_model_s_library() -> None:
    heavy = "torch", "mlx", "mlx_lm", "transformers", "peft", "anthropic", "openai"
    program = f"import sys, ownhand.daemon.app; print([m for m in {heavy!r} if m in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"


def test_a_second_daemon_is_refused_with_the_process_of_the_first(tmp_path: Path) -> None:
    with daemon(tmp_path / "home", "") as (running, _):
        second = subprocess.run(
            [sys.executable, "-m", "ownhand.daemon", "serve"],
            env=running.environ,
            capture_output=True,
            text=True,
        )

        assert running.process is not None
        assert second.returncode == 1
        assert f"another daemon runs already (process {running.process.pid})" in second.stderr


def test_it_stops_cleanly_and_takes_its_socket_along(tmp_path: Path) -> None:
    with daemon(tmp_path / "home", "") as (running, client):
        client.channel.close()

        assert running.stop() == 0
        assert not running.paths.socket.exists()
        assert not running.paths.endpoint.exists()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("[learning]\nmin_mail = 3\n", "min_mails"),
        ("[modell]\nkind = 'offline'\n", "model"),
        ("[learning]\nmin_mails = 'many'\n", "min_mails"),
    ],
    ids=["unknown key", "unknown section", "wrong type"],
)
def test_a_typo_in_the_configuration_is_named_with_what_is_right(
    tmp_path: Path, config: str, said: str
) -> None:
    running = Daemon(tmp_path / "home", config)

    ended = serve(running)

    assert ended.returncode == 1
    assert "config.toml" in ended.stderr
    assert said in ended.stderr


def test_a_newer_database_is_refused_by_the_daemon_too(tmp_path: Path) -> None:
    running = Daemon(tmp_path / "home", "")
    running.start().channel.close()
    running.stop()
    db = sqlite3.connect(running.paths.database)
    db.execute("INSERT INTO migration (name) VALUES ('m9999_newer')")
    db.commit()
    db.close()

    ended = serve(running)

    assert ended.returncode == 1
    assert "newer version" in ended.stderr
