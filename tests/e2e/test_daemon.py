"""The real daemon as a process: how light it is, that there is one, and how it starts and ends."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from ownhand.daemon import cli
from running import Daemon, daemon

MIB = 2**20
Capture = pytest.CaptureFixture[str]

# One account whose server is away, and watching on: how a daemon stands on many days.
AWAY = """
[[account]]
name = "work"
address = "ana@example.org"
host = "127.0.0.1"
port = 1
tls = "plaintext-loopback"
password = { env = "PASSWORD" }
"""


def _status(capsys: Capture) -> dict[str, object]:
    assert cli.run(["status", "--json"]) == 0
    status: dict[str, object] = json.loads(capsys.readouterr().out)
    return status


def _pid(running: Daemon) -> int:
    assert running.process is not None
    return running.process.pid


def _resident_bytes(pid: int) -> int:
    """From /proc where there is one, else from ps."""
    statm = Path(f"/proc/{pid}/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    kib = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(kib.stdout) * 1024


def _refused(home: Path, config: str = "") -> tuple[Daemon, str]:
    """A daemon that did not start, and what it said."""
    running = Daemon(home, config)
    with pytest.raises(AssertionError, match="ended with 1"):
        running.start()
    said = running.output.read_text()
    assert "Traceback" not in said
    return running, said


def test_an_idle_daemon_is_below_70_mib(home: Path, capsys: Capture) -> None:
    with daemon(home, AWAY, {"PASSWORD": "x"}) as (running, _):
        status = _status(capsys)
        measured = _resident_bytes(_pid(running))
    assert status["pid"] == _pid(running)
    assert measured < 70 * MIB
    assert abs(int(str(status["memory_bytes"])) - measured) < 5 * MIB


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what is loaded")
def test_the_daemon_loads_no_library_with_weights_in_it(home: Path) -> None:
    with daemon(home, AWAY, {"PASSWORD": "x"}) as (running, _):
        maps = Path(f"/proc/{_pid(running)}/maps").read_text()
    assert "/grpc/" in maps  # libraries do show
    assert [name for name in ("torch", "mlx", "safetensors", "tokenizers") if f"/{name}/" in maps] == []


def test_the_program_can_be_imported_without_what_it_rarely_needs() -> None:
    program = "import sys, ownhand.daemon.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = "torch transformers peft mlx anthropic openai pydantic imapclient keyring rich click"
    assert set(done.stdout.split()) & set(heavy.split()) == set()


def test_what_it_writes_is_for_its_owner_alone(home: Path) -> None:
    with daemon(home, "") as (running, _):
        paths = running.paths
        files = [paths.socket, paths.endpoint, paths.database, paths.log_file, paths.lock]
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}
    assert set(modes.values()) == {0o600}, modes
    for folder in (paths.runtime, paths.data, paths.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_daemon_is_refused_and_the_first_goes_on(home: Path, capsys: Capture) -> None:
    with daemon(home, "") as (first, _):
        second = subprocess.run(
            [sys.executable, "-m", "ownhand.daemon", "serve"], capture_output=True, text=True, timeout=60
        )
        assert second.returncode == 1
        assert f"another daemon runs already (process {_pid(first)})" in second.stderr
        assert _status(capsys)["pid"] == _pid(first)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_daemon_that_is_told_to_ends_well(home: Path, number: signal.Signals) -> None:
    with daemon(home, AWAY, {"PASSWORD": "x"}) as (running, _):
        assert running.process is not None
        running.process.send_signal(number)
        assert running.process.wait(30) == 0
    assert not running.paths.endpoint.exists()
    assert not running.paths.socket.exists()
    assert cli.run(["status"]) == 3


def test_after_a_kill_the_next_daemon_starts(home: Path, capsys: Capture) -> None:
    with daemon(home, "") as (killed, _):
        killed.kill()
    assert cli.run(["status"]) == 3
    with daemon(home, "") as (running, _):
        assert _status(capsys)["pid"] == _pid(running)


def test_on_loopback_the_command_finds_token_and_port(home: Path, capsys: Capture) -> None:
    paths = Daemon(home, '[server]\nlisten = "tcp"\n').paths
    command = [sys.executable, "-m", "ownhand.daemon", "serve"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "the daemon answers" in process.stderr.readline()
        assert json.loads(paths.endpoint.read_text())["token"]
        assert _status(capsys)["pid"] == process.pid
        process.terminate()
        assert process.wait(30) == 0


def test_a_typo_in_the_configuration_is_told_before_anything_starts(home: Path) -> None:
    running, said = _refused(home, "[modle]\nkind = 'offline'\n")
    assert "config.toml" in said and "did you mean model?" in said
    assert not running.paths.database.exists()


def test_a_newer_database_is_refused_and_left_as_it_is(home: Path) -> None:
    with daemon(home, "") as (running, _):
        pass
    with closing(sqlite3.connect(running.paths.database)) as db, db:
        db.execute("INSERT INTO migration (name) VALUES ('m9999_from_the_future')")
    before = running.paths.database.read_bytes()
    _, said = _refused(home)
    assert "newer version" in said
    assert running.paths.database.read_bytes() == before


def test_a_log_that_cannot_be_written_is_told_in_words(home: Path) -> None:
    Daemon(home, "").paths.log_file.mkdir(parents=True)
    _, said = _refused(home)
    assert "log" in said


def test_the_log_may_be_json_and_on_the_terminal_too(home: Path) -> None:
    running = Daemon(home, "")
    running.start("--verbose", "--log-json").channel.close()
    running.stop()
    lines = [json.loads(line) for line in running.paths.log_file.read_text().splitlines()]
    [serving] = [line for line in lines if line["message"] == "serving"]
    assert (serving["transport"], serving["pid"]) == ("unix", _pid(running))
    assert json.dumps(serving) in running.output.read_text()
