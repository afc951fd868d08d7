"""What IMAP servers answer -> values. Pure; raises ValueError for what cannot be understood."""

import re
from collections.abc import Sequence

from ownhand.daemon.mail.imap.wire import Response

_MAX_UIDS = 10_000_000

# A lone quote is a token too: it marks an answer that is broken.
_TOKEN = re.compile(rb'[()]|"(?:[^"\\]|\\.)*"|BODY\[[^\]]*\](?:<\d+>)?|[^\s()"]+|"', re.IGNORECASE)
_OPEN, _CLOSE, _QUOTE = b'()"'
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_UID = re.compile(rb"[( ]UID (\d+)")
_CODE = re.compile(rb"\* OK \[(UIDVALIDITY|UIDNEXT|HIGHESTMODSEQ) (\d+)", re.IGNORECASE)
_EXISTS = re.compile(rb"\* (\d+) EXISTS", re.IGNORECASE)
_VANISHED = re.compile(rb"\* VANISHED \(EARLIER\) ([\d:,]+)", re.IGNORECASE)
_RANGE = re.compile(rb"(\d+)(?::(\d+))?")
_STATUS = re.compile(rb"[( ](MESSAGES|UIDNEXT|UIDVALIDITY) (\d+)(?=[ )])", re.IGNORECASE)
_SEARCH = re.compile(rb"\* SEARCH\b([\d ]*)", re.IGNORECASE)
_ESEARCH = re.compile(rb"\* ESEARCH\b.*? ALL ([\d:,]+)", re.IGNORECASE)

Ranges = list[tuple[int, int]]
Items = dict[bytes, object]


def fetched(response: Response) -> tuple[int, Items | None]:
    """UID and items of a FETCH response; UID 0 when it has none, items None when they are broken.

    Lists are tuples, NIL is None, numbers are int; a list that begins with lists, as a multipart's does,
    holds these as a list in its first place.
    """
    try:
        values = parse(response)
        items = values[3]
        if len(values) != 4 or not isinstance(items, tuple) or len(items) % 2:
            raise ValueError("not pairs")
        found = dict(zip(items[::2], items[1::2], strict=True))
        uid = found.get(b"UID", 0)
        return (uid, found) if isinstance(uid, int) else (0, None)
    except (ValueError, IndexError, TypeError):
        # Its number may still be readable: then the others are not asked for again.
        uids = [uid for line in response[::2] for uid in _UID.findall(line)]
        return (int(uids[0]) if len(set(uids)) == 1 else 0), None


def parse(response: Response) -> list[object]:
    """Tokens of a response as nested values.

    One loop without calls: it runs for some 50 tokens of every mail, and is half as fast taken apart.
    """
    stack: list[list[object]] = []
    current: list[object] = []
    for n, piece in enumerate(response):
        if n % 2:
            current.append(piece)
            continue
        for token in _TOKEN.findall(piece):
            first = token[0]
            if first == _QUOTE:
                if len(token) < 2:
                    raise ValueError("a quote is left open")
                current.append(_ESCAPED.sub(rb"\1", token[1:-1]) if b"\\" in token else token[1:-1])
            elif first == _OPEN:
                stack.append(current)
                current = []
            elif first == _CLOSE:
                if not stack:
                    raise ValueError("unbalanced")
                done, current = current, stack.pop()
                current.append(_list(done))
            elif token == b"NIL" or token == b"nil":
                current.append(None)
            else:
                current.append(int(token) if token.isdigit() else token)
    if stack:
        raise ValueError("unbalanced")
    return current


def ranges(text: bytes) -> Ranges:
    """The ranges of a sequence set."""
    pairs = [(int(first), int(last or first)) for first, last in _RANGE.findall(text)]
    return [(min(pair), max(pair)) for pair in pairs]


def opened(said: Sequence[Response]) -> dict[str, int]:
    """EXISTS, UIDVALIDITY, UIDNEXT and HIGHESTMODSEQ of the answer to EXAMINE, as far as they are said."""
    numbers: dict[str, int] = {}
    for line, *_ in said:
        if code := _CODE.match(line):
            numbers[code[1].decode().upper()] = int(code[2])
        elif exists := _EXISTS.match(line):
            numbers["EXISTS"] = int(exists[1])
    return numbers


def status(said: Sequence[Response]) -> dict[str, int]:
    """The numbers of a STATUS answer."""
    lines = [response[-1] for response in said if response[0][:9].upper() == b"* STATUS "]
    return {name.decode().upper(): int(n) for line in lines for name, n in _STATUS.findall(line)}


def vanished(said: Sequence[Response]) -> Ranges:
    return [one for line, *_ in said if (found := _VANISHED.match(line)) for one in ranges(found[1])]


def searched(said: Sequence[Response]) -> list[int]:
    """The numbers of a SEARCH or an ESEARCH answer."""
    uids: list[int] = []
    for line, *_ in said:
        if plain := _SEARCH.match(line):
            uids += map(int, plain[1].split())
        elif extended := _ESEARCH.match(line):
            for first, last in ranges(extended[1]):
                if last - first + len(uids) > _MAX_UIDS:
                    raise ValueError("too many messages")
                uids += range(first, last + 1)
    return uids


def _list(values: list[object]) -> tuple[object, ...]:
    if not values or not isinstance(values[0], tuple):
        return tuple(values)
    n = 1
    while n < len(values) and isinstance(values[n], tuple):
        n += 1
    return (values[:n], *values[n:])
