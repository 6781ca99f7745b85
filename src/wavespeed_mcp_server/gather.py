"""One step for many items at once, with plain errors: the first one raised, not a group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import anyio

A = TypeVar("A")
T = TypeVar("T")


async def gather_first_error(step: Callable[[A], Awaitable[T]], items: Iterable[A]) -> list[T]:
    """Run `step` for all `items` at once; returns the results in their order.

    Raises:
        Exception: what the first failing step raised; the others are cancelled.
    """
    listed = list(items)
    if len(listed) < 2:
        return [await step(item) for item in listed]
    results: dict[int, T] = {}
    errors: list[Exception] = []

    async with anyio.create_task_group() as group:

        async def run(index: int, item: A) -> None:
            try:
                results[index] = await step(item)
            except Exception as error:  # noqa: BLE001 - raised again below, outside the group
                errors.append(error)
                group.cancel_scope.cancel()

        for index, item in enumerate(listed):
            group.start_soon(run, index, item)
    if errors:
        raise errors[0]
    return [results[index] for index in range(len(listed))]
