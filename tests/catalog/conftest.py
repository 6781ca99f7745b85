"""Real catalogs, where they are at hand, and small ones made here."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from wavespeed_mcp_server.catalog import Model, parse_catalog
from wavespeed_mcp_server.catalog.catalog import Spawn

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SNAPSHOTS = ("models-2026-03-13.json", "models-2026-08-18-video.json")


def entry(model_id: str, kind: str = "text-to-image", **changes: Any) -> dict[str, Any]:
    """A catalog entry as the API gives it."""
    schema = {
        "type": "object",
        "properties": {"prompt": {"type": "string"}, "seed": {"type": "integer", "default": -1}},
        "required": ["prompt"],
    }
    return {
        "model_id": model_id,
        "type": kind,
        "description": f"{model_id} makes things",
        "base_price": 0.01,
        "sort_order": 100,
        "api_schema": {"api_schemas": [{"type": "model_run", "request_schema": schema}]},
    } | changes


def document(*entries: Any) -> bytes:
    """The API's answer holding these entries."""
    return json.dumps({"code": 200, "message": "success", "data": list(entries)}).encode()


def model(properties: dict[str, Any] | None = None, **changes: Any) -> Model:
    """A model whose request schema has these properties; other keywords of the schema by name."""
    known = {"type", "formula", "description", "base_price", "model_id"}
    schema = {"type": "object", "properties": properties or {}}
    schema |= {key: value for key, value in changes.items() if key not in known}
    return Model(
        model_id=changes.get("model_id", "some/model"),
        type=changes.get("type", "text-to-image"),
        description=changes.get("description", ""),
        base_price=changes.get("base_price"),
        schema=None if properties is None else schema,
        formula=changes.get("formula"),
        sort_order=0.0,
    )


def snapshot(name: str) -> bytes:
    """A real catalog answer; skips where it is not at hand."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"needs the real catalog {name}, which is not part of the project")
    return path.read_bytes()


def real_models() -> list[Model]:
    """Every model of both real catalogs as each has it; none where they are not at hand."""
    paths = [DATA / name for name in SNAPSHOTS]
    return [found for path in paths if path.exists() for found in parse_catalog(path.read_bytes())]


@pytest.fixture(scope="session")
def merged() -> bytes:
    """Both real catalogs as one answer; the newer entry of a model wins."""
    both = {item["model_id"]: item for name in SNAPSHOTS for item in json.loads(snapshot(name))["data"]}
    return document(*both.values())


@pytest.fixture
async def spawn() -> AsyncIterator[Spawn]:
    """Starts background work that must be over when the test is."""
    async with anyio.create_task_group() as group:
        with anyio.fail_after(10):
            yield group.start_soon
