"""The lines that mail programs write above a quote: "On Monday Ana wrote:", header blocks, forwarding lines.

Knows the customs of mail programs in some forty languages, as tables. Decides about lines, cuts nothing.
"""

import re
from collections.abc import Collection, Sequence

_MAX_LENGTH = 400  # an attribution longer than this is prose
_MAX_LINES = 4  # programs wrap attributions at 70 to 80 columns
MAX_REACH = _MAX_LINES + 2  # lines from the first to the last of an attribution that has empty lines in it

# "wrote", as mail programs say it.
_VERBS = (
    "wrote|writes|has written|said"  # English
    "|schrieb|schrieben|geschrieben|hat am|meinte"  # German
    "|a écrit|a ecrit|écrit|ecrit|écrivait"  # French
    "|escribió|escribio|ha escrito|va escriure|ha escrit|escribiu|idatzi du"
    "|igorleak idatzi zuen"  # Spanish, Catalan, Galician, Basque
    "|escreveu|escreveram|ha scritto|scrisse|scriveva"  # Portuguese, Italian
    "|schreef|geschreven|het geskryf|skrev|skrifaði|kirjoitti"  # Dutch, Afrikaans, Nordic
    "|napisał|napisała|napisał(a)|napisała(a)|pisze|napsal|napsala|napsal(a)|napisal|napisala|napisal(a)"
    "|napísal|napísala|napísal(a)"  # Polish, Czech, Slovak
    "|írta|a scris|shkroi|rašė|rakstīja|kirjutas|piše|je napisao|je napisala|je napisao/la|je pisal"
    "|napisao|napisao/la"  # Hungarian, Romanian, Albanian, Baltic, Slovene, Croatian
    "|написал|написала|написав|написавла|написа|пишет|пише|пишу|писал|писала|писали|написао|написао/ла"
    "|напісаў"  # Cyrillic
    "|έγραψε|yazdı|şunları yazdı|yazmış"  # Greek, Turkish
    "|写道|寫道|书道|のメール|書きました|書いた|さんは書き|작성|썼습니다"
    "|님이 작성"  # Chinese, Japanese, Korean
    "|כתב|כתבה|كتب|كتبت|نوشت|ने लिखा|đã viết|viết|เขียนว่า|เขียน|menulis|skribis"  # Hebrew, Arabic, Persian…
).split("|")
# What may stand between the verb and the colon.
_OBJECTS = (
    "the following|folgendes|le message suivant|lo siguiente|o seguinte|quanto segue|het volgende|följande"
    "|følgende|seuraavaa|následující|următoarele"
)
_VERB_WORDS = "|".join(re.escape(verb).replace(r"\ ", r"\s+") for verb in _VERBS)
_VERB = re.compile(rf"(?<![^\W_])(?:{_VERB_WORDS})(?![^\W_])", re.IGNORECASE)
_CJK_VERB = re.compile(r"写道|寫道|のメール|書きました|書いた|작성|썼습니다|เขียน|님이")
_VERB_AT_END = re.compile(
    rf"(?:(?<![^\W_])(?:{_VERB_WORDS})|写道|寫道|書きました|작성|เขียน)(?:\s+(?:{_OBJECTS}))?"
    r"\s*(?:[:：]|-{2,}|…)*\s*$",
    re.IGNORECASE,
)
_END = 60  # characters at the end of a line among which that verb stands
_LAST_WORDS = frozenset(phrase.split()[-1] for phrase in (*_VERBS, *_OBJECTS.split("|")))
_LAST_LETTERS = (
    "写道",
    "寫道",
    "書きました",
    "작성",
    "เขียน",
    *(verb for verb in _VERBS if not verb.isascii()),
)
# The words that begin such a line, besides dates, names in front of an address and rows of dashes.
_STARTS = (
    r"On|At|In article|In message|Am|Im|Um|Le|El|Em|A|Op|Den|På|Il|Il giorno|In data|W dniu|Dnia|Dne|Dňa"
    r"|Dana|Em"
    r"|Pe|Pada|Në|Data|Vào|Vào lúc|Dana|Ngày|Tarihinde|Στις|Στο|В|У|На|Στην|Kl\.?|El día|Em qua|Quoting"
    r"|Citando"
    r"|Zitat von|Quotation of|Selon|Lainaus|Citeren|Cytowanie|Цитирование|בתאריך|ב-|في|در|على|เมื่อ|op|le|am"
    r"|on"
)
_START = re.compile(rf"[\s*_<\"'(-]*(?:(?:{_STARTS})(?![^\W_])|\d)", re.IGNORECASE)
_QUOTING = re.compile(
    r"^\s*(?:Quoting|Citando(?: a)?|Zitat von|Selon|Citeren|Lainaus|Cytowanie|Quotation of)\b.*[:：]\s*$",
    re.IGNORECASE,
)
_CLOCK = r"\d{1,2}[:.hH]\d{2}"
_DAY = r"\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}|(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}\s?[月월]"
_DATE = re.compile(rf"{_CLOCK}|{_DAY}")
_ADDRESS = re.compile(r"[^\s<>()@,;:\"]+@[^\s<>()@,;:\"]+|<[^<>]*(?:@|mailto:|https?:)[^<>]*>|<\s*$")
_BRACKETED = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_CLOCK_TIME = re.compile(rf"(?<!\d){_CLOCK}(?!\d)")
_WEEKDAY = re.compile(
    r"^\W*(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb"
    r"|dom|seg|ter|qua|qui|sex|пн|вт|ср|чт|пт|сб|вс|нд|понедельник|вторник|среда|четверг|пятница|суббота"
    r"|воскресенье)\b",
    re.IGNORECASE,
)
# Gmail of 2011 to 2017, in every language: no verb, but an offset that nobody types.
_GMAIL_DATE = re.compile(r"^\s*\d{4}[-/]\d\d?[-/]\d\d?\s+\d\d?:\d\d\s+(?:GMT|UTC)[+-]\d\d:\d\d\s+\S.*$")
_ENDS_ON_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?\s*\)?\s*[:：]\s*$|<[^<>]+>\s*[:：]\s*$")

