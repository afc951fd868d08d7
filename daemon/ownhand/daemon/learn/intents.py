"""Original -> intents: what a mail says, without how, up to three variants.

An intent that carries the voice of its mail would give the agent the answer in the question, so its overlap
with the mail's own phrasing is measured, and one that leaks is made again.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Protocol

from ownhand.daemon import anatomy, prompts
from ownhand.daemon.domain import AccountName, Completion, DistilTask, Intent, IntentId, Original
from ownhand.daemon.errors import NotReady, Reason
from ownhand.daemon.ports import LargeModel, complete, complete_all, n_together, raise_first

TEMPERATURES = (0.7, 1.0, 1.2)  # of the three variants; Preference Agents, section 3
MAX_LEAK = 0.5
TRIES = 3
_JUDGED_AFTER = 8  # answers before a model is said to talk nonsense


class IntentStore(Protocol):
    def without_intent(
        self, account: AccountName, variants: int, limit: int, *, model: str
    ) -> list[tuple[Original, int]]: ...
    def n_without_intent(self, account: AccountName, variants: int, *, model: str) -> int: ...
    def add_intent(
        self, account: AccountName, intent: Intent, *, made_by: Completion, usable: bool
    ) -> None: ...


async def distil_intents(
    store: IntentStore,
    model: LargeModel,
    account: AccountName,
    *,
    variants: int,
    report: Callable[[int, int, int], None],
) -> int:
    """Gives every original that lacks an intent one. May stop at any point. Gives the number made.

    A model that does not sample would say the same three times: it is asked once.
    """
    wanted = max(1, min(variants, len(TEMPERATURES))) if model.samples else 1
    total, done, failed = store.n_without_intent(account, wanted, model=model.name), 0, 0
    while missing := store.without_intent(account, wanted, n_together(model), model=model.name):
        asked = [prompts.distil(_task(original), TEMPERATURES[variant]) for original, variant in missing]
        answers = await complete_all(model, asked)
        for (original, variant), answer in zip(missing, answers, strict=True):
            if isinstance(answer, Completion):
                intent, completion, usable = await _without_leak(model, original, variant, answer)
                store.add_intent(account, intent, made_by=completion, usable=usable)
                done, failed = done + 1, failed + (not usable)
        report(done, total, failed)
        raise_first(answers)
        _refuse_nonsense(done, failed)
    return done


def _refuse_nonsense(done: int, failed: int) -> None:
    if done >= _JUDGED_AFTER and failed > done / 2:
        raise NotReady(
            f"the large model gave {failed} of {done} answers that cannot be read",
            hint="choose a more capable model under [model] in the configuration",
            reason=Reason.BAD_COMPLETION,
        )


async def distil(model: LargeModel, task: DistilTask, temperature: float | None = None) -> tuple[str, ...]:
    """The points of one mail. Raises ValueError when the model answers nonsense."""
    return prompts.parse_intent((await complete(model, prompts.distil(task, temperature))).text)


def _task(original: Original) -> DistilTask:
    return DistilTask(original.text, original.letter)


async def _without_leak(
    model: LargeModel, original: Original, variant: int, first: Completion
) -> tuple[Intent, Completion, bool]:
    """The first answer, or a later one that leaks less, where the model can give another."""
    intent, usable = _intent(original, variant, first)
    best = intent, first, usable
    for n in range(1, TRIES if model.samples else 1):
        if best[2] and best[0].leak <= MAX_LEAK:
            break
        completion = await complete(model, prompts.distil(_task(original), TEMPERATURES[(variant + n) % 3]))
        intent, usable = _intent(original, variant, completion)
        if (usable, -intent.leak) > (best[2], -best[0].leak):
            best = intent, completion, usable
    return best


def _intent(original: Original, variant: int, completion: Completion) -> tuple[Intent, bool]:
    try:
        points = () if completion.cut else prompts.parse_intent(completion.text)
    except ValueError:
        points = ()
    key = f"{original.account}\0{original.message_id}\0{variant}"
    leaked = leak(points, original.text)
    identity = IntentId(sha256(key.encode()).hexdigest()[:24])
    return Intent(identity, original.message_id, variant, points, leaked), bool(points)


def leak(points: Sequence[str], text: str) -> float:
    """Share of the three-word runs of the points that stand in the text, 0 to 1."""
    runs = [run for point in points for run in _runs(point)]
    if not runs:
        return 0.0
    theirs = set(_runs(text))
    return sum(run in theirs for run in runs) / len(runs)


def _runs(text: str) -> list[tuple[str, ...]]:
    words = [word.lower() for word in anatomy.words(text)]
    return [tuple(words[i : i + 3]) for i in range(len(words) - 2)]
