"""Waiting for tasks: their ends go into the ledger, and how far they are to whoever waits."""

from __future__ import annotations

import anyio

from ..api.client import WaveSpeed
from ..api.departure import Departure
from ..api.run_times import RunTimes
from ..api.schedule import TYPICAL_SECONDS, Span
from ..api.waiting import Waiting, Watch
from ..catalog import Catalog
from ..ledger import Ledger
from .outcome import output_urls
from .progress import Progress, share_of, silent


class Watching:
    """Waits for the tasks of one account, knowing how long runs of their models took before."""

    def __init__(
        self,
        client: WaveSpeed,
        catalog: Catalog,
        ledger: Ledger,
        run_times: RunTimes,
        departure: Departure,
    ) -> None:
        self._departure = departure
        self._client = client
        self._catalog = catalog
        self._ledger = ledger
        self._run_times = run_times
        self._waiting = Waiting(client, run_times)

    async def look_up(self, prediction_id: str) -> Watch:
        """A task by its id, as it is now.

        Raises:
            NotFound: the account has no such task (any more).
            ApiError: it cannot be asked for now.
        """
        prediction = await self._client.result(prediction_id)
        started = anyio.current_time()
        if prediction.created_at is not None:
            age = self._ledger.now().at - prediction.created_at.timestamp()
            started -= max(0.0, age)
        return Watch(prediction, started, last_seen_running=None)

    async def until_ended(self, watch: Watch, deadline: float, progress: Progress = silent) -> None:
        """Wait until the task ends or `deadline` on the event loop's clock; its end goes into the ledger."""
        usual = await self.usual(watch.prediction.model)

        async def report(watch: Watch) -> None:
            known = self._run_times.usual(watch.prediction.model) or usual
            usually = f", usually {known:.{known < 10:d}f} s" if known else ""
            prediction = watch.prediction
            message = f"{prediction.told_status}, {watch.elapsed:.0f} s{usually} ({prediction.id})"
            await progress(message, share_of(watch.elapsed, known))

        await report(watch)
        try:
            with self._departure.may_end():
                await self._waiting.until_ended(watch, deadline, report)
        finally:
            if watch.prediction.ended:
                ended = watch.prediction
                urls = output_urls(ended)
                await self._ledger.ended(ended.id, ended.status, watch.seconds, urls=urls)

    async def usual(self, model: str) -> float | None:
        """How long a run of `model` usually takes, seconds: as seen before, else as its type usually does."""
        await self._learn(model)
        seen = self._run_times.usual(model)
        if seen is not None:
            return seen
        info = await self._catalog.at_hand(model)
        return TYPICAL_SECONDS.get(info.type) if info else None

    async def _learn(self, model: str) -> None:
        """Take over the run times of `model` that earlier processes saw."""
        if model in self._run_times.loaded:
            return
        times = await self._ledger.run_times(model)
        if model not in self._run_times.loaded:
            self._run_times.loaded.add(model)
            for seconds in times:
                self._run_times.learn(model, Span.around(seconds))
