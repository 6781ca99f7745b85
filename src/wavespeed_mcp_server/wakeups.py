"""Word that a task may have ended, from whoever hears it to whoever waits for the task."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol
from weakref import WeakValueDictionary

import anyio


class Wake:
    """What all who wait for one task in this process share. `count` is how often word came.

    `promised`: the API was asked to send word, so that it need not be asked for the end all the time.
    """

    def __init__(self) -> None:
        self.count = 0
        self.promised = False
        self._came = anyio.Event()

    def ring(self) -> None:
        """Word came."""
        self.count += 1
        came, self._came = self._came, anyio.Event()
        came.set()

    async def after(self, count: int) -> None:
        """Returns once word came more than `count` times."""
        while self.count <= count:
            await self._came.wait()


class Wakeups(Protocol):
    """Word from process to process, by the key of the task's row. It may come late, twice or never."""

    def of(self, key: int) -> Wake:
        """Where this process hears of the task; for as long as somebody keeps it."""

    async def ring(self, key: int) -> None:
        """Wake whoever waits for the task, in whichever process. Never fails: word may be lost."""


WebhookOf = Callable[[int], str]
"""Where the API is to send word of the end of a row's task; empty where no word is taken."""


def no_webhook(key: int) -> str:
    """No word is taken."""
    return ""


class LocalWakeups:
    """`Wakeups` of a process alone."""

    def __init__(self) -> None:
        self._waited_for: WeakValueDictionary[int, Wake] = WeakValueDictionary()

    def of(self, key: int) -> Wake:
        """See `Wakeups`."""
        return self._waited_for.setdefault(key, Wake())

    async def ring(self, key: int) -> None:
        """See `Wakeups`."""
        self.hear(key)

    def hear(self, key: int) -> None:
        """Word came to this process."""
        if wake := self._waited_for.get(key):
            wake.ring()


class ReplicatedWakeups(LocalWakeups):
    """`Wakeups` of one of several replicas; `notify` tells all of them."""

    def __init__(self, notify: Callable[[int], Awaitable[None]]) -> None:
        super().__init__()
        self._notify = notify

    async def ring(self, key: int) -> None:
        """See `Wakeups`. This process need not wait for its own word to come back."""
        self.hear(key)
        await self._notify(key)
