"""Which engine answers on which machine: the rule alone, with machines that need not be at hand."""

from pathlib import Path

import pytest
from ownhand.trainer import manifest
from ownhand.trainer.backends import base_model
from ownhand.trainer.backends.serving import Machine, order, this_machine

ALL = ("mlx", "torch", "llama.cpp")


def _machine(*engines: str, apple: bool = False, cuda: bool = False) -> Machine:
    return Machine(apple, cuda, frozenset(engines))


@pytest.mark.parametrize(
    ("machine", "backend", "wanted"),
    [
        (_machine(*ALL, apple=True), "auto", ("mlx", "llama.cpp", "torch")),
        (_machine("torch", apple=True), "auto", ("torch",)),
        (_machine(*ALL, apple=True), "torch", ("llama.cpp", "torch")),
        (_machine(*ALL, cuda=True), "auto", ("torch", "llama.cpp")),
        (_machine(*ALL), "auto", ("llama.cpp", "torch")),
        (_machine(*ALL), "torch", ("llama.cpp", "torch")),
        (_machine(*ALL), "mlx", ("mlx", "llama.cpp", "torch")),
        (_machine("torch"), "auto", ("torch",)),
        (_machine("torch"), "mlx", ("torch",)),
        (_machine("llama.cpp"), "auto", ("llama.cpp",)),
        (_machine(), "auto", ()),
    ],
)
def test_a_hub_model_is_answered_for_by_the_best_that_is_there(
    machine: Machine, backend: str, wanted: tuple[str, ...]
) -> None:
    assert order(machine, backend, embedded=False, convertible=True) == wanted


@pytest.mark.parametrize("machine", [_machine(*ALL, apple=True), _machine(*ALL, cuda=True), _machine()])
def test_the_embedded_base_is_answered_for_in_numpy_everywhere(machine: Machine) -> None:
    for backend in ("auto", "torch", "mlx"):
        assert order(machine, backend, embedded=True, convertible=True) == ("plain",)


def test_a_base_that_llamacpp_does_not_know_is_left_to_torch() -> None:
    assert order(_machine(*ALL), "auto", embedded=False, convertible=False) == ("torch",)


def test_only_who_asks_for_the_fake_gets_it() -> None:
    assert order(_machine(), "fake", embedded=False, convertible=False) == ("fake",)


def test_this_machine_has_what_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    with_torch = this_machine().engines
    monkeypatch.setitem(sys.modules, "peft", None)

    assert "torch" in with_torch
    assert "torch" not in this_machine().engines


def test_the_weights_of_a_base_are_read_once_while_they_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_text("{}")
    read = []
    whole = manifest.file_hash
    monkeypatch.setattr(manifest, "file_hash", lambda path: read.append(path) or whole(path))

    first = [base_model.hash_of(str(tmp_path)) for _ in range(3)]
    (tmp_path / "model.safetensors").write_text("{ }")

    assert len(set(first)) == len(read) == 1
    assert base_model.hash_of(str(tmp_path)) not in first
