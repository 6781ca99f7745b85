"""A request on its way to the API: checked, its files uploaded, not yet submitted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..catalog import Catalog, InputRefused, Model, check_input, has_sync_flag, media_inputs, restate
from ..files import Media, find_markers, looks_like_local_path, marked_path, replace_markers
from ..gather import gather_first_error
from .progress import Progress


@dataclass
class Prepared:
    """`body` is exactly what will be sent. `info` is None where the catalog cannot tell. `quote` is USD.

    `given` is the input as the caller wrote it, `note` a sentence about what was put into the model's form.
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
        given, note = inputs, ""
        if info is not None:
            restated = restate(info, given)
            inputs, note = restated.input, restated.note
            check_input(info, inputs)
            _refuse_bare_paths(info, inputs)
        body = replace_markers(inputs, await self._upload(inputs, progress))
        if info is not None and has_sync_flag(info):
            body["enable_sync_mode"] = sync
        return Prepared(model, body, info, given=given, note=note)

    async def estimate(self, model: str, inputs: dict[str, Any]) -> Prepared:
        """As `prepare`, for a price alone: required inputs may still be missing."""
        info = await self._catalog.model(model)
        given = inputs
        if info is not None:
            inputs = restate(info, inputs).input
            _check_given(info, inputs)
            _refuse_bare_paths(info, inputs)
        return Prepared(model, replace_markers(inputs, await self._upload(inputs, None)), info, given=given)

    async def _upload(self, inputs: dict[str, Any], progress: Progress | None) -> dict[str, str]:
        paths = sorted({marker.path for marker in find_markers(inputs)})
        if not paths:
            return {}
        if progress is not None:
            await progress(f"uploading {len(paths)} file{'s' if len(paths) > 1 else ''}")
        uploads = await gather_first_error(self._media.upload, paths)
        return {path: upload.url for path, upload in zip(paths, uploads, strict=True)}


def _check_given(info: Model, inputs: dict[str, Any]) -> None:
    try:
        check_input(info, inputs)
    except InputRefused as error:
        problems = zip(error.keys, error.problems, strict=True)
        wrong = [(key, problem) for key, problem in problems if key in inputs or key not in _required(info)]
        if wrong:
            raise InputRefused(info.model_id, wrong) from error


def _required(info: Model) -> set[str]:
    names = (info.schema or {}).get("required")
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def _refuse_bare_paths(info: Model, inputs: dict[str, Any]) -> None:
    needed = _required(info)
    problems = [
        (name, problem)
        for name in media_inputs(info)
        for value in _texts(inputs.get(name))
        if (problem := _media_problem(name, value, needed=name in needed))
    ]
    if problems:
        raise InputRefused(info.model_id, problems)


def _media_problem(name: str, value: str, *, needed: bool) -> str:
    """Why `value` cannot be media: the API would take it, fail to fetch it, and bill or refund the run."""
    shown = value[:200]
    if not value.strip() and needed:
        return f"{name} is empty; give a URL, or '@' and the path of a local file"
    if value.startswith("@"):
        if marked_path(value) is not None:
            return ""
        return f"{name}: {shown!r} names no file; write the whole path after the @, or ./ or ~/ first"
    if looks_like_local_path(value):
        return f"{name}: {shown!r} looks like a local file; write {'@' + shown!r} to upload it"
    return ""


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    return [value] if isinstance(value, str) else []
