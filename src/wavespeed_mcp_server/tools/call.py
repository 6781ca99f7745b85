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
from ..ledger import OwnedRows
from ..runs import Account, NotRun


class Receipts(Protocol):
    """A transport that knows when an answer has reached the caller."""

    def expect(self, context: RequestContext, rows: OwnedRows) -> bool:
        """The answer to this call is on its way; the caller has it once it is written, if it still waits.

        False where the caller has given up on it already.
        """


@dataclass(frozen=True)
class UploadAddress:
    """Where one file of at most `max_bytes` may be PUT within `seconds`, without a key."""

    url: str
    max_bytes: int
    seconds: float


class Uploads(Protocol):
    """A transport that takes files in for callers whose machines it cannot read."""

    def issue(self, request: object, account: Account, name: str) -> UploadAddress:
        """An address for a file of this name."""


@dataclass(frozen=True)
class AppState:
    """The lifespan's state.

    `receipts` is None on transports that cannot tell what arrived, `uploads` where files are local.
    """

    accounts: Accounts
    receipts: Receipts | None = None
    uploads: Uploads | None = None


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

    def __init__(self, context: RequestContext, account: Account, rows: OwnedRows, consent: str = "") -> None:
        self._consent = consent
        self.account = account
        self.rows = rows
        self.progress = Progress(context)
        self.started = self.progress.started
        self._capabilities = context.session.client_capabilities
        self._request = context.request
        self._uploads = context.lifespan_context.uploads

    def upload_address(self, name: str) -> UploadAddress:
        """Where the caller may put one file of this name."""
        assert self._uploads is not None, "the tool is offered where files come in this way"
        return self._uploads.issue(self._request, self.account, name)

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
        """How long it may wait: what it asks for, else the setting, and no longer than its host does.

        Raises:
            NotRun: it does not say, and the setting cannot be read.
        """
        if asked is None:
            self._need("WAVESPEED_WAIT_SECONDS", "wait_seconds")
            asked = self.account.settings.wait_seconds
        patience = self.account.submission.patience.seconds
        return asked if patience is None else min(asked, patience)

    def deadline(self, asked: float | None) -> float:
        """When it has to be answered, on the event loop's clock."""
        wait = self.account.settings.wait_seconds if asked is None else asked
        return self.started + wait

    @property
    def consent(self) -> str:
        """What the person's answer is known by where it came with a call of its own, which may come twice."""
        return self._consent

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
async def open_call(context: RequestContext, consent: str = "") -> AsyncIterator[Call]:
    """The call that `context` is about, while it is answered; see `Call.consent`.

    Its caller has the answer, be it an error, when that is written, or now where nobody can tell. A call that
    is cancelled has none.
    """
    async with context.lifespan_context.accounts.of(context.request) as account:
        rows = account.new_rows()
        call = Call(context, account, rows, consent)
        token = _current.set(call)
        try:
            yield call
        except Exception:
            await _hand_over(context, rows)
            raise
        except BaseException:
            await rows.cut_off()
            raise
        finally:
            _current.reset(token)
        await _hand_over(context, rows)


async def _hand_over(context: RequestContext, rows: OwnedRows) -> None:
    receipts = context.lifespan_context.receipts
    if receipts is None or context.request_id is None:
        try:
            await anyio.lowlevel.checkpoint()
        except BaseException:
            await rows.cut_off()
            raise
        await rows.answered()
    elif not receipts.expect(context, rows):
        await rows.cut_off()


async def current_call() -> Call:
    """The call that this task answers."""
    return _current.get()


CurrentCall = Annotated[Call, Resolve(current_call)]
