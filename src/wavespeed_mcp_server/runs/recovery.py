"""Rule 4 of the ledger: finding the task of a submit whose answer was lost, or proving that there is none.

The account's history proves that there is no task only where it was read to its end for the time of the
attempt, and where that time is more than a minute ago. A history that refuses, stays silent, is cut short or
shows something that may be the task proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio

from ..api.client import PAGE_SIZE, WaveSpeed
from ..api.errors import ApiError
from ..api.wire import History, Prediction
from ..ledger import Ledger, Row
from .likeness import may_be_same, same_inputs

LOOK_SECONDS = 10.0
LOOK_PAUSES = (0.5, 1.0, 2.0, 3.0, 3.5)
SETTLED_SECONDS = 60.0
SLACK_SECONDS = 3.0
MAX_PAGES = 10

SILENT = "The history gave no answer in time."
SHORT = "The history has more tasks than were read."
YOUNG = "The history may not show it yet."
BEING_SENT = "Another run of this model is just being sent, and the task found may be its own."


@dataclass
class Lost:
    """A submit without an answer. `attempted_at` is Unix seconds, by the API's clock where `dated`.

    `sent_at` is the same moment on the event loop's clock, where this process sent it. `defaults` are the
    model's own, so that an input the API filled in compares equal.
    """

    key: int
    model: str
    body: dict[str, Any]
    attempted_at: float
    dated: bool
    sent_at: float | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Row, defaults: Mapping[str, Any] | None = None) -> Lost:
        """The submit that `row` notes."""
        return cls(row.key, row.model, row.inputs, row.attempted_at, row.dated, defaults=defaults or {})


@dataclass
class Finding:
    """What the history shows: the task itself, or some that it might be, or why it proves nothing.

    `proven`: there is no task.
    """

    prediction: Prediction | None = None
    candidates: list[str] = field(default_factory=list)
    doubt: str = ""

    @property
    def proven(self) -> bool:
        """The history proves that there is no such task."""
        return not (self.prediction or self.candidates or self.doubt)


@dataclass
class _Page:
    """What was read of the history: tasks of the model, newest first; `doubt` where that may not be all."""

    tasks: dict[str, Prediction] = field(default_factory=dict)
    doubt: str = SHORT


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
        finding = Finding(doubt=SILENT)
        with anyio.move_on_after(LOOK_SECONDS):
            for pause in (0.0, *LOOK_PAUSES):
                await anyio.sleep(pause)
                finding = Finding(doubt=SILENT)
                finding = await self.look(lost)
                if finding.prediction or (self._settled(lost) and finding.doubt != BEING_SENT):
                    break
        return finding

    async def look(self, lost: Lost) -> Finding:
        """Look once."""
        try:
            read = await self._read(lost)
        except ApiError as error:
            return Finding(doubt=str(error))
        await self._date(lost)
        owned = await self._ledger.taken(read.tasks)
        # Somebody who looked at the same time may have noted the task as this row's.
        mine = [one for one in read.tasks.values() if one.id in owned and owned[one.id].key == lost.key]
        if mine:
            return Finding(prediction=mine[0])
        free = [one for one in read.tasks.values() if one.id not in owned]
        finding = await self._among(lost, free)
        if finding.proven:
            finding.doubt = read.doubt or await self._too_young(lost)
        return finding

    async def missing(self, row: Row) -> Finding:
        """What the history shows of a row's task that the API's answer for its id misses.

        One 404 alone may be a slip. Where the history proves that it is gone, it is noted as deleted.
        """
        lost = Lost.of(row)
        try:
            read = await self._read(lost)
        except ApiError as error:
            return Finding(doubt=str(error))
        if row.id in read.tasks:
            return Finding(prediction=read.tasks[row.id])
        finding = Finding(doubt=read.doubt or await self._too_young(lost))
        if finding.proven:
            await self._ledger.ended(row.id, "deleted")
        return finding

    async def _among(self, lost: Lost, free: list[Prediction]) -> Finding:
        """Which of these tasks, which no row owns, is the one."""
        equal = [one for one in free if one.inputs is not None and _same(lost, one)]
        likely = [one for one in equal if self._after(lost, one)]
        unnamed = [one for one in free if one.inputs is None and self._after(lost, one)]
        similar = [one for one in free if one.inputs is not None and may_be_same(lost.body, one.inputs)]
        matches = likely or ([] if similar else unnamed)
        if len(matches) != 1:
            found = {one.id: None for one in (*matches, *equal, *similar, *unnamed)}
            return Finding(candidates=list(found))
        (match,) = matches
        sending, strayed = await self._ledger.rivals(lost.key, lost.model, lost.body if likely else None)
        if strayed:
            return Finding(candidates=[match.id])
        if sending:
            return Finding(doubt=BEING_SENT)
        if not await self._ledger.submitted(lost.key, match.id):
            return Finding(doubt=BEING_SENT)
        return Finding(prediction=match)

    def _after(self, lost: Lost, task: Prediction) -> bool:
        """The task was made after the attempt, as far as the times of both are known."""
        if task.created_at is None:
            return False
        since = lost.attempted_at
        if not lost.dated:
            now = self._ledger.now()
            since += now.at - now.local
        return task.created_at.timestamp() >= since - SLACK_SECONDS

    async def _read(self, lost: Lost) -> _Page:
        """The tasks of the model that may have been made by the attempt."""
        read = _Page()
        seen: set[str] = set()
        since = attempted = lost.attempted_at - SLACK_SECONDS if lost.dated else None
        last: Prediction | None = None
        for number in range(1, MAX_PAGES + 1):
            page = await self._client.history(
                page=number, page_size=PAGE_SIZE, model=lost.model, include_inputs=True
            )
            fresh = [one for one in page.predictions if one.id not in seen]
            seen.update(one.id for one in fresh)
            if len(page.predictions) < len(page.items):
                # An entry without an id may be the task.
                return read
            for one in fresh:
                if one.model in {"", lost.model} and not _is_before(one, attempted):
                    read.tasks[one.id] = one.model_copy(update={"model": lost.model})
            if not _is_newest_first(page.predictions, last):
                # Then a task before the attempt does not say that all after it were read.
                since = None
            last = page.predictions[-1] if page.predictions else last
            if _is_end(page, fresh, len(seen)) or (last is not None and _is_before(last, since)):
                read.doubt = ""
            if read.doubt == "" or not fresh:
                return read
        return read

    async def _date(self, lost: Lost) -> None:
        """The API's clock may have become known only by the search itself."""
        now = self._ledger.now()
        if not lost.dated and now.dated and lost.sent_at is not None:
            lost.attempted_at = now.at - (anyio.current_time() - lost.sent_at)
            lost.dated = True
            await self._ledger.date(lost.key, lost.attempted_at)

    async def _too_young(self, lost: Lost) -> str:
        """Why the history may lag behind the attempt, or nothing. Only the API's clock tells."""
        if not self._ledger.now().dated:
            return YOUNG
        since = lost.attempted_at if lost.dated else await self._ledger.missed(lost.key)
        return "" if self._ledger.now().at - since > SETTLED_SECONDS else YOUNG

    def _settled(self, lost: Lost) -> bool:
        return lost.dated and self._ledger.now().at - lost.attempted_at > SETTLED_SECONDS


def _is_end(page: History, fresh: list[Prediction], seen: int) -> bool:
    """Nothing comes after this page: there is nothing on it, or nothing new, and no more was promised."""
    if not page.listed or (page.total is not None and seen < page.total):
        return False
    return not page.items or (not fresh and page.total is not None)


def _is_newest_first(tasks: list[Prediction], last: Prediction | None) -> bool:
    times = [one.created_at for one in [*([last] if last else []), *tasks] if one.created_at is not None]
    return times == sorted(times, reverse=True)


def _is_before(task: Prediction, since: float | None) -> bool:
    return since is not None and task.created_at is not None and task.created_at.timestamp() < since


def _same(lost: Lost, task: Prediction) -> bool:
    return same_inputs(lost.body, task.inputs or {}, lost.defaults)
