"""A mail -> its content as plain points, with the voice taken out. English and German; pure."""

import re

from ownhand.daemon import anatomy, contractions, lexicon
from ownhand.daemon.domain import Letter

# Hedges that can be taken out of a sentence and leave a sentence; verbs ("might") cannot.
_HEDGES = {
    "en": """maybe, perhaps, possibly, probably, presumably, apparently, i think, i guess, i suppose,
    i believe, i reckon, i imagine, i suspect, i would say, i wonder if you could, sort of, kind of,
    kinda, sorta, more or less, in a way, as far as i know, if possible, if you like, in my opinion""",
    "de": """vielleicht, möglicherweise, eventuell, wohl, vermutlich, wahrscheinlich, womöglich, irgendwie,
    sozusagen, mehr oder weniger, anscheinend, offenbar, wenn möglich, falls möglich""",
}
_POLITE = {"en": "please, kindly", "de": "bitte, freundlicherweise"}
# Emphasis that carries no fact; "completely" or "at all" may.
_EMPHASIS = {
    "en": """really, so much, absolutely, definitely, totally, honestly, seriously, literally, indeed, truly,
             incredibly, super, obviously, of course, terribly, awfully""",
    "de": "wirklich, total, absolut, definitiv, echt, natürlich, selbstverständlich, mega, super, durchaus",
}
_EMOJI = re.compile(lexicon.EMOJI, re.MULTILINE)
_OPENERS = {
    "en": ("so", "well", "anyway", "also", "oh", "ok", "okay", "yes"),
    "de": ("also", "na ja", "naja", "ach"),
}
_MIN_WORDS = 2  # "Deal." says something, "Oh." does not; one word stays when it is all there is


def points(text: str, letter: Letter) -> tuple[str, ...]:
    """The content of a mail, a point a sentence or list line; never empty for a text with words."""
    parts = anatomy.parts(text, recipient=letter.recipient.label, sender=letter.sender.label)
    language = anatomy.language(text)
    found = [_plain(unit, language) for unit in _units(parts.body)]
    told = [point for point in found if len(anatomy.words(point)) >= _MIN_WORDS]
    return tuple(_unique(told or [point for point in found if point])) or (_sentence(parts.body or text),)


def _units(body: str) -> list[str]:
    return [clause for unit in anatomy.sentences(body) for clause in _clauses(unit)]


def _clauses(sentence: str) -> list[str]:
    """What dashes, semicolons and brackets string together, taken apart where both sides can stand alone."""
    bare = re.sub(r"^\s*(?:[-*•–·]|\(?\d{1,2}[.)])\s+", "", sentence)
    bare = re.sub(r"\s*\(([^()]{12,})\)", r"; \1;", bare)
    pieces = re.split(r";\s+|;$|\s+(?:-{1,3}|[–—])\s+|\.{2,}\s*|…\s*|!+\s+", bare)
    clauses: list[str] = []
    for piece in (piece.strip(" ,;") for piece in pieces):
        if not piece:
            continue
        if clauses and min(len(piece.split()), len(clauses[-1].split())) < 4:
            clauses[-1] = f"{clauses[-1].rstrip('.')}, {piece}"
        else:
            clauses.append(piece)
    return clauses


def _plain(unit: str, language: str) -> str:
    text = _EMOJI.sub("", unit)
    text = _expanded(text, language)
    text = contractions.open_contractions(text, language)
    text = re.sub(r"\b(?:i)\b(?=\s+[a-z])", "I", text) if language == "en" else text
    if _is_pleasantry(text, language):
        return ""
    for listed in (_HEDGES, _POLITE, _EMPHASIS):
        text = _without(text, listed.get(language, ""))
    for opener in _OPENERS.get(language, ()):
        text = re.sub(rf"^{opener}\b[,\s]+(?=\w)", "", text, flags=re.IGNORECASE)
    return _sentence(text)


def _expanded(text: str, language: str) -> str:
    known = lexicon.ABBREVIATIONS.get(language, {})
    for short in sorted(set(contractions.abbreviations(text, language)), key=len, reverse=True):
        full = known.get(short.lower())
        if full:
            text = re.sub(rf"(?<![\w/]){re.escape(short)}(?![\w/])", full, text)
    return text


def _without(text: str, phrases: str) -> str:
    listed = tuple(
        sorted((" ".join(p.split()) for p in phrases.split(",") if p.strip()), key=len, reverse=True)
    )
    if not listed:
        return text
    phrase = contractions.phrase_pattern(listed).pattern
    # "It was, perhaps, late": a phrase between two commas takes both along; else the comma is the sentence's.
    text = re.sub(rf",\s*{phrase}\s*,", " ", text, flags=re.IGNORECASE)
    text = re.sub(rf"^{phrase}\s*,|{phrase}", " ", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def _is_pleasantry(text: str, language: str) -> bool:
    listed = lexicon.PLEASANTRIES.get(language, ())
    bare = re.sub(r"[^\w\s']", "", text.lower())
    return (
        any(phrase.replace("'", "") in bare.replace("'", "") for phrase in listed) and len(bare.split()) < 14
    )


def _sentence(text: str) -> str:
    """One sentence with a capital letter at its start and one mark at its end."""
    text = " ".join(text.split()).strip(" ,;:-–—")
    if not text:
        return ""
    mark = "?" if re.search(r"\?[\s!.]*$", text) else "."
    text = re.sub(r"[\s.!?…,;:]+$", "", text)
    text = re.sub(r"(?<=\w)!+", ".", text)
    text = re.sub(r"\s+([,.?;:])", r"\1", text)
    if text.isupper() and len(text) > 12:
        text = text.lower()
    return f"{text[:1].upper()}{text[1:]}{mark}" if text else ""


def _unique(points: list[str]) -> list[str]:
    return list(dict.fromkeys(points))
