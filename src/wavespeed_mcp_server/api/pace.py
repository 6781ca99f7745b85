"""The rate at which one client may call: all its requests slow down together."""

from __future__ import annotations

import anyio

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
LONGEST_OBEYED = 60.0


class Pace:
    """No request starts while the API has asked for a pause.

    The account's rate limits are not published reliably, so the pace is learned: every 429 doubles the
    pause (1 s up to 30 s, or `Retry-After` where it is given and at most 60 s), any success resets it.
    """

    def __init__(self) -> None:
        self._strikes = 0
        self._resume = 0.0

    async def turn(self) -> None:
        """Wait until a request may start."""
        if self.left:
            await anyio.sleep_until(self._resume)

    @property
    def left(self) -> float:
        """Seconds until the pause that the API asked for is over."""
        return max(0.0, self._resume - anyio.current_time()) if self._resume else 0.0

    def refused(self, retry_after: float | None = None) -> None:
        """The API said 429: nobody calls for a while."""
        now = anyio.current_time()
        if now < self._resume:
            return
        pause = min(FIRST_PAUSE * 2**self._strikes, LONGEST_PAUSE)
        if retry_after is not None and 0 < retry_after <= LONGEST_OBEYED:
            pause = retry_after
        self._strikes = min(self._strikes + 1, 8)
        self._resume = now + pause

    def answered(self) -> None:
        """The API took a request: the next pause starts small again."""
        self._strikes = 0
