"""Compares parsers of HTML under our own rules for quotes: `make bench-libraries`.

    build/peers/bin/python benchmarks/html_parsers.py [--data DIRECTORY]

Every parser reads the same mails. What it made is copied into a tree of lxml's, outside of the time, and
our rules run on that tree; so the columns tell of the parser alone. *right* is what `own_words.py` calls so,
*alike* the share of mails of which the same own words come out as with lxml. ms per mail: *parse* until there
is a tree, *visit* until every element's tag, attributes and text have been read as well, which our rules do.
Each is the least of five runs; *long* is a mail of about 100 kB, made of the others.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE), *(str(_HERE.parent / root) for root in ("daemon", "proto"))]

from own_words import _RIGHT, Case, _case, _nearest, _normal  # noqa: E402

_RUNS = 5
_LONG = 100_000  # characters of the long mail: newsletters and long threads are of this size

# What a visit gives of a node: its tag ("" for text), its attributes, its text, its children.
Node = tuple[str, dict[str, str], str, list["Node"]]


@dataclass(frozen=True)
class Parser:
    name: str
    parse: Callable[[str], Any]
    visit: Callable[[Any], Node]


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--data", type=Path, default=_HERE.parent.parent / "shared" / "data")
    path = options.parse_args(arguments).data / "replies" / "fixtures.jsonl"
    if not path.exists():
        print(f"nothing measured: no {path.name} in {path.parent}")
        return 0
    asked = [case for line in path.open(encoding="utf-8") if (case := json.loads(line))["format"] == "html"]
    sources, cases = [str(case["input"]) for case in asked], [_case(case) for case in asked]
    long = "".join(sources) * (1 + _LONG // sum(map(len, sources)))
    heads = ("right", "alike", "parse", "visit", "long: parse", "visit")
    print(f"{f'{len(cases)} mails in HTML':26}" + "".join(f"  {head}" for head in heads))
    usual: list[str] = []
    for make in _PARSERS:
        try:
            parser = make()
        except ImportError as error:
            print(f"{make.__name__.strip('_'):26}  not measured: no {error.name} here")
            continue
        answers = [_own_words(parser, source) for source in sources]
        usual = usual or answers
        _print_row(parser, cases, answers, usual, (sources, [long]))
    return 0


def _print_row(
    parser: Parser,
    cases: Sequence[Case],
    answers: Sequence[str],
    usual: Sequence[str],
    groups: tuple[Sequence[str], Sequence[str]],
) -> None:
    right = sum(
        _nearest(_normal(answer, bare=case.bare), case.accepted)[0] >= _RIGHT
        for case, answer in zip(cases, answers, strict=True)
    )
    alike = sum(one.split() == other.split() for one, other in zip(answers, usual, strict=True))
    (parse, visit), (parse_long, visit_long) = (_times(parser, group) for group in groups)
    print(
        f"{parser.name:26}  {100 * right / len(cases):5.1f}  {100 * alike / len(cases):5.1f}"
        f"  {parse:5.3f}  {visit:5.3f}  {parse_long:11.1f}  {visit_long:5.1f}",
        flush=True,
    )


def _times(parser: Parser, sources: Sequence[str]) -> tuple[float, float]:
    """ms per mail for the tree, and for the tree and a visit."""
    parsed, visited = [], []
    for _ in range(_RUNS):
        began = time.perf_counter()
        for source in sources:
            parser.parse(source)
        between = time.perf_counter()
        for source in sources:
            parser.visit(parser.parse(source))
        parsed.append(between - began)
        visited.append(time.perf_counter() - between)
    return 1000 * min(parsed) / len(sources), 1000 * min(visited) / len(sources)


def _own_words(parser: Parser, source: str) -> str:
    """Our rules on this parser's tree."""
    from lxml import etree
    from ownhand.daemon.mail.words import html, own_words

    root = etree.Element("html")
    if source.strip():
        _copy(parser.visit(parser.parse(source)), root)
    kept, html._parse = html._parse, lambda _: root
    try:
        return own_words.own_words(source, html=True).text
    finally:
        html._parse = kept


def _copy(node: Node, parent: Any) -> None:
    """Puts a visited node below an element of lxml's. Names that XML refuses are no tag of a mail program."""
    from lxml import etree

    tag, attributes, text, children = node
    if not tag:
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + _xml(text)
        else:
            parent.text = (parent.text or "") + _xml(text)
        return
    try:
        element = etree.SubElement(parent, tag)
    except ValueError:
        element = etree.SubElement(parent, "span")
    for name, value in attributes.items():
        try:
            element.set(name, _xml(value))
        except ValueError:
            continue
    for child in children:
        _copy(child, element)


def _xml(text: str) -> str:
    return "".join(c for c in text if c in "\t\n\r" or c >= " ")


# --- the parsers -----------------------------------------------------------------------------------


def _lxml() -> Parser:
    from lxml import html as lxml_html

    def parse(source: str) -> Any:
        parser = lxml_html.HTMLParser(encoding="utf-8", remove_pis=True, no_network=True)
        return lxml_html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)

    return Parser(_said("lxml"), parse, _visit_lxml)


def _visit_lxml(element: Any) -> Node:
    if not isinstance(element.tag, str):
        return "", {}, "", []
    children: list[Node] = [("", {}, element.text, [])] if element.text else []
    for child in element:
        children.append(_visit_lxml(child))
        if child.tail:
            children.append(("", {}, child.tail, []))
    return element.tag, dict(element.attrib), "", children


def _selectolax() -> Parser:
    from selectolax.lexbor import LexborHTMLParser

    def visit(node: Any) -> Node:
        tag = str(node.tag)
        if tag == "-text":
            return "", {}, node.text_content or "", []
        if tag.startswith(("-", "!", "_")):  # comments and doctypes
            return "", {}, "", []
        children = [visit(child) for child in node.iter(include_text=True)]
        return tag, {name: value or "" for name, value in node.attributes.items()}, "", children

    return Parser(_said("selectolax"), LexborHTMLParser, lambda parsed: visit(parsed.root))


def _html5lib() -> Parser:
    import warnings

    import html5lib

    warnings.simplefilter("ignore", html5lib.constants.DataLossWarning)  # Word's names with colons

    def parse(source: str) -> Any:
        return html5lib.parse(source, treebuilder="lxml", namespaceHTMLElements=False).getroot()

    return Parser(_said("html5lib"), parse, _visit_lxml)


def _beautiful_soup() -> Parser:
    return _soup("html.parser")


def _beautiful_soup_on_lxml() -> Parser:
    return _soup("lxml")


def _soup(builder: str) -> Parser:
    from bs4 import BeautifulSoup
    from bs4.element import NavigableString, PreformattedString, Tag

    def nodes(element: Any) -> Iterator[Node]:
        for child in element.children:
            if isinstance(child, Tag):
                attributes = {k: v if isinstance(v, str) else " ".join(v) for k, v in child.attrs.items()}
                yield child.name, attributes, "", list(nodes(child))
            elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
                yield "", {}, str(child), []

    return Parser(
        f"BeautifulSoup, {builder}",
        lambda source: BeautifulSoup(source, builder),
        lambda parsed: ("body", {}, "", list(nodes(parsed))),
    )


def _said(distribution: str) -> str:
    return f"{distribution} {version(distribution)}"


_PARSERS = (_lxml, _selectolax, _html5lib, _beautiful_soup, _beautiful_soup_on_lxml)

if __name__ == "__main__":
    sys.exit(main())
