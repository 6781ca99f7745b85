"""What runs came to, as lines for people, and the exit status that goes with it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from ..api.wire import COMPLETED, PROCESSING
from ..runs import Outcome, dollars
from ..runs.outcome import is_url
from .inputs import typed
from .terminal import show
from .wording import for_people

DONE = 0
NOT_DONE = 1
GOES_ON = 3


def show_all(outcomes: list[Outcome], arguments: argparse.Namespace, nothing: str) -> None:
    """Print several runs, or that there is nothing."""
    lines = [line for one in outcomes for line in lines_of(one)] or [nothing]
    show({"predictions": [one.facts() for one in outcomes]}, lines, as_json=arguments.json)


def lines_of(outcome: Outcome) -> list[str]:
    """One run as lines."""
    cost = f", {dollars(outcome.cost)}" if outcome.cost is not None else ""
    took = f", {outcome.elapsed_seconds:g} s" if outcome.elapsed_seconds is not None else ""
    usual = f" (usually {outcome.usually_seconds:g} s)" if outcome.usually_seconds is not None else ""
    lines = [f"{outcome.id or '-'}  {outcome.status}  {outcome.model}{took}{usual}{cost}".rstrip()]
    differs = " ".join(f"{key}={typed(value)}" for key, value in outcome.vary.items())
    made = "  ".join(filter(None, (outcome.created_at, outcome.prompt, differs)))
    lines += [f"    {made}"] if made else []
    lines += [
        f"    {output if isinstance(output, str) else json.dumps(output)}" for output in outcome.outputs
    ]
    lines += [f"    saved: {path}" for path in outcome.saved]
    lines += [f"    {for_people(text)}" for text in (outcome.error, outcome.note) if text]
    return lines


def exit_status(outcomes: Sequence[Outcome], *, waited: bool, save: bool = False) -> int:
    """0 where what was asked for was done: the runs ended well, and were saved where that was asked for.

    `waited`: the end was waited for. A run that goes on then is 3, everything else 1.
    """
    statuses = {one.status for one in outcomes}
    if statuses - {COMPLETED, PROCESSING} or (save and any(map(_misses_files, outcomes))):
        return NOT_DONE
    return GOES_ON if waited and PROCESSING in statuses else DONE


def _misses_files(outcome: Outcome) -> bool:
    return len(outcome.saved) < sum(map(is_url, outcome.outputs))
