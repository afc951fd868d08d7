"""Prompts: versioned text files, filled with a task; and what can be read out of a completion. Pure.

A template is `NAME.md`: a version, the most tokens of an answer, the system text, and the user text with
`{fields}`.
Changing the text means a new version: rows remember which one made them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from ownhand.daemon import lexicon
from ownhand.daemon.domain import (
    DistilTask,
    DraftTask,
    InferTask,
    JudgeTask,
    Letter,
    Prompt,
    Task,
)

_HEAD = re.compile(r"version: (\d+)\nmax_tokens: (\d+)\n--- system\n(.*)\n--- user\n(.*)", re.DOTALL)
_FIELD = re.compile(r"\{(\w+)\}")
_MAX_CHARACTERS = 24_000  # of one field: no mail is worth more tokens than this


@dataclass(frozen=True, slots=True)
class Template:
    """The text of one kind of question."""

    id: str  # name@version
    max_tokens: int
    system: str
    user: str

    def fill(self, task: Task, temperature: float | None, **fields: str) -> Prompt:
        def value(match: re.Match[str]) -> str:
            return _fenced(fields[match[1]])[:_MAX_CHARACTERS]

        text = _FIELD.sub(value, self.user)
        return Prompt(self.id, self.system, text, task, self.max_tokens, temperature)


@cache
def template(name: str) -> Template:
    """The template of a name, as it is shipped."""
    match = _HEAD.fullmatch((files(__name__) / f"{name}.md").read_text("utf-8").strip())
    assert match, f"{name}.md has no head"
    return Template(f"{name}@{match[1]}", int(match[2]), match[3].strip(), match[4].strip())


def distil(task: DistilTask, temperature: float | None) -> Prompt:
    """Asks what a mail says."""
    return template("intent").fill(task, temperature, text=task.text, **_letter(task.letter))


def draft(task: DraftTask, examples: Sequence[tuple[Letter, str]] = ()) -> Prompt:
    """Asks for a mail: zero-shot when there are neither rules nor examples, steered otherwise."""
    fields = {"points": "\n".join(f"- {point}" for point in task.points), **_letter(task.letter)}
    if not task.rules and not examples:
        return template("zero_shot").fill(task, None, **fields)
    rules = "\n".join(f"- {rule.text}" for rule in task.rules)
    own = "\n\n".join(f"(to {letter.kind.value})\n{text}" for letter, text in examples)
    people = tuple(dict.fromkeys(one for letter, _ in examples for one in (letter.sender, *letter.to)))
    prompt = template("steer").fill(task, None, rules=rules, examples=own, **fields)
    return replace(prompt, people=people)


def infer(task: InferTask) -> Prompt:
    """Asks how a mail is written, in contrast with its zero-shot draft where there is one."""
    if task.draft is None:
        return template("rules_direct").fill(task, None, text=task.text, **_letter(task.letter))
    return template("rules").fill(task, None, text=task.text, draft=task.draft, **_letter(task.letter))


def judge(task: JudgeTask) -> Prompt:
    """Asks which rules hold in a mail."""
    rules = "\n".join(f"{n}. {rule}" for n, rule in enumerate(task.rules, 1))
    return template("judge").fill(task, 0.0, text=task.text, rules=rules)


def parse_intent(text: str) -> tuple[str, ...]:
    """The points of an answer to `distil`. Raises ValueError when there are none."""
    points = _bullets(_between(text, "core_content"))
    if not points:
        raise ValueError("no points in the answer")
    return points


def parse_rules(text: str) -> tuple[str, ...]:
    """The rules of an answer to `infer`; there may be none. Raises ValueError without a list."""
    return _bullets(_between(text, "rules"))


def parse_judgement(text: str, n: int) -> tuple[bool | None, ...]:
    """What an answer to `judge` says of n rules; None is "no occasion". Raises ValueError otherwise."""
    said = dict(re.findall(r"(?m)^\s*(\d+)[.:)]?\s+(yes|no|none)\b", _between(text, "verdicts").lower()))
    if any(str(i) not in said for i in range(1, n + 1)):
        raise ValueError("not every rule has a verdict")
    return tuple({"yes": True, "no": False, "none": None}[said[str(i)]] for i in range(1, n + 1))


def _letter(letter: Letter) -> dict[str, str]:
    return {
        "sender": _line(letter.sender.label),
        "signs_as": ", ".join(_line(name) for _, name in letter.signs_as) or "not known",
        "recipient": ", ".join(_line(person.label) for person in letter.to),
        "addressed_as": _line(letter.addressed_as) or "not known",
        "kind": letter.kind.value,
        "subject": _line(letter.subject),
        "language": lexicon.LANGUAGES.get(letter.language, letter.language),
        "context": letter.context,
    }


def _line(text: str) -> str:
    """Names and subjects come from others: none may add a line to a letter's."""
    return " ".join(text.split())


_OWN_TAG = re.compile(
    r"<(?=\s*/?\s*(?:mail|letter|context|draft|examples|intent|rules|scratchpad|thinking|core_content|verdicts)\b)",
    re.IGNORECASE,
)


def _fenced(text: str) -> str:
    """Mail that holds one of our tags cannot end its own fence. Cutting tags would not do: halves join."""
    return _OWN_TAG.sub("‹", text)


_THOUGHT = re.compile(r"<(scratchpad|thinking)>.*?</\1>", re.DOTALL)


def _between(text: str, tag: str) -> str:
    """What stands in a section of an answer; a thought may speak of the section before it comes."""
    match = re.search(rf"<{tag}>(.*?)(?:</{tag}>|\Z)", _THOUGHT.sub("", text), re.DOTALL)
    if match is None:
        raise ValueError(f"no <{tag}> in the answer")
    return match[1]


def _bullets(text: str) -> tuple[str, ...]:
    marked = (re.match(r"\s*(?:[-*•]|\d+[.)])\s+(.*\S)", line) for line in text.splitlines())
    return tuple(match[1] for match in marked if match)
