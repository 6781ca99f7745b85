"""How a caller wants its runs done, and which of the ledger's rows its call holds."""

from __future__ import annotations

from dataclasses import dataclass, field

import anyio

from ..ledger import Ledger
from .outcome import LONGEST_OUTPUT_CHARS


@dataclass
class RunOptions:
    """How runs are to be done: `wait_seconds` from `started`, `max_price` in USD, outputs saved or not.

    `consented`: the person agreed to the price; `can_ask`: they could be asked. `room` is about how many
    characters the outputs of one prediction may take.
    """

    wait_seconds: float
    max_price: float | None = None
    webhook: str = ""
    save: bool = False
    sync: bool = False
    consented: bool = False
    can_ask: bool = False
    room: int = LONGEST_OUTPUT_CHARS
    started: float = field(default_factory=anyio.current_time)

    @property
    def deadline(self) -> float:
        """When the caller must have an answer, on the event loop's clock."""
        return self.started + self.wait_seconds


@dataclass
class OwnedRows:
    """The ledger's rows that one call owns, by their keys, from when it takes them until its caller has them.

    `caller` names who makes the call (see `Account.caller`).
    """

    ledger: Ledger
    caller: str
    keys: list[int] = field(default_factory=list)

    async def deliver(self) -> None:
        """The caller has seen them."""
        await self.ledger.deliver(self.keys)

    async def release(self) -> None:
        """The call is over and its caller has not seen them: an equal request may take them."""
        await self.ledger.release(self.keys)
