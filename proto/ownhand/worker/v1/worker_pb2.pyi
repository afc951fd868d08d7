from ownhand.worker.v1 import training_pb2 as _training_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OpenAgentRequest(_message.Message):
    __slots__ = ("adapter", "base_model", "backend")
    ADAPTER_FIELD_NUMBER: _ClassVar[int]
    BASE_MODEL_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    adapter: str
    base_model: str
    backend: str
    def __init__(self, adapter: _Optional[str] = ..., base_model: _Optional[str] = ..., backend: _Optional[str] = ...) -> None: ...

class OpenAgentResponse(_message.Message):
    __slots__ = ("manifest",)
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    manifest: _training_pb2.AdapterManifest
    def __init__(self, manifest: _Optional[_Union[_training_pb2.AdapterManifest, _Mapping]] = ...) -> None: ...

class ProposeRulesRequest(_message.Message):
    __slots__ = ("situation", "agent_id")
    SITUATION_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    situation: _training_pb2.Situation
    agent_id: str
    def __init__(self, situation: _Optional[_Union[_training_pb2.Situation, _Mapping]] = ..., agent_id: _Optional[str] = ...) -> None: ...

class ProposeRulesResponse(_message.Message):
    __slots__ = ("rule", "log_probability")
    RULE_FIELD_NUMBER: _ClassVar[int]
    LOG_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    rule: str
    log_probability: float
    def __init__(self, rule: _Optional[str] = ..., log_probability: _Optional[float] = ...) -> None: ...
