"""`python -m benchmarks.plots`: draw docs/growth.svg and docs/ratios.svg from docs/performance.json."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from html import escape
from math import ceil, log10
from pathlib import Path

from .table import Row, load

DOCS = Path(__file__).parents[1] / "docs"
OFFICIAL, HERE = "#9a9a9a", "#1f6feb"
WIDTH, HEIGHT, MARGIN = 260, 180, 46
BAR, NAMES, SCALE = 18, 430, 180
STYLE = "font-family:system-ui,sans-serif;font-size:11px"


def main() -> int:
    """Draw both."""
    machine, rows = load(DOCS / "performance.json")
    (DOCS / "growth.svg").write_text(growth(machine, rows), encoding="utf-8")
    (DOCS / "ratios.svg").write_text(ratios(machine, rows), encoding="utf-8")
    return 0


def growth(machine: str, rows: Sequence[Row]) -> str:
    """A panel for each series, both servers over what grows, on logarithmic x."""
    series = list(dict.fromkeys(row.series for row in rows if row.series))
    panels = []
    for index, name in enumerate(series):
        points = sorted((row for row in rows if row.series == name), key=lambda row: row.x)
        left, top = MARGIN + (index % 2) * (WIDTH + 2 * MARGIN), 60 + (index // 2) * (HEIGHT + 2 * MARGIN)
        panels += _panel(name, points, left, top)
    lines = ceil(len(series) / 2)
    return _document(4 * MARGIN + 2 * WIDTH, 40 + lines * (HEIGHT + 2 * MARGIN), machine, panels)


def _panel(name: str, points: Sequence[Row], left: float, top: float) -> list[str]:
    most = max(max(row.values) for row in points) or 1.0
    first, last = log10(points[0].x), log10(points[-1].x)

    def at(x: float, y: float) -> tuple[float, float]:
        return left + WIDTH * (log10(x) - first) / (last - first or 1.0), top + HEIGHT * (1 - y / most)

    drawn = [
        _text(left, top - 8, name, bold=True),
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#ccc"/>',
        _text(left - 4, top + 8, f"{most:.3g}", anchor="end"),
        _text(left - 4, top + HEIGHT, "0", anchor="end"),
    ]
    for which, color in enumerate((OFFICIAL, HERE)):
        spots = [at(row.x, row.values[which]) for row in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in spots]
    drawn += [_text(at(row.x, 0)[0], top + HEIGHT + 14, f"{row.x:,.0f}", anchor="middle") for row in points]
    return drawn


def ratios(machine: str, rows: Iterable[Row]) -> str:
    """A bar for each row: here over official, up to three times as much."""
    drawn, top = [], 40.0
    for row in rows:
        if row.ratio is None:
            continue
        length = SCALE * min(row.ratio, 3.0)
        drawn += [
            _text(NAMES - 8, top + 12, row.what, anchor="end"),
            f'<rect x="{NAMES}" y="{top}" width="{length:.1f}" height="{BAR - 5}" fill="{HERE}"/>',
            _text(NAMES + length + 5, top + 11, f"{row.ratio:.2f}"),
        ]
        top += BAR
    line = NAMES + SCALE
    drawn.append(f'<line x1="{line}" y1="34" x2="{line}" y2="{top}" stroke="{OFFICIAL}" stroke-width="2"/>')
    return _document(NAMES + 3 * SCALE + 50, top + 10, machine, drawn)


def _document(width: float, height: float, machine: str, drawn: Iterable[str]) -> str:
    legend = (
        f'<tspan fill="{OFFICIAL}">@wavespeed/mcp 1.0.7</tspan>, <tspan fill="{HERE}">this server</tspan>'
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" style="{STYLE}">',
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            f'<text x="10" y="16" font-weight="bold">{legend}</text>',
            _text(10, 30, machine),
            *drawn,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'


if __name__ == "__main__":
    sys.exit(main())
