"""Rule + originals -> receipts: in which of the person's mails each rule holds.

A measured rule is tested on every mail, in code. An inferred rule is tested by the large model on a few mails
to the same recipients as those it was found in, since each test costs a call.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ownhand.daemon import prompts
from ownhand.daemon.domain import AccountName, JudgeTask, MessageId, Original, Rule, RuleId
from ownhand.daemon.learn import style, verify
from ownhand.daemon.ports import LargeModel, complete

MAX_JUDGED = 8  # mails an inferred rule is tested on
_PER_CALL = 12  # rules judged on one mail in one call

Tested = list[tuple[MessageId, bool | None]]


class ReceiptStore(Protocol):
    def rules(self, account: AccountName) -> list[Rule]: ...
    def findings(self, account: AccountName) -> dict[MessageId, list[RuleId]]: ...
    def without_receipts(self, account: AccountName) -> dict[RuleId, list[MessageId]]: ...
    def add_receipts(
        self, account: AccountName, rule_id: RuleId, tested: Sequence[tuple[MessageId, bool | None]]
    ) -> None: ...


async def take_receipts(
    store: ReceiptStore,
    model: LargeModel,
    account: AccountName,
    corpus: Sequence[Original],
    *,
    report: Callable[[int, int], None],
) -> int:
    """Tests every rule on the originals that it was not tested on. May stop at any point.

    Gives the number of rules tested.
    """
    missing = store.without_receipts(account)
    if not missing:
        return 0
    originals = {original.message_id: original for original in corpus}
    rules = {rule.id: rule for rule in store.rules(account)}
    styles = await asyncio.to_thread(_styles, list(originals.values()))
    inferred = [rules[i] for i in missing if rules[i].claim is None]
    judged = await _judge(model, store.findings(account), inferred, missing, originals)
    for done, (rule_id, untested) in enumerate(missing.items(), 1):
        claim = rules[rule_id].claim
        if claim is None:
            tested: Tested = [(i, judged.get((rule_id, i))) for i in untested]
        else:
            tested = [(i, verify.bears_out(claim, styles[i])) for i in untested]
        store.add_receipts(account, rule_id, tested)
        report(done, len(missing))
        await asyncio.sleep(0)
    return len(missing)


def _styles(originals: Sequence[Original]) -> dict[MessageId, style.Style]:
    return {o.message_id: style.measure(o.text, o.letter.recipient, o.letter.sender) for o in originals}


async def _judge(
    model: LargeModel,
    findings: Mapping[MessageId, Sequence[RuleId]],
    rules: Sequence[Rule],
    missing: Mapping[RuleId, Sequence[MessageId]],
    originals: Mapping[MessageId, Original],
) -> dict[tuple[RuleId, MessageId], bool | None]:
    asked: dict[MessageId, list[Rule]] = {}
    for rule in rules:
        found_in = [i for i, found in findings.items() if rule.id in found]
        for message_id in _nearest(found_in, missing[rule.id], originals):
            asked.setdefault(message_id, []).append(rule)
    judged: dict[tuple[RuleId, MessageId], bool | None] = {}
    for message_id, some in asked.items():
        for start in range(0, len(some), _PER_CALL):
            few = some[start : start + _PER_CALL]
            task = JudgeTask(originals[message_id].text, tuple(rule.text for rule in few))
            completion = await complete(model, prompts.judge(task))
            try:
                verdicts: Sequence[bool | None] = prompts.parse_judgement(completion.text, len(few))
            except ValueError:
                verdicts = [None] * len(few)
            judged.update({(r.id, message_id): v for r, v in zip(few, verdicts, strict=True)})
    return judged


def _nearest(
    found_in: Sequence[MessageId], untested: Sequence[MessageId], originals: Mapping[MessageId, Original]
) -> list[MessageId]:
    """Mails to test an inferred rule on: to the same people first, then to the same kind, newest first."""
    people = {originals[i].letter.recipient.address for i in found_in if i in originals}
    kinds = {originals[i].letter.kind for i in found_in if i in originals}

    def distance(i: MessageId) -> tuple[bool, bool, float]:
        letter = originals[i].letter
        return (
            letter.recipient.address not in people,
            letter.kind not in kinds,
            -originals[i].sent_at.timestamp(),
        )

    return sorted(untested, key=distance)[:MAX_JUDGED]
