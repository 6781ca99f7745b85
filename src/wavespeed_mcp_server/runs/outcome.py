"""What a run came to, as agents and people are told."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, Field, PrivateAttr

from ..api.wire import COMPLETED, FAILURES, SYNC_EXPIRED, Prediction
from ..files import is_inline
from ..text import one_line
from .faults import failure_reason

LONGEST_OUTPUT_CHARS = 20_000
SHORTEST_SHOWN_CHARS = 1_000
MOST_OUTPUTS = 100
INSIDE = "(a file inside the answer: download_outputs saves it)"
NOT_SUBMITTED = "not_submitted"
NOT_FOUND = "not_found"
UNKNOWN = "unknown"


class Outcome(BaseModel):
    """One prediction. Empty fields are left out."""

    id: str = ""
    model: str = ""
    status: str = ""
    outputs: Annotated[list[str | dict[str, Any]], Field(description="URLs, text, or objects")] = []
    error: str = ""
    elapsed_seconds: float | None = None
    inference_ms: int | None = None
    price: Annotated[float | None, Field(description="USD")] = None
    saved: Annotated[list[str], Field(description="paths")] = []
    next: str = ""
    _note: str = PrivateAttr("")

    @property
    def note(self) -> str:
        """What is particular to this one, without the call to make next."""
        return self._note

    def facts(self) -> dict[str, Any]:
        """Its fields without the empty ones."""
        return {name: value for name, value in self.model_dump().items() if value not in (None, "", [])}


def tell(
    prediction: Prediction,
    *,
    elapsed: float | None = None,
    price: float | None = None,
    note: str = "",
    room: int = LONGEST_OUTPUT_CHARS,
) -> Outcome:
    """What `prediction` is, with the call to make next.

    `elapsed` is seconds, `price` USD, `room` about how many characters its outputs may take.
    """
    failed = prediction.status in FAILURES
    error = failure_reason(prediction) if failed else ""
    if not failed and prediction.code != SYNC_EXPIRED:
        error = one_line(prediction.error)
    outcome = Outcome(
        id=prediction.id,
        model=prediction.model,
        status=prediction.status or "processing",
        outputs=all_bounded(prediction.outputs, room),
        error=error,
        elapsed_seconds=None if elapsed is None else round(elapsed, 1),
        inference_ms=prediction.inference_ms or None,
        price=None if price is None else round(price, 6),
        next=" ".join(part for part in (note, next_step(prediction)) if part),
    )
    outcome._note = note
    return outcome


def without_files(prediction: Prediction) -> Prediction:
    """The same prediction for a listing, with a note in place of each file inside its answer."""
    outputs = [INSIDE if is_inline(output) else output for output in prediction.outputs]
    return prediction.model_copy(update={"outputs": outputs})


def next_step(prediction: Prediction) -> str:
    """One sentence: which call to make next."""
    if not prediction.ended:
        return f'Still running: call check_status with ids ["{prediction.id}"], not generate again.'
    if prediction.status == COMPLETED and any(is_url(output) for output in prediction.outputs):
        return "URLs last 7 days; download_outputs saves them."
    return ""


def room_for(count: int) -> int:
    """How many characters the outputs of each of `count` predictions may take: together the room of one."""
    return LONGEST_OUTPUT_CHARS // max(1, count)


def is_url(output: object) -> bool:
    """`output` is a web address rather than text."""
    return isinstance(output, str) and output.startswith(("http://", "https://"))


def all_bounded(outputs: list[Any], room: int) -> list[str | dict[str, Any]]:
    """Outputs that fit a conversation together: the longer the earlier ones, the less of the later ones."""
    shown: list[str | dict[str, Any]] = []
    left = room
    for output in outputs[:MOST_OUTPUTS]:
        text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
        shown.append(bounded(output, text, max(left, SHORTEST_SHOWN_CHARS)))
        left -= len(text)
    if len(outputs) > MOST_OUTPUTS:
        shown.append(f"… ({len(outputs) - MOST_OUTPUTS} more outputs: download_outputs saves them all)")
    return shown


def bounded(output: Any, text: str, limit: int) -> str | dict[str, Any]:
    """An output, or as much of its text as `limit` allows; what is cut says so."""
    if len(text) <= limit:
        return output if isinstance(output, dict) else text
    left = len(text) - limit
    return f"{text[:limit]}… ({left} more characters: download_outputs saves the whole text)"
