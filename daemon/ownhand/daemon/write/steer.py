"""Notes -> rules and a draft, streamed, and what became of it.

Rules come first, then the text as it is written. Closing the stream at any point stops the call to the model.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from ownhand.daemon import anatomy, prompts
from ownhand.daemon.domain import (
    AccountName,
    AgentId,
    Completion,
    ComposeRequest,
    Correspondent,
    DistilTask,
    DraftCompleted,
    DraftId,
    DraftTask,
    Intent,
    IntentId,
    MessageId,
    Original,
    Outcome,
    OutcomeKind,
    Rule,
    RuleId,
    RuleOrigin,
    RulesProposed,
    RulesSource,
    Situation,
    text_digest,
)
from ownhand.daemon.errors import Invalid, NotFound, NotReady, Reason
from ownhand.daemon.learn import claims
from ownhand.daemon.learn.history import Histories, hour_of
from ownhand.daemon.learn.intents import distil, leak
from ownhand.daemon.learn.ledger import letter_to
from ownhand.daemon.learn.rules import identified
from ownhand.daemon.ports import Clock, LargeModel
from ownhand.daemon.write.outcome import kept
from ownhand.daemon.write.propose import Proposer
from ownhand.daemon.write.refine import rules_of
from ownhand.daemon.write.shaped import sentences

_REMEMBERED = 100  # drafts whose text is kept in memory until their outcome is known


class CorpusStore(Protocol):
    def originals(self, account: AccountName) -> list[Original]: ...
    def add_written(self, message_id: MessageId, text: str, at: datetime) -> None: ...


class DraftStore(Protocol):
    def add_draft(
        self,
        draft_id: DraftId,
        account: AccountName,
        *,
        at: datetime,
        agent_id: AgentId | None,
        model: str,
        template: str,
        rules: Sequence[RuleId],
        digest: str,
    ) -> None: ...
    def has_draft(self, draft_id: DraftId) -> bool: ...
    def outcomes(self, account: AccountName) -> list[Outcome]: ...
    def add_outcome(
        self, draft_id: DraftId, *, kind: str, kept: float | None, message_id: str, at: datetime
    ) -> None: ...


_CUT = "The end is missing: the large model ran into its limit of tokens."


class People(Protocol):
    def person(self, account: AccountName) -> Correspondent: ...
    def voice(self, account: AccountName) -> AccountName: ...


class Drafts:
    """Composes drafts and hears what became of them."""

    def __init__(
        self,
        corpus: CorpusStore,
        people: People,
        proposer: Proposer,
        drafts: DraftStore,
        *,
        model: LargeModel,
        clock: Clock,
        histories: Histories,
    ) -> None:
        self._corpus = corpus
        self._people = people
        self._proposer = proposer
        self._drafts = drafts
        self._model = model
        self._clock = clock
        self._histories = histories
        self._texts: OrderedDict[DraftId, str] = OrderedDict()

    async def compose(self, request: ComposeRequest) -> AsyncIterator[RulesProposed | str | DraftCompleted]:
        """The rules, then the text in pieces, then one DraftCompleted."""
        situation = self._situation(request)
        voice = self._people.voice(request.account)
        originals = self._corpus.originals(voice)
        proposed = await self._rules(request, situation, originals)
        yield proposed
        if request.rules_only:
            return
        near = [] if request.zero_shot else await self._near(voice, situation, originals)
        prompt = prompts.draft(
            DraftTask(situation.points, situation.letter, proposed.rules), [(o.letter, o.text) for o in near]
        )
        completion: Completion | None = None
        async with aclosing(self._model.stream(prompt)) as pieces:  # type: ignore[type-var]  # a generator
            async for piece in pieces:
                if isinstance(piece, Completion):
                    completion = piece
                else:
                    yield piece
        if completion is None or not completion.text.strip():
            raise NotReady(
                "the large model gave back no text",
                hint="try again, or choose another model",
                reason=Reason.BAD_COMPLETION,
            )
        yield self._completed(voice, proposed, completion, situation)

    def outcomes(self, account: AccountName) -> list[Outcome]:
        """What became of drafts, oldest first."""
        return self._drafts.outcomes(self._people.voice(account))

    def record_outcome(
        self, draft_id: DraftId, kind: OutcomeKind, *, sent_text: str, message_id: MessageId
    ) -> float:
        """Gives the share of the sent words that stood in the draft; 0 when the draft was thrown away."""
        if not self._drafts.has_draft(draft_id):
            raise NotFound("there is no such draft", hint="use the id that came with the draft")
        text = self._texts.pop(draft_id, None)
        share = kept(text, sent_text) if text is not None and kind is OutcomeKind.SENT else None
        self._drafts.add_outcome(
            draft_id, kind=kind.value, kept=share, message_id=message_id, at=self._clock.now()
        )
        if message_id and sent_text.strip():
            self.record_sent(message_id, sent_text)
        return share or 0.0

    def record_sent(self, message_id: MessageId, text: str) -> None:
        """The exact own words of a mail, for when it is learned from."""
        self._corpus.add_written(message_id, text.strip(), self._clock.now())

    async def distil(
        self, account: AccountName, text: str, *, to: Sequence[Correspondent], subject: str
    ) -> Intent:
        """The intent of a mail that is not kept."""
        sender = self._people.person(account)
        letter = letter_to(to, sender, self._corpus.originals(self._people.voice(account)), subject=subject)
        letter = replace(letter, language=anatomy.language(text))
        if not text.strip():
            raise Invalid("there is no text", hint="give the mail's own words", fields={"text": "empty"})
        try:
            points = await distil(self._model, DistilTask(text, letter))
        except ValueError as exc:
            raise NotReady(
                "the large model's answer cannot be read",
                hint="try again, or choose another model",
                reason=Reason.BAD_COMPLETION,
            ) from exc
        return Intent(IntentId(""), MessageId(""), 0, points, leak(points, text))

    def _situation(self, request: ComposeRequest) -> Situation:
        points = points_of(request.notes)
        if not points and not request.rules_only:
            raise Invalid(
                "there is nothing to say", hint="write notes, one point a line", fields={"notes": "empty"}
            )
        letter = letter_to(
            request.to,
            self._people.person(request.account),
            self._corpus.originals(self._people.voice(request.account)),
            subject=request.subject,
            context=request.context,
            reply=request.reply,
        )
        return Situation(letter, points, hour_of(self._clock.now()))

    async def _near(
        self, voice: AccountName, situation: Situation, originals: Sequence[Original]
    ) -> list[Original]:
        past = await self._histories.past(voice, originals)
        return past.recall.nearest(situation.letter, situation.points)

    async def _rules(
        self, request: ComposeRequest, situation: Situation, originals: Sequence[Original]
    ) -> RulesProposed:
        if request.zero_shot:
            return RulesProposed((), RulesSource.NONE)
        voice = self._people.voice(request.account)
        proposed = await self._proposer.propose(voice, situation, originals)
        unwanted = {_folded(text) for text in request.without_rules}
        asked = (*rules_of(request.refine, request.previous), *request.with_rules)
        own = tuple(identified(voice, Rule(text, RuleOrigin.PERSON, claims.read(text))) for text in asked)
        said = {rule.claim.dimension for rule in own if rule.claim}
        rest = tuple(
            rule
            for rule in proposed.rules
            if _folded(rule.text) not in unwanted and not (rule.claim and rule.claim.dimension in said)
        )
        return replace(proposed, rules=own + rest)

    def _completed(
        self, account: AccountName, proposed: RulesProposed, completion: Completion, situation: Situation
    ) -> DraftCompleted:
        draft_id = DraftId(uuid4().hex[:16])
        self._drafts.add_draft(
            draft_id,
            account,
            at=self._clock.now(),
            agent_id=proposed.agent_id or None,
            model=completion.model,
            template=completion.template,
            rules=[rule.id for rule in proposed.rules],
            digest=text_digest(completion.text),
        )
        self._texts[draft_id] = completion.text
        while len(self._texts) > _REMEMBERED:
            self._texts.popitem(last=False)
        said = (*situation.points, *(rule.text for rule in proposed.rules))
        return DraftCompleted(
            draft_id,
            completion.text,
            completion.model,
            completion.input_tokens,
            completion.output_tokens,
            (*completion.unmet, *([_CUT] if completion.cut else [])),
            tuple(sentences(completion.text, proposed.rules, situation.letter, said)),
        )


def points_of(notes: str) -> tuple[str, ...]:
    """Notes as points: one a line, bullet marks taken off; a single line is divided at its sentences."""
    lines = [line.strip().lstrip("-*•").strip() for line in notes.splitlines()]
    lines = [line for line in lines if line]
    return tuple(anatomy.sentences(lines[0])) if len(lines) == 1 else tuple(lines)


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
