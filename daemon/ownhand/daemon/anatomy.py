"""The parts of a mail's own words: greeting, body, sign-off, paragraphs, sentences, words, language.

Knows how people lay out and spell mail. Judges nothing: what the parts say of a person is `learn/style.py`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ownhand.daemon import lexicon


@dataclass(frozen=True, slots=True)
class Greeting:
    """How a mail opens. `word` is lower case, "" for a name alone; `name` is as written, "" for none."""

    word: str
    name: str
    mark: str  # the punctuation after it: , ! : - – — . or ""
    line: str  # the greeting as it stands, mark included


@dataclass(frozen=True, slots=True)
class SignOff:
    """How a mail closes. `phrase` is lower case, "" for a name alone; `name` is as written, "" for none."""

    phrase: str
    name: str
    lines: tuple[str, ...]  # as they stand


@dataclass(frozen=True, slots=True)
class Parts:
    """A mail taken apart. `body` keeps its own line breaks."""

    greeting: Greeting | None
    body: str
    sign_off: SignOff | None


def parts(text: str, *, recipient: str = "", sender: str = "") -> Parts:
    """Takes a mail apart. Names, where they are known, tell a lower-case name from any other word."""
    text = text.replace("\r\n", "\n").replace("\u00a0", " ").strip()
    greeting, rest = _greeting(text, _name_words(recipient))
    body, sign_off = _sign_off(rest, _name_words(sender))
    return Parts(greeting, body, sign_off)


# --- greeting --------------------------------------------------------------------------------------

_MARK = r"(?P<mark>\s?[,!:;.]+|\s*(?:--|[-–—])(?=\s|$)|(?=\n|$))"
_NAME_WORD = r"[^\W\d_][\w.'’&+-]*"
_ALL_GREETINGS = sorted(
    {phrase for some in lexicon.GREETINGS.values() for phrase in some}, key=len, reverse=True
)
_KNOWN_GREETING = re.compile(
    rf"(?P<word>(?:{'|'.join(map(re.escape, _ALL_GREETINGS))})(?![\w'’]))"
    rf"(?P<rest>(?:[ \t]*,?[ \t]+{_NAME_WORD}){{0,6}}?){_MARK}",
    re.IGNORECASE,
)
# "Bob, can you" before "Bob, Jim,": the fewest words first.
_NAMES_ALONE = tuple(
    re.compile(
        rf"(?P<name>{_NAME_WORD}(?:(?:,[ \t]*|[ \t]+)(?:and[ \t]+|&[ \t]+|/[ \t]*)?{_NAME_WORD})"
        rf"{{0,4}}{lazy}){_MARK}"
    )
    for lazy in ("?", "")
)
# Capitalised openings that look like a name alone and are none.
_NOT_NAMES = frozenset(
    """yes no yep yeah yup nope ok okay sure thanks thank thx please sorry great good fine nice done agreed
    absolutely exactly right wow ditto fyi ps p.s note also however meanwhile finally first second third
    actually unfortunately attached congratulations congrats well so but and or today tomorrow tonight
    yesterday danke bitte gern gerne klar super genau leider übrigens anbei nein perfect perfekt cool
    correct true awesome excellent understood noted hmm oh ah haha lol cheers best regards love update
    reminder question subject re fwd fw urgent""".split()
)


def _greeting(text: str, known: frozenset[str]) -> tuple[Greeting | None, str]:
    for read in (_worded_greeting, _named_greeting):
        found = read(text, known)
        if found:
            return found, text[len(found.line) :].strip()
    return None, text


def _worded_greeting(text: str, known: frozenset[str]) -> Greeting | None:
    match = _KNOWN_GREETING.match(text)
    if not match:
        return _unmarked_greeting(text, known)
    word, name = _vocative(match["word"], match["rest"].strip(" \t,"))
    mark = match["mark"].strip()
    ends_line = text[match.end() :].lstrip(" \t")[:1] in ("", "\n")
    if not _is_name(name, known, lenient=ends_line or mark in (",", "!", ":")) or ";" in mark:
        return _unmarked_greeting(text, known)
    if (not ends_line and mark == "") or (
        not name and not ends_line and word.split()[0] in ("morning", "evening", "welcome", "dag")
    ):
        return None
    return Greeting(word, name, mark[:1], match.group().rstrip())


_UNMARKED = re.compile(
    rf"(?P<word>hi|hey|hello|hallo|hej|hola|ciao)[ \t]+(?P<name>{_NAME_WORD})(?=[ \t])", re.IGNORECASE
)


def _unmarked_greeting(text: str, known: frozenset[str]) -> Greeting | None:
    """ "hi bob can you…": without a mark only a known name, a vocative or a capital can be trusted."""
    match = _UNMARKED.match(text)
    if not match:
        return None
    word, name = _vocative(match["word"], match["name"])
    capital = match["name"][0].isupper() and not match["word"].isupper() and not _is_function_word(name)
    if (name and not capital and name.lower() not in known) or (not name and " " not in word):
        return None
    return Greeting(word, name, "", match.group())


def _vocative(word: str, rest: str) -> tuple[str, str]:
    """Moves "all", "there", "again" … from the name to the greeting word."""
    word, tokens = " ".join(word.lower().split()), rest.split()
    while tokens and tokens[0].strip(",").lower() in lexicon.VOCATIVES and len(word.split()) < 4:
        if tokens[0].lower() in ("liebe", "love", "and", "&") and len(tokens) > 1:
            break
        word += " " + tokens.pop(0).strip(",").lower()
    return word, " ".join(tokens)


def _is_name(name: str, known: frozenset[str], *, lenient: bool) -> bool:
    tokens = [token.strip(",.").lower() for token in name.split()]
    if not tokens or set(tokens) & known:
        return True
    free = [
        token
        for token in tokens
        if token not in ("and", "und", "&", "y", "et", "e", "von", "van", "de", "der", "la", "zu")
    ]
    if any(
        _is_function_word(token) and token not in lexicon.TITLES and token not in ("will",) for token in free
    ):
        return False
    if len(tokens) > 4 and "," not in name and not {"and", "und", "&"} & set(tokens):
        return False
    return name[:1].isupper() or (lenient and len(tokens) <= 2)


def _named_greeting(text: str, known: frozenset[str]) -> Greeting | None:
    for pattern in _NAMES_ALONE:
        match = pattern.match(text)
        found = _name_alone(text, match, known) if match else None
        if found:
            return found
    return None


def _name_alone(text: str, match: re.Match[str], known: frozenset[str]) -> Greeting | None:
    name, mark, after = match["name"], match["mark"].strip(), text[match.end() :]
    tokens = [token.strip(",.").lower() for token in re.split(r"[\s,/]+", name)]
    ends_line = after.lstrip(" \t")[:1] in ("", "\n")
    group = set(tokens) <= lexicon.GROUP_GREETINGS
    familiar = bool(set(tokens) & known) or (group and ends_line)
    if not after.strip() or (name.endswith(".") and not familiar):
        return None
    if mark[:1] in ("!", ".", ";") and not (familiar and ends_line):
        return None
    allowed = known | lexicon.GROUP_GREETINGS | {"and", "will"}
    if any(token in _NOT_NAMES or _is_function_word(token) for token in tokens if token not in allowed):
        return None
    if not familiar and (not (ends_line and _capitalised(name)) or _BULLET.match(after.lstrip())):
        return None
    if not mark and not (after.startswith("\n\n") or re.match(r"[ \t]*\n[ \t]*\n", after) or familiar):
        return None
    return Greeting(name.lower() if group else "", "" if group else name, mark[:1], match.group().rstrip())


def _capitalised(name: str) -> bool:
    joiners = ("and", "und", "&", "von", "van", "de", "der", "la", "zu", "y", "et")
    return all(
        token[0].isupper() for token in re.split(r"[\s,/]+", name) if token and token.lower() not in joiners
    )


# --- sign-off --------------------------------------------------------------------------------------

_ALL_SIGN_OFFS = sorted(
    {phrase for some in lexicon.SIGN_OFFS.values() for phrase in some}, key=len, reverse=True
)
_KNOWN_SIGN_OFF = re.compile(
    rf"(?P<phrase>{'|'.join(map(re.escape, _ALL_SIGN_OFFS))})(?![\w'’])"
    r"(?:[ \t]+(?:(?:aus|from)[ \t]+[^\W\d_][\w ]{0,24}|to[ \t]+(?:you|all|everyone|the)\b[\w ]{0,30}))?"
    r"[ \t]*(?P<mark>(?:[,.!;:~]|[-–—]+)*)[ \t]*(?P<name>.*)",
    re.IGNORECASE,
)
_OPENING_MARK = re.compile(r"^\s*(?:[-–—~/*]+|\()\s*")
_KISSES = re.compile(r"(?<=\w)[ \t,.]+(?P<kiss>x{1,4}|xo|xoxo)$", re.IGNORECASE)
_ENDS_SENTENCE = re.compile(r"[.!?…:;,)\]\"”'’]\s*$|(?:" + lexicon.EMOJI + r")\s*$")


def _sign_off(text: str, known: frozenset[str]) -> tuple[str, SignOff | None]:
    kept = re.split(r"\n-- ?(?:\n|$)", text)[0].rstrip()
    lines = kept.split("\n")
    for read in (_phrase_line, _name_line, _inline):
        found = read(lines, known)
        if found is None:
            continue
        body, sign_off = found
        if body or not sign_off.phrase:
            return body, sign_off
        if sign_off.name and len(sign_off.lines) > 1:  # "Thanks!\nBob" is a body and a name
            return sign_off.lines[0].strip(), SignOff("", sign_off.name, sign_off.lines[-1:])
    return kept, None


def _phrase_line(lines: list[str], known: frozenset[str]) -> tuple[str, SignOff] | None:
    """A known phrase on its own line, the name beside or below it."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for below in (0, 1, 2):
        if len(filled) <= below:
            return None
        index = filled[-1 - below]
        match = _KNOWN_SIGN_OFF.fullmatch(_unmarked(lines[index]))
        if not match:
            continue
        names = " ".join(
            filter(None, [match["name"], *(lines[i].strip() for i in filled[len(filled) - below :])])
        )
        name = _clean_name(names)
        if name and not _is_signature_name(name, known, trusted=True):
            continue
        if not name and match["mark"].startswith((",", "-", "–")) and _wraps(lines, index):
            continue
        body = "\n".join(lines[:index]).rstrip()
        return body, SignOff(
            _plain(match["phrase"]), name, tuple(line for line in lines[index:] if line.strip())
        )
    return None


