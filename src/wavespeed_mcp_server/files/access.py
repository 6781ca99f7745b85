"""Files in and out, as runs and tools ask for them: the interface, and local paths behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import anyio.to_thread

from .downloads import Downloader
from .downloads import Progress as DownloadProgress
from .folders import Expanded, expand, may_be_folder
from .inline import Saved
from .markers import marked_paths
from .parts import take_out_inline
from .path_policy import PathPolicy
from .sources import is_web_address, path_problem, source_problem
from .uploads import Progress as UploadProgress
from .uploads import Upload, Uploader
from .words import may_name_a_file, words_problem


class Media(Protocol):
    """What one account may read and write.

    `saves`: outputs can be kept where the caller finds them.

    Raises:
        FileRefused: from any of these: it may not be read or written, or there is no such place here.
    """

    saves: bool

    async def expand(self, inputs: dict[str, Any], kinds: Mapping[str, str]) -> Expanded:
        """`inputs` with the files of each `@DIRECTORY/` in its place, where it stands in a list.

        `kinds` are the inputs that take a list, with the kind of media they want ("": any).
        """

    async def source_problem(self, text: str) -> str:
        """Why `text`, as a media input, leads to nothing that the API can fetch, or nothing."""

    async def words_problem(self, text: str) -> str:
        """Why `text`, as a text input, is a file's name and no text, or nothing."""

    async def path_problem(self, path: str) -> str:
        """Why the local file that `path` names cannot be uploaded, or nothing."""

    async def upload(self, path: str, on_progress: UploadProgress | None = None) -> Upload:
        """Put the file that `path` names where the API can fetch it. Raises ApiError, too."""

    async def digest(self, path: str) -> str:
        """The SHA-256 of the file that `path` names, lower-case hex."""

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
        """Save a prediction's outputs; `fresh`: it ended a moment ago. Raises DownloadFailed, too."""

    async def fetch(self, url: str, max_bytes: int, *, fresh: bool = True) -> bytes:
        """The file at `url`, in memory. Raises TransferFailed."""

    async def take_out_inline(
        self, prediction_id: str, outputs: list[Any], *, model: str = "", name: str = ""
    ) -> tuple[list[Any], list[Saved]]:
        """A copy of `outputs` with an address in place of each file inside them, and those now on disk.

        They are called as `save` would call them.
        """


class LocalMedia:
    """`Media` on the caller's own machine: local paths, as `policy` allows them."""

    saves = True

    def __init__(self, policy: PathPolicy, uploader: Uploader, downloader: Downloader) -> None:
        self._policy = policy
        self._own = uploader.api
        self.upload = uploader.upload
        self.digest = uploader.digest
        self.save = downloader.save
        self.fetch = downloader.fetch

    async def expand(self, inputs: dict[str, Any], kinds: Mapping[str, str]) -> Expanded:
        """See `Media`."""
        if not any(may_be_folder(path) for path in marked_paths(inputs)):
            return Expanded(inputs)
        return await anyio.to_thread.run_sync(expand, inputs, kinds, self._policy)

    async def source_problem(self, text: str) -> str:
        """See `Media`."""
        if is_web_address(text):
            return source_problem(text, self._policy, self._own)
        return await anyio.to_thread.run_sync(source_problem, text, self._policy, self._own)

    async def words_problem(self, text: str) -> str:
        """See `Media`."""
        if not may_name_a_file(text):
            return ""
        return await anyio.to_thread.run_sync(words_problem, text, self._policy)

    async def path_problem(self, path: str) -> str:
        """See `Media`."""
        return await anyio.to_thread.run_sync(path_problem, path, self._policy)

    async def take_out_inline(
        self, prediction_id: str, outputs: list[Any], *, model: str = "", name: str = ""
    ) -> tuple[list[Any], list[Saved]]:
        """See `Media`: each file is written to the output directory, and its path stands in its place."""
        return await take_out_inline(self._policy, prediction_id, outputs, model=model, name=name)
