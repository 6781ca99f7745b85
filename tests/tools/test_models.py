"""Finding a model, knowing its inputs, knowing its price."""

from __future__ import annotations

import pytest
from mcp.client import Client

from calling import Connect, MakeSettings, call, refusal
from wavespeed_mcp_server.sandbox import Fault, Sandbox


async def test_a_listing_has_all_an_agent_needs_to_run_a_model(client: Client) -> None:
    found = await call(client, "list_models", query="picture from a prompt", limit=3)
    row = next(model for model in found["models"] if model["model_id"] == "sandbox/paint")
    assert set(row) == {"model_id", "type", "base_price", "inputs", "description"}
    assert row["type"] == "text-to-image"
    assert row["base_price"] == 0.02
    assert row["inputs"].startswith("prompt*, ")
    assert "num_images=1" in row["inputs"]


async def test_a_listing_goes_on_where_the_last_page_ended(client: Client) -> None:
    first = await call(client, "list_models", limit=10)
    rest = await call(client, "list_models", limit=10, offset=10)
    assert "offset 10" in first["next"]
    assert "next" not in rest
    ids = [model["model_id"] for page in (first, rest) for model in page["models"]]
    assert len(ids) == len(set(ids)) == first["total"] == rest["total"] == 15


async def test_a_listing_keeps_to_a_type_and_a_price(client: Client) -> None:
    found = await call(client, "list_models", type="text-to-image", max_price=0.015)
    assert [model["model_id"] for model in found["models"]] == ["sandbox/flaky"]


async def test_a_listing_can_begin_with_the_cheapest(client: Client) -> None:
    found = await call(client, "list_models", sort="price", limit=50)
    prices = [model["base_price"] for model in found["models"]]
    assert prices == sorted(prices)


async def test_a_listing_without_a_match_says_what_to_try(client: Client) -> None:
    found = await call(client, "list_models", query="xyzzy frobnicate")
    assert found["models"] == []
    assert "fewer or other words" in found["next"]


async def test_an_unknown_sort_is_told_the_known_ones(client: Client) -> None:
    text = await refusal(client, "list_models", sort="cheap")
    assert "sort: must be 'relevance' or 'price'" in text


async def test_the_catalog_is_fetched_once_for_many_questions(client: Client, sandbox: Sandbox) -> None:
    await call(client, "list_models", query="speech")
    await call(client, "list_models", query="video")
    await call(client, "get_model", model="sandbox/speak")
    assert sandbox.counts["models"] == 1


async def test_a_model_shows_its_inputs_with_limits_and_an_example_that_runs(
    client: Client, sandbox: Sandbox
) -> None:
    sheet = await call(client, "get_model", model="sandbox/paint")
    assert sheet["required"] == ["prompt"]
    assert sheet["properties"]["num_images"]["maximum"] == 4
    assert sheet["price_inputs"]
    done = await call(client, "generate", model="sandbox/paint", input=sheet["example"])
    assert done["status"] == "completed"


async def test_an_unknown_model_is_told_the_closest_ids(client: Client, sandbox: Sandbox) -> None:
    arguments = {"model": "sandbox/pant"}
    for tool in ("get_model", "estimate_price", "generate"):
        text = await refusal(client, tool, **arguments)
        assert "sandbox/paint" in text
    assert sandbox.counts["submit"] == 0


async def test_an_estimate_is_the_price_that_is_charged(client: Client, sandbox: Sandbox) -> None:
    wish = {"model": "sandbox/paint", "input": {"prompt": "a cat", "num_images": 3}}
    quote = await call(client, "estimate_price", **wish)
    assert quote["price"] == pytest.approx(0.06)
    assert quote["discounted_price"] == pytest.approx(0.054)
    assert quote["currency"] == "USD"
    assert sandbox.counts["submit"] == 0
    await call(client, "generate", **wish)
    assert 10.0 - sandbox.balance == pytest.approx(quote["discounted_price"])


async def test_an_estimate_reads_values_in_another_notation_too(client: Client) -> None:
    given = {"prompt": "a cat", "num_images": "3"}
    quote = await call(client, "estimate_price", model="sandbox/paint", input=given)
    assert quote["price"] == pytest.approx(0.06)
    assert set(quote) == {"model", "price", "discounted_price", "currency", "unpriced_inputs"}


