"""How a mail opens and closes, by the rules: the words, the form of the name, the mark."""

from collections.abc import Mapping

from ownhand.daemon import lexicon
from ownhand.daemon.domain import Correspondent, Letter

_MARKS = {"comma": ",", "exclamation": "!", "colon": ":", "dash": " -", "full stop": ".", "none": ""}
_NAME_BY_DEFAULT = "first"


def greeting(letter: Letter, values: Mapping[str, str], language: str) -> tuple[str, list[str]]:
    """The greeting line, empty without a rule for one; and the dimensions that could not be done."""
    word = values.get("greeting", "")
    asked = [d for d in ("greeting", "greeting_name", "greeting_mark") if d in values]
    if not asked or word == "none":
        return "", [d for d in asked if d != "greeting"]
    form = values.get("greeting_name") or (_NAME_BY_DEFAULT if word not in _WITHOUT_NAME else "none")
    name, undone = _reader(letter, form)
    if not name and word in ("", "name"):  # a name alone, and there is none
        return "", [d for d in asked if values.get(d) != "none"]
    mark = _MARKS.get(values.get("greeting_mark", "comma"), ",")
    written = "" if word in ("", "name") else lexicon.written(_inflected(word, name))
    return f"{written} {name}".strip() + mark, [
        "greeting_name"
    ] if undone and "greeting_name" in values else []


def sign_off(letter: Letter, values: Mapping[str, str], language: str) -> tuple[str, list[str]]:
    """The closing lines, empty without a rule for them; and the dimensions that could not be done."""
    phrase = values.get("sign_off", "none")
    form = values.get("sign_name", "none")
    name = dict(letter.signs_as).get(form) or _writer(letter.sender, form)
    undone = ["sign_name"] if form != "none" and not name else []
    if phrase == "none":
        return name, undone
    mark = "" if language == "de" or not name or phrase in lexicon.WRITTEN else ","
    if phrase in lexicon.WRITTEN and name and len(name) <= 2:
        return f"{lexicon.written(phrase)} {name}", undone
    return f"{lexicon.written(phrase)}{mark}\n{name}".strip(), undone


# "Hi all" greets everybody: there is nobody left to be named.
_WITHOUT_NAME = frozenset(
    phrase
    for phrases in lexicon.GREETINGS.values()
    for phrase in phrases
    if len(phrase.split()) > 1 and phrase.split()[-1] in lexicon.VOCATIVES - {"lieber", "liebe", "dear"}
)


def _reader(letter: Letter, form: str) -> tuple[str, bool]:
    """The reader's name in a form, and whether that form could not be had."""
    if form == "none":
        return "", False
    titles, given, family = _names(letter.recipient)
    before = letter.addressed_as.split()
    has_title = bool(before) and before[0].lower() in lexicon.TITLES
    match form:
        case "surname" if has_title:
            return letter.addressed_as, False
        case "first" if len(before) == 1:
            return letter.addressed_as[:1].upper() + letter.addressed_as[1:], False
        case "surname" if titles and family:
            return f"{titles[0]} {family}", False
        case "surname":
            return f"{given} {family}".strip(), True
        case "full" if family:
            return f"{given} {family}", False
        case "full":
            return given, True
    return given, not given


def _writer(person: Correspondent, form: str) -> str:
    _, given, family = _names(person)
    match form:
        case "none":
            return ""
        case "initial":
            return given[:1]
        case "full":
            return f"{given} {family}".strip()
        case "surname":
            return family or given
    return given


def _names(person: Correspondent) -> tuple[list[str], str, str]:
    """Titles, first and last name, as far as a display name tells them; an address tells little."""
    label = person.label
    if label == person.address.partition("@")[0]:
        label = label.replace(".", " ").replace("_", " ").title()
    if "," in label:
        label = " ".join(reversed([half.strip() for half in label.split(",", 1)]))
    tokens = label.split()
    titles = [token for token in tokens if token.lower() in lexicon.TITLES]
    names = [token for token in tokens if token not in titles]
    return titles, names[0] if names else "", names[-1] if len(names) > 1 else ""


def _inflected(word: str, name: str) -> str:
    """ "Liebe" or "lieber", as far as a title or the first name tells which."""
    if word not in lexicon.GREETING_FORMS:
        return word
    masculine, feminine = lexicon.GREETING_FORMS[word]
    titles, given, _ = _names(Correspondent("", name))
    if titles:
        return feminine if titles[0].lower() in lexicon.FEMININE_TITLES else masculine
    return feminine if given.lower().endswith(("a", "e", "in")) else masculine
