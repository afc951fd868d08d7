"""How long sentences are and how they stand on the page: joins, divides, paragraphs, lists, length.

Nothing is added for the sake of length and nothing left out, and a sentence is divided only where both sides
can stand alone.
"""

import re
from dataclasses import replace

from ownhand.daemon import anatomy
from ownhand.daemon.model.body import Body, is_statement, lowered_start


def bullets(body: Body, value: str) -> Body | None:
    if value == "no":
        return body
    body = replace(body, bullets=True)
    if len(body.sentences) > 1:
        return body
    return divided(body)  # one line with a mark before it is no list


def paragraphs(body: Body, value: str) -> Body | None:
    """As many as there are sentences for, where there are too few."""
    wanted, _ = _range(value)
    start, body = body, replace(body, n_paragraphs=wanted)
    while len(body.sentences) < wanted:
        more = divided(body)
        if more is None:
            return None if body == start else body
        body = more
    return body


def sentence_words(body: Body, value: str) -> Body | None:
    """Comes as near as it can: every step changes the number of sentences, and so their mean, by one."""
    low, high = _range(value)
    start = body
    too_short = body.mean_words < low - 0.5
    while not low - 0.5 <= body.mean_words < high + 0.5:
        step = joined(body, f", {body.words.and_}") if too_short else divided(body)
        beyond = step is not None and (
            step.mean_words >= high + 0.5 if too_short else step.mean_words < low - 0.5
        )
        if step is None or beyond or step.mean_words == body.mean_words:
            return None if body == start else body
        body = step
    return body


def words(body: Body, value: str) -> Body | None:
    """Only says whether the length is met."""
    low, high = _range(value)
    return body if low <= len(anatomy.words(body.text)) <= high else None


def _range(value: str) -> tuple[int, int]:
    low, _, high = value.partition("-")
    return int(low), (int(high) if high else (10**6 if "-" in value else int(low)))


# --- joining and dividing --------------------------------------------------------------------------


def joined(body: Body, link: str) -> Body | None:
    """The two neighbours that are shortest together, made one: a statement and what follows it."""
    if len(body.sentences) <= body.n_least:
        return None
    pairs = [
        (len(one) + len(other), i)
        for i, (one, other) in enumerate(zip(body.sentences, body.sentences[1:], strict=False))
        if is_statement(one) and other[-1] in ".?"
    ]
    if not pairs:
        return None
    i = min(pairs)[1]
    one, other = body.sentences[i : i + 2]
    other = lowered_start(other, body)
    if other.split(" ")[0] in _LINKS:  # "..., and but" has one too many
        link = link.removesuffix(f" {body.words.and_}")
    merged = f"{one[:-1]}{link} {other}"
    return body.with_sentences(*body.sentences[:i], merged, *body.sentences[i + 2 :])


_JOINT = re.compile(
    r"(?P<mark>;)\s+|\s+(?P<dash>[-–—])\s+|,\s+(?P<why>which is why)\s+"
    r"|(?P<comma>,)?\s+(?P<link>and|but|so|or|und|aber|denn|oder)\s+|,\s+"
)
_LINKS = frozenset("and but so or yet und aber denn oder".split())
_DROPPED = frozenset(("and", "und"))  # the others say how the thoughts go together


def divided(body: Body) -> Body | None:
    """The longest sentence that can be, divided at the joint nearest to its middle."""
    for sentence in sorted(body.sentences, key=len, reverse=True):
        halves = [h for joint in _JOINT.finditer(sentence) if (h := _halves(sentence, joint, body))]
        if halves:
            i = body.sentences.index(sentence)
            head, tail = min(halves, key=lambda pair: abs(len(pair[0]) - len(pair[1])))
            return body.with_sentences(*body.sentences[:i], head, tail, *body.sentences[i + 1 :])
    return None


def _halves(sentence: str, joint: re.Match[str], body: Body) -> tuple[str, str] | None:
    """What stands before and after a joint as two sentences, if both can be that."""
    if (joint["mark"] or (joint["dash"] and "-")) in body.kept:
        return None
    head, tail = sentence[: joint.start()].rstrip(" ,;"), sentence[joint.end() :]
    if head.count("(") != head.count(")") or head.count('"') % 2:
        return None
    bare = not (joint["mark"] or joint["dash"] or joint["link"] or joint["why"])
    if bare and _words(tail)[:1] and _words(tail)[0] not in body.words.subjects:
        return None  # a comma alone stands in lists and after openings too
    if not joint["why"] and not _alone(tail, head, body):
        return None
    if not _alone(head, head, body):
        return None
    link = (joint["link"] or "").lower()
    opener = "That is why " if joint["why"] else f"{link} " if link and link not in _DROPPED else ""
    tail = opener + tail
    return head + _mark(head, sentence, body), tail[:1].upper() + tail[1:]


_OPENINGS = re.compile(r"(?:^|, |\b(?:und|oder) )(\w+)")  # of clauses: German puts a comma before each


def _alone(clause: str, head: str, body: Body) -> bool:
    """Whether a clause reads as a sentence: it has somebody who does something, or orders something."""
    found, known = _words(clause), body.words
    if len(found) < 2 or found[-1] in known.dangling:
        return False
    if found[0] in known.subordinators and "," not in clause:
        return False  # "If it rains" waits for more
    if body.language == "de" and known.subordinators & set(_OPENINGS.findall(head.lower())):
        return False  # the verb stands last on both sides
    if found[0] in known.subjects or (clause.endswith("?") and found[0] in known.askers):
        return True
    if found[0] in known.imperatives:
        return clause is head or _words(head)[0] in {*known.imperatives, "please"}
    before = next((i for i, word in enumerate(found) if word in known.finite), None)
    if before is not None:
        return not known.relatives & set(found[:before])
    return clause is head and bool(known.subjects & set(found))


def _mark(head: str, sentence: str, body: Body) -> str:
    """A question stays one when what it goes on with is cut off."""
    first = _words(head)[0]
    asks = first in body.words.finite or first in body.words.askers
    return "?" if sentence.endswith("?") and asks else "."


def _words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in anatomy.words(text)]
