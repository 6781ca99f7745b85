"""A look at what was made."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

import anyio
import anyio.to_thread
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent
from pydantic import Field

from ..api.errors import NotFound
from ..api.guard import TransferFailed
from ..api.wire import COMPLETED, Prediction
from ..files import is_inline, texts_in
from ..files.looking import look_at, tile_of
from ..files.media import MEDIA_TYPES
from ..files.preview import MAX_SOURCE_BYTES, NoPicture, Picture, from_text, in_turn
from ..files.sheet import MOST_TILES, Tile, contact_sheet
from ..gather import gather_first_error
from ..runs import dollars
from ..runs.downloading import is_fresh
from ..runs.outcome import is_url, output_urls, tell
from ..runs.whole_ids import NOBODYS, whole_ids
from ..text import one_line
from .arguments import PredictionId, SomeIds
from .call import Call, CurrentCall

SHOWN_CHARS = 200
LOOKED_AT_ONCE = 4
MAX_FILM_BYTES = 256 * 1024 * 1024
OTHER_MEDIA = {
    "a 3D file": ("glb", "gltf", "fbx", "obj", "stl", "ply", "usdz"),
    "an archive": ("zip", "safetensors"),
}
PLAYED = frozenset(
    suffix[1:] for media in MEDIA_TYPES if media.kind in ("video", "audio") for suffix in media.suffixes
)


async def view_output(
    call: CurrentCall,
    id: Annotated[PredictionId | None, Field(description="prediction id")] = None,
    ids: Annotated[SomeIds, Field(max_length=MOST_TILES, description="several, side by side")] = [],  # noqa: B006 - read only; the schema shows it
    index: Annotated[int, Field(ge=0, le=999, description="which output; with ids 0: all")] = 0,
) -> CallToolResult:
    """Look at outputs yourself: an image, frames of a video, a sound's waveform. Not needed to show them to
    the person: URLs do that.
    """
    if (id is None) == (not ids):
        raise ToolError("Give either id, or ids for one contact sheet of several.")
    wanted = await whole_ids(call.account, [id] if id is not None else ids)
    return await (_one(call, wanted[0], index) if id is not None else _sheet(call, wanted, index))


async def _one(call: Call, prediction_id: str, index: int) -> CallToolResult:
    prediction = await _prediction(call, prediction_id)
    outputs = _outputs(prediction)
    if index >= len(outputs):
        there = f"its outputs are 0 to {len(outputs) - 1}" if outputs else "it has no outputs"
        raise ToolError(f"{prediction_id} has no output {index}: {there}.")
    row = (await call.account.ledger.by_ids([prediction_id])).get(prediction_id)
    fresh = is_fresh(prediction, row, call.account.ledger.now().at)
    output, which = outputs[index], f"Output {index} of {prediction_id}"
    where = f" Its URL: {output}" if is_url(output) else ""
    instead = _instead(call, prediction_id)
    try:
        look = await in_turn(look_at, await _content(call, output, fresh))
    except TransferFailed as error:
        raise ToolError(f"{which} could not be fetched: {error}{where}") from error
    except Unseen as error:
        raise ToolError(f"{which} is {error} {instead if where else ''}".rstrip()) from error
    except NoPicture as error:
        raise ToolError(f"{which} cannot be shown: {error}.{where} {instead}") from error
    await _seen(call, [prediction])
    if look.picture is None:
        return _shown(None, f"{which} is {look.words}.{where}")
    return _shown(look.picture, f"{which} is {look.words}." if look.words else "")


async def _sheet(call: Call, ids: list[str], index: int) -> CallToolResult:
    """One picture of what these runs gave; what cannot be shown stands there with the reason."""
    known = await call.account.ledger.asked_for(call.rows, ids)
    predictions: list[Prediction] = []
    wanted: list[_Wanted] = []
    for prediction_id, found in zip(ids, await gather_first_error(partial(_found, call), ids), strict=True):
        if isinstance(found, str):
            wanted.append(_Wanted(prediction_id, reason=found))
            continue
        predictions.append(found)
        outputs = _outputs(found)
        row = known.get(prediction_id)
        fresh = is_fresh(found, row, call.account.ledger.now().at)
        made = _Wanted(prediction_id, found.model, row.price if row else None, fresh=fresh)
        chosen = range(len(outputs)) if index == 0 else [index]
        for at in chosen:
            there = at < len(outputs)
            shown = replace(made, output=outputs[at]) if there else replace(made, reason=f"no output {at}")
            wanted.append(replace(shown, index=at, several=len(outputs) > 1))
        if not outputs:
            wanted.append(replace(made, reason="no outputs"))
    left = len(wanted) - MOST_TILES
    wanted = wanted[:MOST_TILES]
    turn = anyio.CapacityLimiter(LOOKED_AT_ONCE)
    tiles = await gather_first_error(partial(_tile, call, turn), list(enumerate(wanted, 1)))
    if not any(tile.image for tile in tiles):
        raise ToolError("Nothing of these can be shown. " + " ".join(_told(wanted, tiles)))
    picture = await in_turn(contact_sheet, tiles)
    await _seen(call, predictions)
    more = f" {left} more outputs are not shown: ask for fewer ids, or one index of each." if left > 0 else ""
    return _shown(picture, " ".join(_told(wanted, tiles)) + more)


@dataclass(frozen=True)
class _Wanted:
    """A place of a contact sheet: an output, or why there is none. `price` is USD."""

    id: str
    model: str = ""
    price: float | None = None
    output: str = ""
    index: int = 0
    several: bool = False
    fresh: bool = False
    reason: str = ""


async def _tile(call: Call, turn: anyio.CapacityLimiter, numbered: tuple[int, _Wanted]) -> Tile:
    number, wanted = numbered
    image, words = None, wanted.reason
    if wanted.output:
        try:
            # Of sixteen large outputs only a few are in memory at a time.
            async with turn:
                image, words = await in_turn(tile_of, await _content(call, wanted.output, wanted.fresh))
        except (TransferFailed, Unseen, NoPicture) as error:
            words = str(error)
    name = wanted.model.rpartition("/")[2] or wanted.id
    price = dollars(wanted.price) if wanted.price is not None else ""
    part = f"output {wanted.index}" if wanted.several else ""
    length = words if image is not None else ""
    label = "  ".join(filter(None, (str(number), price, length, part, name)))
    return Tile(label, image, "" if image is not None else words)


def _told(wanted: list[_Wanted], tiles: list[Tile]) -> list[str]:
    """Which output each number is."""
    told = []
    for number, (one, tile) in enumerate(zip(wanted, tiles, strict=True), 1):
        which = f"{one.id} output {one.index}" if one.several else one.id
        why = f" (not shown: {one_line(tile.words, SHOWN_CHARS).rstrip('.')})" if tile.image is None else ""
        told.append(f"{number}: {which}{why}{';' if number < len(tiles) else '.'}")
    return told


class Unseen(Exception):
    """An output of a kind that cannot be looked at; the text says which."""


async def _content(call: Call, output: str, fresh: bool) -> bytes:
    """The bytes of an output; `fresh`: it may not be there yet.

    Raises:
        Unseen: it is text, or a kind of file that has no picture.
        TransferFailed, NoPicture: they cannot be had.
    """
    if is_url(output):
        suffix = _suffix(output)
        other = next((name for name, suffixes in OTHER_MEDIA.items() if suffix in suffixes), "")
        if other:
            raise Unseen(f"{other}, which cannot be looked at here: {output}")
        most = MAX_FILM_BYTES if suffix in PLAYED else MAX_SOURCE_BYTES
        return await call.account.media.fetch(output, most, fresh=fresh)
    if is_inline(output):
        return await anyio.to_thread.run_sync(from_text, output)
    shown = output if len(output) <= SHOWN_CHARS else output[:SHOWN_CHARS] + "…"
    raise Unseen(f"text, which check_status gives in full: {shown}")


async def _found(call: Call, prediction_id: str) -> Prediction | str:
    """A completed run, or why there is nothing to look at."""
    try:
        return await _prediction(call, prediction_id)
    except ToolError as error:
        return str(error)


async def _prediction(call: Call, prediction_id: str) -> Prediction:
    """A completed run."""
    try:
        prediction = await call.account.client.result(prediction_id)
    except NotFound as error:
        raise ToolError(f"{prediction_id}: {NOBODYS}.") from error
    if prediction.status != COMPLETED:
        outcome = tell(prediction)
        raise ToolError(
            f"{prediction.id} is {outcome.status}, so there is nothing to look at. "
            f"{outcome.error or outcome.next}"
        )
    return prediction


async def _seen(call: Call, predictions: list[Prediction]) -> None:
    """The caller is told the end of these."""
    known = await call.account.ledger.asked_for(call.rows, [one.id for one in predictions])
    for prediction in predictions:
        if prediction.id in known:
            await call.account.ledger.ended(prediction.id, prediction.status, urls=output_urls(prediction))
            call.rows.ends.add(known[prediction.id].key)


def _outputs(prediction: Prediction) -> list[str]:
    """Its outputs: files inside objects count one by one, anything else counts as one."""
    return [one for output in prediction.outputs for one in (_files_in(output) or [str(output)])]


def _files_in(value: Any) -> list[str]:
    return [text for text in texts_in(value) if is_url(text) or is_inline(text)]


def _suffix(url: str) -> str:
    # No URL parser: some refuse what others fetch.
    return url.partition("#")[0].partition("?")[0].rpartition(".")[2].lower()


def _instead(call: Call, prediction_id: str) -> str:
    if not call.account.media.saves:
        return "Give the person the URL."
    return f'Give the person the URL, or save it: download_outputs with ids ["{prediction_id}"].'


def _shown(picture: Picture | None, words: str) -> CallToolResult:
    content: list[ContentBlock] = []
    if picture is not None:
        data = base64.b64encode(picture.content).decode("ascii")
        content.append(ImageContent(type="image", data=data, mime_type=picture.mime))
    if words:
        content.append(TextContent(type="text", text=words))
    return CallToolResult(content=content)
