"""Plots as SVG text: a loss curve, bars of support, pairs of distances. Knows numbers and labels, no mail.

Colours are classes that the report's style sheet fills, so that a plot follows light and dark. A width is
that of the place in the report, so that letters come out at the size of its text.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

HALF, WHOLE = 470, 1010
_CHARACTER = 6.7  # width of one in the text of a plot, roughly


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values under one label: before and after."""

    label: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Counted:
    """A label with what is for it and what is against it, and how people say that."""

    label: str
    support: int
    against: int
    told: str


def loss_curve(train: Sequence[tuple[int, float]], valid: Sequence[tuple[int, float]], *, title: str) -> str:
    """Loss by step, in training and on held-out mail, from zero; the lowest held-out loss is marked."""
    height, left, right, top, bottom = 250, 38, 12, 22, 44
    points = [*train, *valid]
    steps = max((step for step, _ in points), default=1) or 1
    marks = _ticks(max((loss for _, loss in points), default=1.0))

    def place(point: tuple[float, float]) -> tuple[float, float]:
        step, loss = point
        x = left + (HALF - left - right) * step / steps
        return x, height - bottom - (height - top - bottom) * loss / marks[-1]

    parts = []
    for mark in marks:
        _, y = place((0, mark))
        parts += [_rule(left, y, HALF - right, y, "grid"), _text(left - 8, y + 4, f"{mark:g}", "end")]
    for mark in (mark for mark in _ticks(steps) if mark <= steps):
        parts.append(_text(place((mark, 0))[0], height - bottom + 18, f"{mark:g}", "middle"))
    parts.append(_text((left + HALF - right) / 2, height - 6, "training steps", "middle"))
    parts += [
        _line([place(p) for p in line], kind) for line, kind in ((train, "train"), (valid, "valid")) if line
    ]
    if valid:
        parts.append(_lowest(*place(min(valid, key=lambda point: point[1]))))
    return _svg(HALF, height, title, parts)


def _lowest(x: float, y: float) -> str:
    anchor = "end" if x > HALF / 2 else "start"
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" class="kept"/>'
    return ring + _text(x, y - 12, "lowest on held-out mail", anchor, "label")


def support_bars(rules: Sequence[Counted], *, title: str) -> str:
    """For each rule the mails that support it, then those that do not, then the counts in words."""
    row, bottom, end = 42, 36, 250
    height = row * len(rules) + bottom
    most = max((rule.support + rule.against for rule in rules), default=1) or 1

    def x(n: float) -> float:
        return end * n / most

    marks = [mark for mark in _ticks(most) if mark <= most]
    parts = [_rule(x(mark), 0, x(mark), height - bottom, "grid") for mark in marks[1:]]
    for mark in marks:
        parts.append(_text(x(mark), height - bottom + 16, f"{mark:g}", "middle" if mark else "start"))
    parts.append(_text(end / 2, height - 3, "mails", "middle"))
    for n, rule in enumerate(rules):
        y = row * n
        parts.append(_text(0, y + 15, _cut(rule.label, int(HALF / _CHARACTER)), "start", "label"))
        parts.append(_bar(0, y + 22, x(rule.support), "support"))
        parts.append(_bar(x(rule.support), y + 22, x(rule.against), "against"))
        parts.append(_text(x(rule.support + rule.against) + 8, y + 32, rule.told, "start"))
    return _svg(HALF, height, title, parts)


def pairs(rows: Sequence[Pair], *, title: str, width: int = HALF, labels_width: int = 130) -> str:
    """Before and after on one line each, from 0, joined."""
    row, bottom, right = 27, 40, 14
    height = row * len(rows) + bottom
    most = min(1.0, _ticks(max((max(pair.before, pair.after) for pair in rows), default=1.0))[-1])

    def x(value: float) -> float:
        return labels_width + (width - labels_width - right) * value / most

    marks = [mark for mark in _ticks(most) if mark <= most]
    parts = [_rule(x(mark), 0, x(mark), height - bottom, "grid") for mark in marks]
    parts += [_text(x(mark), height - bottom + 18, f"{mark:g}", "middle") for mark in marks]
    parts.append(_text(x(most / 2), height - 4, "style distance to what was sent", "middle"))
    for n, pair in enumerate(rows):
        y = row * (n + 0.5)
        label = _cut(pair.label, int((labels_width - 14) / _CHARACTER))
        kind = "gain" if pair.after <= pair.before else "loss"
        parts.append(_text(labels_width - 14, y + 4, label, "end", "label"))
        parts.append(_rule(x(pair.before), y, x(pair.after), y, kind))
        parts.append(f'<circle cx="{x(pair.before):.1f}" cy="{y:.1f}" r="6" class="before"/>')
        parts.append(f'<circle cx="{x(pair.after):.1f}" cy="{y:.1f}" r="5" class="after"/>')
    return _svg(width, height, title, parts)


# --- pieces --------------------------------------------------------------------------------------


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    inner = "\n".join(parts)
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>\n{inner}\n</svg>"
    )


def _text(x: float, y: float, text: str, anchor: str, kind: str = "tick") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(text)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _bar(x: float, y: float, width: float, kind: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="11" class="{kind}"/>'


def _line(points: Sequence[tuple[float, float]], kind: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" class="curve {kind}"/>'


def _ticks(most: float) -> list[float]:
    """Round numbers from 0 to at least `most`, about five of them."""
    if most < 1e-6:
        return [0.0, 1.0]
    rough = most / 5
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * magnitude for nice in (1, 2, 2.5, 5, 10) if nice * magnitude >= rough * 0.999)
    return [round(n * step, 10) for n in range(math.ceil(most / step - 1e-9) + 1)]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"
