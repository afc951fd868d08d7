"""What the person does with their mail and accounts is followed: deletions, shared voices, exceptions."""

from pathlib import Path

from imap_servers import Server, dovecot_server, pymap_server
from ownhand.v1 import accounts_pb2, learning_pb2, privacy_pb2, rules_pb2
from running import Client, daemon
from watched import ENVIRON, config, eventually, learn, mail


def n_originals(client: Client, account: str = "work") -> int:
    request = learning_pb2.GetCorpusRequest(account=account)
    return client.learning.GetCorpus(request, timeout=30).n_originals


def delete(server: Server, message_id: str, folder: str = "Sent") -> None:
    with server.client() as other:
        other.select_folder(folder)
        other.delete_messages(other.search(["HEADER", "Message-ID", message_id]))
        other.expunge()


def test_a_deleted_mail_is_unlearned_without_being_asked(tmp_path: Path) -> None:
    odd = "Ahoy Sam!\n\nThe lot is on its way, and it is heavier than I thought.\n\nYours in haste\nMara"
    with dovecot_server() as server:
        server.append([*(mail(n) for n in range(8)), mail(8, odd)])
        with daemon(tmp_path / "home", config(server), ENVIRON) as (_, client):
            learn(client, learning_pb2.STAGE_VERIFY)
            assert n_originals(client) == 9

            delete(server, "<8@example.org>")

            eventually(lambda: n_originals(client) == 8, "the deletion was not noticed")
            request = rules_pb2.ListRulesRequest(account="work", include_refused=True)
            rules = [rule.text for rule in client.rules.ListRules(request, timeout=30).rules]
            assert 'Greet with "Hi".' in rules
            assert not any("Ahoy" in rule for rule in rules)


def test_a_mail_that_was_moved_to_an_archive_stays_learned(tmp_path: Path) -> None:
    with dovecot_server() as server:
        server.append([mail(n) for n in range(6)])
        with server.client() as other:
            other.create_folder("Archive")
        with daemon(tmp_path / "home", config(server, watch=False), ENVIRON) as (_, client):
            learn(client, learning_pb2.STAGE_COLLECT)
            with server.client() as other:
                other.select_folder("Sent")
                other.copy(other.search(["HEADER", "Message-ID", "<3@example.org>"]), "Archive")
            delete(server, "<3@example.org>")

            learn(client, learning_pb2.STAGE_COLLECT)

            assert n_originals(client) == 6


def test_two_accounts_can_teach_one_voice_and_an_identity_another(tmp_path: Path) -> None:
    club = [
        mail(n).replace(b"Mara Ost <mara@example.org>", b"Mara <mara@club.example>") for n in range(40, 43)
    ]
    with pymap_server() as server:
        server.append([mail(n) for n in range(5)])
        server.append([*(mail(n) for n in range(20, 24)), *club], folder="Other")
        work = config(server, watch=False)
        private = work.split("[agent]")[0].replace('"work"', '"private"') + (
            'voice = "work"\nsent = "Other"\n[[account.identity]]\naddress = "mara@club.example"\n'
            'voice = "club"\n'
        )
        with daemon(tmp_path / "home", work + private, ENVIRON) as (_, client):
            for account in ("work", "private"):
                request = learning_pb2.StartLearningRequest(account=account, until=learning_pb2.STAGE_VERIFY)
                client.wait(client.learning.StartLearning(request, timeout=30).job.id)

            listed = client.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=30).accounts

            known = {account.name: (account.voice, account.n_originals) for account in listed}
            assert known == {"work": ("work", 9), "private": ("work", 9), "club": ("club", 3)}
            rules = client.rules.ListRules(rules_pb2.ListRulesRequest(account="club"), timeout=30).rules
            assert 'Greet with "Hi".' in [rule.text for rule in rules]


def test_what_is_put_on_the_never_learn_list_is_forgotten_and_stays_out(tmp_path: Path) -> None:
    doctor = [mail(n).replace(b"sam@shop.example", b"dr@ward.clinic.example") for n in range(30, 33)]
    with pymap_server() as server:
        server.append([*(mail(n) for n in range(4)), *doctor[:2]])
        with daemon(tmp_path / "home", config(server, watch=False), ENVIRON) as (_, client):
            learn(client, learning_pb2.STAGE_COLLECT)
            entry = privacy_pb2.NeverEntry(kind=privacy_pb2.NEVER_KIND_DOMAIN, what="clinic.example")

            added = client.privacy.AddNever(privacy_pb2.AddNeverRequest(entry=entry), timeout=30)
            server.append([doctor[2]])
            learn(client, learning_pb2.STAGE_COLLECT)

            assert added.n_originals == 2
            assert n_originals(client) == 4
