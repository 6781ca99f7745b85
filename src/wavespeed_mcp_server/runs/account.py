"""One account: its key, its limits, its part of the ledger, its files, and the steps of a run with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from ..api.client import WaveSpeed
from ..api.departure import Departure
from ..api.run_times import RunTimes
from ..catalog import Catalog
from ..files import Media
from ..ledger import Ledger, OwnedRows
from ..settings import AccountSettings
from ..wakeups import LocalWakeups, Wakeups, WebhookOf, no_webhook
from .limits import SpendingLimits
from .prices import Prices, Spawn
from .recovery import Recovery
from .request import Preparation
from .results import Results
from .submission import Submission
from .watching import Watching
from .ways_out import WaysOut


class Account:
    """What runs of one key are made with. The step of a run that each part does stands in `runs.generate`.

    Cheap to make, and nothing of it has to be closed: connections, catalog and store are the process's.
    `caller` is an opaque name of who calls: equal names are the same caller. `webhook_of` is where the API
    tells of the end of a row's task, and `wakeups` bring word of it.
    """

    def __init__(
        self,
        settings: AccountSettings,
        client: WaveSpeed,
        catalog: Catalog,
        ledger: Ledger,
        media: Media,
        run_times: RunTimes,
        spawn: Spawn,
        *,
        caller: str = "",
        departure: Departure | None = None,
        wakeups: Wakeups | None = None,
        webhook_of: WebhookOf = no_webhook,
    ) -> None:
        self.departure = departure or Departure()
        self.settings = settings
        self.caller = caller
        self.client = client
        self.catalog = catalog
        self.ledger = ledger
        self.media = media
        self.preparation = Preparation(catalog, media, ledger)
        ways_out = WaysOut(client, catalog, self.preparation)
        self.limits = SpendingLimits(settings, client, ledger, ways_out)
        self.prices = Prices(client, ledger, spawn)
        self.recovery = Recovery(client, ledger)
        self.wakeups = wakeups or LocalWakeups()
        self.submission = Submission(client, ledger, self.recovery, self.wakeups, webhook_of)
        self.watching = Watching(client, catalog, ledger, run_times, self.departure)
        self.results = Results(media)

    def new_rows(self) -> OwnedRows:
        """The rows of a call that begins now."""
        return OwnedRows(self.ledger, self.caller, anyio.current_time())

    @asynccontextmanager
    async def own_rows(self) -> AsyncIterator[OwnedRows]:
        """The rows of one call. Its caller is told an error, and nothing where the call is cut off."""
        rows = self.new_rows()
        try:
            yield rows
        except Exception:
            await rows.answered()
            raise
        except BaseException:
            await rows.cut_off()
            raise
