from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_INVALID: _ClassVar[ErrorReason]
    ERROR_REASON_NO_AGENT: _ClassVar[ErrorReason]
    ERROR_REASON_TOO_LITTLE_MAIL: _ClassVar[ErrorReason]
    ERROR_REASON_NO_CONSENT: _ClassVar[ErrorReason]
    ERROR_REASON_FOLDER_MISSING: _ClassVar[ErrorReason]
    ERROR_REASON_FOLDER_EMPTIED: _ClassVar[ErrorReason]
    ERROR_REASON_LOGIN_FAILED: _ClassVar[ErrorReason]
    ERROR_REASON_UNREACHABLE: _ClassVar[ErrorReason]
    ERROR_REASON_LIMIT_REACHED: _ClassVar[ErrorReason]
    ERROR_REASON_BAD_COMPLETION: _ClassVar[ErrorReason]
    ERROR_REASON_TRAINER_FAILED: _ClassVar[ErrorReason]
    ERROR_REASON_DISK_FULL: _ClassVar[ErrorReason]
    ERROR_REASON_INTERNAL: _ClassVar[ErrorReason]
    ERROR_REASON_NO_KEYRING: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_NOT_FOUND: ErrorReason
ERROR_REASON_INVALID: ErrorReason
ERROR_REASON_NO_AGENT: ErrorReason
ERROR_REASON_TOO_LITTLE_MAIL: ErrorReason
ERROR_REASON_NO_CONSENT: ErrorReason
ERROR_REASON_FOLDER_MISSING: ErrorReason
ERROR_REASON_FOLDER_EMPTIED: ErrorReason
ERROR_REASON_LOGIN_FAILED: ErrorReason
ERROR_REASON_UNREACHABLE: ErrorReason
ERROR_REASON_LIMIT_REACHED: ErrorReason
ERROR_REASON_BAD_COMPLETION: ErrorReason
ERROR_REASON_TRAINER_FAILED: ErrorReason
ERROR_REASON_DISK_FULL: ErrorReason
ERROR_REASON_INTERNAL: ErrorReason
ERROR_REASON_NO_KEYRING: ErrorReason
