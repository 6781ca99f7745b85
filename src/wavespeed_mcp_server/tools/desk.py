"""What a tool call has at hand: the account's runs, the settings, and how to reach its caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import anyio
import anyio.lowlevel
from mcp.server.mcpserver import Context

from ..runs import Call, NotRun, Runs
from ..settings import Settings


class Receipts(Protocol):
    """A transport that knows when an answer has reached the caller."""

    def expect(self, request_id: str | int, keys: list[int]) -> bool:
        """The answer to this request is on its way; the rows count as delivered once it is written.

        False where the caller has given up on it already.
        """


@dataclass(frozen=True)
class Desk:
    """The lifespan's state. `receipts` is None on transports that cannot tell what arrived."""

    runs: Runs
    settings: Settings
    receipts: Receipts | None = None

    async def hand_over(self, request_id: str | int | None, call: Call) -> None:
        """The answer is ready: its rows are delivered when it is written, or now where nobody can tell."""
        if not call.keys:
            return
        if self.receipts is not None and request_id is not None:
            if not self.receipts.expect(request_id, list(call.keys)):
                await self.runs.ledger.release(call.keys)
            return
        await anyio.lowlevel.checkpoint()
        await self.runs.ledger.deliver(call.keys)


CallContext = Context[Desk, object]


def desk(ctx: CallContext) -> Desk:
    """What the server's lifespan opened."""
    return ctx.request_context.lifespan_context


async def hand_over(ctx: CallContext, call: Call) -> None:
    """See `Desk.hand_over`."""
    await desk(ctx).hand_over(ctx.request_id, call)


def patience(ctx: CallContext, asked: float | None) -> float:
    """How long this call may wait, seconds.

    Raises:
        NotRun: it does not say, and the setting cannot be read.
    """
    if asked is not None:
        return asked
    settings = desk(ctx).settings
    _readable(settings, "WAVESPEED_WAIT_SECONDS", "wait_seconds")
    return settings.wait_seconds


def at_once(ctx: CallContext, asked: int | None) -> int:
    """How many tasks of a batch may run at a time.

    Raises:
        NotRun: the call does not say, and the setting cannot be read.
    """
    if asked is not None:
        return asked
    settings = desk(ctx).settings
    _readable(settings, "WAVESPEED_MAX_IN_FLIGHT", "max_in_flight")
    return settings.max_in_flight


def _readable(settings: Settings, name: str, argument: str) -> None:
    if name in settings.problems:
        raise NotRun(f"{settings.problems[name]} Mend the setting, or give {argument}.")


class Progress:
    """Progress messages of one call: seconds since `started`, strictly rising, with no invented total."""

    def __init__(self, ctx: CallContext, started: float) -> None:
        self._ctx = ctx
        self._started = started
        self._last = -1.0

    async def __call__(self, message: str, share: float | None = None) -> None:
        """Tell the caller, if it asked to be told; the share is a guess, so it is not passed on."""
        seconds = round(anyio.current_time() - self._started, 3)
        if seconds > self._last:
            self._last = seconds
            await self._ctx.report_progress(seconds, None, message)


def quoted(ids: Iterable[str]) -> str:
    """Ids as they are written in a call."""
    return "[" + ", ".join(f'"{one}"' for one in ids) + "]"
