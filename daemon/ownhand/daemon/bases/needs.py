"""What a base model needs of a machine: memory to train and to answer, and about how long to learn. Pure.

Good for telling what fits from what does not; the trainer says it more exactly when a training begins.
"""

from dataclasses import dataclass

from ownhand.daemon.bases.machine import Machine
from ownhand.daemon.bases.table import EMBEDDED, TABLE, Base, Shape

MAILS = 200  # that the minutes are told for
_PASSES = 3
_MAIL_TOKENS = 600  # of prompt and rules
_LEARNED_TOKENS = 80  # of them, the rules
_ROW_TOKENS = 1024  # longest row that is held in memory
_MIB = 2**20
_PROGRAM_BYTES = {"cpu": 500 * _MIB, "cuda": 900 * _MIB, "mlx": 300 * _MIB}
_ANSWERING_BYTES = 150 * _MIB
_STATE_BYTES = 24  # of an adapter's weight: itself, gradient, two moments, mean, best
_FOUR_BITS = 0.56  # bytes a weight, with its scales
_EIGHT_BITS = 1.07
# The embedded base, measured with 150 and with 1,000 mails on one core (2026-11-24): its steps are as many.
_EMBEDDED_TRAIN_BYTES, _EMBEDDED_USE_BYTES = 800 * _MIB, 120 * _MIB
_EMBEDDED_SECONDS, _EMBEDDED_SECONDS_A_MAIL = 55, 0.015


@dataclass(frozen=True, slots=True)
class Needs:
    """Of one base on one machine."""

    train_bytes: int
    use_bytes: int
    minutes: float  # to train, about
    quantised: bool  # the base must be held in 4 bits to fit
    fits: bool


def needs(base: Base, machine: Machine, mails: int = MAILS) -> Needs:
    if base.name == EMBEDDED:
        minutes = (_EMBEDDED_SECONDS + mails * _EMBEDDED_SECONDS_A_MAIL) / 60
        fits = machine.room_bytes >= _EMBEDDED_TRAIN_BYTES
        return Needs(_EMBEDDED_TRAIN_BYTES, _EMBEDDED_USE_BYTES, minutes, False, fits)
    train_bytes, quantised = _train_bytes(base.shape, machine), False
    if train_bytes > machine.room_bytes:
        # Quantised training is for GPUs and Apple silicon.
        quantised = machine.kind != "cpu"
        train_bytes = _train_bytes(base.shape, machine, thrifty=True)
    return Needs(
        train_bytes=train_bytes,
        use_bytes=_use_bytes(base.shape, machine, quantised),
        minutes=_minutes(base.shape, machine, mails),
        quantised=quantised,
        fits=train_bytes <= machine.room_bytes,
    )


def best_that_fits(machine: Machine) -> str:
    """The largest base without strings attached that can be trained here; the embedded one at least."""
    free = [base for base in TABLE if not base.note and needs(base, machine).fits]
    return max(free, key=lambda base: base.shape.parameters).name if free else EMBEDDED


def _train_bytes(shape: Shape, machine: Machine, *, thrifty: bool = False) -> int:
    """Thrifty: of what the way back needs only one layer's is kept, the rest is computed again."""
    wide = 4 if machine.kind == "cpu" else 2
    weights = shape.body * (_FOUR_BITS if thrifty and wide < 4 else wide) + shape.embedding * wide
    a_layer = (14 * shape.hidden + 3 * shape.query + 4 * shape.feed_forward) * _ROW_TOKENS
    kept = a_layer + shape.layers * shape.hidden * _ROW_TOKENS if thrifty else shape.layers * a_layer
    scores = 3 * shape.vocabulary * _LEARNED_TOKENS * 2 * 4
    return int(weights + kept * wide + scores + shape.adapter * _STATE_BYTES + _PROGRAM_BYTES[machine.kind])


def _use_bytes(shape: Shape, machine: Machine, quantised: bool) -> int:
    if machine.kind == "cpu":
        weights = shape.parameters * _EIGHT_BITS
    else:
        weights = shape.body * (_FOUR_BITS if quantised else 2) + shape.embedding * 2
    return int(weights + shape.adapter * 4 + _ANSWERING_BYTES)


def _minutes(shape: Shape, machine: Machine, mails: int) -> float:
    """Two operations a weight forwards and two backwards: the base's own weights get no gradient."""
    head = shape.vocabulary * shape.hidden
    a_mail = 4 * (shape.body * _MAIL_TOKENS + head * _LEARNED_TOKENS)
    return mails * _PASSES * a_mail / (machine.gflops * 1e9) / 60
