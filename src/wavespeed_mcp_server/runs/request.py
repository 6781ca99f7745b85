"""A request on its way to the API: checked, its files uploaded, not yet submitted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..catalog import Catalog, Model, has_sync_flag
from ..files import Media, marked_paths, replace_markers
from ..gather import gather_first_error
from .checking import checked_input
from .progress import Progress


@dataclass
class Prepared:
    """`body` is exactly what will be sent. `info` is None where the catalog cannot tell. `quote` is USD.

    `given` and `note` are those of `CheckedInput`.
    `superseded` are the keys of earlier equal requests whose tasks could not be found: submitting this one
    settles them.
    """

    model: str
    body: dict[str, Any]
    info: Model | None = None
    quote: float | None = None
    given: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    superseded: list[int] = field(default_factory=list)

    @property
    def cost(self) -> float | None:
        """What to expect, USD: the quote, else the catalog's base price."""
        if self.quote is not None:
            return self.quote
        return self.info.base_price if self.info else None


class Preparation:
    """Steps 1 and 2 of a run: the model exists, the input is legal, `@` files are uploaded."""

    def __init__(self, catalog: Catalog, media: Media) -> None:
        self._catalog = catalog
        self._media = media

    async def prepare(
        self, model: str, inputs: dict[str, Any], *, sync: bool = False, progress: Progress | None = None
    ) -> Prepared:
        """Check a request and upload its files. Nothing is spent.

        Raises:
            UnknownModel, InputRefused: the catalog says no.
            FileRefused: a file may not be read, or is no media.
            ApiError: an upload did not work.
        """
        info = await self._catalog.model(model)
        checked = await checked_input(model, info, inputs, self._media)
        body = replace_markers(checked.input, await self._upload(checked.input, progress))
        if info is not None and has_sync_flag(info):
            body["enable_sync_mode"] = sync
        return Prepared(model, body, info, given=checked.given, note=checked.note)

    async def estimate(self, model: str, inputs: dict[str, Any]) -> Prepared:
        """As `prepare`, for a price alone: required inputs may still be missing."""
        info = await self._catalog.model(model)
        checked = await checked_input(model, info, inputs, self._media, whole=False)
        body = replace_markers(checked.input, await self._upload(checked.input, None))
        return Prepared(model, body, info, given=checked.given, note=checked.note)

    async def _upload(self, inputs: dict[str, Any], progress: Progress | None) -> dict[str, str]:
        paths = sorted(marked_paths(inputs))
        if not paths:
            return {}
        if progress is not None:
            await progress(f"uploading {len(paths)} file{'s' if len(paths) > 1 else ''}")
        uploads = await gather_first_error(self._media.upload, paths)
        return {path: upload.url for path, upload in zip(paths, uploads, strict=True)}
