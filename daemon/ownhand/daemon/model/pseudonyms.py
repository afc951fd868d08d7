"""Stand-ins for what names a person: out before text leaves, back in as the answer comes.

Knows mail addresses, phone numbers, account numbers (IBAN), links, the names of a prompt's people, and those
that greet and sign in the mails it shows. A name becomes an invented one of the same case, so that a model
still sees a name to greet; the rest becomes a word in brackets. Names that only stand in the running text are
not known, and stay.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from ownhand.daemon import anatomy, lexicon
from ownhand.daemon.domain import Completion, Correspondent, DistilTask, InferTask, JudgeTask, Prompt

_LINK = r"(?:https?://|www\.)[^\s<>\"']+[^\s<>\"'.,;:!?)\]]"
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_IBAN = r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b"
# With a leading +, 0 or bracket, or grouped as in North America; days and amounts are not.
_PHONE = (
    r"(?<![\w/.-])(?!\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b)(?!\d{4}-\d{2}-\d{2})"
    r"(?:(?:\+|0|\(\+?\d)(?:[ ()/.-]{0,2}\d){6,14}|\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4})(?!\w)"
)
_KINDS = {"link": _LINK, "mail": _MAIL, "iban": _IBAN, "phone": _PHONE}

# All stand-ins for names have six letters, so none is the beginning of another.
_STARTS, _ENDS = ("Vel", "Tar", "Ost", "Kel", "Bru"), ("mar", "nis", "dro", "lep", "wic", "tov")
_NAMES = tuple(start + end for end in _ENDS for start in _STARTS)
_PARTICLES = frozenset(  # of names and addresses; they name nobody
    """admin and bei ben bin che contact dal das dem den der des del della die dos dra et frau für hello herr
    info ing kontakt les los mag mail miss mme mrs office post prof san sales service sir support team the
    und van vom von zum zur via""".split()
)
# Names that are words: only in capitals do they name somebody.
_WORDS = frozenset(
    """april art august autumn bill chase christian dale dawn dean faith frank gay gene grace grant gut hope
    june junior klein lang lily long mark mars may mai miles olive page penny pierce price ray rich rob rose
    ruby rusty sandy sue summer wade will young""".split()
)


class Pseudonyms:
    """The stand-ins of one prompt. The same word has the same stand-in throughout."""

    def __init__(self, prompt: Prompt) -> None:
        self._taken = prompt.text.casefold()
        self._stand_in: dict[str, str] = {}  # casefolded real -> stand-in
        self._real: dict[str, str] = {}  # casefolded stand-in -> real
        self._names = _name_words(prompt)
        self._held = ""
        self.text = self._hidden(prompt.text)

    def put_back(self, text: str) -> str:
        if not self._real:
            return text
        return self._pattern().sub(lambda found: self._real_of(found[0]), text)

    def take(self, piece: str) -> str:
        """The next piece of an answer; keeps back what may be the beginning of a stand-in."""
        text = self._held + piece
        n_held = self._overlap(text)
        self._held = text[len(text) - n_held :]
        return self.put_back(text[: len(text) - n_held])

    def rest(self) -> str:
        held, self._held = self._held, ""
        return held

    def completed(self, completion: Completion) -> Completion:
        unmet = tuple(self.put_back(rule) for rule in completion.unmet)
        return replace(completion, text=self.put_back(completion.text), unmet=unmet)

    def _hidden(self, text: str) -> str:
        kinds = [f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()]
        if self._names:
            words = "|".join(re.escape(name) for name in sorted(self._names, key=len, reverse=True))
            # A name may carry an ending ("Bobs", "Bob's") but is not the middle of a word.
            kinds.append(rf"(?P<name>(?<!\w)(?i:{words})(?=(?:s|'s|’s)?(?!\w)))")
        return re.sub("|".join(kinds), self._stand_in_for, text)

    def _stand_in_for(self, found: re.Match[str]) -> str:
        word, kind = found[0], found.lastgroup or ""
        if kind == "name" and word.islower() and word in _WORDS:
            return word
        key = word.casefold() if kind == "name" else word
        if key not in self._stand_in:
            stand_in = self._new(kind)
            self._stand_in[key] = stand_in
            self._real[stand_in.casefold()] = self._names[key] if kind == "name" else word
        stand_in = self._stand_in[key]
        if kind != "name" or not word[0].isalpha():
            return stand_in
        return stand_in.lower() if word.islower() else stand_in.upper() if _shouted(word) else stand_in

    def _new(self, kind: str) -> str:
        n = len(self._stand_in) + 1
        if kind == "name":
            free = (name for name in _NAMES if name.casefold() not in self._real)
            unused = next((name for name in free if name.casefold() not in self._taken), None)
            if unused:
                return unused
        while f"[{kind or 'name'}-{n}]" in self._taken:
            n += 1
        return f"[{kind}-{n}]"

    def _real_of(self, seen: str) -> str:
        real = self._real[seen.casefold()]
        if seen.startswith("["):
            return real
        if seen.islower():
            return real.lower()
        if _shouted(seen):
            return real.upper()
        return real[:1].upper() + real[1:] if real.islower() else real

    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(stand_in) for stand_in in self._real), re.IGNORECASE)

    def _overlap(self, text: str) -> int:
        """The length of the longest end of a text that may be the beginning of a stand-in."""
        longest = max((len(stand_in) for stand_in in self._real), default=0)
        ends = (text[-n:].casefold() for n in range(min(longest - 1, len(text)), 0, -1))
        return next((len(end) for end in ends if any(s.startswith(end) for s in self._real)), 0)


def _name_words(prompt: Prompt) -> dict[str, str]:
    """The words of the names that are known, casefolded -> as they are written."""
    people = _people(prompt)
    words: dict[str, str] = {}
    for name in (*(person.label for person in people), *_names_in_mails(prompt, people)):
        for word in re.findall(r"[^\W\d_]+", name):
            if len(word) > 2 and word.casefold() not in _PARTICLES:
                words.setdefault(word.casefold(), word)
    return words


def _people(prompt: Prompt) -> tuple[Correspondent, ...]:
    if isinstance(prompt.task, JudgeTask):
        return prompt.people
    letter = prompt.task.letter
    return (letter.sender, *letter.to, *prompt.people)


def _names_in_mails(prompt: Prompt, people: tuple[Correspondent, ...]) -> Iterator[str]:
    """The names that greet and sign: of a mail without a letter, a nickname, who wrote the mail answered."""
    task = prompt.task
    mails = [task.text] if isinstance(task, DistilTask | InferTask | JudgeTask) else []
    if not isinstance(task, JudgeTask):
        mails.append(task.letter.context)
        yield task.letter.addressed_as
    known = " ".join(person.label for person in people)
    for mail in mails:
        parts = anatomy.parts(mail, recipient=known, sender=known)
        for found in (parts.greeting, parts.sign_off):
            yield " ".join(word for word in found.name.split() if not _is_common(word)) if found else ""


def _is_common(word: str) -> bool:
    bare = word.strip(",.").casefold()
    return bare in lexicon.VOCATIVES or any(bare in words for words in lexicon.FUNCTION_WORDS.values())


def _shouted(word: str) -> bool:
    return len(word) > 1 and word.isupper()
