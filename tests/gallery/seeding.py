"""A ledger with as many runs as a test wants, spread over the last days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from time import time

from wavespeed_mcp_server.ledger import Row, SharedStore
from wavespeed_mcp_server.ledger.rows import fingerprint
from wavespeed_mcp_server.process import state_dir
from wavespeed_mcp_server.settings import Settings

DAYS = 6.0
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


def rows(settings: Settings, count: int) -> Iterator[Row]:
    """Rows of ended runs, oldest first; the same for the same settings and count."""
    draw = Random(count)
    now = time()
    for number in range(count):
        model = draw.choice(MODELS)
        given = {"prompt": f"a {draw.choice(THINGS)} {draw.choice(MANNERS)}, number {number}", "seed": number}
        at = now - DAYS * 86_400 * (1 - number / count)
        yield Row(
            key=0,
            origin=settings.origin,
            account=settings.account,
            fingerprint=fingerprint(model, given),
            model=model,
            inputs=given,
            state="completed" if number % 50 else "failed",
            id=f"seeded{number:026x}",
            attempted_at=at,
            ended_at=at + 5,
            delivered=True,
            owner=None,
            cost=round(draw.uniform(0.01, 0.4), 3),
            quoted=True,
            charged=None,
            seconds=5.0,
        )


async def seed(settings: Settings, count: int) -> None:
    """Write `count` ended runs into the ledger."""
    store = SharedStore(state_dir(settings))
    found = list(rows(settings, count))
    await store.run(lambda tx: [tx.insert(replace(row)) for row in found])
    await store.aclose()
