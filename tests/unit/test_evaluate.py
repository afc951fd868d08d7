"""The measure of agents beside what needs no training: the systems, the scores, and how sure a lead is."""

from collections.abc import AsyncIterator

import pytest
from invented import ANA, BOB, EVA, original
from ownhand.daemon.domain import Claim, Correspondent, Letter, Prediction, RecipientKind, Situation
from ownhand.daemon.evaluate.scores import Band, OnMail, calibration, leads, on_mail, score, table
from ownhand.daemon.evaluate.systems import systems
from ownhand.daemon.learn import claims
from ownhand.daemon.learn.history import Past, shown
from ownhand.daemon.learn.worth import pays

MAILS = [
    *(original(n, f"Hi Bob,\n\nit is item {n} here.\n\nAna") for n in range(5)),
    *(original(n, f"Dear Eva,\n\nit is item {n} here.\n\nLove\nAna", to=EVA) for n in (6, 7, 8)),
]
PAST = Past(MAILS, {mail.message_id: shown(mail) for mail in MAILS})
HI, DEAR = 'Greet with "Hi".', 'Greet with "Dear".'


class Agent:
    """Says one rule, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Situation] = []

    async def propose_rules(self, situation: Situation) -> AsyncIterator[Prediction]:
        self.asked.append(situation)
        yield Prediction(HI, 0.9)

    async def aclose(self) -> None: ...


def situation(to: Correspondent) -> Situation:
    letter = Letter(ANA, (to,), RecipientKind.COLLEAGUE)
    return Situation(letter, ("It is here.",), 9, PAST.history(letter, ("It is here.",)))


async def said(name: str, to: Correspondent) -> dict[str, float]:
    found = await systems(PAST, Agent())[name](situation(to))
    return {one.rule: one.probability for one in found}


async def test_the_profile_says_what_most_mails_show_and_in_how_many() -> None:
    profile = await said("profile", EVA)

    assert profile[HI] == pytest.approx(5 / 8) and DEAR not in profile


async def test_the_profile_of_a_reader_takes_their_mails_alone_when_there_are_enough() -> None:
    assert (await said("recipient_profile", EVA))[DEAR] == 1
    assert HI in await said("recipient_profile", Correspondent("new@kiln.example", "New Person"))


async def test_the_nearest_mails_say_what_they_show() -> None:
    assert DEAR in await said("nearest_1", EVA)
    assert (await said("nearest_3", BOB))[HI] == 1


async def test_the_agent_is_asked_with_and_without_the_nearest_mails() -> None:
    agent = Agent()
    both = systems(PAST, agent)

    await both["agent"](situation(BOB))
    await both["agent_nearest"](situation(BOB))

    assert agent.asked[0].history.nearest == () and len(agent.asked[1].history.nearest) == 3
    assert agent.asked[0].history.usual == agent.asked[1].history.usual != ()


# --- scores ----------------------------------------------------------------------------------------


def test_rules_of_all_mails_count_together() -> None:
    counted = score([on_mail({"a": 1, "b": 1}, ["a"], 0.2), on_mail({}, ["a", "b", "c"], 0.4)])

    assert (counted.precision, counted.recall) == (1 / 2, 1 / 4)
    assert counted.f1 == pytest.approx(1 / 3)
    assert counted.distance == pytest.approx(0.3) and counted.n == 2


def test_saying_nothing_scores_nothing() -> None:
    assert score([on_mail({}, [], 0.1)]).f1 == 0 == score([on_mail({}, ["a"], 0.1)]).precision


def test_probabilities_stand_beside_what_held() -> None:
    mails = [on_mail({"a": 0.6, "b": 0.9}, ["b"], 0), on_mail({"a": 0.64, "b": 1.0}, ["a", "b"], 0)]

    assert calibration({"ana": mails[:1], "bob": mails[1:]}) == [Band(0.62, 0.5, 2), Band(0.95, 1.0, 2)]


def results(ours: list[float], theirs: list[float]) -> dict[str, dict[str, list[OnMail]]]:
    """Two systems on mails of three people; numbers are distances."""
    people = ("one", "two", "three")
    return {
        "ours": {name: [on_mail({"a": 1}, ["a"], one) for one in ours] for name in people},
        "theirs": {name: [on_mail({"a": 1, "b": 1}, ["a"], one) for one in theirs] for name in people},
    }


def test_a_lead_for_everyone_is_clear_of_zero() -> None:
    lead = leads(results([0.1, 0.2, 0.1], [0.3, 0.3, 0.4]), "ours")["theirs"]

    assert lead["distance"].low > 0 and lead["distance"].n_better == 3
    assert lead["f1"].mean == pytest.approx(1 - 2 / 3)


def test_a_lead_that_hangs_on_chance_is_not() -> None:
    lead = leads(results([0.1, 0.5, 0.3, 0.2], [0.5, 0.1, 0.25, 0.3]), "ours")["theirs"]["distance"]

    assert lead.low < 0 < lead.high


def test_the_table_has_each_number_of_each_person() -> None:
    numbers = table(results([0.1], [0.3]))["theirs"]["two"]

    assert numbers.keys() == {"precision", "recall", "f1", "distance", "n"}


# --- what is sure enough ---------------------------------------------------------------------------


def test_what_asks_for_something_must_be_surer_than_an_opening() -> None:
    assert pays(Claim("greeting", "hi"), 0.5) and not pays(Claim("greeting", "hi"), 0.49)
    assert not pays(Claim("politeness", "yes"), 0.9)
    assert pays(None, 0.5)


def test_every_dimension_but_what_the_notes_decide_can_be_sure_enough() -> None:
    never = [dimension for dimension in claims.DIMENSIONS if not pays(Claim(dimension, "yes"), 1.0)]

    assert never == ["question"]
