"""Callers on one ledger, each with a process of its own, and a clock that the test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import anyio

from wavespeed_mcp_server.ledger import (
    Asked,
    Buy,
    Follow,
    LearnTime,
    Ledger,
    OwnedRows,
    Scope,
    SharedStore,
    Wait,
    fingerprint,
)
from wavespeed_mcp_server.ledger.decision import Rule
from wavespeed_mcp_server.ledger.store import Transaction

T = TypeVar("T")
MODEL = "vendor/model"
CAT = {"prompt": "a cat"}
open_shared: Callable[[Path], SharedStore] = SharedStore
"""What a process opens the ledger with."""
SCOPE = Scope("https://api.example.com", "account")


class Undone(Exception):
    """A transaction ends without effect, as where its commit fails."""


class Twice(SharedStore):
    """As `SharedStore`, where of every step the first try is undone."""

    async def run(
        self,
        rule: Rule[T],
        stands: Callable[[T], None] = lambda decided: None,
        *,
        about: str = "",
        shielded: bool = False,
        on_disk: bool = False,
    ) -> T:
        """As `SharedStore.run`."""

        def undone(tx: Transaction) -> T:
            rule(tx)
            raise Undone

        with suppress(Undone):
            await super().run(undone, shielded=shielded, on_disk=on_disk)
        return await super().run(rule, stands, about=about, shielded=shielded, on_disk=on_disk)


@dataclass
class Clock:
    """The API's clock; `known` is whether it has told it."""

    at: float = 1_800_000_000.0
    known: bool = True

    def __call__(self) -> float | None:
        return self.at if self.known else None


@dataclass
class Caller:
    """A caller on stdio: a process with the ledger open. `loop` is how far its event loop's clock was put."""

    store: SharedStore
    ledger: Ledger
    clock: Clock
    tasks: int = 0
    calls: list[OwnedRows] = field(default_factory=list)

    def call(self, *, later: float = 10.0) -> OwnedRows:
        """A call that comes in `later` seconds after the one before."""
        before = self.calls[-1].started if self.calls else anyio.current_time()
        self.calls.append(OwnedRows(self.ledger, self.store.owner, before + later))
        return self.calls[-1]

    async def wish(
        self, rows: OwnedRows | None = None, inputs: dict[str, Any] = CAT, *, again: bool = False
    ) -> int | str:
        """The key of the row that a request buys, or "follows 5", "waits for 5", "asks the time of 5"."""
        rows = rows or self.call()
        asked = Asked(MODEL, fingerprint(MODEL, inputs), again=again)
        decision = await self.ledger.begin(asked, rows)
        if isinstance(decision, Buy):
            return decision.key
        words = {Follow: "follows", Wait: "waits for", LearnTime: "asks the time of"}
        assert not isinstance(decision, Buy)
        return f"{words[type(decision)]} {decision.row.key}"

    async def buy(self, rows: OwnedRows | None = None, *, again: bool = False, cost: float = 0.0) -> int:
        """A request that buys, sent and answered by the API with an id; returns its row."""
        key = await self.wish(rows, again=again)
        assert isinstance(key, int), key
        await self.ledger.attempt(key, CAT, MODEL, cost=cost)
        self.tasks += 1
        await self.ledger.submitted(key, f"task-{self.store.owner[:8]}-{self.tasks}")
        return key

    async def end(self, key: int, state: str = "completed") -> None:
        """The API says that the task of a row ended."""
        (row,) = (one for one in (await self.ledger.open_rows("nobody"))[0] if one.key == key)
        await self.ledger.ended(row.id, state)

    async def die(self) -> None:
        """The process ends."""
        await self.store.aclose()


@asynccontextmanager
async def callers(directory: Path, count: int, clock: Clock | None = None) -> AsyncIterator[list[Caller]]:
    """So many processes on the ledger in `directory`."""
    clock = clock or Clock()
    stores = [open_shared(directory) for _ in range(count)]
    async with AsyncExitStack() as stack:
        for store in stores:
            stack.push_async_callback(store.aclose)
            if (joined := getattr(store, "joined", None)) is not None:
                await stack.enter_async_context(joined())
        yield [Caller(store, Ledger(store, SCOPE, clock), clock) for store in stores]
