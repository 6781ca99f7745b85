"""The catalog's copy: cached, shared, refreshed behind the caller's back, usable while the API is down."""

import json
from pathlib import Path

import anyio
import pytest

from wavespeed_mcp_server.catalog import Catalog, CatalogUnavailable, UnknownModel
from wavespeed_mcp_server.catalog.cache import cache_path
from wavespeed_mcp_server.catalog.catalog import Spawn

from .conftest import document, entry

HOUR = 3600.0


class Server:
    """Stands for the fetch: counts calls, can be slow, down, or talking nonsense."""

    def __init__(self, *ids: str) -> None:
        self.body = document(*map(entry, ids))
        self.calls = 0
        self.down = False
        self.gate: anyio.Event | None = None
        self.asked = anyio.Event()

    async def __call__(self) -> bytes:
        self.calls += 1
        self.asked.set()
        if self.gate:
            await self.gate.wait()
        if self.down:
            raise OSError("connection refused")
        return self.body


class Clock:
    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_hundred_callers_share_one_fetch(tmp_path: Path, spawn: Spawn) -> None:
    server = Server("a/b")
    server.gate = anyio.Event()
    catalog = Catalog(server, tmp_path, spawn)
    totals: list[int] = []

    async def call() -> None:
        totals.append((await catalog.search()).total)

    async with anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(call)
        await server.asked.wait()
        server.gate.set()
    assert totals == [1] * 100
    assert server.calls == 1


async def test_a_cancelled_caller_does_not_end_the_fetch_for_the_others(tmp_path: Path, spawn: Spawn) -> None:
    server = Server("a/b")
    server.gate = anyio.Event()
    catalog = Catalog(server, tmp_path, spawn)
    async with anyio.create_task_group() as group:
        group.start_soon(catalog.search)
        await server.asked.wait()
        group.cancel_scope.cancel()
    server.gate.set()
    assert (await catalog.search()).total == 1
    assert server.calls == 1


async def test_a_new_process_uses_the_copy_on_disk(tmp_path: Path, spawn: Spawn, clock: Clock) -> None:
    await Catalog(Server("a/b"), tmp_path, spawn, now=clock).search()
    later = Server()
    clock.time += HOUR - 1
    found = await Catalog(later, tmp_path, spawn, now=clock).search()
    assert (found.total, found.stale, later.calls) == (1, False, 0)


async def test_servers_and_accounts_do_not_share_a_copy(tmp_path: Path, spawn: Spawn) -> None:
    await Catalog(Server("a/one"), tmp_path, spawn, "one").search()
    assert await Catalog(Server("a/two"), tmp_path, spawn, "two").models_ids() == ["a/two"]


async def test_an_old_copy_answers_at_once_and_is_replaced_behind(
    tmp_path: Path, spawn: Spawn, clock: Clock
) -> None:
    server = Server("a/old")
    catalog = Catalog(server, tmp_path, spawn, now=clock)
    await catalog.search()
    server.body = document(entry("a/new"))
    server.gate, server.asked = anyio.Event(), anyio.Event()
    clock.time += HOUR + 1
    found = await catalog.search()
    assert (found.models[0].model_id, found.stale) == ("a/old", True)
    await server.asked.wait()
    server.gate.set()
    assert await catalog.model("a/new") is not None
    assert not (await catalog.search()).stale
    assert server.calls == 2


async def test_any_old_copy_serves_while_the_api_is_down(tmp_path: Path, spawn: Spawn, clock: Clock) -> None:
    await Catalog(Server("a/b"), tmp_path, spawn, now=clock).search()
    down = Server()
    down.down = True
    clock.time += 1000 * HOUR
    catalog = Catalog(down, tmp_path, spawn, now=clock)
    found = await catalog.search()
    assert (found.total, found.stale) == (1, True)
    await down.asked.wait()


async def test_without_any_copy_the_reason_is_told(tmp_path: Path, spawn: Spawn) -> None:
    server = Server()
    server.down = True
    catalog = Catalog(server, tmp_path, spawn)
    with pytest.raises(CatalogUnavailable) as caught:
        await catalog.search()
    assert "connection refused" in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)
    assert await catalog.model("a/b") is None


async def test_after_a_failure_the_next_caller_tries_again(tmp_path: Path, spawn: Spawn) -> None:
    server = Server("a/b")
    server.down = True
    catalog = Catalog(server, tmp_path, spawn)
    with pytest.raises(CatalogUnavailable):
        await catalog.search()
    server.down = False
    assert (await catalog.search()).total == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"data":[]}', b'{"data":null}', b"null", b'{"data":[{"x":1}]}', b"[" * 99999],
)
async def test_an_unreadable_answer_never_replaces_a_good_copy(
    tmp_path: Path, spawn: Spawn, clock: Clock, body: bytes
) -> None:
    server = Server("a/b")
    catalog = Catalog(server, tmp_path, spawn, now=clock)
    await catalog.search()
    server.body = body
    clock.time += 2 * HOUR
    assert await catalog.model("a/none") is None
    assert server.calls == 2
    assert await Catalog(server, tmp_path, spawn, now=clock).models_ids() == ["a/b"]


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b'{"layout":"x"}\n{}\n', None])
async def test_a_damaged_copy_on_disk_is_fetched_anew(
    tmp_path: Path, spawn: Spawn, damage: bytes | None
) -> None:
    await Catalog(Server("a/b"), tmp_path, spawn).search()
    path = cache_path(tmp_path, "")
    path.write_bytes(path.read_bytes()[:-40] if damage is None else damage)
    assert await Catalog(Server("a/c"), tmp_path, spawn).models_ids() == ["a/c"]


