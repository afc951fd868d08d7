"""Points + measurable rules -> plain prose that keeps them. Pure.

Each dimension of the rules has one executor: sentences in, sentences out, or None for what cannot be done
without inventing content. They run in a fixed order, so that what one makes the next does not undo.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ownhand.daemon import anatomy, contractions, lexicon
from ownhand.daemon.domain import DraftTask, Letter, Rule
from ownhand.daemon.model import letter_form
from ownhand.daemon.model.devices import DEVICES, Words


@dataclass(frozen=True, slots=True)
class Body:
    """A mail being written: its sentences in order, and how they are laid out at the end."""

    sentences: tuple[str, ...]
    language: str
    n_paragraphs: int = 1
    bullets: bool = False

    @property
    def words(self) -> Words:
        return DEVICES.get(self.language, DEVICES["en"])

    def with_sentences(self, *sentences: str) -> "Body":
        return replace(self, sentences=tuple(s for s in sentences if s))

    @property
    def text(self) -> str:
        if self.bullets:
            return "\n".join(f"- {sentence}" for sentence in self.sentences)
        n = min(self.n_paragraphs, len(self.sentences))
        size, longer = divmod(len(self.sentences), n or 1)
        paragraphs, start = [], 0
        for i in range(n):
            end = start + size + (i < longer)
            paragraphs.append(" ".join(self.sentences[start:end]))
            start = end
        return "\n\n".join(paragraphs)


Executor = Callable[[Body, str], Body | None]


def write(task: DraftTask) -> tuple[str, tuple[str, ...]]:
    """The mail, and the texts of the rules that could not be carried out."""
    wanted: dict[str, Rule] = {}
    unmet = []
    for rule in task.rules:
        if rule.claim is None:
            unmet.append(rule.text)  # not measurable: only a model that reads can keep it
        elif rule.claim.dimension not in wanted:
            wanted[rule.claim.dimension] = rule
    values = {dimension: rule.claim.value for dimension, rule in wanted.items() if rule.claim}
    written = " ".join(task.points)
    language = anatomy.language(written) if len(written.split()) > 3 else task.letter.language
    body = Body(tuple(_started(point) for point in task.points), language)
    for dimension, execute in EXECUTORS.items():
        if dimension in values:
            done = execute(body, values[dimension])
            if done is None:
                unmet.append(wanted[dimension].text)
            else:
                body = done
    text, undone = _laid_out(body, task.letter, values)
    unmet += [wanted[dimension].text for dimension in undone if dimension in wanted]
    return text, tuple(unmet)


def _laid_out(body: Body, letter: Letter, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """Greeting, body and sign-off in one text, in the case that is wanted; and what could not be done."""
    opening, undone = letter_form.greeting(letter, values, body.language)
    closing, unsigned = letter_form.sign_off(letter, values, body.language)
    text = body.text
    lower_after_comma = body.language == "de" and opening.endswith(",")
    if lower_after_comma and body.sentences and values.get("case") != "sentence":
        text = _lowered_start(text, body.language)
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


# --- what is said ----------------------------------------------------------------------------------


def _question(body: Body, value: str) -> Body | None:
    asked = [s for s in body.sentences if s.endswith("?")]
    if value == "yes":
        if asked:
            return body
        *rest, last = body.sentences
        match = re.match(r"^(?:please )?([a-z]+) (.*)\.$", last, re.IGNORECASE)
        if match and body.language == "en" and match[1].lower() in body.words.imperatives:
            return body.with_sentences(*rest, f"Could you {match[1].lower()} {match[2]}?")
        return body.with_sentences(*rest, f"{last.rstrip('.!')}, {body.words.tag}?")
    return body.with_sentences(*(_stated(s, body) for s in body.sentences))


def _stated(sentence: str, body: Body) -> str:
    """A question as a statement that wants the same answer."""
    if "?" not in sentence:
        return sentence
    match = re.match(r"^(?:could|can|would|will) you (?:please )?(.*)\?$", sentence, re.IGNORECASE)
    if match:
        return f"{match[1][:1].upper()}{match[1][1:]}.".replace("?", ".")
    return f"{body.words.tell_me}: {_lowered_start(sentence, body.language)}".replace("?", ".")


def _hedges(body: Body, value: str) -> Body | None:
    listed = lexicon.HEDGES.get(body.language, ())
    if value == "no":
        kept = [_without(s, body.words.removable_hedges) for s in body.sentences]
        done = body.with_sentences(*kept)
        return done if not contractions.count_phrases(done.text, listed) else None
    if contractions.count_phrases(body.text, listed):
        return body
    for i, sentence in enumerate(body.sentences):
        if sentence.endswith("."):
            return _put(body, i, f"{body.words.hedge} {_lowered_start(sentence, body.language)}")
    return _put(body, 0, re.sub(r"\?$", f", {body.words.hedge_at_end}?", body.sentences[0]))


def _politeness(body: Body, value: str) -> Body | None:
    listed = lexicon.POLITENESS.get(body.language, ())
    if value == "no":
        done = body.with_sentences(*(_without(s, body.words.removable_polite) for s in body.sentences))
        return done if not contractions.count_phrases(done.text, listed) else None
    if contractions.count_phrases(body.text, listed):
        return body
    for i, sentence in enumerate(body.sentences):
        asked = re.sub(r"^((?:could|can|would|will) you) ", r"\1 please ", sentence, flags=re.IGNORECASE)
        if body.language == "en" and asked != sentence:
            return _put(body, i, asked)
        first = sentence.split(" ")[0].lower()
        if body.language == "en" and first in body.words.imperatives:
            return _put(body, i, f"Please {sentence[:1].lower()}{sentence[1:]}")
    return _put(body, 0, f"{body.words.please_note} {_lowered_start(body.sentences[0], body.language)}")


def _address(body: Body, value: str) -> Body | None:
    familiar = re.search(r"\b(?:du|dich|dir|dein\w*|euch|euer|eure\w*)\b", body.text, re.IGNORECASE)
    formal = re.search(r"(?<=[\w,] )(?:Sie|Ihnen|Ihr\w*)\b", body.text)
    if body.language != "de" or (formal if value == "du" else familiar):
        return None  # verbs would have to change too
    if familiar or formal:
        return body
    said = "Nur damit du es weißt: " if value == "du" else "Nur damit Sie es wissen: "
    return _put(body, 0, said + _lowered_start(body.sentences[0], "de"))


# --- short and full forms --------------------------------------------------------------------------


def _contractions(body: Body, value: str) -> Body | None:
    change = contractions.contract if value == "yes" else contractions.open_contractions
    return body.with_sentences(*(change(s, body.language) for s in body.sentences))


def _abbreviations(body: Body, value: str) -> Body | None:
    known = lexicon.ABBREVIATIONS.get(body.language, {})
    if not known:
        return body if value == "no" else None
    if value == "no":
        return body.with_sentences(*(_expanded(s, body.language, known) for s in body.sentences))
    shortened = body.with_sentences(*(_shortened(s, body.words.abbreviated) for s in body.sentences))
    if contractions.abbreviations(shortened.text, body.language):
        return shortened
    first = body.sentences[0]
    return _put(body, 0, f"{body.words.abbreviation} {_lowered_start(first, body.language)}")


def _expanded(text: str, language: str, known: Mapping[str, str]) -> str:
    for short in sorted(set(contractions.abbreviations(text, language)), key=len, reverse=True):
        if full := known.get(short.lower()):
            text = re.sub(rf"(?<![\w/]){re.escape(short)}(?![\w/])", full, text)
    return text


def _shortened(text: str, pairs: Mapping[str, str]) -> str:
    for full, short in pairs.items():
        text = re.sub(rf"\b{re.escape(full)}\b", short, text, flags=re.IGNORECASE)
    return text


# --- length and layout -----------------------------------------------------------------------------


def _sentence_words(body: Body, value: str) -> Body | None:
    low, high = _range(value)
    for _ in range(4 * len(body.sentences) + 8):
        mean = len(anatomy.words(" ".join(body.sentences))) / len(body.sentences)
        if low - 0.5 <= mean < high + 0.5:
            return body
        changed = _joined(body, ", " + body.words.and_) if mean < low else _split(body)
        if changed is None:
            return None
        body = changed
    return None


def _joined(body: Body, link: str) -> Body | None:
    """The two neighbours that are shortest together, made one: a statement and what follows it."""
    pairs = [
        (len(one) + len(other), i)
        for i, (one, other) in enumerate(zip(body.sentences, body.sentences[1:], strict=False))
        if one.endswith(".") and other[-1] in ".?"
    ]
    if not pairs:
        return None
    i = min(pairs)[1]
    one, other = body.sentences[i : i + 2]
    merged = f"{one[:-1]}{link} {_lowered_start(other, body.language)}"
    return body.with_sentences(*body.sentences[:i], merged, *body.sentences[i + 2 :])


_JOINT = re.compile(
    r"(?:,\s+(?:and|but|so|or|und|aber|denn|oder)|;|,\s+which is why|\s+[-–—])\s+(?=\w+\s+\w+)"
)
_COMMA = re.compile(r",\s+(?:and|but|so|or|und|aber|oder)?\s*(?=\w+\s+\w+)")
_SPACE = re.compile(r"\s+(?:and|but|because|so|und|aber|weil)\s+(?=\w+\s+\w+)")


def _split(body: Body) -> Body | None:
    """The longest sentence that can be divided, divided at a joint near its middle."""
    for joint in (_JOINT, _COMMA, _SPACE):
        for sentence in sorted(body.sentences, key=len, reverse=True):
            middle = len(sentence) / 2
            found = sorted(joint.finditer(sentence), key=lambda m: abs(m.start() - middle))
            if found:
                i = body.sentences.index(sentence)
                head = sentence[: found[0].start()].rstrip(" ,;") + "."
                tail = sentence[found[0].end() :]
                tail = tail[:1].upper() + tail[1:]
                return body.with_sentences(*body.sentences[:i], head, tail, *body.sentences[i + 1 :])
    return None


def _paragraphs(body: Body, value: str) -> Body | None:
    wanted, _ = _range(value)
    while len(body.sentences) < wanted:
        divided = _split(body)
        if divided is None:
            return None
        body = divided
    return replace(body, n_paragraphs=wanted)


def _bullets(body: Body, value: str) -> Body | None:
    if value == "no":
        return body
    if len(body.sentences) < 2:  # one line with a mark before it is no list
        body = _split(body) or body
    return replace(body, bullets=True) if len(body.sentences) > 1 else None


def _words(body: Body, value: str) -> Body | None:
    """Neither adds content nor leaves any out: only says whether the length is met."""
    low, high = _range(value)
    return body if low <= len(anatomy.words(body.text)) <= high else None


def _range(value: str) -> tuple[int, int]:
    low, _, high = value.partition("-")
    return int(low), (int(high) if high else (10**6 if "-" in value else int(low)))


# --- marks -----------------------------------------------------------------------------------------


def _semicolon(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(re.sub(r";(?=\s)", ",", s) for s in body.sentences))
    if ";" in body.text:
        return body
    return _joined(body, ";") or _put_last(body, lambda s: f"{s[:-1]}; {body.words.that_is_all}.")


def _dash(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(re.sub(r"\s+(?:-{1,3}|[–—])\s+", ", ", s) for s in body.sentences))
    if re.search(r"\w\s+[-–—]\s+\w", body.text):
        return body
    first = body.sentences[0]
    fallback = f"{body.words.one_thing} - {_lowered_start(first, body.language)}"
    return _joined(body, " -") or _put(body, 0, fallback)


def _parenthesis(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(re.sub(r"\s*\(([^()]*)\)", r", \1", s) for s in body.sentences))
    if re.search(r"\([^()]{2,}\)", body.text):
        return body
    return _put_last(body, lambda s: f"{s[:-1]} ({body.words.for_information}){s[-1]}")


def _ellipsis(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(re.sub(r"\s*(?:\.{2,}|…)", ".", s) for s in body.sentences))
    if re.search(r"\.{3}|…", body.text):
        return body
    stated = [i for i, s in enumerate(body.sentences) if s.endswith(".")]
    if not stated:
        return _put(body, 0, f"{body.words.hm}... {body.sentences[0]}")
    return _put(body, stated[0], body.sentences[stated[0]][:-1] + "...")


def _exclamation(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(s.replace("!", ".") for s in body.sentences))
    if "!" in body.text:
        return body
    stated = [i for i, s in enumerate(body.sentences) if re.search(r"[^.]\.$", s)]
    if not stated:
        return _put(body, len(body.sentences) - 1, f"{body.sentences[-1]} {body.words.there_you_are}!")
    return _put(body, stated[-1], body.sentences[stated[-1]][:-1] + "!")


def _full_stop(body: Body, value: str) -> Body | None:
    """Of the sentences that end a paragraph or stand in a list."""
    if value == "yes":
        ended = [s if re.search(r"[.?!…)]$", s) else f"{s}." for s in body.sentences]
        return body.with_sentences(*ended)
    ends = _paragraph_ends(body)
    bare = [re.sub(r"(?<![.])\.$", "", s) if i in ends else s for i, s in enumerate(body.sentences)]
    return body.with_sentences(*bare)


def _paragraph_ends(body: Body) -> set[int]:
    if body.bullets:
        return set(range(len(body.sentences)))
    n = min(body.n_paragraphs, len(body.sentences))
    size, longer = divmod(len(body.sentences), n or 1)
    ends, start = set(), 0
    for i in range(n):
        start += size + (i < longer)
        ends.add(start - 1)
    return ends


def _emoji(body: Body, value: str) -> Body | None:
    if value == "no":
        plain = re.compile(lexicon.EMOJI, re.MULTILINE)
        return body.with_sentences(*(" ".join(plain.sub("", s).split()) for s in body.sentences))
    if re.search(lexicon.EMOJI, body.text, re.MULTILINE):
        return body
    return _put(body, len(body.sentences) - 1, f"{body.sentences[-1]} 🙂")


def _case(body: Body, value: str) -> Body | None:
    if value == "sentence":
        return body.with_sentences(*(s[:1].upper() + s[1:] for s in body.sentences))
    return body  # the whole text, greeting and name included, is put in its case at the end


def _language(body: Body, value: str) -> Body | None:
    return body if body.language == value else None  # translating needs a model


# In an order in which a later one does not undo an earlier one: what is said, how it is joined, the marks.
EXECUTORS: Mapping[str, Executor] = {
    "language": _language,
    "question": _question,
    "hedges": _hedges,
    "politeness": _politeness,
    "address": _address,
    "abbreviations": _abbreviations,
    "sentence_words": _sentence_words,
    "paragraphs": _paragraphs,
    "semicolon": _semicolon,
    "dash": _dash,
    "parenthesis": _parenthesis,
    "ellipsis": _ellipsis,
    "exclamation": _exclamation,
    "bullets": _bullets,
    "contractions": _contractions,
    "full_stop": _full_stop,
    "emoji": _emoji,
    "case": _case,
    "words": _words,
}


def _put(body: Body, i: int, sentence: str) -> Body:
    return body.with_sentences(*body.sentences[:i], sentence, *body.sentences[i + 1 :])


def _put_last(body: Body, change: Callable[[str], str]) -> Body:
    """Changes the last statement, else the last sentence."""
    stated = [i for i, s in enumerate(body.sentences) if s.endswith(".")]
    i = stated[-1] if stated else len(body.sentences) - 1
    return _put(body, i, change(body.sentences[i]))


def _without(sentence: str, phrases: tuple[str, ...]) -> str:
    if not phrases:
        return sentence
    text = re.sub(
        rf"(?:,\s*)?{contractions.phrase_pattern(phrases).pattern}(?:\s*,)?", " ", sentence, flags=re.I
    )
    text = re.sub(r"\s+([,.?!;:])", r"\1", " ".join(text.split()))
    return text[:1].upper() + text[1:]


def _lowered_start(sentence: str, language: str) -> str:
    """The sentence as it goes on after other words: a function word loses its capital, a name keeps it."""
    first = re.match(r"[^\W\d_]+", sentence)
    if first is None or (language == "en" and first[0] == "I") or (first[0].isupper() and len(first[0]) > 1):
        return sentence
    known = lexicon.FUNCTION_WORDS.get(language, frozenset())
    if first[0].lower() in known or first[0].lower() in DEVICES.get(language, DEVICES["en"]).imperatives:
        return sentence[:1].lower() + sentence[1:]
    return sentence
