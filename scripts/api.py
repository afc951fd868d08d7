"""Prints the whole API as sorted lines of text: one for every method, field and value.

A line that changes or goes breaks somebody; lines may only be added.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

PROTO = Path(__file__).parent.parent / "proto"


def api_lines() -> list[str]:
    lines: list[str] = []
    for file in sorted(PROTO.rglob("*.proto")):
        name = ".".join(file.relative_to(PROTO).with_suffix("").parts) + "_pb2"
        descriptor = import_module(name).DESCRIPTOR
        for service in descriptor.services_by_name.values():
            lines += _methods(service)
        for message in descriptor.message_types_by_name.values():
            lines += _fields(message)
        for enum in descriptor.enum_types_by_name.values():
            lines += _values(enum)
    return sorted(lines)


def _methods(service: Any) -> Iterator[str]:
    for method in service.methods:
        takes = ("stream " if method.client_streaming else "") + method.input_type.full_name
        gives = ("stream " if method.server_streaming else "") + method.output_type.full_name
        yield f"rpc {method.full_name}({takes}) returns ({gives})"


def _fields(message: Any) -> Iterator[str]:
    if not message.fields:
        yield f"message {message.full_name}"
    for field in message.fields:
        yield f"field {message.full_name}.{field.name} = {field.number} {_type(field)}"
    for enum in message.enum_types:
        yield from _values(enum)
    for nested in message.nested_types:
        if not nested.GetOptions().map_entry:
            yield from _fields(nested)


def _values(enum: Any) -> Iterator[str]:
    for value in enum.values:
        yield f"value {enum.full_name}.{value.name} = {value.number}"


def _type(field: Any) -> str:
    kind = field.message_type or field.enum_type
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
        return f"map<{_type(key)}, {_type(value)}>"
    name = kind.full_name if kind is not None else _SCALARS[field.type]
    oneof = field.containing_oneof
    if field.is_repeated:
        return f"repeated {name}"
    if oneof is not None and len(oneof.fields) == 1 and oneof.name == f"_{field.name}":
        return f"optional {name}"
    return f"{name} oneof {oneof.name}" if oneof is not None else name


def _scalars() -> dict[int, str]:
    from google.protobuf.descriptor import FieldDescriptor

    names = [name for name in dir(FieldDescriptor) if name.startswith("TYPE_")]
    return {getattr(FieldDescriptor, name): name.removeprefix("TYPE_").lower() for name in names}


_SCALARS = _scalars()

if __name__ == "__main__":
    sys.stdout.write("".join(f"{line}\n" for line in api_lines()))
