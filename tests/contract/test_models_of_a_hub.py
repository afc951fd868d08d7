"""`ownhand model` against a hub on loopback: what is fetched is whole, or there is nothing."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_server import NAME, Hub, hub
from ownhand.daemon import cli
from ownhand.daemon.config import read_settings
from ownhand.daemon.paths import find_paths

Capture = pytest.CaptureFixture[str]
CONFIG = {"num_hidden_layers": 2, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 2}
FILES = {
    "config.json": json.dumps(CONFIG | {"vocab_size": 480}).encode(),
    "tokenizer.json": b'{"model": {}}',
    "model.safetensors": os.urandom(12_000_000),
    "README.md": b"# Tiny",
    "onnx/model.onnx": b"another format",
}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with hub(dict(FILES)) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.endpoint)
        yield running


@pytest.fixture
def folder() -> Path:
    return find_paths().models / "mill--tiny"


def test_a_pull_brings_weights_and_what_reads_them_and_nothing_else(served: Hub, folder: Path) -> None:
    assert cli.run(["model", "pull", NAME, "--yes"]) == 0

    assert {path.name for path in folder.iterdir()} == {
        "config.json", "tokenizer.json", "model.safetensors", "ownhand.json",
    }  # fmt: skip
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert list(folder.parent.iterdir()) == [folder]


def test_size_licence_and_source_are_said_before_a_pull(served: Hub, capsys: Capture) -> None:
    cli.run(["model", "pull", NAME, "--yes"])

    said = capsys.readouterr().err
    assert served.endpoint in said and "apache-2.0" in said and "12 MB in 3 files" in said
    assert "to train:" in said


def test_without_a_yes_nothing_is_fetched(served: Hub, folder: Path, capsys: Capture) -> None:
    assert cli.run(["model", "pull", NAME]) == 1

    assert "say it with --yes" in capsys.readouterr().err
    assert [name for name, _ in served.asked] == ["config.json"]
    assert not folder.parent.exists()


def test_a_pull_that_was_cut_off_leaves_nothing_to_use_and_goes_on_where_it_stopped(
    served: Hub, folder: Path, capsys: Capture
) -> None:
    served.cut_after = 11_000_000  # it is written in pieces of 10 MiB
    assert cli.run(["model", "pull", NAME, "--yes"]) == 1
    assert not folder.exists()
    [kept] = [path.stat().st_size for path in folder.parent.glob("*/model.safetensors")]
    served.cut_after, served.down = 0, False
    served.asked.clear()

    assert cli.run(["model", "pull", NAME, "--yes"]) == 0

    assert kept == 10 * 2**20
    assert served.asked[-1] == ("model.safetensors", f"bytes={kept}-")
    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert "goes on where it stopped" in capsys.readouterr().err


def test_what_came_damaged_is_fetched_once_more(served: Hub, folder: Path) -> None:
    served.damaged = 1

    assert cli.run(["model", "pull", NAME, "--yes"]) == 0

    assert (folder / "model.safetensors").read_bytes() == FILES["model.safetensors"]


def test_what_comes_damaged_twice_is_not_kept(served: Hub, folder: Path, capsys: Capture) -> None:
    served.damaged = 2

    assert cli.run(["model", "pull", NAME, "--yes"]) == 1

    assert "another hash" in capsys.readouterr().err
    assert not folder.exists()


def test_a_second_pull_asks_nobody(served: Hub) -> None:
    cli.run(["model", "pull", NAME, "--yes"])
    served.asked.clear()

    assert cli.run(["model", "pull", NAME]) == 0

    assert served.asked == []


@pytest.mark.parametrize("token", ["", "right"])
def test_a_gated_base_says_how_to_get_it(
    token: str, served: Hub, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    served.gated, served.token = True, token
    monkeypatch.setenv("HF_TOKEN", "wrong")

    assert cli.run(["model", "pull", NAME, "--yes"]) == 1

    said = capsys.readouterr().err
    assert "only to those who asked" in said and "HF_TOKEN" in said and f"huggingface.co/{NAME}" in said


def test_a_token_opens_a_gated_base(
    served: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    served.gated, served.token = True, "right"
    monkeypatch.setenv("HF_TOKEN", "right")

    assert cli.run(["model", "pull", NAME, "--yes"]) == 0

    assert folder.is_dir()
    assert "accepted its terms" in capsys.readouterr().err


def test_a_name_that_the_hub_does_not_know_is_told(served: Hub, capsys: Capture) -> None:
    assert cli.run(["model", "pull", "mill/nothing", "--yes"]) == 1

    assert "the hub has no mill/nothing" in capsys.readouterr().err


def test_without_a_network_a_pull_says_so(
    served: Hub, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")

    assert cli.run(["model", "pull", NAME, "--yes"]) == 1

    assert "cannot be reached" in capsys.readouterr().err


def test_a_repository_without_safetensors_is_no_base(served: Hub, capsys: Capture) -> None:
    del served.files["model.safetensors"]

    assert cli.run(["model", "pull", NAME, "--yes"]) == 1

    assert "no *.safetensors" in capsys.readouterr().err


def test_a_disk_without_room_is_told_before_anything_is_fetched(
    served: Hub, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    # The child's own view of the disk: a module that Python imports at its start.
    (tmp_path / "sitecustomize.py").write_text(
        "import shutil, collections\n"
        "shutil.disk_usage = lambda path: collections.namedtuple('u', 'total used free')(9, 9, 9)\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))

    assert cli.run(["model", "pull", NAME, "--yes"]) == 1

    assert "make room" in capsys.readouterr().err
    assert not folder.parent.exists() or not list(folder.parent.iterdir())


def test_a_base_that_was_pulled_is_listed_and_used(served: Hub, capsys: Capture) -> None:
    cli.run(["model", "pull", NAME, "--yes"])
    capsys.readouterr()

    assert cli.run(["model", "use", NAME]) == 0

    said = capsys.readouterr().err
    assert f"The next training starts from {NAME}" in said and "The agent that you have stays" in said
    assert read_settings(find_paths().config_file).agent.base == NAME
    cli.run(["model", "list", "--json"])
    [row] = [row for row in json.loads(capsys.readouterr().out) if row["name"] == NAME]
    assert row["in_use"] and row["here"] and row["fits"] and row["licence"] == "apache-2.0"
