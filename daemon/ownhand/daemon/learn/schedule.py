"""When to train again by itself: enough new mail, old enough mail, and not too often. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ownhand.daemon.domain import NextTraining


@dataclass(frozen=True, slots=True)
class Pace:
    """How eager the daemon is; from the [learning] section of the configuration."""

    min_mails: int = 20  # usable mails before the first agent
    new_mails: int = 25  # new mails since the last agent
    max_age: timedelta = timedelta(days=14)  # of the oldest mail that no agent has seen
    min_interval: timedelta = timedelta(hours=24)  # between two trainings


@dataclass(frozen=True, slots=True)
class Unlearned:
    """What the current agent has not seen."""

    n_originals: int  # of the account in all
    n_new: int  # since the last training
    oldest_sent_at: datetime | None  # of the new ones
    trained_at: datetime | None
    n_gone: int = 0  # that the last agent learned from, and that were deleted since


def training_due(pace: Pace, unlearned: Unlearned, now: datetime) -> bool:
    """Whether a training should start now."""
    if unlearned.n_originals < pace.min_mails or not (unlearned.n_new or unlearned.n_gone):
        return False
    if unlearned.trained_at is None:
        return True
    if now - unlearned.trained_at < pace.min_interval:
        return False
    if unlearned.n_gone:
        return True  # weights cannot forget: what was deleted is gone from an agent when another is trained
    waited = unlearned.oldest_sent_at is not None and now - unlearned.oldest_sent_at >= pace.max_age
    return unlearned.n_new >= pace.new_mails or waited


def next_training(pace: Pace, unlearned: Unlearned, now: datetime) -> NextTraining:
    """When a training is due, if nothing but time and new mail comes."""
    wanted = pace.new_mails if unlearned.trained_at else pace.min_mails
    have = unlearned.n_new if unlearned.trained_at else unlearned.n_originals
    n_mails = 0 if unlearned.n_gone and unlearned.trained_at else max(0, wanted - have)
    soonest = unlearned.trained_at and unlearned.trained_at + pace.min_interval
    latest = unlearned.oldest_sent_at + pace.max_age if unlearned.n_new and unlearned.oldest_sent_at else None
    if unlearned.n_originals < pace.min_mails:
        return NextTraining(max(n_mails, pace.min_mails - unlearned.n_originals))
    return NextTraining(
        n_mails=n_mails,
        not_before=soonest if soonest and soonest > now else None,
        at_latest=max(latest, soonest or latest) if latest and n_mails else None,
    )
