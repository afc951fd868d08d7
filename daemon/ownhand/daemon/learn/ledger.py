"""All receipts of an account, and what they say of a rule for one letter.

The scope narrows as far as the mail allows: the same recipient, else the same kind of recipient in the same
language, else everyone in that language.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ownhand.daemon import anatomy
from ownhand.daemon.domain import (
    Correspondent,
    Letter,
    MessageId,
    Original,
    Receipts,
    Rule,
    RuleId,
    recipient_kind,
)
from ownhand.daemon.learn import style, verify

ENOUGH = 3  # other mails with an occasion for the rule: fewer say nothing of a habit
EVERYONE = "everyone"
_PART, _MOST_PARTS = 5, 6  # mails that a share of a trend is told of, at least, and how many shares


class Ledger:
    """Answers from memory; made anew for each use, from what the store has."""

    def __init__(
        self, originals: Sequence[Original], receipts: Mapping[RuleId, Mapping[MessageId, bool]]
    ) -> None:
        self._receipts = receipts
        self._scopes: dict[tuple[str, ...], list[MessageId]] = {}
        for original in sorted(originals, key=lambda o: (o.sent_at, o.message_id), reverse=True):
            for scope in _scopes(original.letter):
                self._scopes.setdefault(scope, []).append(original.message_id)

    def receipts(self, rule_id: RuleId, letter: Letter, *, without: MessageId | None = None) -> Receipts:
        """The receipts of a rule in the narrowest scope of the letter that has enough of them."""
        tested = self._receipts.get(rule_id, {})
        found = Receipts(EVERYONE)
        for scope in _scopes(letter):
            mails = [i for i in self._scopes.get(scope, ()) if i in tested and i != without]
            found = Receipts(
                _name(scope, letter),
                tuple(i for i in mails if tested[i]),
                tuple(i for i in mails if not tested[i]),
                _trend([tested[i] for i in reversed(mails)]),
            )
            if len(mails) >= ENOUGH:
                break
        return found

    def judged(
        self, rules: Sequence[Rule], letter: Letter, *, without: MessageId | None = None
    ) -> tuple[Rule, ...]:
        """The rules with their receipts, those refused that the receipts do not bear out."""
        witnessed = []
        for rule in rules:
            receipts = self.receipts(rule.id, letter, without=without)
            refusal = rule.refusal or verify.verdict(rule, receipts)
            witnessed.append(replace(rule, receipts=receipts, refusal=refusal))
        return verify.resolve(witnessed)

    def accepted(
        self, rules: Sequence[Rule], letter: Letter, *, without: MessageId | None = None
    ) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.judged(rules, letter, without=without) if not rule.refusal)


def _trend(held: Sequence[bool]) -> tuple[float, ...]:
    """The share of True in each of up to six equal parts; none where not even two parts have enough mails."""
    n = min(_MOST_PARTS, len(held) // _PART)
    cuts = [round(len(held) * i / n) for i in range(n + 1)] if n > 1 else []
    return tuple(sum(held[a:b]) / (b - a) for a, b in pairwise(cuts))


def _scopes(letter: Letter) -> list[tuple[str, ...]]:
    """From the narrowest to the widest."""
    return [
        ("recipient", letter.recipient.address.lower(), letter.language),
        ("kind", letter.kind.value, letter.language),
        (EVERYONE, letter.language),
    ]


def _name(scope: tuple[str, ...], letter: Letter) -> str:
    match scope[0]:
        case "recipient":
            return letter.recipient.label
        case "kind":
            return letter.kind.value
        case _:
            return EVERYONE


def letter_to(
    to: Sequence[Correspondent],
    sender: Correspondent,
    originals: Sequence[Original],
    *,
    subject: str = "",
    context: str = "",
    reply: bool = False,
) -> Letter:
    """A letter that is not written yet: its language is the one the person writes to this reader.

    Where they never wrote to the reader, the language of the mail that is answered; else their most frequent.
    """
    first = to[0].address.lower() if to else ""
    theirs = Counter(o.letter.language for o in originals if o.letter.recipient.address.lower() == first)
    everyone = Counter(o.letter.language for o in originals)
    if theirs:
        language = theirs.most_common(1)[0][0]
    elif context.strip():
        language = anatomy.language(context)
    else:
        language = everyone.most_common(1)[0][0] if everyone else "en"
    known = [o.letter.recipient for o in originals if o.letter.recipient.address.lower() == first]
    if to and known and not to[0].name:
        to = (known[-1], *to[1:])
    return Letter(
        sender=sender,
        to=tuple(to),
        kind=recipient_kind(sender, to),
        subject=subject,
        reply=reply or bool(context.strip()),
        context=context,
        language=language,
        addressed_as=_addressed_as(first, originals),
        signs_as=_signs_as(first, originals),
    )


def _signs_as(address: str, originals: Sequence[Original]) -> tuple[tuple[str, str], ...]:
    """The name for each form of signing, as it stands most often under mails to this reader, or to anyone."""
    theirs = [o for o in originals if o.letter.recipient.address.lower() == address]
    names: Counter[tuple[str, str]] = Counter()
    for weight, some in ((10, theirs[-10:]), (1, originals[-50:])):
        for original in some:
            letter = original.letter
            parts = anatomy.parts(original.text, recipient=letter.recipient.label, sender=letter.sender.label)
            if parts.sign_off and parts.sign_off.name:
                name = parts.sign_off.name
                names[style.signed_form(name, letter.sender), name] += weight
    best: dict[str, str] = {}
    for (form, name), _ in names.most_common():
        best.setdefault(form, name)
    return tuple(best.items())


def _addressed_as(address: str, originals: Sequence[Original]) -> str:
    """The name in the person's greetings to this reader, the most frequent of the newest ten."""
    theirs = [o for o in originals if o.letter.recipient.address.lower() == address][-10:]
    greetings = (anatomy.parts(o.text, recipient=o.letter.recipient.label).greeting for o in theirs)
    names = Counter(greeting.name for greeting in greetings if greeting and greeting.name)
    return names.most_common(1)[0][0] if names else ""