def _name_line(lines: list[str], known: frozenset[str]) -> tuple[str, SignOff] | None:
    """A name on the last line, under an unknown short phrase, under a phrase at a line's end, or alone."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    if len(filled) < 2:
        return None
    last, above = filled[-1], filled[-2]
    kiss = _KISSES.search(lines[last].strip())
    name = _clean_name(lines[last])
    apart = (
        bool(_ENDS_SENTENCE.search(lines[above]))
        or last > above + 1
        or bool(_OPENING_MARK.match(lines[last]))
    )
    if not name or not _is_signature_name(name, known, trusted=False) or not (apart or name.lower() in known):
        return None
    if known and lines[last].rstrip().endswith(".") and not _short(name) and not _name_words(name) & known:
        return None  # "Approved." is a sentence
    own = above == 0 or not lines[above - 1].strip() or bool(re.search(r"[.!?…)]\s*$", lines[above - 1]))
    phrase = lines[above].strip()
    if (
        own
        and above > 0
        and phrase.endswith(",")
        and 1 <= len(phrase.split()) <= 4
        and not re.search(r"\d|[.?:;]", phrase)
    ):
        return "\n".join(lines[:above]).rstrip(), SignOff(_plain(phrase), name, (lines[above], lines[last]))
    body = "\n".join(lines[:last]).rstrip()
    ending = _inline(body.split("\n"), known, name=name)
    if ending:
        return ending[0], SignOff(ending[1].phrase, name, (*ending[1].lines, lines[last]))
    return body, SignOff(kiss["kiss"].lower() if kiss else "", name, (lines[last],))


_LAST_SENTENCE = re.compile(r"(?s)^(?P<body>.*[.!?…)\"”:])[ \t]+(?P<end>[^\n.!?…][^\n.!?…]{0,40}[.!]*)$")


def _inline(lines: list[str], known: frozenset[str], *, name: str = "") -> tuple[str, SignOff] | None:
    """A phrase or the writer's initials as the last sentence of a line: "… with a copy. Thanks, Bob"."""
    match = _LAST_SENTENCE.match("\n".join(lines))
    if not match:
        return None
    end = match["end"].strip()
    phrase = _KNOWN_SIGN_OFF.fullmatch(_unmarked(end))
    if phrase:
        signed = _clean_name(phrase["name"])
        if not signed or (not name and _is_signature_name(signed, known, trusted=True)):
            return match["body"].rstrip(), SignOff(_plain(phrase["phrase"]), signed, (end,))
    signed = _clean_name(end)
    initials = signed.isupper() and len(signed) <= 3 and bool(known) and _initials(signed, known)
    if not name and signed and (initials or (signed.lower() in known and len(signed) > 2)):
        return match["body"].rstrip(), SignOff("", signed, (end,))
    return None


