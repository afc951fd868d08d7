"""Training sets hold threads together, hold the newest out, and are named by what is in them."""

import json
import stat
from collections.abc import Collection
from pathlib import Path

from invented import original
from ownhand.daemon.domain import Intent, IntentId, Rule, RuleId
from ownhand.daemon.learn.history import Past, shown
from ownhand.daemon.learn.trainingset import (
    TrainingSet,
    compile_examples,
    learned_from,
    split_by_thread,
    write,
)

MAILS = [original(n, f"mail {n}", thread=f"<{n - n % 2}@kiln.example>") for n in range(40)]
RULE = Rule("Put the news first.", id=RuleId("r"))  # inferred: it cannot be measured
PAST = Past(MAILS, {mail.message_id: shown(mail) for mail in MAILS})


def training_set(learned: Collection[str] = ()) -> TrainingSet:
    intents = [
        Intent(IntentId(f"i{n}-{v}"), m.message_id, v, ("Say it.",))
        for n, m in enumerate(MAILS)
        for v in (0, 1)
    ]
    found = {mail.message_id: [RULE.id] for mail in MAILS}
    receipts = {RULE.id: {m.message_id: True for m in MAILS}}
    return compile_examples(MAILS, intents, [RULE], found, receipts, PAST, learned)


def test_a_thread_is_never_divided() -> None:
    split = split_by_thread(MAILS)

    for first, second in zip(MAILS[::2], MAILS[1::2], strict=True):
        assert split[first.message_id] == split[second.message_id]


def test_the_newest_threads_are_held_out() -> None:
    split = split_by_thread(MAILS)

    newest = {
        name: max(n for n, m in enumerate(MAILS) if split[m.message_id] == name) for name in split.values()
    }
    assert newest["train"] < newest["valid"] < newest["test"] == 39


def test_held_out_mail_is_measured_once_and_trained_on_in_all_its_variants() -> None:
    compiled = training_set()

    assert len(compiled.test) == sum(name == "test" for name in split_by_thread(MAILS).values())
    assert len(compiled.train) == 2 * sum(name == "train" for name in split_by_thread(MAILS).values())


def test_the_same_rows_have_the_same_hash_and_other_rows_another() -> None:
    compiled = training_set()
    other = TrainingSet(compiled.train[1:], compiled.valid, compiled.test)

    assert compiled.hash == training_set().hash
    assert compiled.hash != other.hash


def test_a_training_set_is_a_private_folder_with_its_manifest(tmp_path: Path) -> None:
    folder = write(training_set(), tmp_path)

    manifest = json.loads((folder / "manifest.json").read_text())
    lines = (folder / "train.jsonl").read_text().splitlines()
    assert manifest["examples"]["train"] == len(lines)
    assert json.loads(lines[0])["rules"] == [*shown(MAILS[0]), RULE.text]
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    folder = write(training_set(), tmp_path)
    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}

    assert write(training_set(), tmp_path) == folder
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before


def test_a_rule_that_other_mail_does_not_bear_out_is_not_taught() -> None:
    intents = [Intent(IntentId("i"), MAILS[0].message_id, 0, ("Say it.",))]

    compiled = compile_examples(MAILS, intents, [RULE], {MAILS[0].message_id: [RULE.id]}, {}, PAST)

    assert [example.rules for example in compiled.train] == [shown(MAILS[0])]


def test_an_example_tells_what_the_other_mails_show(tmp_path: Path) -> None:
    lines = (write(training_set(), tmp_path) / "train.jsonl").read_text().splitlines()

    situation = json.loads(lines[0])["situation"]
    assert situation["usual"][0].keys() == {"rule", "share"}
    assert situation["nearest"][0]["rules"] == list(shown(MAILS[1]))
    assert situation["n_before"] == 38 and situation["hour"] in range(1, 25)


def test_what_an_agent_learned_is_not_held_out_again_though_its_thread_is_the_newest() -> None:
    learned = {MAILS[38].message_id}  # of the newest thread, MAILS[38] and MAILS[39]

    split = split_by_thread(MAILS, learned)

    assert split[MAILS[38].message_id] == split[MAILS[39].message_id] == "train"
    assert split[MAILS[37].message_id] == "test"
    counts = [list(split.values()).count(name) for name in ("test", "valid")]
    assert counts == [list(split_by_thread(MAILS).values()).count(name) for name in ("test", "valid")]


def test_where_all_was_learned_something_is_held_out_all_the_same() -> None:
    learned = {mail.message_id for mail in MAILS}

    assert split_by_thread(MAILS, learned) == split_by_thread(MAILS)


def test_a_training_set_tells_what_was_learned_from_it(tmp_path: Path) -> None:
    compiled = training_set()
    folder = write(compiled, tmp_path)

    assert learned_from(folder) == {example.id for example in compiled.train}
    assert learned_from(tmp_path / "gone") == frozenset()


def test_learning_again_from_the_same_mail_is_the_same_training_set(tmp_path: Path) -> None:
    learned = learned_from(write(training_set(), tmp_path))

    assert training_set(learned).hash == training_set().hash
