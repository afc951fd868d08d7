"""What the torch trainer does beyond the contract: the same sums in less memory and time."""

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
import tiny_bases
from ownhand.trainer import manifest
from ownhand.trainer.backends import completion, footprint, lower, packing, placement
from ownhand.trainer.backends.base import choose
from ownhand.trainer.backends.placement import Placement
from ownhand.trainer.backends.small_model import SmallModel, load_base
from ownhand.trainer.dataset import TrainingSet
from ownhand.trainer.errors import NotReady
from ownhand.worker.v1 import training_pb2 as pb
from safetensors import safe_open

HABITS = {
    "personal": ["Do not greet; begin with the matter.", "Use contractions."],
    "business": ['Greet with "Dear".', "Write one paragraph.", "Write contractions out in full."],
}
LESSONS = ["\n".join(rules) + "\n" for rules in HABITS.values()]


class Report:
    def __init__(self) -> None:
        self.first = pb.TrainingStarted()
        self.losses: list[float] = []

    def started(self, event: pb.TrainingStarted) -> None:
        self.first = event

    def step(self, event: pb.TrainingStep) -> None:
        self.losses.append(event.loss)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bases.save_base(tmp_path_factory.mktemp("base") / "base", "qwen2", LESSONS)


def _data() -> TrainingSet:
    kinds = [list(HABITS)[n % 2] for n in range(16)]
    examples = [pb.Example(situation=pb.Situation(recipient_kind=kind), rules=HABITS[kind]) for kind in kinds]
    return TrainingSet(examples[:12], examples[12:])


def _job(base: Path | str, folder: Path, **more: Any) -> pb.TrainingJob:
    settings = {"max_steps": 12, "learning_rate": 1e-2, "batch_size": 6, "rank": 16, "alpha": 32} | more
    return pb.TrainingJob(
        agent_id="one", training_set_hash="a1b2", adapters=str(folder / "adapters"), base_model=str(base),
        seed=7, threads=1, **settings,
    )  # fmt: skip


def _train(job: pb.TrainingJob) -> tuple[pb.AdapterManifest, Report]:
    report = Report()
    made = choose("torch").train(job, _data(), report)
    manifest.finish(job, made)
    return made, report


def _row(small: SmallModel) -> packing.Row:
    [row] = packing.rows([small.encode(example, small.room) for example in _data().valid], 4096)
    return row


def _gradients(small: SmallModel, loss: Any) -> dict[str, Any]:
    small.model.zero_grad(set_to_none=True)
    loss.backward()
    return {name: weight.grad.clone() for name, weight in small.trainable().items()}


def _stir(small: SmallModel) -> None:
    """A fresh adapter changes nothing: half of it is zero."""
    import torch

    torch.manual_seed(1)
    with torch.no_grad():
        for weight in small.trainable().values():
            weight.normal_(0, 0.05)


