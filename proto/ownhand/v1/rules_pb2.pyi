from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RuleOrigin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RULE_ORIGIN_UNSPECIFIED: _ClassVar[RuleOrigin]
    RULE_ORIGIN_MEASURED: _ClassVar[RuleOrigin]
    RULE_ORIGIN_INFERRED: _ClassVar[RuleOrigin]
    RULE_ORIGIN_PERSON: _ClassVar[RuleOrigin]

class RuleVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RULE_VERDICT_UNSPECIFIED: _ClassVar[RuleVerdict]
    RULE_VERDICT_ACCEPTED: _ClassVar[RuleVerdict]
    RULE_VERDICT_REFUSED: _ClassVar[RuleVerdict]
RULE_ORIGIN_UNSPECIFIED: RuleOrigin
RULE_ORIGIN_MEASURED: RuleOrigin
RULE_ORIGIN_INFERRED: RuleOrigin
RULE_ORIGIN_PERSON: RuleOrigin
RULE_VERDICT_UNSPECIFIED: RuleVerdict
RULE_VERDICT_ACCEPTED: RuleVerdict
RULE_VERDICT_REFUSED: RuleVerdict

class Rule(_message.Message):
    __slots__ = ("id", "account", "text", "origin", "verdict", "refusal", "support", "against", "scope", "muted", "supporting_ids", "contradicting_ids", "dimension", "pinned", "trend")
    ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    SUPPORT_FIELD_NUMBER: _ClassVar[int]
    AGAINST_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    MUTED_FIELD_NUMBER: _ClassVar[int]
    SUPPORTING_IDS_FIELD_NUMBER: _ClassVar[int]
    CONTRADICTING_IDS_FIELD_NUMBER: _ClassVar[int]
    DIMENSION_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    TREND_FIELD_NUMBER: _ClassVar[int]
    id: str
    account: str
    text: str
    origin: RuleOrigin
    verdict: RuleVerdict
    refusal: str
    support: int
    against: int
    scope: str
    muted: bool
    supporting_ids: _containers.RepeatedScalarFieldContainer[str]
    contradicting_ids: _containers.RepeatedScalarFieldContainer[str]
    dimension: str
    pinned: bool
    trend: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, id: _Optional[str] = ..., account: _Optional[str] = ..., text: _Optional[str] = ..., origin: _Optional[_Union[RuleOrigin, str]] = ..., verdict: _Optional[_Union[RuleVerdict, str]] = ..., refusal: _Optional[str] = ..., support: _Optional[int] = ..., against: _Optional[int] = ..., scope: _Optional[str] = ..., muted: _Optional[bool] = ..., supporting_ids: _Optional[_Iterable[str]] = ..., contradicting_ids: _Optional[_Iterable[str]] = ..., dimension: _Optional[str] = ..., pinned: _Optional[bool] = ..., trend: _Optional[_Iterable[float]] = ...) -> None: ...

class ListRulesRequest(_message.Message):
    __slots__ = ("account", "recipient", "include_refused", "recipient_kind", "language")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_REFUSED_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_KIND_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    account: str
    recipient: str
    include_refused: bool
    recipient_kind: str
    language: str
    def __init__(self, account: _Optional[str] = ..., recipient: _Optional[str] = ..., include_refused: _Optional[bool] = ..., recipient_kind: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class ListRulesResponse(_message.Message):
    __slots__ = ("rules",)
    RULES_FIELD_NUMBER: _ClassVar[int]
    rules: _containers.RepeatedCompositeFieldContainer[Rule]
    def __init__(self, rules: _Optional[_Iterable[_Union[Rule, _Mapping]]] = ...) -> None: ...

class UpdateRuleRequest(_message.Message):
    __slots__ = ("rule_id", "muted", "text", "pinned")
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    MUTED_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    rule_id: str
    muted: bool
    text: str
    pinned: bool
    def __init__(self, rule_id: _Optional[str] = ..., muted: _Optional[bool] = ..., text: _Optional[str] = ..., pinned: _Optional[bool] = ...) -> None: ...

class UpdateRuleResponse(_message.Message):
    __slots__ = ("rule",)
    RULE_FIELD_NUMBER: _ClassVar[int]
    rule: Rule
    def __init__(self, rule: _Optional[_Union[Rule, _Mapping]] = ...) -> None: ...

class TryRuleRequest(_message.Message):
    __slots__ = ("rule_id", "text")
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    rule_id: str
    text: str
    def __init__(self, rule_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class TryRuleResponse(_message.Message):
    __slots__ = ("measurable", "n_mails", "n_holds", "n_held_before", "n_drafts", "distance", "distance_before")
    MEASURABLE_FIELD_NUMBER: _ClassVar[int]
    N_MAILS_FIELD_NUMBER: _ClassVar[int]
    N_HOLDS_FIELD_NUMBER: _ClassVar[int]
    N_HELD_BEFORE_FIELD_NUMBER: _ClassVar[int]
    N_DRAFTS_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_BEFORE_FIELD_NUMBER: _ClassVar[int]
    measurable: bool
    n_mails: int
    n_holds: int
    n_held_before: int
    n_drafts: int
    distance: float
    distance_before: float
    def __init__(self, measurable: _Optional[bool] = ..., n_mails: _Optional[int] = ..., n_holds: _Optional[int] = ..., n_held_before: _Optional[int] = ..., n_drafts: _Optional[int] = ..., distance: _Optional[float] = ..., distance_before: _Optional[float] = ...) -> None: ...

class DeleteRuleRequest(_message.Message):
    __slots__ = ("rule_id",)
    RULE_ID_FIELD_NUMBER: _ClassVar[int]
    rule_id: str
    def __init__(self, rule_id: _Optional[str] = ...) -> None: ...

class DeleteRuleResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
