"""What a tool call has at hand: the account's runs, the settings, and how to reach its caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import anyio
import anyio.lowlevel
from mcp.server.mcpserver import Context

from ..runs import Call, Runs
from ..settings import Settings


class Receipts(Protocol):
    """A transport that knows when an answer has reached the caller."""

    def expect(self, request_id: str | int, keys: list[int]) -> None:
        """The answer to this request is on its way; the rows count as delivered once it is written."""


@dataclass(frozen=True)
class Desk:
    """The lifespan's state. `receipts` is None on transports that cannot tell what arrived."""

    runs: Runs
    settings: Settings
    receipts: Receipts | None = None


CallContext = Context[Desk, object]


def desk(ctx: CallContext) -> Desk:
    """What the server's lifespan opened."""
    return ctx.request_context.lifespan_context


async def hand_over(ctx: CallContext, call: Call) -> None:
    """The answer is ready: its rows are delivered when it has been written, or now where nobody can tell."""
    at = desk(ctx)
    if not call.keys:
        return
    if at.receipts is not None and ctx.request_id is not None:
        at.receipts.expect(ctx.request_id, list(call.keys))
        return
    await anyio.lowlevel.checkpoint()
    await at.runs.ledger.deliver(call.keys)


def patience(ctx: CallContext, asked: float | None) -> float:
    """How long this call may wait, seconds."""
    return desk(ctx).settings.wait_seconds if asked is None else asked


class Progress:
    """Progress messages of one call: seconds since `started`, strictly rising, with no invented total."""

    def __init__(self, ctx: CallContext, started: float) -> None:
        self._ctx = ctx
        self._started = started
        self._last = -1.0

    async def __call__(self, message: str) -> None:
        """Tell the caller, if it asked to be told."""
        seconds = round(anyio.current_time() - self._started, 3)
        if seconds > self._last:
            self._last = seconds
            await self._ctx.report_progress(seconds, None, message)


def quoted(ids: Iterable[str]) -> str:
    """Ids as they are written in a call."""
    return "[" + ", ".join(f'"{one}"' for one in ids) + "]"