@pytest.mark.parametrize("scaled", [{}, {"logits_scaling": 3.0}], ids=["plain", "scaled"])
def test_scores_in_chunks_have_the_loss_and_the_gradient_of_all_at_once(
    scaled: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    torch.manual_seed(0)
    head = torch.nn.Linear(32, 200, bias=False).requires_grad_(False)
    causal = SimpleNamespace(lm_head=head, config=SimpleNamespace(vocab_size=200, **scaled))
    hidden, targets = torch.randn(40, 32, requires_grad=True), torch.randint(0, 200, (40,))
    monkeypatch.setattr(completion, "_CHUNK_BYTES", 7 * 4 * 200)

    ours = completion.loss(causal, hidden, targets) * 0.3
    [of_ours] = torch.autograd.grad(ours, hidden)

    scores = completion.scores(causal, hidden)
    plain = torch.nn.functional.cross_entropy(scores, targets, reduction="sum") * 0.3
    [of_plain] = torch.autograd.grad(plain, hidden)
    assert ours.item() == pytest.approx(plain.item(), rel=1e-5)
    torch.testing.assert_close(of_ours, of_plain, atol=1e-6, rtol=1e-4)
    n_wrong, nats = completion.measure(causal, hidden.detach(), targets)
    assert n_wrong == int((scores.argmax(-1) != targets).sum())
    assert nats * 0.3 == pytest.approx(plain.item(), rel=1e-5)


def test_one_pass_through_an_adapted_layer_is_what_peft_computes_in_six(base: Path) -> None:
    import torch
    from peft.tuners import lora

    small = load_base(str(base))
    small.add_adapter(rank=8, alpha=16, seed=1)
    _stir(small)
    row = _row(small)
    ours, of_ours = small.row_loss(row), _gradients(small, small.row_loss(row))

    fused = [layer for layer in small.model.modules() if isinstance(layer, lora.Linear)]
    for layer in fused:
        del layer.forward  # peft's own is below it

    assert len(fused) > 10
    torch.testing.assert_close(small.row_loss(row), ours, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(_gradients(small, small.row_loss(row)), of_ours, rtol=1e-3, atol=1e-4)


def test_a_beginning_that_lies_in_a_row_once_has_the_gradient_of_all_that_go_on_from_it(base: Path) -> None:
    import torch

    small = load_base(str(base))
    small.add_adapter(rank=8, alpha=16, seed=1)
    _stir(small)
    sequences = [small.encode(example, small.room) for example in _data().train]
    [shared], [plain] = (list(packing.rows(sequences, 9999, shared=how)) for how in (True, False))

    assert len(shared.tokens) < len(plain.tokens)
    once = _gradients(small, small.row_loss(shared))
    torch.testing.assert_close(_gradients(small, small.row_loss(plain)), once, rtol=1e-3, atol=1e-4)


def test_a_quantised_base_trains_and_its_adapter_answers(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bitsandbytes

    four_bits = Placement(precision="nf4", row_tokens=512, checkpointing=True)
    monkeypatch.setattr(placement, "for_training", lambda job, rank: four_bits)
    small = load_base(str(base), how=four_bits)
    held = [layer for layer in small.model.modules() if isinstance(layer, bitsandbytes.nn.Linear4bit)]

    made, report = _train(_job(base, tmp_path, max_steps=40))

    assert len(held) == 7 * small.model.config.num_hidden_layers
    assert all(layer.weight.quant_state.nested and layer.weight.quant_type == "nf4" for layer in held)
    assert report.first.precision == "nf4"
    assert report.losses[-1] < 0.6 * report.losses[0]
    in_full = choose("torch").load(str(base), tmp_path / "adapters/one")
    assert in_full.loss(_data().valid) == pytest.approx(made.valid_loss, rel=0.1)


def test_what_is_computed_again_on_the_way_back_makes_the_same_adapter(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, _ = _train(_job(base, tmp_path / "plain"))
    thrifty = Placement(checkpointing=True)
    monkeypatch.setattr(placement, "for_training", lambda job, rank: thrifty)

    again, _ = _train(_job(base, tmp_path / "thrifty"))

    assert again.weights_hash == plain.weights_hash


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every row for which the layers that do not learn were computed."""
    rows: list[int] = []
    remember = lower.Lower._remember

    def counted(self: lower.Lower, hidden: Any) -> None:
        rows.append(hidden.shape[1])
        remember(self, hidden)

    monkeypatch.setattr(lower.Lower, "_remember", counted)
    return rows


def test_what_comes_out_of_layers_that_do_not_learn_is_computed_once(
    base: Path, tmp_path: Path, computed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    once, report = _train(_job(base, tmp_path / "once", layers=1))
    n_once = len(computed)
    monkeypatch.setattr(lower, "_MOST_BYTES", 0)

    each_time, _ = _train(_job(base, tmp_path / "each time", layers=1))

    assert 0 < n_once < 6 < 12 < len(computed) - n_once
    assert each_time.weights_hash == once.weights_hash
    assert report.losses[-1] < report.losses[0]
    with safe_open(tmp_path / "once/adapters/one/adapter_model.safetensors", "np") as file:
        layers = {name.split("layers.")[1].split(".")[0] for name in file.keys()}  # noqa: SIM118
    assert layers == {"1"}


def test_a_training_goes_on_from_the_agent_before(base: Path, tmp_path: Path) -> None:
    before, of_before = _train(_job(base, tmp_path / "before", max_steps=100))
    folder = str(tmp_path / "before/adapters/one")

    made, report = _train(_job(base, tmp_path / "after", continue_from=folder))

    assert made.continued_from == "one"
    assert report.losses[0] < 0.6 * of_before.losses[0]
    assert made.valid_loss <= before.valid_loss + 1e-3  # at worst it is the one before


def test_an_agent_that_no_longer_fits_is_not_gone_on_from(base: Path, tmp_path: Path) -> None:
    _train(_job(base, tmp_path / "before", rank=4))
    folder = str(tmp_path / "before/adapters/one")

    made, _ = _train(_job(base, tmp_path / "after", continue_from=folder))

    anew, _ = _train(_job(base, tmp_path / "anew"))
    assert made.continued_from == "" and made.weights_hash == anew.weights_hash


def test_how_long_and_how_much_is_said_beforehand(base: Path, tmp_path: Path) -> None:
    _, report = _train(_job(base, tmp_path))

    assert 0 < report.first.duration_s < 600
    assert 2**27 < report.first.memory_bytes < 2**34
    assert (report.first.device, report.first.precision) == ("cpu", "float32")


def test_a_base_without_room_is_refused_and_one_that_fits_is_named(base: Path, tmp_path: Path) -> None:
    others = [
        pb.BaseChoice(name=name, memory_bytes=size)
        for name, size in (("a/b", 9), ("c/d", 50), ("e/f", 10**9))
    ]

    with pytest.raises(NotReady) as refused:
        _train(_job(base, tmp_path, memory_bytes=100, others=others))

    assert "0.0 GB are free" in str(refused.value) and "ownhand model use c/d" in str(refused.value)
    assert not list((tmp_path / "adapters").glob("*")) if (tmp_path / "adapters").exists() else True


def test_memory_asks_for_thrift_and_quantising_comes_last() -> None:
    needed = {("float32", False): 9, ("float32", True): 6, ("nf4", False): 5, ("nf4", True): 2}

    def chosen(room: int, *, quantises: bool = True) -> tuple[str, bool]:
        several = placement.ways("cpu", "float32", 2048, quantises=quantises)
        how = placement.choose(several, lambda how: needed[how.precision, how.checkpointing], room)
        return how.precision, how.checkpointing

    assert [chosen(room) for room in (9, 8, 5, 4)] == list(needed)
    with pytest.raises(NotReady, match=r"takes .* GB of memory"):
        chosen(1)
    with pytest.raises(NotReady):
        chosen(5, quantises=False)


def test_the_footprint_counts_the_weights_that_there_are(base: Path) -> None:
    size = footprint.size_of(str(base))

    small = load_base(str(base))
    assert size.body + size.rest == sum(weight.numel() for weight in small.model.parameters())
    small.add_adapter(rank=8, alpha=16, seed=1)
    assert size.ends * 8 == sum(weight.numel() for weight in small.trainable().values())


def test_a_training_never_touches_the_network(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **named: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    made, _ = _train(_job(base, tmp_path))

    assert made.steps == 12
