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

_MARKER_WORDS = (
    r"original (?:message|e-?mail|appointment)|reply message|forwarded (?:message|e-?mail|by)"
    r"|forward(?:ed)? header"
    r"|(?:weitergeleitete|urspr[üu]ngliche|original)\s?-?(?:nachricht|mail)|originalnachricht"
    r"|message (?:d'origine"
    r"|original|transf[ée]r[ée]|suivi)|message d’origine|mensaje (?:original|reenviado)|mensagem (?:original"
    r"|encaminhada)|messaggio (?:originale|inoltrato)|oorspronkelijk(?:e)? (?:bericht|e-?mail)"
    r"|doorgestuurd bericht"
    r"|ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande|opprinnelig melding"
    r"|oprindelig meddelelse"
    r"|videresendt (?:melding|meddelelse)|original ?meddelelse|alkuperäinen viesti|välitetty viesti"
    r"|(?:wiadomość oryginalna|oryginalna wiadomość|przekazana wiadomość|wiadomość przekazana)"
    r"|(?:původní|přeposlaná|pôvodná|preposlaná) (?:zpráva|správa|e-?mail)|eredeti üzenet|továbbított üzenet"
    r"|mesaj(?:ul)? original|mesaj redirecționat|исходное сообщение|пересылаемое сообщение"
    r"|пересланное сообщение"
    r"|пересылаемое письмо|оригинальное сообщение|(?:вихідне|переслане) повідомлення|αρχικό μήνυμα"
    r"|προωθημένο μήνυμα|orijinal (?:ileti|mesaj)|özgün ileti|iletilen (?:ileti|mesaj)|原始邮件|邮件原件"
    r"|原始信件|原始郵件|转发的邮件"
    r"|轉寄郵件|元のメッセージ|転送メッセージ|원본 (?:메시지|메일)|전달된 메시지|הודעה מקורית|הודעה שהועברה"
    r"|الرسالة الأصلية|رسالة معاد توجيهها|tin nhắn gốc|pesan asli|izvorna poruka|originalno sporočilo"
)
_MARKER = re.compile(
    rf"^\s*(?:[-_=*>]{{2,}}\s*(?:{_MARKER_WORDS})\b.*|[*]?(?:{_MARKER_WORDS})[*]?\s*[:：]?\s*[-_=]{{2,}}.*"
    r"|-+\s*forwarded (?:by|message from)\b.*"
    r"|>{2,} ?.*(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d:\d\d).*>{2,}\s*"  # GroupWise
    r"|-{2,}.*\b(?:on|am|le|el)\b.*\d.*(?:wrote|schrieb|escribi|a écrit).*-{2,}\s*)$",
    re.IGNORECASE,
)
_BARE_MARKER = re.compile(rf"^\W*(?:{_MARKER_WORDS})\W*$", re.IGNORECASE)  # some programs lose the dashes
_RULED = re.compile(r"[-_=*>]{2}")
_LONGEST_MARKER = 50
_FORWARD = re.compile(
    r"^\s*(?:begin forwarded message|forwarded message|anfang der weitergeleiteten (?:nachricht|e-?mail)"
    r"|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado|inizio messaggio inoltrato"
    r"|begin doorgestuurd bericht|início da mensagem (?:encaminhada|reenviada)|vidarebefordrat brev"
    r"|videresendt (?:besked|melding|meddelelse)|start (?:på|af) videresendt (?:melding|besked)"
    r"|välitetty viesti alkaa|początek przekazywanej wiadomości|začátek přeposlané zprávy"
    r"|továbbított levél kezdete"
    r"|начало переадресованного (?:сообщения|письма)|αρχή προωθημένου μηνύματος|iletilen e-posta başlangıcı"
    r"|开始转发的邮件|下面是被转发的邮件|開始轉寄訊息|転送されたメッセージ|전달된 메시지)\s*[:：]?\s*$",
    re.IGNORECASE,
)


def is_marker(line: str) -> bool:
    """Whether everything below this line was written by someone else: "-----Original Message-----"."""
    if len(line) > _MAX_LENGTH:
        return False
    if _RULED.search(line) and _MARKER.match(line):
        return True
    if len(line) > _LONGEST_MARKER and len(line.strip()) > _LONGEST_MARKER:
        return False
    return bool(_BARE_MARKER.match(line) or _FORWARD.match(line))


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
    if len(lines[at]) > _MAX_LENGTH or not _HINT.search("".join(lines[at : at + _MAX_LINES])):
        return 0
    if not _may_start(lines[at]):
        return 0
    joined = ""
    for n, line in enumerate(lines[at : at + MAX_REACH], start=1):
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
