"""Results as agents get them: structured facts, and the same facts as compact text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel

from ..api.wire import TERMINAL
from ..runs import NOT_FOUND, NOT_SUBMITTED, Outcome

MOST_IDS = 20


class Predictions(BaseModel):
    """Several predictions."""

    predictions: list[Outcome]
    next: str = ""


def facts(values: dict[str, Any]) -> CallToolResult:
    """A result with these facts in both channels; hosts show the model one or the other."""
    return CallToolResult(content=[TextContent(type="text", text=compact(values))], structured_content=values)


def compact(values: dict[str, Any]) -> str:
    """`values` as JSON with no space between."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def listing(outcomes: list[Outcome], *, brief: bool = False) -> dict[str, Any]:
    """The fields of `Predictions`, with one `next` for all outcomes in place of one each; none if `brief`."""
    listed = [one.model_copy(update={"next": one.note}).facts() for one in outcomes]
    found: dict[str, Any] = {"predictions": listed}
    running = [one.id for one in outcomes if one.status not in {*TERMINAL, NOT_FOUND} and one.id]
    waiting = sum(one.status == NOT_SUBMITTED for one in outcomes)
    steps = []
    if running:
        steps.append(f"Still running: check_status with ids {quoted(running[:MOST_IDS])}.")
    if waiting:
        steps.append(f"Nothing was bought for the {waiting} not_submitted: send those again.")
    if steps and not brief:
        found["next"] = " ".join(steps)
    return found


def quoted(ids: Iterable[str]) -> str:
    """Ids as they are written in a call."""
    return "[" + ", ".join(f'"{one}"' for one in ids) + "]"
