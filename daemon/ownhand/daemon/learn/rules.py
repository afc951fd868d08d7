"""Zero-shot draft + original -> rules: what is measured in code, and what the large model infers.

Whatever can be measured is never asked of a model; a rule of the model that says something measurable is read
back as a claim, so that both kinds meet in one place.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Protocol

from ownhand.daemon import prompts
from ownhand.daemon.domain import (
    AccountName,
    Completion,
    InferTask,
    Original,
    Rule,
    RuleId,
    RuleOrigin,
)
from ownhand.daemon.learn import claims, style, verify
from ownhand.daemon.ports import LargeModel, complete_all, n_together, raise_first

MAX_RULES = 12  # of one mail; the paper's lists have eight to ten


class RuleStore(Protocol):
    def without_rules(
        self, account: AccountName, limit: int, *, contrast: bool
    ) -> list[tuple[Original, str | None]]: ...
    def n_without_rules(self, account: AccountName, *, contrast: bool) -> int: ...
    def add_findings(
        self, original: Original, rules: Sequence[Rule], *, made_by: Completion, usable: bool
    ) -> None: ...


async def infer_rules(
    store: RuleStore,
    model: LargeModel,
    account: AccountName,
    *,
    contrast: bool,
    report: Callable[[int, int, int], None],
) -> int:
    """Finds the rules of every original that was not looked at. May stop at any point. Gives the number done.

    Without `contrast` the zero-shot draft is not needed: cheaper, and the rules are less to the point.
    """
    total, done, failed = store.n_without_rules(account, contrast=contrast), 0, 0
    while missing := store.without_rules(account, n_together(model), contrast=contrast):
        missing = [(original, draft or None) for original, draft in missing]
        asked = [prompts.infer(InferTask(o.text, o.letter, draft)) for o, draft in missing]
        answers = await complete_all(model, asked)
        for (original, draft), answer in zip(missing, answers, strict=True):
            if isinstance(answer, Completion):
                rules, usable = _found(original, draft, answer)
                store.add_findings(original, rules, made_by=answer, usable=usable)
                done, failed = done + 1, failed + (not usable)
        report(done, total, failed)
        raise_first(answers)
    return done


def measured_rules(original: Original, draft: str | None) -> list[Rule]:
    """The claims that the original shows and its zero-shot draft does not."""
    letter = original.letter
    theirs = style.measure(original.text, letter.recipient, letter.sender)
    if draft is None:
        shown = claims.claims_of(theirs)
    else:
        shown = claims.contrast(style.measure(draft, letter.recipient, letter.sender), theirs)
    return [Rule(text=claims.say(claim), origin=RuleOrigin.MEASURED, claim=claim) for claim in shown]


def inferred_rules(texts: Sequence[str], known: Sequence[Rule]) -> list[Rule]:
    """The model's rules that say something new; measurable ones are read as claims."""
    taken = {rule.claim.dimension for rule in known if rule.claim}
    rules = []
    for text in texts:
        claim = claims.read(text)
        if claim is None:
            rules.append(Rule(text=text, origin=RuleOrigin.INFERRED))
        elif claim.dimension not in taken:
            taken.add(claim.dimension)
            rules.append(Rule(text=claims.say(claim), origin=RuleOrigin.INFERRED, claim=claim))
    return rules


def identified(account: AccountName, rule: Rule) -> Rule:
    """The same words are the same rule, wherever in an account they were found."""
    key = f"{account}\0{' '.join(rule.text.lower().split())}"
    return replace(rule, id=RuleId(sha256(key.encode()).hexdigest()[:24]))


def _found(original: Original, draft: str | None, completion: Completion) -> tuple[list[Rule], bool]:
    """The rules of one mail, and whether the model's part of them could be read."""
    try:
        said: Sequence[str] = () if completion.cut else prompts.parse_rules(completion.text)
        usable = not completion.cut
    except ValueError:
        said, usable = (), False
    rules = measured_rules(original, draft)
    rules += inferred_rules(said, rules)
    return [_checked(original, rule) for rule in rules[:MAX_RULES]], usable


def _checked(original: Original, rule: Rule) -> Rule:
    refusal = verify.leaks(rule.text, original.text, original.letter, measured=rule.claim is not None)
    return identified(original.account, replace(rule, refusal=refusal))