_HINT = re.compile(r"[\d@<]")  # every attribution has a number or an address; most lines have neither

# What stands above a mail that is quoted or passed on whole, between dashes or alone on its line.
_MARKERS = frozenset(
    (
        "original message|original e-mail|original email|original appointment|reply message"
        "|forwarded message|forwarded e-mail|forwarded email|forward header|forwarded header"
        "|begin forwarded message|weitergeleitete nachricht|weitergeleitete mail|weitergeleitete e-mail"
        "|ursprüngliche nachricht|ursprungliche nachricht|ursprüngliche mail|ursprüngliche e-mail"
        "|original-nachricht|originalnachricht|original nachricht|original-mail|original mail"
        "|anfang der weitergeleiteten nachricht|anfang der weitergeleiteten e-mail"
        "|message d'origine|message d’origine|message original|message transféré|message transfere"
        "|message suivi|début du message réexpédié|début du message transféré|courriel original"
        "|mensaje original|mensaje reenviado|inicio del mensaje reenviado|missatge original"
        "|mensagem original|mensagem encaminhada|início da mensagem encaminhada"
        "|início da mensagem reenviada|messaggio originale|messaggio inoltrato|inizio messaggio inoltrato"
        "|oorspronkelijk bericht|oorspronkelijke bericht|oorspronkelijke e-mail|doorgestuurd bericht"
        "|begin doorgestuurd bericht|ursprungligt meddelande|originalmeddelande"
        "|vidarebefordrat meddelande|vidarebefordrat brev|opprinnelig melding|oprindelig meddelelse"
        "|original meddelelse|originalmeddelelse|videresendt melding|videresendt meddelelse"
        "|videresendt besked|start på videresendt melding|start på videresendt besked"
        "|start af videresendt besked|alkuperäinen viesti|välitetty viesti|välitetty viesti alkaa"
        "|wiadomość oryginalna|oryginalna wiadomość|przekazana wiadomość|wiadomość przekazana"
        "|początek przekazywanej wiadomości|původní zpráva|původní e-mail|přeposlaná zpráva"
        "|přeposlaný e-mail|začátek přeposlané zprávy|pôvodná správa|pôvodný e-mail|preposlaná správa"
        "|eredeti üzenet|továbbított üzenet|továbbított levél kezdete|mesaj original|mesajul original"
        "|mesaj redirecționat|исходное сообщение|пересылаемое сообщение|пересланное сообщение"
        "|пересылаемое письмо|оригинальное сообщение|начало переадресованного сообщения"
        "|начало переадресованного письма|вихідне повідомлення|переслане повідомлення"
        "|оригинално съобщение|препратено съобщение|αρχικό μήνυμα|προωθημένο μήνυμα"
        "|αρχή προωθημένου μηνύματος|orijinal ileti|orijinal mesaj|özgün ileti|iletilen ileti"
        "|iletilen mesaj|iletilen e-posta başlangıcı|原始邮件|邮件原件|原始信件|原始郵件|转发的邮件"
        "|轉寄郵件|开始转发的邮件|下面是被转发的邮件|開始轉寄訊息|元のメッセージ|転送メッセージ"
        "|転送されたメッセージ|원본 메시지|원본 메일|전달된 메시지|הודעה מקורית|הודעה שהועברה"
        "|الرسالة الأصلية|رسالة معاد توجيهها|tin nhắn gốc|thư gốc|pesan asli|izvorna poruka"
        "|originalno sporočilo|izvirno sporočilo|algne kiri|originalus laiškas|sākotnējais ziņojums"
    ).split("|")
)
# These go on after the words: "Forwarded by Ana Ruiz on 4 March".
_MARKER_STARTS = (*sorted(_MARKERS), "forwarded by", "forwarded message from")
_DECORATION = ' \t-_=*>:：.…[]()<"'
_DRAWN = ("--", "__", "==", "**", ">>")
_GROUPWISE = re.compile(r">{2,} ?.*(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d:\d\d).*>{2,}$")
_DASHED = re.compile(r"-{2,}.*\b(?:on|am|le|el)\b.*\d.*(?:wrote|schrieb|escribi|a écrit).*-{2,}$")


