"""The rules as the person sees them: with their receipts, to be muted, pinned, reworded and deleted."""

from ownhand.daemon.domain import (
    AccountName,
    Correspondent,
    Letter,
    Original,
    RecipientKind,
    Rule,
    RuleId,
    RuleOrigin,
    RuleTrial,
)
from ownhand.daemon.errors import Invalid, NotFound
from ownhand.daemon.learn import claims, style, trial, verify
from ownhand.daemon.learn.ledger import Ledger, letter_to
from ownhand.daemon.learn.rules import identified
from ownhand.daemon.ports import LargeModel
from ownhand.daemon.services.sources import Sources
from ownhand.daemon.store.sqlite import Store

MAX_WORDS = 60  # of a rule in the person's words


class Rules:
    def __init__(self, store: Store, sources: Sources, offline: LargeModel) -> None:
        """`offline` writes the drafts of trials: none of them may cost anything or leave the machine."""
        self._store = store
        self._sources = sources
        self._offline = offline

    def list(
        self,
        account: AccountName,
        *,
        recipient: str = "",
        group: tuple[RecipientKind, str] | None = None,
        include_refused: bool,
    ) -> list[Rule]:
        """Best supported first; for an address, for a kind of recipient in a language, or for everyone."""
        sender, account = self._sources.person(account), self._sources.voice(account)
        originals = self._store.corpus.originals(account)
        ledger = Ledger(originals, self._store.learning.receipts(account))
        rules = self._store.learning.rules(account)
        if recipient:
            letter = letter_to((Correspondent(recipient),), sender, originals)
            judged = list(ledger.judged(rules, letter))
        elif group:
            judged = list(ledger.judged(rules, _letter_to_any(*group)))
        else:
            judged = [_at_its_best(rule, ledger, originals) for rule in rules]
        shown = [rule for rule in judged if include_refused or not rule.refusal]
        return sorted(shown, key=lambda r: (bool(r.refusal), r.receipts.against - r.receipts.support, r.text))

    def update(
        self, rule_id: RuleId, *, muted: bool | None, pinned: bool | None, text: str | None
    ) -> tuple[AccountName, Rule]:
        account, rule = self._find(rule_id)
        if muted is not None:
            self._store.learning.mute(rule_id, muted)
        if pinned is not None:
            self._store.learning.pin(rule_id, pinned)
        if text is not None and text.strip() != rule.text:
            rule = self._reword(account, rule, " ".join(text.split()))
        return account, self._shown(account, rule.id)

    async def try_out(self, rule_id: RuleId, text: str) -> RuleTrial:
        account, rule = self._find(rule_id)
        points = {
            intent.message_id: intent.points
            for intent in self._store.learning.intents(account)
            if intent.variant == 0
        }
        new = _worded(account, " ".join(text.split()))
        return await trial.tried(rule, new, self._store.corpus.originals(account), points, self._offline)

    def delete(self, rule_id: RuleId) -> None:
        self._find(rule_id)
        self._store.learning.delete_rule(rule_id)

    def _reword(self, account: AccountName, rule: Rule, text: str) -> Rule:
        """A rule in the person's words, tested at once where it can be measured; the old one goes."""
        reworded = _worded(account, text)
        originals = self._store.corpus.originals(account)
        with self._store.database.transaction():
            self._store.learning.add_rule(account, reworded)
            if reworded.claim:
                tested = [(o.message_id, verify.bears_out(reworded.claim, _style(o))) for o in originals]
                self._store.learning.add_receipts(account, reworded.id, tested)
            self._store.learning.delete_rule(rule.id)
        return reworded

    def _shown(self, account: AccountName, rule_id: RuleId) -> Rule:
        return next(r for r in self.list(account, include_refused=True) if r.id == rule_id)

    def _find(self, rule_id: RuleId) -> tuple[AccountName, Rule]:
        found = self._store.learning.rule(rule_id)
        if found is None:
            raise NotFound("there is no such rule", hint="`ownhand rules` lists them")
        return found


def _worded(account: AccountName, text: str) -> Rule:
    """A rule in the person's words."""
    if not 1 <= len(text.split()) <= MAX_WORDS:
        raise Invalid(
            f"a rule has between 1 and {MAX_WORDS} words",
            hint="say it as one instruction",
            fields={"text": "too short or too long"},
        )
    return identified(account, Rule(text, RuleOrigin.PERSON, claims.read(text), pinned=True))


def _at_its_best(rule: Rule, ledger: Ledger, originals: list[Original]) -> Rule:
    """The rule with the receipts of the kind of recipient that bears it out most."""
    groups = {(o.letter.kind, o.letter.language) for o in originals}
    judged = [
        ledger.judged([rule], _letter_to_any(RecipientKind(kind), language))[0]
        for kind, language in sorted(groups)
    ]
    if not judged:
        return rule
    return max(judged, key=lambda r: (not r.refusal, r.receipts.support - r.receipts.against))


def _letter_to_any(kind: RecipientKind, language: str) -> Letter:
    return Letter(Correspondent(""), (), kind, language=language)


def _style(original: Original) -> style.Style:
    return style.measure(original.text, original.letter.recipient, original.letter.sender)
