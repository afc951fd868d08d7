from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Situation(_message.Message):
    __slots__ = ("recipient", "recipient_kind", "n_recipients", "reply", "language", "subject", "context", "points", "hour", "n_before", "usual", "with_recipient", "nearest")
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_KIND_FIELD_NUMBER: _ClassVar[int]
    N_RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    REPLY_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    HOUR_FIELD_NUMBER: _ClassVar[int]
    N_BEFORE_FIELD_NUMBER: _ClassVar[int]
    USUAL_FIELD_NUMBER: _ClassVar[int]
    WITH_RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    NEAREST_FIELD_NUMBER: _ClassVar[int]
    recipient: str
    recipient_kind: str
    n_recipients: int
    reply: bool
    language: str
    subject: str
    context: str
    points: _containers.RepeatedScalarFieldContainer[str]
    hour: int
    n_before: int
    usual: _containers.RepeatedCompositeFieldContainer[Habit]
    with_recipient: _containers.RepeatedCompositeFieldContainer[Habit]
    nearest: _containers.RepeatedCompositeFieldContainer[Shown]
    def __init__(self, recipient: _Optional[str] = ..., recipient_kind: _Optional[str] = ..., n_recipients: _Optional[int] = ..., reply: _Optional[bool] = ..., language: _Optional[str] = ..., subject: _Optional[str] = ..., context: _Optional[str] = ..., points: _Optional[_Iterable[str]] = ..., hour: _Optional[int] = ..., n_before: _Optional[int] = ..., usual: _Optional[_Iterable[_Union[Habit, _Mapping]]] = ..., with_recipient: _Optional[_Iterable[_Union[Habit, _Mapping]]] = ..., nearest: _Optional[_Iterable[_Union[Shown, _Mapping]]] = ...) -> None: ...

class Habit(_message.Message):
    __slots__ = ("rule", "share")
    RULE_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    rule: str
    share: float
    def __init__(self, rule: _Optional[str] = ..., share: _Optional[float] = ...) -> None: ...

class Shown(_message.Message):
    __slots__ = ("rules",)
    RULES_FIELD_NUMBER: _ClassVar[int]
    rules: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, rules: _Optional[_Iterable[str]] = ...) -> None: ...

class Example(_message.Message):
    __slots__ = ("id", "situation", "rules")
    ID_FIELD_NUMBER: _ClassVar[int]
    SITUATION_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    id: str
    situation: Situation
    rules: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., situation: _Optional[_Union[Situation, _Mapping]] = ..., rules: _Optional[_Iterable[str]] = ...) -> None: ...

class TrainingJob(_message.Message):
    __slots__ = ("agent_id", "training_set", "training_set_hash", "adapters", "base_model", "backend", "rank", "alpha", "learning_rate", "max_steps", "batch_size", "seed", "threads", "checkpoint_every", "current_adapter", "continue_from", "layers", "memory_bytes", "others")
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    TRAINING_SET_FIELD_NUMBER: _ClassVar[int]
    TRAINING_SET_HASH_FIELD_NUMBER: _ClassVar[int]
    ADAPTERS_FIELD_NUMBER: _ClassVar[int]
    BASE_MODEL_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    ALPHA_FIELD_NUMBER: _ClassVar[int]
    LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_EVERY_FIELD_NUMBER: _ClassVar[int]
    CURRENT_ADAPTER_FIELD_NUMBER: _ClassVar[int]
    CONTINUE_FROM_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    OTHERS_FIELD_NUMBER: _ClassVar[int]
    agent_id: str
    training_set: str
    training_set_hash: str
    adapters: str
    base_model: str
    backend: str
    rank: int
    alpha: int
    learning_rate: float
    max_steps: int
    batch_size: int
    seed: int
    threads: int
    checkpoint_every: int
    current_adapter: str
    continue_from: str
    layers: int
    memory_bytes: int
    others: _containers.RepeatedCompositeFieldContainer[BaseChoice]
    def __init__(self, agent_id: _Optional[str] = ..., training_set: _Optional[str] = ..., training_set_hash: _Optional[str] = ..., adapters: _Optional[str] = ..., base_model: _Optional[str] = ..., backend: _Optional[str] = ..., rank: _Optional[int] = ..., alpha: _Optional[int] = ..., learning_rate: _Optional[float] = ..., max_steps: _Optional[int] = ..., batch_size: _Optional[int] = ..., seed: _Optional[int] = ..., threads: _Optional[int] = ..., checkpoint_every: _Optional[int] = ..., current_adapter: _Optional[str] = ..., continue_from: _Optional[str] = ..., layers: _Optional[int] = ..., memory_bytes: _Optional[int] = ..., others: _Optional[_Iterable[_Union[BaseChoice, _Mapping]]] = ...) -> None: ...

class BaseChoice(_message.Message):
    __slots__ = ("name", "memory_bytes")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    name: str
    memory_bytes: int
    def __init__(self, name: _Optional[str] = ..., memory_bytes: _Optional[int] = ...) -> None: ...

