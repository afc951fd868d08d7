"""Every RPC, through a real socket."""

from datetime import UTC, datetime

import grpc
import pytest
from fakes import JOB, NOON, WORK, FakeServices
from ownhand.daemon.domain import (
    AccountName,
    Checked,
    Correspondent,
    Found,
    Identity,
    NeverEntry,
    NeverKind,
    OutcomeKind,
    RecipientKind,
    Stage,
)
from ownhand.v1 import (
    accounts_pb2,
    accounts_pb2_grpc,
    agents_pb2,
    agents_pb2_grpc,
    daemon_pb2,
    daemon_pb2_grpc,
    drafts_pb2,
    drafts_pb2_grpc,
    learning_pb2,
    learning_pb2_grpc,
    privacy_pb2,
    privacy_pb2_grpc,
    rules_pb2,
    rules_pb2_grpc,
)

Channel = grpc.aio.Channel


async def test_accounts_are_listed_with_what_was_left_out(channel: Channel) -> None:
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    [account] = (await stub.ListAccounts(accounts_pb2.ListAccountsRequest())).accounts
    assert (account.name, account.address, account.source) == ("work", "ana@example.org", "imap")
    assert (account.n_originals, account.watching, dict(account.n_skipped)) == (90, True, {"no date": 2})
    assert account.collect_time.ToDatetime(UTC) == NOON
    coming = account.next_training
    assert (coming.n_mails, coming.duration_s, coming.memory_bytes) == (7, 95.0, 800_000_000)
    assert coming.not_before_time.ToDatetime(UTC) == NOON < coming.at_latest_time.ToDatetime(UTC)


async def test_an_account_is_paused_and_goes_on(channel: Channel, services: FakeServices) -> None:
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    for paused in (True, False):
        request = accounts_pb2.UpdateAccountRequest(account="work", paused=paused)
        assert (await stub.UpdateAccount(request)).account.paused is services.accounts.paused is paused


async def test_a_check_says_what_was_found(channel: Channel) -> None:
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    found = await stub.CheckAccount(accounts_pb2.CheckAccountRequest(account="work"))
    assert (found.server, found.sent_folder, found.n_messages) == ("imap.example.org:993", "Sent", 950)
    assert list(found.folders) == ["INBOX", "Sent"]
    assert (found.source, found.found_by) == ("imap", accounts_pb2.FOUND_BY_SPECIAL_USE)
    assert (found.connection.tls, found.connection.pinned) == ("TLSv1.3", False)
    assert (found.pushes, found.tells_deletions, found.poll_s) == (True, True, 300.0)


async def test_a_check_says_what_a_sample_would_teach(channel: Channel) -> None:
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    found = await stub.CheckAccount(accounts_pb2.CheckAccountRequest(account="work"))
    sample = found.sample
    assert (sample.n_messages, sample.n_usable, sample.n_replies) == (200, 180, 60)
    assert dict(sample.n_skipped) == {"too few own words": 12, "from another sender": 8}
    assert dict(sample.n_by_language) == {"en": 170, "de": 10}
    assert (sample.first_time.ToDatetime(UTC), sample.last_time.ToDatetime(UTC)) == (NOON, NOON)
    assert dict(sample.other_addresses) == {"ana@club.example": 8}
    assert (found.n_usable, found.n_needed, found.usable) == (850, 20, True)
    assert list(found.warnings) == ["the password is in a file"]


async def test_a_check_of_an_empty_folder_has_no_sample(channel: Channel, services: FakeServices) -> None:
    empty = Found("imap.example.org:993", (), "Sent", 0, ())
    services.accounts.checked = Checked(empty, "imap", n_needed=20)
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    found = await stub.CheckAccount(accounts_pb2.CheckAccountRequest(account="work"))
    assert not found.HasField("sample")
    assert not found.HasField("connection")
    assert (found.found_by, found.usable) == (accounts_pb2.FOUND_BY_UNSPECIFIED, False)


