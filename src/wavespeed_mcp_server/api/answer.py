"""An HTTP answer that is there as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Answer:
    """`fields` are those of its head as they came, `body` is decoded.

    httpx's response says the same and takes six times as long to make, which a poll would pay for each time.
    """

    status: int
    fields: Sequence[tuple[bytes, bytes]]
    body: bytes

    def field(self, name: bytes) -> str:
        """What the field of this name, in small letters, says; "" where there is none."""
        return next((value.decode("latin-1") for key, value in self.fields if key.lower() == name), "")

    @property
    def retry_after(self) -> float | None:
        """How long the API asks to be left alone, seconds; None where it does not, or names a date."""
        try:
            return float(self.field(b"retry-after"))
        except ValueError:
            return None
