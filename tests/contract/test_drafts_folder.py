"""Drafts are put where mail programs look for them, once, and whatever goes wrong is said truthfully."""

import pytest
from imap_servers import Server, dovecot_server, pymap_server
from ownhand.daemon.domain import MessageId, Saved
from ownhand.daemon.errors import NotReady, Unreachable
from ownhand.daemon.mail.imap.source import ImapSource, Patience
from scripted_imap import ScriptedPeer, scripted

ID = MessageId("<draft@kiln.example>")
RAW = b"From: mara@example.org\r\nMessage-ID: <draft@kiln.example>\r\nSubject: Kiln\r\n\r\nIt is hot.\r\n"


def source(server: Server) -> ImapSource:
    return ImapSource(server.host, server.port, server.user, lambda: server.password, tls=False)


def drafts(server: Server, folder: str) -> list[tuple[bytes, set[bytes]]]:
    with server.client() as client:
        client.select_folder(folder, readonly=True)
        found = client.fetch(client.search(), ["BODY.PEEK[]", "FLAGS"])
        return [(one[b"BODY[]"], {*one[b"FLAGS"]} - {b"\\Recent"}) for one in found.values()]


async def test_a_draft_is_saved_as_a_draft_in_the_folder_that_the_server_marks() -> None:
    with dovecot_server() as server:
        with server.client() as other:
            other.create_folder("Drafts")
        found = source(server)

        saved = await found.save_draft(RAW, ID)
        await found.aclose()

        assert saved == Saved("Drafts", ID, 1)
        assert drafts(server, "Drafts") == [(RAW, {b"\\Draft", b"\\Seen"})]
        assert drafts(server, "INBOX") == []


@pytest.mark.parametrize("name", ["Entwürfe", "Rascunhos", "Черновики", "下書き", "المسودات"])
async def test_a_folder_without_a_mark_is_known_by_its_name(name: str) -> None:
    with pymap_server() as server:
        with server.client() as other:
            for folder in {"Drafts"} & {known for _, _, known in other.list_folders()}:
                other.delete_folder(folder)
            other.create_folder(name)
        found = source(server)

        saved = await found.save_draft(RAW, ID)
        await found.aclose()

        assert saved.folder == name
        assert [flags for _, flags in drafts(server, name)] == [{b"\\Draft", b"\\Seen"}]


async def test_the_same_draft_is_saved_once() -> None:
    with dovecot_server() as server:
        with server.client() as other:
            other.create_folder("Drafts")
        found = source(server)

        first = await found.save_draft(RAW, ID)
        again = await found.save_draft(RAW, ID)
        await found.aclose()

        assert (again.before, again.uid) == (True, first.uid)
        assert len(drafts(server, "Drafts")) == 1


async def test_a_server_without_a_drafts_folder_is_told_with_the_folders_that_there_are() -> None:
    with pymap_server() as server:
        with server.client() as other:
            other.create_folder("Odds")
            if other.folder_exists("Drafts"):
                other.delete_folder("Drafts")
        found = source(server)

        with pytest.raises(NotReady, match="Drafts folder was not found") as caught:
            await found.save_draft(RAW, ID)
        with pytest.raises(NotReady, match='no folder "Skizzen"'):
            await found.save_draft(RAW, ID, folder="Skizzen")
        await found.aclose()

        assert '"Odds"' in caught.value.hint


async def test_a_link_lost_while_saving_is_told_as_unknown_and_saving_again_is_safe() -> None:
    peer = ScriptedPeer(folders=['(\\Drafts) "/" "Drafts"'], boxes={"Drafts": []}, hangs_on="APPEND")
    with scripted(peer):
        found = ImapSource(
            "127.0.0.1", peer.port, "mara", lambda: "x", tls=False, patience=Patience(2.0, 0.5)
        )

        with pytest.raises(Unreachable, match="did not say whether it saved"):
            await found.save_draft(RAW, ID)
        await found.aclose()
