"""Which folder holds sent mail, from the list of folders that a server gives. Pure."""

import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ownhand.daemon.domain import FoundBy
from ownhand.daemon.mail.imap.faults import folder_missing

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
Sendir hlutir|Send skeyti|Sendur póstur
Të dërguara|Dërguar
Испратени|Адпраўленыя|Жіберілген
გაგზავნილი|Ուղարկված
Item Dihantar|Dihantar|Naipadala
Gestuurde items|Gestuur
Senditaj|Seolta|Kaset|Anfonwyd
""".strip()
    .replace("\n", "|")
    .split("|")
)
# The same of folders that mail is moved to for keeping.
ARCHIVE_NAMES: tuple[str, ...] = tuple(
    """
Archive|Archives|All Mail|Archived|Archiv|Alle Nachrichten|Archief|Archivo|Archivos|Todos|Archivio
Tutti i messaggi|Arquivo|Arquivos|Arquivo morto|Todos os e-mails|Tous les messages
Arkiv|Arkivet|Arkisto|Archiwum|Archív|Archivum|Archívum
Arhiva|Arhivă|Arhiv|Arxiu|Artxiboa|Архив|Архів|Архива
Αρχειοθήκη|Αρχείο|Arşiv|Arhiiv|Arhīvs|Archyvas|Lưu trữ|Arsip
存档|归档|封存|アーカイブ|보관함|보관|ארכיון|أرشيف|الأرشيف|بایگانی|เก็บถาวร|संग्रह
""".strip()
    .replace("\n", "|")
    .split("|")
)
DRAFTS_NAMES: tuple[str, ...] = tuple(
    """
Drafts|Draft|Entwürfe|Entwurf|Brouillons|Brouillon|Borradores|Borrador|Rascunhos|Rascunho|Bozze|Concepten
Utkast|Kladder|Udkast|Luonnokset|Luonnos|Wersje robocze|Szkice|Kopie robocze|Koncepty|Rozepsané|Rozpracované
Piszkozatok|Vázlatok|Ciorne|Schițe|Черновики|Чернетки|Чернови|Skice|Nacrti|Osnutki|Нацрти
Πρόχειρα|Taslaklar|Mustandid|Melnraksti|Juodraščiai|Esborranys|Zirriborroak|Bản nháp|Thư nháp|Draf|Konsep
草稿|草稿箱|草稿匣|下書き|임시보관함|임시 보관함|טיוטות|المسودات|مسودات|پیش‌نویس‌ها|แบบร่าง|จดหมายร่าง|ड्राफ़्ट|प्रारूप
""".strip()
    .replace("\n", "|")
    .split("|")
)
# What may stand above the Sent folder; below anything else (an archive, a shared mailbox) it is another one.
_NO_FOLDER = frozenset({"\\noselect", "\\nonexistent"})
_NO_KEEPER = frozenset({"\\trash", "\\junk", "\\sent", "\\drafts"})
_ABOVE = frozenset({"inbox", "[gmail]", "[google mail]"})


@dataclass(frozen=True, slots=True)
class Folder:
    """One line of a server's LIST answer."""

    name: str
    flags: tuple[str, ...] = ()  # as the server writes them, with the backslash
    delimiter: str = "/"
    prefix: str = ""  # of the account's own folders (NAMESPACE), where the name begins with one

    @property
    def marks(self) -> frozenset[str]:
        """Its flags in lower case."""
        return frozenset(flag.lower() for flag in self.flags)


def sent_folders(folders: Sequence[Folder]) -> list[str]:
    """Folders that hold sent mail, best first: the server's \\Sent, else those with a known name."""
    if sent := marked(folders, "\\sent"):
        return [folder.name for folder in sorted(sent, key=_depth)]
    ranks = [(_rank(folder, _RANKS), _depth(folder), folder.name) for folder in _usable(folders)]
    return [name for rank, _, name in sorted((r, d, n) for r, d, n in ranks if r is not None)]


def marked(folders: Sequence[Folder], *flags: str) -> list[Folder]:
    """Folders that the server marks with one of these flags (RFC 6154), in lower case."""
    return [folder for folder in _usable(folders) if folder.marks.intersection(flags)]


def keepers(folders: Sequence[Folder]) -> list[Folder]:
    """Folders that hold all mail or archived mail: as the server marks them, else as they are called."""
    usable = [folder for folder in _usable(folders) if not folder.marks & _NO_KEEPER]
    found = [folder for folder in usable if folder.marks & {"\\all", "\\archive"}]
    return found or [folder for folder in usable if _rank(folder, _ARCHIVE_RANKS) is not None]


def drafts_folder(folders: Sequence[Folder]) -> Folder | None:
    """Where drafts are kept: the server's \\Drafts, else a folder with a known name."""
    usable = _usable(folders)
    named = [folder for folder in usable if _rank(folder, _DRAFTS_RANKS) is not None]
    named.sort(key=lambda folder: (_rank(folder, _DRAFTS_RANKS) or 0, _depth(folder)))
    return next(iter([*marked(folders, "\\drafts"), *named]), None)


def named_inbox(folders: Sequence[Folder]) -> list[Folder]:
    return [folder for folder in _usable(folders) if folder.name.upper() == "INBOX"]


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


def found_by(folders: Sequence[Folder], name: str, wanted: str, capabilities: Collection[str]) -> FoundBy:
    """How the folder `name` was told from the others; `wanted` is what the settings say."""
    if wanted != "auto":
        return FoundBy.SETTINGS
    if any(folder.name == name for folder in marked(folders, "\\sent")):
        old = "XLIST" in capabilities and "SPECIAL-USE" not in capabilities
        return FoundBy.XLIST if old else FoundBy.SPECIAL_USE
    return FoundBy.NAME


def also_sent(folders: Sequence[Folder], name: str) -> list[str]:
    """Other folders that are marked or called as if they had sent mail; a mark hides those without one."""
    called = sent_folders([replace(folder, flags=()) for folder in _usable(folders)])
    return [other for other in dict.fromkeys([*sent_folders(folders), *called]) if other != name]


def _usable(folders: Sequence[Folder]) -> list[Folder]:
    return [folder for folder in folders if not folder.marks & _NO_FOLDER]


def _path(folder: Folder) -> list[str]:
    name = folder.name.removeprefix(folder.prefix)
    return name.split(folder.delimiter) if folder.delimiter else [name]


def _depth(folder: Folder) -> int:
    return len(_path(folder))


def _rank(folder: Folder, ranks: Mapping[str, int]) -> int | None:
    *above, name = _path(folder)
    if len(above) > 1 or (above and _plain(above[0]) not in _ABOVE):
        return None
    return ranks.get(_plain(name))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _ranked(names: Sequence[str]) -> dict[str, int]:
    return {_plain(name): rank for rank, name in reversed(list(enumerate(names)))}


_RANKS = _ranked(SENT_NAMES)
_ARCHIVE_RANKS = _ranked(ARCHIVE_NAMES)
_DRAFTS_RANKS = _ranked(DRAFTS_NAMES)
