import httpx

from wavespeed_mcp_server.sandbox import Sandbox

from .speaking import post, refused, run


async def test_history_is_newest_first_in_pages(client: httpx.AsyncClient) -> None:
    ids = [(await run(client, "sandbox/paint", {"prompt": str(n)}))["id"] for n in range(5)]
    page = await post(client, "predictions", {"page": 2, "page_size": 2})
    assert (page["page"], page["total"]) == (2, 5)
    assert [item["id"] for item in page["items"]] == [ids[2], ids[1]]
    assert "inputs" not in page["items"][0]


async def test_history_gives_inputs_as_kept_when_asked(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    await run(client, "sandbox/write", {"prompt": "x", "bogus": 1})
    page = await post(client, "predictions", {"page": 1, "page_size": 100, "include_inputs": True})
    assert page["items"][0]["inputs"] == {"prompt": "x"}
    sandbox.history_fills_defaults = True
    page = await post(client, "predictions", {"page": 1, "page_size": 100, "include_inputs": True})
    assert page["items"][0]["inputs"]["temperature"] == 0.7


async def test_history_filters_by_model_status_and_time(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    first = await run(client, "sandbox/paint", {"prompt": "x"})
    failed = await run(client, "sandbox/flaky", {"prompt": "x"})

    async def found(**query: str) -> list[str]:
        return [item["id"] for item in (await post(client, "predictions", dict(query)))["items"]]

    assert await found(model="sandbox/paint") == [first["id"]]
    assert await found(status="failed") == [failed["id"]]
    assert await found(created_after=failed["created_at"]) == [failed["id"]]
    assert await found(created_before=first["created_at"]) == [first["id"]]
    assert await found(created_after="2999-01-01T00:00:00Z") == []
    sandbox.history_lag = 3600
    assert await found() == []


async def test_history_refuses_pages_out_of_range(client: httpx.AsyncClient) -> None:
    for query in (
        {"page_size": 101},
        {"page_size": 0},
        {"page": 0},
        {"page": "1"},
        {"created_after": "today"},
    ):
        refused(await client.post("/api/v3/predictions", json=query), 400)


async def test_running_and_unknown_ids_are_passed_over_by_delete(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    ended = await run(client, "sandbox/paint", {"prompt": "x"})
    sandbox.run_seconds = lambda _model, _inputs: None
    running = await post(client, "sandbox/paint", {"prompt": "x"})
    ids = [ended["id"], ended["id"], running["id"], "nothing"]
    assert await post(client, "predictions/delete", {"ids": ids}) == {"deleted_count": 1}
    assert list(sandbox.predictions) == [running["id"]]
    refused(await client.get(f"/api/v3/predictions/{ended['id']}/result"), 404)
    refused(await client.post("/api/v3/predictions/delete", json={"ids": "x"}), 400)
