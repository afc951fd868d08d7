"""Header blocks inside a body: "From: … Sent: … To: …", in many languages, and the older form of Lotus Notes.

Decides about lines, cuts nothing.
"""

import re
from collections.abc import Sequence

_LABELS: dict[str, str] = {
    "from": "From|Von|De|Da|Van|Från|Fra|Lähettäjä|Od|Feladó|De la|От|От кого|Від|Από|Gönderen|Kimden"
    "|发件人|發件人"
    "|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|发自|מאת|من|Từ|จาก|Dari|Expéditeur|Remitente|Mittente"
    "|Absender"
    "|Avsändare|Afsender|Nadawca|Odesílatel|Odosielateľ|Expeditor|Отправитель|Pošiljatelj|Pošiljalac|Saatja"
    "|Nuo|No"
    "|Desde|Remetente|Sender|Reply-To|Répondre à|Antwort an|Responder a|Afzender",
    "date": "Sent|Date|Gesendet|Gesendet am|Datum|Envoyé|Envoyé le|Enviado|Enviado el|Enviado em|Enviada em"
    "|Data|Fecha"
    "|Inviato|Inviata|Verzonden|Skickat|Sendt|Dato|Lähetetty|Päivämäärä|Päiväys|Wysłano|Odesláno|Odoslané"
    "|Dátum"
    "|Küldve|Elküldve|Trimis|Дата|Отправлено|Надіслано|Ημερομηνία|Στάλθηκε|Tarih|Gönderildi|Gönderme Tarihi"
    "|发送时间|發送時間|日期|时间|寄件日期|傳送時間|送信日時|日時|日付|보낸 날짜|날짜|נשלח|תאריך|تاريخ"
    "|تم الإرسال|Ngày"
    "|Đã gửi|วันที่|Tanggal|Dikirim|Poslano|Poslato|Saadetud|Išsiųsta|Sent at|Sent on|Date Sent",
    "to": "To|An|À|A|Para|Aan|Till|Til|Vastaanottaja|Do|Komu|Címzett|Către|Кому|До|Προς|Kime|Alıcı|收件人"
    "|收件者"
    "|宛先|받는 사람|받는사람|אל|إلى|Đến|ถึง|Kepada|Destinataire|Destinatario|Destinatário|Mottagare|Za|Kam"
    "|Prima",
    "cc": "Cc|Bcc|Kopie|Kopi|Copie(?: à)?|Copia|Cópia|Kopia|Kopio|DW|Копия|Másolatot kap|Másolat|抄送|副本"
    "|참조|עותק"
    "|نسخة|Κοιν\\.?|Bilgi|CCI|Kop\\.?",
    "subject": "Subject|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp|Ämne|Emne|Aihe|Temat|Předmět|Predmet"
    "|Tárgy"
    "|Subiect|Тема|Θέμα|Konu|主题|主題|主旨|件名|제목|נושא|الموضوع|Chủ đề|Tiêu đề|เรื่อง|Perihal|Subjek"
    "|Naslov|Zadeva"
    "|Teema|Tema|Re",
    "other": "Importance|Priority|Attachments?|Organization|Reply to|Newsgroups|Message-ID|Mailing-List|Flag"
    "|Wichtigkeit|Anlagen?|Pièces jointes|Importanza|Priorità|Sensitivity|Categories|X-[\\w-]+|Followup-To"
    "|Lines"
    "|References|In-Reply-To|Return-Path|Received|Content-Type|MIME-Version|User-Agent|Delivered-To|List-Id"
    "|Auto forwarded by|Approved-By|Resent-\\w+|Fax to|Location|Conversation",
}
_LABEL = re.compile(
    r"^[\s*_|]*(?:"
    + "|".join(f"(?P<{role}>{words})" for role, words in _LABELS.items())
    + r")\s?[*_]{0,2}\s?[:：](?!//)[*_]{0,2}\s?(?P<value>.*)$",
    re.IGNORECASE,
)
# Two of these in a row are the raw header of a mail.
_TECHNICAL = re.compile(
    r"^(?:Return-Path|Received|Message-ID|Content-Transfer-Encoding|Content-Type|MIME-Version|X-[\w-]+"
    r"|Delivered-To"
    r"|In-Reply-To|References|List-[\w-]+|DKIM-Signature)\s?:\s",
    re.IGNORECASE,
)
_ONE_LINE = re.compile(
    r"^\W*(?:From|Von|De|Da|Van)\s?:\W?.*?\b(?:Sent|Date|Gesendet|Envoyé|Enviado|Inviato|Verzonden|Datum)\s?:"
    r".*?\b(?:To|An|À|Para|A|Aan|Subject|Betreff|Objet|Asunto|Oggetto)\s?:",
    re.IGNORECASE,
)
_ADDRESSLIKE = re.compile(r"@|[;<>]|/[A-Z]{2,}|,\s*$|^[\w.'-]+, \w|mailto:|^\s*>?\s*$")
_DATELIKE = re.compile(r"\d{1,2}[:.]\d{2}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|(?:19|20)\d\d")
_NOTES_DATE = re.compile(
    r"^\W*(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)[\s,]*"
    r"(?:\d{1,2}[:.]\d{2}(?:[:.]\d{2})?)?\s*(?:[AP]\.?M\.?)?(?:\s*[A-Z]{2,5})?(?:\s*\(?[\w:+-]*\)?)\s*$",
    re.IGNORECASE,
)
_NOTES_NAME_ON_DATE = re.compile(
    r"\bon\s+\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?:\s+\d{1,2}:\d{2}.*)?\s*$", re.IGNORECASE
)
_NOTES_EXTRA = re.compile(
    r"^\s*(?:Sent by|Please respond to|Respond to|Extern|Gesendet von|Envoyé par|Enviado por)\b", re.I
)
_NAME = re.compile(r"^[\s\"'<]*[^\W\d_][\w.'’\-@/,\"<>()& +]{0,90}$")
_SENTENCE_END = re.compile(r"[.!?:;]\s*$")
_MAX_BLOCK = 120  # lines; recipients' lists of a whole floor are real
_MAX_FIELDS = 20
_MAX_FIELD = 1_000  # characters that are looked at in one line
_MAX_GAP = 30  # wrapped lines of one field


