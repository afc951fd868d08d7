"""Prints what a plugin may say to the daemon as TypeScript declarations, in ProtoJSON as the host writes it.

Usage: python scripts/typings.py > plugin/types/ownhand.d.ts
"""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from ownhand.host.methods import known

_SCALARS = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "string",
    FieldDescriptor.TYPE_BOOL: "boolean",
    # ProtoJSON writes numbers of 64 bits as strings.
    FieldDescriptor.TYPE_INT64: "string",
    FieldDescriptor.TYPE_UINT64: "string",
}
_TIME = "google.protobuf.Timestamp"


def main() -> None:
    print("// Made from proto/ by scripts/typings.py: run `make proto`. All but optional fields are there.")
    print("declare namespace Ownhand {")
    methods = {
        name: (method.request.DESCRIPTOR, method.response.DESCRIPTOR) for name, method in known().items()
    }
    messages: dict[str, Any] = {}
    enums: dict[str, Any] = {}
    for pair in methods.values():
        for message in pair:
            _gather(message, messages, enums)
    for name in sorted(enums):
        values = " | ".join(f'"{value.name}"' for value in enums[name].values)
        print(f"  type {name} = {values};")
    for name in sorted(messages):
        print(f"  interface {name} {{")
        print(*(f"    {line}" for line in _fields(messages[name])), sep="\n")
        print("  }")
    print("  interface Methods {")
    for name, (request, response) in sorted(methods.items()):
        print(f'    "{name}": {{ request: {request.name}; response: {response.name} }};')
    print("  }")
    print("}")


def _gather(message: Any, messages: dict[str, Any], enums: dict[str, Any]) -> None:
    if message.full_name == _TIME or message.name in messages:
        return
    if not message.GetOptions().map_entry:
        messages[message.name] = message
    for field in message.fields:
        if field.message_type:
            _gather(field.message_type, messages, enums)
        if field.enum_type:
            enums[field.enum_type.name] = field.enum_type


def _fields(message: Any) -> Iterator[str]:
    for field in message.fields:
        absent = field.has_presence or (field.message_type is not None and not field.is_repeated)
        yield f"{field.name}{'?' if absent else ''}: {_type(field)};"
    if not message.fields:
        yield "[none: string]: never;"


def _type(field: Any) -> str:
    if field.message_type and field.message_type.GetOptions().map_entry:
        return f"Record<string, {_type(field.message_type.fields_by_name['value'])}>"
    if field.message_type:
        one = "string" if field.message_type.full_name == _TIME else field.message_type.name
    elif field.enum_type:
        one = field.enum_type.name
    else:
        one = _SCALARS.get(field.type, "number")
    return f"{one}[]" if field.is_repeated else one


if __name__ == "__main__":
    main()
