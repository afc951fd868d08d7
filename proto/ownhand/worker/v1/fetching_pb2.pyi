from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FetchEvent(_message.Message):
    __slots__ = ("found", "progress", "finished", "failed")
    FOUND_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    found: FetchFound
    progress: FetchProgress
    finished: FetchFinished
    failed: FetchFailed
    def __init__(self, found: _Optional[_Union[FetchFound, _Mapping]] = ..., progress: _Optional[_Union[FetchProgress, _Mapping]] = ..., finished: _Optional[_Union[FetchFinished, _Mapping]] = ..., failed: _Optional[_Union[FetchFailed, _Mapping]] = ...) -> None: ...

class FetchFound(_message.Message):
    __slots__ = ("repository", "revision", "source", "licence", "gated", "n_files", "bytes", "bytes_left", "config")
    REPOSITORY_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    GATED_FIELD_NUMBER: _ClassVar[int]
    N_FILES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    BYTES_LEFT_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    repository: str
    revision: str
    source: str
    licence: str
    gated: bool
    n_files: int
    bytes: int
    bytes_left: int
    config: str
    def __init__(self, repository: _Optional[str] = ..., revision: _Optional[str] = ..., source: _Optional[str] = ..., licence: _Optional[str] = ..., gated: _Optional[bool] = ..., n_files: _Optional[int] = ..., bytes: _Optional[int] = ..., bytes_left: _Optional[int] = ..., config: _Optional[str] = ...) -> None: ...

class FetchProgress(_message.Message):
    __slots__ = ("bytes_left",)
    BYTES_LEFT_FIELD_NUMBER: _ClassVar[int]
    bytes_left: int
    def __init__(self, bytes_left: _Optional[int] = ...) -> None: ...

class FetchFinished(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class FetchFailed(_message.Message):
    __slots__ = ("reason", "message")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...