async def test_an_account_is_handed_over_with_all_that_the_client_knows(
    channel: Channel, services: FakeServices
) -> None:
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    identity = accounts_pb2.NewIdentity(address="ana@club.example", display_name="A", voice="club")
    request = accounts_pb2.AddAccountRequest(
        name="home", address="ana@home.example", display_name="Ana", host="imap.home.example", port=143,
        security=accounts_pb2.SERVER_SECURITY_STARTTLS, user="ana", sent_folder="Sent", secret="hush",
        identities=[identity], voice="work",
    )  # fmt: skip
    answer = await stub.AddAccount(request)
    assert (answer.sent_folder, answer.n_messages, answer.account.name) == ("Sent", 95, "home")
    added = services.setup.added
    assert added is not None and added.person == Correspondent("ana@home.example", "Ana")
    assert (added.host, added.port, added.tls, added.user, added.sent) == (
        "imap.home.example", 143, "starttls", "ana", "Sent"
    )  # fmt: skip
    assert added.identities == (Identity(Correspondent("ana@club.example", "A"), AccountName("club")),)
    assert (added.voice, added.secret) == ("work", "hush") and "hush" not in repr(added)


async def test_an_account_is_secured_by_tls_and_its_folder_found_unless_told_otherwise(
    channel: Channel, services: FakeServices
) -> None:
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    request = accounts_pb2.AddAccountRequest(
        name="home", address="ana@home.example", host="imap.home.example"
    )
    await stub.AddAccount(request)
    added = services.setup.added
    assert added is not None and (added.tls, added.sent, added.port) == ("verify", "auto", 0)


async def test_what_could_not_be_forgotten_of_an_account_is_said(
    channel: Channel, services: FakeServices
) -> None:
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    answer = await stub.RemoveAccount(accounts_pb2.RemoveAccountRequest(account="work"))
    assert (answer.problem, services.setup.removed) == ("the keyring is locked", "work")


async def test_an_import_is_named_after_the_address_unless_told_otherwise(
    channel: Channel, services: FakeServices
) -> None:
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    request = accounts_pb2.ImportMailRequest(path="/mail/sent.mbox", address="ana@example.org")
    answer = await stub.ImportMail(request)
    assert answer.job_id == JOB.id
    assert services.accounts.imported is not None
    assert services.accounts.imported[2] == "ana@example.org"


async def test_an_import_from_a_relative_path_is_refused(channel: Channel) -> None:
    stub = accounts_pb2_grpc.AccountServiceStub(channel)
    with pytest.raises(grpc.aio.AioRpcError, match="absolute"):
        await stub.ImportMail(accounts_pb2.ImportMailRequest(path="sent.mbox", address="ana@example.org"))


async def test_a_corpus_is_counted(channel: Channel) -> None:
    stub = learning_pb2_grpc.LearningServiceStub(channel)
    corpus = await stub.GetCorpus(learning_pb2.GetCorpusRequest(account="work"))
    assert (corpus.n_originals, corpus.n_intents, corpus.n_zero_shot_drafts) == (90, 88, 87)
    assert (corpus.n_rules, corpus.n_examples, dict(corpus.n_by_language)) == (40, 86, {"en": 80, "de": 10})


async def test_a_plan_says_what_would_leave(channel: Channel) -> None:
    stub = learning_pb2_grpc.LearningServiceStub(channel)
    plan = await stub.PlanLearning(learning_pb2.PlanLearningRequest(account="work"))
    assert (plan.destination, plan.consent_needed, plan.plan_id) == ("https://api.example.org", True, "plan1")
    assert (list(plan.samples), plan.n_missing) == (["a sample"], 3)
    assert (plan.stages[0].stage, plan.stages[0].cost_usd) == (learning_pb2.STAGE_DISTIL, 0.25)


async def test_learning_runs_to_the_end_unless_told_where_to_stop(
    channel: Channel, services: FakeServices
) -> None:
    stub = learning_pb2_grpc.LearningServiceStub(channel)
    await stub.StartLearning(learning_pb2.StartLearningRequest(account="work"))
    verify = learning_pb2.StartLearningRequest(account="work", until=learning_pb2.STAGE_VERIFY)
    await stub.StartLearning(verify)
    assert services.learning.started == [(WORK, Stage.PROMOTE, "person"), (WORK, Stage.VERIFY, "person")]


