"""What is said, and in which form: executors for questions, hedges, please, short and full forms."""

import re
from collections.abc import Mapping

from ownhand.daemon import contractions, lexicon
from ownhand.daemon.model.body import Body, lowered_start, statements, without


def language(body: Body, value: str) -> Body | None:
    return body if body.language == value else None  # translating needs a model


def question(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(_stated(s, body) for s in body.sentences))
    if any("?" in s for s in body.sentences):
        return body
    last = len(body.sentences) - 1
    match = re.match(r"^(?:please )?([a-z]+) (.*)\.$", body.sentences[last], re.IGNORECASE)
    if match and body.language == "en" and match[1].lower() in body.words.imperatives:
        return body.with_sentence(last, f"Could you {match[1].lower()} {match[2]}?")
    return body.with_sentence(last, f"{body.sentences[last].rstrip('.!')}, {body.words.tag}?")


def _stated(sentence: str, body: Body) -> str:
    """A question as a statement that wants the same answer."""
    if "?" not in sentence:
        return sentence
    match = re.match(r"^(?:could|can|would|will) you (?:please )?(.*)\?$", sentence, re.IGNORECASE)
    if match:
        return f"{match[1][:1].upper()}{match[1][1:]}.".replace("?", ".")
    return f"{body.words.tell_me}: {lowered_start(sentence, body)}".replace("?", ".")


def hedges(body: Body, value: str) -> Body | None:
    listed = lexicon.HEDGES.get(body.language, ())
    if value == "no":
        done = body.with_sentences(*(without(s, body.words.removable_hedges) for s in body.sentences))
        if done == body and contractions.count_phrases(body.text, listed):
            return None  # a verb like "might" is what the sentence says
        return done
    if contractions.count_phrases(body.text, listed):
        return body
    if not listed:
        return None
    for i in statements(body):
        if not is_imperative(body.sentences[i], body):
            return body.with_sentence(i, f"{body.words.hedge} {lowered_start(body.sentences[i], body)}")
    first = body.sentences[0]
    return body.with_sentence(0, re.sub(r"([.?!]*)$", rf", {body.words.hedge_at_end}\1", first, count=1))


def is_imperative(sentence: str, body: Body) -> bool:
    first = re.match(r"(?:please )?(\w+)", sentence.lower())
    return first is not None and first[1] in body.words.imperatives


def politeness(body: Body, value: str) -> Body | None:
    listed = lexicon.POLITENESS.get(body.language, ())
    if value == "no":
        done = body.with_sentences(*(without(s, body.words.removable_polite) for s in body.sentences))
        return None if done == body and contractions.count_phrases(body.text, listed) else done
    if contractions.count_phrases(body.text, listed):
        return body
    if not listed:
        return None
    for i, sentence in enumerate(body.sentences):
        asked = re.sub(r"^((?:could|can|would|will) you) ", r"\1 please ", sentence, flags=re.IGNORECASE)
        if body.language == "en" and asked != sentence:
            return body.with_sentence(i, asked)
        if body.language == "en" and is_imperative(sentence, body):
            return body.with_sentence(i, f"Please {sentence[:1].lower()}{sentence[1:]}")
    return body.with_sentence(0, f"{body.words.please_note} {lowered_start(body.sentences[0], body)}")


def address(body: Body, value: str) -> Body | None:
    familiar = re.search(r"\b(?:du|dich|dir|dein\w*|euch|euer|eure\w*)\b", body.text, re.IGNORECASE)
    formal = re.search(r"(?<=[\w,] )(?:Sie|Ihnen|Ihr\w*)\b", body.text)
    if body.language != "de" or (formal if value == "du" else familiar):
        return None  # verbs would have to change too
    if familiar or formal:
        return body
    said = "Nur damit du es weißt: " if value == "du" else "Nur damit Sie es wissen: "
    return body.with_sentence(0, said + lowered_start(body.sentences[0], body))


def contracted(body: Body, value: str) -> Body | None:
    change = contractions.contract if value == "yes" else contractions.open_contractions
    return body.with_sentences(*(change(s, body.language) for s in body.sentences))


def abbreviations(body: Body, value: str) -> Body | None:
    known = lexicon.ABBREVIATIONS.get(body.language, {})
    if not known:
        return body if value == "no" else None
    if value == "no":
        done = body.with_sentences(*(expanded(s, body.language, known) for s in body.sentences))
        return None if done == body and contractions.abbreviations(body.text, body.language) else done
    if contractions.abbreviations(body.text, body.language):
        return body
    shortened = body.with_sentences(*(_shortened(s, body.words.abbreviated) for s in body.sentences))
    if contractions.abbreviations(shortened.text, body.language):
        return shortened
    return body.with_sentence(0, f"{body.words.abbreviation} {lowered_start(body.sentences[0], body)}")


def expanded(text: str, language: str, known: Mapping[str, str]) -> str:
    for short in sorted(set(contractions.abbreviations(text, language)), key=len, reverse=True):
        if full := known.get(short.lower()):
            text = re.sub(rf"(?<![\w/]){re.escape(short)}(?![\w/])", full, text)
    return text


def _shortened(text: str, pairs: Mapping[str, str]) -> str:
    for full, short in pairs.items():
        text = re.sub(rf"\b{re.escape(full)}\b", short, text, flags=re.IGNORECASE)
    return text
