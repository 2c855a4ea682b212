"""How benchmarks are run and what they give: our way and the peer's in turn, medians, ratios, growth."""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Sample

#: The largest corpus that is built again and again.
LARGEST = 100_000


@dataclass(frozen=True)
class Plan:
    """What is wanted: sizes in claims, how many runs, and a folder for what the benchmarks make."""

    sizes: tuple[int, ...]
    runs: int
    place: Path

    def up_to(self, most: int) -> list[int]:
        """Return the sizes that are not over one."""
        return [size for size in self.sizes if size <= most]


@dataclass
class Result:
    """One thing that was measured at one size: the median of each way, and all runs."""

    bench: str
    what: str
    size: int
    #: What the figures are: "s" and "ms" are better when small, "a second" when large.
    unit: str
    medians: dict[str, float]
    runs: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def ratio(self, ours: str, peer: str) -> float | None:
        """Return how many times better our way is, when both were measured."""
        mine, other = self.medians.get(ours), self.medians.get(peer)
        if not mine or not other:
            return None
        return mine / other if self.unit.startswith("a second") else other / mine


Ways = Mapping[str, Callable[[], Sample]]


def in_turn(
    bench: str, what: str, size: int, runs: int, ways: Ways, unit: str = "s",
    value: Callable[[Sample], float] = lambda sample: sample.seconds,
) -> Result:  # fmt: skip
    """Run the ways one after another, as often as wanted, and return their medians."""
    samples: dict[str, list[Sample]] = {name: [] for name in ways}
    for number in range(runs):
        for name, way in ways.items():
            note(f"{bench}, {what}, {size:,} claims: {name} ({number + 1} of {runs})")
            samples[name].append(way())
    return Result(
        bench, what, size, unit,
        medians={name: statistics.median(map(value, found)) for name, found in samples.items()},
        runs={name: [round(value(s), 6) for s in found] for name, found in samples.items()},
        cpu={name: statistics.median(s.cpu for s in found) for name, found in samples.items()},
        megabytes={name: max(s.megabytes for s in found) for name, found in samples.items()},
        facts={name: found[-1].facts for name, found in samples.items()},
    )  # fmt: skip


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """Return by which power the second grows with the first, fitted to all points.

    >>> exponent([(10, 5), (100, 500), (1000, 50000)])
    2.0
    """
    if len({x for x, _ in points}) < 2:
        return None
    logs = [(math.log(x), math.log(y)) for x, y in points]
    middle_x, middle_y = (statistics.fmean(axis) for axis in zip(*logs, strict=True))
    slope = sum((x - middle_x) * (y - middle_y) for x, y in logs) / sum((x - middle_x) ** 2 for x, _ in logs)
    return round(slope, 3)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the others is.

    >>> percentile([5, 1, 4, 2, 3], 0.5)
    3
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def note(text: str) -> None:
    """Tell on the error stream what is going on."""
    print(text, file=sys.stderr, flush=True)
