"""What a measurable rule gains when it is right, and costs when it is wrong: `python benchmarks/worth.py`.

For mails of the demonstration's invented people and every rule of the closed language: how much nearer to
the mail a draft of the offline model comes when it is steered by this rule alone, in thousandths of style
distance. Mails that show the rule tell its gain, the others its cost; it pays from the probability on at
which both weigh the same, cost / (cost + gain). `learn/worth.py` has these numbers, rounded, by dimension.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from statistics import fmean

from ownhand.daemon import prompts
from ownhand.daemon.domain import Claim, DistilTask, DraftTask, Original, Rule, RuleOrigin
from ownhand.daemon.evaluate.person import read
from ownhand.daemon.learn import claims, style
from ownhand.daemon.learn.history import shown
from ownhand.daemon.learn.intents import distil
from ownhand.daemon.learn.ledger import letter_to
from ownhand.daemon.model.offline import OfflineModel
from ownhand.daemon.ports import complete

MAILS = 60  # the newest of each person
OTHERS = ("language", "address", "words")  # the mail decides; nothing is put in
MODEL = OfflineModel()

Effects = dict[Claim, list[float]]


def main() -> int:
    gains, costs = Effects(), Effects()
    for file in sorted(Path(str(resources.files("ownhand.daemon.demo"))).glob("sample/*.mbox")):
        with tempfile.TemporaryDirectory() as home:
            originals = asyncio.run(read(file, Path(home)))
        for original in originals[-MAILS:]:
            asyncio.run(weigh(original, originals, gains, costs))
    print("dimension       value          gain  mails   cost  mails  pays from")
    for claim in claims.ALL_FIXED:
        if right := gains.get(claim, []):
            show(claim, -1000 * fmean(right), len(right), costs.get(claim, []))
    return 0


def show(claim: Claim, gain: float, n_right: int, wrong: Sequence[float]) -> None:
    cost = 1000 * fmean(wrong) if wrong else 0.0
    pays = "always" if cost <= 0 else "never" if gain <= 0 else f"{cost / (cost + gain):.2f}"
    print(
        f"{claim.dimension:15} {claim.value:12} {gain:6.1f} {n_right:6} {cost:6.1f} {len(wrong):6}  {pays:>9}"
    )


async def weigh(original: Original, originals: Sequence[Original], gains: Effects, costs: Effects) -> None:
    """Adds what each rule alone does to the draft of this mail."""
    told, rules = original.letter, set(shown(original))
    others = [one for one in originals if one is not original]
    letter = letter_to(
        told.to, told.sender, others, subject=told.subject, context=told.context, reply=told.reply
    )
    points = await distil(MODEL, DistilTask(original.text, told))
    real = style.measure(original.text, told.recipient, told.sender)

    async def distance(*said: Rule) -> float:
        draft = await complete(MODEL, prompts.draft(DraftTask(points, letter, said), []))
        return style.distance(real, style.measure(draft.text, told.recipient, told.sender))

    zero_shot = await distance()
    for claim in claims.ALL_FIXED:
        if claim.dimension not in OTHERS:
            rule = claims.say(claim)
            effect = await distance(Rule(rule, RuleOrigin.MEASURED, claim)) - zero_shot
            (gains if rule in rules else costs).setdefault(claim, []).append(effect)


if __name__ == "__main__":
    sys.exit(main())
