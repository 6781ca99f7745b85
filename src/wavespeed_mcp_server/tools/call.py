"""One call of an agent: who makes it, on which account, how long it may wait, what it owns, whom it tells.

A `Call` is made in one place, `open_call`, from what the SDK knows of the request. A tool is given it by a
parameter `call: CurrentCall`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import anyio
import anyio.lowlevel
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Resolve

from ..accounts import Accounts
from ..runs import Account, NotRun, OwnedRows


class Receipts(Protocol):
    """A transport that knows when an answer has reached the caller."""

    def expect(self, request_id: str | int, rows: OwnedRows) -> bool:
        """The answer to this request is on its way; its rows count as delivered once it is written.

        False where the caller has given up on it already.
        """


@dataclass(frozen=True)
class AppState:
    """The lifespan's state. `receipts` is None on transports that cannot tell what arrived."""

    accounts: Accounts
    receipts: Receipts | None = None


RequestContext = ServerRequestContext[AppState, Any]


class Progress:
    """Progress messages of one call: seconds since `started`, strictly rising, with no invented total."""

    def __init__(self, context: RequestContext) -> None:
        self._session = context.session
        self._last = -1.0
        self.started = anyio.current_time()

    async def __call__(self, message: str, share: float | None = None) -> None:
        """Tell the caller, if it asked to be told; the share is a guess, so it is not passed on."""
        seconds = round(anyio.current_time() - self.started, 3)
        if seconds > self._last:
            self._last = seconds
            await self._session.report_progress(seconds, None, message)


class Call:
    """What a tool is given of the call that it answers. `started` is on the event loop's clock."""

    def __init__(self, context: RequestContext, account: Account, rows: OwnedRows) -> None:
        self.account = account
        self.rows = rows
        self.progress = Progress(context)
        self.started = self.progress.started
        self._capabilities = context.session.client_capabilities

    @property
    def caller(self) -> str:
        """Who makes it, as an opaque name."""
        return self.rows.caller

    @property
    def can_ask(self) -> bool:
        """The client can put a question to the person."""
        asks = self._capabilities.elicitation if self._capabilities is not None else None
        # Some clients can only send the person to a URL; one that names no way of asking means a form.
        return asks is not None and (asks.form is not None or asks.url is None)

    def wait_seconds(self, asked: float | None) -> float:
        """How long it may wait: what it asks for, else the setting.

        Raises:
            NotRun: it does not say, and the setting cannot be read.
        """
        if asked is not None:
            return asked
        self._need("WAVESPEED_WAIT_SECONDS", "wait_seconds")
        return self.account.settings.wait_seconds

    def max_in_flight(self, asked: int | None) -> int:
        """How many tasks of a batch may run at a time. Raises as `wait_seconds`."""
        if asked is not None:
            return asked
        self._need("WAVESPEED_MAX_IN_FLIGHT", "max_in_flight")
        return self.account.settings.max_in_flight

    def _need(self, setting: str, argument: str) -> None:
        problem = self.account.settings.problems.get(setting)
        if problem:
            raise NotRun(f"{problem} Mend the setting, or give {argument}.")


_current: ContextVar[Call] = ContextVar("the call being answered")


@asynccontextmanager
async def open_call(context: RequestContext) -> AsyncIterator[Call]:
    """The call that `context` is about, while it is answered.

    Left by an error or a cancellation, its rows are anybody's to pick up; else they are delivered when the
    answer is written, or now where nobody can tell.
    """
    state = context.lifespan_context
    async with state.accounts.of(context.request) as account, account.own_rows() as rows:
        call = Call(context, account, rows)
        token = _current.set(call)
        try:
            yield call
        finally:
            _current.reset(token)
        if not rows.keys:
            return
        if state.receipts is None or context.request_id is None:
            await anyio.lowlevel.checkpoint()
            await rows.deliver()
        elif not state.receipts.expect(context.request_id, rows):
            await rows.release()


async def current_call() -> Call:
    """The call that this task answers."""
    return _current.get()


CurrentCall = Annotated[Call, Resolve(current_call)]
