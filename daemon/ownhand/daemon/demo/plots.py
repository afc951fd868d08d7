"""Plots as SVG text: a loss curve, bars of support, pairs of distances. Knows numbers and labels, no mail.

Colours are classes that the report's style sheet fills, so that a plot follows light and dark.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH = 640
_CHARACTER = 6.6  # width of one at 12px of the sans-serif fonts, roughly


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values under one label: before and after."""

    label: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Counted:
    """A label with what is for it and what is against it."""

    label: str
    support: int
    against: int


def loss_curve(train: Sequence[tuple[int, float]], valid: Sequence[tuple[int, float]], *, title: str) -> str:
    """Loss by step, in training and on held-out mail, from zero."""
    height, left, right, top, bottom = 260, 46, 104, 14, 40
    points = [*train, *valid]
    steps = max((step for step, _ in points), default=1) or 1
    marks = _ticks(max((loss for _, loss in points), default=1.0))

    def x(step: float) -> float:
        return left + (_WIDTH - left - right) * step / steps

    def y(loss: float) -> float:
        return height - bottom - (height - top - bottom) * loss / marks[-1]

    parts = [_rule(left, y(mark), _WIDTH - right, y(mark), "grid") for mark in marks]
    parts += [_text(left - 8, y(mark) + 4, f"{mark:g}", "end") for mark in marks]
    parts += [
        _text(x(mark), height - bottom + 18, f"{mark:g}", "middle") for mark in _ticks(steps) if mark <= steps
    ]
    parts.append(_text((left + _WIDTH - right) / 2, height - 4, "training steps", "middle"))
    for line, kind in ((train, "train"), (valid, "valid")):
        if line:
            parts.append(_line([(x(step), y(loss)) for step, loss in line], kind))
    parts += _end_labels([(y(line[-1][1]), name, kind) for name, line, kind in
                          (("in training", train, "train"), ("held-out mail", valid, "valid")) if line],
                         x(steps) + 8)  # fmt: skip
    return _svg(height, title, parts)


def support_bars(rules: Sequence[Counted], *, title: str) -> str:
    """For each rule the mails that support it, to the right of them those that do not."""
    row, top, bottom, right = 40, 4, 34, 74
    height = top + row * len(rules) + bottom
    most = max((rule.support + rule.against for rule in rules), default=1) or 1
    marks = [mark for mark in _ticks(most) if mark <= most]

    def x(n: float) -> float:
        return (_WIDTH - right) * n / most

    parts = [_rule(x(mark), top, x(mark), height - bottom, "grid") for mark in marks]
    parts += [_text(max(x(mark), 4), height - bottom + 16, f"{mark:g}", "middle") for mark in marks]
    parts.append(_text((_WIDTH - right) / 2, height - 2, "mails", "middle"))
    for n, rule in enumerate(rules):
        y = top + row * n
        width = int((_WIDTH - right) / _CHARACTER)
        parts.append(_text(0, y + 14, _cut(rule.label, width), "start", "label"))
        parts.append(_bar(0, y + 20, x(rule.support), 11, "support"))
        parts.append(_bar(x(rule.support), y + 20, x(rule.against), 11, "against"))
        counts = f"{rule.support} of {rule.support + rule.against}"
        parts.append(_text(x(rule.support + rule.against) + 8, y + 30, counts, "start"))
    return _svg(height, title, parts)


def pairs(rows: Sequence[Pair], *, title: str, labels_width: int = 250) -> str:
    """Before and after on one line each, from 0 to 1, joined by an arrow."""
    row, top, bottom, right = 27, 4, 36, 16
    height = top + row * len(rows) + bottom
    most = min(1.0, _ticks(max((max(pair.before, pair.after) for pair in rows), default=1.0))[-1])

    def x(value: float) -> float:
        return labels_width + (_WIDTH - labels_width - right) * value / most

    marks = [mark for mark in _ticks(most) if mark <= most]
    parts = [_rule(x(mark), top, x(mark), height - bottom, "grid") for mark in marks]
    parts += [_text(x(mark), height - bottom + 16, f"{mark:g}", "middle") for mark in marks]
    parts.append(_text(x(most / 2), height - 2, "style distance to what was sent", "middle"))
    for n, pair in enumerate(rows):
        y = top + row * n + row / 2
        label = _cut(pair.label, int((labels_width - 14) / _CHARACTER))
        parts.append(_text(labels_width - 14, y + 4, label, "end", "label"))
        parts.append(
            _rule(x(pair.before), y, x(pair.after), y, "gain" if pair.after <= pair.before else "loss")
        )
        parts.append(f'<circle cx="{x(pair.before):.1f}" cy="{y:.1f}" r="5" class="before"/>')
        parts.append(f'<circle cx="{x(pair.after):.1f}" cy="{y:.1f}" r="5.5" class="after"/>')
    return _svg(height, title, parts)


# --- pieces --------------------------------------------------------------------------------------


def _svg(height: float, title: str, parts: Sequence[str]) -> str:
    inner = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height:g}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>\n{inner}\n</svg>"
    )


def _text(x: float, y: float, text: str, anchor: str, kind: str = "tick") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(text)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _bar(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:g}" class="{kind}"/>'


def _line(points: Sequence[tuple[float, float]], kind: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" class="dot {kind}"/>' for x, y in points)
    return f'<polyline points="{path}" class="curve {kind}"/>' + (dots if len(points) < 25 else "")


def _end_labels(ends: Sequence[tuple[float, str, str]], x: float) -> list[str]:
    """Names at the ends of lines, moved apart where the lines end close together."""
    parts, lowest = [], -math.inf
    for y, name, kind in sorted(ends):
        lowest = max(y + 4, lowest + 16)
        parts.append(_text(x, lowest, name, "start", f"name {kind}"))
    return parts


def _ticks(most: float) -> list[float]:
    """Round numbers from 0 to at least `most`, about five of them."""
    if most < 1e-6:
        return [0.0, 1.0]
    rough = most / 5
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * magnitude for nice in (1, 2, 2.5, 5, 10) if nice * magnitude >= rough * 0.999)
    return [round(n * step, 10) for n in range(math.ceil(most / step - 1e-9) + 1)]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
