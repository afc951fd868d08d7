"""Bytes of mail -> text, whatever their label says.

Knows charsets, encoded words, transfer encodings and flowed lines. Knows nothing of parts.
"""

import base64
import binascii
import quopri
import re

# What is said, and what is meant: supersets that read every text of the charset they stand for.
_MEANT = {
    "iso-8859-1": "windows-1252",
    "latin-1": "windows-1252",
    "latin1": "windows-1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "x-mac-roman": "mac_roman",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
}
_PLAIN = frozenset({"us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1", "8bit", ""})
_SPLIT_TAIL = 4  # bytes of a character that a cut may have left at the end
_GUESSED_MOST = 4096  # bytes from which a charset is guessed when nothing tells it
# Bytes beyond ASCII from which a guess is better than taking the text for Western European, which most mail
# without a label is (benchmarks/charsets.py, 2026-11-23).
_GUESSED_LEAST = 4
_BEYOND_ASCII = bytes(range(128, 256))
_WORD = re.compile(r"=\?([^?*\s]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
# The standard has no space between the marks of nested quotes; half the programs write one.
_MARKS = re.compile(r">(?: ?>)*")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(=\?[^?*\s]+(?:\*[^?\s]*)?\?[bBqQ]\?)")


def decode_text(data: bytes, charset: str = "") -> str:
    """Text of bytes. Tries the label, then UTF-8, then a guess; what cannot be read is U+FFFD."""
    text = _decode(data, charset)
    return text if text.isascii() else _mended(text)


def decode_header(value: str) -> str:
    """A header's value with its encoded words read, also those that split a character between two words."""
    if "=?" not in value and value.isascii():
        return " ".join(value.replace("\x00", "").split())
    text = _BETWEEN_WORDS.sub(r"\1\2", _unfolded(value))
    parts: list[str] = []
    pending, charset, at = b"", "", 0
    for word in _WORD.finditer(text):
        gap = text[at : word.start()]
        if pending and (gap or word[1].lower() != charset):
            parts.append(decode_text(pending, charset))
            pending = b""
        parts.append(gap)
        charset, at = word[1].lower(), word.end()
        pending += _word_bytes(word[2].lower(), word[3])
    parts.append(decode_text(pending, charset) if pending else "")
    return " ".join("".join((*parts, text[at:])).replace("\x00", "").split())


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """Content without its transfer encoding. Broken encodings give what can be read of them."""
    encoding = encoding.strip().lower()
    if encoding == "base64":
        return _from_base64(data)
    return quopri.decodestring(data) if encoding == "quoted-printable" else data


def unflow(text: str, *, delsp: bool = False) -> str:
    """Joins lines that format=flowed broke (RFC 3676), each depth of quoting by itself."""
    joined: list[str] = []
    open_depth = -1
    for line in text.replace("\r\n", "\n").split("\n"):
        marks = _MARKS.match(line)
        depth = marks[0].count(">") if marks else 0
        content = line[marks.end() :] if marks else line
        content = content[1:] if content.startswith(" ") else content
        signature = content == "-- "
        if depth == open_depth and not signature and joined:
            joined[-1] += content
        else:
            joined.append(">" * depth + " " * bool(depth) + content)
        flows = content.endswith(" ") and not signature
        open_depth = depth if flows else -1
        if flows and delsp:
            joined[-1] = joined[-1][:-1]
    return "\n".join(joined)


def _decode(data: bytes, charset: str) -> str:
    label = charset.strip().strip("\"'").lower()
    # Much mail labelled with the smallest charset is UTF-8; the reverse of this mistake shows no valid UTF-8.
    order = ("utf-8", _MEANT.get(label, label)) if label in _PLAIN else (_MEANT.get(label, label), "utf-8")
    for name in order:
        text = _decode_strictly(data, name)
        if text is not None:
            return text
    return _guess(data)


def _decode_strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        # Decoders say in words whether a character is wrong or only cut off.
        cut_off = "end of data" in error.reason or "incomplete" in error.reason
        if cut_off and 0 < error.start >= len(data) - _SPLIT_TAIL:
            return _decode_strictly(data[: error.start], name)
        return None
    except (LookupError, UnicodeError, ValueError):  # no such charset, or no charset at all ("base64", a NUL)
        return None


def _guess(data: bytes) -> str:
    if len(data) - len(data.translate(None, _BEYOND_ASCII)) < _GUESSED_LEAST:
        return data.decode("windows-1252", "replace")
    import chardet
    from chardet import EncodingEra

    # Not the charsets of DOS and of mainframes: nobody's mail, and a few bytes fit any of them.
    eras = EncodingEra.MODERN_WEB | EncodingEra.LEGACY_ISO | EncodingEra.LEGACY_MAC
    name = chardet.detect(data[:_GUESSED_MOST], encoding_era=eras)["encoding"]
    return data.decode(name or "windows-1252", "replace")


def _mended(text: str) -> str:
    """UTF-8 that some program read as another charset on the way becomes itself again."""
    import ftfy

    return ftfy.fix_encoding(text)


def _unfolded(value: str) -> str:
    """One line of text; raw 8-bit bytes, which the parser keeps as surrogates, become characters."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        value = decode_text(value.encode("utf-8", "surrogateescape"))
    return value.replace("\r\n", "\n").replace("\n", " ")


def _word_bytes(encoding: str, content: str) -> bytes:
    data = content.encode("utf-8", "replace")
    return _from_base64(data) if encoding == "b" else quopri.decodestring(data, header=True)


def _from_base64(data: bytes) -> bytes:
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data.partition(b"=")[0] if data.rstrip().endswith(b"=") else data)
    kept = kept[: len(kept) - 1] if len(kept) % 4 == 1 else kept
    try:
        return base64.b64decode(kept + b"=" * (-len(kept) % 4))
    except (binascii.Error, ValueError):
        return b""
