import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FoundBy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FOUND_BY_UNSPECIFIED: _ClassVar[FoundBy]
    FOUND_BY_SETTINGS: _ClassVar[FoundBy]
    FOUND_BY_SPECIAL_USE: _ClassVar[FoundBy]
    FOUND_BY_XLIST: _ClassVar[FoundBy]
    FOUND_BY_NAME: _ClassVar[FoundBy]

class ServerSecurity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SERVER_SECURITY_UNSPECIFIED: _ClassVar[ServerSecurity]
    SERVER_SECURITY_TLS: _ClassVar[ServerSecurity]
    SERVER_SECURITY_STARTTLS: _ClassVar[ServerSecurity]
    SERVER_SECURITY_PLAINTEXT_LOOPBACK: _ClassVar[ServerSecurity]
FOUND_BY_UNSPECIFIED: FoundBy
FOUND_BY_SETTINGS: FoundBy
FOUND_BY_SPECIAL_USE: FoundBy
FOUND_BY_XLIST: FoundBy
FOUND_BY_NAME: FoundBy
SERVER_SECURITY_UNSPECIFIED: ServerSecurity
SERVER_SECURITY_TLS: ServerSecurity
SERVER_SECURITY_STARTTLS: ServerSecurity
SERVER_SECURITY_PLAINTEXT_LOOPBACK: ServerSecurity

class Account(_message.Message):
    __slots__ = ("name", "address", "source", "n_originals", "n_skipped", "watching", "collect_time", "problem", "voice", "addresses", "next_training", "paused")
    class NSkippedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    N_ORIGINALS_FIELD_NUMBER: _ClassVar[int]
    N_SKIPPED_FIELD_NUMBER: _ClassVar[int]
    WATCHING_FIELD_NUMBER: _ClassVar[int]
    COLLECT_TIME_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    NEXT_TRAINING_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    name: str
    address: str
    source: str
    n_originals: int
    n_skipped: _containers.ScalarMap[str, int]
    watching: bool
    collect_time: _timestamp_pb2.Timestamp
    problem: str
    voice: str
    addresses: _containers.RepeatedScalarFieldContainer[str]
    next_training: NextTraining
    paused: bool
    def __init__(self, name: _Optional[str] = ..., address: _Optional[str] = ..., source: _Optional[str] = ..., n_originals: _Optional[int] = ..., n_skipped: _Optional[_Mapping[str, int]] = ..., watching: _Optional[bool] = ..., collect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., problem: _Optional[str] = ..., voice: _Optional[str] = ..., addresses: _Optional[_Iterable[str]] = ..., next_training: _Optional[_Union[NextTraining, _Mapping]] = ..., paused: _Optional[bool] = ...) -> None: ...

class NextTraining(_message.Message):
    __slots__ = ("n_mails", "not_before_time", "at_latest_time", "duration_s", "memory_bytes")
    N_MAILS_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_TIME_FIELD_NUMBER: _ClassVar[int]
    AT_LATEST_TIME_FIELD_NUMBER: _ClassVar[int]
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    n_mails: int
    not_before_time: _timestamp_pb2.Timestamp
    at_latest_time: _timestamp_pb2.Timestamp
    duration_s: float
    memory_bytes: int
    def __init__(self, n_mails: _Optional[int] = ..., not_before_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., at_latest_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration_s: _Optional[float] = ..., memory_bytes: _Optional[int] = ...) -> None: ...

class ListAccountsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListAccountsResponse(_message.Message):
    __slots__ = ("accounts",)
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    accounts: _containers.RepeatedCompositeFieldContainer[Account]
    def __init__(self, accounts: _Optional[_Iterable[_Union[Account, _Mapping]]] = ...) -> None: ...

