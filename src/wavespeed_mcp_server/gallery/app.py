"""The page's routes. Nothing is changed by a GET; every answer is JSON, a file of the page, or an output."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ..api.errors import ApiError
from .access import SANDBOXED
from .changes import Changes, Refused
from .collection import Collection
from .details import details
from .folder import OpenOutput
from .outputs import NoOutput, Outputs
from .page_json import page_json
from .run import Run
from .sources import Sources

CHUNK_BYTES = 256 * 1024
LONGEST_WAIT_SECONDS = 25.0
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SHOWN_IN_PLACE = frozenset({"image", "video", "audio"})


class Gallery:
    """The answers to the page's questions."""

    def __init__(self, collection: Collection, sources: Sources, outputs: Outputs, changes: Changes) -> None:
        self._collection = collection
        self._watching = sources
        self._outputs = outputs
        self._changes = changes

    def app(self) -> Starlette:
        """The routes; `access.Access` stands before them."""
        return Starlette(
            routes=[
                Route("/", self.page),
                Route("/site/{name}", self.site),
                Route("/data/runs", self.runs),
                Route("/data/run/{key}", self.run),
                Route("/media/{key}/{index:int}", self.media),
                Route("/media/{key}/{index:int}/small", self.small),
                Route("/do/{what}", self.do, methods=["POST"]),
            ],
            exception_handlers={Refused: _refused, NoOutput: _no_output, ApiError: _api_error},
        )

    async def page(self, request: Request) -> Response:
        """The page itself."""
        return Response((files(__package__) / "site" / "index.html").read_bytes(), media_type="text/html")

    async def site(self, request: Request) -> Response:
        """A file of the page."""
        name = request.path_params["name"]
        found = files(__package__) / "site" / name
        kind = TYPES.get("." + name.rpartition(".")[2])
        if kind is None or name == "index.html" or not found.is_file():
            return _told("There is no such file.", 404)
        return Response(found.read_bytes(), media_type=kind)

    async def runs(self, request: Request) -> Response:
        """What is newer than `after`, waited for up to `wait` seconds; or only the `newest` runs."""
        self._watching.asked()
        newest = int(_number(request.query_params.get("newest")))
        if newest:
            return Response(self._collection.newest(newest), media_type="application/json")
        after = _number(request.query_params.get("after"))
        wait = min(_number(request.query_params.get("wait")), LONGEST_WAIT_SECONDS)
        if 0 < after <= self._collection.revision and wait:
            await self._collection.wait(int(after), wait)
        return Response(self._collection.since(int(after)), media_type="application/json")

    async def run(self, request: Request) -> Response:
        """Everything about one run. What the history does not show any more is asked for by its id."""
        run = await self._complete(request.path_params["key"])
        return _json(details(self._collection, run))

    async def _complete(self, key: str) -> Run:
        run = self._known(key)
        if run.id and run.task is None and not run.outputs_gone and not run.saved:
            await self._watching.look_up(key)
        return self._known(key)

    def _known(self, key: str) -> Run:
        run = self._collection.runs.get(key)
        if run is None:
            raise NoOutput("There is no such run.")
        return run

    async def small(self, request: Request) -> Response:
        """A small picture of an output; nothing (204) where it is no image."""
        run = await self._complete(request.path_params["key"])
        try:
            picture = await self._outputs.picture(run, request.path_params["index"])
        except NoOutput:
            return Response(status_code=204)
        return Response(picture.content, media_type=picture.mime, headers=_private(3600))

    async def media(self, request: Request) -> Response:
        """An output, whole or the asked part of it. What could run as a page is only ever a download."""
        run = await self._complete(request.path_params["key"])
        opened = await self._outputs.open(run, request.path_params["index"])
        if opened.media is not None and opened.media.kind in SHOWN_IN_PLACE:
            headers = {"content-type": opened.media.mime} | _private(3600)
        else:
            headers = {"content-type": "application/octet-stream"}
        if "download" in request.query_params or headers["content-type"] == "application/octet-stream":
            name = _name(run, request.path_params["index"], opened)
            headers |= {
                "content-disposition": f'attachment; filename="{name}"',
                "content-security-policy": SANDBOXED,
            }
        return _partial(opened, request.headers.get("range", ""), headers)

    async def do(self, request: Request) -> Response:
        """Carry out one change."""
        try:
            asked = json.loads(await request.body())
        except (ValueError, RecursionError, ClientDisconnect):
            return _told("That is no JSON.", 400)
        if not isinstance(asked, dict):
            return _told("That is no JSON object.", 400)
        what, keys = request.path_params["what"], _keys(asked.get("keys"))
        if what == "save":
            chosen = self._changes.expiring() if asked.get("expiring") is True else keys
            return _json({"saving": self._changes.save(chosen)}, 202)
        if what == "pick":
            await self._changes.pick(keys, str(asked.get("pick", "")))
            return _json({})
        if what == "folder":
            await self._changes.folder(keys[0] if keys else "")
            return _json({})
        if what == "delete":
            return _json(await self._changes.delete(keys, str(asked.get("confirm", ""))))
        return _told("There is nothing of that name to do.", 404)


