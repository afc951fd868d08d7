"""Runs every system on the held-out mail of each person: rules beside rules, and drafts beside the mail."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ownhand.daemon import prompts
from ownhand.daemon.domain import DistilTask, DraftTask, Original, Rule, RuleOrigin, Situation
from ownhand.daemon.evaluate.person import Learned, learned
from ownhand.daemon.evaluate.scores import OnMail, on_mail
from ownhand.daemon.evaluate.systems import System, systems
from ownhand.daemon.learn import claims, style
from ownhand.daemon.learn.history import Past, hour_of, shown
from ownhand.daemon.learn.intents import distil
from ownhand.daemon.learn.ledger import letter_to
from ownhand.daemon.learn.worth import pays
from ownhand.daemon.ports import complete


async def evaluate(
    files: Sequence[Path], *, backend: str, threads: int, report: Callable[[str], None]
) -> dict[str, dict[str, list[OnMail]]]:
    """System -> person, by the name of the file -> what it did for each held-out mail."""
    results: dict[str, dict[str, list[OnMail]]] = {}
    for file in files:
        with tempfile.TemporaryDirectory() as home:
            async with learned(file, Path(home), backend=backend, threads=threads) as person:
                report(f"{file.stem}: learned from {len(person.earlier)} mails")
                for name, mails in (await _on_held_out(person)).items():
                    results.setdefault(name, {})[file.stem] = mails
    return results


async def _on_held_out(person: Learned) -> Mapping[str, list[OnMail]]:
    past = await person.app.histories.past(person.account, person.earlier)
    agent = await person.app.backend.open(person.agent)
    known = systems(past, agent)
    found: dict[str, list[OnMail]] = {name: [] for name in known}
    for original in person.later:
        situation = await _situation(person, past, original)
        for name, system in known.items():
            found[name].append(await _one(person, system, situation, original))
    return found


async def _situation(person: Learned, past: Past, original: Original) -> Situation:
    """What is known before the mail is written, and what it is to say."""
    told = original.letter
    letter = letter_to(
        told.to, told.sender, person.earlier,
        subject=told.subject, context=told.context, reply=told.reply,
    )  # fmt: skip
    points = await distil(person.app.gate, DistilTask(original.text, told))
    return Situation(letter, points, hour_of(original.sent_at), past.history(letter, points))


async def _one(person: Learned, system: System, situation: Situation, original: Original) -> OnMail:
    """All its rules count; a draft is steered, for every system, by those that are sure enough."""
    said = await system(situation)
    told = [(one, claims.read(one.rule)) for one in said]
    rules = tuple(
        Rule(one.rule, RuleOrigin.MEASURED, claim) for one, claim in told if pays(claim, one.probability)
    )
    task = DraftTask(situation.points, situation.letter, rules)
    drafted = await complete(person.app.gate, prompts.draft(task, []))
    reader, sender = original.letter.recipient, original.letter.sender
    distance = style.distance(
        style.measure(original.text, reader, sender), style.measure(drafted.text, reader, sender)
    )
    return on_mail({one.rule: one.probability for one in said}, shown(original), distance)
