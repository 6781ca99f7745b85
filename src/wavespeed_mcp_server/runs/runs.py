"""A run from request to result, and everything that can be asked about it afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any

import anyio

from ..api.client import WaveSpeed
from ..api.schedule import TYPICAL_SECONDS, Span
from ..api.waiting import Waiting, Watch
from ..api.wire import COMPLETED, FAILURES, Prediction
from ..catalog import Catalog
from ..files import Downloader, DownloadFailed, FileRefused, Reach, Uploader, is_inline, replace_inline
from ..ledger import Ledger
from .faults import TaskFailed
from .limits import Limits, Purse, unconfirmed
from .outcome import LONGEST_OUTPUT_CHARS, Outcome, tell
from .progress import Progress, share_of, silent
from .recovery import Recovery
from .request import Preparation, Prepared
from .submission import Call, Submission, Terms

REMEMBERED_FILES = 256
SAVE_SECONDS = 10.0


@dataclass
class Wish:
    """How a caller wants a run done: `wait_seconds` from `started`, `max_price` in USD, outputs saved or not.

    `consented`: the person agreed to the price; `can_ask`: they could be asked. `room` is about how many
    characters the outputs of one prediction may take.
    """

    wait_seconds: float
    max_price: float | None = None
    webhook: str = ""
    save: bool = False
    sync: bool = False
    consented: bool = False
    can_ask: bool = False
    room: int = LONGEST_OUTPUT_CHARS
    started: float = field(default_factory=anyio.current_time)

    @property
    def deadline(self) -> float:
        """When the caller must have an answer, on the event loop's clock."""
        return self.started + self.wait_seconds