def _keys(given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        return []
    return given


def _number(text: str | None) -> float:
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if 0 <= value < 1e15 else 0.0


def _private(seconds: int) -> dict[str, str]:
    return {"cache-control": f"private, max-age={seconds}"}


def _json(facts: dict[str, Any], status: int = 200) -> Response:
    return Response(page_json(facts), status, media_type="application/json")


def _told(text: str, status: int) -> Response:
    return _json({"error": text}, status)


async def _refused(request: Request, error: Exception) -> Response:
    return _told(str(error), 409)


async def _no_output(request: Request, error: Exception) -> Response:
    return _told(str(error), 404)


async def _api_error(request: Request, error: Exception) -> Response:
    return _told(str(error), 502)


def _name(run: Run, index: int, opened: OpenOutput) -> str:
    """A plain file name for a download."""
    outputs = run.outputs
    file = outputs[index].file if index < len(outputs) else None
    name = file.name.rpartition("/")[2] if file is not None else outputs[index].url.partition("?")[0]
    kept = "".join(mark if mark.isascii() and (mark.isalnum() or mark in "-_.") else "-" for mark in name)
    return kept.rpartition("--")[2].strip(".-")[-100:] or "output"


def _partial(opened: OpenOutput, asked: str, headers: dict[str, str]) -> Response:
    first, last = _range(asked, opened.size)
    headers = {**headers, "accept-ranges": "bytes"}
    if last < first and opened.size:
        opened.file.close()
        return Response(status_code=416, headers={"content-range": f"bytes */{opened.size}"})
    length = last - first + 1
    headers["content-length"] = str(length)
    if asked:
        headers["content-range"] = f"bytes {first}-{last}/{opened.size}"
    return StreamingResponse(_stream(opened, first, length), 206 if asked else 200, headers)


def _range(asked: str, size: int) -> tuple[int, int]:
    """First and last byte; last before first where nothing of it is there."""
    unit, _, span = asked.partition("=")
    start, dash, end = span.partition("-")
    if unit.strip() != "bytes" or not dash or "," in span:
        return 0, size - 1
    if start.strip().isdecimal():
        last = int(end) if end.strip().isdecimal() else size - 1
        return int(start), min(last, size - 1)
    if end.strip().isdecimal():
        return max(0, size - int(end)), size - 1
    return 0, size - 1


async def _stream(opened: OpenOutput, first: int, length: int) -> AsyncIterator[bytes]:
    try:
        opened.file.seek(first)
        while length > 0:
            chunk = await anyio.to_thread.run_sync(opened.file.read, min(CHUNK_BYTES, length))
            if not chunk:
                return
            length -= len(chunk)
            yield chunk
    finally:
        opened.file.close()
