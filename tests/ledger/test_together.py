"""What is decided in one transaction is what would have been decided one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from held import Held
from wavespeed_mcp_server.ledger import OverBudget
from wavespeed_mcp_server.ledger.sqlite import SqliteStore
from wavespeed_mcp_server.ledger.store import StoreFault, Transaction

from .wishes import MODEL, Caller, callers

Step = Callable[[], Awaitable[object]]
Way = Callable[[Caller, Sequence[Step]], Awaitable[list[object]]]


async def at_once(caller: Caller, steps: Sequence[Step]) -> list[object]:
    """What becomes of steps that all wait when the ledger's thread comes to them, in their order."""
    outcomes: dict[int, object] = {}
    first = Held()

    async def take(number: int, step: Step) -> None:
        outcomes[number] = await outcome(step)

    async with anyio.create_task_group() as group:
        group.start_soon(caller.store.run, lambda tx: first())
        await first.begun.wait()
        for number, step in enumerate(steps):
            group.start_soon(take, number, step)
            await anyio.wait_all_tasks_blocked()
        first.go_on.set()
    return [outcomes[number] for number in range(len(steps))]


async def one_by_one(_: Caller, steps: Sequence[Step]) -> list[object]:
    """The same, each when the one before is done."""
    return [await outcome(step) for step in steps]


async def outcome(step: Step) -> object:
    """What a step returns, or the kind of error it raises."""
    try:
        return await step()
    except OverBudget as error:
        return type(error)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[SqliteStore]:
    """The file of every transaction that was committed."""
    done: list[SqliteStore] = []
    transaction = SqliteStore.transaction

    @contextmanager
    def noted(store: SqliteStore) -> Iterator[Any]:
        with transaction(store) as tx:
            yield tx
        done.append(store)

    monkeypatch.setattr(SqliteStore, "transaction", noted)
    return done


def body(number: int) -> dict[str, Any]:
    return {"prompt": f"cat {number}"}


async def prepared(me: Caller, numbers: Sequence[int]) -> list[int]:
    """The rows of unlike requests that were decided to be bought."""
    keys = [await me.wish(me.call(), body(number)) for number in numbers]
    return [key for key in keys if isinstance(key, int)]


async def attempted(me: Caller, key: int, number: int, budget: float | None = None) -> bool:
    """A prepared request is about to be sent."""
    await me.ledger.attempt(key, body(number), MODEL, cost=0.25, budget=budget)
    return True


async def test_what_waits_at_once_takes_one_transaction(tmp_path: Path, commits: list[SqliteStore]) -> None:
    async with callers(tmp_path, 1) as (me,):
        keys = await prepared(me, range(20))
        before = len(commits)
        await at_once(me, [partial(attempted, me, key, number) for number, key in enumerate(keys)])
        # One is that of the step that held the thread.
        assert len(commits) == before + 2
        assert await me.ledger.spent() == pytest.approx(5.0)


async def test_a_request_that_is_refused_is_refused_alone(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        keys = await prepared(me, range(8))
        steps = [partial(attempted, me, key, number, budget=1.0) for number, key in enumerate(keys)]
        assert await at_once(me, steps) == [True] * 4 + [OverBudget] * 4
        assert await me.ledger.spent() == pytest.approx(1.0)


@pytest.mark.parametrize("failures", [1, 2])
async def test_what_was_undone_together_is_decided_all_the_same(tmp_path: Path, failures: int) -> None:
    left = list(range(failures))

    def full(tx: Transaction) -> bool:
        if left:
            left.pop()
            raise StoreFault("database or disk is full")
        return True

    async with callers(tmp_path, 2) as (me, later):
        keys = await prepared(me, range(6))
        steps: list[Step] = [partial(attempted, me, key, number) for number, key in enumerate(keys)]
        steps.insert(3, partial(me.store.run, full))
        assert await at_once(me, steps) == [True] * 7
        assert me.ledger.fault == ""
        await me.die()
        assert await later.ledger.spent() == pytest.approx(1.5)


WISHES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([0.0, 0.5, 1.5, 3.0]), st.booleans()), min_size=2, max_size=6
)


@asynccontextmanager
async def wishing(before: Sequence[int]) -> AsyncIterator[Caller]:
    """A caller that has bought some things."""
    with TemporaryDirectory() as directory:
        async with callers(Path(directory), 1) as (me,):
            for number in before:
                await me.wish(me.call(), body(number))
            yield me


@settings(max_examples=40)
@given(before=st.lists(st.integers(0, 2), max_size=2, unique=True), wishes=WISHES)
def test_what_is_wished_at_once_is_decided_as_one_after_the_other(
    before: list[int], wishes: list[tuple[int, float, bool]]
) -> None:
    async def decided(way: Way) -> list[object]:
        async with wishing(before) as me:
            return named(
                await way(
                    me,
                    [
                        partial(me.wish, me.call(later=later), body(number), again=again)
                        for number, later, again in wishes
                    ],
                )
            )

    assert anyio.run(decided, at_once) == anyio.run(decided, one_by_one)


def named(decisions: Sequence[object]) -> list[object]:
    """Decisions in words in which a row is the decision that made it."""
    made = {str(one): f"row {number}" for number, one in enumerate(decisions) if isinstance(one, int)}
    return [
        " ".join(made.get(word, word if word.isalpha() else "an older one") for word in str(one).split())
        for one in decisions
    ]
