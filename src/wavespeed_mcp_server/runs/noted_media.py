"""Saved outputs with what made them beside each, and shown to the person where they want that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio.to_thread

from ..files import DownloadFailed, Media
from ..files.downloads import Progress as DownloadProgress
from ..files.inline import Saved
from ..files.sidecar import Sidecar, write_sidecar
from ..ledger import Ledger, content_mark


class NotedMedia:
    """`Media` that writes a sidecar beside each file it saves, from what the ledger knows of the run.

    `show`, where there is one, opens a saved file in the system's viewer.
    """

    def __init__(
        self,
        media: Media,
        ledger: Ledger,
        *,
        project: str = "",
        sidecars: bool = True,
        show: Callable[[Path], object] | None = None,
    ) -> None:
        self._media = media
        self.saves = media.saves
        self._ledger = ledger
        self._project = project
        self._sidecars = sidecars
        self._show = show
        self.expand = media.expand
        self.source_problem = media.source_problem
        self.words_problem = media.words_problem
        self.path_problem = media.path_problem
        self.upload = media.upload
        self.digest = media.digest
        self.fetch = media.fetch

    async def save(
        self,
        prediction_id: str,
        outputs: list[Any],
        directory: str = "",
        *,
        model: str = "",
        name: str = "",
        fresh: bool = True,
        on_progress: DownloadProgress | None = None,
    ) -> list[Saved]:
        """See `Media`."""
        try:
            saved = await self._media.save(
                prediction_id,
                outputs,
                directory,
                model=model,
                name=name,
                fresh=fresh,
                on_progress=on_progress,
            )
        except DownloadFailed as error:
            await self._note(prediction_id, model, error.saved)
            raise
        await self._note(prediction_id, model, saved)
        return saved

    async def take_out_inline(
        self, prediction_id: str, outputs: list[Any], *, model: str = "", name: str = ""
    ) -> tuple[list[Any], list[Saved]]:
        """See `Media`."""
        shown, saved = await self._media.take_out_inline(prediction_id, outputs, model=model, name=name)
        await self._note(prediction_id, model, saved)
        return shown, saved

    async def _note_content(self, prediction_id: str, saved: list[Saved]) -> None:
        """So that a run which a saved file goes into knows where that came from."""
        marks = []
        for file in saved:
            with suppress(OSError):
                marks.append(content_mark(await anyio.to_thread.run_sync(_digest, file.path)))
        await self._ledger.made(prediction_id, marks)

    async def _note(self, prediction_id: str, model: str, saved: list[Saved]) -> None:
        if not saved:
            return
        if self._sidecars:
            row = (await self._ledger.by_ids([prediction_id])).get(prediction_id)
            made_at = datetime.fromtimestamp(row.attempted_at, UTC) if row else datetime.now(UTC)
            made = Sidecar(
                id=prediction_id,
                model=row.model if row else model,
                input=row.inputs if row else {},
                price=row.price if row else None,
                created_at=made_at.isoformat(timespec="seconds"),
                parents=row.parents if row else (),
                project=self._project,
            )
            await anyio.to_thread.run_sync(_write, made, saved)
        await self._note_content(prediction_id, saved)
        if self._show is not None:
            for file in saved:
                await anyio.to_thread.run_sync(self._show, file.path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(made: Sidecar, saved: list[Saved]) -> None:
    for file in saved:
        write_sidecar(file.path, Sidecar(**{**vars(made), "output": file.url or ""}))
