"""Attention over rows in which several sequences lie end to end, for models of transformers.

Each attends to itself alone, and to the beginning that it shares: the cost grows with the sequences, not with
the square of the row, and nothing passes from one mail to another. Without `segments` it is torch's own.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from ownhand.trainer.backends.packing import Segment

NAME = "ownhand"  # as attn_implementation


def register() -> None:
    """Makes it known to transformers; more than once does no harm."""
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface

    AttentionInterface.register(NAME, _attend)
    AttentionMaskInterface.register(NAME, _mask)


def _attend(
    module: Any,
    query: Any,
    key: Any,
    value: Any,
    mask: Any,
    *,
    segments: Sequence[Segment] = (),
    **more: Any,
) -> tuple[Any, None]:
    """All are (1, heads, tokens, size); the result is (1, tokens, heads, size)."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    if len(segments) < 2:
        return sdpa_attention_forward(module, query, key, value, mask, **more)  # type: ignore[no-any-return]
    parts = []
    for segment in segments:
        own = _slice(segment)
        seen = [_slice(one) for one in (*segment.before, segment)]
        keys, values = (torch.cat([kept[:, :, of] for of in seen], 2) for kept in (key, value))
        if segment.before:
            allowed = _causal(segment.length, segment.position, query.device)
        else:
            allowed = None if mask is None else mask[..., own, own]
        parts.append(sdpa_attention_forward(module, query[:, :, own], keys, values, allowed, **more)[0])
    return torch.cat(parts, 1), None


def shares(config: Any) -> bool:
    """Whether a model can read beginnings once: not with windows, whose masks go by places in the row."""
    return "sliding_attention" not in (getattr(config, "layer_types", None) or ())


def _slice(segment: Segment) -> slice:
    return slice(segment.begin, segment.begin + segment.length)


@lru_cache(64)
def _causal(length: int, before: int, device: Any) -> Any:
    """Each token sees all that was before the segment, and the segment up to itself."""
    return torch.ones(length, before + length, dtype=torch.bool, device=device).tril(before)[None, None]


def _mask(*, q_length: int, kv_length: int, local_size: int | None = None, **more: Any) -> Any:
    """None where being causal is all there is to it; not with a window, or after what was read before."""
    from transformers.masking_utils import sdpa_mask

    if q_length == kv_length and local_size is None:
        return None
    return sdpa_mask(q_length=q_length, kv_length=kv_length, local_size=local_size, **more)
