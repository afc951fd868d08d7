import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ownhand.v1 import rules_pb2 as _rules_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RulesSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RULES_SOURCE_UNSPECIFIED: _ClassVar[RulesSource]
    RULES_SOURCE_AGENT: _ClassVar[RulesSource]
    RULES_SOURCE_PROFILE: _ClassVar[RulesSource]
    RULES_SOURCE_NONE: _ClassVar[RulesSource]

class OutcomeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_KIND_UNSPECIFIED: _ClassVar[OutcomeKind]
    OUTCOME_KIND_SENT: _ClassVar[OutcomeKind]
    OUTCOME_KIND_DISCARDED: _ClassVar[OutcomeKind]
RULES_SOURCE_UNSPECIFIED: RulesSource
RULES_SOURCE_AGENT: RulesSource
RULES_SOURCE_PROFILE: RulesSource
RULES_SOURCE_NONE: RulesSource
OUTCOME_KIND_UNSPECIFIED: OutcomeKind
OUTCOME_KIND_SENT: OutcomeKind
OUTCOME_KIND_DISCARDED: OutcomeKind

class Correspondent(_message.Message):
    __slots__ = ("address", "name")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    address: str
    name: str
    def __init__(self, address: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class ComposeDraftRequest(_message.Message):
    __slots__ = ("account", "to", "subject", "notes", "context", "rules_only", "zero_shot", "without_rules", "with_rules", "reply", "refine", "previous")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    RULES_ONLY_FIELD_NUMBER: _ClassVar[int]
    ZERO_SHOT_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_RULES_FIELD_NUMBER: _ClassVar[int]
    WITH_RULES_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    REFINE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    account: str
    to: _containers.RepeatedCompositeFieldContainer[Correspondent]
    subject: str
    notes: str
    context: str
    rules_only: bool
    zero_shot: bool
    without_rules: _containers.RepeatedScalarFieldContainer[str]
    with_rules: _containers.RepeatedScalarFieldContainer[str]
    reply: bool
    refine: str
    previous: str
    def __init__(self, account: _Optional[str] = ..., to: _Optional[_Iterable[_Union[Correspondent, _Mapping]]] = ..., subject: _Optional[str] = ..., notes: _Optional[str] = ..., context: _Optional[str] = ..., rules_only: _Optional[bool] = ..., zero_shot: _Optional[bool] = ..., without_rules: _Optional[_Iterable[str]] = ..., with_rules: _Optional[_Iterable[str]] = ..., reply: _Optional[bool] = ..., refine: _Optional[str] = ..., previous: _Optional[str] = ...) -> None: ...

class ComposeDraftResponse(_message.Message):
    __slots__ = ("rules_proposed", "text_delta", "draft_completed")
    RULES_PROPOSED_FIELD_NUMBER: _ClassVar[int]
    TEXT_DELTA_FIELD_NUMBER: _ClassVar[int]
    DRAFT_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    rules_proposed: RulesProposed
    text_delta: TextDelta
    draft_completed: DraftCompleted
    def __init__(self, rules_proposed: _Optional[_Union[RulesProposed, _Mapping]] = ..., text_delta: _Optional[_Union[TextDelta, _Mapping]] = ..., draft_completed: _Optional[_Union[DraftCompleted, _Mapping]] = ...) -> None: ...

class RulesProposed(_message.Message):
    __slots__ = ("rules", "source", "agent_id")
    RULES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    rules: _containers.RepeatedCompositeFieldContainer[_rules_pb2.Rule]
    source: RulesSource
    agent_id: str
    def __init__(self, rules: _Optional[_Iterable[_Union[_rules_pb2.Rule, _Mapping]]] = ..., source: _Optional[_Union[RulesSource, str]] = ..., agent_id: _Optional[str] = ...) -> None: ...

class TextDelta(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: str
    def __init__(self, text: _Optional[str] = ...) -> None: ...

class DraftCompleted(_message.Message):
    __slots__ = ("draft_id", "text", "model", "input_tokens", "output_tokens", "unmet", "sentences")
    DRAFT_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    UNMET_FIELD_NUMBER: _ClassVar[int]
    SENTENCES_FIELD_NUMBER: _ClassVar[int]
    draft_id: str
    text: str
    model: str
    input_tokens: int
    output_tokens: int
    unmet: _containers.RepeatedScalarFieldContainer[str]
    sentences: _containers.RepeatedCompositeFieldContainer[DraftSentence]
    def __init__(self, draft_id: _Optional[str] = ..., text: _Optional[str] = ..., model: _Optional[str] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., unmet: _Optional[_Iterable[str]] = ..., sentences: _Optional[_Iterable[_Union[DraftSentence, _Mapping]]] = ...) -> None: ...

class DraftSentence(_message.Message):
    __slots__ = ("text", "rule_ids", "unsupported")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    RULE_IDS_FIELD_NUMBER: _ClassVar[int]
    UNSUPPORTED_FIELD_NUMBER: _ClassVar[int]
    text: str
    rule_ids: _containers.RepeatedScalarFieldContainer[str]
    unsupported: bool
    def __init__(self, text: _Optional[str] = ..., rule_ids: _Optional[_Iterable[str]] = ..., unsupported: _Optional[bool] = ...) -> None: ...

class RecordOutcomeRequest(_message.Message):
    __slots__ = ("draft_id", "kind", "sent_text", "message_id")
    DRAFT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SENT_TEXT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    draft_id: str
    kind: OutcomeKind
    sent_text: str
    message_id: str
    def __init__(self, draft_id: _Optional[str] = ..., kind: _Optional[_Union[OutcomeKind, str]] = ..., sent_text: _Optional[str] = ..., message_id: _Optional[str] = ...) -> None: ...

class RecordOutcomeResponse(_message.Message):
    __slots__ = ("kept",)
    KEPT_FIELD_NUMBER: _ClassVar[int]
    kept: float
    def __init__(self, kept: _Optional[float] = ...) -> None: ...

class RecordSentRequest(_message.Message):
    __slots__ = ("message_id", "text")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    text: str
    def __init__(self, message_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class RecordSentResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListOutcomesRequest(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: str
    def __init__(self, account: _Optional[str] = ...) -> None: ...

class Outcome(_message.Message):
    __slots__ = ("time", "kind", "kept", "agent_id")
    TIME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    kind: OutcomeKind
    kept: float
    agent_id: str
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[_Union[OutcomeKind, str]] = ..., kept: _Optional[float] = ..., agent_id: _Optional[str] = ...) -> None: ...

class ListOutcomesResponse(_message.Message):
    __slots__ = ("outcomes",)
    OUTCOMES_FIELD_NUMBER: _ClassVar[int]
    outcomes: _containers.RepeatedCompositeFieldContainer[Outcome]
    def __init__(self, outcomes: _Optional[_Iterable[_Union[Outcome, _Mapping]]] = ...) -> None: ...

class SaveDraftRequest(_message.Message):
    __slots__ = ("account", "draft_id", "text", "to", "cc", "subject", "message", "message_id", "reply_all", "no_quote")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    DRAFT_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    CC_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    REPLY_ALL_FIELD_NUMBER: _ClassVar[int]
    NO_QUOTE_FIELD_NUMBER: _ClassVar[int]
    account: str
    draft_id: str
    text: str
    to: _containers.RepeatedCompositeFieldContainer[Correspondent]
    cc: _containers.RepeatedCompositeFieldContainer[Correspondent]
    subject: str
    message: bytes
    message_id: str
    reply_all: bool
    no_quote: bool
    def __init__(self, account: _Optional[str] = ..., draft_id: _Optional[str] = ..., text: _Optional[str] = ..., to: _Optional[_Iterable[_Union[Correspondent, _Mapping]]] = ..., cc: _Optional[_Iterable[_Union[Correspondent, _Mapping]]] = ..., subject: _Optional[str] = ..., message: _Optional[bytes] = ..., message_id: _Optional[str] = ..., reply_all: _Optional[bool] = ..., no_quote: _Optional[bool] = ...) -> None: ...

class SaveDraftResponse(_message.Message):
    __slots__ = ("folder", "message_id", "uid", "saved_before")
    FOLDER_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    SAVED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    folder: str
    message_id: str
    uid: int
    saved_before: bool
    def __init__(self, folder: _Optional[str] = ..., message_id: _Optional[str] = ..., uid: _Optional[int] = ..., saved_before: _Optional[bool] = ...) -> None: ...

class DistilIntentRequest(_message.Message):
    __slots__ = ("account", "text", "to", "subject")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    account: str
    text: str
    to: _containers.RepeatedCompositeFieldContainer[Correspondent]
    subject: str
    def __init__(self, account: _Optional[str] = ..., text: _Optional[str] = ..., to: _Optional[_Iterable[_Union[Correspondent, _Mapping]]] = ..., subject: _Optional[str] = ...) -> None: ...

class DistilIntentResponse(_message.Message):
    __slots__ = ("points", "leak")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    LEAK_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedScalarFieldContainer[str]
    leak: float
    def __init__(self, points: _Optional[_Iterable[str]] = ..., leak: _Optional[float] = ...) -> None: ...
