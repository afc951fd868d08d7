import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATE_UNSPECIFIED: _ClassVar[JobState]
    JOB_STATE_RUNNING: _ClassVar[JobState]
    JOB_STATE_SUCCEEDED: _ClassVar[JobState]
    JOB_STATE_FAILED: _ClassVar[JobState]
    JOB_STATE_CANCELLED: _ClassVar[JobState]
    JOB_STATE_INTERRUPTED: _ClassVar[JobState]

class Stage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_UNSPECIFIED: _ClassVar[Stage]
    STAGE_COLLECT: _ClassVar[Stage]
    STAGE_DISTIL: _ClassVar[Stage]
    STAGE_DRAFT: _ClassVar[Stage]
    STAGE_INFER: _ClassVar[Stage]
    STAGE_VERIFY: _ClassVar[Stage]
    STAGE_COMPILE: _ClassVar[Stage]
    STAGE_TRAIN: _ClassVar[Stage]
    STAGE_PROMOTE: _ClassVar[Stage]
JOB_STATE_UNSPECIFIED: JobState
JOB_STATE_RUNNING: JobState
JOB_STATE_SUCCEEDED: JobState
JOB_STATE_FAILED: JobState
JOB_STATE_CANCELLED: JobState
JOB_STATE_INTERRUPTED: JobState
STAGE_UNSPECIFIED: Stage
STAGE_COLLECT: Stage
STAGE_DISTIL: Stage
STAGE_DRAFT: Stage
STAGE_INFER: Stage
STAGE_VERIFY: Stage
STAGE_COMPILE: Stage
STAGE_TRAIN: Stage
STAGE_PROMOTE: Stage

class StageProgress(_message.Message):
    __slots__ = ("stage", "done", "total", "n_failed", "left_s", "memory_bytes")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    N_FAILED_FIELD_NUMBER: _ClassVar[int]
    LEFT_S_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    stage: Stage
    done: int
    total: int
    n_failed: int
    left_s: float
    memory_bytes: int
    def __init__(self, stage: _Optional[_Union[Stage, str]] = ..., done: _Optional[int] = ..., total: _Optional[int] = ..., n_failed: _Optional[int] = ..., left_s: _Optional[float] = ..., memory_bytes: _Optional[int] = ...) -> None: ...

class TrainingPoint(_message.Message):
    __slots__ = ("step", "loss", "valid_loss")
    STEP_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    VALID_LOSS_FIELD_NUMBER: _ClassVar[int]
    step: int
    loss: float
    valid_loss: float
    def __init__(self, step: _Optional[int] = ..., loss: _Optional[float] = ..., valid_loss: _Optional[float] = ...) -> None: ...

