"""Rules 2 and 3 of the ledger: whose a task is, what is seen, and what an equal request does."""

from __future__ import annotations

import threading
from pathlib import Path

import anyio
import pytest

from wavespeed_mcp_server.ledger import OwnedRows

from .conftest import EVERY_STORE
from .wishes import CAT, Clock, callers

pytestmark = [pytest.mark.usefixtures("shared_stores"), EVERY_STORE]

HOUR = 3600.0


async def told(rows: OwnedRows, key: int) -> None:
    """The caller got an answer that told the end of this row."""
    rows.ends.add(key)
    await rows.answered()


async def test_a_call_follows_its_own_open_call_that_got_no_answer(tmp_path: Path) -> None:
    """A host that gives up without a word, and repeats."""
    async with callers(tmp_path, 1) as (me,):
        key = await me.buy()
        for _ in range(3):
            assert await me.wish() == f"follows {key}"


@pytest.mark.parametrize("answered", [True, False])
async def test_an_unfinished_task_is_followed_whether_its_call_was_answered_or_cut_off(
    tmp_path: Path, answered: bool
) -> None:
    async with callers(tmp_path, 1) as (me,):
        rows = me.call()
        key = await me.buy(rows)
        await (rows.answered() if answered else rows.cut_off())
        assert await me.wish() == f"follows {key}"


