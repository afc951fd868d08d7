"""The paths: one home for all of them in tests, short enough for sockets, for the owner alone."""

import os
import stat
import sys
from pathlib import Path

import pytest
from ownhand.daemon.errors import Invalid
from ownhand.daemon.paths import find_paths, short_enough


def test_a_home_holds_every_path(tmp_path: Path) -> None:
    paths = find_paths({"OWNHAND_HOME": str(tmp_path)})
    assert paths.config_file == tmp_path / "config" / "config.toml"
    assert paths.database == tmp_path / "data" / "ownhand.db"
    for path in (paths.trainingsets, paths.adapters, paths.lock, paths.log_file, paths.models):
        assert path.is_relative_to(tmp_path)


def test_finding_paths_makes_nothing(tmp_path: Path) -> None:
    find_paths({"OWNHAND_HOME": str(tmp_path / "none")})
    assert list(tmp_path.iterdir()) == []


def test_what_is_made_is_for_the_owner_alone(tmp_path: Path) -> None:
    paths = find_paths({"OWNHAND_HOME": str(tmp_path / "h")})
    paths.make()
    for folder in (paths.data, paths.runtime, paths.adapters, paths.trainingsets, paths.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not paths.config.exists()  # the person's own


def test_folders_that_were_open_to_others_are_closed(tmp_path: Path) -> None:
    paths = find_paths({"OWNHAND_HOME": str(tmp_path)})
    paths.data.mkdir(mode=0o755)
    paths.make()
    assert stat.S_IMODE(paths.data.stat().st_mode) == 0o700


@pytest.mark.parametrize("depth", [1, 10, 40])
def test_a_socket_always_fits_into_its_path(depth: int) -> None:
    paths = find_paths({"OWNHAND_HOME": "/home/ana/" + "long/" * depth})
    assert len(os.fsencode(paths.socket)) < 104
    assert len(os.fsencode(paths.runtime / "worker-4194304-abcd.sock")) < 104


def test_the_short_folder_is_the_same_each_time_and_another_for_another_home() -> None:
    one, other = Path("/home/ana/" + "a/" * 80), Path("/home/ana/" + "b/" * 80)
    assert short_enough(one) == short_enough(one) != short_enough(other)


def test_a_folder_that_is_too_long_everywhere_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ownhand.daemon.paths._MAX_SOCKET_PATH", 40)
    with pytest.raises(Invalid, match="XDG_RUNTIME_DIR"):
        short_enough(Path("/home/ana/" + "a/" * 80))


def test_a_folder_that_somebody_put_there_is_refused(tmp_path: Path) -> None:
    paths = find_paths({"OWNHAND_HOME": str(tmp_path / "h")})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    paths.runtime.parent.mkdir()
    paths.runtime.symlink_to(elsewhere)
    with pytest.raises(Invalid, match="is a link"):
        paths.make()


@pytest.mark.skipif(sys.platform != "linux", reason="names the folders of Linux")
def test_without_a_home_the_system_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    paths = find_paths({})
    assert paths.config_file == tmp_path / "config" / "ownhand" / "config.toml"
    assert paths.database == tmp_path / "data" / "ownhand" / "data" / "ownhand.db"
    assert paths.log_file == tmp_path / "state" / "ownhand" / "log" / "daemon.log"
    assert paths.data != paths.config
