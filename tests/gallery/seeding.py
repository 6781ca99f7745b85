"""A ledger, as the released version wrote it, with as many runs as a test wants over the last days."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from random import Random
from time import time

from wavespeed_mcp_server.process import state_dir
from wavespeed_mcp_server.settings import Settings

DAYS = 5.9
MODELS = (
    "vendor/paint",
    "vendor/paint-pro/edit",
    "vendor/film/text-to-video",
    "vendor/speech",
    "vendor/mesh-3d",
)
THINGS = ("lighthouse", "fisherman", "bakery", "fox", "library", "dew drop", "village", "astronaut")
MANNERS = (
    "in fog",
    "by window light",
    "as a clay render",
    "in snow",
    "at dusk",
    "as a paper cut",
    "on the moon",
)
SCHEMA = """
CREATE TABLE tasks (
    key INTEGER PRIMARY KEY, origin TEXT NOT NULL, account TEXT NOT NULL, fingerprint TEXT NOT NULL,
    model TEXT NOT NULL, inputs TEXT NOT NULL, state TEXT NOT NULL, id TEXT NOT NULL DEFAULT '',
    attempted_at REAL NOT NULL, ended_at REAL, delivered INTEGER NOT NULL DEFAULT 0, owner TEXT, cost REAL,
    quoted INTEGER NOT NULL DEFAULT 0, charged REAL, seconds REAL
)
"""


def seed(settings: Settings, count: int) -> None:
    """Write `count` ended runs into a new ledger; the same for the same count."""
    directory = state_dir(settings)
    directory.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(directory / "ledger.sqlite3")
    db.execute("PRAGMA journal_mode=WAL")
    db.execute(SCHEMA)
    db.execute("PRAGMA user_version=1")
    marks = ",".join("?" * 15)
    columns = (
        "origin, account, fingerprint, model, inputs, state, id, attempted_at, ended_at, delivered, owner"
    )
    with db:
        db.executemany(
            f"INSERT INTO tasks ({columns}, cost, quoted, charged, seconds) VALUES ({marks})",
            rows(settings, count),
        )
    db.close()


def rows(settings: Settings, count: int) -> Iterator[tuple[object, ...]]:
    """Rows of ended runs, oldest first."""
    draw = Random(count)
    now = time()
    for number in range(count):
        given = {"prompt": f"a {draw.choice(THINGS)} {draw.choice(MANNERS)}, number {number}", "seed": number}
        at = now - DAYS * 86_400 * (1 - number / count)
        state = "completed" if number % 50 else "failed"
        yield (
            *(settings.origin, settings.account, f"f{number}", draw.choice(MODELS), json.dumps(given), state),
            *(f"seeded{number:026x}", at, at + 5, 1, None, round(draw.uniform(0.01, 0.4), 3), 1, None, 5.0),
        )
