"""What every implementation of `Store` promises to the rules."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from wavespeed_mcp_server.ledger.rows import Row
from wavespeed_mcp_server.ledger.store import Store, Transaction

from .conftest import OpenOwners, OpenStore

KEY = 1 << 60
MINE = ("account", "former")
ROW = Row(
    key=KEY,
    origin="origin",
    account="account",
    model="vendor/model",
    state="attempt",
    request="request",
    fingerprint="body",
    inputs={"prompt": "a cat \ud800 \x00", "n": [1, 2.5, None, True]},
    begun_at=1_800_000_000.25,
    attempted_at=1_800_000_000.5,
    dated=True,
    caller="me",
    owner="me",
    call="call",
    again=True,
    cost=0.5,
)
_more = count(1)


def put(tx: Transaction, **changes: Any) -> int:
    """One more row, like `ROW` but for `changes`; returns its key."""
    key = KEY + next(_more)
    tx.put(replace(ROW, key=key, **changes))
    return key


def test_a_row_comes_back_as_it_was_put_in(store: Store) -> None:
    with store.transaction() as tx:
        key = put(tx)
    with store.transaction() as tx:
        assert tx.row(key) == replace(ROW, key=key)
        assert tx.row(key + 1) is None


def test_a_change_changes_its_columns_of_its_row_alone(store: Store) -> None:
    with store.transaction() as tx:
        one, other = put(tx), put(tx)
        tx.update(one, state="submitted", id="task-1", owner=None)
        assert tx.row(one) == replace(ROW, key=one, state="submitted", id="task-1", owner=None)
        assert tx.row(other) == replace(ROW, key=other)
        assert tx.by_id(MINE, "task-1") == tx.row(one)
        assert tx.by_id(["another"], "task-1") is None
        tx.remove(one)
        assert tx.row(one) is None


def test_what_fails_in_a_transaction_undoes_all_of_it(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:
        key = put(tx)
        raise ZeroDivisionError
    with store.transaction() as tx:
        assert tx.row(key) is None


def test_another_process_sees_what_was_committed(open_store: OpenStore, open_owners: OpenOwners) -> None:
    one, other = open_store(open_owners()), open_store(open_owners())
    with one.transaction() as tx:
        key = put(tx)
    with other.transaction() as tx:
        assert tx.row(key) == replace(ROW, key=key)


def test_no_row_owns_a_prediction_without_an_id(store: Store) -> None:
    with store.transaction() as tx:
        put(tx)
        assert tx.by_id(MINE, "") is None


def test_equal_rows_are_the_open_ones_of_the_account_oldest_first(store: Store) -> None:
    with store.transaction() as tx:
        keys = [
            put(tx),
            put(tx, state="completed"),
            put(tx, account="former", state="submitted", delivered=True),
        ]
        put(tx, state="completed", delivered=True)
        put(tx, account="another")
        put(tx, request="another")
        assert [row.key for row in tx.equal(MINE, "request", ())] == keys


def test_rows_of_the_first_release_are_equal_by_what_was_sent(store: Store) -> None:
    with store.transaction() as tx:
        old = put(tx, request=None, caller=None)
        put(tx, request="something", caller=None)
        assert [row.key for row in tx.equal(MINE, "another", ("body", "body 2"))] == [old]
        assert tx.equal(MINE, "another", ()) == []


def test_open_rows_are_the_newest_and_their_number(store: Store) -> None:
    with store.transaction() as tx:
        running = put(tx, state="submitted", id="a", delivered=True)
        unseen = put(tx, state="completed", id="b")
        put(tx, state="completed", id="c", delivered=True)
        put(tx, state="preparing")
        put(tx, account="another")
        lost = put(tx, state="unknown", delivered=True)
        found, number = tx.open_rows(MINE, "me", 2)
        assert ([row.key for row in found], number) == ([lost, unseen], 3)
        tx.show(unseen, "me", seen=False, at=1.0)
        tx.show(running, "me", seen=False, at=1.0)
        assert tx.open_rows(MINE, "me", 9)[1] == 2
        assert tx.open_rows(MINE, "another", 9)[1] == 3


def test_rows_without_a_task(store: Store) -> None:
    with store.transaction() as tx:
        lost, sending = put(tx, state="unknown"), put(tx)
        put(tx, state="submitted", id="a")
        put(tx, model="another/model")
        assert [row.key for row in tx.without_id(MINE, "vendor/model")] == [lost, sending]


def test_the_newest_task_of_every_other_account(store: Store) -> None:
    with store.transaction() as tx:
        put(tx, account="b", id="old")
        newest = [put(tx, account="b", id="new"), put(tx, account="c", id="only")]
        put(tx, account="c")
        put(tx, account="d", id="elsewhere", origin="another")
        put(tx, id="own")
        assert [row.key for row in tx.newest_of_others(["origin"], MINE)] == newest


def test_who_was_shown_what(store: Store) -> None:
    with store.transaction() as tx:
        key = put(tx, state="completed")
        tx.show(key, "me", seen=False, at=1.0)
        assert not tx.was_seen(key, "me")
        tx.show(key, "me", seen=True, at=2.0)
        tx.show(key, "me", seen=False, at=3.0)
        assert tx.was_seen(key, "me")
        assert not tx.was_seen(key, "another")
        tx.unshow(key, "me")
        assert not tx.was_seen(key, "me")


def test_what_may_be_spent_once_is_spent_once(open_store: OpenStore, open_owners: OpenOwners) -> None:
    one, other = open_store(open_owners()), open_store(open_owners())
    with one.transaction() as tx:
        assert tx.spend("yes", 1.0)
        assert not tx.spend("yes", 1.0)
    with other.transaction() as tx:
        assert not tx.spend("yes", 2.0)
        assert tx.spend("another", 2.0)


def test_accounts_that_are_one_have_all_their_names(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.names_of("a") == ("a",)
        tx.join_accounts("a", "b")
        tx.join_accounts("c", "d")
        tx.join_accounts("d", "a")
        assert {tx.names_of(name) for name in "abcd"} == {("a", "b", "c", "d")}
        assert tx.names_of("e") == ("e",)


def test_a_sum_takes_the_charge_before_the_cost_and_leaves_states_out(store: Store) -> None:
    with store.transaction() as tx:
        put(tx)
        put(tx, charged=0.25)
        put(tx, origin="spelt otherwise", charged=0.25)
        put(tx, cost=None)
        put(tx, state="failed")
        put(tx, origin="another")
        put(tx, attempted_at=ROW.attempted_at - 10)
        total = tx.cost_since(["origin", "spelt otherwise"], ROW.attempted_at - 1, ("failed",))
        assert total == pytest.approx(1.0)


def test_a_hold_shrinks_to_nothing_at_least(store: Store) -> None:
    with store.transaction() as tx:
        hold = tx.add_hold("origin", "me", 1.0)
        tx.take_from_hold(hold, 0.25)
        assert tx.holds(["origin"]) == [(hold, "me", 0.75)]
        tx.take_from_hold(hold, 5.0)
        assert tx.holds(["origin"]) == [(hold, "me", 0.0)]
        tx.remove_hold(hold)
        assert tx.holds(["origin"]) == []


def test_run_times_are_the_newest_of_the_model_oldest_first(store: Store) -> None:
    with store.transaction() as tx:
        for seconds in (1.0, 2.0, None, 3.0, 4.0):
            put(tx, seconds=seconds, state="completed")
        put(tx, seconds=9.0, model="another/model")
        assert tx.run_times("vendor/model", 3) == [2.0, 3.0, 4.0]


def test_an_upload_is_known_by_its_bytes_and_by_its_size_for_a_time(store: Store) -> None:
    with store.transaction() as tx:
        tx.remember_upload("account", "digest", "https://old", "image/png", 5, 90.0)
        tx.remember_upload("account", "digest", "https://new", "image/png", 5, 100.0)
        assert tx.recall_upload(MINE, "digest", 99.0) == ("https://new", "image/png", 5)
        assert tx.recall_upload(MINE, "digest", 100.0) is None
        assert tx.recall_upload(["another"], "digest", 0.0) is None
        assert tx.knows_upload_of(MINE, 5, 99.0)
        assert not tx.knows_upload_of(MINE, 6, 0.0)


def test_only_what_ended_long_ago_is_dropped(store: Store) -> None:
    old = ROW.attempted_at
    with store.transaction() as tx:
        put(tx, state="completed", ended_at=old + 5, id="dropped")
        kept = [
            put(tx, state="completed", ended_at=old + 20),
            put(tx, state="completed", ended_at=old + 5, cut_at=old + 20),
            put(tx, state="completed", attempted_at=old + 20),
            *(put(tx, state=state) for state in ("preparing", "attempt", "submitted")),
            put(tx, state="unknown", dated=False),
            put(tx, state="completed", ended_at=old + 5, origin="another"),
        ]
        gone = put(tx, state="unknown")
        tx.remember_upload("account", "digest", "https://old", "image/png", 5, old)
        assert tx.spend("yes", old)
        tx.purge(["origin"], old + 10)
        assert tx.by_id(MINE, "dropped") is None
        assert [key for key in kept if tx.row(key) is None] == []
        assert tx.row(gone) is None
        assert tx.recall_upload(MINE, "digest", 0.0) is None
        assert tx.spend("yes", old)


def test_whether_an_owner_lives_is_asked_of_the_owners(
    open_store: OpenStore, open_owners: OpenOwners
) -> None:
    mine, dead = open_owners(), open_owners()
    dead.close()
    with open_store(mine).transaction() as tx:
        assert tx.owner_lives(mine.token)
        assert not tx.owner_lives(dead.token)


def test_what_was_made_is_known_by_its_marks_to_its_account_alone(store: Store) -> None:
    with store.transaction() as tx:
        tx.note_made("account", ["https://cdn/1.png", "sha256:ab"], "task-1", 1.0)
        tx.note_made("former", ["sha256:cd"], "task-2", 1.0)
        tx.note_made("other", ["sha256:ef"], "task-3", 1.0)
        # The first that made it stays its maker.
        tx.note_made("account", ["sha256:ab"], "task-4", 2.0)
    with store.transaction() as tx:
        marks = ["sha256:ab", "https://cdn/1.png", "sha256:cd", "sha256:ef", "unknown"]
        assert tx.makers(MINE, marks) == ["task-1", "task-2"]
        assert tx.makers(MINE, []) == []


def test_an_address_is_forgotten_with_its_output_and_the_content_of_a_file_is_not(store: Store) -> None:
    with store.transaction() as tx:
        tx.note_made("account", ["https://cdn/1.png", "sha256:ab"], "task-1", 1.0)
        tx.purge(("origin",), 5.0)
        assert tx.makers(MINE, ["https://cdn/1.png"]) == []
        assert tx.makers(MINE, ["sha256:ab"]) == ["task-1"]


def test_the_parents_of_a_row_are_kept(store: Store) -> None:
    with store.transaction() as tx:
        key = put(tx, parents=("task-1", "task-2"))
        tx.update(put(tx), parents=("task-3",))
        assert tx.row(key) == replace(ROW, key=key, parents=("task-1", "task-2"))
