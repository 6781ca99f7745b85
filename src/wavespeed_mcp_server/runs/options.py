"""How a caller wants its runs done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import anyio

from .outcome import LONGEST_OUTPUT_CHARS


@dataclass
class RunOptions:
    """How runs are to be done: `wait_seconds` from `started`, `max_price` in USD, outputs saved or not. What
    has a name in `save_as` is saved under it.

    `consented`: the person agreed to the price, and `consent` is what that yes is known by, where it could be
    given twice; `can_ask`: they could be asked. `room` is about how many
    characters the outputs of one prediction may take.
    """

    wait_seconds: float
    max_price: float | None = None
    webhook: str = ""
    save: bool = False
    save_as: str = ""
    sync: bool = False
    consented: bool = False
    consent: str = ""
    can_ask: bool = False
    room: int = LONGEST_OUTPUT_CHARS
    started: float = field(default_factory=anyio.current_time)

    def __post_init__(self) -> None:
        self.save = self.save or bool(self.save_as)

    @property
    def deadline(self) -> float:
        """When the caller must have an answer, on the event loop's clock."""
        return self.started + self.wait_seconds

    @property
    def kept(self) -> dict[str, Any]:
        """The arguments that a cheaper variant of the call has too, besides what it runs."""
        saving: dict[str, Any] = {"save_as": self.save_as} if self.save_as else {}
        if self.save and not self.save_as:
            saving["save"] = True
        cap = {} if self.max_price is None else {"max_price": self.max_price}
        return {**cap, **({"webhook_url": self.webhook} if self.webhook else {}), **saving}
