import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from wavespeed_mcp_server.sandbox import Sandbox, running

from .speaking import Json, get, post, refused, run


async def test_only_a_bearer_with_the_key_is_let_in(sandbox: Sandbox, stranger: httpx.AsyncClient) -> None:
    path = "/api/v3/balance"
    wrong: list[dict[str, str]] = [
        {},
        {"x-api-key": "sandbox-key"},
        {"authorization": "sandbox-key"},
        {"authorization": "Basic sandbox-key"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer other"},
    ]
    for headers in wrong:
        refused(await stranger.get(path, headers=headers), 401)
    answer = await stranger.get(path, headers={"authorization": "Bearer sandbox-key"})
    assert answer.status_code == 200
    assert [seen.at for seen in sandbox.requests] == ["balance"] * 7


async def test_without_a_key_of_its_own_any_bearer_is_let_in() -> None:
    async with (
        running(Sandbox(key=None)) as sandbox,
        httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as client,
    ):
        answer = await client.get("/api/v3/balance", headers={"authorization": "Bearer anything"})
        assert answer.json()["data"] == {"balance": 100.0}
        refused(await client.get("/api/v3/balance"), 401)


async def test_a_key_never_topped_up_is_refused_everywhere(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    sandbox.account_mode = "unactivated"
    for path in ("models", "balance", "predictions/x/result"):
        assert "top-up" in refused(await client.get(f"/api/v3/{path}"), 401)


async def test_a_restricted_role_may_read_but_not_spend(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.account_mode = "restricted"
    answer = await client.post("/api/v3/sandbox/paint", json={"prompt": "x"})
    refused(answer, 403)
    assert answer.json()["error_code"] == "permission_denied"
    assert not sandbox.predictions
    assert (await client.get("/api/v3/models")).status_code == 200


async def test_every_answer_is_marked_and_dated(client: httpx.AsyncClient) -> None:
    for path in ("/api/v3/balance", "/api/v3/nothing", "/_sandbox/state"):
        answer = await client.get(path)
        assert answer.headers["x-sandbox"] == "1"
        assert answer.headers["date"].endswith("GMT")


@pytest.mark.parametrize(
    ("model", "inputs", "price"),
    [
        ("sandbox/paint", {}, 0.02),
        ("sandbox/paint", {"prompt": "x", "num_images": 4}, 0.08),
        ("sandbox/edit", {"resolution": "4k"}, 0.12),
        ("sandbox/film-2.1/text-to-video", {}, 0.25),
        ("sandbox/film-2.1/text-to-video", {"duration": 10, "resolution": "1080p"}, 1.0),
        ("sandbox/film-2.1/image-to-video", {"duration": 10, "resolution": "480p"}, 0.25),
        ("sandbox/speak", {"text": "x" * 1001}, 0.02),
        ("sandbox/train", {"steps": 500}, 0.625),
        ("sandbox/paint", {"numimages": 4}, 0.02),
    ],
)
async def test_a_quote_follows_the_inputs_that_drive_it(
    sandbox: Sandbox, client: httpx.AsyncClient, model: str, inputs: Json, price: float
) -> None:
    quote = await post(client, "model/price", {"model_id": model, "inputs": inputs})
    rate = sandbox.models[model].discount_rate or 100
    assert quote["price"] == price
    assert quote["discounted_price"] == pytest.approx(price * rate / 100)
    assert (quote["model_id"], quote["currency"]) == (model, "USD")
    old = await post(client, "model/pricing", {"model_id": model, "inputs": inputs})
    assert old == {"model_id": model, "unit_price": price, "currency": "USD"}


async def test_a_quote_for_a_forbidden_value_or_an_unknown_model_is_refused(
    client: httpx.AsyncClient,
) -> None:
    wrong = {"model_id": "sandbox/edit", "inputs": {"resolution": "3k"}}
    refused(await client.post("/api/v3/model/price", json=wrong), 400)
    refused(await client.post("/api/v3/model/price", json={"model_id": "sandbox/none"}), 404)


async def test_a_run_costs_what_its_quote_said(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    body = {"prompt": "x", "num_images": 3}
    quote = await post(client, "model/price", {"model_id": "sandbox/paint", "inputs": body})
    await run(client, "sandbox/paint", body)
    assert (await get(client, "balance"))["balance"] == pytest.approx(10 - quote["discounted_price"])


async def test_billing_shows_what_was_taken_and_given_back(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    good = await run(client, "sandbox/paint", {"prompt": "x"})
    bad = await run(client, "sandbox/flaky", {"prompt": "x"})
    found = await post(client, "billings/search", {"prediction_uuids": [bad["id"]]})
    assert {(item["billing_type"], item["price"]) for item in found["items"]} == {
        ("refund", 0.01),
        ("deduct", 0.01),
    }
    found = await post(client, "billings/search", {"billing_type": "deduct", "page_size": 1, "page": 2})
    assert (found["page"], found["total"]) == (2, 2)
    (item,) = found["items"]
    assert item["prediction"] == {"uuid": good["id"], "model_uuid": "sandbox/paint", "status": "completed"}
    now = str(int(time.time() * 1000) + 60_000)
    assert (await post(client, "billings/search", {"start_time": now}))["items"] == []
    refused(await client.post("/api/v3/billings/search", json={"start_time": 5}), 400)


async def test_usage_counts_failed_runs_as_free(client: httpx.AsyncClient) -> None:
    await run(client, "sandbox/paint", {"prompt": "x"})
    await run(client, "sandbox/paint", {"prompt": "x"})
    await run(client, "sandbox/flaky", {"prompt": "x"})
    now = datetime.now(UTC)
    window = {
        "start_time": (now - timedelta(days=1)).isoformat(),
        "end_time": (now + timedelta(1)).isoformat(),
    }
    usage = await post(client, "user/usage_stats", window)
    assert usage["summary"] == {"total_cost": 0.036, "total_requests": 3, "success_requests": 2}
    rows = {row["model_uuid"]: (row["total_cost"], row["total_count"]) for row in usage["per_model_usage"]}
    assert rows == {"sandbox/paint": (0.036, 2), "sandbox/flaky": (0.0, 1)}
    (day,) = usage["daily_usage"]
    assert (day["amount"], day["count"]) == (0.036, 3)
    only = await post(client, "user/usage_stats", window | {"model_uuid": "sandbox/flaky"})
    assert only["summary"]["total_requests"] == 1


async def test_usage_over_more_than_31_days_is_refused(client: httpx.AsyncClient) -> None:
    window = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-02-02T00:00:00Z"}
    refused(await client.post("/api/v3/user/usage_stats", json=window), 400)
    refused(await client.post("/api/v3/user/usage_stats", json={}), 400)


async def test_where_any_bearer_is_let_in_each_has_an_account_of_its_own() -> None:
    async with running(Sandbox(key=None)) as sandbox:
        one, other = (
            httpx.AsyncClient(
                base_url=f"{sandbox.url}/api/v3/",
                headers={"authorization": f"Bearer {key}"},
                trust_env=False,
            )
            for key in ("one", "other")
        )
        async with one, other:
            made = (await one.post("sandbox/paint", json={"prompt": "x"})).json()["data"]["id"]
            sandbox.finish(made)
            assert (await one.get(f"predictions/{made}/result")).status_code == 200
            refused(await other.get(f"predictions/{made}/result"), 404)
            assert (await other.post("predictions", json={})).json()["data"]["total"] == 0
            assert (await other.post("billings/search", json={})).json()["data"]["total"] == 0
            gone = await other.post("predictions/delete", json={"ids": [made]})
            assert gone.json()["data"]["deleted_count"] == 0
            assert (await other.get("balance")).json()["data"] == {"balance": 100.0}
            assert (await one.get("balance")).json()["data"]["balance"] < 100.0
