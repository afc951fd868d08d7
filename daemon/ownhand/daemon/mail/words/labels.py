"""The names of mail header fields as programs write them into bodies, in some forty languages.

Knows one line at a time; decides nothing about blocks.
"""

import re
from collections.abc import Mapping

_LABELS: Mapping[str, str] = {
    "from": "From|Von|De|Da|Van|Från|Fra|Lähettäjä|Od|Feladó|De la|От|От кого|Від|Από|Gönderen|Kimden"
    "|发件人|發件人|寄件者|寄件人|差出人|送信者|보낸 사람|보낸사람|发自|מאת|من|Từ|จาก|Dari"
    "|Expéditeur|Remitente|Mittente|Absender|Avsändare|Afsender|Nadawca|Odesílatel|Odosielateľ"
    "|Expeditor|Отправитель|Pošiljatelj|Pošiljalac|Saatja|Nuo|No|Desde|Remetente|Sender"
    "|Reply-To|Répondre à|Antwort an|Responder a|Afzender|Frá|Nork|Šalje|از|Pengirim|Sūtītājs",
    "date": "Sent|Date|Gesendet|Gesendet am|Datum|Envoyé|Envoyé le|Enviado|Enviado el|Enviado em"
    "|Enviada em|Data|Fecha|Inviato|Inviata|Verzonden|Skickat|Sendt|Dato|Lähetetty|Päivämäärä"
    "|Päiväys|Wysłano|Odesláno|Odoslané|Dátum|Küldve|Elküldve|Trimis|Дата|Отправлено|Надіслано"
    "|Ημερομηνία|Στάλθηκε|Tarih|Gönderildi|Gönderme Tarihi|发送时间|發送時間|日期|时间|寄件日期"
    "|傳送時間|送信日時|日時|日付|보낸 날짜|날짜|נשלח|תאריך|تاريخ|تم الإرسال|Ngày|Đã gửi|วันที่"
    "|Tanggal|Dikirim|Poslano|Poslato|Saadetud|Išsiųsta|Sent at|Sent on|Date Sent|Изпратено"
    "|Изпратен|Nosūtīts|Enviat|Bidalia|ส่ง|ส่งเมื่อ|Terkirim|ارسال شده|Datums|Päivä|Отправлен",
    "to": "To|An|À|A|Para|Aan|Till|Til|Vastaanottaja|Do|Komu|Címzett|Către|Кому|До|Προς|Kime|Alıcı"
    "|收件人|收件者|宛先|받는 사람|받는사람|אל|إلى|Đến|ถึง|Kepada|Destinataire|Destinatario"
    "|Destinatário|Mottagare|Za|Kam|Prima|Tới|Adressaat|Saaja|Per a|Nori|به|Catre|Gavėjas"
    "|Primatelj",
    "cc": "Cc|Bcc|Kopie|Kopi|Copie|Copie à|Copia|Cópia|Kopia|Kopio|DW|Копия|Másolatot kap|Másolat"
    "|抄送|副本|참조|עותק|نسخة|Κοιν|Κοιν.|Bilgi|CCI|Kop|Kop.|Kópia|Kopija|สำเนา|Đồng gửi|CC"
    "|Sao gửi|رونوشت|Αντίγραφο",
    "subject": "Subject|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp|Ämne|Emne|Aihe|Temat|Předmět"
    "|Predmet|Tárgy|Subiect|Тема|Θέμα|Konu|主题|主題|主旨|件名|제목|נושא|الموضوع|Chủ đề|Tiêu đề"
    "|เรื่อง|Perihal|Subjek|Naslov|Zadeva|Teema|Tema|Re|Относно|Предмет|Tēma|Efni|Assumpte|Gaia"
    "|موضوع|Judul|Тэма",
    "other": "Importance|Priority|Attachment|Attachments|Organization|Reply to|Newsgroups|Message-ID"
    "|Mailing-List|Flag|Wichtigkeit|Anlage|Anlagen|Pièces jointes|Importanza|Priorità"
    "|Sensitivity|Categories|Followup-To|Lines|References|In-Reply-To|Return-Path|Received"
    "|Content-Type|MIME-Version|User-Agent|Delivered-To|List-Id|Auto forwarded by|Approved-By"
    "|Fax to|Location|Conversation",
}
_ROLES = {label.lower(): role for role, labels in _LABELS.items() for label in labels.split("|")}
_FIELD = re.compile(
    r"^[\s*_|]*([^\W\d_][^:：\n]{0,30}?)\s?[*_]{0,2}\s?[:：](?!//)[*_]{0,2}\s?(.*)$"  # "*From:* Mira"
)
# Two of these in a row are the raw header of a mail.
_TECHNICAL = re.compile(
    r"^(?:Return-Path|Received|Message-ID|Content-Transfer-Encoding|Content-Type|MIME-Version|X-[\w-]+"
    r"|Delivered-To|In-Reply-To|References|List-[\w-]+|DKIM-Signature)\s?:\s",
    re.IGNORECASE,
)
_OTHER = re.compile(r"(?:x|resent)-[\w-]+$")


def labelled(line: str) -> tuple[str, str] | None:
    """The label of a field, in small letters, and its value."""
    if ":" not in line and "：" not in line:
        return None
    found = _FIELD.match(line)
    return (found[1].lower(), found[2]) if found else None


def field(line: str) -> tuple[str, str] | None:
    """What a header field says: "from", "date", "to", "cc", "subject" or "other", and its value."""
    found = labelled(line)
    if found is None:
        return None
    label, value = found
    role = _ROLES.get(label) or ("other" if _OTHER.match(label) else None)
    return (role, value) if role else None


def is_technical(line: str) -> bool:
    """Whether this is a field that no person reads: "Message-ID: ..."."""
    return ":" in line and bool(_TECHNICAL.match(line))
