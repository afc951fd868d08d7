"""Signatures and what programs and companies put below a mail: mobile lines, list footers, disclaimers.

A sign-off and a name are the person's own words and stay.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_DELIMITER = re.compile(r"^\s{0,2}(?:--|—|–)\s*$")
_RULE = re.compile(r"^\s*([-_=*~#+.•])(?:\s?\1){2,}\s*$")
_NEXT_PART = re.compile(r"^-+ next part -+$")  # Mailman
_CODE_FENCE = re.compile(r"^\s*(?:```|~~~)")
_UNDERLINE = re.compile(r"^\s*_{3,}\s*$")
_MAX_SIGNATURE = 20  # lines; below a delimiter there may be verse, but not a letter
_MAX_CONTACTS = 14
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
# Attachments, as programs name them in the text.
_ATTACHED = re.compile(r"^\s*(?:- |<<|\[|\(See attached).{1,80}\.\w{2,4}\W*$", re.IGNORECASE)
_LEGAL_SUBJECT = re.compile(
    r"\b(?:this|the|any|diese|ce|este|esta|questo|questa|dit|deze|данное|ten|denna|dette)\b.{0,60}"
    r"(?:e-?mail|message|communication|transmission|nachricht|courriel|mensaje|correo|mensagem|messaggio"
    r"|bericht"
    r"|wiadomość|сообщение|письмо|meddelande)|confidentiality notice|disclaimer|legal notice|privileged",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:\b(?:tel|phone|ph|fax|facsimile|cell|cellular|mobile|mob|office|work|home|pager|direct|telefon"
    r"|handy|téléphone"
    r"|tél|portable|teléfono|móvil|telefone|telefono|cellulare|telefoon|mobiel|skype|e-?mail|mail|web|www"
    r"|url|icq|xmpp|pgp|gpg)\b\.?\s*(?:\(.{0,12}\))?\s*[:#.=]"
    r"|(?:\+?\d{1,3}[\s.-]?)?\(?\d{2,4}\)?[\s./-]{1,2}\d{3}[\s.-]?\d{2,5}|\bx\d{4,5}\b"
    r"|^\s*<?https?://\S+>?\s*$"
    r"|^\s*<?www\.\S+>?\s*$|^\s*<?[^\s@<>]+@[^\s@<>]+\.\w+>?\s*$|\b[A-Z]{2}\s+\d{5}(?:-\d{4})?\b"
    r"|\bP\.?\s?O\.? box\b|^\s*\d+\s+[A-Z]\w+.{0,30}\b(?:street|st\.?|road|rd\.?|avenue|ave\.?|blvd|lane"
    r"|drive|suite)\b)",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"^\s*[-–—~]?\s*[^\W\d_a-z][\w.'’-]*(?:,? [^\W\d_a-z][\w.'’-]*){0,4}(?:, [\w.]{2,6})*\s*$"
)
_CLOSING = re.compile(
    r"^\W*(?:(?:kind|best|warm|many|with|my)\b.{0,20}|regards|cheers|thanks|thank you|thx|sincerely|yours"
    r"|love|best"
    r"|cordially|respectfully|ciao|mfg|lg|vg|(?:viele|beste|liebe|freundliche|mit|herzliche|schöne).{0,25}"
    r"|grüße|gruß"
    r"|gruss|cordialement|bien à|amicalement|merci|saludos|un saludo|atentamente|gracias|abraços?"
    r"|atenciosamente"
    r"|obrigad[oa]|cordiali saluti|saluti|grazie|groet(?:en|jes)?|met vriendelijke.{0,10}|mvh"
    r"|vänliga.{0,15}|hilsen"
    r"|med .{0,20}hilsen|pozdrawiam|s pozdravem|с уважением|спасибо|terveisin|üdvözlettel)\b[^.]{0,40}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signed:
    """A run of own lines in two."""

    text: tuple[str, ...]
    signature: tuple[str, ...]


def cut_signature(lines: Sequence[str]) -> Signed:
    """Splits off what stands below the person's words."""
    kept, below = list(lines), list[str]()
    for cut_at in (_footer_start, _disclaimer_start, _delimiter_at, _underline_at):
        at = cut_at(kept)
        below = kept[at:] + below if cut_at in (_delimiter_at, _underline_at) else below
        kept = _without_trailing_rules(kept[:at])
    kept = _without_trailing_rules(_without_mobile_lines(kept))
    at = _contacts_start(kept)
    signature = [line for line in (*kept[at:], *below) if not (_DELIMITER.match(line) or _RULE.match(line))]
    return Signed(tuple(_trimmed(kept[:at])), tuple(_trimmed(signature)))


