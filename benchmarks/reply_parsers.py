"""Answers for `own_words.py`: one parser in a process of its own, driven by its own entry points.

    python benchmarks/reply_parsers.py NAME < cases > answers

Cases are JSON lines {"id", "format", "input"}, answers {"id", "answer", "ms"} in the same order, with the
time that the parser itself took; "answer" is null when the parser failed. First comes {"parser"}: its name.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

Parse = Callable[[str], str]
Parser = tuple[str, Parse, Parse]  # what is measured, and how it reads text and HTML

_WARM_UP = "Hi Bob,\n\nit is done.\n\nOn Mon, 3 Mar 2025 at 10:00, Bob <bob@kiln.example> wrote:\n> Is it?\n"


def main() -> None:
    name = sys.argv[1]
    said, text, html = PARSERS[name]()
    print(json.dumps({"parser": said}))
    for _ in range(3):  # patterns are compiled, modules loaded, caches filled
        text(_WARM_UP)
        html(f"<html><body><p>{_WARM_UP}</p></body></html>")
    for line in sys.stdin:
        case = json.loads(line)
        parse = html if case["format"] == "html" else text
        started = time.perf_counter()
        try:
            answer: str | None = parse(case["input"])
        except Exception:  # a parser that fails is measured as one that says nothing
            answer = None
        ms = 1000 * (time.perf_counter() - started)
        print(json.dumps({"id": case["id"], "answer": answer, "ms": ms}))


# Those without an entry for HTML get the text that a reader of it would see; its time is counted as theirs.


def ownhand() -> Parser:
    from ownhand.daemon.mail.words.own_words import own_words

    return "Ownhand", lambda text: own_words(text).text, lambda html: own_words(html, html=True).text


def talon() -> Parser:
    import talon as library
    from talon import quotations

    library.init()

    return (
        _said("talon"),
        quotations.extract_from_plain,
        lambda html: _text(quotations.extract_from_html(html)),
    )


def quotequail() -> Parser:
    import quotequail as library

    def joined(found: dict[str, str] | None, kind: str, whole: str) -> str:
        if found is None:
            return whole
        return "\n".join(filter(None, (found.get(f"{kind}_top"), found.get(f"{kind}_bottom"))))

    def text(source: str) -> str:
        return joined(library.unwrap(source), "text", source)

    def html(source: str) -> str:
        return _text(joined(library.unwrap_html(source), "html", source))

    return _said("quotequail"), text, html


def mail_parser_reply() -> Parser:
    from mailparser_reply import EmailReplyParser
    from mailparser_reply.constants import MAIL_LANGUAGES

    parser = EmailReplyParser(languages=list(MAIL_LANGUAGES))

    def text(source: str) -> str:
        return parser.parse_reply(source) or ""

    return _said("mail-parser-reply"), text, lambda source: text(_text(source))


def email_reply_parser() -> Parser:
    from email_reply_parser import EmailReplyParser

    parse = EmailReplyParser.parse_reply
    return _said("email-reply-parser"), parse, lambda source: parse(_text(source))


def unquotemail() -> Parser:
    from unquotemail import Unquote

    def text(source: str) -> str:
        return str(Unquote(None, source).get_text())

    def html(source: str) -> str:
        return _text(Unquote(source, None).get_html())

    return _said("unquotemail"), text, html


def _said(distribution: str) -> str:
    return f"{distribution} {version(distribution)}"


def _text(html: str) -> str:
    """What a reader would see, with no mark-up of its own: the peers' answers are scored on their words."""
    from lxml import etree
    from lxml import html as parser

    if not html.strip():
        return ""
    try:
        tree = parser.document_fromstring(html)
    except etree.ParserError:  # nothing but comments
        return ""
    for element in tree.xpath("//style | //script | //head | //comment()"):
        element.drop_tree()
    for element in tree.iter("br", "p", "div", "tr", "li", "blockquote", "h1", "h2", "h3", "table"):
        element.tail = "\n" + (element.tail or "")
        if element.tag != "br":
            element.text = "\n" + (element.text or "")
    return str(tree.text_content())


PARSERS = {
    "ownhand": ownhand,
    "talon": talon,
    "quotequail": quotequail,
    "mail-parser-reply": mail_parser_reply,
    "email-reply-parser": email_reply_parser,
    "unquotemail": unquotemail,
}

if __name__ == "__main__":
    main()
