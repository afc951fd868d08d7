"""What the agent is told of the person's other mails."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from invented import ANA, BOB, EVA, WORK, original
from ownhand.daemon.domain import AccountName, Letter, MessageId, RecipientKind
from ownhand.daemon.learn.history import Histories, Past, hour_of, shown
from ownhand.daemon.learn.recall import Recall

TO_BOB = [original(n, f"Hi Bob,\n\nthe report number {n} is here!\n\nAna") for n in range(4)]
TO_EVA = [original(n, f"Dear Eva,\n\nI will visit you in week {n}.\n\nLove\nAna", to=EVA) for n in (4, 5)]
MAILS = [*TO_BOB, *TO_EVA]


def past(mails: Sequence = MAILS) -> Past:  # type: ignore[type-arg]
    return Past(mails, {mail.message_id: shown(mail) for mail in mails})


def test_what_a_mail_shows_is_said_in_the_closed_language_without_names() -> None:
    mail = original(1, "Hallo Marsh,\n\nit is done.\n\nAna")

    assert 'Greet with "Hi".' in shown(TO_BOB[0]) and "Use an exclamation mark." in shown(TO_BOB[0])
    assert not any("marsh" in rule.lower() for rule in shown(mail))


def test_habits_are_shares_of_the_mails_that_show_them() -> None:
    history = past().history(MAILS[0].letter, ())

    shares = {habit.rule: habit.share for habit in history.usual}
    assert shares['Greet with "Hi".'] == pytest.approx(4 / 6)
    assert shares['Greet with "Dear".'] == pytest.approx(2 / 6)


def test_habits_with_one_reader_are_those_of_the_mails_to_them() -> None:
    history = past().history(TO_EVA[0].letter, ())

    rules = {habit.rule: habit.share for habit in history.with_reader}
    assert history.n_before == 2
    assert rules['Greet with "Dear".'] == 1 and 'Greet with "Hi".' not in rules


def test_a_mail_does_not_tell_of_itself_nor_of_what_followed_in_its_thread() -> None:
    thread = [original(n, f"Hi Bob,\n\nsee number {n}.", thread="<1@kiln.example>") for n in (1, 2, 3)]
    odd = original(9, "Yo Bob,\n\nsee you!", to=EVA)

    early = past([*thread, odd]).situation(thread[0], ("See.",))
    late = past([*thread, odd]).situation(thread[2], ("See.",))

    assert early.history.n_before == 0 and late.history.n_before == 2
    assert not any('Greet with "Hi".' in rules for rules in early.history.nearest)
    assert any('Greet with "Hi".' in rules for rules in late.history.nearest)


def test_a_reader_who_was_written_to_once_shows_no_habit() -> None:
    history = past([TO_EVA[0], *TO_BOB]).history(TO_EVA[0].letter, ())

    assert history.n_before == 1 and history.with_reader == ()


def test_a_voice_without_mail_has_an_empty_past() -> None:
    history = past([]).history(MAILS[0].letter, ("Say it.",))

    assert history.usual == history.with_reader == history.nearest == ()


def test_hours_are_those_of_this_machines_clock_and_never_zero() -> None:
    assert {hour_of(datetime(2026, 3, 1, hour, tzinfo=UTC)) for hour in range(24)} == set(range(1, 25))


class Measured:
    """What was stored, and how often."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[MessageId, tuple[str, ...]]] = {}
        self.added: list[int] = []

    def shown(self, account: AccountName, version: str) -> dict[MessageId, tuple[str, ...]]:
        return dict(self.kept.get(version, {}))

    def add_shown(self, account: AccountName, version: str, shown: Mapping[MessageId, Sequence[str]]) -> None:
        self.kept.setdefault(version, {}).update({key: tuple(rules) for key, rules in shown.items()})
        self.added.append(len(shown))


async def test_each_mail_is_measured_once_for_all_daemons() -> None:
    store = Measured()

    first = await Histories(store).past(WORK, MAILS[:4])
    second = await Histories(store).past(WORK, MAILS)

    assert store.added == [4, 2]
    assert first.shown(MAILS[0].message_id) == second.shown(MAILS[0].message_id) == shown(MAILS[0])


async def test_a_past_is_kept_until_the_mail_changes() -> None:
    histories = Histories(Measured())

    before = await histories.past(WORK, MAILS)

    assert await histories.past(WORK, MAILS) is before
    assert await histories.past(WORK, MAILS[1:]) is not before


# --- recall ----------------------------------------------------------------------------------------


def letter(to: object = BOB, language: str = "en") -> Letter:
    return Letter(ANA, (to,), RecipientKind.COLLEAGUE, language=language)  # type: ignore[arg-type]


def test_mail_to_the_same_reader_is_nearer_than_mail_with_the_same_words() -> None:
    found = Recall(MAILS).nearest(letter(EVA), ("The report number 2.",), 2)

    assert [mail.letter.recipient for mail in found] == [EVA, EVA]


def test_among_equal_readers_rare_words_in_common_decide() -> None:
    mails = [
        original(1, "Please send the quotation for the boiler."),
        original(2, "Please send the minutes of the meeting."),
        original(3, "Please send the keys."),
    ]

    assert Recall(mails).nearest(letter(), ("Please look at the minutes.",), 1) == [mails[1]]


def test_mail_in_another_language_and_what_is_hidden_are_left_out() -> None:
    german = original(7, "Bitte den Bericht schicken.", language="de")
    recall = Recall([*TO_BOB, german])

    assert recall.nearest(letter(language="de"), ("Bericht",)) == [german]
    assert TO_BOB[3] not in recall.nearest(letter(), (), without={TO_BOB[3].message_id})