class Job(_message.Message):
    __slots__ = ("id", "account", "state", "stages", "start_time", "end_time", "message", "reason", "asked_by", "training", "agent_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ASKED_BY_FIELD_NUMBER: _ClassVar[int]
    TRAINING_FIELD_NUMBER: _ClassVar[int]
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    account: str
    state: JobState
    stages: _containers.RepeatedCompositeFieldContainer[StageProgress]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    message: str
    reason: str
    asked_by: str
    training: _containers.RepeatedCompositeFieldContainer[TrainingPoint]
    agent_id: str
    def __init__(self, id: _Optional[str] = ..., account: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., stages: _Optional[_Iterable[_Union[StageProgress, _Mapping]]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., message: _Optional[str] = ..., reason: _Optional[str] = ..., asked_by: _Optional[str] = ..., training: _Optional[_Iterable[_Union[TrainingPoint, _Mapping]]] = ..., agent_id: _Optional[str] = ...) -> None: ...

class GetCorpusRequest(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: str
    def __init__(self, account: _Optional[str] = ...) -> None: ...

class GetCorpusResponse(_message.Message):
    __slots__ = ("n_originals", "n_intents", "n_zero_shot_drafts", "n_rules", "n_examples", "n_skipped", "n_by_language", "n_by_recipient_kind")
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
    class NByRecipientKindEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    N_ORIGINALS_FIELD_NUMBER: _ClassVar[int]
    N_INTENTS_FIELD_NUMBER: _ClassVar[int]
    N_ZERO_SHOT_DRAFTS_FIELD_NUMBER: _ClassVar[int]
    N_RULES_FIELD_NUMBER: _ClassVar[int]
    N_EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    N_SKIPPED_FIELD_NUMBER: _ClassVar[int]
    N_BY_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    N_BY_RECIPIENT_KIND_FIELD_NUMBER: _ClassVar[int]
    n_originals: int
    n_intents: int
    n_zero_shot_drafts: int
    n_rules: int
    n_examples: int
    n_skipped: _containers.ScalarMap[str, int]
    n_by_language: _containers.ScalarMap[str, int]
    n_by_recipient_kind: _containers.ScalarMap[str, int]
    def __init__(self, n_originals: _Optional[int] = ..., n_intents: _Optional[int] = ..., n_zero_shot_drafts: _Optional[int] = ..., n_rules: _Optional[int] = ..., n_examples: _Optional[int] = ..., n_skipped: _Optional[_Mapping[str, int]] = ..., n_by_language: _Optional[_Mapping[str, int]] = ..., n_by_recipient_kind: _Optional[_Mapping[str, int]] = ...) -> None: ...

class PlanLearningRequest(_message.Message):
    __slots__ = ("account", "until")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    account: str
    until: Stage
    def __init__(self, account: _Optional[str] = ..., until: _Optional[_Union[Stage, str]] = ...) -> None: ...

class PlannedStage(_message.Message):
    __slots__ = ("stage", "n_items", "n_calls", "input_tokens", "output_tokens", "cost_usd", "duration_s", "memory_bytes")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    N_ITEMS_FIELD_NUMBER: _ClassVar[int]
    N_CALLS_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    stage: Stage
    n_items: int
    n_calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    duration_s: float
    memory_bytes: int
    def __init__(self, stage: _Optional[_Union[Stage, str]] = ..., n_items: _Optional[int] = ..., n_calls: _Optional[int] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cost_usd: _Optional[float] = ..., duration_s: _Optional[float] = ..., memory_bytes: _Optional[int] = ...) -> None: ...

class PlanLearningResponse(_message.Message):
    __slots__ = ("stages", "destination", "consent_needed", "samples", "n_missing", "plan_id", "price_unknown")
    STAGES_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    CONSENT_NEEDED_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    N_MISSING_FIELD_NUMBER: _ClassVar[int]
    PLAN_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    stages: _containers.RepeatedCompositeFieldContainer[PlannedStage]
    destination: str
    consent_needed: bool
    samples: _containers.RepeatedScalarFieldContainer[str]
    n_missing: int
    plan_id: str
    price_unknown: bool
    def __init__(self, stages: _Optional[_Iterable[_Union[PlannedStage, _Mapping]]] = ..., destination: _Optional[str] = ..., consent_needed: _Optional[bool] = ..., samples: _Optional[_Iterable[str]] = ..., n_missing: _Optional[int] = ..., plan_id: _Optional[str] = ..., price_unknown: _Optional[bool] = ...) -> None: ...

class StartLearningRequest(_message.Message):
    __slots__ = ("account", "until")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    account: str
    until: Stage
    def __init__(self, account: _Optional[str] = ..., until: _Optional[_Union[Stage, str]] = ...) -> None: ...

class StartLearningResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class GetJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class GetJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("account", "page_size")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    account: str
    page_size: int
    def __init__(self, account: _Optional[str] = ..., page_size: _Optional[int] = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs",)
    JOBS_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ...) -> None: ...

class WatchJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class WatchJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...

class WatchJobsRequest(_message.Message):
    __slots__ = ("account", "page_size")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    account: str
    page_size: int
    def __init__(self, account: _Optional[str] = ..., page_size: _Optional[int] = ...) -> None: ...

class WatchJobsResponse(_message.Message):
    __slots__ = ("jobs",)
    JOBS_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ...) -> None: ...

class CancelJobRequest(_message.Message):
    __slots__ = ("job_id",)
    JOB_ID_FIELD_NUMBER: _ClassVar[int]
    job_id: str
    def __init__(self, job_id: _Optional[str] = ...) -> None: ...

class CancelJobResponse(_message.Message):
    __slots__ = ("job",)
    JOB_FIELD_NUMBER: _ClassVar[int]
    job: Job
    def __init__(self, job: _Optional[_Union[Job, _Mapping]] = ...) -> None: ...
