"""What a budget counts is the sum over the rows, however it is kept."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wavespeed_mcp_server.ledger.budget import ROUNDING
from wavespeed_mcp_server.ledger.rows import REFUNDED, Row
from wavespeed_mcp_server.ledger.store import Store, Transaction

from .test_store import KEY, ROW

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


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
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
