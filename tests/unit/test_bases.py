"""Base models: what they need, where they lie, and which one is used."""

import json
from pathlib import Path

import pytest
from ownhand.daemon import cli
from ownhand.daemon.bases import shelf
from ownhand.daemon.bases.machine import Machine
from ownhand.daemon.bases.needs import best_that_fits, needs
from ownhand.daemon.bases.table import EMBEDDED, TABLE, known, shape_of
from ownhand.daemon.paths import find_paths

Capture = pytest.CaptureFixture[str]
GIB = 2**30
LAPTOP = Machine("cpu", "2 cores", 16 * GIB, 100.0)
MAC = Machine("mlx", "Apple M2", 16 * GIB, 2000.0)
CARD = Machine("cuda", "RTX 3060", 12 * GIB, 8000.0)
# As the makers say, in millions of weights.
SIZES = {
    "Qwen/Qwen3-0.6B": 596, "Qwen/Qwen3-1.7B": 1720, "Qwen/Qwen3-4B": 4022, "HuggingFaceTB/SmolLM3-3B": 3075,
    "ibm-granite/granite-4.0-350m": 352, "ibm-granite/granite-4.0-1b": 1632,
    "meta-llama/Llama-3.2-1B-Instruct": 1236, "meta-llama/Llama-3.2-3B-Instruct": 3213,
    "google/gemma-3-270m-it": 268, "google/gemma-3-1b-it": 1000,
}  # fmt: skip


def test_shapes_have_as_many_weights_as_their_makers_say() -> None:
    found = {base.name: base.shape.parameters / 1e6 for base in TABLE}

    assert found == pytest.approx(SIZES, rel=0.01)


def test_what_a_base_needs_grows_with_its_size() -> None:
    bases = sorted(TABLE, key=lambda base: base.shape.body)
    small, large = needs(bases[0], LAPTOP), needs(bases[-1], LAPTOP)

    assert small.train_bytes < large.train_bytes and small.use_bytes < large.use_bytes
    assert small.minutes < large.minutes
    assert small.use_bytes < small.train_bytes


def test_a_graphics_card_holds_in_four_bits_what_does_not_fit_in_sixteen() -> None:
    base = known("Qwen/Qwen3-4B")
    assert base is not None

    assert needs(base, CARD).quantised and needs(base, CARD).fits
    assert not needs(base, LAPTOP).fits
    assert not needs(TABLE[0], CARD).quantised


@pytest.mark.parametrize("machine", [LAPTOP, MAC, CARD], ids=lambda machine: machine.kind)
def test_the_base_that_is_named_instead_fits_and_has_no_strings(machine: Machine) -> None:
    base = known(best_that_fits(machine))

    assert base is not None and needs(base, machine).fits and not base.note


def test_where_nothing_fits_the_embedded_base_is_named() -> None:
    assert best_that_fits(Machine("cpu", "1 core", 2 * GIB, 20.0)) == EMBEDDED


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"hidden_size": 8}', '{"text_config": 3}', "null"])
def test_a_config_that_is_no_language_model_has_no_shape(text: str) -> None:
    assert shape_of(text) is None


def test_names_of_a_hub_and_folders_are_told_apart(tmp_path: Path) -> None:
    assert shelf.folder_of("Qwen/Qwen3-0.6B", tmp_path) == str(tmp_path / "Qwen--Qwen3-0.6B")
    assert shelf.folder_of("embedded", tmp_path) == "embedded"
    assert shelf.folder_of("/models/mine", tmp_path) == "/models/mine"
    assert not shelf.is_name("../secrets") and not shelf.is_name("a/..") and not shelf.is_name("a/b/c")


def test_a_base_that_is_not_here_cannot_be_used(capsys: Capture) -> None:
    assert cli.run(["model", "use", "Qwen/Qwen3-0.6B"]) == 1

    assert "ownhand model pull Qwen/Qwen3-0.6B" in capsys.readouterr().err
    assert not find_paths().config_file.exists()


def test_a_base_that_does_not_fit_is_refused_with_one_that_does(tmp_path: Path, capsys: Capture) -> None:
    huge = {"num_hidden_layers": 120, "hidden_size": 16_384, "intermediate_size": 65_536}
    folder = _folder(tmp_path, huge | {"num_attention_heads": 128, "vocab_size": 200_000})

    assert cli.run(["model", "use", str(folder)]) == 1

    said = capsys.readouterr().err
    assert "to train, and this machine can give" in said and " fits" in said
    assert not find_paths().config_file.exists()


def test_a_folder_is_used_by_its_whole_path(tmp_path: Path, capsys: Capture) -> None:
    tiny = {"num_hidden_layers": 2, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 2}
    folder = _folder(tmp_path, tiny | {"vocab_size": 480})

    assert cli.run(["model", "use", str(folder), "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["name"] == str(folder)
    assert f'base = "{folder}"' in find_paths().config_file.read_text()


def _folder(tmp_path: Path, config: dict[str, int]) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    return folder
