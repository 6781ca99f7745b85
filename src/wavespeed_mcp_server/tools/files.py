"""Files in and out: uploads for models to read, outputs kept on disk."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Annotated

from mcp.types import CallToolResult
from pydantic import BaseModel, BeforeValidator, Field

from ..runs import RunError, completed_since, download, moment, tell_bytes
from .arguments import SomeIds, as_list, one_text
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
    path: Annotated[
        str,
        BeforeValidator(one_text),
        Field(min_length=1, max_length=4000, description="absolute, ./ or ~/ path"),
    ],
) -> Annotated[CallToolResult, Uploaded]:
    """Upload a local image, video, audio, 3D file or zip; returns the URL to use as a model's input.

    Not needed before generate: there "@PATH" does the same.
    """
    report = partial(tell_bytes, call.progress, "uploaded")
    uploaded = await call.account.media.upload(path.lstrip("@"), report)
    return facts(asdict(uploaded))


class UploadTicket(BaseModel):
    """An address for one upload."""

    url: str
    max_bytes: int
    expires_in_seconds: int
    next: str


async def create_upload(
    call: CurrentCall,
    name: Annotated[str, Field(max_length=200, description="file name, e.g. cat.png")] = "",
) -> Annotated[CallToolResult, UploadTicket]:
    """Get an address that takes one image, video, audio, 3D file or zip by HTTP PUT; no key needed there.

    The answer to the PUT has the url to use as a model's input. Not needed for what has an https URL already.
    """
    address = call.upload_address(name)
    return facts(
        {
            "url": address.url,
            "max_bytes": address.max_bytes,
            "expires_in_seconds": round(address.seconds),
            "next": f"curl -T FILE '{address.url}' answers with the url to use as an input.",
        }
    )


async def download_outputs(
    call: CurrentCall,
    ids: Annotated[SomeIds, Field(max_length=100, description="prediction ids")] = [],  # noqa: B006 - read only
    directory: Annotated[
        str, Field(max_length=1000, description="folder below the output directory, or whole path")
    ] = "",
    save_as: Annotated[
        list[str], BeforeValidator(as_list), Field(max_length=100, description="file names, one for each id")
    ] = [],  # noqa: B006 - read only
    since: Annotated[
        str, Field(max_length=40, description="instead of ids: all completed since, e.g. today")
    ] = "",
) -> Annotated[CallToolResult, SavedFiles]:
    """Save the outputs of completed runs to disk, where they outlive the API's 7 days."""
    report = partial(tell_bytes, call.progress, "downloaded")
    begun = moment("since", since)
    if bool(ids) == bool(begun):
        raise RunError("Give ids, or since: one of the two.")
    chosen = await completed_since(call.account, call.rows, begun) if begun else ids
    found = await download(call.account, call.rows, chosen, directory, report, names=save_as)
    if not found.saved and found.failed:
        raise RunError(" ".join(f"{one}: {why}" for one, why in found.failed.items()))
    saved: list[dict[str, object]] = [
        {"id": one, "path": str(file.path), "size_bytes": file.size_bytes}
        | ({"url": file.url} if file.url else {})
        for one, file in found.saved
    ]
    failed = [{"id": one, "error": why} for one, why in found.failed.items()]
    return facts({"saved": saved} | ({"failed": failed} if failed else {}))