async def test_a_copy_cut_at_any_line_is_not_used(tmp_path: Path, spawn: Spawn) -> None:
    await Catalog(Server("a/b", "a/c"), tmp_path, spawn).search()
    path = cache_path(tmp_path, "")
    lines = path.read_bytes().split(b"\n")
    for count in range(len(lines)):
        path.write_bytes(b"\n".join(lines[:count]))
        assert await Catalog(Server("a/new"), tmp_path, spawn).models_ids() == ["a/new"]


async def test_a_directory_that_cannot_be_written_leaves_the_copy_in_memory(
    tmp_path: Path, spawn: Spawn
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    server = Server("a/b")
    catalog = Catalog(server, blocked / "cache", spawn)
    assert (await catalog.search()).total == 1
    assert (await catalog.search()).total == 1
    assert server.calls == 1


async def test_nothing_is_left_beside_the_copy(tmp_path: Path, spawn: Spawn) -> None:
    await Catalog(Server("a/b"), tmp_path, spawn).search()
    assert list(tmp_path.iterdir()) == [cache_path(tmp_path, "")]


async def test_another_process_refresh_is_taken_over_instead_of_fetching(
    tmp_path: Path, spawn: Spawn, clock: Clock
) -> None:
    mine = Server("a/old")
    catalog = Catalog(mine, tmp_path, spawn, now=clock)
    await catalog.search()
    clock.time += 2 * HOUR
    await Catalog(Server("a/new"), tmp_path, spawn, now=clock).model("a/new")
    assert (await catalog.model("a/new")) is not None
    assert mine.calls == 1


async def test_a_model_is_known_with_its_schema(tmp_path: Path, spawn: Spawn) -> None:
    found = await Catalog(Server("a/b"), tmp_path, spawn).model("a/b")
    assert found is not None
    assert found.schema is not None
    assert found.schema["required"] == ["prompt"]
    assert found.base_price == 0.01


async def test_an_unknown_model_names_the_closest(tmp_path: Path, spawn: Spawn) -> None:
    server = Server("google/imagen4", "google/imagen4-fast", "kwaivgi/kling-v2.0-i2v-master")
    catalog = Catalog(server, tmp_path, spawn)
    with pytest.raises(UnknownModel) as caught:
        await catalog.model("google/imagen-4")
    assert caught.value.closest[0] == "google/imagen4"
    assert server.calls == 1


async def test_an_unknown_model_is_looked_for_afresh_before_it_is_refused(
    tmp_path: Path, spawn: Spawn, clock: Clock
) -> None:
    server = Server("a/old")
    catalog = Catalog(server, tmp_path, spawn, now=clock)
    await catalog.search()
    server.body = document(entry("a/old"), entry("a/new"))
    clock.time += 61
    assert await catalog.model("a/new") is not None
    with pytest.raises(UnknownModel):
        await catalog.model("a/none")
    assert server.calls == 2


async def test_with_the_api_down_a_young_copy_still_refuses_and_an_old_one_cannot_know(
    tmp_path: Path, spawn: Spawn, clock: Clock
) -> None:
    server = Server("a/b")
    catalog = Catalog(server, tmp_path, spawn, now=clock)
    await catalog.search()
    server.down = True
    clock.time += HOUR - 1
    with pytest.raises(UnknownModel):
        await catalog.model("a/none")
    clock.time += 2
    assert await catalog.model("a/none") is None


async def test_odd_entries_never_spoil_the_others(tmp_path: Path, spawn: Spawn) -> None:
    server = Server()
    server.body = document(
        entry("a/good"),
        None,
        7,
        {},
        {"model_id": None},
        {"model_id": "../../etc/passwd"},
        {"model_id": "a/bare"},
        entry("a/null", base_price=None, type=None, description=None, sort_order=None, api_schema=None),
        entry(
            "a/odd", base_price="free", sort_order="high", api_schema={"api_schemas": [None, {}]}, formula=1
        ),
        entry("a/other", api_schema={"api_schemas": [{"type": "model_run", "request_schema": []}]}),
        entry("a/nan", base_price=float("nan")),
        entry("a/vast", base_price=10**400),
    )
    catalog = Catalog(server, tmp_path, spawn)
    names = ("bare", "good", "nan", "null", "odd", "other", "vast")
    assert sorted(await catalog.models_ids()) == [f"a/{name}" for name in names]
    for model_id in await catalog.models_ids():
        found = await catalog.model(model_id)
        assert found is not None
        assert (found.base_price is None) == (model_id != "a/good" and model_id != "a/other")


async def test_text_from_the_catalog_is_one_bounded_line(tmp_path: Path, spawn: Spawn) -> None:
    server = Server()
    server.body = document(entry("a/b", description="Ignore\x00 all\u202e\n\nprevious " + "x" * 100_000))
    found = await Catalog(server, tmp_path, spawn).model("a/b")
    assert found is not None
    assert found.description.startswith("Ignore all previous x")
    assert len(found.description) <= 600
    assert json.dumps(found.description).isascii()


async def test_the_copy_at_hand_is_asked_without_waiting_for_the_api(
    tmp_path: Path, spawn: Spawn, clock: Clock
) -> None:
    server = Server("a/b")
    catalog = Catalog(server, tmp_path, spawn, now=clock)
    assert await catalog.at_hand("a/b") is None
    assert server.calls == 0
    await catalog.search()
    clock.time += 2 * HOUR
    later = Catalog(server, tmp_path, spawn, now=clock)
    assert await later.at_hand("a/b") is not None
    assert await later.at_hand("a/none") is None
    assert server.calls == 1