def _unmarked(line: str) -> str:
    return _OPENING_MARK.sub("", line.replace("’", "'").strip(), count=1)


def _plain(phrase: str) -> str:
    return " ".join(phrase.replace("’", "'").lower().split()).rstrip(",.!;:-– ")


def _clean_name(line: str) -> str:
    line = _OPENING_MARK.sub("", line.strip(), count=1)
    line = re.sub(lexicon.EMOJI, "", line).strip()
    line = _KISSES.sub("", line)
    return line.strip(" \t,.!;:()*~-–—")


def _is_signature_name(name: str, known: frozenset[str], *, trusted: bool) -> bool:
    tokens = [token.strip(".").lower() for token in name.split()]
    if len(tokens) > 3 or not all(re.fullmatch(r"[^\W\d_][\w.'’-]*", token) for token in name.split()):
        return False
    if known and (
        set(tokens) & known or (_initials("".join(token[0] for token in tokens), known) and _short(name))
    ):
        return True
    listed = lexicon.CALENDAR_WORDS | _NOT_NAMES | lexicon.VOCATIVES
    if any(token in listed or (_is_function_word(token) and len(token) > 1) for token in tokens):
        return False
    return _capitalised(name) or _short(name) or (trusted and len(tokens) == 1)


def _short(name: str) -> bool:
    return len(re.sub(r"[\W_]", "", name)) == 1 or (name.isupper() and len(re.sub(r"\W", "", name)) <= 3)


