"""Finding the task of a submit whose answer was lost, in the account's history."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import time
from typing import Any

import anyio

from ..api.client import PAGE_SIZE, WaveSpeed
from ..api.errors import ApiError, Unanswered
from ..api.wire import Prediction
from ..ledger import Ledger, digest_long_texts

LOOK_SECONDS = 10.0
LOOK_PAUSES = (0.5, 1.0, 2.0, 3.0, 3.5)
SETTLED_SECONDS = 60.0
SLACK_SECONDS = 3.0
MAX_PAGES = 5


@dataclass(frozen=True)
class Lost:
    """A submit without an answer. `attempted_at` is Unix seconds by this machine's clock.

    `defaults` are the model's own, so that an input the API filled in compares equal.
    """

    key: int
    model: str
    inputs: dict[str, Any]
    attempted_at: float
    defaults: dict[str, Any] = field(default_factory=dict)


@dataclass
class Finding:
    """What the history shows: the task itself, or several that it might be. `fault`: it could not be read."""

    prediction: Prediction | None = None
    candidates: list[str] = field(default_factory=list)
    fault: ApiError | None = None

    @property
    def empty(self) -> bool:
        """The history was read, and there is nothing."""
        return not (self.prediction or self.candidates or self.fault)


class BeingSent(Unanswered):
    """A task was found, and an attempt still being sent may be the one that made it: its answer will say."""

    def __init__(self) -> None:
        super().__init__("Another run of this model is just being sent, and the task found may be its own.")


class Recovery:
    """Searches the history for tasks that no ledger row owns."""

    def __init__(self, client: WaveSpeed, ledger: Ledger) -> None:
        self._client = client
        self._ledger = ledger

    async def find(self, lost: Lost) -> Finding:
        """Look for up to ten seconds, or once where the attempt is old enough to have settled.

        A task found is noted as the row's own before it is returned.
        """
        await self._ledger.lost(lost.key)
        silent = Finding(fault=Unanswered("The history gave no answer in time."))
        finding = silent
        with anyio.move_on_after(LOOK_SECONDS):
            for pause in (0.0, *LOOK_PAUSES):
                await anyio.sleep(pause)
                finding = silent
                finding = await self.look(lost)
                if finding.prediction or (_settled(lost) and not isinstance(finding.fault, BeingSent)):
                    break
        return finding

    async def look(self, lost: Lost) -> Finding:
        """Look once; a history that cannot be read shows nothing."""
        try:
            candidates = await self._candidates(lost)
        except ApiError as error:
            return Finding(fault=error)
        owned = await self._ledger.by_ids(one.id for one in candidates)
        # Somebody who looked at the same time may have noted the task as this row's.
        mine = [one for one in candidates if one.id in owned and owned[one.id].key == lost.key]
        if mine:
            return Finding(prediction=mine[0])
        free = [one for one in candidates if one.id not in owned]
        equal = [one for one in free if one.inputs is not None and _same(lost, one.inputs)]
        matches = equal or [one for one in free if one.inputs is None]
        if len(matches) > 1:
            return Finding(candidates=[one.id for one in matches])
        if not matches:
            return Finding()
        sending, strayed = await self._ledger.rivals(lost.key, lost.model, lost.inputs if equal else None)
        if strayed:
            return Finding(candidates=[matches[0].id])
        if sending:
            return Finding(fault=BeingSent())
        if not await self._ledger.submitted(lost.key, matches[0].id):
            return Finding()
        return Finding(prediction=matches[0])

    async def missing(self, lost: Lost, prediction_id: str) -> Finding:
        """What the history shows of a row's task that the API's answer for its id misses.

        One 404 alone may be a slip. Where the history misses it too it is gone, and noted as deleted; but
        not while it is young, since the history lags behind.
        """
        try:
            listed = {one.id: one for one in await self._candidates(lost)}
        except ApiError as error:
            return Finding(fault=error)
        if prediction_id not in listed:
            if not _settled(lost):
                return Finding(fault=Unanswered("The history may not show it yet."))
            await self._ledger.ended(prediction_id, "deleted")
        return Finding(prediction=listed.get(prediction_id))

    async def _candidates(self, lost: Lost) -> list[Prediction]:
        """Tasks of the model created since the attempt, by the API's clock."""
        found: dict[str, Prediction] = {}
        for page in range(1, MAX_PAGES + 1):
            history = await self._client.history(
                page=page, page_size=PAGE_SIZE, model=lost.model, include_inputs=True
            )
            since = lost.attempted_at + self._client.clock_offset - SLACK_SECONDS
            dated = [one for one in history.predictions if one.created_at is not None]
            recent = [one for one in dated if one.created_at and one.created_at.timestamp() >= since]
            named = [one if one.model else one.model_copy(update={"model": lost.model}) for one in recent]
            found |= {one.id: one for one in named if one.model == lost.model}
            if len(history.items) < PAGE_SIZE or len(recent) < len(dated):
                break
        return list(found.values())


def _settled(lost: Lost) -> bool:
    return time() - lost.attempted_at > SETTLED_SECONDS


def _same(lost: Lost, theirs: dict[str, Any]) -> bool:
    """Equal inputs, where one side may spell out the model's defaults."""
    defaults = digest_long_texts(lost.defaults)
    return {**defaults, **digest_long_texts(lost.inputs)} == {**defaults, **digest_long_texts(theirs)}