def header_block_at(lines: Sequence[str], at: int) -> tuple[int, int] | None:
    """Where the header block begins and ends whose first labelled line is `at`; None when there is none.

    The block may begin above `at`: Lotus Notes writes a name and a date before the first label.
    """
    if _TECHNICAL.match(lines[at]) and _TECHNICAL.match(lines[at + 1] if at + 1 < len(lines) else ""):
        return at, at + 2
    first = _LABEL.match(lines[at])
    if first is None:
        return (at, at + 1) if _ONE_LINE.match(lines[at][:_MAX_FIELD]) else None
    if first.lastgroup is None or first["other"]:
        return None
    end, roles, proof = _read_block(lines, at)
    start = _notes_start(lines, at) if "from" not in roles else at
    return (start, end) if _is_header(roles, proof, start < at) else None


def _read_block(lines: Sequence[str], at: int) -> tuple[int, set[str], bool]:
    """Where the fields end, which roles were named, and whether a value looks like an address or a date."""
    roles: set[str] = set()
    end, gap, role, proof, n_fields = at, 0, "", False, 0
    for i in range(at, min(len(lines), at + _MAX_BLOCK)):
        line = lines[i]
        found = _LABEL.match(line)
        if found is not None:
            role = _role(found)
            n_fields += 1
            if n_fields > _MAX_FIELDS:
                break
            if role in roles and role in ("from", "subject") and i > at + 1 and "subject" in roles:
                break
            proof = proof or _proves(role, found["value"])
            roles.add(role)
            end, gap = i + 1, 0
        elif not _continues(line, role, lines, i) or gap > _MAX_GAP:
            break
        else:
            gap += 1
            if line.strip():
                end = i + 1
    return end, roles - {"other"}, proof


def _role(found: re.Match[str]) -> str:
    return next(role for role in _LABELS if found[role] is not None)


def _proves(role: str, value: str) -> bool:
    if role == "date":
        return bool(_DATELIKE.search(value))
    return role in ("from", "to", "cc") and "@" in value


def _continues(line: str, role: str, lines: Sequence[str], i: int) -> bool:
    if not line.strip():
        following = next((text for text in lines[i + 1 : i + 3] if text.strip()), "")
        return bool(_LABEL.match(following)) or (role in ("to", "cc") and _names_people(following))
    if role in ("to", "cc", "from"):
        return _names_people(line)
    if role == "date":
        return line[:1].isspace() and bool(_LABEL.match(lines[i + 1] if i + 1 < len(lines) else ""))
    # A subject wraps only at the column where programs break lines, and only once.
    return role == "subject" and 55 <= len(lines[i - 1]) <= 90 and bool(_LABEL.match(lines[i - 1]))


def _names_people(line: str) -> bool:
    return len(line) < 400 and bool(_ADDRESSLIKE.search(line)) and not line.rstrip().endswith((".", "!", "?"))


def _is_header(roles: set[str], proof: bool, notes: bool) -> bool:
    if notes:
        return len(roles) >= 2 or "to" in roles
    if len(roles) >= 3:
        return proof or "subject" in roles
    return len(roles) == 2 and "from" in roles and (proof or roles == {"from", "subject"})


def _notes_start(lines: Sequence[str], at: int) -> int:
    """The name and the date that Lotus Notes writes above "To:"; `at` when they are not there."""
    i, dated = at, False
    while i > 0 and at - i < 14:
        line = lines[i - 1]
        if _NOTES_NAME_ON_DATE.search(line):
            return i - 1
        if _NOTES_EXTRA.match(line) or (not line.strip() and not dated):
            i -= 1
        elif _NOTES_DATE.match(line) and not (dated and not _NOTES_DATE.match(lines[i])):
            i, dated = i - 1, True
        else:
            above = _names_above(lines, i) if (dated or _has_extra(lines, i, at)) else i
            i = above
            break
    while i < at and not lines[i].strip():
        i += 1
    return i if dated or _has_extra(lines, i, at) else at


def _has_extra(lines: Sequence[str], start: int, end: int) -> bool:
    return any(_NOTES_EXTRA.match(line) for line in lines[start:end])


def _names_above(lines: Sequence[str], i: int) -> int:
    """Up to two lines above `i` that are a name, not a sentence."""
    for _ in range(2):
        line = lines[i - 1] if i else ""
        if not line.strip() or not _NAME.match(line) or _SENTENCE_END.search(line) or len(line.split()) > 9:
            return i
        i -= 1
    return i
