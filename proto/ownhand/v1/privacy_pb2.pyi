import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NeverKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NEVER_KIND_UNSPECIFIED: _ClassVar[NeverKind]
    NEVER_KIND_PERSON: _ClassVar[NeverKind]
    NEVER_KIND_DOMAIN: _ClassVar[NeverKind]
    NEVER_KIND_FOLDER: _ClassVar[NeverKind]
NEVER_KIND_UNSPECIFIED: NeverKind
NEVER_KIND_PERSON: NeverKind
NEVER_KIND_DOMAIN: NeverKind
NEVER_KIND_FOLDER: NeverKind

class EgressEntry(_message.Message):
    __slots__ = ("time", "destination", "template", "input_tokens", "output_tokens", "cost_usd", "n_bytes")
    TIME_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    N_BYTES_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    destination: str
    template: str
    input_tokens: int
    output_tokens: int
    cost_usd: float
    n_bytes: int
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., destination: _Optional[str] = ..., template: _Optional[str] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cost_usd: _Optional[float] = ..., n_bytes: _Optional[int] = ...) -> None: ...

class ListEgressRequest(_message.Message):
    __slots__ = ("page_size",)
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    def __init__(self, page_size: _Optional[int] = ...) -> None: ...

class ListEgressResponse(_message.Message):
    __slots__ = ("entries", "input_tokens", "output_tokens", "cost_usd")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[EgressEntry]
    input_tokens: int
    output_tokens: int
    cost_usd: float
    def __init__(self, entries: _Optional[_Iterable[_Union[EgressEntry, _Mapping]]] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cost_usd: _Optional[float] = ...) -> None: ...

class PreviewEgressRequest(_message.Message):
    __slots__ = ("account", "notes", "context")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    account: str
    notes: str
    context: str
    def __init__(self, account: _Optional[str] = ..., notes: _Optional[str] = ..., context: _Optional[str] = ...) -> None: ...

class PreviewEgressResponse(_message.Message):
    __slots__ = ("destination", "text", "consented")
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONSENTED_FIELD_NUMBER: _ClassVar[int]
    destination: str
    text: str
    consented: bool
    def __init__(self, destination: _Optional[str] = ..., text: _Optional[str] = ..., consented: _Optional[bool] = ...) -> None: ...

class SetPolicyRequest(_message.Message):
    __slots__ = ("destination", "consent", "plan_id")
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    PLAN_ID_FIELD_NUMBER: _ClassVar[int]
    destination: str
    consent: bool
    plan_id: str
    def __init__(self, destination: _Optional[str] = ..., consent: _Optional[bool] = ..., plan_id: _Optional[str] = ...) -> None: ...

class SetPolicyResponse(_message.Message):
    __slots__ = ("destination", "consent")
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    destination: str
    consent: bool
    def __init__(self, destination: _Optional[str] = ..., consent: _Optional[bool] = ...) -> None: ...

class ForgetRequest(_message.Message):
    __slots__ = ("account", "message_id", "address", "missing")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    account: str
    message_id: str
    address: str
    missing: bool
    def __init__(self, account: _Optional[str] = ..., message_id: _Optional[str] = ..., address: _Optional[str] = ..., missing: _Optional[bool] = ...) -> None: ...

class ForgetResponse(_message.Message):
    __slots__ = ("n_originals", "n_agents")
    N_ORIGINALS_FIELD_NUMBER: _ClassVar[int]
    N_AGENTS_FIELD_NUMBER: _ClassVar[int]
    n_originals: int
    n_agents: int
    def __init__(self, n_originals: _Optional[int] = ..., n_agents: _Optional[int] = ...) -> None: ...

class NeverEntry(_message.Message):
    __slots__ = ("kind", "what")
    KIND_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    kind: NeverKind
    what: str
    def __init__(self, kind: _Optional[_Union[NeverKind, str]] = ..., what: _Optional[str] = ...) -> None: ...

class ListNeverRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListNeverResponse(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[NeverEntry]
    def __init__(self, entries: _Optional[_Iterable[_Union[NeverEntry, _Mapping]]] = ...) -> None: ...

class AddNeverRequest(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: NeverEntry
    def __init__(self, entry: _Optional[_Union[NeverEntry, _Mapping]] = ...) -> None: ...

class AddNeverResponse(_message.Message):
    __slots__ = ("entry", "n_originals", "n_agents")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    N_ORIGINALS_FIELD_NUMBER: _ClassVar[int]
    N_AGENTS_FIELD_NUMBER: _ClassVar[int]
    entry: NeverEntry
    n_originals: int
    n_agents: int
    def __init__(self, entry: _Optional[_Union[NeverEntry, _Mapping]] = ..., n_originals: _Optional[int] = ..., n_agents: _Optional[int] = ...) -> None: ...

class RemoveNeverRequest(_message.Message):
    __slots__ = ("entry",)
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    entry: NeverEntry
    def __init__(self, entry: _Optional[_Union[NeverEntry, _Mapping]] = ...) -> None: ...

class RemoveNeverResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EraseDataRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class EraseDataResponse(_message.Message):
    __slots__ = ("token", "erased")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ERASED_FIELD_NUMBER: _ClassVar[int]
    token: str
    erased: bool
    def __init__(self, token: _Optional[str] = ..., erased: _Optional[bool] = ...) -> None: ...
