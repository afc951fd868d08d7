"""The demo as a person runs it: by command, in a process of its own, with real servers and a real training.

It is run three times in one folder: stopped in the middle of learning, run to its end, and run again. The
trainings are cut short; everything else is as in `make demo`.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ownhand.daemon.demo.mails import samples
from ownhand.daemon.paths import find_paths

ENDS_WITHIN_S = 600.0
STEPS = 60  # of a training


@dataclass(frozen=True)
class Demo:
    """What the three runs left."""

    out: Path
    stopped_with: int
    left_behind: list[str]  # commands that still ran after the stop
    screen: str  # stdout of the run that came to its end
    facts: dict[str, Any]
    report: str
    again_s: float
    again: dict[str, Any]


def start(out: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ownhand.daemon", "demo", "--out", str(out)],
        env={**os.environ, "OWNHAND_AGENT_MAX_STEPS": str(STEPS)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # What a shell runs in the background ignores Ctrl-C, and so would the demo.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def finish(demo: "subprocess.Popen[str]") -> str:
    """Waits for its end; gives what it showed."""
    try:
        screen, talk = demo.communicate(timeout=ENDS_WITHIN_S)
    except BaseException:
        demo.send_signal(signal.SIGTERM)
        demo.communicate(timeout=60)
        raise
    assert demo.returncode == 0, talk
    return screen


def commands_in(folder: Path) -> list[str]:
    """Commands of running processes that name a folder, or have it for their home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, environ = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:
            continue
        if process.name != str(os.getpid()) and os.fsencode(folder) in command + environ:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def stop_while_training(out: Path) -> int:
    """Starts a demo and ends it as Ctrl-C does, as soon as a training runs; gives its exit code."""
    demo = start(out)
    until = time.monotonic() + ENDS_WITHIN_S
    try:
        while not any(" train " in command for command in commands_in(out)):
            assert demo.poll() is None and time.monotonic() < until, "no training began"
            time.sleep(0.1)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=120)
    return demo.returncode


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    out = tmp_path_factory.mktemp("demo") / "out"
    stopped_with = stop_while_training(out)
    left_behind = commands_in(out)
    screen = finish(start(out))
    facts = json.loads((out / "demo.json").read_text("utf-8"))
    report = (out / "report.html").read_text("utf-8")
    began = time.monotonic()
    finish(start(out))
    again_s = time.monotonic() - began
    again = json.loads((out / "demo.json").read_text("utf-8"))
    yield Demo(out, stopped_with, left_behind, screen, facts, report, again_s, again)


def test_a_stopped_demo_says_so_and_leaves_nothing_running(demo: Demo) -> None:
    assert demo.stopped_with == 1
    assert demo.left_behind == []


def test_a_stopped_demo_goes_on_with_the_trainings_it_had_begun(demo: Demo) -> None:
    asked_for = [job for job in demo.facts["jobs"] if job["asked_by"] == "person"]
    assert len(asked_for) == 2
    assert {job["state"] for job in asked_for} == {"succeeded"}


def test_steered_drafts_are_nearer_to_what_was_sent_for_both_people(demo: Demo) -> None:
    distances = {p["person"]: (p["steered_distance"], p["zero_shot_distance"]) for p in demo.facts["people"]}
    assert len(distances) == 2
    assert all(steered < zero_shot for steered, zero_shot in distances.values())
    assert "nearer in style to what was really sent than zero-shot drafts, for both people" in demo.screen


def test_three_mails_of_each_person_are_drafted_with_rules_from_the_agent(demo: Demo) -> None:
    mails = demo.facts["mails"]
    current = {agent["id"] for agent in demo.facts["agents"] if agent["current"]}
    assert [mail["account"] for mail in mails] == ["maren"] * 3 + ["dev"] * 3
    assert {mail["rules_source"] for mail in mails} == {"agent"}
    assert {mail["agent_id"] for mail in mails} == current
    for mail in mails:
        assert mail["intent"] and mail["zero_shot"] and mail["steered"] and mail["sent"]
        assert mail["rules"] and all(rule["text"] and rule["support"] > 0 for rule in mail["rules"])


def test_the_drafted_mails_were_never_in_the_sent_folder(demo: Demo) -> None:
    unseen = [mail.message.message_id for sample in samples(3, 3) for mail in sample.unseen]
    delivered = b"".join(file.read_bytes() for file in (demo.out / "mail").rglob("cur/*"))
    assert sorted(mail["message_id"] for mail in demo.facts["mails"]) == sorted(unseen)
    assert not [message_id for message_id in unseen if f"Message-ID: {message_id}".encode() in delivered]


def test_later_mail_is_learned_and_trained_on_unasked(demo: Demo) -> None:
    for person in demo.facts["people"]:
        theirs = [job for job in demo.facts["jobs"] if job["person"] == person["person"]]
        unasked = [job for job in theirs if job["asked_by"] == "schedule"]
        stages = [(stage["stage"], stage["done"]) for job in unasked for stage in job["stages"]]
        assert {job["state"] for job in unasked} == {"succeeded"}
        assert sum(n for stage, n in stages if stage == "collect") == 3
        [steps] = [n for stage, n in stages if stage == "train"]
        assert 0 < steps <= STEPS  # going on from the agent before, it may soon get no better


def test_losses_fall_from_the_base_and_the_second_training_goes_on_from_the_first(demo: Demo) -> None:
    trainings = demo.facts["training"]
    assert len(trainings) == 4
    agents = {agent["id"]: agent for agent in demo.facts["agents"]}
    begun_with = {
        training["agent_id"]: agents[training["agent_id"]]["continued_from"] for training in trainings
    }
    assert sorted(agents[one]["person"] for one in begun_with.values() if one) == sorted(
        person["person"] for person in demo.facts["people"]
    )
    for training in trainings:
        losses = [point["loss"] for point in training["points"]]
        if not begun_with[training["agent_id"]]:
            assert sum(losses[-5:]) < 0.75 * sum(losses[:5])


def test_the_report_holds_every_draft_and_asks_for_nothing_from_outside(demo: Demo) -> None:
    assert demo.report.count('<article class="card mail">') == 6
    assert not re.search(r"<script|<link|<img|url\(|@import|https?://", demo.report)


def test_a_second_run_repeats_nothing(demo: Demo) -> None:
    assert set(demo.again["reused"]) == {"deliver", "learn", "learn unasked", "draft"}
    for what in ("mails", "jobs", "agents", "training", "timings", "fingerprint"):
        assert demo.again[what] == demo.facts[what], what
    assert demo.again_s < 60


def test_nothing_runs_when_the_demo_has_ended(demo: Demo) -> None:
    paths = find_paths({"OWNHAND_HOME": str(demo.out / "home")})
    assert commands_in(demo.out) == []
    assert not paths.endpoint.exists()
