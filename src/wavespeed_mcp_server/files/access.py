"""Files in and out, as runs and tools ask for them: the interface, and local paths behind it."""

from __future__ import annotations

from typing import Any, Protocol

from .downloads import Downloader
from .downloads import Progress as DownloadProgress
from .inline import Saved, replace_inline
from .reach import Reach
from .uploads import Progress as UploadProgress
from .uploads import Upload, Uploader


class Media(Protocol):
    """What one account may read and write.

    Raises:
        FileRefused: from any of these: it may not be read or written, or there is no such place here.
    """

    async def upload(self, path: str, on_progress: UploadProgress | None = None) -> Upload:
        """Put the file that `path` names where the API can fetch it. Raises ApiError, too."""

    async def save(
        self,
        prediction_id: str,
        outputs: list[Any],
        directory: str = "",
        *,
        model: str = "",
        on_progress: DownloadProgress | None = None,
    ) -> list[Saved]:
        """Save a prediction's outputs. Raises DownloadFailed, too."""

    async def fetch(self, url: str, max_bytes: int) -> bytes:
        """The file at `url`, in memory. Raises TransferFailed."""

    async def take_out_inline(self, prediction_id: str, outputs: list[Any]) -> tuple[list[Any], list[Saved]]:
        """A copy of `outputs` with an address in place of each file inside them, and those now on disk."""


class LocalMedia:
    """`Media` on the caller's own machine: local paths within `paths`."""

    def __init__(self, paths: Reach, uploader: Uploader, downloader: Downloader) -> None:
        self._paths = paths
        self.upload = uploader.upload
        self.save = downloader.save
        self.fetch = downloader.fetch

    async def take_out_inline(self, prediction_id: str, outputs: list[Any]) -> tuple[list[Any], list[Saved]]:
        """See `Media`: each file is written to the output directory, and its path stands in its place."""
        return await replace_inline(self._paths, prediction_id, outputs)
