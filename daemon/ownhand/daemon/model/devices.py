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
    imperatives: frozenset[str] = frozenset()


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
            imperatives=frozenset(
                """add answer ask book bring call change check choose come confirm copy
                do draw drop finish fix get give go have help hold invite keep leave let
                look make meet move order pack pay pick plan print put read remind reply
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
            abbreviation="Ggf. wichtig:",
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
        ),
    }
)