def _initials(letters: str, known: frozenset[str]) -> bool:
    return all(
        any(word.startswith(letter) for word in known) for letter in re.sub(r"\W", "", letters).lower()
    )


def _wraps(lines: list[str], index: int) -> bool:
    return index > 0 and bool(lines[index - 1].strip()) and not _ENDS_SENTENCE.search(lines[index - 1])


def _name_words(name: str) -> frozenset[str]:
    return frozenset(word for word in re.split(r"[\W\d_]+", name.lower()) if word)


# --- paragraphs, sentences, words ------------------------------------------------------------------

_BULLET = re.compile(r"^[ \t]*(?:[-*•–·]|\(?\d{1,2}[.)]|\(?[a-zA-Z][.)])[ \t]+(?=\S)")
_WRAP = 60  # mail is wrapped at 64 columns or more; a shorter line was broken on purpose
_COLUMNS = 100  # lines beyond this are whole paragraphs, if they do not stop in mid-sentence
_WIDEST = 160  # columns that a program wraps at


def bullets(text: str) -> tuple[str, ...]:
    """The lines of lists: two or more marked lines with nothing unmarked between but their continuation."""
    marked = [line for line in text.split("\n") if _BULLET.match(line)]
    return tuple(marked) if len(marked) > 1 else ()


def paragraphs(text: str) -> tuple[str, ...]:
    """The blocks between blank lines, soft line breaks undone, deliberate ones and list lines kept."""
    blocks = re.split(r"\n[ \t]*\n", text.strip())
    column = _wrap_column(text.split("\n"))
    return tuple(_unwrapped(block.split("\n"), column) for block in blocks if block.strip())


def _wrap_column(lines: list[str]) -> int:
    """From where on a program may have broken the lines; 0 when each line is a paragraph."""
    width = max((len(line.rstrip()) for line in lines), default=0)
    if width <= _COLUMNS:
        return _WRAP
    long = [line for line in lines if len(line) > _COLUMNS * 0.8]
    cut = sum(not _ENDS_SENTENCE.search(line.rstrip()) for line in long)
    return round(width * 0.75) if width <= _WIDEST and cut >= 2 and cut * 2 >= len(long) else 0