async def test_an_estimate_tells_what_a_run_would_still_need(client: Client) -> None:
    quote = await call(client, "estimate_price", model="edit")
    assert quote["model"] == "sandbox/edit"
    assert quote["next"] == "To run it, give images, prompt too."


async def test_an_estimate_names_the_missing_inputs_that_move_the_price(client: Client) -> None:
    """A transcript is billed by the length of its recording: without one the quote is a floor."""
    quote = await call(client, "estimate_price", model="sandbox/transcribe", input={"language": "en"})
    assert quote["unpriced_inputs"] == ["audio"]
    url = "https://example.com/speech.mp3"
    known = await call(client, "estimate_price", model="sandbox/transcribe", input={"audio": url})
    assert known["unpriced_inputs"] == []


async def test_an_estimate_needs_no_input_but_refuses_a_wrong_one(client: Client) -> None:
    assert (await call(client, "estimate_price", model="sandbox/paint"))["price"] == pytest.approx(0.02)
    text = await refusal(client, "estimate_price", model="sandbox/paint", input={"num_image": 2})
    assert "did you mean num_images" in text


async def test_a_listing_survives_an_api_that_is_down_once_it_has_been_read(
    connect: Connect, make_settings: MakeSettings, sandbox: Sandbox, mode: str
) -> None:
    async with connect(make_settings(), mode) as client:
        before = await call(client, "list_models", query="speech")
    down = make_settings(state_dir=make_settings().state_dir)
    sandbox.faults.append(Fault("models", "503", times=None))
    async with connect(down, mode) as client:
        assert await call(client, "list_models", query="speech") == before


@pytest.mark.parametrize("kind", ["503", "html", "garbage", "drop_before", "empty", "envelope_error"])
async def test_a_listing_without_any_catalog_is_a_clear_error(
    connect: Connect, make_settings: MakeSettings, sandbox: Sandbox, kind: str
) -> None:
    sandbox.faults.append(Fault("models", kind, times=None))
    async with connect(make_settings()) as client:
        text = await refusal(client, "list_models")
    assert "catalog" in text or "API" in text
    assert "unexpected" not in text


async def test_an_api_that_nobody_listens_at_is_told_with_its_address(
    connect: Connect, make_settings: MakeSettings, mode: str
) -> None:
    async with connect(make_settings(base_url="http://127.0.0.1:1"), mode) as client:
        for tool in ("list_models", "get_balance"):
            text = await refusal(client, tool)
            assert "127.0.0.1:1" in text or "reached" in text
            assert "unexpected" not in text


async def test_a_catalog_that_trips_this_server_does_not_end_it(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of this server")

    with monkeypatch.context() as patched:
        patched.setattr("wavespeed_mcp_server.catalog.catalog.parse_catalog", broken)
        assert "catalog" in await refusal(client, "list_models")
    assert "a fault of this server" in caplog.text
    assert (await call(client, "list_models"))["models"]


async def test_a_longer_page_than_there_is_goes_on_where_it_ends(client: Client) -> None:
    found = await call(client, "list_models", limit="500")
    assert found["total"] == len(found["models"])
    runs = await call(client, "list_predictions", limit=500)
    assert runs["predictions"] == []


async def test_what_is_no_type_is_searched_as_words_and_told(client: Client) -> None:
    found = await call(client, "list_models", query="a song", type="music")
    assert found["models"][0]["type"] == "text-to-audio"
    assert "'music' is no type" in found["next"]
    several = await call(client, "list_models", type=["text-to-audio", "image-to-3d"])
    assert {row["type"] for row in several["models"]} == {"text-to-audio", "image-to-3d"}


async def test_a_model_that_fits_and_costs_too_much_as_it_is_is_told(client: Client) -> None:
    found = await call(
        client, "list_models", query="video from my photo", type="image-to-video", max_price=0.2
    )
    assert found["models"] == []
    assert "Above max_price" in found["next"]
    assert "film-2.1/image-to-video (from $0.25)" in found["next"]
