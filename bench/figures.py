"""Medians, percentiles and Markdown tables of what was measured."""

import statistics
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` percent of all do not exceed; values must not be empty."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share / 100 * len(ordered) + 0.5) - 1))]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def spread(values: Sequence[float]) -> dict[str, float]:
    """What every script prints of its times: how many, best, median, p95, p99 and worst."""
    return {
        "n": float(len(values)),
        "best": min(values),
        "median": median(values),
        "p95": percentile(values, 95),
        "p99": percentile(values, 99),
        "worst": max(values),
    }


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure over several rounds."""
    return {name: median([figures[name] for figures in rounds]) for name in rounds[0]}


def print_table(title: str, rows: Mapping[str, Mapping[str, float | str]]) -> None:
    """One Markdown table: a row for each thing measured, a column for each figure."""
    columns = list(dict.fromkeys(name for figures in rows.values() for name in figures))
    print(f"\n{title}\n\n| | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for name, figures in rows.items():
        print(f"| {name} | {' | '.join(_shown(figures.get(column, '')) for column in columns)} |")


def _shown(value: float | str) -> str:
    if isinstance(value, str):
        return value
    if value == int(value) or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