def _trimmed(lines: Sequence[str]) -> list[str]:
    kept = [line.rstrip() for line in lines]
    while kept and not kept[-1]:
        kept.pop()
    while kept and not kept[0]:
        del kept[0]
    return kept


def _without_trailing_rules(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    while kept and (not kept[-1].strip() or _RULE.match(kept[-1]) or _DELIMITER.match(kept[-1])):
        kept.pop()
    return kept


def _footer_start(lines: Sequence[str]) -> int:
    """Where a list's footer begins: a rule and, right below it, words that only list servers write."""
    for i in range(max(0, len(lines) - 25), len(lines)):
        ruled = _RULE.match(lines[i]) or _NEXT_PART.match(lines[i])
        if ruled and any(_FOOTER.search(line) for line in lines[i + 1 : i + 5]):
            return i
    return len(lines)


def _disclaimer_start(lines: Sequence[str]) -> int:
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
    words = {word.lower() for word in _LEGAL.findall(paragraph)}
    return len(words) >= 2 and bool(_LEGAL_SUBJECT.search(paragraph))


def _may_close(paragraph: str, *, below: bool) -> bool:
    """Whether a paragraph may stand below the legal words, or between them."""
    if not below:
        return bool(_ATTACHED.match(paragraph))
    return bool(_RULE.match(paragraph)) or len(_LEGAL.findall(paragraph)) >= 2


def _delimiter_at(lines: Sequence[str]) -> int:
    filled = [i for i, line in enumerate(lines) if line.strip()]
    for i in filled[-_MAX_SIGNATURE - 1 :]:
        if not _DELIMITER.match(lines[i]):
            continue
        rest = [text for text in lines[i + 1 :] if text.strip()]
        if not _is_prose(rest) and (i > filled[0] or len(rest) <= 5):
            return i
    return len(lines)


def _is_prose(lines: Sequence[str]) -> bool:
    """Three full lines of running text in a row are a paragraph, not a signature."""
    full = [len(line) > 60 and len(line.split()) >= 8 for line in lines]
    return any(all(full[i : i + 3]) for i in range(len(full) - 2))


def _underline_at(lines: Sequence[str]) -> int:
    """A drawn line that only a few short lines follow."""
    if any(_CODE_FENCE.match(line) for line in lines):
        return len(lines)
    for i in range(max(1, len(lines) - _MAX_CONTACTS), len(lines)):
        rest = [line for line in lines[i + 1 :] if line.strip()]
        if (
            not _RULE.match(lines[i])
            or any(len(line) > 90 and "://" not in line for line in rest)
            or len(rest) > _MAX_CONTACTS
        ):
            continue
        contacts = sum(1 for line in rest if _CONTACT.search(line))
        if contacts >= 1 or (_UNDERLINE.match(lines[i]) and len(rest) <= 4):
            return i
    return len(lines)


def _without_mobile_lines(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for i, line in enumerate(lines):
        alone = i == 0 or not lines[i - 1].strip() or i == len(lines) - 1 or bool(_RULE.match(lines[i - 1]))
        if alone and line.strip() and len(line) < 130 and _MOBILE.match(line):
            while kept and _RULE.match(kept[-1]):
                kept.pop()
            continue
        kept.append(line)
    return kept


def _contacts_start(lines: Sequence[str]) -> int:
    """Where a block of title, address and numbers begins that stands below a name, without a delimiter."""
    end = len(lines)
    begin = end
    while begin > 0 and end - begin < _MAX_CONTACTS and _is_short(lines[begin - 1]):
        begin -= 1
    for i in range(begin, end - 2):
        top = i > 0 and (not lines[i - 1].strip() or _CLOSING.match(lines[i - 1]))
        below_words = top and any(line.strip() for line in lines[:i])
        if below_words and _PERSON.match(lines[i]) and _is_card(lines[i + 1 :]):
            return i + 1  # the name that signs the mail stays with the words above it
    return end


def _is_card(lines: Sequence[str]) -> bool:
    """Whether these lines are a visiting card: at least a third of them are ways to reach someone."""
    block = [line for line in lines if line.strip()]
    n_ways = sum(1 for line in block if _CONTACT.search(line))
    gaps = sum(1 for line, following in pairwise(lines) if not line.strip() and following.strip())
    return n_ways >= 2 and 3 * n_ways >= len(block) and gaps <= 1 and not any("=" in line for line in block)


def _is_short(line: str) -> bool:
    text = line.strip()
    return len(text) < 75 and not text.endswith(("?", "!", ",", ":", ";")) and len(text.split()) <= 10
