"""What every implementation of `Store` promises to the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wavespeed_mcp_server.ledger.rows import Row
from wavespeed_mcp_server.ledger.store import Store

from .conftest import OpenOwners, OpenStore

ROW = Row(
    key=0,
    origin="origin",
    account="account",
    fingerprint="equal",
    model="vendor/model",
    inputs={"prompt": "a cat \ud800 \x00", "n": [1, 2.5, None, True]},
    state="attempt",
    id="",
    attempted_at=1_800_000_000.25,
    ended_at=None,
    delivered=False,
    owner="me",
    cost=0.5,
    quoted=False,
    charged=None,
    seconds=None,
)


def test_a_row_comes_back_as_it_was_put_in(store: Store) -> None:
    with store.transaction() as tx:
        key = tx.insert(ROW)
    with store.transaction() as tx:
        assert tx.row(key) == replace(ROW, key=key)
        assert tx.row(key + 1) is None


def test_a_change_changes_its_columns_of_its_row_alone(store: Store) -> None:
    with store.transaction() as tx:
        one, other = tx.insert(ROW), tx.insert(ROW)
        tx.update(one, state="submitted", id="task-1", owner=None)
        assert tx.row(one) == replace(ROW, key=one, state="submitted", id="task-1", owner=None)
        assert tx.row(other) == replace(ROW, key=other)
        assert tx.by_id("account", "task-1") == tx.row(one)
        assert tx.by_id("another", "task-1") is None
        tx.remove(one)
        assert tx.row(one) is None


def test_what_fails_in_a_transaction_undoes_all_of_it(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:
        key = tx.insert(ROW)
        raise ZeroDivisionError
    with store.transaction() as tx:
        assert tx.row(key) is None


def test_another_process_sees_what_was_committed(open_store: OpenStore, open_owners: OpenOwners) -> None:
    one, other = open_store(open_owners()), open_store(open_owners())
    with one.transaction() as tx:
        key = tx.insert(ROW)
    with other.transaction() as tx:
        assert tx.row(key) == replace(ROW, key=key)


def test_equal_rows_are_those_of_the_account_oldest_first(store: Store) -> None:
    with store.transaction() as tx:
        keys = [tx.insert(ROW), tx.insert(replace(ROW, state="completed"))]
        tx.insert(replace(ROW, account="another"))
        tx.insert(replace(ROW, fingerprint="different"))
        assert [row.key for row in tx.equal("account", "equal")] == keys


def test_open_rows_and_rows_without_a_task(store: Store) -> None:
    with store.transaction() as tx:
        running = tx.insert(replace(ROW, state="submitted", id="a", delivered=True))
        unseen = tx.insert(replace(ROW, state="completed", id="b"))
        tx.insert(replace(ROW, state="completed", id="c", delivered=True))
        lost = tx.insert(replace(ROW, state="unknown", delivered=True))
        found = tx.undelivered_or_in("account", ("submitted", "unknown"))
        assert [row.key for row in found] == [running, unseen, lost]
        assert [row.key for row in tx.without_id("account", "vendor/model")] == [lost]


def test_a_sum_takes_the_charge_before_the_cost_and_leaves_states_out(store: Store) -> None:
    with store.transaction() as tx:
        tx.insert(ROW)
        tx.insert(replace(ROW, charged=0.25))
        tx.insert(replace(ROW, cost=None))
        tx.insert(replace(ROW, state="failed"))
        tx.insert(replace(ROW, origin="another"))
        tx.insert(replace(ROW, attempted_at=ROW.attempted_at - 10))
        assert tx.cost_since("origin", ROW.attempted_at - 1, ("failed",)) == pytest.approx(0.75)


def test_a_hold_shrinks_to_nothing_at_least(store: Store) -> None:
    with store.transaction() as tx:
        hold = tx.add_hold("origin", "me", 1.0)
        tx.take_from_hold(hold, 0.25)
        assert tx.holds("origin") == [("me", 0.75)]
        tx.take_from_hold(hold, 5.0)
        assert tx.holds("origin") == [("me", 0.0)]
        tx.remove_hold(hold)
        assert tx.holds("origin") == []


def test_an_upload_is_known_by_its_bytes_and_by_its_size_for_a_time(store: Store) -> None:
    with store.transaction() as tx:
        tx.remember_upload("account", "digest", "https://old", "image/png", 5, 90.0)
        tx.remember_upload("account", "digest", "https://new", "image/png", 5, 100.0)
        assert tx.recall_upload("account", "digest", 99.0) == ("https://new", "image/png", 5)
        assert tx.recall_upload("account", "digest", 100.0) is None
        assert tx.recall_upload("another", "digest", 0.0) is None
        assert tx.knows_upload_of("account", 5, 99.0)
        assert not tx.knows_upload_of("account", 6, 0.0)


def test_whether_an_owner_lives_is_asked_of_the_owners(
    open_store: OpenStore, open_owners: OpenOwners
) -> None:
    mine, dead = open_owners(), open_owners()
    dead.close()
    with open_store(mine).transaction() as tx:
        assert tx.owner_lives(mine.token)
        assert not tx.owner_lives(dead.token)
