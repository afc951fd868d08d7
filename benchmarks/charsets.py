"""Compares how bytes of mail become text: our reading beside two guessers of charsets, and beside ftfy.

    build/peers/bin/python benchmarks/charsets.py [--data DIRECTORY]

`make bench-libraries` runs it. Invented mails in 25 languages, each whole and as its first line alone, in the
charsets that such mail came in, under right labels and wrong ones. Read right means: not a character is
another one. "label, then X" takes the label where its charset reads every byte, then UTF-8, then what X
guesses; X alone does not look at labels.

Then ftfy: how many texts that were encoded twice it mends, how many right texts it changes, and how many real
sent mails and cases of `own_words.py`, where these are there.
"""

import argparse
import json
import mailbox
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE), *(str(_HERE.parent / root) for root in ("daemon", "proto"))]

from charset_texts import TEXTS  # noqa: E402
from ownhand.daemon.mail.charset import decode_text  # noqa: E402

Read = Callable[[bytes, str], str]
Guess = Callable[[bytes], "str | None"]

# Charsets by the name under which programs label what is really their superset.
_SMALLER = {
    "cp1252": "iso-8859-1",
    "gb18030": "gb2312",
    "cp949": "ks_c_5601-1987",
    "cp932": "shift_jis",
    "cp874": "tis-620",
}
_WESTERN = ("iso-8859-1", "iso-8859-15", "cp1252", "mac_roman")


@dataclass(frozen=True)
class Case:
    kind: str
    data: bytes
    label: str
    text: str


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--data", type=Path, default=_HERE.parent.parent / "shared" / "data")
    data = options.parse_args(arguments).data
    cases = list(_cases())
    readers = _readers()
    for read in readers:
        read(
            "Grüße aus Köln, wo der Zug schon wieder zu spät kommt.".encode("cp1252"), ""
        )  # loads what it needs
    print(f"{'':42}       Ownhand  label, then    chardet  label, then  charset-normalizer")
    print(f"{'read right, in %':42} cases             chardet      alone   normalizer               alone")
    for kind in sorted({case.kind for case in cases}):
        _print_row(kind, [case for case in cases if case.kind == kind], readers)
    _print_row("all", cases, readers)
    _print_row("all, ms per mail", cases, readers, timed=True)
    _compare_mending(data)
    return 0


def _print_row(kind: str, cases: Sequence[Case], readers: Sequence[Read], *, timed: bool = False) -> None:
    cells = []
    for read, width in zip(readers, (7, 11, 9, 11, 18), strict=True):
        began = time.perf_counter()
        right = sum(_read_or_nothing(read, case) == case.text for case in cases)
        ms = 1000 * (time.perf_counter() - began) / len(cases)
        cells.append(f"{f'{ms:.2f}' if timed else f'{100 * right / len(cases):.1f}':>{width}}")
    print(f"{kind:42}{len(cases):6} " + "  ".join(cells), flush=True)


def _read_or_nothing(read: Read, case: Case) -> str | None:
    try:
        return read(case.data, case.label)
    except (LookupError, UnicodeError):
        return None


# --- the cases -------------------------------------------------------------------------------------


def _cases() -> Iterator[Case]:
    for _, charsets, whole in TEXTS:
        for text in (whole, whole.splitlines()[0]):
            for charset in charsets.split():
                yield from _of(text, charset)
            for label in ("us-ascii", "iso-8859-1", "", "unknown-8bit"):
                yield Case("UTF-8, under another or no label", text.encode(), label, text)


def _of(text: str, charset: str) -> Iterator[Case]:
    try:
        data = text.encode(charset)
    except UnicodeEncodeError:  # the older charsets lack a typographic apostrophe, and some a letter
        text = text.replace("’", "'").replace("œ", "oe")
        data = text.encode(charset)
    size = "a line" if "\n" not in text else "a mail"
    yield Case("the label is right", data, charset, text)
    if charset in _SMALLER:
        yield Case("the label names a smaller charset", data, _SMALLER[charset], text)
    western = "Western" if charset in _WESTERN else "other"
    for label in ("", "us-ascii", "utf-8"):
        yield Case(f"no label, or it cannot be; {western}, {size}", data, label, text)
    if charset not in _WESTERN:
        yield Case("other than Western, labelled iso-8859-1", data, "iso-8859-1", text)


# --- the readers -----------------------------------------------------------------------------------


def _readers() -> tuple[Read, ...]:
    import chardet
    from charset_normalizer import from_bytes

    def normalizer(data: bytes) -> str | None:
        best = from_bytes(data).best()
        return best.encoding if best is not None else None

    def by_chardet(data: bytes) -> str | None:
        return chardet.detect(data)["encoding"]

    return (
        decode_text,
        _label_then(by_chardet),
        lambda data, _: data.decode(by_chardet(data) or "utf-8", "replace"),
        _label_then(normalizer),
        lambda data, _: data.decode(normalizer(data) or "utf-8", "replace"),
    )


def _label_then(guess: Guess) -> Read:
    def read(data: bytes, label: str) -> str:
        for name in (label, "utf-8"):
            try:
                return data.decode(name)
            except (LookupError, UnicodeError):
                continue
        return data.decode(guess(data) or "windows-1252", "replace")

    return read


# --- text that was encoded twice -------------------------------------------------------------------


def _compare_mending(data: Path) -> None:
    import ftfy

    said = f"ftfy {version('ftfy')}"
    texts = [text for _, _, whole in TEXTS for text in (whole, whole.splitlines()[0])]
    twice = [(text.encode().decode("cp1252", "ignore"), text) for text in texts]
    twice = [(bad, text) for bad, text in twice if bad.encode("cp1252") == text.encode()]
    print(f"\n{said:42}{'texts':>6}   changed     right   ms each")
    rows = [
        ("UTF-8 read as windows-1252, sent as UTF-8", twice),
        ("nothing is wrong", [(text, text) for text in texts]),
    ]
    for name, found in (("real sent mail", _sent(data)), ("cases of own words", _fixtures(data))):
        if known := [(text, "") for text in found]:
            rows.append((f"{name}, as we read it", known))
    for name, pairs in rows:
        began = time.perf_counter()
        answers = [ftfy.fix_encoding(bad) for bad, _ in pairs]
        ms = 1000 * (time.perf_counter() - began) / len(pairs)
        changed = sum(answer != bad for answer, (bad, _) in zip(answers, pairs, strict=True))
        right = sum(answer == text for answer, (_, text) in zip(answers, pairs, strict=True))
        known_right = str(right) if pairs[0][1] else "?"
        print(f"{name:42}{len(pairs):6}{changed:10}{known_right:>10}{ms:10.2f}")


def _sent(data: Path) -> Iterator[str]:
    from ownhand.daemon.mail.mime import read_message

    for file in sorted((data / "senders").glob("*.mbox")):
        for message in mailbox.mbox(file):
            if text := read_message(message.as_bytes()).text:
                yield text


def _fixtures(data: Path) -> Iterator[str]:
    path = data / "replies" / "fixtures.jsonl"
    for line in path.read_text("utf-8").strip().split("\n") if path.exists() else ():
        yield str(json.loads(line)["input"])


if __name__ == "__main__":
    sys.exit(main())
