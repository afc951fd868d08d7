"""Domain <-> proto, one function per noun and direction. Here proto types end."""

from datetime import datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from ownhand.daemon.errors import Invalid


def required(request: Message, *fields: str) -> None:
    """Refuses a request in which one of these fields is empty, naming all that are."""
    missing = {field: "must not be empty" for field in fields if not getattr(request, field)}
    if missing:
        raise Invalid(f"{' and '.join(missing)} must not be empty", fields=missing)


def page_size(asked: int, *, default: int, most: int) -> int:
    return min(asked, most) if asked else default


def to_timestamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp
