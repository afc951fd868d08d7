"""A draft and what was sent -> how much of it the person kept."""

from difflib import SequenceMatcher

from ownhand.daemon import anatomy


def kept(draft: str, sent: str) -> float:
    """Share of the sent words that stand in the draft in the same order, 0 to 1; 0 when nothing was sent."""
    theirs, ours = anatomy.words(sent), anatomy.words(draft)
    if not theirs:
        return 0.0
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / len(theirs)
