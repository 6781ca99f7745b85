"""Files in and out: uploads for models to read, outputs kept on disk."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Annotated

from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from ..api.errors import ApiError, NotConfigured, NotFound, Unauthorized
from ..api.wire import COMPLETED, Prediction
from ..files import DownloadFailed, Saved
from ..runs import Account, RunError, tell_bytes
from ..runs.outcome import next_step
from .arguments import PredictionIds
from .call import CurrentCall
from .results import facts


class Uploaded(BaseModel):
    """A file that models can fetch for 7 days."""

    url: str
    media_type: str
    size_bytes: int
    cached: Annotated[bool, Field(description="an earlier upload of the same bytes is reused")]


class SavedFile(BaseModel):
    """An output on disk."""

    id: str
    url: str = ""
    path: str
    size_bytes: int


class NotSaved(BaseModel):
    """A run of which something could not be saved, and why."""

    id: str
    error: str


class SavedFiles(BaseModel):
    """Outputs on disk, and the runs whose outputs are not all there."""

    saved: list[SavedFile]
    failed: list[NotSaved] = []


async def upload_file(
    call: CurrentCall,
    path: Annotated[str, Field(min_length=1, max_length=4000, description="absolute, ./ or ~/ path")],
) -> Annotated[CallToolResult, Uploaded]:
    """Upload a local image, video, audio, 3D file or zip; returns the URL to use as a model's input.

    Not needed before generate: there "@PATH" does the same.
    """
    report = partial(tell_bytes, call.progress, "uploaded")
    uploaded = await call.account.media.upload(path.removeprefix("@"), report)
    return facts(asdict(uploaded))


async def download_outputs(
    call: CurrentCall,
    ids: PredictionIds,
    directory: Annotated[str, Field(max_length=1000, description="folder below the output directory")] = "",
) -> Annotated[CallToolResult, SavedFiles]:
    """Save the outputs of completed runs to disk, where they outlive the API's 7 days."""
    account = call.account
    report = partial(tell_bytes, call.progress, "downloaded")
    known = await account.ledger.asked_for(call.rows, ids)
    found: dict[str, list[dict[str, object]]] = {"saved": []}
    for one in dict.fromkeys(ids):
        try:
            prediction = await _ended(account, one)
            done = await account.media.save(
                one, prediction.outputs, directory, model=prediction.model, on_progress=report
            )
        except DownloadFailed as error:
            found["saved"] += [_saved(one, file) for file in error.saved]
            found.setdefault("failed", []).append({"id": one, "error": str(error)})
            continue
        except (RunError, ApiError) as error:
            if isinstance(error, (NotConfigured, Unauthorized)):
                raise
            found.setdefault("failed", []).append({"id": one, "error": str(error)})
            continue
        found["saved"] += [_saved(one, file) for file in done]
        if one in known:
            await account.ledger.ended(one, prediction.status)
            call.rows.ends.add(known[one].key)
    if not found["saved"] and "failed" in found:
        raise RunError(" ".join(f"{one['id']}: {one['error']}" for one in found["failed"]))
    return facts(dict(found))


async def _ended(account: Account, prediction_id: str) -> Prediction:
    """A completed prediction. Raises RunError where it is none, ApiError."""
    try:
        prediction = await account.client.result(prediction_id)
    except NotFound as error:
        raise RunError("no such prediction on this account; they are kept 7 days.") from error
    if prediction.status != COMPLETED:
        raise RunError(
            f"is {prediction.told_status}: there are no outputs to save. {next_step(prediction)}".strip()
        )
    return prediction


def _saved(prediction_id: str, file: Saved) -> dict[str, object]:
    entry: dict[str, object] = {"id": prediction_id, "path": str(file.path), "size_bytes": file.size_bytes}
    return entry | {"url": file.url} if file.url else entry
