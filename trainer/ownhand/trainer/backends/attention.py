"""Attention over rows in which several sequences lie end to end, for models of transformers.

Each sequence attends to itself alone: the cost grows with the sequences, not with the square of the row,
and nothing passes from one mail to another. Without `lengths` it is torch's own attention.
"""

from collections.abc import Sequence
from typing import Any

import torch

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
    lengths: Sequence[int] = (),
    **more: Any,
) -> tuple[Any, None]:
    """All are (1, heads, tokens, size); the result is (1, tokens, heads, size)."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    if len(lengths) < 2:
        return sdpa_attention_forward(module, query, key, value, mask, **more)  # type: ignore[no-any-return]
    parts, begin = [], 0
    for length in lengths:
        of = slice(begin, begin + length)
        own = None if mask is None else mask[..., of, of]
        part, _ = sdpa_attention_forward(module, query[:, :, of], key[:, :, of], value[:, :, of], own, **more)
        parts.append(part)
        begin += length
    return torch.cat(parts, 1), None


def _mask(*, q_length: int, kv_length: int, local_size: int | None = None, **more: Any) -> Any:
    """None where being causal is all there is to it; not with a window, or after what was read before."""
    from transformers.masking_utils import sdpa_mask

    if q_length == kv_length and local_size is None:
        return None
    return sdpa_mask(q_length=q_length, kv_length=kv_length, local_size=local_size, **more)