def _unwrapped(lines: list[str], column: int) -> str:
    whole = lines[0].strip()
    for before, line in pairwise(lines):
        first = line.split(maxsplit=1)[0] if line.strip() else ""
        reaches = column and len(before.rstrip()) + 1 + len(first) > column
        soft = reaches and not _BULLET.match(line)
        continued = bool(_BULLET.match(before)) and line.startswith("  ") and not _BULLET.match(line)
        whole += (" " if soft or continued else "\n") + line.strip()
    return whole


_END = re.compile(r"(?<![.!?…])(?:\.{2,}|…|[.!?]++)[\"”’')\]]*(?=\s)")


def sentences(text: str) -> tuple[str, ...]:
    """The sentences, in order; a line broken on purpose ends one, list marks are taken off."""
    german = language(text) == "de"
    found: list[str] = []
    for paragraph in paragraphs(text):
        for line in paragraph.split("\n"):
            found.extend(_split(_BULLET.sub("", line).strip(), german=german))
    return tuple(sentence for sentence in found if re.search(r"\w", sentence))


def _split(line: str, *, german: bool) -> Iterator[str]:
    start = 0
    for end in _END.finditer(line):
        if _ends_here(line, end, german=german):
            yield line[start : end.end()].strip()
            start = end.end()
    tail = line[start:].strip()
    if tail:
        yield tail


def _ends_here(line: str, end: re.Match[str], *, german: bool) -> bool:
    after = line[end.end() :].lstrip()
    mark = end.group()
    if mark.startswith(("..", "…")):
        return not after[:1].islower()
    if not mark.startswith("."):
        return True
    words_before = line[: end.start()].split()
    before = words_before[-1].lower().lstrip("(\"'“") if words_before else ""
    if before in lexicon.DOTTED or (re.fullmatch(r"[^\W\d_]", before) and before != "i"):
        return before in ("etc", "p.m", "a.m", "usw") and after[:1].isupper()
    return not (german and re.fullmatch(r"\d{1,2}", before)) and len(words_before) > 0


# Bounded and anchored: a line of a hundred thousand characters must cost no more than as many short ones.
_WORD = re.compile(
    r"(?<![^\s(<\[\"'“])[^\s@]{1,64}@[^\s@.]{1,64}\.[^\s@]{1,128}|(?:https?://|www\.)\S+"
    r"|[^\W_]+(?:['’\-.](?=[^\W_])[^\W_]+)*|w/o?(?=\s)|\b\w/\w\b",
    re.IGNORECASE,
)


def words(text: str) -> tuple[str, ...]:
    """The words as written; an address, a number, "don't" and "e-mail" are one word each."""
    return tuple(match.group() for match in _WORD.finditer(text))


def _is_function_word(word: str) -> bool:
    return word.strip(".,").lower() in _EVERY_FUNCTION_WORD


_EVERY_FUNCTION_WORD = lexicon.FUNCTION_WORDS["en"] | lexicon.FUNCTION_WORDS["de"]
_LANGUAGES_OF = {
    word: tuple(code for code, listed in lexicon.FUNCTION_WORDS.items() if word in listed)
    for word in {word for listed in lexicon.FUNCTION_WORDS.values() for word in listed}
}
_LETTERS = (
    ("de", "ßäöü"),
    ("pl", "łąężśćń"),
    ("pt", "ãõ"),
    ("es", "ñ¿¡"),
    ("da", "æø"),
    ("sv", "åäö"),
    ("fr", "êèœ"),
)


def language(text: str) -> str:
    """The ISO 639-1 code by function words, those of several languages counting less; "en" when unclear."""
    counts = Counter(word.lower() for word in words(text))
    scores = {code: 0.0 for code in lexicon.LANGUAGES}
    for word, n in counts.items():
        codes = _LANGUAGES_OF.get(word, ())
        for code in codes:
            scores[code] += n / len(codes)
    if not text.isascii():
        for code, letters in _LETTERS:
            scores[code] += 0.5 * min(2, sum(any(letter in word for letter in letters) for word in counts))
    best = max(scores, key=lambda code: (scores[code], code == "en"))
    return best if scores[best] >= scores["en"] + 0.5 else "en"
