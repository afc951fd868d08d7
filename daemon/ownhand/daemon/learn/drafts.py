"""Intent -> zero-shot draft: what the large model writes when it knows nothing of the person."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from ownhand.daemon import prompts
from ownhand.daemon.domain import AccountName, Completion, DraftTask, Intent, IntentId, Original
from ownhand.daemon.ports import LargeModel, complete

BATCH = 8


class DraftStore(Protocol):
    def without_draft(self, account: AccountName, limit: int) -> list[tuple[Original, Intent]]: ...
    def n_without_draft(self, account: AccountName) -> int: ...
    def add_draft(self, intent: IntentId, text: str, *, made_by: Completion) -> None: ...


async def draft_zero_shot(
    store: DraftStore, model: LargeModel, account: AccountName, *, report: Callable[[int, int], None]
) -> int:
    """Gives every original with an intent a zero-shot draft. May stop at any point. Gives the number made."""
    total, done = store.n_without_draft(account), 0
    while missing := store.without_draft(account, BATCH):
        made = await asyncio.gather(*(_draft(model, original, intent) for original, intent in missing))
        for (_, intent), completion in zip(missing, made, strict=True):
            store.add_draft(intent.id, completion.text, made_by=completion)
        done += len(missing)
        report(done, total)
    return done


async def _draft(model: LargeModel, original: Original, intent: Intent) -> Completion:
    return await complete(model, prompts.draft(DraftTask(intent.points, original.letter)))
