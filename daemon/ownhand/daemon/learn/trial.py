"""A rule in new words, tried on mail that was sent: does it hold there, and do drafts with it come nearer?

On the newest mails alone, and those only that give an occasion to tell. Drafts are written offline, with
the one rule and without any other, so that the difference is the rule's.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean

from ownhand.daemon import prompts
from ownhand.daemon.domain import DraftTask, MessageId, Original, Rule, RuleTrial
from ownhand.daemon.learn import claims, style
from ownhand.daemon.learn.style import Style
from ownhand.daemon.ports import LargeModel, complete_all

_NEWEST = 1 / 5  # as evaluations hold out
_FEWEST, _MOST = 10, 40  # mails


async def tried(
    old: Rule,
    new: Rule,
    originals: Sequence[Original],
    points: Mapping[MessageId, Sequence[str]],
    model: LargeModel,
) -> RuleTrial:
    """`originals` oldest first; `points` is what each says, where that is known."""
    n = min(max(int(len(originals) * _NEWEST), _FEWEST), _MOST)
    telling = [
        (original, measured)
        for original in originals[-n:]
        for measured in [style.measure(original.text, original.letter.recipient, original.letter.sender)]
        if any(rule.claim and claims.holds(rule.claim, measured) is not None for rule in (old, new))
    ]
    said = [(original, measured) for original, measured in telling if original.message_id in points]
    return RuleTrial(
        measurable=new.claim is not None,
        n_mails=len(telling),
        n_holds=_n_holds(new, [measured for _, measured in telling]),
        n_held_before=_n_holds(old, [measured for _, measured in telling]),
        n_drafts=len(said),
        distance=await _distance(new, said, points, model),
        distance_before=await _distance(old, said, points, model),
    )


def _n_holds(rule: Rule, measured: Sequence[Style]) -> int:
    return sum(claims.holds(rule.claim, one) is True for one in measured) if rule.claim else 0


async def _distance(
    rule: Rule,
    mails: Sequence[tuple[Original, Style]],
    points: Mapping[MessageId, Sequence[str]],
    model: LargeModel,
) -> float:
    """Mean style distance of drafts with the rule from the mails that were sent; 0 without mails."""
    asked = [
        prompts.draft(DraftTask(tuple(points[original.message_id]), original.letter, (rule,)))
        for original, _ in mails
    ]
    apart = []
    for (original, measured), answer in zip(mails, await complete_all(model, asked), strict=True):
        if isinstance(answer, BaseException):
            raise answer
        letter = original.letter
        apart.append(style.distance(style.measure(answer.text, letter.recipient, letter.sender), measured))
    return fmean(apart) if apart else 0.0