async def test_a_stage_from_the_future_is_refused(channel: Channel) -> None:
    stub = learning_pb2_grpc.LearningServiceStub(channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.StartLearning(learning_pb2.StartLearningRequest(account="work", until=99))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_job_is_given_with_its_stages_and_training(channel: Channel) -> None:
    stub = learning_pb2_grpc.LearningServiceStub(channel)
    job = (await stub.GetJob(learning_pb2.GetJobRequest(job_id="job1"))).job
    assert (job.id, job.state, job.asked_by) == ("job1", learning_pb2.JOB_STATE_RUNNING, "person")
    stage, training = job.stages
    assert (stage.stage, stage.done, stage.total, stage.n_failed) == (learning_pb2.STAGE_COLLECT, 4, 9, 1)
    assert (training.left_s, training.memory_bytes) == (130.0, 800_000_000)
    assert job.training[0].valid_loss == 1.75
    assert not job.HasField("end_time")


async def test_a_list_of_jobs_has_an_end(channel: Channel) -> None:
    stub = learning_pb2_grpc.LearningServiceStub(channel)
    default = await stub.ListJobs(learning_pb2.ListJobsRequest())
    greedy = await stub.ListJobs(learning_pb2.ListJobsRequest(page_size=100_000))
    assert (len(default.jobs), len(greedy.jobs)) == (20, 200)


async def test_all_jobs_are_watched(channel: Channel) -> None:
    stub = learning_pb2_grpc.LearningServiceStub(channel)
    states = [state async for state in stub.WatchJobs(learning_pb2.WatchJobsRequest(account="work"))]
    assert [[job.state for job in state.jobs] for state in states] == [
        [learning_pb2.JOB_STATE_RUNNING] * 2,
        [learning_pb2.JOB_STATE_SUCCEEDED] * 2,
    ]


async def test_a_cancelled_job_is_given_back(channel: Channel) -> None:
    stub = learning_pb2_grpc.LearningServiceStub(channel)
    job = (await stub.CancelJob(learning_pb2.CancelJobRequest(job_id="job1"))).job
    assert job.state == learning_pb2.JOB_STATE_CANCELLED
    assert job.end_time.ToDatetime(UTC) == NOON


async def test_rules_come_with_their_receipts(channel: Channel, services: FakeServices) -> None:
    stub = rules_pb2_grpc.RuleServiceStub(channel)
    request = rules_pb2.ListRulesRequest(account="work", recipient="sam@example.org", include_refused=True)
    accepted, refused = (await stub.ListRules(request)).rules
    assert (accepted.support, accepted.against, accepted.scope) == (8, 1, "colleague")
    assert list(accepted.supporting_ids) == [f"<{n}@x>" for n in range(5)]
    assert (accepted.origin, accepted.dimension) == (rules_pb2.RULE_ORIGIN_MEASURED, "greeting")
    assert (refused.verdict, refused.refusal) == (rules_pb2.RULE_VERDICT_REFUSED, "no support")
    assert services.rules.asked == [("work", "sam@example.org", None, True)]


async def test_rules_are_given_for_a_kind_of_recipient_in_a_language(
    channel: Channel, services: FakeServices
) -> None:
    stub = rules_pb2_grpc.RuleServiceStub(channel)
    await stub.ListRules(
        rules_pb2.ListRulesRequest(account="work", recipient_kind="colleague", language="de")
    )
    assert services.rules.asked == [("work", "", (RecipientKind.COLLEAGUE, "de"), False)]


@pytest.mark.parametrize("kind, language", [("colleague", ""), ("", "de"), ("friend", "de")])
async def test_half_a_group_is_refused(channel: Channel, kind: str, language: str) -> None:
    stub = rules_pb2_grpc.RuleServiceStub(channel)
    request = rules_pb2.ListRulesRequest(account="work", recipient_kind=kind, language=language)
    with pytest.raises(grpc.aio.AioRpcError, match="need the kind and the language"):
        await stub.ListRules(request)


async def test_an_update_changes_only_what_it_names(channel: Channel, services: FakeServices) -> None:
    stub = rules_pb2_grpc.RuleServiceStub(channel)
    muted = await stub.UpdateRule(rules_pb2.UpdateRuleRequest(rule_id="rule1", muted=True))
    await stub.UpdateRule(rules_pb2.UpdateRuleRequest(rule_id="rule1", text=" Be brief. "))
    assert (muted.rule.account, muted.rule.muted) == ("work", True)
    pinned = await stub.UpdateRule(rules_pb2.UpdateRuleRequest(rule_id="rule1", pinned=True))
    assert pinned.rule.pinned
    assert services.rules.asked == [
        ("rule1", True, None, None),
        ("rule1", None, None, "Be brief."),
        ("rule1", None, True, None),
    ]


async def test_a_rule_without_words_is_refused(channel: Channel) -> None:
    stub = rules_pb2_grpc.RuleServiceStub(channel)
    with pytest.raises(grpc.aio.AioRpcError, match="needs words"):
        await stub.UpdateRule(rules_pb2.UpdateRuleRequest(rule_id="rule1", text="  "))


async def test_a_rule_is_tried_in_new_words(channel: Channel, services: FakeServices) -> None:
    stub = rules_pb2_grpc.RuleServiceStub(channel)
    told = await stub.TryRule(rules_pb2.TryRuleRequest(rule_id="rule1", text="Be brief."))
    assert (told.measurable, told.n_mails, told.n_holds, told.n_held_before) == (True, 9, 7, 2)
    assert (told.n_drafts, told.distance, told.distance_before) == (8, 0.125, 0.25)
    assert services.rules.asked == [("rule1", "Be brief.")]


async def test_a_rule_can_be_deleted(channel: Channel, services: FakeServices) -> None:
    stub = rules_pb2_grpc.RuleServiceStub(channel)
    await stub.DeleteRule(rules_pb2.DeleteRuleRequest(rule_id="rule1"))
    assert services.rules.asked == ["rule1"]


async def test_agents_come_with_their_numbers(channel: Channel) -> None:
    stub = agents_pb2_grpc.AgentServiceStub(channel)
    [listed] = (await stub.ListAgents(agents_pb2.ListAgentsRequest())).agents
    agent = (await stub.GetAgent(agents_pb2.GetAgentRequest(agent_id="agent1"))).agent
    assert listed == agent
    assert (agent.current, agent.rank, agent.alpha, agent.n_examples) == (True, 8, 16, 90)
    assert (agent.valid_loss, agent.precision, agent.recall) == (0.5, 0.75, 0.625)


async def test_an_agent_can_be_promoted_and_deleted(channel: Channel, services: FakeServices) -> None:
    stub = agents_pb2_grpc.AgentServiceStub(channel)
    promoted = (await stub.PromoteAgent(agents_pb2.PromoteAgentRequest(agent_id="agent1"))).agent
    await stub.DeleteAgent(agents_pb2.DeleteAgentRequest(agent_id="agent0"))
    assert promoted.current
    assert services.agents.deleted == ["agent0"]


async def test_a_draft_comes_as_rules_then_text_then_the_end(channel: Channel) -> None:
    stub = drafts_pb2_grpc.DraftServiceStub(channel)
    request = drafts_pb2.ComposeDraftRequest(account="work", notes="done")
    events = [event async for event in stub.ComposeDraft(request)]
    assert [event.WhichOneof("event") for event in events] == [
        "rules_proposed", "text_delta", "text_delta", "draft_completed",
    ]  # fmt: skip
    assert events[0].rules_proposed.source == drafts_pb2.RULES_SOURCE_AGENT
    assert "".join(event.text_delta.text for event in events[1:3]) == events[3].draft_completed.text
    assert list(events[3].draft_completed.unmet) == ["no emoji"]


async def test_all_of_a_request_for_a_draft_arrives(channel: Channel, services: FakeServices) -> None:
    stub = drafts_pb2_grpc.DraftServiceStub(channel)
    request = drafts_pb2.ComposeDraftRequest(
        account="work", notes="done", subject="plan", context="is it?", reply=True, rules_only=True,
        zero_shot=True, without_rules=["a"], with_rules=["b"],
        to=[drafts_pb2.Correspondent(address="sam@example.org", name="Sam")],
    )  # fmt: skip
    async for _ in stub.ComposeDraft(request):
        pass
    [asked] = services.drafts.asked
    assert asked.to == (Correspondent("sam@example.org", "Sam"),)
    assert (asked.account, asked.notes, asked.subject, asked.context) == ("work", "done", "plan", "is it?")
    assert (asked.reply, asked.rules_only, asked.zero_shot) == (True, True, True)
    assert (asked.without_rules, asked.with_rules) == (("a",), ("b",))


async def test_a_draft_to_nobody_in_particular_may_not_name_an_empty_address(channel: Channel) -> None:
    stub = drafts_pb2_grpc.DraftServiceStub(channel)
    request = drafts_pb2.ComposeDraftRequest(
        account="work", notes="done", to=[drafts_pb2.Correspondent(name="Sam")]
    )
    with pytest.raises(grpc.aio.AioRpcError, match="needs an address"):
        await stub.ComposeDraft(request).read()


@pytest.mark.parametrize("message_id", ["1@x", "<1@x>"])
async def test_an_outcome_says_how_much_was_kept(
    channel: Channel, services: FakeServices, message_id: str
) -> None:
    stub = drafts_pb2_grpc.DraftServiceStub(channel)
    request = drafts_pb2.RecordOutcomeRequest(
        draft_id="draft1", kind=drafts_pb2.OUTCOME_KIND_SENT, sent_text="Sam,\ndone", message_id=message_id
    )
    assert (await stub.RecordOutcome(request)).kept == 0.75
    assert services.drafts.asked == [("draft1", OutcomeKind.SENT, "Sam,\ndone", "<1@x>")]


@pytest.mark.parametrize("message_id", ["1@x", "<1@x>"])
async def test_the_exact_words_of_a_mail_are_told(
    channel: Channel, services: FakeServices, message_id: str
) -> None:
    stub = drafts_pb2_grpc.DraftServiceStub(channel)
    await stub.RecordSent(drafts_pb2.RecordSentRequest(message_id=message_id, text="Sam,\ndone"))
    assert services.drafts.asked == [("<1@x>", "Sam,\ndone")]


async def test_outcomes_are_listed_with_what_was_kept(channel: Channel) -> None:
    stub = drafts_pb2_grpc.DraftServiceStub(channel)
    sent, discarded = (await stub.ListOutcomes(drafts_pb2.ListOutcomesRequest(account="work"))).outcomes
    assert (sent.kind, sent.kept, sent.time.ToDatetime(UTC)) == (drafts_pb2.OUTCOME_KIND_SENT, 0.75, NOON)
    assert not discarded.HasField("kept")


@pytest.mark.parametrize("kind", [drafts_pb2.OUTCOME_KIND_UNSPECIFIED, drafts_pb2.OUTCOME_KIND_SENT])
async def test_an_outcome_must_say_what_became_of_the_draft(channel: Channel, kind: int) -> None:
    stub = drafts_pb2_grpc.DraftServiceStub(channel)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.RecordOutcome(drafts_pb2.RecordOutcomeRequest(draft_id="draft1", kind=kind))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_an_intent_is_distilled(channel: Channel) -> None:
    stub = drafts_pb2_grpc.DraftServiceStub(channel)
    intent = await stub.DistilIntent(drafts_pb2.DistilIntentRequest(account="work", text="It's done!"))
    assert (list(intent.points), intent.leak) == (["It is done."], 0.125)


async def test_what_left_is_listed_with_its_totals(channel: Channel, services: FakeServices) -> None:
    stub = privacy_pb2_grpc.PrivacyServiceStub(channel)
    listed = await stub.ListEgress(privacy_pb2.ListEgressRequest())
    [entry] = listed.entries
    assert (entry.template, entry.n_bytes, entry.cost_usd) == ("draft@1", 420, 0.5)
    assert (listed.input_tokens, listed.output_tokens, listed.cost_usd) == (1000, 500, 5.0)
    assert services.privacy.asked == [100]


async def test_a_preview_shows_the_text_that_would_leave(channel: Channel) -> None:
    stub = privacy_pb2_grpc.PrivacyServiceStub(channel)
    request = privacy_pb2.PreviewEgressRequest(account="work", notes="done", context="is it?")
    preview = await stub.PreviewEgress(request)
    assert (preview.text, preview.consented) == ("system\ndone\nis it?", False)


async def test_consent_is_given_to_a_plan(channel: Channel, services: FakeServices) -> None:
    stub = privacy_pb2_grpc.PrivacyServiceStub(channel)
    request = privacy_pb2.SetPolicyRequest(destination="https://x", consent=True, plan_id="plan1")
    assert (await stub.SetPolicy(request)).consent
    with pytest.raises(grpc.aio.AioRpcError, match="plan_id"):
        await stub.SetPolicy(privacy_pb2.SetPolicyRequest(destination="https://x", consent=True))
    assert not (await stub.SetPolicy(privacy_pb2.SetPolicyRequest(destination="https://x"))).consent
    assert services.privacy.asked == [("https://x", True, "plan1"), ("https://x", False, "")]


async def test_forgetting_names_a_message_or_an_address(channel: Channel, services: FakeServices) -> None:
    stub = privacy_pb2_grpc.PrivacyServiceStub(channel)
    forgotten = await stub.Forget(privacy_pb2.ForgetRequest(account="work", address="sam@example.org"))
    assert (forgotten.n_originals, forgotten.n_agents) == (3, 1)
    assert services.privacy.asked == [("work", "", "sam@example.org", False)]
    with pytest.raises(grpc.aio.AioRpcError, match="what to forget"):
        await stub.Forget(privacy_pb2.ForgetRequest(account="work"))


async def test_the_never_learn_list_is_shown_added_to_and_taken_from(
    channel: Channel, services: FakeServices
) -> None:
    stub = privacy_pb2_grpc.PrivacyServiceStub(channel)
    [shown] = (await stub.ListNever(privacy_pb2.ListNeverRequest())).entries
    entry = privacy_pb2.NeverEntry(kind="NEVER_KIND_DOMAIN", what="@Clinic.Example")

    added = await stub.AddNever(privacy_pb2.AddNeverRequest(entry=entry))
    await stub.RemoveNever(privacy_pb2.RemoveNeverRequest(entry=entry))

    assert added.entry == shown
    assert (added.n_originals, added.n_agents) == (2, 1)
    assert services.privacy.asked == [NeverEntry(NeverKind.DOMAIN, "clinic.example")] * 2
    wrong = privacy_pb2.NeverEntry(kind="NEVER_KIND_PERSON", what="clinic.example")
    with pytest.raises(grpc.aio.AioRpcError, match="named by a mail address"):
        await stub.AddNever(privacy_pb2.AddNeverRequest(entry=wrong))


async def test_erasing_takes_a_token_first(channel: Channel) -> None:
    stub = privacy_pb2_grpc.PrivacyServiceStub(channel)
    asked = await stub.EraseData(privacy_pb2.EraseDataRequest())
    done = await stub.EraseData(privacy_pb2.EraseDataRequest(token=asked.token))
    assert (asked.erased, bool(asked.token), done.erased) == (False, True, True)


async def test_the_daemon_says_how_it_is(channel: Channel) -> None:
    stub = daemon_pb2_grpc.DaemonServiceStub(channel)
    status = await stub.GetStatus(daemon_pb2.GetStatusRequest())
    assert (status.version, status.pid, status.model, status.destination) == (
        "0.1.0",
        42,
        "offline",
        "nowhere",
    )
    assert status.start_time.ToDatetime(UTC) == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (status.n_accounts, status.n_running_jobs, status.memory_bytes) == (1, 1, 40_000_000)


@pytest.mark.parametrize(
    ("service", "method", "request_type"),
    [
        ("accounts.Account", "CheckAccount", accounts_pb2.CheckAccountRequest),
        ("learning.Learning", "GetCorpus", learning_pb2.GetCorpusRequest),
        ("learning.Learning", "PlanLearning", learning_pb2.PlanLearningRequest),
        ("learning.Learning", "StartLearning", learning_pb2.StartLearningRequest),
        ("learning.Learning", "GetJob", learning_pb2.GetJobRequest),
        ("learning.Learning", "CancelJob", learning_pb2.CancelJobRequest),
        ("rules.Rule", "ListRules", rules_pb2.ListRulesRequest),
        ("rules.Rule", "DeleteRule", rules_pb2.DeleteRuleRequest),
        ("agents.Agent", "GetAgent", agents_pb2.GetAgentRequest),
        ("agents.Agent", "PromoteAgent", agents_pb2.PromoteAgentRequest),
        ("agents.Agent", "DeleteAgent", agents_pb2.DeleteAgentRequest),
        ("drafts.Draft", "DistilIntent", drafts_pb2.DistilIntentRequest),
        ("privacy.Privacy", "PreviewEgress", privacy_pb2.PreviewEgressRequest),
        ("privacy.Privacy", "SetPolicy", privacy_pb2.SetPolicyRequest),
    ],
)
async def test_an_empty_request_is_told_which_field_is_missing(
    channel: Channel, service: str, method: str, request_type: type
) -> None:
    call = channel.unary_unary(
        f"/ownhand.v1.{service.partition('.')[2]}Service/{method}",
        request_serializer=request_type.SerializeToString,
    )
    with pytest.raises(grpc.aio.AioRpcError, match="must not be empty") as caught:
        await call(request_type())
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_draft_is_saved_as_an_answer_to_a_mail(channel: Channel, services: FakeServices) -> None:
    stub = drafts_pb2_grpc.DraftServiceStub(channel)
    request = drafts_pb2.SaveDraftRequest(
        account="work", draft_id="d", text="Hi.", message=b"raw", reply_all=True, no_quote=True
    )

    saved = await stub.SaveDraft(request)

    assert (saved.folder, saved.message_id, saved.uid) == ("Drafts", "<d@example.org>", 7)
    [asked] = services.saver.asked
    assert (asked.answered, asked.reply_all, asked.quote) == (b"raw", True, False)
    with pytest.raises(grpc.aio.AioRpcError, match="text"):
        await stub.SaveDraft(drafts_pb2.SaveDraftRequest(account="work"))
