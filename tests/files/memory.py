"""Uploads remembered for as long as a test."""

from __future__ import annotations

from wavespeed_mcp_server.files import Upload


class ShortMemory:
    """An `UploadMemory` that no file keeps."""

    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}

    async def recall(self, sha256: str) -> Upload | None:
        """See `UploadMemory`."""
        return self._uploads.get(sha256)

    async def remember(self, sha256: str, upload: Upload) -> None:
        """See `UploadMemory`."""
        self._uploads[sha256] = upload

    async def knows_size(self, size_bytes: int) -> bool:
        """See `UploadMemory`."""
        return any(upload.size_bytes == size_bytes for upload in self._uploads.values())


class Forgetful(ShortMemory):
    """As a ledger that cannot be written."""

    async def remember(self, sha256: str, upload: Upload) -> None:
        pass
