"""The head of a model and the loss, on completion tokens alone and a few of them at a time.

The scores of one row over a hub model's vocabulary would take more memory than the model: 1,000 tokens over
152,000 words are 600 MB, and the way back needs them twice.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch.nn.functional import cross_entropy

_CHUNK_BYTES = 64 * 2**20  # of scores in 32 bits


def loss(causal: Any, hidden: Any, targets: Any) -> Any:
    """Sum over the targets, in nats. `hidden` is (targets, hidden), what comes out below the head."""
    head, config = causal.lm_head, causal.config
    if type(head) is torch.nn.Linear and head.bias is None and not _soft_cap(config):
        return _OfFrozenHead.apply(hidden, head.weight, targets, _divisor(config))
    return cross_entropy(scores(causal, hidden), targets, reduction="sum")  # an adapted head, so a small one


def measure(causal: Any, hidden: Any, targets: Any) -> tuple[int, float]:
    """How many targets are not the likeliest tokens, and the sum of the loss in nats."""
    n_wrong, total = 0, 0.0
    for part in _parts(len(targets), causal.config.vocab_size):
        said, right = scores(causal, hidden[part]), targets[part]
        n_wrong += int((said.argmax(-1) != right).sum())
        total += float(cross_entropy(said, right, reduction="sum"))
    return n_wrong, total


def scores(causal: Any, hidden: Any) -> Any:
    """(tokens, vocabulary) in 32 bits, as the model's own call gives them."""
    said = causal.lm_head(hidden).float()
    if (divisor := _divisor(causal.config)) != 1.0:
        said = said / divisor
    if cap := _soft_cap(causal.config):
        said = torch.tanh(said / cap) * cap
    return said


class _OfFrozenHead(torch.autograd.Function):  # type: ignore[misc]  # torch is not followed
    """The gradient is made along with the loss, so scores are never kept, nor computed twice."""

    @staticmethod
    def forward(ctx: Any, hidden: Any, weight: Any, targets: Any, divisor: float) -> Any:
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        gradient = torch.empty_like(hidden)
        for part in _parts(len(targets), len(weight)):
            said, right = (hidden[part] @ weight.T).float().div_(divisor), targets[part, None]
            said -= said.max(-1, keepdim=True).values
            of_right = said.gather(1, right)
            sums = said.exp_().sum(-1, keepdim=True)
            total += (sums.log() - of_right).sum()
            wrong = said.div_(sums)
            wrong.scatter_add_(1, right, -torch.ones_like(of_right))
            gradient[part] = wrong.to(weight.dtype) @ weight
        ctx.save_for_backward(gradient.div_(divisor))
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> tuple[Any, ...]:
        (of_hidden,) = ctx.saved_tensors
        return of_hidden * gradient.to(of_hidden.dtype), None, None, None


def _parts(n_targets: int, vocabulary: int) -> Iterator[slice]:
    size = max(1, _CHUNK_BYTES // (4 * vocabulary))
    return (slice(begin, begin + size) for begin in range(0, n_targets, size))


def _divisor(config: Any) -> float:
    """Of Granite."""
    return float(getattr(config, "logits_scaling", None) or 1.0)


def _soft_cap(config: Any) -> float:
    """Of some Gemmas; 0 for none."""
    return float(getattr(config, "final_logit_softcapping", None) or 0.0)
