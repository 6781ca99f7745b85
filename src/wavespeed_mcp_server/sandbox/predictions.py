"""Predictions: what was asked for, where each one is in its life, and how the API prints it."""

import heapq
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio

from .models import Model
from .wire import Json

ENDED = ("completed", "failed", "cancelled", "timeout")

# The share of a run's time that it spends in the queue, as `created`.
_QUEUE = 0.1


@dataclass(slots=True)
class Prediction:
    """One task, of the account that `key` leads to.

    Moments ending in `_at` are Unix seconds; `starts`, `due` and `ended` are monotonic ones. `due` is None
    for a task that ends only by hand. `polls` counts result requests, and `seen_ended_at` is when one was
    first answered with the end.
    """

    id: str
    model: Model
    sent: Json
    inputs: Json
    price: float
    key: str
    created_ns: int
    starts: float
    due: float | None
    webhook: str = ""
    fate: tuple[int, str] | None = None
    embedded: list[str] | None = None
    status: str = ""
    code: int = 0
    error: str = ""
    outputs: list[Any] = field(default_factory=list)
    inference_ms: int = 0
    completed_at: float | None = None
    seen_ended_at: float | None = None
    polls: int = 0
    done: anyio.Event = field(default_factory=anyio.Event)

    @property
    def created_at(self) -> float:
        # As exact as a client can say it back: microseconds.
        return self.created_ns // 1000 / 1e6

    def status_now(self) -> str:
        """`created`, then `processing`, then one of `ENDED`."""
        if self.status:
            return self.status
        waiting = not self.polls if self.due is None else time.monotonic() < self.starts
        return "created" if waiting else "processing"

    def note_poll(self) -> None:
        """Counts a result request, and remembers when the end was first told."""
        self.polls += 1
        if self.status and self.seen_ended_at is None:
            self.seen_ended_at = time.time()

    def shown(self, url: str) -> Json:
        """The prediction object; `url` is the API's own base URL."""
        shown: Json = {
            "id": self.id,
            "model": self.model.model_id,
            "outputs": self.outputs,
            "urls": {"get": f"{url}/api/v3/predictions/{self.id}/result"},
            "has_nsfw_contents": [False for _ in self.outputs],
            "status": self.status_now(),
            "created_at": printed_time(self.created_ns),
            "error": self.error,
            "executionTime": self.inference_ms,
            "timings": {"inference": self.inference_ms},
        }
        if self.code:
            shown["code"] = self.code
        return shown


def printed_time(ns: int) -> str:
    """ISO 8601 with nine fractional digits and a Z, as in the API's newer answers."""
    whole = datetime.fromtimestamp(ns // 1_000_000_000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ns % 1_000_000_000:09d}Z"


class Predictions:
    """All tasks by id. Those that end by themselves wait in a heap, so no request scans them all."""

    def __init__(self, on_end: Callable[[Prediction], None]) -> None:
        self.by_id: dict[str, Prediction] = {}
        self._due: list[tuple[float, str]] = []
        self._on_end = on_end

    def create(
        self,
        model: Model,
        *,
        sent: Json,
        inputs: Json,
        price: float,
        key: str,
        seconds: float | None,
        webhook: str,
    ) -> Prediction:
        """A task that ends in `seconds`, or only by hand if that is None."""
        now = time.monotonic()
        prediction = Prediction(
            id="sandbox" + secrets.token_hex(13)[:25],
            model=model,
            sent=sent,
            inputs=inputs,
            price=price,
            key=key,
            created_ns=time.time_ns(),
            starts=now + _QUEUE * (seconds or 0),
            due=None if seconds is None else now + seconds,
            webhook=webhook,
        )
        self.by_id[prediction.id] = prediction
        if prediction.due is not None:
            heapq.heappush(self._due, (prediction.due, prediction.id))
        return prediction

    def advance(self) -> None:
        """Ends every task whose time is up."""
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            due, prediction_id = heapq.heappop(self._due)
            prediction = self.by_id.get(prediction_id)
            if prediction is not None and not prediction.status:
                self.end(prediction, when=due)

    def end(self, prediction: Prediction, *, when: float | None = None) -> None:
        """Ends one task (at the monotonic moment `when`, else now) with its fate: done, or failed."""
        now = time.monotonic()
        when = now if when is None else when
        prediction.status = "failed" if prediction.fate else "completed"
        prediction.code, prediction.error = prediction.fate or (0, "")
        prediction.inference_ms = max(1, round((when - prediction.starts) * 1000))
        prediction.completed_at = max(prediction.created_at, time.time() - (now - when))
        self._on_end(prediction)
        prediction.done.set()

    async def wait(self, prediction: Prediction) -> None:
        """Returns when the task has ended."""
        self.advance()
        while not prediction.status:
            if prediction.due is None:
                await prediction.done.wait()
            else:
                with anyio.move_on_after(max(0.0, prediction.due - time.monotonic())):
                    await prediction.done.wait()
                self.advance()
