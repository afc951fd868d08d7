"""When the daemon trains by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from ownhand.daemon.domain import NextTraining
from ownhand.daemon.learn.schedule import Pace, Unlearned, next_training, training_due

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=90)
PACE = Pace(min_mails=20, new_mails=25, max_age=timedelta(days=14), min_interval=timedelta(hours=24))


@pytest.mark.parametrize(
    ("unlearned", "due"),
    [
        pytest.param(Unlearned(19, 19, LONG_AGO, None), False, id="too few mails for a first agent"),
        pytest.param(Unlearned(20, 20, NOW, None), True, id="enough mails for a first agent"),
        pytest.param(Unlearned(90, 25, NOW, LONG_AGO), True, id="many new mails"),
        pytest.param(Unlearned(90, 24, NOW, LONG_AGO), False, id="few new mails, all fresh"),
        pytest.param(Unlearned(90, 1, NOW - timedelta(days=14), LONG_AGO), True, id="one that waited long"),
        pytest.param(Unlearned(90, 50, LONG_AGO, NOW - timedelta(hours=23)), False, id="trained just before"),
        pytest.param(Unlearned(90, 0, None, LONG_AGO), False, id="nothing new"),
    ],
)
def test_a_training_is_due_when_enough_is_new_or_old_and_not_too_soon(
    unlearned: Unlearned, due: bool
) -> None:
    assert training_due(PACE, unlearned, NOW) is due


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("unlearned", "coming"),
    [
        pytest.param(Unlearned(12, 12, NOW, None), NextTraining(8), id="before the first agent"),
        pytest.param(Unlearned(20, 20, NOW, None), NextTraining(0, None, None), id="a first agent at once"),
        pytest.param(Unlearned(90, 0, None, LONG_AGO), NextTraining(25), id="nothing new"),
        pytest.param(
            Unlearned(90, 5, NOW - DAY, LONG_AGO), NextTraining(20, None, NOW + 13 * DAY), id="some new"
        ),
        pytest.param(
            Unlearned(90, 30, NOW, NOW - DAY / 2), NextTraining(0, NOW + DAY / 2), id="enough, but too soon"
        ),
        pytest.param(
            Unlearned(90, 5, NOW - 20 * DAY, NOW),
            NextTraining(20, NOW + DAY, NOW + DAY),
            id="old, but too soon",
        ),
        pytest.param(Unlearned(90, 0, None, LONG_AGO, n_gone=1), NextTraining(0), id="something was deleted"),
    ],
)
def test_it_is_said_beforehand_when(unlearned: Unlearned, coming: NextTraining) -> None:
    assert next_training(PACE, unlearned, NOW) == coming
    assert (coming.n_mails == 0 and coming.not_before is None) == training_due(PACE, unlearned, NOW)