def is_marker(line: str) -> bool:
    """Whether everything below this line was written by someone else: "-----Original Message-----"."""
    if len(line) > _MAX_LENGTH:
        return False
    text = line.strip().lower()
    bare = text.strip(_DECORATION)
    if bare in _MARKERS:
        return True
    if text[:1] == "-" and bare.startswith("forwarded by"):
        return True
    drawn = text[:2] in _DRAWN
    if not drawn and not any(rule in text for rule in _DRAWN):
        return False
    if bare.startswith(_MARKER_STARTS):
        return drawn or _is_drawn_after(bare)
    if text[-2:] == ">>":
        return drawn and bool(_GROUPWISE.match(text))
    return drawn and text[-2:] == "--" and bool(_DASHED.match(text))


def _is_drawn_after(bare: str) -> bool:
    """Whether a rule follows the marker's words, as in "Original Message ----- From: Mira"."""
    words = next(words for words in _MARKER_STARTS[::-1] if bare.startswith(words))
    return bare[len(words) :].lstrip("* :：").startswith(_DRAWN[:3])


def may_end_attribution(line: str) -> bool:
    """Whether an attribution may end in this line: quick, and true too often."""
    text = line.rstrip()
    last = text[-1:]
    if last in ".,;!?":
        return False
    if last in ":：-…":
        return True
    if text[:20].lstrip()[:2] == "20" and _GMAIL_DATE.match(text):
        return True
    return bool(last) and (text[-24:].split()[-1].lower() in _LAST_WORDS or text.endswith(_LAST_LETTERS))


def attribution_at(lines: Sequence[str], at: int, own: Collection[str] = ()) -> int:
    """How many lines from `at` say by themselves that someone else wrote what follows; 0 when none."""
    reach = lines[at : at + MAX_REACH]
    if len(reach[0]) > _MAX_LENGTH:
        return 0
    if not (_HINT.search("".join(reach[:_MAX_LINES])) and _may_start(reach[0])):
        return 0
    joined = ""
    for n, line in enumerate(reach, start=1):
        if len(joined) > _MAX_LENGTH or (n > _MAX_LINES and "<" not in joined):
            return 0
        if not line.strip():
            # Some programs put the address alone on a line of its own.
            if any(text.strip() and not text.lstrip().startswith("<") for text in lines[at + n : at + n + 1]):
                return 0
            continue
        joined = f"{joined} {line.strip()}".strip()
        if may_end_attribution(line) and is_attribution(joined, own):
            return n
    return 0


def is_attribution(text: str, own: Collection[str] = ()) -> bool:
    """Whether one unwrapped line names a writer and a time or an address, and ends as attributions do."""
    if len(text) > _MAX_LENGTH:
        return False
    dated, addressed = bool(_DATE.search(text)), bool(_ADDRESS.search(text))
    if not (dated or addressed):
        return False
    if _GMAIL_DATE.match(text):
        return len(text) < 160
    if _VERB_AT_END.search(text[-_END:]):
        return (bool(_START.match(text)) and dated) or addressed or bool(_WEEKDAY.match(text))
    if _ENDS_ON_ADDRESS.search(text):
        return dated or bool(_VERB.search(text) or _CJK_VERB.search(text))
    if not (dated and addressed and text.rstrip().endswith((":", "："))):
        return False
    if any(address in text.lower() for address in own):
        return True  # the person's own earlier words, in a language that no table here has
    # Beside an address in brackets and a time of day no verb is needed: nobody types these in a sentence.
    return _says_wrote(text) or bool(_BRACKETED.search(text) and _CLOCK_TIME.search(text))


def introduces_quote(text: str) -> bool:
    """Whether a line that stands right above quoted lines is a program's, not the person's."""
    if len(text) > _MAX_LENGTH:
        return False
    if is_attribution(text) or _QUOTING.match(text):
        return True
    if _VERB_AT_END.search(text[-_END:]):
        return len(text) < 120
    dated, addressed = bool(_DATE.search(text)), bool(_ADDRESS.search(text))
    ends = text.rstrip().endswith((":", "：", "..."))
    if dated and addressed and len(text) < 160:
        return True
    return ends and (addressed or (dated and _says_wrote(text)))


def begins_attribution(line: str) -> bool:
    """Whether a wrapped attribution may have begun in this line."""
    return bool(_START.match(line) or _WEEKDAY.match(line)) and bool(re.search(r"\d", line))


def _says_wrote(text: str) -> bool:
    return bool(_VERB.search(text) or _CJK_VERB.search(text))


def _may_start(line: str) -> bool:
    return bool(
        _START.match(line)
        or _WEEKDAY.match(line)
        or _ADDRESS.search(line)
        or _VERB.search(line)
        or _CJK_VERB.search(line)
    )
