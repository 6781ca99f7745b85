"""The rows of one call: which are its own, and what its answer tells of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .ledger import Ledger

LASTING = ":"


def lasting(caller: str) -> bool:
    """A caller that outlives its process: a key or a token, named `KIND:DIGEST`. Others are processes."""
    return LASTING in caller


@dataclass
class OwnedRows:
    """What one call owns of the ledger, by the rows' keys.

    `caller` names who makes the call; `started` is when it came in, on the event loop's clock. `ends` are the
    rows whose end its answer tells about that very row, `listed` those whose end a listing shows. `keys` is
    also written by rules, in the ledger's thread.
    """

    ledger: Ledger
    caller: str
    started: float
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    keys: set[int] = field(default_factory=set)
    ends: set[int] = field(default_factory=set)
    listed: set[int] = field(default_factory=set)

    async def answered(self) -> None:
        """The answer has reached the caller."""
        await self.ledger.answered(self)

    async def cut_off(self) -> None:
        """The call is over and its caller got no answer: what it bought goes on being the caller's wish."""
        await self.ledger.cut_off(self)

    async def taken_back(self) -> None:
        """The caller had given up before the answer that was written reached it."""
        await self.ledger.taken_back(self)
