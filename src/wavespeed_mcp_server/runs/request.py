"""A request on its way to the API: checked, its files uploaded, not yet submitted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..api.waiting import Watch
from ..catalog import Catalog, Model, has_sync_flag
from ..files import Media, marked_paths, replace_markers
from ..gather import gather_first_error
from ..ledger import Asked, Ledger
from .checking import checked_input
from .progress import Progress


@dataclass
class Prepared:
    """`input` is checked; `body` is exactly what will be sent, once its files are uploaded.

    `urls` are those uploads by path, `digests` the SHA-256 of each file. `info` is None where the catalog
    cannot tell. `quote` and `charged` are USD. `source` begins the names of what is saved. `given` and `note`
    are those of `CheckedInput`.

    `key` is its row in the ledger where it is to be bought, `earlier` the task it follows where not, with the
    row `followed`; `followed_note` says so. `excluding` are the rows that were followed in vain: submitting
    this one settles them. `refusal`: neither, and why.
    """

    model: str
    input: dict[str, Any]
    body: dict[str, Any] = field(default_factory=dict)
    info: Model | None = None
    urls: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    quote: float | None = None
    charged: float | None = None
    source: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    asked: Asked = field(default_factory=lambda: Asked("", ""))
    key: int = 0
    earlier: Watch | None = None
    followed: int = 0
    followed_note: str = ""
    excluding: list[int] = field(default_factory=list)
    refusal: Exception | None = None

    @property
    def cost(self) -> float | None:
        """What to expect, USD: the quote, else the catalog's base price."""
        if self.quote is not None:
            return self.quote
        return self.info.base_price if self.info else None


class Preparation:
    """The model exists, the input is legal, `@` files are uploaded."""

    def __init__(self, catalog: Catalog, media: Media, ledger: Ledger) -> None:
        self._catalog = catalog
        self._media = media
        self._ledger = ledger

    async def check(self, model: str, inputs: dict[str, Any]) -> Prepared:
        """A request that is legal, with nothing uploaded yet.

        Raises:
            UnknownModel, InputRefused: the catalog says no.
        """
        info = await self._catalog.model(model)
        whole = info.model_id if info is not None else model
        checked = await checked_input(whole, info, inputs, self._media, self._ledger)
        taken = "" if whole.lower() == model.strip().lower() else f"{model[:80]!r} was taken as {whole}."
        note = " ".join(filter(None, (taken, checked.note)))
        return Prepared(whole, checked.input, info=info, given=checked.given, note=note)

    async def digests(self, inputs: dict[str, Any]) -> dict[str, str]:
        """The digest of every `@` file's content, by its path.

        Raises:
            FileRefused: a file may not be read, or is no media.
        """
        paths = sorted(marked_paths(inputs))
        found = await gather_first_error(self._media.digest, paths)
        return dict(zip(paths, found, strict=True))

    async def upload(
        self, request: Prepared, *, sync: bool = False, progress: Progress | None = None
    ) -> None:
        """Upload the request's files and fill its body.

        Raises:
            FileRefused: a file may not be read, or is no media.
            ApiError: an upload did not work.
        """
        request.urls = await self._upload(request.input, progress)
        request.body = sent_body(request, request.urls, sync=sync)

    async def estimate(self, model: str, inputs: dict[str, Any]) -> Prepared:
        """As `prepare`, for a price alone: required inputs may still be missing."""
        info = await self._catalog.model(model)
        model = info.model_id if info is not None else model
        checked = await checked_input(model, info, inputs, self._media, self._ledger, whole=False)
        body = replace_markers(checked.input, await self._upload(checked.input, None))
        return Prepared(model, checked.input, body, info, given=checked.given, note=checked.note)

    async def _upload(self, inputs: dict[str, Any], progress: Progress | None) -> dict[str, str]:
        paths = sorted(marked_paths(inputs))
        if not paths:
            return {}
        if progress is not None:
            await progress(f"uploading {len(paths)} file{'s' if len(paths) > 1 else ''}")
        uploads = await gather_first_error(self._media.upload, paths)
        return {path: upload.url for path, upload in zip(paths, uploads, strict=True)}


def sent_body(request: Prepared, urls: dict[str, str], *, sync: bool = False) -> dict[str, Any]:
    """What is sent for a checked request whose files are at `urls`."""
    body: dict[str, Any] = replace_markers(request.input, urls)
    if request.info is not None and has_sync_flag(request.info):
        body["enable_sync_mode"] = sync
    return body
