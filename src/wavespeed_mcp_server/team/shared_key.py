"""The API of a caller whose key others use, too: it is asked about the caller's own tasks alone.

The one place where this is held, below every tool: what is not the caller's does not exist for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from ..api.client import WaveSpeed
from ..api.endpoint import Endpoint
from ..api.errors import Forbidden, NotFound
from ..api.transport import Transport
from ..api.wire import Charge, Prediction, Usage

Owned = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Which of these predictions are the caller's."""

MOST_REMEMBERED = 2048


class SharedKeyClient(WaveSpeed):
    """See the module. `owned` is asked before anything is."""

    def __init__(self, transport: Transport, endpoint: Endpoint) -> None:
        super().__init__(transport, endpoint)
        self.owned: Owned = _none
        self._known: dict[str, None] = {}

    async def submit(
        self, model: str, body: dict[str, Any], *, webhook: str = "", sync: bool = False
    ) -> Prediction:
        """See `WaveSpeed`."""
        prediction = await super().submit(model, body, webhook=webhook, sync=sync)
        self._known[prediction.id] = None
        return prediction

    async def poll(self, prediction_id: str) -> Prediction:
        """See `WaveSpeed`."""
        await self._check(prediction_id)
        return await super().poll(prediction_id)

    async def result(self, prediction_id: str) -> Prediction:
        """See `WaveSpeed`."""
        await self._check(prediction_id)
        return await super().result(prediction_id)

    async def delete(self, prediction_ids: list[str]) -> int:
        """See `WaveSpeed`: what is not the caller's is passed over."""
        mine = await self._mine(prediction_ids)
        return await super().delete(mine) if mine else 0

    async def charges(self, prediction_ids: Iterable[str]) -> list[Charge]:
        """See `WaveSpeed`: what is not the caller's is passed over."""
        mine = await self._mine(prediction_ids)
        return await super().charges(mine) if mine else []

    async def bills(self, start: datetime, end: datetime, page: int = 1) -> list[Charge]:
        """See `WaveSpeed`: nothing, because others' bills are among them."""
        return []

    async def balance(self) -> float:
        """See `WaveSpeed`: always refused."""
        raise Forbidden("The balance of the account is its operator's.", status=403)

    async def usage(self, start: datetime, end: datetime, model: str = "") -> Usage:
        """See `WaveSpeed`: always refused."""
        raise Forbidden("The usage of the account is its operator's.", status=403)

    async def _check(self, prediction_id: str) -> None:
        if not await self._mine([prediction_id]):
            raise NotFound("no such prediction", status=404)

    async def _mine(self, prediction_ids: Iterable[str]) -> list[str]:
        asked = list(prediction_ids)
        unknown = [one for one in asked if one not in self._known]
        if unknown:
            self._known |= dict.fromkeys(await self.owned(unknown))
        mine = [one for one in asked if one in self._known]
        while len(self._known) > MOST_REMEMBERED:
            self._known.pop(next(iter(self._known)))
        return mine


async def _none(prediction_ids: Collection[str]) -> Collection[str]:
    return ()