class CheckAccountRequest(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: str
    def __init__(self, account: _Optional[str] = ...) -> None: ...

class CheckAccountResponse(_message.Message):
    __slots__ = ("server", "capabilities", "sent_folder", "n_messages", "folders", "source", "connection", "found_by", "other_sent_folders", "pushes", "poll_s", "tells_deletions", "sample", "n_usable", "n_needed", "n_learned", "warnings", "usable", "max_message_bytes", "relay_running")
    SERVER_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    SENT_FOLDER_FIELD_NUMBER: _ClassVar[int]
    N_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    FOLDERS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    FOUND_BY_FIELD_NUMBER: _ClassVar[int]
    OTHER_SENT_FOLDERS_FIELD_NUMBER: _ClassVar[int]
    PUSHES_FIELD_NUMBER: _ClassVar[int]
    POLL_S_FIELD_NUMBER: _ClassVar[int]
    TELLS_DELETIONS_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    N_USABLE_FIELD_NUMBER: _ClassVar[int]
    N_NEEDED_FIELD_NUMBER: _ClassVar[int]
    N_LEARNED_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    USABLE_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    RELAY_RUNNING_FIELD_NUMBER: _ClassVar[int]
    server: str
    capabilities: _containers.RepeatedScalarFieldContainer[str]
    sent_folder: str
    n_messages: int
    folders: _containers.RepeatedScalarFieldContainer[str]
    source: str
    connection: Connection
    found_by: FoundBy
    other_sent_folders: _containers.RepeatedScalarFieldContainer[str]
    pushes: bool
    poll_s: float
    tells_deletions: bool
    sample: Sample
    n_usable: int
    n_needed: int
    n_learned: int
    warnings: _containers.RepeatedScalarFieldContainer[str]
    usable: bool
    max_message_bytes: int
    relay_running: bool
    def __init__(self, server: _Optional[str] = ..., capabilities: _Optional[_Iterable[str]] = ..., sent_folder: _Optional[str] = ..., n_messages: _Optional[int] = ..., folders: _Optional[_Iterable[str]] = ..., source: _Optional[str] = ..., connection: _Optional[_Union[Connection, _Mapping]] = ..., found_by: _Optional[_Union[FoundBy, str]] = ..., other_sent_folders: _Optional[_Iterable[str]] = ..., pushes: _Optional[bool] = ..., poll_s: _Optional[float] = ..., tells_deletions: _Optional[bool] = ..., sample: _Optional[_Union[Sample, _Mapping]] = ..., n_usable: _Optional[int] = ..., n_needed: _Optional[int] = ..., n_learned: _Optional[int] = ..., warnings: _Optional[_Iterable[str]] = ..., usable: _Optional[bool] = ..., max_message_bytes: _Optional[int] = ..., relay_running: _Optional[bool] = ...) -> None: ...

class Connection(_message.Message):
    __slots__ = ("tls", "pinned", "mechanism")
    TLS_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    MECHANISM_FIELD_NUMBER: _ClassVar[int]
    tls: str
    pinned: bool
    mechanism: str
    def __init__(self, tls: _Optional[str] = ..., pinned: _Optional[bool] = ..., mechanism: _Optional[str] = ...) -> None: ...

class Sample(_message.Message):
    __slots__ = ("n_messages", "n_usable", "n_skipped", "n_by_language", "n_replies", "first_time", "last_time", "other_addresses", "n_other_addresses")
    class NSkippedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class NByLanguageEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class OtherAddressesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    N_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    N_USABLE_FIELD_NUMBER: _ClassVar[int]
    N_SKIPPED_FIELD_NUMBER: _ClassVar[int]
    N_BY_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    N_REPLIES_FIELD_NUMBER: _ClassVar[int]
    FIRST_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_TIME_FIELD_NUMBER: _ClassVar[int]
    OTHER_ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    N_OTHER_ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    n_messages: int
    n_usable: int
    n_skipped: _containers.ScalarMap[str, int]
    n_by_language: _containers.ScalarMap[str, int]
    n_replies: int
    first_time: _timestamp_pb2.Timestamp
    last_time: _timestamp_pb2.Timestamp
    other_addresses: _containers.ScalarMap[str, int]
    n_other_addresses: int
    def __init__(self, n_messages: _Optional[int] = ..., n_usable: _Optional[int] = ..., n_skipped: _Optional[_Mapping[str, int]] = ..., n_by_language: _Optional[_Mapping[str, int]] = ..., n_replies: _Optional[int] = ..., first_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., other_addresses: _Optional[_Mapping[str, int]] = ..., n_other_addresses: _Optional[int] = ...) -> None: ...

class ImportMailRequest(_message.Message):
    __slots__ = ("path", "address", "account")
    PATH_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    path: str
    address: str
    account: str
    def __init__(self, path: _Optional[str] = ..., address: _Optional[str] = ..., account: _Optional[str] = ...) -> None: ...

class ImportMailResponse(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class NewIdentity(_message.Message):
    __slots__ = ("address", "display_name", "voice")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    address: str
    display_name: str
    voice: str
    def __init__(self, address: _Optional[str] = ..., display_name: _Optional[str] = ..., voice: _Optional[str] = ...) -> None: ...

class AddAccountRequest(_message.Message):
    __slots__ = ("name", "address", "display_name", "host", "port", "security", "user", "sent_folder", "identities", "voice", "secret", "tls_pin")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    HOST_FIELD_NUMBER: _ClassVar[int]
    PORT_FIELD_NUMBER: _ClassVar[int]
    SECURITY_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    SENT_FOLDER_FIELD_NUMBER: _ClassVar[int]
    IDENTITIES_FIELD_NUMBER: _ClassVar[int]
    VOICE_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    TLS_PIN_FIELD_NUMBER: _ClassVar[int]
    name: str
    address: str
    display_name: str
    host: str
    port: int
    security: ServerSecurity
    user: str
    sent_folder: str
    identities: _containers.RepeatedCompositeFieldContainer[NewIdentity]
    voice: str
    secret: str
    tls_pin: str
    def __init__(self, name: _Optional[str] = ..., address: _Optional[str] = ..., display_name: _Optional[str] = ..., host: _Optional[str] = ..., port: _Optional[int] = ..., security: _Optional[_Union[ServerSecurity, str]] = ..., user: _Optional[str] = ..., sent_folder: _Optional[str] = ..., identities: _Optional[_Iterable[_Union[NewIdentity, _Mapping]]] = ..., voice: _Optional[str] = ..., secret: _Optional[str] = ..., tls_pin: _Optional[str] = ...) -> None: ...

class AddAccountResponse(_message.Message):
    __slots__ = ("account", "sent_folder", "n_messages")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    SENT_FOLDER_FIELD_NUMBER: _ClassVar[int]
    N_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    account: Account
    sent_folder: str
    n_messages: int
    def __init__(self, account: _Optional[_Union[Account, _Mapping]] = ..., sent_folder: _Optional[str] = ..., n_messages: _Optional[int] = ...) -> None: ...

class RemoveAccountRequest(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: str
    def __init__(self, account: _Optional[str] = ...) -> None: ...

class RemoveAccountResponse(_message.Message):
    __slots__ = ("problem",)
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    problem: str
    def __init__(self, problem: _Optional[str] = ...) -> None: ...

class UpdateAccountRequest(_message.Message):
    __slots__ = ("account", "paused")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    account: str
    paused: bool
    def __init__(self, account: _Optional[str] = ..., paused: _Optional[bool] = ...) -> None: ...

class UpdateAccountResponse(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: Account
    def __init__(self, account: _Optional[_Union[Account, _Mapping]] = ...) -> None: ...
