"""The table that is printed and kept in docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement. `ratio` is here over official; `target` what issue and design ask for."""

    what: str
    official: str
    here: str
    ratio: float | None = None
    target: str = ""


def compared(what: str, official: float, here: float, unit: str, target: str = "", digits: int = 2) -> Row:
    """A row of two numbers of the same unit."""
    return Row(
        what,
        f"{official:.{digits}f} {unit}",
        f"{here:.{digits}f} {unit}",
        here / official if official else None,
        target,
    )


def markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | official | here | ratio | target |", "|---|---|---|---|---|"]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(f"| {row.what} | {row.official} | {row.here} | {ratio} | {row.target} |")
    return "\n".join(lines)
