"""The rows that are printed, kept as data, and drawn."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One measurement. `ratio` is here over official; `target` what is asked for.

    Rows of one `series` are points of one curve: `x` of what was growing, and the two measured `values`
    (official, here).
    """

    what: str
    official: str
    here: str
    ratio: float | None = None
    target: str = ""
    series: str = ""
    x: float = 0.0
    values: tuple[float, float] = (0.0, 0.0)


def compared(
    what: str,
    official: float,
    here: float,
    unit: str,
    target: str = "",
    digits: int = 2,
    *,
    series: str = "",
    x: float = 0.0,
) -> Row:
    """A row of two numbers of the same unit."""
    return Row(
        what,
        f"{official:.{digits}f} {unit}",
        f"{here:.{digits}f} {unit}",
        here / official if official else None,
        target,
        series,
        x,
        (official, here),
    )


def markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | official | here | ratio | target |", "|---|---|---|---|---|"]
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(f"| {row.what} | {row.official} | {row.here} | {ratio} | {row.target} |")
    return "\n".join(lines)


def save(path: Path, machine: str, rows: Iterable[Row]) -> None:
    """Keep the rows as data, for `python -m benchmarks.plots`."""
    data = {"machine": machine, "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> tuple[str, list[Row]]:
    """What `save` kept: where it was measured, and the rows."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return data["machine"], [Row(**{**row, "values": tuple(row["values"])}) for row in data["rows"]]
