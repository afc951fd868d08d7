"""What programs and companies put below a mail: telephones' lines, advertising, list footers, legal words.

Decides about lines, cuts nothing. None of it was written by the person.
"""

import re
from collections.abc import Sequence

RULE = re.compile(r"^\s*(?:([-_=*~#+.•])(?:\s?\1){2,}|__|[-_=*~#+.•]{10,})\s*$")
_NEXT_PART = re.compile(r"^-+ next part -+$")  # Mailman
_MOBILE = re.compile(
    r"^\W*(?:sent (?:from|via|by|with) (?:my |the |a |an )?(?!(?:my|the|a) (?:desk|house|heart))[\w'’.+&()-]+"
    r"(?:[ ,][^.!?]{0,70})?(?:\s*[(<]?(?:https?://|www\.)?[\w.-]+\.\w+\S*)?"
    r"|get (?:outlook|yahoo|bluemail|spark)\b.{0,60}|get your (?:free|private).{0,80}"
    r"|(?:von|aus|mit) (?:mein\w*|unterwegs|outlook|gmx|web\.de|yahoo)\b.{0,60}(?:gesendet|verschickt)?"
    r"|gesendet (?:von|mit|über|aus)\b.{0,70}|diese nachricht wurde (?:von|mit)\b.{0,80}gesendet"
    r"|diese nachricht wurde von meinem .{0,80}|envoy[ée] (?:de|depuis|à partir de|avec|par)\b.{0,70}"
    r"|enviad[oa] (?:desde|do|de|pelo|con|com)\b.{0,70}|inviat[oa] (?:da|dal|dall|con|tramite)\b.{0,70}"
    r"|verzonden (?:vanaf|met|via|vanuit|van)\b.{0,70}|verstuurd vanaf\b.{0,70}|skickat från\b.{0,70}"
    r"|sendt fra\b.{0,70}|lähetetty\b.{0,70}|wysłan[eoy] z\b.{0,70}|odesláno z\b.{0,70}|odoslané z\b.{0,70}"
    r"|trimis de pe\b.{0,70}|отправлено с\b.{0,70}|надіслано з\b.{0,70}|στάλθηκε από\b.{0,70}"
    r"|.{0,40}(?:cihazımdan|iphone.umdan|ipad.imden|telefonumdan) gönderildi"
    r"|从我的.{0,40}发送|发自我的.{0,40}|從我的.{0,40}傳送|.{0,20}iphone(?:から送信|에서 보냄)"
    r"|私の.{0,30}から送信|נשלח מה.{0,40}|أرسلت من.{0,40}|đã gửi từ.{0,40}|dikirim dari.{0,40}"
    r"|(?:do you yahoo|yahoo! mail)\b.{0,80}|.{0,30}\byahoo! mail\b.{0,90}|.{0,40}msn (?:explorer|messenger"
    r"|hotmail)\b"
    r".{0,80}|using the bat!.{0,60})\W*$",
    re.IGNORECASE,
)
# Each of these words, or its first letters, is in every such line; most lines have none and are done with.
_MOBILE_WORDS = (
    *(
        "sent ",
        "get ",
        "gesendet",
        "verschickt",
        "von ",
        "aus ",
        "mit ",
        "diese nachricht",
        "envoy",
        "enviad",
    ),
    *("inviat", "verzonden", "verstuurd", "skickat", "sendt", "lähetetty", "wysłan", "odesláno", "odoslané"),
    *(
        "trimis",
        "отправлено",
        "надіслано",
        "στάλθηκε",
        "gönderildi",
        "发",
        "發",
        "傳送",
        "送信",
        "보냄",
        "נשלח",
    ),
    *("أرسلت", "gửi", "dikirim", "yahoo", "msn ", "the bat"),
)
_LINK_ALONE = re.compile(r"^\s*[<(\[]?(?:https?://|www\.)\S+\s*$")
_FOOTER = re.compile(
    r"mailing list\b|\blistinfo\b|\bunsubscribe\b|to unsubscribe|groups\.google\.com|yahoo! groups links"
    r"|list-?serv|you (?:are receiving|received) this (?:e-?mail|message) because|view it on github"
    r"|reply to this email directly|attachment was scrubbed|sponsored by",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"confidential|vertraulich|confidentiel|confidencial|riservat|vertrouwelijk|poufne|конфиденциальн"
    r"|intended (?:only |solely )?(?:for|recipient|addressee)|(?:intended|named) (?:recipient|addressee)"
    r"|not the intended"
    r"|priviled?ged|disclos|dissemination|strictly prohibited|received this .{0,40}in error|in error"
    r"|unauthori[sz]ed"
    r"|legal disclaimer|disclaimer|delete (?:it|this|the)|notify (?:the )?sender|destinat[aá]r|destinataire"
    r"|empfänger|irrtümlich|geadresseerde|please consider the environment|virus|protected by|proprietary",
    re.IGNORECASE,
)
_LEGAL_STEMS = (
    *("confiden", "vertraulich", "riservat", "vertrouwelijk", "poufne", "конфиденц", "intended", "addressee"),
    *(
        "recipient",
        "privil",
        "disclos",
        "dissemin",
        "prohibited",
        "error",
        "unauthori",
        "disclaim",
        "destinat",
    ),
    *("empfänger", "irrtüm", "geadresseerde", "environment", "virus", "protected by", "proprietary"),
    *("delete ", "notify "),
)
# Attachments, as programs name them in the text.
_ATTACHED = re.compile(r"^\s*(?:- |<<|\[|\(See attached).{1,80}\.\w{2,4}\W*$", re.IGNORECASE)
_LEGAL_SUBJECT = re.compile(
    r"\b(?:this|the|any|diese|ce|este|esta|questo|questa|dit|deze|данное|ten|denna|dette)\b.{0,60}"
    r"(?:e-?mail|message|communication|transmission|nachricht|courriel|mensaje|correo|mensagem|messaggio"
    r"|bericht"
    r"|wiadomość|сообщение|письмо|meddelande)|confidentiality notice|disclaimer|legal notice",
    re.IGNORECASE,
)
_N_FOOTER = 25  # lines of a list's footer, at most


