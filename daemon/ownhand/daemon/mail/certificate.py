"""What stands in a server's certificate, for a person to look at before they trust it.

Reads just enough of X.509: Python's ssl describes only certificates that it verified. Trusts nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

_SET, _VERSION = 0x31, 0xA0
_UTC_TIME = 0x17  # with two digits of the year
_NAMES = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU"}
_MAX_TEXT = 100
_UNREADABLE = "cannot be read"


@dataclass(frozen=True, slots=True)
class Certificate:
    """`fingerprint` is what `tls_pin` holds; the dates are ISO days."""

    fingerprint: str
    subject: str
    since: str
    until: str


def fingerprint_of(der: bytes) -> str:
    return f"sha256:{sha256(der).hexdigest()}"


def describe(der: bytes) -> Certificate:
    """What the certificate says of itself; nobody vouches for it."""
    try:
        [(_, certificate), *_] = _parts(der)
        (_, signed), *_ = _parts(certificate)
        fields = [part for part in _parts(signed) if part[0] != _VERSION]
        _serial, _algorithm, _issuer, (_, validity), (_, subject), *_ = fields
        since, until = (_day(tag, value) for tag, value in _parts(validity))
        return Certificate(fingerprint_of(der), _name(subject) or "no name", since, until)
    except (ValueError, IndexError):
        return Certificate(fingerprint_of(der), _UNREADABLE, _UNREADABLE, _UNREADABLE)


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """Tags and contents of what follows each other in DER."""
    parts, at = [], 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            n = length & 0x7F
            length = int.from_bytes(data[at : at + n], "big")
            at += n
        if at + length > len(data):
            raise ValueError("the certificate is cut off")
        parts.append((tag, data[at : at + length]))
        at += length
    return parts


def _name(subject: bytes) -> str:
    told = []
    for tag, relative in _parts(subject):
        if tag != _SET:
            raise ValueError("the subject is no name")
        for _, pair in _parts(relative):
            (_, kind), (_, value), *_ = _parts(pair)
            if kind in _NAMES:
                # It goes to a terminal: nothing in it may steer that.
                text = "".join(c for c in value.decode("utf-8", "replace") if c.isprintable())
                told.append(f"{_NAMES[kind]}={text[:_MAX_TEXT]}")
    return ", ".join(told)


def _day(tag: int, value: bytes) -> str:
    form = "%y%m%d%H%M%SZ" if tag == _UTC_TIME else "%Y%m%d%H%M%SZ"
    return datetime.strptime(value.decode("ascii"), form).date().isoformat()
