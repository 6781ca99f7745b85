"""A look at what was made."""

from __future__ import annotations

import base64
from typing import Annotated, Any

import anyio.to_thread
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, ImageContent
from pydantic import Field

from ..api.errors import NotFound
from ..api.guard import TransferFailed
from ..api.wire import COMPLETED, Prediction
from ..files import is_inline, texts_in
from ..files.preview import MAX_SOURCE_BYTES, NoPicture, Picture, from_text, preview
from ..runs.outcome import is_url, tell
from .arguments import PredictionId
from .call import CurrentCall

SHOWN_CHARS = 200
OTHER_MEDIA = {
    "a video": ("mp4", "m4v", "mov", "webm", "mkv", "avi", "wmv", "flv", "3gp", "ogv"),
    "audio": ("mp3", "wav", "flac", "m4a", "ogg", "oga", "opus", "aac"),
    "a 3D file": ("glb", "gltf", "fbx", "obj", "stl", "ply", "usdz"),
    "an archive": ("zip", "safetensors"),
}


async def view_output(
    call: CurrentCall,
    id: Annotated[PredictionId, Field(description="prediction id")],
    index: Annotated[int, Field(ge=0, le=999, description="which output")] = 0,
) -> CallToolResult:
    """Look at an image output yourself, scaled down. Not needed to show it to the person: URLs do that."""
    try:
        prediction = await call.account.client.result(id)
    except NotFound as error:
        raise ToolError(f"{id}: no such prediction on this account; they are kept 7 days.") from error
    output = _chosen(prediction, index)
    which = f"Output {index} of {id}"
    if is_url(output):
        other = _other_media(output)
        if other:
            raise ToolError(f"{which} is {other}, which cannot be looked at here: {output} {_instead(id)}")
        try:
            content = await call.account.media.fetch(output, MAX_SOURCE_BYTES)
        except TransferFailed as error:
            raise ToolError(f"{which} could not be fetched: {error} Its URL: {output}") from error
    elif not is_inline(output):
        shown = output if len(output) <= SHOWN_CHARS else output[:SHOWN_CHARS] + "…"
        raise ToolError(f"{which} is text, which check_status gives in full: {shown}")
    try:
        if not is_url(output):
            content = await anyio.to_thread.run_sync(from_text, output)
        picture = await preview(content)
        known = await call.account.ledger.asked_for(call.rows, [id])
        if id in known:
            await call.account.ledger.ended(id, prediction.status)
            call.rows.ends.add(known[id].key)
    except NoPicture as error:
        where = f" Its URL: {output}" if is_url(output) else ""
        raise ToolError(f"{which} cannot be shown: {error}.{where} {_instead(id)}") from error
    return _shown(picture)


def _chosen(prediction: Prediction, index: int) -> str:
    """The output meant: files inside objects count one by one, anything else counts as one."""
    if prediction.status != COMPLETED:
        outcome = tell(prediction)
        raise ToolError(
            f"{prediction.id} is {outcome.status}, so there is nothing to look at. "
            f"{outcome.error or outcome.next}"
        )
    outputs = [one for output in prediction.outputs for one in (_files_in(output) or [str(output)])]
    if index >= len(outputs):
        there = f"its outputs are 0 to {len(outputs) - 1}" if outputs else "it has no outputs"
        raise ToolError(f"{prediction.id} has no output {index}: {there}.")
    return outputs[index]


def _files_in(value: Any) -> list[str]:
    return [text for text in texts_in(value) if is_url(text) or is_inline(text)]


def _other_media(url: str) -> str:
    # No URL parser: some refuse what others fetch.
    suffix = url.partition("#")[0].partition("?")[0].rpartition(".")[2].lower()
    return next((name for name, suffixes in OTHER_MEDIA.items() if suffix in suffixes), "")


def _instead(prediction_id: str) -> str:
    return f'Give the person the URL, or save it: download_outputs with ids ["{prediction_id}"].'


def _shown(picture: Picture) -> CallToolResult:
    data = base64.b64encode(picture.content).decode("ascii")
    return CallToolResult(content=[ImageContent(type="image", data=data, mime_type=picture.mime)])
