"""The daemon learns from a mail server, by itself after the first time, and says what goes wrong."""

from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from imap_servers import pymap_server
from ownhand.v1 import accounts_pb2, agents_pb2, drafts_pb2, learning_pb2, rules_pb2
from running import Client, daemon
from watched import ENVIRON, config, eventually, learn, mail


def jobs(client: Client) -> list[learning_pb2.Job]:
    return list(client.learning.ListJobs(learning_pb2.ListJobsRequest(account="work"), timeout=30).jobs)


def test_new_mail_is_learned_and_trained_on_without_being_asked(tmp_path: Path) -> None:
    with pymap_server() as server:
        server.append([mail(n) for n in range(24)])
        with daemon(tmp_path / "home", config(server), ENVIRON) as (_, client):
            assert learn(client).state == learning_pb2.JOB_STATE_SUCCEEDED

            server.append([mail(n) for n in range(24, 27)])

            def trained() -> bool:
                own = [job for job in jobs(client) if job.asked_by == "schedule"]
                return any(job.agent_id and job.state == learning_pb2.JOB_STATE_SUCCEEDED for job in own)

            eventually(trained, "the three new mails were not trained on")
            account = client.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=30).accounts[0]
            assert (account.n_originals, account.watching, account.problem) == (27, True, "")


def test_agents_that_are_not_kept_go_with_what_they_were_trained_on(tmp_path: Path) -> None:
    environ = {**ENVIRON, "OWNHAND_AGENT_KEEP": "0"}
    with pymap_server() as server:
        server.append([mail(n) for n in range(24)])
        with daemon(tmp_path / "home", config(server), environ) as (_, client):
            learn(client)
            server.append([mail(n) for n in range(24, 27)])

            def trained_again() -> bool:
                own = [job for job in jobs(client) if job.asked_by == "schedule"]
                return any(job.agent_id and job.state == learning_pb2.JOB_STATE_SUCCEEDED for job in own)

            eventually(trained_again, "the three new mails were not trained on")
            [agent] = client.agents.ListAgents(agents_pb2.ListAgentsRequest(), timeout=30).agents
            [adapter] = (tmp_path / "home").glob("**/adapters/*")
            [training_set] = (tmp_path / "home").glob("**/trainingsets/*")
            assert agent.current and adapter.name == agent.id
            assert training_set.name == agent.training_set


def test_nothing_is_read_before_the_person_asks_for_it(tmp_path: Path) -> None:
    with pymap_server() as server:
        server.append([mail(1)])
        with daemon(tmp_path / "home", config(server), ENVIRON) as (_, client):
            plan = client.learning.PlanLearning(
                learning_pb2.PlanLearningRequest(account="work", until=learning_pb2.STAGE_PROMOTE), timeout=30
            )

            assert plan.destination == "nowhere"
            assert jobs(client) == []


def test_too_few_mails_say_how_many_more_and_leave_rules_to_draft_with(tmp_path: Path) -> None:
    with pymap_server() as server:
        server.append([mail(n) for n in range(8)])
        with daemon(tmp_path / "home", config(server, watch=False), ENVIRON) as (_, client):
            job = learn(client)

            assert (job.state, job.reason) == (learning_pb2.JOB_STATE_FAILED, "ERROR_REASON_TOO_LITTLE_MAIL")
            assert "12 more are needed" in job.message
            rules = client.rules.ListRules(rules_pb2.ListRulesRequest(account="work"), timeout=30).rules
            assert 'Greet with "Hi".' in [rule.text for rule in rules]
            request = drafts_pb2.ComposeDraftRequest(
                account="work",
                to=[drafts_pb2.Correspondent(address="sam@shop.example")],
                notes="the lot is lost",
            )
            first, *_, last = client.drafts.ComposeDraft(request, timeout=60)
            assert first.rules_proposed.source == drafts_pb2.RULES_SOURCE_PROFILE
            assert last.draft_completed.text.lower().startswith("hi sam,")


@pytest.mark.parametrize(
    ("environ", "change", "reason", "said"),
    [
        ({"WORK_PASSWORD": "wrong"}, ("", ""), "LOGIN_FAILED", "password"),
        ({}, ("", ""), "", "WORK_PASSWORD"),
        (ENVIRON, ("127.0.0.1", "localhost"), "", ""),
        (ENVIRON, ('user = "', 'sent = "Gesendet"\nuser = "'), "FOLDER_MISSING", "Gesendet"),
    ],
    ids=["wrong password", "no password", "by name", "missing folder"],
)
def test_what_is_wrong_with_an_account_is_said_with_what_to_do(
    tmp_path: Path, environ: dict[str, str], change: tuple[str, str], reason: str, said: str
) -> None:
    with pymap_server() as server:
        server.append([mail(1)])
        settings = config(server).replace(*change) if change[0] else config(server)
        with daemon(tmp_path / "home", settings, environ) as (_, client):
            request = accounts_pb2.CheckAccountRequest(account="work")
            if not said:
                assert client.accounts.CheckAccount(request, timeout=30).n_messages == 1
                return
            with pytest.raises(grpc.RpcError) as caught:
                client.accounts.CheckAccount(request, timeout=30)

            assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
            assert said in caught.value.details()
            assert not reason or reason_of(caught.value) == f"ERROR_REASON_{reason}"


def test_a_folder_that_was_emptied_is_refused_and_nothing_is_forgotten(tmp_path: Path) -> None:
    with pymap_server() as server:
        server.append([mail(n) for n in range(5)])
        with daemon(tmp_path / "home", config(server, watch=False), ENVIRON) as (_, client):
            learn(client, learning_pb2.STAGE_COLLECT)
            with server.client() as other:
                other.select_folder("Sent")
                other.delete_messages(other.search())
                other.expunge()

            job = learn(client, learning_pb2.STAGE_COLLECT)

            assert (job.state, job.reason) == (learning_pb2.JOB_STATE_FAILED, "ERROR_REASON_FOLDER_EMPTIED")
            assert "did the login change?" in job.message
            corpus = client.learning.GetCorpus(learning_pb2.GetCorpusRequest(account="work"), timeout=30)
            assert corpus.n_originals == 5


def reason_of(error: grpc.RpcError) -> str:
    for detail in rpc_status.from_call(error).details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return str(info.reason)
    return ""
