"""LargeModel without a network and without weights: for people who let nothing leave their machine.

It is a program. It takes the voice out of a mail (`offline_intent`), and writes plain prose from points,
carrying out every measurable rule it is given and only those (`offline_draft`). What it cannot do, it says:
it infers no rules from a text, judges none, translates nothing, and adds no content to reach a length; what
stays undone of the rules stands in `Completion.unmet`. `docs/offline.md` says so to people.
"""

import re
from collections.abc import AsyncGenerator

from ownhand.daemon.domain import Completion, DistilTask, DraftTask, InferTask, JudgeTask, Prompt
from ownhand.daemon.model import offline_draft, offline_intent

_CHARACTERS_PER_TOKEN = 4


class OfflineModel:
    """Answers from the task alone; the text of a prompt is for models that read."""

    name = "offline"
    destination = "nowhere"
    samples = False

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Completion, None]:
        """Yields pieces of text, then exactly one Completion."""
        text, unmet = _answer(prompt)
        for piece in re.findall(r"\s*\S+|\s+$", text):
            yield piece
        n_read = len(prompt.system) + len(prompt.text)
        yield Completion(
            text,
            self.name,
            prompt.template,
            n_read // _CHARACTERS_PER_TOKEN,
            len(text) // _CHARACTERS_PER_TOKEN,
            unmet,
        )

    async def aclose(self) -> None: ...


def _answer(prompt: Prompt) -> tuple[str, tuple[str, ...]]:
    match prompt.task:
        case DistilTask() as task:
            points = offline_intent.points(task.text, task.letter)
            return "<core_content>\n" + "\n".join(f"- {p}" for p in points) + "\n</core_content>", ()
        case DraftTask() as task:
            return offline_draft.write(task)
        case InferTask():
            return "<rules>\n</rules>", ()
        case JudgeTask() as task:
            verdicts = "\n".join(f"{n} none" for n in range(1, len(task.rules) + 1))
            return f"<verdicts>\n{verdicts}\n</verdicts>", ()
