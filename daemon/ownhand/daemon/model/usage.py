"""What large models cost, by the families of their names.

List prices for standard calls in USD, as the providers gave them in October and November 2026. Reading from a
cache costs less and writing to it a little more; both are counted as if there were none.
"""

import re

PRICES_OF = "2026-11"
BATCH_SHARE = 0.5  # of the price of the same call alone

_MILLION = 1_000_000
# USD per million tokens: read, written. The longest name that fits counts.
_PRICES = {
    "claude-fable-5": (10.0, 50.0),
    "claude-mythos-5": (10.0, 50.0),
    "claude-opus-5-5": (4.0, 20.0),
    "claude-opus-5": (5.0, 25.0),
    "claude-opus-4-8": (5.0, 25.0),
    "claude-opus-4-7": (5.0, 25.0),
    "claude-opus-4-6": (5.0, 25.0),
    "claude-opus-4-5": (5.0, 25.0),
    "claude-opus-4": (15.0, 75.0),
    "claude-sonnet-5": (2.0, 10.0),
    "claude-sonnet-4": (3.0, 15.0),
    "claude-haiku-5-5": (0.1, 0.5),  # up to 100 000 tokens read; a prompt here has a few thousand
    "claude-haiku-4": (1.0, 5.0),
    "gpt-6-astra": (10.0, 50.0),
    "gpt-5.6-terra": (2.0, 12.0),
    "gpt-5.6-luna": (0.2, 1.2),
    "gpt-5.5-pro": (30.0, 180.0),
    "gpt-5.5": (5.0, 30.0),
    "gpt-5.4-pro": (30.0, 180.0),
    "gpt-5.4-mini": (0.75, 4.5),
    "gpt-5.4-nano": (0.2, 1.25),
    "gpt-5.4": (2.5, 15.0),
    "gpt-5.2-pro": (21.0, 168.0),
    "gpt-5.2": (1.75, 14.0),
    "gpt-5.1": (1.25, 10.0),
    "gpt-5-pro": (15.0, 120.0),
    "gpt-5-mini": (0.25, 2.0),
    "gpt-5-nano": (0.05, 0.4),
    "gpt-5": (1.25, 10.0),
    "gpt-4.1-mini": (0.4, 1.6),
    "gpt-4.1-nano": (0.1, 0.4),
    "gpt-4.1": (2.0, 8.0),
    "gpt-4o-mini": (0.15, 0.6),
    "gpt-4o": (2.5, 10.0),
    "gemini-3.8-flash": (1.5, 7.5),  # half of that until the end of 2026
    "gemini-3.5-flash-lite": (0.3, 2.5),
    "gemini-3.5-flash": (1.5, 9.0),
    "gemini-3.1-pro": (2.0, 12.0),
    "gemini-2.5-pro": (1.25, 10.0),
    "gemini-2.5-flash-lite": (0.1, 0.4),
    "gemini-2.5-flash": (0.3, 2.5),
}


def cost_usd(model: str, input_tokens: int, output_tokens: int) -> float:
    """The price of a call; 0.0 for a model whose price is not known, as of one that runs at home."""
    read, written = _price(model) or (0.0, 0.0)
    return (input_tokens * read + output_tokens * written) / _MILLION


def known(model: str) -> bool:
    """Whether a monthly limit can hold for this model."""
    return _price(model) is not None


def _price(model: str) -> tuple[float, float] | None:
    name = model.lower().rpartition("/")[2]  # routers and gateways put the provider before the name
    fitting = [family for family in _PRICES if re.match(rf"{re.escape(family)}(?:$|[-@:])", name)]
    return _PRICES[max(fitting, key=len)] if fitting else None
