"""What a budget counts is the sum over the rows, however it is kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wavespeed_mcp_server.ledger.budget import DAY_SECONDS, ROUNDING
from wavespeed_mcp_server.ledger.owners import Alone
from wavespeed_mcp_server.ledger.rows import REFUNDED, Row
from wavespeed_mcp_server.ledger.sqlite import SqliteStore
from wavespeed_mcp_server.ledger.store import Store, Transaction

from .test_store import KEY, ROW

NOW = 1_800_000_000.0
TIMES = st.one_of(
    st.sampled_from([1_800_000_000.0, 1_800_000_599.999, 1_800_000_600.0, 1_800_086_400.0]),
    st.floats(1_799_990_000.0, 1_800_100_000.0),
)
AMOUNTS = st.one_of(st.none(), st.sampled_from([0.0, 0.005, 0.1, 2.5]))
STATES = st.sampled_from(["preparing", "attempt", "submitted", "completed", *REFUNDED])
KEYS = st.integers(0, 5)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "attempted_at": TIMES,
        "cost": AMOUNTS,
        "charged": AMOUNTS,
        "state": STATES,
        "account": st.sampled_from(["account", "former"]),
        "origin": st.sampled_from(["origin", "another"]),
    },
)
STEPS = st.lists(st.tuples(st.sampled_from(["put", "update", "remove"]), KEYS, VALUES), max_size=12)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, since=TIMES)
def test_sums_follow_every_change_of_a_row(
    store: Store, steps: list[tuple[str, int, dict[str, Any]]], since: float
) -> None:
    class Undone(Exception):
        """Nothing of an example stays."""

    def follow(tx: Transaction) -> None:
        rows: dict[int, Row] = {}
        for step, number, values in steps:
            key = KEY + 1_000_000 + number
            if step == "put":
                rows[key] = replace(ROW, key=key, **values)
                tx.put(rows[key])
            elif step == "update" and key in rows and values:
                rows[key] = replace(rows[key], **values)
                tx.update(key, **values)
            elif step == "remove":
                rows.pop(key, None)
                tx.remove(key)
        counted = [one for one in rows.values() if one.attempted_at > since and one.state not in REFUNDED]
        for names in (["origin"], ["origin", "another"]):
            wanted = sum(_counts(one) for one in counted if one.origin in names)
            assert abs(tx.cost_since(names, since, REFUNDED) - wanted) < ROUNDING
        for names in (["account"], ["account", "former"]):
            wanted = sum(_counts(one) for one in counted if one.account in names)
            assert abs(tx.cost_of(names, since, REFUNDED) - wanted) < ROUNDING
        raise Undone

    with suppress(Undone), store.transaction() as tx:
        follow(tx)


def _counts(row: Row) -> float:
    return (row.charged if row.charged is not None else row.cost) or 0.0


def test_a_file_without_sums_gets_them_and_an_older_version_that_goes_on_writing_keeps_them(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ledger.sqlite3"
    with closing(SqliteStore(path, Alone())) as store, store.transaction() as tx:
        tx.put(Row(1, "https://a", "me", "m", "completed", attempted_at=NOW, cost=0.5))
    with closing(sqlite3.connect(path)) as old, old:
        for name in ("insert", "update", "delete"):
            old.execute(f"DROP TRIGGER costs_{name}")
        old.execute("DROP TABLE costs")
        old.execute("UPDATE tasks SET cost = 0.7")
    with closing(SqliteStore(path, Alone())) as store:
        with closing(sqlite3.connect(path)) as old, old:
            old.execute(
                "INSERT INTO tasks (origin, account, fingerprint, model, inputs, state, attempted_at, cost)"
                f" VALUES ('https://a', 'me', '', 'm', '{{}}', 'attempt', {NOW}, 0.2)"
            )
            old.execute("UPDATE tasks SET charged = 0.1 WHERE cost = 0.2")
        with store.transaction() as tx:
            assert tx.cost_since(["https://a"], NOW - DAY_SECONDS, REFUNDED) == pytest.approx(0.8)


AN_OLDER_TRIGGER = """
CREATE TRIGGER IF NOT EXISTS costs_update AFTER UPDATE OF state, cost ON tasks BEGIN
    INSERT INTO costs VALUES (NEW.origin, NEW.account, 0, 1000000000)
    ON CONFLICT (origin, part, account) DO UPDATE SET amount = amount + 1000000000;
