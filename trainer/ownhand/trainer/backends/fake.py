"""A backend without weights: remembers which rules are frequent for each kind of recipient.

It ships, so that the whole program runs end to end, and can be tested, without a numerical library. It is no
preference agent: it does not read what the mail says.
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from ownhand.trainer import manifest, prompt
from ownhand.trainer.backends.base import ProposedRule, Report, never
from ownhand.trainer.dataset import TrainingSet
from ownhand.trainer.scoring import measure
from ownhand.worker.v1 import training_pb2 as pb

_WEIGHTS = "adapter.json"
_EVERYONE = ""
_FREQUENT = 0.5  # share of the mails of a kind from which a rule is proposed
_STEPS = 8


class FakeGenerator:
    """Proposes what was frequent."""

    def __init__(self, frequencies: dict[str, dict[str, float]], made: pb.AdapterManifest) -> None:
        self._frequencies = frequencies
        self._manifest = made

    @property
    def manifest(self) -> pb.AdapterManifest:
        return self._manifest

    def propose(
        self, situation: pb.Situation, cancelled: Callable[[], bool] = never
    ) -> Iterator[ProposedRule]:
        known = self._known(situation)
        for rule, share in sorted(known.items(), key=lambda item: (-item[1], item[0])):
            if share < _FREQUENT or cancelled():
                return
            yield ProposedRule(rule, math.log(share))

    def loss(self, examples: Sequence[pb.Example]) -> float:
        """Nats per rule, a rule being one token here; what was never seen counts as one in a hundred."""
        losses = [
            -math.log(self._known(example.situation).get(rule, 0.01))
            for example in examples
            for rule in example.rules
        ]
        return sum(losses) / len(losses)

    def _known(self, situation: pb.Situation) -> dict[str, float]:
        return self._frequencies.get(situation.recipient_kind) or self._frequencies[_EVERYONE]


class FakeBackend:
    """Deterministic: the same training set gives the same adapter, byte for byte."""

    name = "fake"

    def available(self) -> str | None:
        return None

    def train(self, job: pb.TrainingJob, data: TrainingSet, report: Report) -> pb.AdapterManifest:
        steps = job.max_steps or _STEPS
        report.started(
            pb.TrainingStarted(backend=self.name, device="cpu", n_examples=len(data.train), max_steps=steps)
        )
        generator = FakeGenerator({}, pb.AdapterManifest())
        for step in range(1, steps + 1):
            seen = data.train[: max(1, len(data.train) * step // steps)]
            generator = FakeGenerator(_frequencies(seen), pb.AdapterManifest())
            report.step(
                pb.TrainingStep(step=step, loss=generator.loss(seen), valid_loss=generator.loss(data.valid))
            )
        weights = manifest.partial_folder(job) / _WEIGHTS
        manifest.write_text(weights, json.dumps(_frequencies(data.train), sort_keys=True, indent=1))
        held_out = measure(generator, data.valid)
        return pb.AdapterManifest(
            agent_id=job.agent_id,
            base_model=job.base_model,
            base_hash=_base_hash(job.base_model),
            backend=self.name,
            training_set_hash=job.training_set_hash,
            prompt_template=prompt.TEMPLATE,
            seed=job.seed,
            n_examples=len(data.train),
            steps=steps,
            train_loss=generator.loss(data.train),
            valid_loss=held_out.loss,
            precision=held_out.precision,
            recall=held_out.recall,
            weights_hash=manifest.file_hash(weights),
            continued_from=Path(job.continue_from).name,
        )

    def load(self, base_model: str, adapter: Path) -> FakeGenerator:
        made = manifest.check(
            adapter,
            base_model=base_model,
            base_hash=_base_hash(base_model),
            backend=self.name,
            weights=adapter / _WEIGHTS,
        )
        frequencies: Any = json.loads((adapter / _WEIGHTS).read_text("utf-8"))
        return FakeGenerator(frequencies, made)


def _frequencies(examples: Iterable[pb.Example]) -> dict[str, dict[str, float]]:
    mails: Counter[str] = Counter()
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        for kind in (_EVERYONE, example.situation.recipient_kind):
            mails[kind] += 1
            counts[kind].update(set(example.rules))
    return {
        kind: {rule: round(number / mails[kind], 6) for rule, number in sorted(rules.items())}
        for kind, rules in counts.items()
    }


def _base_hash(base_model: str) -> str:
    return sha256(base_model.encode()).hexdigest()
