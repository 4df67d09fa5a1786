"""Pictures as SVG: lines in time and bars. They take the page's own colours, so that they are right in the dark and on a phone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from math import floor, log10
from typing import NamedTuple

from notebooks.pages.view import Clock

Point = tuple[datetime, float]
LINES = 6  # colours the page has for lines
STEPS_S = [10, 30, 60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 86_400, 2 * 86_400, 7 * 86_400, 30 * 86_400]


class Frame(NamedTuple):
    """A picture's size in pixels, and the room its labels take."""

    width: int
    height: int
    left: int = 58
    right: int = 14
    top: int = 12
    bottom: int = 26


WIDE, NARROW = Frame(1280, 300), Frame(362, 240, left=50, right=8)


def curves(lines: Mapping[str, Sequence[Point]], clock: Clock, unit: str = "%") -> str:
    """A line in steps for each name: the value holds until the next point. Once for a laptop, once for a phone."""
    lines = {name: points for name, points in lines.items() if points}
    if not lines:
        return ""
    key = "".join(f"<span><i class='wf-line-{place % LINES}'></i>{escape(name)}</span>" for place, name in enumerate(lines))
    drawn = "".join(_curves(lines, clock, unit, frame, kind) for frame, kind in ((WIDE, "wide"), (NARROW, "narrow")))
    return f"<div class='wf-chart'><div class='wf-key'>{key}</div>{drawn}</div>"


def _curves(lines: Mapping[str, Sequence[Point]], clock: Clock, unit: str, frame: Frame, kind: str) -> str:
    instants, values = [at for points in lines.values() for at, _ in points], [value for points in lines.values() for _, value in points]
    first, last = min(instants), max(max(instants), min(instants) + timedelta(seconds=60))
    ticks = ticks_between(min(*values, 0.0), max(*values, 0.0), 4 if kind == "narrow" else 5)
    low, high = ticks[0], ticks[-1]
    span = (last - first).total_seconds()

    def x(at: datetime) -> float:
        return frame.left + (at - first).total_seconds() / span * (frame.width - frame.left - frame.right)

    def y(value: float) -> float:
        return frame.top + (high - value) / (high - low) * (frame.height - frame.top - frame.bottom)

    marks = "".join(_level(tick, y(tick), frame, unit, high - low) for tick in ticks)
    times = "".join(
        f"<text x='{x(at):.0f}' y='{frame.height - 8}' text-anchor='middle'>{escape(label)}</text>"
        for at, label in times_between(first, last, clock, 4 if kind == "narrow" else 9)
    )
    paths = "".join(_path(points, place % LINES, x, y, x(last)) for place, points in enumerate(lines.values()))
    return f"<svg class='wf-{kind}' viewBox='0 0 {frame.width} {frame.height}' role='img'>{marks}{times}{paths}</svg>"


def _level(tick: float, y: float, frame: Frame, unit: str, span: float) -> str:
    digits = 2 if span < 1 else 1 if span < 10 else 0
    label = f"{tick:+.{digits}f}{unit}".replace("-", "−") if tick else f"0{unit}"
    grade = "zero" if not tick else "grid"
    return (
        f"<line class='wf-{grade}' x1='{frame.left}' x2='{frame.width - frame.right}' y1='{y:.1f}' y2='{y:.1f}'/>"
        f"<text x='{frame.left - 8}' y='{y + 4:.1f}' text-anchor='end'>{label}</text>"
    )


def _path(points: Sequence[Point], place: int, x: Callable[[datetime], float], y: Callable[[float], float], end: float) -> str:
    steps = [f"M{x(points[0][0]):.1f},{y(points[0][1]):.1f}"]
    steps += [f"H{x(at):.1f}V{y(value):.1f}" for at, value in points[1:]]
    return f"<path class='wf-line-{place}' d='{''.join(steps)}H{end:.1f}'/>"


def ticks_between(low: float, high: float, most: int) -> list[float]:
    """Round numbers from below the lowest to above the highest, about `most` of them."""
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / most
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    first = int(low // step)
    return [round((first + place) * step, 10) for place in range(int(-(-high // step)) - first + 1)]


def times_between(first: datetime, last: datetime, clock: Clock, most: int) -> list[tuple[datetime, str]]:
    """Round instants of the clock's own zone between the two, each with its label."""
    span = (last - first).total_seconds()
    step = next((size for size in STEPS_S if span / size <= most), STEPS_S[-1])
    offset_s = _offset_s(first, clock)
    place = -(-(first.timestamp() + offset_s) // step) * step - offset_s
    found = []
    while place <= last.timestamp():
        at = _on_the_hour(place, offset_s, step, clock)
        if first <= at <= last:
            found.append(
                (
                    at,
                    f"{at:%d %b}" if step >= 86_400 or (at.hour, at.minute) == (0, 0) else f"{at:%H:%M:%S}" if step < 60 else f"{at:%H:%M}",
                )
            )
        place += step
    return found


def _on_the_hour(place: float, offset_s: float, step: float, clock: Clock) -> datetime:
    """After a change of the clock, midnight is an hour of the clock's, not of the steps' from before."""
    at = clock.read(datetime.fromtimestamp(place, UTC))
    changed_s = offset_s - _offset_s(at, clock)
    return clock.read(at + timedelta(seconds=changed_s)) if changed_s % step else at


def _offset_s(at: datetime, clock: Clock) -> float:
    return (clock.read(at).utcoffset() or timedelta()).total_seconds()