def is_rule(line: str) -> bool:
    """Whether this is a drawn line."""
    return line.lstrip()[:1] in _DRAWN and bool(RULE.match(line))


_DRAWN = frozenset("-_=*~#+.•")


def footer_start(lines: Sequence[str]) -> int:
    """Where a list's footer begins: a rule and, right below it, words that only list servers write."""
    for i in range(max(0, len(lines) - _N_FOOTER), len(lines)):
        ruled = is_rule(lines[i]) or _NEXT_PART.match(lines[i])
        if ruled and any(_FOOTER.search(line) for line in lines[i + 1 : i + 5]):
            return i
    return len(lines)


def disclaimer_start(lines: Sequence[str]) -> int:
    """Where the legal words begin that close a mail; the person's text never stands below them."""
    start = end = len(lines)
    while end > 0:
        begin = end
        while begin > 0 and lines[begin - 1].strip():
            begin -= 1
        paragraph = " ".join(lines[begin:end])
        if _is_legal(paragraph):
            start = begin
        elif paragraph and not _may_close(paragraph, below=start < len(lines)):
            break
        end = begin - 1
    return start


def _is_legal(paragraph: str) -> bool:
    small = paragraph.lower()
    if len(small) < 40 or not any(stem in small for stem in _LEGAL_STEMS) or not _LEGAL_SUBJECT.search(small):
        return False
    return len({word.lower() for word in _LEGAL.findall(paragraph)}) >= 2


def _may_close(paragraph: str, *, below: bool) -> bool:
    """Whether a paragraph may stand below the legal words, or between them."""
    if not below:
        return bool(_ATTACHED.match(paragraph))
    return is_rule(paragraph) or len(_LEGAL.findall(paragraph)) >= 2


def without_mobile_lines(lines: Sequence[str]) -> list[str]:
    """Lines without "Sent from my iPhone" and its like, nor the link that an advertisement leads to."""
    kept: list[str] = []
    advertised = False
    for i, line in enumerate(lines):
        if advertised and _LINK_ALONE.match(line):
            continue
        alone = i == 0 or i == len(lines) - 1 or not lines[i - 1].strip() or is_rule(lines[i - 1])
        advertised = alone and _is_mobile_line(line)
        if not advertised:
            kept.append(line)
            continue
        while kept and is_rule(kept[-1]):
            kept.pop()
    return kept


def _is_mobile_line(line: str) -> bool:
    if not 5 < len(line) < 130:
        return False
    small = line.lower()
    return any(word in small for word in _MOBILE_WORDS) and bool(_MOBILE.match(line))


def names_attachments_only(lines: Sequence[str]) -> bool:
    """Whether these lines only name the files that go with the mail: " - plan.pdf"."""
    return all(_ATTACHED.match(line) for line in lines if line.strip())
