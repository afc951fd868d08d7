"""The words that the offline model writes with: phrases that add a manner and no matter, per language."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Words:
    tag: str  # makes a question of a statement
    tell_me: str
    hedge: str  # before a statement
    hedge_at_end: str  # of a question
    please_note: str
    and_: str
    that_is_all: str
    one_thing: str
    for_information: str
    hm: str
    there_you_are: str
    abbreviation: str
    abbreviated: Mapping[str, str]
    removable_hedges: tuple[str, ...]
    removable_polite: tuple[str, ...]
    subjects: frozenset[str]  # that open a clause
    finite: frozenset[str]  # verbs by which a clause is told from a phrase
    subordinators: frozenset[str]  # that open a clause which waits for another
    relatives: frozenset[str]  # that open one which hangs on a noun
    askers: frozenset[str]  # that open a question
    dangling: frozenset[str]  # no sentence ends with these
    openers: frozenset[str] = frozenset()  # small words that open sentences, and no names
    imperatives: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DEVICES: Mapping[str, Words] = MappingProxyType(
    {
        "en": Words(
            tag="right",
            tell_me="Tell me",
            hedge="I think",
            hedge_at_end="if possible",
            please_note="Please note:",
            and_="and",
            that_is_all="that is all",
            one_thing="One thing",
            for_information="just so you know",
            hm="Well",
            there_you_are="There it is",
            abbreviation="FYI,",
            abbreviated=MappingProxyType(
                {
                    "for your information": "fyi",
                    "as soon as possible": "asap",
                    "by the way": "btw",
                    "tomorrow": "tmrw",
                    "with": "w/",
                    "let me know": "lmk",
                    "for example": "e.g.",
                }
            ),
            removable_hedges=(
                "as far as i know",
                "more or less",
                "if possible",
                "apparently",
                "presumably",
                "i suppose",
                "i believe",
                "probably",
                "possibly",
                "i reckon",
                "i think",
                "i guess",
                "sort of",
                "kind of",
                "perhaps",
                "roughly",
                "rather",
                "fairly",
                "maybe",
                "a bit",
                "or so",
            ),
            removable_polite=(
                "thank you very much",
                "many thanks",
                "thank you",
                "please",
                "thanks",
                "kindly",
            ),
            subjects=_words(
                """i you he she it we they there this that these those nobody somebody everyone everybody
                i'm i've i'll i'd you're you've you'll he's he'll he'd she's she'll she'd it's it'll we're
                we've we'll we'd they're they've they'll there's that's"""
            ),
            finite=_words(
                """is are was were am has have had will would can could shall should must may might do does
                did isn't aren't wasn't weren't hasn't haven't hadn't won't wouldn't can't cannot couldn't
                shouldn't don't doesn't didn't"""
            ),
            subordinators=_words(
                """if when whenever while although though because since unless until once after before
                whereas as that whether"""
            ),
            relatives=_words("that who whom whose which where when how what why if whether"),
            askers=_words("who whom whose what when where why how which"),
            dangling=_words("and or but so that to of with in on at for from if the a an by as my your"),
            openers=_words(
                """today tomorrow yesterday then now next later meanwhile first finally please here nobody
                everyone everybody somebody something nothing one two three four many several another"""
            ),
            imperatives=frozenset(
                """add answer ask book bring call change check choose come confirm copy
                do draw drop finish fix get give go have help hold invite keep leave let
                look make meet move open order pack pay pick plan print put read remind reply
                reserve ring save say send share show sign speak start stay stop take
                talk tell think try turn use wait write""".split()
            ),
        ),
        "de": Words(
            tag="oder",
            tell_me="Sag mir",
            hedge="Ich denke,",
            hedge_at_end="wenn möglich",
            please_note="Bitte beachten:",
            and_="und",
            that_is_all="das ist alles",
            one_thing="Eine Sache",
            for_information="nur zur Information",
            hm="Nun",
            there_you_are="So ist es",
            abbreviation="FYI:",
            abbreviated=MappingProxyType(
                {
                    "zum Beispiel": "z.B.",
                    "das heißt": "d.h.",
                    "unter anderem": "u.a.",
                    "beziehungsweise": "bzw.",
                    "gegebenenfalls": "ggf.",
                    "ungefähr": "ca.",
                }
            ),
            removable_hedges=(
                "mehr oder weniger",
                "möglicherweise",
                "wahrscheinlich",
                "wenn möglich",
                "vermutlich",
                "vielleicht",
                "eventuell",
                "irgendwie",
                "offenbar",
                "ungefähr",
                "wohl",
                "eher",
            ),
            removable_polite=("vielen dank", "herzlichen dank", "danke", "bitte", "freundlicherweise"),
            subjects=_words("ich du er sie es wir ihr man niemand jemand"),
            finite=_words(
                """ist sind war waren bin bist hat haben hatte hatten habe hast wird werden wurde wurden
                kann können konnte konnten könnte könnten muss müssen soll sollen sollte will wollen darf
                dürfen möchte möchten würde würden"""
            ),
            subordinators=_words(
                """wenn falls weil da obwohl nachdem bevor sobald solange während als dass daß ob damit bis
                wie wo deren dessen"""
            ),
            relatives=_words("dass daß ob wer was wo wie warum wann"),
            askers=_words("wer wen wem was wann wo warum wie wieso welche welcher welches"),
            dangling=_words("und oder aber dass zu von mit in im an am auf für der die das ein eine den dem"),
            openers=_words(
                """bisher leider deshalb darum daher danach dann jetzt nun heute gestern morgen später
                außerdem zuerst zuletzt gern gerne inzwischen trotzdem vielleicht"""
            ),
        ),
    }
)
