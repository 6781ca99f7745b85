"""What the ledger remembers beside the tasks: run times, uploads, and what came out of which run."""

from __future__ import annotations

from collections.abc import Collection

from .account_rows import AccountRows
from .store import Transaction

UPLOAD_REUSE_SECONDS = 24 * 3600.0
RUN_TIMES = 12


class Remembered(AccountRows):
    """Nothing here decides about money."""

    async def run_times(self, model: str) -> list[float]:
        """How long the newest runs of a model took, seconds, oldest first."""
        return await self._store.run(lambda tx: tx.run_times(model, RUN_TIMES))

    async def recall_upload(self, sha256: str) -> tuple[str, str, int] | None:
        """(url, media type, bytes) of an upload of these bytes in the last 24 hours."""
        since = self.now().at - UPLOAD_REUSE_SECONDS
        return await self._store.run(lambda tx: tx.recall_upload(self._names(tx), sha256, since))

    async def knows_upload_of(self, size_bytes: int) -> bool:
        """Whether anything of this size was uploaded in the last 24 hours."""
        since = self.now().at - UPLOAD_REUSE_SECONDS
        return await self._store.run(lambda tx: tx.knows_upload_of(self._names(tx), size_bytes, since))

    async def remember_upload(self, sha256: str, url: str, media_type: str, size_bytes: int) -> None:
        """These bytes were uploaded to `url`."""

        def rule(tx: Transaction) -> None:
            now = self.now().at
            tx.remember_upload(self._scope.account, sha256, url, media_type, size_bytes, now)
            for maker in tx.makers(self._names(tx), [content_mark(sha256)]):
                tx.note_made(self._scope.account, [url], maker, now)

        await self._store.run(rule)

    async def made(self, prediction_id: str, marks: Collection[str]) -> None:
        """What bears these marks came out of a prediction: a URL, or the content of a saved file."""
        now = self.now().at
        await self._store.run(lambda tx: tx.note_made(self._scope.account, marks, prediction_id, now))


def content_mark(sha256: str) -> str:
    """The mark of a file's content, wherever it lies."""
    return f"sha256:{sha256}"
