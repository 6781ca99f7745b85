"""What a person can do on the page: save, pick, open the folder, delete."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup

from ..api.client import WaveSpeed
from ..api.errors import ApiError
from ..api.wire import COMPLETED, Prediction
from ..files import Downloader, DownloadFailed, FileRefused
from ..files.inline import Saved
from ..files.sidecar import Sidecar, write_sidecar
from .collection import Collection
from .run import Run
from .sources import Sources

MOST_AT_ONCE = 1000
SAVED_AT_ONCE = 3
CONFIRM_SECONDS = 120.0
MOST_PICKS = 500
COMPARED = range(2, 5)


class Refused(Exception):
    """It cannot be done; the text says why."""


class Changes:
    """Carries out what the page asks for. Long work goes on in `background`; its end is seen in the runs."""

    def __init__(
        self,
        collection: Collection,
        sources: Sources,
        client: WaveSpeed,
        downloader: Downloader,
        root: Path,
        state: Path,
        background: TaskGroup,
        *,
        sidecars: bool = True,
        show_folder: Callable[[Path], bool] = lambda _: False,
    ) -> None:
        self._collection = collection
        self._watching = sources
        self._client = client
        self._downloader = downloader
        self._root = root
        self._picks_file = state / "gallery.json"
        self._background = background
        self._sidecars = sidecars
        self._show_folder = show_folder
        self._turn = anyio.CapacityLimiter(SAVED_AT_ONCE)
        self._asked: dict[str, tuple[frozenset[str], float]] = {}
        self._picks: dict[str, str] = {}

    async def load(self) -> None:
        """Bring back the picks of earlier days."""
        self._picks = await anyio.to_thread.run_sync(_read_picks, self._picks_file)
        self._collection.tell(picks=dict(self._picks))

    def save(self, keys: list[str]) -> int:
        """Begin to save these runs' outputs; returns how many there are to save."""
        found = [run for run in self._runs(keys) if run.id and not run.saved and not run.saving]
        for run in found:
            self._collection.note(run.key, saving=True, trouble="")
            self._background.start_soon(self._save, run)
        return len(found)

    async def _save(self, run: Run) -> None:
        trouble = ""
        try:
            async with self._turn:
                trouble = await self._save_now(run)
        except ApiError as error:
            trouble = str(error)
        except FileRefused:
            trouble = "The output directory cannot be written to."
        except DownloadFailed as error:
            trouble = f"Not everything was saved: {error}"
        finally:
            self._collection.note(run.key, saving=False, trouble=trouble)

    async def _save_now(self, run: Run) -> str:
        prediction = await self._client.result(run.id)
        if prediction.status != COMPLETED:
            return f"It is {prediction.status}: there is nothing to save."
        try:
            saved = await self._downloader.save(run.id, prediction.outputs, model=prediction.model)
        except DownloadFailed as error:
            await self._note(run, prediction, error.saved)
            raise
        await self._note(run, prediction, saved)
        return ""

    async def _note(self, run: Run, prediction: Prediction, saved: list[Saved]) -> None:
        if self._sidecars:
            made = Sidecar(
                id=run.id,
                model=run.model,
                input=run.input or prediction.inputs or {},
                price=run.charged if run.charged is not None else run.quote,
                created_at=prediction.created_at.isoformat() if prediction.created_at else "",
                parents=tuple(one.id for one in self._collection.parents(run) if one.id),
                project=run.project,
            )
            for file in saved:
                beside = Sidecar(**{**vars(made), "output": file.url or ""})
                await anyio.to_thread.run_sync(write_sidecar, file.path, beside)
        await self._watching.look_at_folder()

    async def pick(self, keys: list[str], picked: str) -> None:
        """Remember which of the runs side by side was the best; an empty `picked` forgets it.

        Raises:
            Refused: these are not two to four runs, or it is none of them.
        """
        group = sorted(set(keys))
        if len(group) not in COMPARED or (picked and picked not in group):
            raise Refused("Two to four runs are compared, and the pick is one of them.")
        self._runs(group)
        name = ",".join(group)
        self._picks.pop(name, None)
        if picked:
            self._picks[name] = picked
        while len(self._picks) > MOST_PICKS:
            self._picks.pop(next(iter(self._picks)))
        self._collection.tell(picks=dict(self._picks))
        await anyio.to_thread.run_sync(_write_picks, self._picks_file, dict(self._picks))

    async def folder(self, key: str) -> None:
        """Open the folder of a saved run in the system's file manager.

        Raises:
            Refused: nothing of it is saved, or there is no file manager.
        """
        (run,) = self._runs([key])
        if not run.files:
            raise Refused("Nothing of this run is saved in the output directory.")
        path = self._root / next(iter(run.files))
        if not await anyio.to_thread.run_sync(self._show_folder, path):
            raise Refused("No file manager could be started here.")

    async def delete(self, keys: list[str], confirmation: str) -> dict[str, Any]:
        """Delete runs and their outputs at the API, for good. The first call only says what to confirm.

        Raises:
            Refused: none of them can be deleted, or the confirmation is not of these runs.
            ApiError: the API did not do it.
        """
        ids = [run.id for run in self._runs(keys) if run.id and run.task is not None and run.task.ended]
        if not ids:
            raise Refused("Only runs that have ended, and that the account still has, can be deleted.")
        if not confirmation:
            return {"confirm": self._ask(ids), "runs": len(ids)}
        asked, until = self._asked.pop(confirmation, (frozenset(), 0.0))
        if asked != frozenset(ids) or anyio.current_time() > until:
            raise Refused("That was not confirmed for these runs; ask again.")
        deleted = await self._client.delete(ids)
        if deleted == len(ids):
            self._collection.forget_tasks(ids)
        else:
            for one in ids:
                with suppress(ApiError):
                    await self._watching.look_up(one)
        return {"deleted": deleted}

    def _ask(self, ids: list[str]) -> str:
        now = anyio.current_time()
        self._asked = {name: asked for name, asked in self._asked.items() if asked[1] > now}
        confirmation = secrets.token_urlsafe(16)
        self._asked[confirmation] = (frozenset(ids), now + CONFIRM_SECONDS)
        return confirmation

    def _runs(self, keys: list[str]) -> list[Run]:
        if len(keys) > MOST_AT_ONCE:
            raise Refused(f"At most {MOST_AT_ONCE} runs at once.")
        missing = [key for key in keys if key not in self._collection.runs]
        if missing:
            raise Refused(f"There is no run {missing[0][:80]}.")
        return [self._collection.runs[key] for key in dict.fromkeys(keys)]

    def expiring(self) -> list[str]:
        """The runs whose outputs are deleted within a day and are not saved."""
        now = time()
        return [run.key for run in self._collection.runs.values() if run.expires_unsaved(now)]


def _read_picks(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_bytes()).get("picks")
    except (OSError, ValueError, AttributeError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: key for name, key in found.items() if isinstance(key, str)}


def _write_picks(path: Path, picks: dict[str, str]) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"picks": picks}, file)
        part.replace(path)
