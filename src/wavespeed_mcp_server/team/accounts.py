"""The accounts of many callers: one for each, kept for a while, and a bounded number of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio

from ..accounts import LedgerMemory, api_endpoint
from ..api.client import WaveSpeed
from ..api.errors import Unauthorized
from ..api.transfer import Transfer
from ..files.remote import RemoteMedia
from ..ledger import Ledger, Scope
from ..process import Process
from ..runs import Account
from .callers import Caller
from .shared_key import SharedKeyClient

MOST_IDLE = 1000


class _Entry:
    """An account in use, or kept for its caller's next call. `proved`: the API has accepted its key."""

    def __init__(self, caller: Caller, account: Account) -> None:
        self.caller = caller
        self.account = account
        self.users = 0
        self.proved = caller.settings.shares_key
        self.proving = anyio.Lock()


class TeamAccounts:
    """`Accounts` by the caller of each request.

    `caller_of` tells who that is; `on_refused` hears of requests whose key the API does not accept.

    An account is kept while it is used and, once the API has accepted its key, until a thousand others were
    used since. Of a key that the API has not accepted nothing outlives the call.
    """

    def __init__(
        self,
        process: Process,
        caller_of: Callable[[object], Caller],
        on_refused: Callable[[object], None] = lambda request: None,
    ) -> None:
        self._process = process
        self._caller_of = caller_of
        self._on_refused = on_refused
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    @property
    def in_use(self) -> int:
        """How many accounts are being used now."""
        return sum(entry.users > 0 for entry in self._entries.values())

    def is_proved(self, caller: Caller) -> bool:
        """The operator vouches for this caller, or the API has accepted its key, here and lately."""
        entry = self._entries.get(caller.name)
        return caller.settings.shares_key or (entry is not None and entry.proved)

    def known(self, name: str) -> Account | None:
        """The account of the caller of this name, if the API has accepted its key, here and lately."""
        entry = self._entries.get(name)
        return entry.account if entry is not None and entry.proved else None

    def of_caller(self, caller: Caller) -> Account:
        """The account of a caller that the operator vouches for."""
        assert caller.settings.shares_key, "a token"
        return self._entry(caller).account

    @asynccontextmanager
    async def of(self, request: object) -> AsyncIterator[Account]:
        """See `Accounts`. A key that is new here is shown to the API first, which costs nothing.

        Raises:
            ApiError: the API does not accept the key, or cannot be asked.
        """
        caller = self._caller_of(request)
        entry = self._entry(caller)
        entry.users += 1
        try:
            try:
                await self._prove(entry)
            except Unauthorized:
                self._on_refused(request)
                raise
            yield entry.account
        finally:
            entry.users -= 1
            self._tidy(caller.name, entry)

    def _entry(self, caller: Caller) -> _Entry:
        entry = self._entries.get(caller.name)
        if entry is None or (entry.caller != caller and not entry.users):
            proved = entry is not None and entry.proved
            entry = self._entries[caller.name] = _Entry(caller, make_remote_account(self._process, caller))
            entry.proved = entry.proved or proved
        self._entries.move_to_end(caller.name)
        return entry

    async def _prove(self, entry: _Entry) -> None:
        if not entry.proved:
            async with entry.proving:
                if not entry.proved:
                    await entry.account.client.balance()
                    entry.proved = True

    def _tidy(self, name: str, entry: _Entry) -> None:
        if not entry.users and not entry.proved and self._entries.get(name) is entry:
            del self._entries[name]
        spare = len(self._entries) - MOST_IDLE
        if spare > 0:
            idle = [one for one, kept in self._entries.items() if not kept.users]
            for one in idle[:spare]:
                del self._entries[one]


def make_remote_account(process: Process, caller: Caller) -> Account:
    """The account of a caller elsewhere: no local files, and its own part of the ledger."""
    settings = caller.settings
    endpoint = api_endpoint(process.settings, settings)
    kind = SharedKeyClient if settings.shares_key else WaveSpeed
    client = kind(process.transport, endpoint)
    scope = Scope(f"{settings.origin}#{caller.key_name}", caller.name, apart=True, token=caller.token)
    ledger = Ledger(process.store, scope, lambda: client.api_time, settings.own_budget)
    if isinstance(client, SharedKeyClient):
        client.owned = ledger.by_ids
    media = RemoteMedia(Transfer(process.transport, endpoint), client, LedgerMemory(ledger))
    catalog = process.catalog(settings.origin, client)
    return Account(
        settings,
        client,
        catalog,
        ledger,
        media,
        process.run_times,
        process.spawn,
        caller=caller.name,
        departure=process.departure,
        wakeups=process.wakeups,
        webhook_of=process.webhook_of,
    )
