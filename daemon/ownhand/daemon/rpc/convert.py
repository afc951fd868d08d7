"""Domain <-> proto, one function per noun and direction. Here proto types end."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from ownhand.daemon.domain import (
    AccountName,
    AccountState,
    AgentState,
    Checked,
    ComposeRequest,
    Connection,
    CorpusCounts,
    Correspondent,
    DaemonState,
    DraftCompleted,
    DraftId,
    EgressEntry,
    Identity,
    JobState,
    MessageId,
    NeverEntry,
    NeverKind,
    NewAccount,
    OutcomeKind,
    Plan,
    Rule,
    RulesProposed,
    Sample,
    SaveRequest,
    Stage,
)
from ownhand.daemon.errors import Invalid
from ownhand.v1 import (
    accounts_pb2,
    agents_pb2,
    daemon_pb2,
    drafts_pb2,
    learning_pb2,
    privacy_pb2,
    rules_pb2,
)

_SHOWN_RECEIPTS = 5  # of each kind; the counts say how many there are


def required(request: Message, *fields: str) -> None:
    """Refuses a request in which one of these fields is empty, naming all that are."""
    missing = {field: "must not be empty" for field in fields if not getattr(request, field)}
    if missing:
        raise Invalid(f"{' and '.join(missing)} must not be empty", fields=missing)


def page_size(asked: int, *, default: int, most: int) -> int:
    return min(asked, most) if asked else default


def to_timestamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp


# --- accounts ------------------------------------------------------------------------------------


def account_to_proto(account: AccountState) -> accounts_pb2.Account:
    return accounts_pb2.Account(
        name=account.name,
        address=account.person.address,
        source=account.source,
        n_originals=account.n_originals,
        n_skipped=account.n_skipped,
        watching=account.watching,
        collect_time=to_timestamp(account.collected_at),
        problem=account.problem,
        voice=account.voice,
        addresses=account.addresses,
    )


def checked_to_proto(checked: Checked) -> accounts_pb2.CheckAccountResponse:
    found = checked.found
    return accounts_pb2.CheckAccountResponse(
        server=found.server,
        capabilities=found.capabilities,
        sent_folder=found.sent_folder,
        n_messages=found.n_messages,
        folders=found.folders,
        source=checked.source,
        connection=_connection_to_proto(found.connection) if found.connection else None,
        found_by=f"FOUND_BY_{found.found_by.name}" if found.found_by else None,
        other_sent_folders=found.other_sent_folders,
        pushes="IDLE" in found.capabilities,
        poll_s=checked.poll_s,
        tells_deletions="QRESYNC" in found.capabilities,
        sample=_sample_to_proto(checked.sample) if checked.sample else None,
        n_usable=checked.n_usable,
        n_needed=checked.n_needed,
        n_learned=checked.n_learned,
        warnings=checked.warnings,
        usable=checked.usable,
        max_message_bytes=found.max_message_bytes,
        relay_running=found.relay_running,
    )


def _connection_to_proto(connection: Connection) -> accounts_pb2.Connection:
    return accounts_pb2.Connection(
        tls=connection.tls, pinned=connection.pinned, mechanism=connection.mechanism
    )


def _sample_to_proto(sample: Sample) -> accounts_pb2.Sample:
    return accounts_pb2.Sample(
        n_messages=sample.n_messages,
        n_usable=sample.n_usable,
        n_skipped=sample.n_skipped,
        n_by_language=sample.n_by_language,
        n_replies=sample.n_replies,
        first_time=to_timestamp(sample.first_at),
        last_time=to_timestamp(sample.last_at),
        other_addresses=sample.other_addresses,
        n_other_addresses=sample.n_other_addresses,
    )


_SECURITY: "Mapping[accounts_pb2.ServerSecurity, Literal['verify', 'starttls', 'plaintext-loopback']]" = {
    accounts_pb2.SERVER_SECURITY_UNSPECIFIED: "verify",
    accounts_pb2.SERVER_SECURITY_TLS: "verify",
    accounts_pb2.SERVER_SECURITY_STARTTLS: "starttls",
    accounts_pb2.SERVER_SECURITY_PLAINTEXT_LOOPBACK: "plaintext-loopback",
}


def new_account_from_proto(request: accounts_pb2.AddAccountRequest) -> NewAccount:
    if request.security not in _SECURITY:
        raise Invalid("security is not known", fields={"security": "is not known"})
    return NewAccount(
        name=AccountName(request.name),
        person=Correspondent(request.address, request.display_name),
        host=request.host,
        port=request.port,
        tls=_SECURITY[request.security],
        tls_pin=request.tls_pin,
        user=request.user,
        sent=request.sent_folder or "auto",
        identities=tuple(
            Identity(Correspondent(one.address, one.display_name), AccountName(one.voice))
            for one in request.identities
        ),
        voice=AccountName(request.voice),
        secret=request.secret,
    )


# --- learning ------------------------------------------------------------------------------------


def stage_from_proto(stage: "learning_pb2.Stage") -> Stage:
    """Unspecified means all of them."""
    if stage == learning_pb2.STAGE_UNSPECIFIED:
        return Stage.PROMOTE
    if stage not in learning_pb2.Stage.values():
        raise Invalid("there is no such stage", fields={"until": "is not a stage"})
    return Stage[learning_pb2.Stage.Name(stage).removeprefix("STAGE_")]


def stage_to_proto(stage: Stage) -> str:
    return f"STAGE_{stage.name}"


def corpus_to_proto(corpus: CorpusCounts) -> learning_pb2.GetCorpusResponse:
    return learning_pb2.GetCorpusResponse(
        n_originals=corpus.n_originals,
        n_intents=corpus.n_intents,
        n_zero_shot_drafts=corpus.n_zero_shot_drafts,
        n_rules=corpus.n_rules,
        n_examples=corpus.n_examples,
        n_skipped=corpus.n_skipped,
        n_by_language=corpus.n_by_language,
        n_by_recipient_kind=corpus.n_by_recipient_kind,
    )


def plan_to_proto(plan: Plan) -> learning_pb2.PlanLearningResponse:
    return learning_pb2.PlanLearningResponse(
        stages=[
            learning_pb2.PlannedStage(
                stage=stage_to_proto(planned.stage),
                n_items=planned.n_items,
                n_calls=planned.n_calls,
                input_tokens=planned.input_tokens,
                output_tokens=planned.output_tokens,
                cost_usd=planned.cost_usd,
            )
            for planned in plan.stages
        ],
        destination=plan.destination,
        consent_needed=plan.consent_needed,
        samples=plan.samples,
        n_missing=plan.n_missing,
        price_unknown=plan.price_unknown,
        plan_id=plan.id,
    )


def job_to_proto(job: JobState) -> learning_pb2.Job:
    return learning_pb2.Job(
        id=job.id,
        account=job.account,
        state=f"JOB_STATE_{job.phase.name}",
        stages=[
            learning_pb2.StageProgress(
                stage=stage_to_proto(s.stage),
                done=s.done,
                total=s.total,
                n_failed=s.n_failed,
                left_s=s.left_s,
            )
            for s in job.stages
        ],
        start_time=to_timestamp(job.started_at),
        end_time=to_timestamp(job.ended_at),
        message=job.message,
        reason=f"ERROR_REASON_{job.reason}" if job.reason else "",
        asked_by=job.asked_by,
        training=[
            learning_pb2.TrainingPoint(step=p.step, loss=p.loss, valid_loss=p.valid_loss)
            for p in job.training
        ],
        agent_id=job.agent_id,
    )


# --- rules and agents ----------------------------------------------------------------------------


def rule_to_proto(rule: Rule, account: AccountName) -> rules_pb2.Rule:
    receipts = rule.receipts
    return rules_pb2.Rule(
        id=rule.id,
        account=account,
        text=rule.text,
        origin=f"RULE_ORIGIN_{rule.origin.name}",
        verdict=rules_pb2.RULE_VERDICT_REFUSED if rule.refusal else rules_pb2.RULE_VERDICT_ACCEPTED,
        refusal=rule.refusal,
        support=receipts.support,
        against=receipts.against,
        scope=receipts.scope,
        muted=rule.muted,
        supporting_ids=receipts.supporting[:_SHOWN_RECEIPTS],
        contradicting_ids=receipts.contradicting[:_SHOWN_RECEIPTS],
        dimension=rule.claim.dimension if rule.claim else "",
    )


def agent_to_proto(agent: AgentState) -> agents_pb2.Agent:
    manifest = agent.manifest
    return agents_pb2.Agent(
        id=agent.id,
        account=agent.account,
        create_time=to_timestamp(agent.created_at),
        current=agent.current,
        base_model=manifest.base_model,
        backend=manifest.backend,
        rank=manifest.rank,
        alpha=manifest.alpha,
        n_examples=manifest.n_examples,
        training_set=manifest.training_set,
        valid_loss=manifest.valid_loss,
        precision=manifest.precision,
        recall=manifest.recall,
        reason=agent.reason,
    )


# --- drafts --------------------------------------------------------------------------------------


def people_from_proto(people: Iterable[drafts_pb2.Correspondent]) -> tuple[Correspondent, ...]:
    found = tuple(Correspondent(person.address, person.name) for person in people)
    if not all(person.address for person in found):
        raise Invalid("every recipient needs an address", fields={"to": "has an empty address"})
    return found


def compose_from_proto(request: drafts_pb2.ComposeDraftRequest) -> ComposeRequest:
    return ComposeRequest(
        account=AccountName(request.account),
        to=people_from_proto(request.to),
        subject=request.subject,
        notes=request.notes,
        context=request.context,
        reply=request.reply,
        rules_only=request.rules_only,
        zero_shot=request.zero_shot,
        without_rules=tuple(request.without_rules),
        with_rules=tuple(request.with_rules),
    )


def event_to_proto(
    event: RulesProposed | str | DraftCompleted, account: AccountName
) -> drafts_pb2.ComposeDraftResponse:
    match event:
        case str():
            return drafts_pb2.ComposeDraftResponse(text_delta=drafts_pb2.TextDelta(text=event))
        case RulesProposed():
            return drafts_pb2.ComposeDraftResponse(
                rules_proposed=drafts_pb2.RulesProposed(
                    rules=[rule_to_proto(rule, account) for rule in event.rules],
                    source=f"RULES_SOURCE_{event.source.name}",
                    agent_id=event.agent_id,
                )
            )
        case DraftCompleted():
            return drafts_pb2.ComposeDraftResponse(
                draft_completed=drafts_pb2.DraftCompleted(
                    draft_id=event.draft_id,
                    text=event.text,
                    model=event.model,
                    input_tokens=event.input_tokens,
                    output_tokens=event.output_tokens,
                    unmet=event.unmet,
                )
            )


def save_from_proto(request: drafts_pb2.SaveDraftRequest) -> SaveRequest:
    return SaveRequest(
        account=AccountName(request.account),
        draft_id=DraftId(request.draft_id),
        text=request.text,
        to=people_from_proto(request.to),
        cc=people_from_proto(request.cc),
        subject=request.subject,
        answered=request.message,
        answered_id=MessageId(request.message_id),
        reply_all=request.reply_all,
        quote=not request.no_quote,
    )


def outcome_kind_from_proto(kind: "drafts_pb2.OutcomeKind") -> OutcomeKind:
    match kind:
        case drafts_pb2.OUTCOME_KIND_SENT:
            return OutcomeKind.SENT
        case drafts_pb2.OUTCOME_KIND_DISCARDED:
            return OutcomeKind.DISCARDED
    raise Invalid("say what became of the draft", fields={"kind": "must be sent or discarded"})


# --- privacy and the daemon ----------------------------------------------------------------------


def never_to_proto(entry: NeverEntry) -> privacy_pb2.NeverEntry:
    return privacy_pb2.NeverEntry(kind=f"NEVER_KIND_{entry.kind.name}", what=entry.what)


def never_from_proto(entry: privacy_pb2.NeverEntry) -> NeverEntry:
    """As it is compared: lower case, and a domain without its "@". Raises Invalid."""
    what = entry.what.strip()
    if entry.kind not in privacy_pb2.NeverKind.values()[1:] or not what:
        raise Invalid("say what is never learned from", fields={"entry": "needs a kind and what it is"})
    kind = NeverKind[privacy_pb2.NeverKind.Name(entry.kind).removeprefix("NEVER_KIND_")]
    if kind is NeverKind.PERSON and not all(what.partition("@")):
        raise Invalid("a person is named by a mail address", fields={"entry.what": "must be a mail address"})
    return NeverEntry(kind, what if kind is NeverKind.FOLDER else what.lower().removeprefix("@"))


def egress_to_proto(entry: EgressEntry) -> privacy_pb2.EgressEntry:
    return privacy_pb2.EgressEntry(
        time=to_timestamp(entry.at),
        destination=entry.destination,
        template=entry.template,
        input_tokens=entry.input_tokens,
        output_tokens=entry.output_tokens,
        cost_usd=entry.cost_usd,
        n_bytes=entry.n_bytes,
    )


def status_to_proto(state: DaemonState) -> daemon_pb2.GetStatusResponse:
    return daemon_pb2.GetStatusResponse(
        version=state.version,
        pid=state.pid,
        start_time=to_timestamp(state.started_at),
        model=state.model,
        destination=state.destination,
        backend=state.backend,
        n_accounts=state.n_accounts,
        n_running_jobs=state.n_running_jobs,
        memory_bytes=state.memory_bytes,
        data_folder=state.data_folder,
        log_file=state.log_file,
    )
