"""What the person decides about rules and accounts holds, in proposals and in what is learned."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from imap_servers import Server, pymap_server
from ownhand.v1 import accounts_pb2, drafts_pb2, learning_pb2, rules_pb2
from running import Client, daemon
from watched import ENVIRON, config, eventually, learn, mail

OTHER = "Dear Sam,\n\nthe lorry was late. We wait.\n\nRegards,\nMara Ost"
SAM = drafts_pb2.Correspondent(address="sam@shop.example", name="Sam Hale")


@pytest.fixture
def server() -> Iterator[Server]:
    with pymap_server() as server:
        server.append([mail(n) for n in range(27)] + [mail(n, OTHER) for n in range(27, 30)])
        yield server


@pytest.fixture
def client(server: Server, tmp_path: Path) -> Iterator[Client]:
    with daemon(tmp_path / "home", config(server), ENVIRON) as (_, client):
        learn(client)
        yield client


def proposed(client: Client) -> list[rules_pb2.Rule]:
    request = drafts_pb2.ComposeDraftRequest(account="work", to=[SAM], rules_only=True)
    [answer] = client.drafts.ComposeDraft(request, timeout=30)
    return list(answer.rules_proposed.rules)


def rules(client: Client, **which: str) -> list[rules_pb2.Rule]:
    return list(client.rules.ListRules(rules_pb2.ListRulesRequest(account="work", **which), timeout=30).rules)


def update(client: Client, rule: rules_pb2.Rule, **changes: object) -> rules_pb2.Rule:
    request = rules_pb2.UpdateRuleRequest(rule_id=rule.id, **changes)  # type: ignore[arg-type]
    return client.rules.UpdateRule(request, timeout=30).rule


def test_a_pinned_rule_is_proposed_whatever_is_foreseen_until_it_is_unpinned(client: Client) -> None:
    before = [rule.id for rule in proposed(client)]
    other = next(rule for rule in rules(client, include_refused=True) if rule.id not in before)  # type: ignore[arg-type]

    update(client, other, pinned=True)

    first = proposed(client)[0]
    assert (first.id, first.pinned) == (other.id, True)
    update(client, other, pinned=False)
    assert [rule.id for rule in proposed(client)] == before


def test_a_muted_rule_is_gone_though_it_was_pinned(client: Client) -> None:
    rule = proposed(client)[0]
    update(client, rule, pinned=True)
    update(client, rule, muted=True)
    assert rule.id not in [other.id for other in proposed(client)]


def test_a_reworded_rule_takes_the_place_of_the_old_one(client: Client) -> None:
    greeting = next(rule for rule in proposed(client) if rule.dimension == "greeting")

    reworded = update(client, greeting, text='Greet with "Hello".')

    now = [rule for rule in proposed(client) if rule.dimension == "greeting"]
    assert [(rule.id, rule.text, rule.pinned) for rule in now] == [(reworded.id, 'Greet with "Hello".', True)]
    assert (now[0].support, now[0].against) == (0, 30)


def test_rules_for_a_group_have_receipts_and_a_trend_of_it(client: Client) -> None:
    corpus = client.learning.GetCorpus(learning_pb2.GetCorpusRequest(account="work"), timeout=30)
    [kind] = corpus.n_by_recipient_kind
    found = {rule.text: rule for rule in rules(client, recipient_kind=kind, language="en")}
    greeting = found['Greet with "Hi".']
    assert (greeting.support, greeting.against, greeting.scope) == (27, 3, kind)
    assert len(greeting.trend) == 6
    assert list(greeting.trend) == pytest.approx([0.6, 1, 1, 1, 1, 0.8])  # days of the month begin again


def test_a_paused_account_reads_nothing_until_it_goes_on(client: Client, server: Server) -> None:
    def account() -> accounts_pb2.Account:
        return client.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=30).accounts[0]

    def pause(paused: bool) -> None:
        request = accounts_pb2.UpdateAccountRequest(account="work", paused=paused)
        client.accounts.UpdateAccount(request, timeout=30)

    eventually(lambda: account().watching, "nobody watches")
    pause(True)
    assert not account().HasField("next_training")
    server.append([mail(40)])
    eventually(lambda: not account().watching, "it is watched though it is paused")
    assert (account().n_originals, account().paused) == (30, True)

    pause(False)

    eventually(lambda: account().n_originals == 31, "the mail of the pause was not learned")


def test_outcomes_are_remembered_in_order(client: Client) -> None:
    request = drafts_pb2.ComposeDraftRequest(account="work", to=[SAM], notes="lot 50 is packed")
    *_, last = client.drafts.ComposeDraft(request, timeout=30)
    draft = last.draft_completed
    sent = drafts_pb2.RecordOutcomeRequest(
        draft_id=draft.draft_id, kind=drafts_pb2.OUTCOME_KIND_SENT, sent_text=draft.text
    )
    client.drafts.RecordOutcome(sent, timeout=30)

    asked = drafts_pb2.ListOutcomesRequest(account="work")
    [outcome] = client.drafts.ListOutcomes(asked, timeout=30).outcomes

    assert (outcome.kind, outcome.kept) == (drafts_pb2.OUTCOME_KIND_SENT, 1.0)
    assert outcome.agent_id


def test_whoever_watches_all_jobs_hears_of_those_that_begin(client: Client) -> None:
    watched = client.learning.WatchJobs(learning_pb2.WatchJobsRequest(account="work"), timeout=30)
    first = next(watched)
    assert [job.state for job in first.jobs] == [learning_pb2.JOB_STATE_SUCCEEDED]
    learn(client)
    assert any(len(state.jobs) == 2 for state in watched)
    watched.cancel()