class Runs:
    """Everything that submits, waits for and tells about predictions of one account."""

    def __init__(
        self,
        client: WaveSpeed,
        catalog: Catalog,
        ledger: Ledger,
        uploader: Uploader,
        downloader: Downloader,
        reach: Reach,
        limits: Limits,
    ) -> None:
        self.client = client
        self.catalog = catalog
        self.ledger = ledger
        self.purse = Purse(client, ledger, limits)
        self.uploader = uploader
        self.downloader = downloader
        self.reach = reach
        self.preparation = Preparation(catalog, uploader)
        self.recovery = Recovery(client, ledger)
        self.submission = Submission(client, ledger, self.recovery)
        self.waiting = Waiting(client)
        self._written: dict[str, tuple[list[Any], list[str]]] = {}
        self._learned = False

    @asynccontextmanager
    async def call(self) -> AsyncIterator[Call]:
        """The rows of one tool call. Left by an error or a cancellation, they are anybody's to pick up."""
        call = Call()
        try:
            yield call
        except BaseException:
            await self.ledger.release(call.keys)
            raise

    async def generate(
        self, call: Call, request: Prepared, wish: Wish, progress: Progress = silent
    ) -> Outcome:
        """Run a prepared request, or pick up the equal one that was cut off, and wait for it.

        What the person must agree to has been asked before.

        Raises:
            RunError: not run, failed, or maybe submitted.
        """
        watch, note = await self.submission.resume(call, request)
        if watch is None:
            watch = await self._buy(call, request, wish)
        note = " ".join(filter(None, (note, request.note)))
        outcome = await self.follow(watch, wish, progress, note=note, price=request.quote)
        if outcome.status in FAILURES:
            await self.ledger.deliver(call.keys)
            raise TaskFailed(watch.prediction)
        return outcome

    async def _buy(self, call: Call, request: Prepared, wish: Wish) -> Watch:
        if self.purse.needs_quote(wish.max_price):
            await self.afford(await self.purse.quote([request]), wish)
        terms = Terms(wish.deadline, self.purse.limits.daily, None, wish.webhook, wish.sync)
        return await self.submission.submit(call, request, terms)

    async def foresee(self, requests: Sequence[Prepared], max_price: float | None) -> float | None:
        """The sum that the person must agree to before these runs, USD; None where they need not be asked.

        Raises:
            NotRun: over a limit, or a price cannot be learned.
            LedgerUnavailable: there is a budget and no ledger to keep it.
        """
        if self.purse.limits.confirm_above is None:
            return None
        fresh = await self._not_running(requests)
        total = await self.purse.quote(fresh) if fresh else 0.0
        if not self.purse.asks_above(total):
            return None
        await self.purse.hold_against_limits(total, max_price)
        return total

    async def _not_running(self, requests: Sequence[Prepared]) -> list[Prepared]:
        """The requests that have no earlier task to follow; each task counts for one of them."""
        fresh: list[Prepared] = []
        async with self.call() as looked_at:
            for request in requests:
                row = await self.ledger.pick_up(request.model, request.body)
                if row is not None:
                    looked_at.keys.append(row.key)
                if row is None or not row.id:
                    fresh.append(request)
            await self.ledger.release(looked_at.keys)
        return fresh

    async def afford(self, total: float, wish: Wish) -> None:
        """Hold a quote against the limits and against what the person said.

        Raises:
            NotRun: it is over a limit, or the person did not agree.
            LedgerUnavailable: there is a budget and no ledger to keep it.
        """
        await self.purse.hold_against_limits(total, wish.max_price)
        if self.purse.asks_above(total) and not wish.consented:
            raise unconfirmed(total, self.purse.limits.confirm_above or 0.0, asked=wish.can_ask)

    async def follow(
        self,
        watch: Watch,
        wish: Wish,
        progress: Progress = silent,
        *,
        note: str = "",
        price: float | None = None,
    ) -> Outcome:
        """Wait for a task, record its end, and tell what it came to."""
        await self.watch(watch, wish.deadline, progress)
        return await self.outcome(
            watch,
            save=wish.save,
            deadline=wish.deadline,
            progress=progress,
            note=note,
            price=price,
            room=wish.room,
        )

    async def watch(self, watch: Watch, deadline: float, progress: Progress = silent) -> None:
        """Wait until the task ends or `deadline`; its end goes into the ledger."""
        await self._learn()
        typical = await self._typical(watch.prediction.model)

        async def report(watch: Watch) -> None:
            usual = self.waiting.usual(watch.prediction.model) or typical
            usually = f", usually {usual:.{usual < 10:d}f} s" if usual else ""
            prediction = watch.prediction
            message = f"{prediction.status}, {watch.elapsed:.0f} s{usually} ({prediction.id})"
            await progress(message, share_of(watch.elapsed, usual))

        await report(watch)
        try:
            await self.waiting.until_ended(watch, deadline, report)
        finally:
            if watch.prediction.ended:
                await self.ledger.ended(watch.prediction.id, watch.prediction.status, watch.seconds)

    async def outcome(
        self,
        watch: Watch,
        *,
        save: bool = False,
        deadline: float = 0.0,
        progress: Progress = silent,
        note: str = "",
        price: float | None = None,
        room: int = LONGEST_OUTPUT_CHARS,
    ) -> Outcome:
        """What a watched task came to so far; files in its outputs are on disk, all of them with `save`.

        Saving may take until `deadline` on the event loop's clock, and ten seconds at least. `room` is about
        how many characters the outputs may take.
        """
        prediction = watch.prediction
        notes = [note]
        if watch.fault is not None and not prediction.ended:
            notes.append(f"The last look failed: {watch.fault}")
        saved: list[str] = []
        trouble = ""
        if prediction.status == COMPLETED:
            outputs, saved = await self._without_inline(prediction)
            if save:
                downloaded, trouble = await self._save(prediction, deadline, progress, inline=bool(saved))
                saved = saved + downloaded
                notes.append(trouble)
            prediction = prediction.model_copy(update={"outputs": outputs})
        elapsed = watch.seconds if watch.seconds is not None else watch.elapsed
        outcome = tell(
            prediction, elapsed=elapsed, price=price, note=" ".join(filter(None, notes)), room=room
        )
        if save and saved and not trouble:
            # Nothing is left to do: the files are on disk.
            outcome = outcome.model_copy(update={"next": outcome.note})
        return outcome.model_copy(update={"saved": saved}) if saved else outcome

    async def _save(
        self, prediction: Prediction, deadline: float, progress: Progress, *, inline: bool
    ) -> tuple[list[str], str]:
        """The paths of what could be saved in time, and what went wrong; the result itself is safe."""
        rest = [output for output in prediction.outputs if not is_inline(output)]
        if inline and not rest:
            return [], ""

        async def report(done: int, total: int) -> None:
            await progress(f"saving, {done / 1e6:.1f} MB", done / total if total else None)

        until = max(deadline, anyio.current_time() + SAVE_SECONDS)
        try:
            with anyio.fail_after(until - anyio.current_time()):
                done = await self.downloader.save(
                    prediction.id, rest, model=prediction.model, on_progress=report
                )
        except TimeoutError:
            return [], f'Saving took too long: call download_outputs with ids ["{prediction.id}"].'
        except (FileRefused, DownloadFailed) as error:
            kept = error.saved if isinstance(error, DownloadFailed) else []
            return [str(one.path) for one in kept], f"Not everything was saved: {error}"
        return [str(one.path) for one in done], ""

    async def _without_inline(self, prediction: Prediction) -> tuple[list[Any], list[str]]:
        """Outputs with paths in place of inline files, and those paths."""
        if prediction.id in self._written:
            return self._written[prediction.id]
        try:
            outputs, files = await replace_inline(self.reach, prediction.id, prediction.outputs)
        except FileRefused as error:
            lost = f"(a file that could not be written: {error})"
            return [lost if is_inline(output) else output for output in prediction.outputs], []
        written = outputs, [str(one.path) for one in files]
        if files:
            while len(self._written) >= REMEMBERED_FILES:
                self._written.pop(next(iter(self._written)))
            self._written[prediction.id] = written
        return written

    async def look_up(self, prediction_id: str) -> Watch:
        """A task by its id, as it is now.

        Raises:
            NotFound: the account has no such task (any more).
            ApiError: it cannot be asked for now.
        """
        prediction = await self.client.result(prediction_id)
        started = anyio.current_time()
        if prediction.created_at is not None:
            age = time() + self.client.clock_offset - prediction.created_at.timestamp()
            started -= max(0.0, age)
        return Watch(prediction, started, last_seen_running=None)

    async def usual(self, model: str) -> float | None:
        """How long a run of `model` usually takes, seconds, where that is known."""
        await self._learn()
        return self.waiting.usual(model) or await self._typical(model)

    async def _typical(self, model: str) -> float | None:
        if self.waiting.usual(model) is not None:
            return None
        info = await self.catalog.at_hand(model)
        return TYPICAL_SECONDS.get(info.type) if info else None

    async def _learn(self) -> None:
        """Take over the run times that earlier processes saw."""
        if self._learned:
            return
        times = await self.ledger.run_times()
        if not self._learned:
            self._learned = True
            for model, seconds in times:
                self.waiting.learn(model, Span.around(seconds))
