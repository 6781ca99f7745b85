"""Which rows wait for which HTTP response: an answer has reached its caller once it was sent whole.

The ledger hears of it after that, so that a process that is killed in between costs nothing.
"""

from __future__ import annotations

from starlette.types import Message, Scope, Send

from ...ledger import OwnedRows
from ...tools.call import RequestContext

RESPONSE = "wavespeed.response"


class Response:
    """Sends one response, and tells the rows that wait for it what became of it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._waiting: list[OwnedRows] = []
        self._over = False
        scope[RESPONSE] = self

    def expect(self, rows: OwnedRows) -> bool:
        """These rows are answered by this response; False where it is over already."""
        if not self._over:
            self._waiting.append(rows)
        return not self._over

    async def __call__(self, message: Message) -> None:
        """Send a part of it."""
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            # At once: a call that its caller makes after this answer is decided after it, too.
            self._over = True
            while self._waiting:
                await self._waiting.pop().answered()

    async def close(self) -> None:
        """No more of it is sent: whoever waits still was not answered."""
        self._over = True
        while self._waiting:
            await self._waiting.pop().cut_off()


class HttpReceipts:
    """See `tools.call.Receipts`."""

    def expect(self, context: RequestContext, rows: OwnedRows) -> bool:
        """See `tools.call.Receipts`."""
        response: Response = context.request.scope[RESPONSE]  # type: ignore[union-attr]
        return response.expect(rows)
