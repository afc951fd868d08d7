"""When the machine has time and power to spare, as Linux and macOS tell it."""

from pathlib import Path

import pytest
from ownhand.daemon.occasion import Always
from ownhand.daemon.occasion.linux import PATIENCE_S, LinuxOccasion
from ownhand.daemon.occasion.macos import MacOccasion

PLUGGED_IN = "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t81%; charging"
ON_BATTERY = "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t80%; discharging"


@pytest.fixture
def supplies(tmp_path: Path) -> Path:
    (tmp_path / "power").mkdir()
    return tmp_path / "power"


def supply(supplies: Path, name: str, **facts: str) -> None:
    (supplies / name).mkdir(exist_ok=True)
    for fact, value in facts.items():
        (supplies / name / fact).write_text(value + "\n")


def linux(supplies: Path, idle: bool | None = True) -> LinuxOccasion:
    return LinuxOccasion(supplies, supplies.parent / "stat", lambda: idle)


def stat(supplies: Path, busy: int, nice: int, idle: int) -> None:
    (supplies.parent / "stat").write_text(f"cpu  {busy} {nice} 0 {idle} 0 0 0 0 0 0\ncpu0 1 1 1 1 1\n")


def test_a_machine_without_a_battery_that_nobody_uses_has_time(supplies: Path) -> None:
    assert linux(supplies).why_not(0) == ""


def test_a_battery_that_empties_is_told(supplies: Path) -> None:
    supply(supplies, "BAT0", type="Battery", status="Discharging")
    supply(supplies, "AC", type="Mains", online="0")

    assert linux(supplies).why_not(0) == "the machine runs on battery"


@pytest.mark.parametrize(
    "facts",
    [{"status": "Charging"}, {"status": "Full"}, {"status": "Discharging", "scope": "Device"}],
    ids=["charging", "full", "of a mouse"],
)
def test_a_battery_that_does_not_empty_the_machine_is_none(supplies: Path, facts: dict[str, str]) -> None:
    supply(supplies, "BAT0", type="Battery", **facts)

    assert linux(supplies).why_not(0) == ""


def test_mains_that_cannot_keep_up_are_mains(supplies: Path) -> None:
    supply(supplies, "BAT0", type="Battery", status="Discharging")
    supply(supplies, "AC", type="Mains", online="1")

    assert linux(supplies).why_not(0) == ""


def test_a_machine_in_use_is_waited_for_but_not_for_ever(supplies: Path) -> None:
    occasion = linux(supplies, idle=False)

    assert occasion.why_not(PATIENCE_S - 1) == "the machine is in use"
    assert occasion.why_not(PATIENCE_S) == ""


def test_without_logind_the_processors_are_asked(supplies: Path) -> None:
    occasion = linux(supplies, idle=None)
    stat(supplies, busy=100, nice=0, idle=100)
    assert occasion.why_not(0) == ""  # nothing is known yet

    stat(supplies, busy=190, nice=0, idle=110)
    assert occasion.why_not(0) == "the machine is busy"

    stat(supplies, busy=200, nice=90, idle=110)
    assert occasion.why_not(0) == ""  # what runs nicely, as a training does, is nobody's work


@pytest.mark.parametrize(
    ("power", "idle_s", "said"),
    [
        (PLUGGED_IN, 301, ""),
        (PLUGGED_IN, 20, "the machine is in use"),
        (ON_BATTERY, 301, "the machine runs on battery"),
        ("", 301, ""),
    ],
)
def test_a_mac_tells_of_its_power_and_its_last_touch(power: str, idle_s: int, said: str) -> None:
    told = {"pmset": power, "ioreg": f'  | "HIDIdleTime" = {idle_s * 10**9}\n'}

    assert MacOccasion(lambda words: told[words[0]]).why_not(0) == said


def test_who_wants_trainings_at_once_gets_them() -> None:
    assert Always().why_not(0) == ""
