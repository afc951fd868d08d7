"""LoRA on a linear layer in one pass forwards and one back, where peft makes six: y = xW' + b + s(xA')B'.

On a CPU what is not a matrix product costs as much as a product of a small model. Only what is in its way is
replaced: layers that peft made of plain linear ones. Those of a quantised base keep peft's own arithmetic.
"""

from functools import partial
from typing import Any

import torch


def fuse(model: Any) -> None:
    """For training: one adapter, none merged, no dropout."""
    from peft.tuners import lora

    for layer in model.modules():
        if type(layer) is lora.Linear and type(layer.get_base_layer()) is torch.nn.Linear:
            layer.forward = partial(_forward, layer)


def _forward(layer: Any, x: Any) -> Any:
    [name] = layer.active_adapters
    base = layer.base_layer
    a, b = (part[name].weight.to(x.dtype) for part in (layer.lora_A, layer.lora_B))
    return _Changed.apply(x, base.weight, base.bias, a, b, layer.scaling[name])


class _Changed(torch.autograd.Function):  # type: ignore[misc]  # torch is not followed
    """x is (..., in), weight (out, in) and frozen, a (rank, in), b (out, rank)."""

    @staticmethod
    def forward(ctx: Any, x: Any, weight: Any, bias: Any, a: Any, b: Any, scale: float) -> Any:
        rows = x.reshape(-1, x.shape[-1])
        low = rows @ a.T
        y = rows @ weight.T if bias is None else torch.addmm(bias, rows, weight.T)
        y.addmm_(low, b.T, alpha=scale)
        ctx.save_for_backward(rows, weight, a, b, low)
        ctx.scale, ctx.shape = scale, x.shape
        return y.view(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> tuple[Any, ...]:
        rows, weight, a, b, low = ctx.saved_tensors
        gradient = gradient.reshape(-1, gradient.shape[-1])
        of_low = (gradient @ b).mul_(ctx.scale)
        of_b = (gradient.T @ low).mul_(ctx.scale)
        of_a = of_low.T @ rows
        of_x = None
        if ctx.needs_input_grad[0]:
            of_x = (gradient @ weight).addmm_(of_low, a).view(ctx.shape)
        return of_x, None, None, of_a, of_b, None
