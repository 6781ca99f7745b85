"""Files of callers on other machines: there is no path, neither in nor out, only URLs and uploads."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import anyio.to_thread

from ..api.errors import ApiError, Rejected
from ..api.forms import Body, multipart_form
from ..api.guard import TransferFailed
from ..api.transfer import Transfer
from .downloads import Downloader
from .downloads import Progress as DownloadProgress
from .folders import Expanded
from .inline import Saved, decoded, is_inline
from .markers import looks_like_local_path, marked_path
from .media import HEAD_BYTES, MediaType, sniff
from .names import safe_stem, suffix_for
from .nested import texts_in, with_texts
from .path_policy import PathPolicy
from .refusal import FileRefused
from .sources import GIVE, source_problem
from .spelling import is_chats_own, unquoted
from .uploads import CHUNK_BYTES, Tickets, Upload, UploadMemory
from .uploads import Progress as UploadProgress
from .words import may_name_a_file, words_problem

NOWHERE = PathPolicy((), Path())
NO_PATHS = (
    "is a local path, and this server reads no files of your machine: give an https URL, or upload the file "
    "to the address that create_upload gives"
)
GIVE_A_URL = "give an https URL"
NOT_SAVED = "This server saves nothing on your machine: the outputs are at their URLs for 7 days."
PLAIN = MediaType("file", "application/octet-stream", ".bin", frozenset({".bin"}))


class RemoteMedia:
    """`Media` of a caller elsewhere: files come and go by URL alone."""

    saves = False

    def __init__(self, transfer: Transfer, tickets: Tickets, memory: UploadMemory) -> None:
        self._transfer = transfer
        self._tickets = tickets
        self._memory = memory
        self.fetch = Downloader(transfer, NOWHERE).fetch

    async def expand(self, inputs: dict[str, Any], kinds: Mapping[str, str]) -> Expanded:
        """See `Media`: no folder stands for anything here."""
        return Expanded(inputs)

    async def source_problem(self, text: str) -> str:
        """See `Media`."""
        if marked_path(text) or looks_like_local_path(text) or is_chats_own(unquoted(text)):
            return await self.path_problem(text)
        if text.startswith("@"):
            return f"{text[:100]!r} names no file; give an https URL"
        own = self._transfer.endpoint.base_url
        problem = await anyio.to_thread.run_sync(source_problem, text, NOWHERE, own)
        return problem.replace(GIVE, GIVE_A_URL)

    async def words_problem(self, text: str) -> str:
        """See `Media`."""
        return await anyio.to_thread.run_sync(words_problem, text, NOWHERE) if may_name_a_file(text) else ""

    async def path_problem(self, path: str) -> str:
        """See `Media`: no path can be uploaded."""
        return f"{path[:100]!r} {NO_PATHS}"

    async def upload(self, path: str, on_progress: UploadProgress | None = None) -> Upload:
        """See `Media`: always refused."""
        raise FileRefused(f"{path[:100]!r} {NO_PATHS}.")

    async def digest(self, path: str) -> str:
        """See `Media`: always refused."""
        raise FileRefused(f"{path[:100]!r} {NO_PATHS}.")

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
        """See `Media`: always refused."""
        raise FileRefused(NOT_SAVED)

    async def take_out_inline(
        self, prediction_id: str, outputs: list[Any], *, model: str = "", name: str = ""
    ) -> tuple[list[Any], list[Saved]]:
        """See `Media`: each file is uploaded, and its URL stands in its place."""
        urls = [await self._uploaded(prediction_id, text) for text in texts_in(outputs) if is_inline(text)]
        following = iter(urls)
        return with_texts(outputs, lambda text: next(following) if is_inline(text) else text), []

    async def _uploaded(self, name: str, output: str) -> str:
        try:
            content = await anyio.to_thread.run_sync(decoded, output)
        except (binascii.Error, ValueError):
            # A paid output is never dropped: what cannot be read stays as it came.
            return output
        digest = await anyio.to_thread.run_sync(_sha256, content)
        known = await self._memory.recall(digest)
        if known is not None:
            return known.url
        media = sniff(content[:HEAD_BYTES], len(content)) or PLAIN
        suffix = suffix_for(content[:HEAD_BYTES], len(content), media)
        try:
            upload = await self.put(safe_stem(name) + suffix, media, len(content), lambda: _chunks(content))
        except (ApiError, TransferFailed) as error:
            raise FileRefused(f"it could not be put at a URL: {error} Ask for it again") from error
        await self._memory.remember(digest, upload)
        return upload.url

    async def put(self, filename: str, media: MediaType, size: int, body: Body) -> Upload:
        """Put `size` bytes where the API can fetch them, under a plain name.

        Raises:
            ApiError, TransferFailed: the API or its storage refused, or gave no answer.
        """
        try:
            ticket = await self._tickets.upload_ticket(filename, size, media.mime)
        except Rejected as error:
            if error.status not in (404, 405):
                raise
            url = await self._tickets.upload_form(multipart_form(filename, media.mime, size, body))
        else:
            await self._transfer.put(ticket.put_url, ticket.headers, size, body)
            url = ticket.download_url
        return Upload(url, media.mime, size)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield content[start : start + CHUNK_BYTES]
