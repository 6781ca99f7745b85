"""How a run tells its caller that it goes on."""

from __future__ import annotations

from typing import Protocol

AT_MOST = 0.99


class Progress(Protocol):
    """Told a line for a person and, where it can be known, the share done so far (0 to 1)."""

    async def __call__(self, message: str, share: float | None = None) -> None:
        """Show it."""


async def silent(message: str, share: float | None = None) -> None:
    """Progress that is shown to nobody."""


async def tell_bytes(progress: Progress, what: str, done: int, total: int) -> None:
    """Tell how much of a file is done, in megabytes; a `total` of 0 bytes is not known."""
    of = f" of {total / 1e6:.1f}" if total else ""
    await progress(f"{what} {done / 1e6:.1f}{of} MB".strip(), done / total if total else None)


def share_of(elapsed: float, usual: float | None) -> float | None:
    """How far a task that usually takes `usual` seconds should be after `elapsed`; it never seems done."""
    return min(elapsed / usual, AT_MOST) if usual else None
