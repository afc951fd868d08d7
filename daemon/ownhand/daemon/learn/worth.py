"""Whether a rule is sure enough to be said to a large model.

A right rule brings a draft nearer to the mail that the person would write, a wrong one takes it away, and
not by as much: what a rule asks to be put in somewhere may be put in the wrong place. It pays from the
probability on at which both weigh the same.
"""

from ownhand.daemon.domain import Claim

EVEN = 0.5
_NEVER = 1.1
# Cost over cost and gain, of the rules of a dimension that ask for something; printed by
# `python benchmarks/worth.py` on the sample's invented people with the offline model, 2026-11-23.
_PAYS_FROM = {
    "paragraphs": 0.4,
    "contractions": 0.4,
    "emoji": 0.45,
    "case": 0.55,
    "ellipsis": 0.6,
    "semicolon": 0.6,
    "exclamation": 0.65,
    "abbreviations": 0.7,
    "dash": 0.85,
    "parenthesis": 0.85,
    "hedges": 0.95,
    "sentence_words": 0.95,
    "question": _NEVER,  # the points say what is asked
    "politeness": 0.95,
    "bullets": 0.95,
}


def pays(claim: Claim | None, probability: float) -> bool:
    """Whether a rule that the mail shows with this probability is worth saying."""
    return probability >= (_PAYS_FROM.get(claim.dimension, EVEN) if claim else EVEN)
