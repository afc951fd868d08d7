"""`ownhand eval rules`, run as a person runs it, on the invented people of the demonstration."""

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

SAMPLE = Path(str(resources.files("ownhand.daemon.demo") / "sample"))
SYSTEMS = ["none", "profile", "recipient_profile", "nearest_1", "nearest_3", "agent", "agent_nearest"]


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ownhand.daemon", "eval", "rules", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_every_system_is_measured_on_every_persons_newest_mails() -> None:
    files = [str(SAMPLE / "maren.mbox"), str(SAMPLE / "dev.mbox")]

    ended = run("--people", *files, "--backend", "fake", "--json")

    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert list(told["systems"]) == SYSTEMS
    for people in told["systems"].values():
        assert people.keys() == {"maren", "dev"}
        assert {person["n"] for person in people.values()} <= set(range(20, 32))
    assert told["systems"]["none"]["maren"]["f1"] == 0 < told["systems"]["profile"]["maren"]["f1"] < 1
    assert told["leads"]["agent_nearest"]["none"]["f1"]["n_better"] == 2


def test_a_file_without_mail_is_told_of(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mbox"
    empty.write_text("nothing\n")

    ended = run("--people", str(empty), "--backend", "fake")

    assert ended.returncode == 1
    assert "there is no mail in this file" in ended.stderr


def test_people_of_one_name_and_nobody_at_all_are_refused(tmp_path: Path) -> None:
    twice = tmp_path / "maren.mbox"
    twice.write_bytes((SAMPLE / "maren.mbox").read_bytes())

    assert "have the same name" in run(str(SAMPLE / "maren.mbox"), str(twice)).stderr
    assert run().returncode == 2
