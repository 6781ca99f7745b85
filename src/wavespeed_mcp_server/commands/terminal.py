"""What a person sees in a terminal: one line of progress on stderr, results on stdout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from ..text import escaped, one_line, printable
from .wording import for_people

WIDEST = 100
USUAL_COLUMNS = 80
BAR = 24


class ProgressLine:
    """A line that is written over while work goes on; silent where stderr is no terminal."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    async def __call__(self, message: str, share: float | None = None) -> None:
        """Show `message` in place of the last one, behind a bar where the share done is known."""
        if self._shown:
            bar = "" if share is None else f"[{'#' * round(share * BAR):.<{BAR}}] "
            sys.stderr.write("\r\x1b[K" + fitting(bar, one_line(message), _columns()))
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def fitting(bar: str, message: str, columns: int) -> str:
    """As much as one line takes: the bar goes first, then the words; an id at the end is kept whole."""
    if len(bar + message) <= columns:
        return bar + message
    if len(message) <= columns:
        return message
    words, opening, prediction = message.rpartition(" (")
    rest = columns - len(opening + prediction)
    if opening and rest > 0:
        return words[:rest] + opening + prediction
    return (prediction.rstrip(")") or message)[:columns]


def _columns() -> int:
    """How much fits on one line: a line that wraps cannot be written over."""
    try:
        found = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        found = 0
    return min(WIDEST, (found or USUAL_COLUMNS) - 1)


def show(facts: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    """Print a result: `facts` as JSON for pipes, `lines` for people."""
    if as_json:
        print(escaped(json.dumps(facts, indent=2, ensure_ascii=False)))
    else:
        print(printable("\n".join(lines)))


def bars(days: list[tuple[str, float]]) -> list[str]:
    """A line for each day with its cost (USD) as a bar; the dearest fills it."""
    highest = max((amount for _, amount in days), default=0.0)
    return [
        f"    {one_line(day, 10)}  {'#' * (round(amount / highest * BAR) or 1) if amount > 0 else '':<{BAR}}"
        f"  ${amount:.2f}"
        for day, amount in sorted(days)
    ]


def complain(text: object, commands: Sequence[str] = ()) -> None:
    """Say what went wrong, and below it, as they are, lines with commands to type."""
    print(printable("\n".join([f"error: {for_people(str(text))}", *commands])), file=sys.stderr)


def agrees(question: str) -> bool:
    """Ask the person; no terminal, no answer and anything but yes are a no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