END
"""


def test_what_keeps_the_sums_takes_the_place_of_an_older_version_s(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    row = Row(1, "https://a", "me", "m", "attempt", attempted_at=NOW, cost=0.5)
    with closing(SqliteStore(path, Alone())) as store, store.transaction() as tx:
        tx.put(row)
    with closing(sqlite3.connect(path)) as old, old:
        old.execute("DROP TRIGGER costs_update")
        old.execute(AN_OLDER_TRIGGER)
    with closing(SqliteStore(path, Alone())) as store:
        with closing(sqlite3.connect(path)) as old, old:
            # As an older version does that starts meanwhile.
            old.execute(AN_OLDER_TRIGGER)
        with store.transaction() as tx:
            tx.update(1, cost=0.75)
            assert tx.cost_since(["https://a"], NOW - DAY_SECONDS, REFUNDED) == pytest.approx(0.75)
            assert tx.cost_of(["me"], 0.0, REFUNDED) == pytest.approx(0.75)
    with closing(sqlite3.connect(path)) as found:
        before = found.execute("PRAGMA schema_version").fetchone()
        SqliteStore(path, Alone()).close()
        assert found.execute("PRAGMA schema_version").fetchone() == before


def test_a_budget_reads_as_much_of_a_day_of_many_rows_as_of_none(
    connections: list[sqlite3.Connection],
) -> None:
    counts = (0, 5_000)
    steps = []
    for count in counts:
        with closing(SqliteStore(None, Alone())) as store, store.transaction() as tx:
            connections[-1].executemany(
                "INSERT INTO tasks (origin, account, fingerprint, model, inputs, state, attempted_at, cost)"
                " VALUES ('https://a', 'me', '', 'm', '{}', 'completed', ?, 0.01)",
                ((NOW - number * DAY_SECONDS / counts[1],) for number in range(count)),
            )
            taken: list[None] = []
            connections[-1].set_progress_handler(partial(taken.append, None), 10)
            spent = tx.cost_since(["https://a"], NOW - DAY_SECONDS, REFUNDED)
            spent += tx.cost_of(["me"], NOW - DAY_SECONDS, REFUNDED)
            connections[-1].set_progress_handler(None, 0)
            assert spent == pytest.approx(count * 0.02)
            steps.append(len(taken))
    # Ten instructions each: the sums of a day's 288 parts, twice, and not its rows.
    assert steps[1] - steps[0] < 288 * 2


def test_an_amount_that_no_run_can_cost_leaves_the_sum_of_the_others(store: Store) -> None:
    class Undone(Exception):
        """Nothing of it stays."""

    absurd = range(KEY + 1, KEY + 13)
    with suppress(Undone), store.transaction() as tx:
        tx.put(replace(ROW, attempted_at=NOW, cost=0.25))
        for key in absurd:
            tx.put(replace(ROW, key=key, attempted_at=NOW, cost=1e9))
        assert tx.cost_since([ROW.origin], NOW - DAY_SECONDS, REFUNDED) > 1e6
        for key in absurd:
            tx.update(key, charged=0.5)
        assert tx.cost_since([ROW.origin], NOW - DAY_SECONDS, REFUNDED) == pytest.approx(6.25)
        raise Undone


def test_what_is_dropped_for_one_api_leaves_the_sums_of_another(store: Store) -> None:
    with store.transaction() as tx:
        for key, origin in enumerate(("purged", "kept"), KEY):
            row = replace(ROW, origin=origin, attempted_at=NOW, cost=0.5, state="completed", ended_at=NOW)
            tx.put(replace(row, key=key))
        tx.purge(["purged"], NOW + 30 * DAY_SECONDS)
        assert tx.cost_since(["purged", "kept"], NOW - DAY_SECONDS, REFUNDED) == pytest.approx(0.5)
