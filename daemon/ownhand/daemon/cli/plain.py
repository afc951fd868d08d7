"""Proto messages as plain values for JSON: numbers as numbers, times as text, enums by their short names."""

from datetime import UTC
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp


def plain(message: Message) -> dict[str, Any]:
    """Every field, in the order of its number; null for what is not set."""
    return {field.name: _field(message, field) for field in message.DESCRIPTOR.fields}


def _field(message: Message, field: Any) -> Any:
    value = getattr(message, field.name)
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return dict(value)
    if field.is_repeated:
        return [_value(item, field) for item in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _value(value, field)


def _value(value: Any, field: Any) -> Any:
    if isinstance(value, Timestamp):
        return value.ToDatetime(UTC).isoformat()
    if isinstance(value, Message):
        return plain(value)
    if field.enum_type is not None:
        return short_name(field.enum_type, value)
    return value


def short_name(enum: Any, number: int) -> str:
    """`JOB_STATE_RUNNING` as "running"."""
    known = enum.values_by_number
    if number not in known:
        return str(number)
    zero = known[0].name.removesuffix("UNSPECIFIED")
    return str(known[number].name.removeprefix(zero).lower())
