"""What a run came to, as agents and people are told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, PrivateAttr

from ..api.errors import LEFT_TO_THE_PERSON, MODERATED
from ..api.wire import COMPLETED, FAILURES, SYNC_EXPIRED, Prediction
from ..files import is_inline, texts_in
from ..text import one_line
from .faults import failure_reason

LONGEST_OUTPUT_CHARS = 20_000
SHORTEST_SHOWN_CHARS = 1_000
MOST_OUTPUTS = 100
UNSAVED_ROOM = 10
"""How much more is shown of outputs that cannot be saved whole."""
INSIDE = {
    True: "(a file inside the answer: download_outputs saves it)",
    False: "(a file inside the answer: check_status gives its URL)",
}
NOT_SUBMITTED = "not_submitted"
NOT_FOUND = "not_found"
UNKNOWN = "unknown"
PROMPT_CHARS = 80
PROMPT_INPUTS = ("prompt", "text", "lyrics", "tags", "description", "style_prompt", "instruction")
DIGEST = "sha256:"


class Outcome(BaseModel):
    """One prediction. Empty fields are left out."""

    id: str = ""
    model: str = ""
    status: str = ""
    outputs: Annotated[list[str | dict[str, Any]], Field(description="URLs, text, or objects")] = []
    error: str = ""
    created_at: str = ""
    prompt: str = ""
    vary: Annotated[dict[str, Any], Field(description="inputs that differ from rows alike")] = {}
    elapsed_seconds: float | None = None
    usually_seconds: float | None = None
    inference_ms: int | None = None
    price: Annotated[float | None, Field(description="USD, quoted")] = None
    charged: Annotated[float | None, Field(description="USD, billed")] = None
    saved: Annotated[list[str], Field(description="paths")] = []
    next: str = ""
    _note: str = PrivateAttr("")
    _sendable: bool = PrivateAttr(False)

    @property
    def note(self) -> str:
        """What is particular to this one, without the call to make next."""
        return self._note

    @property
    def sendable(self) -> bool:
        """Nothing speaks against sending it again as it is: it found no place in time."""
        return self._sendable

    @property
    def cost(self) -> float | None:
        """What it cost, USD: what was charged, else the quote; None where neither is known."""
        return self.charged if self.charged is not None else self.price

    def facts(self) -> dict[str, Any]:
        """Its fields without the empty ones."""
        return {name: value for name, value in self.model_dump().items() if value not in (None, "", [], {})}


def tell(
    prediction: Prediction,
    *,
    elapsed: float | None = None,
    usual: float | None = None,
    price: float | None = None,
    charged: float | None = None,
    note: str = "",
    room: int = LONGEST_OUTPUT_CHARS,
    saves: bool = True,
) -> Outcome:
    """What `prediction` is, with the call to make next.

    `elapsed` and `usual` (of runs of its model) are seconds, `price` and `charged` USD, `room` about how many
    characters its outputs may take. `saves`: outputs can be kept where the caller finds them.
    """
    failed = prediction.status in FAILURES
    error = failure_reason(prediction) if failed else ""
    if failed and prediction.code == MODERATED:
        error = f"{error}. {LEFT_TO_THE_PERSON}"
    if not failed and prediction.code != SYNC_EXPIRED:
        error = one_line(prediction.error)
    outcome = Outcome(
        id=prediction.id,
        model=prediction.model,
        status=prediction.told_status,
        outputs=all_bounded(prediction.outputs, room, saves=saves),
        error=error,
        elapsed_seconds=None if elapsed is None else round(elapsed, 1),
        usually_seconds=None if usual is None or prediction.ended else round(usual, usual < 10),
        inference_ms=prediction.inference_ms or None,
        # What failed is refunded: only a bill can say what it cost.
        price=None if price is None or failed else round(price, 6),
        charged=None if charged is None else round(charged, 6),
        next=" ".join(part for part in (note, next_step(prediction, saves=saves)) if part),
    )
    outcome._note = note
    return outcome


def as_row(outcome: Outcome, made: datetime | None, inputs: Mapping[str, Any]) -> Outcome:
    """The same outcome where several are told apart: with its time and the beginning of its prompt."""
    created = f"{made.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if made is not None else ""
    return outcome.model_copy(update={"created_at": created, "prompt": prompt_of(inputs)})


def prompt_of(inputs: Mapping[str, Any]) -> str:
    """The beginning of what these inputs ask for in words, as one line; "" where they use none."""
    for name in PROMPT_INPUTS:
        text = inputs.get(name)
        if isinstance(text, str) and text.strip() and not text.startswith(DIGEST):
            return one_line(text, PROMPT_CHARS)
    return ""


def without_files(prediction: Prediction, *, saves: bool = True) -> Prediction:
    """The same prediction for a listing, with a note in place of each file inside its answer."""
    outputs = [INSIDE[saves] if is_inline(output) else output for output in prediction.outputs]
    return prediction.model_copy(update={"outputs": outputs})


def next_step(prediction: Prediction, *, saves: bool = True) -> str:
    """One sentence: which call to make next."""
    if not prediction.ended:
        return f'Still running: call check_status with ids ["{prediction.id}"], not generate again.'
    if prediction.status == COMPLETED and any(is_url(output) for output in prediction.outputs):
        return f"URLs last 7 days{'; download_outputs saves them' if saves else ''}."
    return ""


def room_for(count: int) -> int:
    """How many characters the outputs of each of `count` predictions may take: together the room of one."""
    return LONGEST_OUTPUT_CHARS // max(1, count)


def is_url(output: object) -> bool:
    """`output` is a web address rather than text."""
    return isinstance(output, str) and output.startswith(("http://", "https://"))


def output_urls(prediction: Prediction) -> list[str]:
    """Every web address among its outputs, also inside objects."""
    return [text for text in texts_in(prediction.outputs) if is_url(text)]


def all_bounded(outputs: list[Any], room: int, *, saves: bool) -> list[str | dict[str, Any]]:
    """Outputs that fit a conversation together: the longer the earlier ones, the less of the later ones."""
    shown: list[str | dict[str, Any]] = []
    left = room if saves else room * UNSAVED_ROOM
    for output in outputs[:MOST_OUTPUTS]:
        text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
        shown.append(bounded(output, text, max(left, SHORTEST_SHOWN_CHARS), saves=saves))
        left -= len(text)
    if len(outputs) > MOST_OUTPUTS:
        how = ": download_outputs saves them all" if saves else ""
        shown.append(f"… ({len(outputs) - MOST_OUTPUTS} more outputs{how})")
    return shown


def bounded(output: Any, text: str, limit: int, *, saves: bool) -> str | dict[str, Any]:
    """An output, or as much of its text as `limit` allows; what is cut says so."""
    if len(text) <= limit:
        return output if isinstance(output, dict) else text
    left = len(text) - limit
    how = ": download_outputs saves the whole text" if saves else ""
    return f"{text[:limit]}… ({left} more characters{how})"
