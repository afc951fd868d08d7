"""A rule in new words is tried on mail that was sent."""

from invented import original
from ownhand.daemon.domain import MessageId, Rule, RuleOrigin
from ownhand.daemon.learn import claims
from ownhand.daemon.learn.trial import tried
from ownhand.daemon.model.offline import OfflineModel

MAILS = [original(n, f"Hey Bob,\n\nit is done, number {n}.\n\nCheers,\nAna") for n in range(100)]
POINTS = {mail.message_id: ("it is done",) for mail in MAILS}


def rule(text: str) -> Rule:
    return Rule(text, RuleOrigin.PERSON, claims.read(text))


async def test_what_holds_oftener_and_brings_drafts_nearer_is_told() -> None:
    trial = await tried(rule('Greet with "Dear".'), rule('Greet with "Hey".'), MAILS, POINTS, OfflineModel())
    assert (trial.measurable, trial.n_mails, trial.n_holds, trial.n_held_before) == (True, 20, 20, 0)
    assert trial.n_drafts == 20
    assert trial.distance < trial.distance_before


async def test_only_the_newest_mails_count() -> None:
    newer = [original(n, "Dear Bob,\n\nit is done.\n\nCheers,\nAna") for n in range(100, 130)]
    trial = await tried(
        rule('Greet with "Hey".'), rule('Greet with "Dear".'), MAILS + newer, {}, OfflineModel()
    )
    assert (trial.n_mails, trial.n_holds, trial.n_held_before) == (26, 26, 0)
    assert (trial.n_drafts, trial.distance) == (0, 0.0)


async def test_mails_without_an_occasion_do_not_count() -> None:
    bare = [original(n, "it is done.") for n in range(30)]
    trial = await tried(
        rule("End the greeting with a comma."),
        rule("End the greeting with a colon."),
        bare,
        {},
        OfflineModel(),
    )
    assert trial.n_mails == 0


async def test_words_that_cannot_be_measured_say_so() -> None:
    trial = await tried(
        rule('Greet with "Hey".'), rule("Mention the weather."), MAILS, POINTS, OfflineModel()
    )
    assert not trial.measurable


async def test_no_mail_is_no_trial() -> None:
    trial = await tried(
        rule('Greet with "Hey".'), rule('Greet with "Dear".'), [], {MessageId("x"): ()}, OfflineModel()
    )
    assert (trial.n_mails, trial.n_drafts) == (0, 0)
