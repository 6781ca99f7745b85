"""Several awaitables at once, with plain errors: the first one raised, not a group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio

T = TypeVar("T")


async def together(steps: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Run every step at once; returns their results in order.

    Raises:
        Exception: what the first failing step raised; the others are cancelled.
    """
    if len(steps) == 1:
        return [await steps[0]()]
    results: dict[int, T] = {}
    errors: list[Exception] = []

    async with anyio.create_task_group() as group:

        async def run(index: int, step: Callable[[], Awaitable[T]]) -> None:
            try:
                results[index] = await step()
            except Exception as error:  # noqa: BLE001 - raised again below, outside the group
                errors.append(error)
                group.cancel_scope.cancel()

        for index, step in enumerate(steps):
            group.start_soon(run, index, step)
    if errors:
        raise errors[0]
    return [results[index] for index in range(len(steps))]
