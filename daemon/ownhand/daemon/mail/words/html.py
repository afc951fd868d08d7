"""The text of an HTML mail as its reader sees it, with quotes marked as in plain text.

Knows how mail programs mark quotes, signatures and hidden things in their HTML. Decides nothing about
lines: a quoted element comes out as lines that begin with "> ", a signature below "-- ".
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ownhand.daemon.mail.words.attribution import is_attribution

if TYPE_CHECKING:
    from lxml import etree

_MAX_CHARACTERS = 1_000_000
_MAX_PIECES = 40  # of the text right before an element, that may be an attribution


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DROPPED = _names(
    "script style head title template noscript select option textarea object embed iframe svg math meta"
    " link base xml"
)
_BLOCKS = _names(
    "address article aside blockquote body center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6"
    " header hr html li main nav ol p pre section table tbody td tfoot th thead tr ul"
)
_PARAGRAPHS = _names("p h1 h2 h3 h4 h5 h6 ul ol blockquote pre table")
_QUOTE_CLASSES = _names(
    "yahoo_quoted moz-forward-container protonmail_quote tutanota_quote freshdesk_quote front-blockquote"
    " zmail_quote zmail_extra mb_quote mail_quote wisestamp_quote gmail_quote_forward qt sh-quoted-content"
    " crisp_quote mailplus_quote missive_quote hey_quote ymail_quoted mail-ru-quoted cite cite2 clean_bq"
)
_INTRODUCTION_CLASSES = _names("moz-cite-prefix gmail_attr")  # of the quote that is the next element
_QUOTE_IDS = re.compile(
    r"^(?:OLK_SRC_BODY_SECTION|mail-editor-reference-message-container|reply-intro|yahoo_quoted"
    r"|ymail_android_quoted|ms-outlook-mobile-body-separator.*|.*reference-message.*|isReplyContent"
    r"|oriMsgHtmlSeperator|qm_quoted)$",
    re.IGNORECASE,
)
_QUOTE_MARKS = _names("messageReplySection __QUOTED_TEXT__ __HEADERS__")  # names and markers
_REST_IDS = re.compile(
    r"^(?:divRplyFwdMsg|appendonsend|stopSpelling|replySplit|zwchr|OriginalMessage|ms-outlook-mobile-reply)$",
    re.I,
)
_REST_CLASSES = _names("OutlookMessageHeader moz-email-headers-table")
_SIGNATURE_CLASSES = _names(
    "moz-signature gmail_signature gmail_signature_prefix protonmail_signature_block tutanota_signature"
    " ymail_signature zmail_signature mail-signature email-signature fm-signature bloop_sign front-signature"
    " signature"
)
_SIGNATURE_IDS = re.compile(
    r"^(?:Signature|AppleMailSignature|ms-outlook-mobile-signature|ymail_signature|composer_signature"
    r"|lineBreakAtBeginningOfSignature|divtagdefaultsignature|bloop_sign.*|composeWebView_signature"
    r"|signature)$"
)
_SIGNATURE_MARKS = _names("messageSignatureSection __SIG_PRE__ __SIG_POST__")
# What Outlook and Yahoo put before the names of other programs when they quote their HTML.
_FOREIGN_PREFIX = re.compile(r"^(?:(?:x_)+|ydp[0-9a-f]{5,10}|yiv\d{8,12})")
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)"
    r"|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|em|%)?\s*(?:;|!|$)|max-height\s*:\s*0|(?:^|;)\s*(?:width"
    r"|height)\s*:\s*0"
    r"(?:px)?\s*(?:;|$)",
    re.IGNORECASE,
)
_WHITE = re.compile(
    r"(?:^|;)\s*color\s*:\s*(?:white|#fff(?:fff)?|rgba?\(\s*255\s*,\s*255\s*,\s*255\b)", re.IGNORECASE
)
_BACKGROUND = re.compile(r"background|bgcolor", re.IGNORECASE)
_BAR = re.compile(r"border-left(?:-(?:width|style|color))?\s*:\s*(?!none|0|medium none)", re.IGNORECASE)
_TOP_RULE = re.compile(r"border-top\s*:\s*(?!none|medium none)[^;]*(?:solid|[1-9][\d.]*p[tx])", re.IGNORECASE)
_HEADER_WORDS = re.compile(r"^\W*\w[\w ]{1,14}\s?[:：].{2,}?(?:@|\d{4}|\d[:.]\d\d|\w+\s?[:：])", re.DOTALL)
_WHITESPACE = re.compile(r"[ \t\r\n\f\v]+")
_REST = "-----Original Message-----"


@dataclass(slots=True)
class _Page:
    """Lines as they are written, and how deep in quotes the pen is."""

    lines: list[str] = field(default_factory=list)
    current: list[str] = field(default_factory=list)  # what the line under the pen is made of
    depth: int = 0
    preformatted: int = 0

    def write(self, text: str | None) -> None:
        if not text:
            return
        if self.preformatted:
            first, *rest = text.split("\n")
            self.current.append(first)
            for line in rest:
                self.end_line(always=True)
                self.current.append(line)
            return
        if not text.isalnum():
            text = _WHITESPACE.sub(" ", text)
        if not self.current or self.current[-1][-1:] == " ":
            text = text.lstrip(" ")
        if text:
            self.current.append(text)

    def end_line(self, *, always: bool = False) -> None:
        text = "".join(self.current).rstrip()
        if always or text.lstrip():
            self.lines.append("> " * self.depth + text)
        self.current.clear()

    def space(self) -> None:
        """Leaves one empty line between paragraphs."""
        self.end_line()
        if self.lines and self.lines[-1].lstrip("> "):
            self.lines.append(("> " * self.depth).rstrip())

    def follows_attribution(self) -> bool:
        recent = (*self.lines[-6:], "".join(self.current[-_MAX_PIECES:]))
        written = [line.strip() for line in recent if line.strip()]
        return any(is_attribution(" ".join(written[-n:])) for n in (1, 2, 3) if len(written) >= n)


def text_of_html(source: str) -> str:
    """Lines of text; "" when there is nothing to see."""
    from lxml.etree import iterwalk  # with lxml go 4 MiB that an idle daemon does without

    root = _parse(source)
    if root is None:
        return ""
    page, skipped, closers = _Page(), 0, dict[int, str]()
    for event, element in iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            if not skipped:
                page.write(element.tail)
        elif event == "start":
            if skipped or _is_unseen(element):
                skipped += 1
            else:
                _open(page, element, closers)
        elif skipped:
            skipped -= 1
            if not skipped:
                page.write(element.tail)
        else:
            _close(page, element, closers)
    page.end_line()
    return "\n".join(page.lines).strip("\n")


def _parse(source: str) -> "etree._Element | None":
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(encoding="utf-8", remove_pis=True, no_network=True)
    data = source[:_MAX_CHARACTERS].replace("\x00", "").encode("utf-8", "replace")
    if not data.strip():
        return None
    try:
        return lxml_html.document_fromstring(data, parser=parser)
    except etree.ParserError:  # lxml's word for a document without any element
        return None


def _open(page: _Page, element: "etree._Element", closers: dict[int, str]) -> None:
    tag, role = _tag(element), _role(element, page)
    if tag in _PARAGRAPHS and not _is_tight(element):
        page.space()
    elif tag in _BLOCKS or role:
        page.end_line()
    if tag == "br":
        page.end_line(always=True)
    elif tag == "li":
        page.current = ["- "]
    elif tag == "pre":
        page.preformatted += 1
    if role == "rest":
        page.lines.append("> " * page.depth + _REST)
    elif role == "signature":
        page.lines.append("> " * page.depth + "-- ")
    elif role == "quote":
        page.depth += 1
    if role:
        closers[id(element)] = role
    page.write(element.text)


def _close(page: _Page, element: "etree._Element", closers: dict[int, str]) -> None:
    tag = _tag(element)
    role = closers.pop(id(element), "")
    if tag in _PARAGRAPHS and not _is_tight(element):
        page.space()
    elif tag in _BLOCKS or role:
        page.end_line()
    elif tag in ("td", "th") and page.current:
        page.current.append(" ")
    if tag == "pre":
        page.preformatted -= 1
    if role == "quote":
        page.depth -= 1
    page.write(element.tail)


def _tag(element: "etree._Element") -> str:
    return element.tag.lower() if isinstance(element.tag, str) else ""


def _is_tight(element: "etree._Element") -> bool:
    """Paragraphs of Word have no space between them: their writer makes it with empty ones."""
    style = element.get("style") or ""
    return "mso" in (element.get("class") or "").lower() or bool(re.search(r"margin\s*:\s*0", style))


def _is_unseen(element: "etree._Element") -> bool:
    tag, style = _tag(element), element.get("style") or ""
    if tag in _DROPPED or not tag or element.get("hidden") is not None:
        return True
    if _WHITE.search(style) and not _has_background(element):
        return True
    white_font = tag == "font" and (element.get("color") or "").lower() in ("white", "#fff", "#ffffff")
    return bool(_HIDDEN.search(style)) or (white_font and not _has_background(element))


def _has_background(element: "etree._Element") -> bool:
    node: etree._Element | None = element
    while node is not None:
        if _BACKGROUND.search(node.get("style") or "") or node.get("bgcolor"):
            return True
        node = node.getparent()
    return False


def _role(element: "etree._Element", page: _Page) -> str:
    """What the program that made it says it is: "quote", "rest" (all that follows), "signature" or ""."""
    attributes = element.attrib
    if not attributes:
        return "quote" if _tag(element) == "blockquote" and page.follows_attribution() else ""
    classes = {_FOREIGN_PREFIX.sub("", name) for name in attributes.get("class", "").split()}
    identity = _FOREIGN_PREFIX.sub("", attributes.get("id", ""))
    marks = {attributes.get("name", ""), attributes.get("data-marker", "")}
    style = attributes.get("style", "")
    if _REST_IDS.match(identity) or classes & _REST_CLASSES:
        return "rest"
    if _TOP_RULE.search(style) and _heads_mail(element):
        return "rest"
    if classes & _SIGNATURE_CLASSES or _SIGNATURE_IDS.match(identity) or marks & _SIGNATURE_MARKS:
        return "signature"
    if attributes.get("data-smartmail") == "gmail_signature":
        return "signature"
    if classes & _QUOTE_CLASSES or _QUOTE_IDS.match(identity) or marks & _QUOTE_MARKS:
        return "quote"
    if classes & _INTRODUCTION_CLASSES and _precedes_quote(element):
        return "quote"
    if _tag(element) == "blockquote":
        cited = "cite" in attributes or attributes.get("type") == "cite" or "gmail_quote" in classes
        return "quote" if cited or _BAR.search(style) or page.follows_attribution() else ""
    return ""


def _precedes_quote(element: "etree._Element") -> bool:
    following = element.getnext()
    while following is not None and _tag(following) == "br":
        following = following.getnext()
    return following is not None and _tag(following) == "blockquote"


def _heads_mail(element: "etree._Element") -> bool:
    text, pieces = "", element.itertext()
    while len(text) < 600 and (piece := next(pieces, None)) is not None:
        text += piece[:600]
    return bool(_HEADER_WORDS.match(text)) and len(re.findall(r"\w\s?[:：]\s", text)) >= 2
