"""Which folder holds sent mail, from the list of folders that a server gives. Pure."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ownhand.daemon.mail.faults import folder_missing

# Best first. Last path elements as clients and servers name the folder, a line for each of their languages.
SENT_NAMES: tuple[str, ...] = tuple(
    """
Sent|Sent Mail|Sent Items|Sent Messages|Sent-Mail|Sent Objects
Gesendet|Gesendete Elemente|Gesendete Objekte|Gesendete Nachrichten|Gesendete E-Mails
Éléments envoyés|Messages envoyés|Envoyés|Objets envoyés|Courrier envoyé
Enviados|Elementos enviados|Mensajes enviados|Correo enviado|Enviado
Itens Enviados|E-mails enviados|Mensagens enviadas|Enviadas|E-mail enviado
Posta inviata|Inviati|Elementi inviati|Inviata|Messaggi inviati
Verzonden|Verzonden items|Verzonden berichten|Verzonden objecten
Skickat|Skickade|Skickade meddelanden|Skickade objekt
Sendt|Sendte elementer|Sendt post|Sendte|Sendt e-post
Lähetetyt|Lähetetyt viestit|Lähetetty
Wysłane|Elementy wysłane|Wysłano
Odeslané|Odeslaná pošta|Odeslaná
Odoslané|Odoslaná pošta
Elküldött|Elküldött elemek|Elküldött üzenetek
Trimise|Elemente trimise|Mesaje trimise
Отправленные|Отправленные элементы
Надіслані|Відправлені
Изпратени|Изпратена поща
Poslano|Poslane stavke
Poslato|Послато
Απεσταλμένα|Σταλμένα
Gönderilmiş Öğeler|Gönderilenler|Gönderilmiş|Gönderilmiş Postalar
Saadetud|Saadetud kirjad
Nosūtītie|Nosūtītās
Išsiųsti|Išsiųstieji
Enviats|Elements enviats
Bidalitakoak
已发送|已发送邮件|已发邮件
已傳送|寄件備份|已寄出
送信済み|送信済みメール|送信済みアイテム|送信済みトレイ
보낸편지함|보낸 편지함|보낸 메일함
פריטים שנשלחו|נשלח
العناصر المرسلة|البريد المرسل|مرسل
ارسال شده
Đã gửi|Thư đã gửi
Terkirim|Pesan Terkirim|Item Terkirim
ส่งแล้ว|จดหมายที่ส่งแล้ว
भेजी गई|भेजे गए
""".strip()
    .replace("\n", "|")
    .split("|")
)
# What may stand above the Sent folder; below anything else (an archive, a shared mailbox) it is another one.
_NO_FOLDER = ("\\noselect", "\\nonexistent")
_ABOVE = frozenset({"inbox", "[gmail]", "[google mail]"})


@dataclass(frozen=True, slots=True)
class Folder:
    """One line of a server's LIST answer."""

    name: str
    flags: tuple[str, ...] = ()  # as the server writes them, with the backslash
    delimiter: str = "/"


def sent_folders(folders: Sequence[Folder]) -> list[str]:
    """Folders that hold sent mail, best first: the server's \\Sent, else those with a known name."""
    usable = [folder for folder in folders if not any(_has(folder, flag) for flag in _NO_FOLDER)]
    marked = [folder for folder in usable if _has(folder, "\\sent")]
    if marked:
        return [folder.name for folder in sorted(marked, key=_depth)]
    named = [(_rank(folder), _depth(folder), folder.name) for folder in usable if _rank(folder) is not None]
    return [name for _, _, name in sorted(named)]


def is_sent_name(name: str) -> bool:
    """Whether a folder or a label is called as Sent folders are, in any language."""
    return _plain(name) in _RANKS


def choose_folder(folders: Sequence[Folder], before: str | None, n_messages: Callable[[str], int]) -> str:
    """The Sent folder. Stays with the one read `before`, so that a change is never an accident.

    A server's own "Sent" stands empty where the mail program keeps its "Sent Items": the first that has
    something in it is taken. Raises NotReady, with the names of all folders, when there is none.
    """
    found = sent_folders(folders)
    if not found:
        raise folder_missing("", [folder.name for folder in folders])
    if before in found:
        return before
    if len(found) == 1:
        return found[0]
    return next((name for name in found if n_messages(name)), found[0])


def _has(folder: Folder, flag: str) -> bool:
    return flag in (said.lower() for said in folder.flags)


def _path(folder: Folder) -> list[str]:
    return folder.name.split(folder.delimiter) if folder.delimiter else [folder.name]


def _depth(folder: Folder) -> int:
    return len(_path(folder))


def _rank(folder: Folder) -> int | None:
    *above, name = _path(folder)
    if len(above) > 1 or (above and _plain(above[0]) not in _ABOVE):
        return None
    return _RANKS.get(_plain(name))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


_RANKS = {_plain(name): rank for rank, name in reversed(list(enumerate(SENT_NAMES)))}
