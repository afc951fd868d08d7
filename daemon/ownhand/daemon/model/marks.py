"""Marks of punctuation, pictures and capital letters: their executors."""

import re
from dataclasses import replace

from ownhand.daemon import lexicon
from ownhand.daemon.model.body import Body, lowered_start, statements
from ownhand.daemon.model.layout import joined

_EMOJI = re.compile(lexicon.EMOJI, re.MULTILINE)
_DASH = re.compile(r"(?<=\S)\s+(?:-{1,3}|[–—])(?=\s)|(?<=\w)(?:--|—)(?=\w)|(?<=[^\W\d])–(?=[^\W\d])")
_BRACKETS = re.compile(r"\s*\((?!\w\))([^()\n]+)\)")
_LINK = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+")  # a mark at its end is part of it


def semicolon(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(re.sub(r";(?=\s|$)", ",", s) for s in body.sentences))
    body = body.keeping(";")
    if re.search(r"\w;(?=\s|$)", body.text):
        return body
    link = f"; {body.words.that_is_all}"
    return joined(body, ";") or _into_last(body, link)


def dash(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(_DASH.sub(_comma, s) for s in body.sentences))
    body = body.keeping("-")
    if re.search(r"[^\s\d]\s[-–—](?=\s)", " ".join(body.sentences)):
        return body
    first = f"{body.words.one_thing} - {lowered_start(body.sentences[0], body)}"
    return joined(body, " -") or body.with_sentence(0, first)


def _comma(found: re.Match[str]) -> str:
    return "," if found[0][:1].isspace() else ", "


def parenthesis(body: Body, value: str) -> Body | None:
    if value == "no":
        done = body.with_sentences(*(_BRACKETS.sub(r", \1", s).lstrip(", ") for s in body.sentences))
        if not _BRACKETS.search(done.text):
            return done
        return done.with_sentences(*(re.sub(r"\((?!\w\))|(?<!\(\w)\)", "", s) for s in done.sentences))
    if _BRACKETS.search(body.text):
        return body
    return _into_last(body, f" ({body.words.for_information})")


def _into_last(body: Body, phrase: str) -> Body:
    """Puts a phrase before the mark that ends the last statement, else the last sentence."""
    i = (statements(body) or [len(body.sentences) - 1])[-1]
    sentence = body.sentences[i]
    end = re.search(r"[.?!…]*$", sentence)
    assert end is not None
    return body.with_sentence(i, f"{sentence[: end.start()]}{phrase}{end[0] or '.'}")


def _markable(body: Body) -> list[int]:
    return [i for i in statements(body) if not _LINK.match(body.sentences[i].split()[-1])]


def ellipsis(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(re.sub(r"\s*(?:\.{2,}|…)", ".", s) for s in body.sentences))
    if re.search(r"\.{2}|…", _LINK.sub("", body.text)):
        return body
    stated = _markable(body)
    if not stated:
        return body.with_sentence(0, f"{body.words.hm}... {body.sentences[0]}")
    return body.with_sentence(stated[0], body.sentences[stated[0]][:-1] + "...")


def exclamation(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(s.replace("!", ".") for s in body.sentences))
    if "!" in _LINK.sub("", body.text):
        return body
    stated = _markable(body)
    if not stated:
        last = len(body.sentences) - 1
        return body.with_sentence(last, f"{body.sentences[last]} {body.words.there_you_are}!")
    return body.with_sentence(stated[-1], body.sentences[stated[-1]][:-1] + "!")


def full_stop(body: Body, value: str) -> Body | None:
    """Of the sentences that end a paragraph or stand in a list."""
    if value == "yes":
        return body.with_sentences(*map(_ended, body.sentences))
    ends, n = set(), 0
    for block in body.blocks:
        n += len(block)
        ends |= set(range(n - len(block), n)) if body.bullets else {n - 1}
    bare = [_unended(s) if i in ends else _ended(s) for i, s in enumerate(body.sentences)]
    return body.with_sentences(*bare)


def _ended(sentence: str) -> str:
    plain = _EMOJI.sub("", sentence).rstrip()
    return sentence if re.search(r"[.?!…:;][\"”’')\]]*$", plain) else f"{sentence}."


def _unended(sentence: str) -> str:
    text, picture = sentence, ""
    for found in _EMOJI.finditer(sentence):
        if not sentence[found.end() :].strip():
            text, picture = sentence[: found.start()].rstrip(), f" {found[0].strip()}"
    return re.sub(r"(?<![.])\.([\"”’')\]]*)$", r"\1", text) + picture


def emoji(body: Body, value: str) -> Body | None:
    if value == "no":
        return body.with_sentences(*(" ".join(_EMOJI.sub("", s).split()) for s in body.sentences))
    if _EMOJI.search(body.text):
        return body
    last = len(body.sentences) - 1
    return body.with_sentence(last, f"{body.sentences[last]} 🙂")


def case(body: Body, value: str) -> Body | None:
    """The whole text, greeting and name included, is put in its case at the end."""
    if value == "sentence":
        return body.with_sentences(*(s[:1].upper() + s[1:] for s in body.sentences))
    return replace(body, lower=value == "lower")
