"""The tables of a database: made and brought up to date by whoever comes first, while others run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Event
from uuid import uuid4

import psycopg
import pytest

from wavespeed_mcp_server.ledger.postgres import PostgresStore

from .test_store import KEY, ROW

pytestmark = pytest.mark.ci

OLDER = """
DROP TABLE commits;
ALTER TABLE tasks DROP COLUMN webhook, DROP COLUMN parents, DROP COLUMN project;
DELETE FROM ledger_schemas
"""
AS_BEFORE = (
    "INSERT INTO tasks (key, origin, account, fingerprint, model, inputs, state, attempted_at, cost)"
    " VALUES (%s, 'origin', 'account', '', 'model', '{}', 'attempt', 1, 0.5)"
)


def opened(url: str) -> PostgresStore:
    return PostgresStore(url, uuid4().hex)


def test_many_that_start_at_once_on_an_empty_database_all_find_the_tables(database_url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(opened, [database_url] * 8))
    for number, store in enumerate(stores):
        with closing(store), store.transaction() as tx:
            tx.put(replace(ROW, key=KEY + number))
    with closing(opened(database_url)) as store, store.transaction() as tx:
        assert all(tx.row(KEY + number) for number in range(8))


def test_older_tables_are_brought_up_to_date_while_an_older_process_goes_on_writing(
    database_url: str,
) -> None:
    opened(database_url).close()
    with psycopg.connect(database_url) as db:
        db.execute(OLDER)
    done = Event()
    written: list[int] = []

    def write_as_before() -> None:
        with psycopg.connect(database_url, autocommit=True) as db:
            while not done.is_set() or len(written) < 2:
                written.append(len(written) + 1)
                db.execute(AS_BEFORE, (written[-1],))

    with ThreadPoolExecutor(9) as threads:
        writing = threads.submit(write_as_before)
        stores = list(threads.map(opened, [database_url] * 8))
        done.set()
        writing.result()
    for store in stores:
        store.close()
    with closing(opened(database_url)) as store, store.transaction() as tx:
        rows = [tx.row(key) for key in written]
        assert all(row is not None and not row.webhook and row.project == "" for row in rows)
        assert tx.cost_of(["account"], 0.0, []) == pytest.approx(0.5 * len(written))