class TrainingEvent(_message.Message):
    __slots__ = ("started", "step", "finished", "failed")
    STARTED_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    FINISHED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    started: TrainingStarted
    step: TrainingStep
    finished: TrainingFinished
    failed: TrainingFailed
    def __init__(self, started: _Optional[_Union[TrainingStarted, _Mapping]] = ..., step: _Optional[_Union[TrainingStep, _Mapping]] = ..., finished: _Optional[_Union[TrainingFinished, _Mapping]] = ..., failed: _Optional[_Union[TrainingFailed, _Mapping]] = ...) -> None: ...

class TrainingStarted(_message.Message):
    __slots__ = ("backend", "device", "n_examples", "max_steps", "resumed_at_step", "duration_s", "memory_bytes", "precision")
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    N_EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    MAX_STEPS_FIELD_NUMBER: _ClassVar[int]
    RESUMED_AT_STEP_FIELD_NUMBER: _ClassVar[int]
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    backend: str
    device: str
    n_examples: int
    max_steps: int
    resumed_at_step: int
    duration_s: float
    memory_bytes: int
    precision: str
    def __init__(self, backend: _Optional[str] = ..., device: _Optional[str] = ..., n_examples: _Optional[int] = ..., max_steps: _Optional[int] = ..., resumed_at_step: _Optional[int] = ..., duration_s: _Optional[float] = ..., memory_bytes: _Optional[int] = ..., precision: _Optional[str] = ...) -> None: ...

class TrainingStep(_message.Message):
    __slots__ = ("step", "loss", "valid_loss", "left_s")
    STEP_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    VALID_LOSS_FIELD_NUMBER: _ClassVar[int]
    LEFT_S_FIELD_NUMBER: _ClassVar[int]
    step: int
    loss: float
    valid_loss: float
    left_s: float
    def __init__(self, step: _Optional[int] = ..., loss: _Optional[float] = ..., valid_loss: _Optional[float] = ..., left_s: _Optional[float] = ...) -> None: ...

class TrainingFinished(_message.Message):
    __slots__ = ("manifest",)
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    manifest: AdapterManifest
    def __init__(self, manifest: _Optional[_Union[AdapterManifest, _Mapping]] = ...) -> None: ...

class HeldOutScore(_message.Message):
    __slots__ = ("agent_id", "valid_loss", "precision", "recall")
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    VALID_LOSS_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    RECALL_FIELD_NUMBER: _ClassVar[int]
    agent_id: str
    valid_loss: float
    precision: float
    recall: float
    def __init__(self, agent_id: _Optional[str] = ..., valid_loss: _Optional[float] = ..., precision: _Optional[float] = ..., recall: _Optional[float] = ...) -> None: ...

class TrainingFailed(_message.Message):
    __slots__ = ("reason", "message")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    reason: str
    message: str
    def __init__(self, reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class AdapterManifest(_message.Message):
    __slots__ = ("agent_id", "base_model", "base_hash", "backend", "rank", "alpha", "training_set_hash", "prompt_template", "seed", "n_examples", "steps", "train_loss", "valid_loss", "precision", "recall", "library_versions", "duration_s", "weights_hash", "current", "continued_from", "memory_bytes")
    class LibraryVersionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    AGENT_ID_FIELD_NUMBER: _ClassVar[int]
    BASE_MODEL_FIELD_NUMBER: _ClassVar[int]
    BASE_HASH_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    ALPHA_FIELD_NUMBER: _ClassVar[int]
    TRAINING_SET_HASH_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    N_EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    TRAIN_LOSS_FIELD_NUMBER: _ClassVar[int]
    VALID_LOSS_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    RECALL_FIELD_NUMBER: _ClassVar[int]
    LIBRARY_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    WEIGHTS_HASH_FIELD_NUMBER: _ClassVar[int]
    CURRENT_FIELD_NUMBER: _ClassVar[int]
    CONTINUED_FROM_FIELD_NUMBER: _ClassVar[int]
    MEMORY_BYTES_FIELD_NUMBER: _ClassVar[int]
    agent_id: str
    base_model: str
    base_hash: str
    backend: str
    rank: int
    alpha: int
    training_set_hash: str
    prompt_template: str
    seed: int
    n_examples: int
    steps: int
    train_loss: float
    valid_loss: float
    precision: float
    recall: float
    library_versions: _containers.ScalarMap[str, str]
    duration_s: float
    weights_hash: str
    current: HeldOutScore
    continued_from: str
    memory_bytes: int
    def __init__(self, agent_id: _Optional[str] = ..., base_model: _Optional[str] = ..., base_hash: _Optional[str] = ..., backend: _Optional[str] = ..., rank: _Optional[int] = ..., alpha: _Optional[int] = ..., training_set_hash: _Optional[str] = ..., prompt_template: _Optional[str] = ..., seed: _Optional[int] = ..., n_examples: _Optional[int] = ..., steps: _Optional[int] = ..., train_loss: _Optional[float] = ..., valid_loss: _Optional[float] = ..., precision: _Optional[float] = ..., recall: _Optional[float] = ..., library_versions: _Optional[_Mapping[str, str]] = ..., duration_s: _Optional[float] = ..., weights_hash: _Optional[str] = ..., current: _Optional[_Union[HeldOutScore, _Mapping]] = ..., continued_from: _Optional[str] = ..., memory_bytes: _Optional[int] = ...) -> None: ...
