"""Which folder is taken for the Sent folder, and which server for an address."""

import unicodedata

import pytest
from ownhand.daemon.domain import FoundBy
from ownhand.daemon.errors import NotReady, Reason
from ownhand.daemon.mail.imap.discover import Folder, also_sent, choose_folder, found_by, sent_folders


def folders(*names: str, delimiter: str = "/") -> list[Folder]:
    return [Folder(name, (), delimiter) for name in names]


def test_the_folder_that_the_server_marks_wins_over_every_name() -> None:
    found = sent_folders([Folder("Sent"), Folder("Outgoing", ("\\HasNoChildren", "\\SENT"))])

    assert found == ["Outgoing"]


def test_a_marked_folder_that_cannot_be_opened_does_not_count() -> None:
    found = sent_folders([Folder("Sent", ("\\Sent", "\\NoSelect")), Folder("Sent Items")])

    assert found == ["Sent Items"]


@pytest.mark.parametrize(
    "name",
    [
        *("Sent", "sent items", "SENT MESSAGES", "Gesendet", "Gesendete Objekte", "Éléments envoyés"),
        *("Elementos enviados", "Itens Enviados", "Posta inviata", "Verzonden items", "Skickat", "Sendt"),
        *("Lähetetyt", "Wysłane", "Odeslaná pošta", "Odoslané", "Elküldött elemek", "Elemente trimise"),
        *(
            "Отправленные",
            "Надіслані",
            "Изпратени",
            "Poslano",
            "Послато",
            "Απεσταλμένα",
            "Gönderilmiş Öğeler",
        ),
        *(
            "Saadetud",
            "Nosūtītie",
            "Išsiųsti",
            "Enviats",
            "已发送",
            "寄件備份",
            "送信済みトレイ",
            "보낸편지함",
        ),
        *("פריטים שנשלחו", "العناصر المرسلة", "Đã gửi", "Terkirim", "ส่งแล้ว"),
    ],
)
def test_the_folder_is_known_by_its_name_in_many_languages(name: str) -> None:
    assert sent_folders(folders("INBOX", "Drafts", name, "Trash")) == [name]


def test_a_name_of_composed_and_of_separate_accents_is_the_same() -> None:
    name = unicodedata.normalize("NFD", "Envoyés")

    assert sent_folders(folders(name)) == [name]


@pytest.mark.parametrize(
    ("name", "delimiter"), [("INBOX.Sent", "."), ("[Gmail]/Sent Mail", "/"), ("[Google Mail]/Gesendet", "/")]
)
def test_the_folder_may_lie_below_the_inbox_or_gmail(name: str, delimiter: str) -> None:
    assert sent_folders(folders("INBOX", name, delimiter=delimiter)) == [name]


@pytest.mark.parametrize("name", ["Archive/2019/Sent", "Shared/Sent", "Trash/Sent", "Unsent", "Sent to me"])
def test_other_peoples_and_archived_folders_are_not_taken(name: str) -> None:
    assert sent_folders(folders(name)) == []


def test_an_empty_folder_of_the_server_gives_way_to_the_one_that_is_used() -> None:
    counts = {"Sent": 0, "Sent Items": 12}

    assert choose_folder(folders("Sent", "Sent Items"), None, counts.__getitem__) == "Sent Items"


def test_the_folder_that_was_read_before_stays_even_when_it_is_empty_now() -> None:
    counts = {"Sent": 0, "Sent Items": 12}

    assert choose_folder(folders("Sent", "Sent Items"), "Sent", counts.__getitem__) == "Sent"


def test_without_a_sent_folder_the_error_lists_the_folders() -> None:
    with pytest.raises(NotReady) as caught:
        choose_folder(folders("INBOX", "Projects"), None, lambda _: 0)

    assert caught.value.reason is Reason.FOLDER_MISSING
    assert '"INBOX", "Projects"' in caught.value.hint and 'sent = "…"' in caught.value.hint


@pytest.mark.parametrize(
    ("flags", "wanted", "capabilities", "how"),
    [
        (("\\Sent",), "auto", {"SPECIAL-USE"}, FoundBy.SPECIAL_USE),
        (("\\Sent",), "auto", {"SPECIAL-USE", "XLIST"}, FoundBy.SPECIAL_USE),
        (("\\Sent",), "auto", {"XLIST"}, FoundBy.XLIST),
        (("\\Sent",), "auto", set(), FoundBy.SPECIAL_USE),
        ((), "auto", {"SPECIAL-USE"}, FoundBy.NAME),
        (("\\Sent",), "Gesendet", {"SPECIAL-USE"}, FoundBy.SETTINGS),
    ],
)
def test_it_is_told_how_the_folder_was_found(
    flags: tuple[str, ...], wanted: str, capabilities: set[str], how: FoundBy
) -> None:
    folders = [Folder("Gesendet", flags), Folder("Sent")]

    assert found_by(folders, "Gesendet", wanted, capabilities) is how


def test_folders_that_could_be_it_as_well_are_told() -> None:
    folders = [Folder("Sent", ("\\Sent",)), Folder("Sent Items"), Folder("Lists/Sent"), Folder("INBOX")]

    assert also_sent(folders, "Sent") == ["Sent Items"]
