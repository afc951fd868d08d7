"""Points + measurable rules -> plain prose that keeps them. Pure.

Each dimension of the rules has one executor. They run in a fixed order, and over again until none finds
anything to do: what one makes, another may undo. A rule whose executor is not content even then is unmet.
"""

import re
from collections.abc import Mapping

from ownhand.daemon import anatomy
from ownhand.daemon.domain import DraftTask, Letter, Rule
from ownhand.daemon.model import layout, letter_form, marks, wording
from ownhand.daemon.model.body import Body, Executor, lowered_start

_ROUNDS = 4  # three are enough for what people do; opposites never come to rest

# What is said, then how it is laid out, then the marks, then what depends on them.
EXECUTORS: Mapping[str, Executor] = {
    "language": wording.language,
    "question": wording.question,
    "hedges": wording.hedges,
    "politeness": wording.politeness,
    "address": wording.address,
    "abbreviations": wording.abbreviations,
    "contractions": wording.contracted,
    "case": marks.case,
    "bullets": layout.bullets,
    "paragraphs": layout.paragraphs,
    "semicolon": marks.semicolon,
    "dash": marks.dash,
    "parenthesis": marks.parenthesis,
    "sentence_words": layout.sentence_words,
    "ellipsis": marks.ellipsis,
    "exclamation": marks.exclamation,
    "full_stop": marks.full_stop,
    "emoji": marks.emoji,
    "words": layout.words,
}


def write(task: DraftTask) -> tuple[str, tuple[str, ...]]:
    """The mail, and the texts of the rules that could not be carried out."""
    wanted: dict[str, Rule] = {}
    unmet = []
    for rule in task.rules:
        if rule.claim is None:
            unmet.append(rule.text)  # not measurable: only a model that reads can keep it
        elif wanted.setdefault(rule.claim.dimension, rule).claim != rule.claim:
            unmet.append(rule.text)  # the opposite was asked for first
    values = {dimension: rule.claim.value for dimension, rule in wanted.items() if rule.claim}
    written = " ".join(task.points)
    language = anatomy.language(written) if len(written.split()) > 3 else task.letter.language
    started = tuple(filter(None, map(_started, task.points)))
    body, undone = _carried_out(Body(started, language), values) if started else (Body((), language), [])
    text, unnamed = _laid_out(body, task.letter, values)
    unmet += [wanted[dimension].text for dimension in (*undone, *unnamed) if dimension in wanted]
    return text, tuple(unmet)


def _carried_out(body: Body, values: Mapping[str, str]) -> tuple[Body, list[str]]:
    asked = {dimension: execute for dimension, execute in EXECUTORS.items() if dimension in values}
    for _ in range(_ROUNDS):
        before = body
        for dimension, execute in asked.items():
            body = execute(body, values[dimension]) or body
        if body == before:
            break
    return body, [
        dimension for dimension, execute in asked.items() if execute(body, values[dimension]) != body
    ]


def _laid_out(body: Body, letter: Letter, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """Greeting, body and sign-off in one text, in the case that is wanted; and what could not be done."""
    opening, undone = letter_form.greeting(letter, values, body.language)
    closing, unsigned = letter_form.sign_off(letter, values, body.language)
    text = body.text
    lower_after_comma = body.language == "de" and opening.endswith(",")
    if lower_after_comma and body.sentences and values.get("case") != "sentence":
        text = lowered_start(text, body)
    text = "\n\n".join(part for part in (opening, text, closing) if part)
    if values.get("case") == "lower":
        text = text.lower()
    elif values.get("case") == "upper":
        text = text.upper()
    return text, undone + unsigned


def _started(point: str) -> str:
    """A point as a sentence: capital at the start, a mark at the end."""
    point = " ".join(point.split()).strip()
    if not point:
        return ""
    point = point[:1].upper() + point[1:]
    return point if re.search(r"[.!?…:][\"”’')\]]*$", point) else f"{point}."
