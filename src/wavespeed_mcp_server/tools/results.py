"""Results as agents get them: structured facts, and the same facts as compact text."""

from __future__ import annotations

import json
from typing import Any

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel

from ..api.wire import PROCESSING
from ..runs import Outcome
from ..text import escaped

SAME_CALL = "the same call again, with wait_seconds to wait for them"
OPEN_ONES = "check_status without ids, with wait_seconds to wait for them"


class Predictions(BaseModel):
    """Several predictions."""

    predictions: list[Outcome]
    next: str = ""


def facts(values: dict[str, Any]) -> CallToolResult:
    """A result with these facts in both channels; hosts show the model one or the other."""
    return CallToolResult(content=[TextContent(type="text", text=compact(values))], structured_content=values)


def compact(values: dict[str, Any]) -> str:
    """`values` as JSON with no space between, and nothing in it that a terminal acts on."""
    return escaped(json.dumps(values, ensure_ascii=False, separators=(",", ":")))


def listing(outcomes: list[Outcome], *, look: str = "") -> dict[str, Any]:
    """The fields of `Predictions`, with one `next` for all outcomes in place of one each.

    `look` is the call that shows several running ones; without it there is no `next`.
    """
    listed = [one.model_copy(update={"next": one.note}).facts() for one in outcomes]
    found: dict[str, Any] = {"predictions": listed}
    running = [one.id for one in outcomes if one.status == PROCESSING]
    waiting = sum(one.sendable for one in outcomes)
    steps = []
    if len(running) == 1:
        steps.append(f'Still running: check_status with ids ["{running[0]}"].')
    elif running:
        steps.append(f"{len(running)} still running: {look}.")
    if waiting:
        steps.append(f"Nothing was bought for the {waiting} not_submitted: send those again.")
    if steps and look:
        found["next"] = " ".join(steps)
    return found
