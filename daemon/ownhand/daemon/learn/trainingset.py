"""Originals, intents and verified rules -> a training set: intent -> rules, split by thread and by time.

A training set is a folder of files named by their hash. It is never changed; the manifest is written last.
"""

import json
import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from ownhand.daemon.domain import Example, Intent, MessageId, Original, Rule, RuleId
from ownhand.daemon.learn.history import Past
from ownhand.daemon.learn.ledger import Ledger

HELD_OUT = 0.12  # of the originals, for each of valid and test: the newest threads


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The examples in their splits, and the hash that names them."""

    train: tuple[Example, ...]
    valid: tuple[Example, ...]
    test: tuple[Example, ...]

    @property
    def splits(self) -> Mapping[str, tuple[Example, ...]]:
        return {"train": self.train, "valid": self.valid, "test": self.test}

    @property
    def hash(self) -> str:
        whole = sha256()
        for name, examples in self.splits.items():
            whole.update(f"{name}\n".encode())
            whole.update(_lines(examples).encode())
        return whole.hexdigest()[:16]


def compile_examples(
    originals: Sequence[Original],
    intents: Sequence[Intent],
    rules: Sequence[Rule],
    findings: Mapping[MessageId, Sequence[RuleId]],
    receipts: Mapping[RuleId, Mapping[MessageId, bool]],
    past: Past,
    learned: Collection[str] = (),
) -> TrainingSet:
    """Pairs every intent with all that its original shows, and what was inferred and is borne out elsewhere.

    `learned` are the examples that the agent in use learned: their threads are not held out again.

    All that is measurable, and not only what the zero-shot draft lacked: how the person wrote this mail is
    what is to be predicted, and what of it is worth saying is known only when there is a draft.
    """
    by_id = {rule.id: rule for rule in rules}
    ledger = Ledger(originals, receipts)
    by_message = {original.message_id: original for original in originals}
    split = split_by_thread(originals, {i.message_id for i in intents if i.id in learned})
    examples: dict[str, list[Example]] = {"train": [], "valid": [], "test": []}
    for intent in intents:
        original = by_message.get(intent.message_id)
        if original and (intent.variant == 0 or split[intent.message_id] == "train"):
            found = [by_id[i] for i in findings.get(intent.message_id, ()) if i in by_id]
            inferred = [rule for rule in found if rule.claim is None]
            kept = ledger.accepted(inferred, original.letter, without=original.message_id)
            wanted = (*past.shown(original.message_id), *(rule.text for rule in kept))
            situation = past.situation(original, intent.points)
            examples[split[intent.message_id]].append(Example(intent.id, situation, wanted))
    return TrainingSet(tuple(examples["train"]), tuple(examples["valid"]), tuple(examples["test"]))


def split_by_thread(
    originals: Sequence[Original], learned: Collection[MessageId] = ()
) -> dict[MessageId, str]:
    """Train, valid or test for each message: whole threads, the newest held out.

    The answer to an answer repeats its words, so a thread is never divided. One of which something was
    learned stays in train, unless nothing else is there to measure on.
    """
    threads: dict[MessageId, list[Original]] = {}
    for original in originals:
        threads.setdefault(original.thread, []).append(original)
    newest_first = sorted(
        threads.values(), key=lambda t: (max(o.sent_at for o in t), t[0].thread), reverse=True
    )
    wanted = len(originals) * HELD_OUT
    if _n_unseen(threads.values(), learned) <= wanted:
        learned = ()
    split: dict[MessageId, str] = {}
    n = {"test": 0, "valid": 0}
    for thread in newest_first:
        name = "test" if n["test"] < wanted else "valid" if n["valid"] < wanted else "train"
        if any(original.message_id in learned for original in thread):
            name = "train"
        if name != "train":
            n[name] += len(thread)
        split.update({original.message_id: name for original in thread})
    return split


def _n_unseen(threads: Iterable[Sequence[Original]], learned: Collection[MessageId]) -> int:
    return sum(len(t) for t in threads if not any(original.message_id in learned for original in t))


def learned_from(folder: Path) -> frozenset[str]:
    """The examples of a training set that were trained on; none where it is gone or cannot be read."""
    try:
        lines = (folder / "train.jsonl").read_text("utf-8").splitlines()
        return frozenset(str(json.loads(line)["id"]) for line in lines)
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def write(training_set: TrainingSet, folder: Path) -> Path:
    """Makes `folder/<hash>/`, or leaves it when it is there. Gives its path."""
    target = folder / training_set.hash
    if (target / "manifest.json").exists():
        return target
    partial = folder / f"{training_set.hash}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    for name, examples in training_set.splits.items():
        _write(partial / f"{name}.jsonl", _lines(examples))
    counts = {name: len(examples) for name, examples in training_set.splits.items()}
    _write(partial / "manifest.json", json.dumps({"hash": training_set.hash, "examples": counts}))
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    return target


def _write(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _lines(examples: Sequence[Example]) -> str:
    return "".join(json.dumps(_line(example), ensure_ascii=False) + "\n" for example in examples)


def _line(example: Example) -> dict[str, object]:
    """The fields of `ownhand.worker.v1.Example`, which the trainer reads."""
    letter, history = example.situation.letter, example.situation.history
    return {
        "id": example.id,
        "situation": {
            "recipient": letter.recipient.label,
            "recipient_kind": letter.kind.value,
            "n_recipients": len(letter.to),
            "reply": letter.reply,
            "language": letter.language,
            "subject": letter.subject,
            "context": letter.context[:400],
            "points": list(example.situation.points),
            "hour": example.situation.hour,
            "n_before": history.n_before,
            "usual": [asdict(habit) for habit in history.usual],
            "with_recipient": [asdict(habit) for habit in history.with_reader],
            "nearest": [{"rules": rules} for rules in history.nearest],
        },
        "rules": list(example.rules),
    }
