"""What a watched task came to: its files put where the caller can use them, and the call to make next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio

from ..api.waiting import Watch
from ..api.wire import COMPLETED, Prediction
from ..files import DownloadFailed, FileRefused, Media, is_inline
from ..ledger import Row
from .options import RunOptions
from .outcome import Outcome, tell
from .progress import Progress, silent, tell_bytes

REMEMBERED_FILES = 256
SAVE_SECONDS = 10.0


@dataclass(frozen=True)
class Costs:
    """What a run was quoted at and what it was charged, USD; None where that is not known."""

    quoted: float | None = None
    charged: float | None = None

    @classmethod
    def of(cls, row: Row | None) -> Costs:
        """As the ledger has it."""
        return cls(row.quote, row.charged) if row is not None else cls()

    @property
    def known(self) -> bool:
        """One of them is."""
        return self.quoted is not None or self.charged is not None


NO_COSTS = Costs()


class Results:
    """Tells what tasks of one account came to."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self._written: dict[str, tuple[list[Any], list[str]]] = {}

    async def of(
        self,
        watch: Watch,
        options: RunOptions,
        progress: Progress = silent,
        *,
        note: str = "",
        usual: float | None = None,
        costs: Costs = NO_COSTS,
        source: str = "",
    ) -> Outcome:
        """What a task came to so far; files inside its outputs are taken out, and all saved where asked for.

        Saving may take until the deadline, and ten seconds at least. `usual`: how many seconds runs of its
        model take. `source` begins the names of its files, where the caller gave none.
        """
        prediction = watch.prediction
        made_from = f"{source}-{prediction.model.rpartition('/')[2]}-{prediction.id}" if source else ""
        name = options.save_as or made_from
        notes = [note]
        if watch.fault is not None and not prediction.ended:
            notes.append(f"The last look failed: {watch.fault}")
        saved: list[str] = []
        trouble = ""
        if prediction.status == COMPLETED:
            outputs, saved = await self._without_inline(prediction, name)
            if options.save:
                done, trouble = await self._save(prediction, name, options, progress)
                saved = list(dict.fromkeys([*saved, *done])) if trouble else done
                notes.append(trouble)
            prediction = prediction.model_copy(update={"outputs": outputs})
        # When a task ended that nobody watched to its end is not known.
        ran = watch.ran if watch.seconds is None else watch.seconds
        elapsed = ran if prediction.ended else watch.elapsed
        outcome = tell(
            prediction,
            saves=self._media.saves,
            elapsed=elapsed,
            usual=usual,
            price=costs.quoted,
            charged=costs.charged,
            note=" ".join(filter(None, notes)),
            room=options.room,
        )
        if options.save and saved and not trouble:
            # Nothing is left to do: the files are on disk.
            outcome = outcome.model_copy(update={"next": outcome.note})
        return outcome.model_copy(update={"saved": saved}) if saved else outcome

    async def _save(
        self, prediction: Prediction, name: str, options: RunOptions, progress: Progress
    ) -> tuple[list[str], str]:
        """The paths of what could be saved in time, and what went wrong; the result itself is safe."""
        report = partial(tell_bytes, progress, "saved")
        until = max(options.deadline, anyio.current_time() + SAVE_SECONDS)
        try:
            with anyio.fail_after(until - anyio.current_time()):
                done = await self._media.save(
                    prediction.id,
                    prediction.outputs,
                    model=prediction.model,
                    name=name,
                    on_progress=report,
                )
        except TimeoutError:
            return [], f'Saving took too long: call download_outputs with ids ["{prediction.id}"].'
        except (FileRefused, DownloadFailed) as error:
            done = error.saved if isinstance(error, DownloadFailed) else []
            return [str(one.path) for one in done], f"Not everything was saved: {error}"
        return [str(one.path) for one in done], ""

    async def _without_inline(self, prediction: Prediction, name: str) -> tuple[list[Any], list[str]]:
        """Outputs with an address in place of each file that was inside them, and the paths among those."""
        if prediction.id in self._written:
            return self._written[prediction.id]
        try:
            outputs, files = await self._media.take_out_inline(
                prediction.id, prediction.outputs, model=prediction.model, name=name
            )
        except FileRefused as error:
            lost = f"(a file that could not be written: {error})"
            return [lost if is_inline(output) else output for output in prediction.outputs], []
        written = outputs, [str(one.path) for one in files]
        if files:
            while len(self._written) >= REMEMBERED_FILES:
                self._written.pop(next(iter(self._written)))
            self._written[prediction.id] = written
        return written
