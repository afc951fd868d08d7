"""Intent -> zero-shot draft: what the large model writes when it knows nothing of the person."""

from collections.abc import Callable
from typing import Protocol

from ownhand.daemon import prompts
from ownhand.daemon.domain import AccountName, Completion, DraftTask, Intent, IntentId, Original
from ownhand.daemon.ports import LargeModel, complete_all, n_together, raise_first


class DraftStore(Protocol):
    def without_draft(self, account: AccountName, limit: int) -> list[tuple[Original, Intent]]: ...
    def n_without_draft(self, account: AccountName) -> int: ...
    def add_draft(self, intent: IntentId, text: str, *, made_by: Completion) -> None: ...


async def draft_zero_shot(
    store: DraftStore, model: LargeModel, account: AccountName, *, report: Callable[[int, int, int], None]
) -> int:
    """Gives every original with an intent a zero-shot draft. May stop at any point. Gives the number made."""
    total, done, failed = store.n_without_draft(account), 0, 0
    while missing := store.without_draft(account, n_together(model)):
        asked = [prompts.draft(DraftTask(intent.points, original.letter)) for original, intent in missing]
        answers = await complete_all(model, asked)
        for (_, intent), answer in zip(missing, answers, strict=True):
            if isinstance(answer, Completion):
                # Half a draft says nothing of the whole; an empty one is not asked for again, and not used.
                text = "" if answer.cut else answer.text.strip()
                store.add_draft(intent.id, text, made_by=answer)
                done, failed = done + 1, failed + (not text)
        report(done, total, failed)
        raise_first(answers)
    return done