async def test_an_end_that_was_told_buys_another(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        rows = me.call()
        key = await me.buy(rows)
        await me.end(key)
        await told(rows, key)
        assert isinstance(await me.wish(), int)


async def test_an_end_that_came_after_the_answer_was_not_told_by_it(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        rows = me.call()
        key = await me.buy(rows)
        await rows.answered()
        await me.end(key)
        assert await me.wish() == f"follows {key}"


async def test_an_end_that_came_while_the_answer_was_on_its_way_was_not_told_by_it(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        rows = me.call()
        key = await me.buy(rows)
        await me.end(key)
        await rows.answered()
        assert await me.wish() == f"follows {key}"


async def test_a_cancel_takes_an_answer_back_however_late(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        rows = me.call()
        key = await me.buy(rows)
        await me.end(key)
        await told(rows, key)
        me.clock.at += 50 * HOUR
        await rows.taken_back()
        assert await me.wish() == f"follows {key}"


async def test_what_another_caller_is_told_makes_nothing_seen(tmp_path: Path) -> None:
    async with callers(tmp_path, 2) as (me, other):
        rows = me.call()
        key = await me.buy(rows)
        await rows.cut_off()
        await me.end(key)
        asking = other.call()
        await other.ledger.asked_for(asking, [f"task-{me.store.owner[:8]}-1"])
        await told(asking, key)
        assert await me.wish() == f"follows {key}"


async def test_a_listing_makes_nothing_seen_and_is_not_repeated(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        rows = me.call()
        key = await me.buy(rows)
        await rows.cut_off()
        await me.end(key)
        listing = me.call()
        listing.listed.add(key)
        await listing.answered()
        assert await me.ledger.open_rows(me.store.owner) == ([], 0)
        assert await me.wish() == f"follows {key}"


@pytest.mark.parametrize("since", ["end", "cut"])
async def test_an_unseen_end_is_followed_for_an_hour_from_the_later_of_end_and_cut(
    tmp_path: Path, since: str
) -> None:
    async with callers(tmp_path, 1) as (me,):
        rows = me.call()
        key = await me.buy(rows)
        if since == "end":
            await rows.cut_off()
            me.clock.at += 5 * HOUR
            await me.end(key)
        else:
            await me.end(key)
            me.clock.at += 5 * HOUR
            await rows.cut_off()
        me.clock.at += HOUR - 1
        assert await me.wish() == f"follows {key}"
        await me.calls[-1].answered()
        me.clock.at += 2
        assert isinstance(await me.wish(), int)


async def test_while_the_time_is_not_known_nothing_is_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    async with callers(tmp_path, 1, clock) as (me,):
        rows = me.call()
        key = await me.buy(rows)
        await rows.cut_off()
        await me.end(key)
        clock.known = False
        monkeypatch.setattr("wavespeed_mcp_server.ledger.account_rows.time", lambda: clock.at + 9 * HOUR)
        assert await me.wish() == f"asks the time of {key}"
        clock.known = True
        assert await me.wish() == f"follows {key}"


async def test_a_clock_that_was_set_back_makes_nothing_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(known=False)
    now = [clock.at]
    monkeypatch.setattr("wavespeed_mcp_server.ledger.account_rows.time", lambda: now[0])
    async with callers(tmp_path, 1, clock) as (me,):
        rows = me.call()
        key = await me.buy(rows)
        await me.end(key)
        await rows.cut_off()
        now[0] = 100.0
        assert await me.wish() == f"follows {key}"


async def test_a_task_of_another_caller_that_lives_is_its_own(tmp_path: Path) -> None:
    async with callers(tmp_path, 2) as (me, other):
        rows = me.call()
        await me.buy(rows)
        await rows.cut_off()
        assert isinstance(await other.wish(), int)


async def test_the_first_to_follow_a_task_whose_caller_is_gone_becomes_its_caller(tmp_path: Path) -> None:
    async with callers(tmp_path, 3) as (gone, first, second):
        key = await gone.buy()
        await gone.die()
        assert await first.wish() == f"follows {key}"
        assert isinstance(await second.wish(), int)


async def test_the_first_to_ask_for_a_task_by_its_id_becomes_its_caller(tmp_path: Path) -> None:
    async with callers(tmp_path, 3) as (gone, first, second):
        key = await gone.buy()
        task = f"task-{gone.store.owner[:8]}-1"
        await gone.die()
        await first.ledger.asked_for(first.call(), [task])
        assert isinstance(await second.wish(), int)
        assert await first.wish() == f"follows {key}"


async def test_what_a_caller_saw_before_it_was_gone_is_seen(tmp_path: Path) -> None:
    async with callers(tmp_path, 2) as (gone, other):
        rows = gone.call()
        key = await gone.buy(rows)
        await gone.end(key)
        await told(rows, key)
        await gone.die()
        assert isinstance(await other.wish(), int)


@pytest.mark.parametrize("asker", ["key:one", "key:other", "process"])
async def test_over_http_only_the_same_key_follows(tmp_path: Path, asker: str) -> None:
    async with callers(tmp_path, 2) as (server, replica):
        first = OwnedRows(server.ledger, "key:one", server.call().started)
        key = await server.buy(first)
        await server.die()
        rows = replica.call()
        if asker != "process":
            rows.caller = asker
        found = await replica.wish(rows)
        assert (found == f"follows {key}") is (asker == "key:one")


async def test_twins_both_buy_and_later_repeats_follow_one_each(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        twins = {await me.buy(), await me.buy(me.call(later=1.9))}
        assert len(twins) == 2
        followed = {await me.wish(), await me.wish(me.call(later=0.1))}
        assert followed == {f"follows {key}" for key in twins}


@pytest.mark.parametrize("over", ["answered", "cut_off"])
async def test_a_call_that_is_over_has_no_twin(tmp_path: Path, over: str) -> None:
    async with callers(tmp_path, 1) as (me,):
        rows = me.call()
        key = await me.buy(rows)
        await getattr(rows, over)()
        assert await me.wish(me.call(later=0.5)) == f"follows {key}"


async def test_a_clock_that_is_set_makes_no_twin_of_a_repeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with callers(tmp_path, 1) as (me,):
        key = await me.buy()
        me.clock.at -= 10.0
        assert await me.wish(me.call(later=10.0)) == f"follows {key}"


async def test_equal_requests_of_one_call_never_follow_each_other(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        batch = me.call()
        bought = {await me.buy(batch) for _ in range(3)}
        assert len(bought) == 3
        repeat = me.call()
        followed = {await me.wish(repeat) for _ in range(3)}
        assert followed == {f"follows {key}" for key in bought}
        assert isinstance(await me.wish(repeat), int)


async def test_an_equal_call_waits_for_one_in_preparation_and_for_one_being_sent(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        key = await me.wish()
        assert isinstance(key, int)
        assert await me.wish() == f"waits for {key}"
        await me.ledger.attempt(key, CAT, "vendor/model", cost=None)
        assert await me.wish() == f"waits for {key}"
        await me.ledger.submitted(key, "task")
        assert await me.wish() == f"follows {key}"


@pytest.mark.parametrize("over", ["answered", "cut_off"])
async def test_a_preparation_whose_call_is_over_is_gone(tmp_path: Path, over: str) -> None:
    async with callers(tmp_path, 1) as (me,):
        rows = me.call()
        assert isinstance(await me.wish(rows), int)
        await getattr(rows, over)()
        assert isinstance(await me.wish(), int)


async def test_a_preparation_whose_process_died_is_gone(tmp_path: Path) -> None:
    async with callers(tmp_path, 2) as (gone, me):
        await gone.wish()
        await gone.die()
        assert isinstance(await me.wish(), int)


async def test_an_attempt_whose_process_died_is_followed(tmp_path: Path) -> None:
    async with callers(tmp_path, 2) as (gone, me):
        key = await gone.wish()
        assert isinstance(key, int)
        await gone.ledger.attempt(key, CAT, "vendor/model", cost=None)
        await gone.die()
        assert await me.wish() == f"follows {key}"


async def test_again_buys_beside_an_equal_task(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        await me.buy()
        assert isinstance(await me.wish(again=True), int)


@pytest.mark.parametrize("fate", ["unanswered", "cut off", "taken back", "caller gone"])
async def test_again_joins_an_equal_again_that_has_no_answer(tmp_path: Path, fate: str) -> None:
    async with callers(tmp_path, 2) as (me, other):
        rows = me.call()
        key = await me.buy(rows, again=True)
        if fate == "cut off":
            await rows.cut_off()
        elif fate == "taken back":
            await rows.answered()
            await rows.taken_back()
        elif fate == "caller gone":
            await rows.answered()
            await me.die()
        asker = other if fate == "caller gone" else me
        assert await asker.wish(again=True) == f"follows {key}"


@pytest.mark.parametrize("fate", ["answered", "twin", "seen, caller gone"])
async def test_again_buys_beside_an_equal_again_that_was_answered_or_is_its_twin(
    tmp_path: Path, fate: str
) -> None:
    async with callers(tmp_path, 2) as (me, other):
        rows = me.call()
        key = await me.buy(rows, again=True)
        if fate == "answered":
            await rows.answered()
        if fate == "seen, caller gone":
            await me.end(key)
            await told(rows, key)
            await me.die()
        asker = other if fate == "seen, caller gone" else me
        later = asker.call(later=0.5 if fate == "twin" else 10.0)
        assert isinstance(await asker.wish(later, again=True), int)


async def test_what_is_gone_or_settled_is_followed_no_more(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        rows = me.call()
        gone = await me.buy(rows)
        await rows.cut_off()
        await me.end(gone, "deleted")
        rows = me.call()
        lost = await me.wish(rows)
        assert isinstance(lost, int)
        await me.ledger.attempt(lost, CAT, "vendor/model", cost=None)
        await me.ledger.lost(lost)
        await rows.cut_off()
        assert await me.wish() == f"follows {lost}"
        await me.ledger.settled([lost])
        assert isinstance(await me.wish(), int)
        shown, _ = await me.ledger.open_rows(me.store.owner)
        assert lost in {row.key for row in shown}


async def test_a_repeat_learns_how_old_the_call_is_that_has_no_answer(tmp_path: Path) -> None:
    from wavespeed_mcp_server.ledger import Asked, Follow, fingerprint

    async with callers(tmp_path, 1) as (me,):
        await me.buy()
        asked = Asked("vendor/model", fingerprint("vendor/model", CAT))
        for later in (5.0, 6.0):
            decision = await me.ledger.begin(asked, me.call(later=later))
            assert isinstance(decision, Follow)
            assert decision.unanswered == pytest.approx(later)
        await me.calls[-1].answered()
        decision = await me.ledger.begin(asked, me.call())
        assert isinstance(decision, Follow)
        assert decision.unanswered is None


async def test_a_call_that_is_cancelled_while_it_is_decided_keeps_nobody_waiting(tmp_path: Path) -> None:
    """What the thread decides is known to the call, or it would stand as prepared for ever."""
    async with callers(tmp_path, 1) as (me,):
        await me.ledger.spent()
        go_on = threading.Event()
        rows = me.call()
        async with anyio.create_task_group() as others:
            others.start_soon(me.store.run, lambda _: go_on.wait(30))
            await anyio.wait_all_tasks_blocked()
            async with anyio.create_task_group() as call:
                call.start_soon(me.wish, rows)
                await anyio.wait_all_tasks_blocked()
                call.cancel_scope.cancel()
                go_on.set()
            await rows.cut_off()
        assert isinstance(await me.wish(), int)


async def test_a_clock_set_far_ahead_drops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    async with callers(tmp_path, 2, clock) as (me, other):
        rows = me.call()
        key = await me.buy(rows)
        await me.end(key)
        await rows.cut_off()
        clock.known = False
        monkeypatch.setattr("wavespeed_mcp_server.ledger.account_rows.time", lambda: clock.at + 9000 * HOUR)
        await other.wish(other.call(), {"prompt": "a dog"})
        clock.known = True
        assert await me.wish() == f"follows {key}"
