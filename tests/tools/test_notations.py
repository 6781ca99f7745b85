"""Arguments as models and people write them: where one meaning is possible it is taken at the first try."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mcp.client import Client

from calling import Connect, Json, MakeSettings, ask, call, refusal, text_of
from wavespeed_mcp_server.sandbox import Sandbox

CAT = {"model": "sandbox/paint", "input": {"prompt": "a cat"}}


async def made(client: Client, count: int = 1) -> list[str]:
    done = await call(client, "generate_batch", requests=[{**CAT, "vary": {"seed": list(range(count))}}])
    return [row["id"] for row in done["predictions"]]


@pytest.mark.parametrize("limit", ["$1", "1 USD", "US$1.00", "1", "1 dollar", 1])
async def test_an_amount_may_have_its_currency(client: Client, limit: object) -> None:
    assert (await call(client, "generate", **CAT, max_price=limit))["status"] == "completed"
    assert (await call(client, "list_models", max_price=limit))["total"] > 0


async def test_an_amount_in_another_currency_is_none(client: Client, sandbox: Sandbox) -> None:
    assert "max_price" in await refusal(client, "generate", **CAT, max_price="1 EUR")
    assert sandbox.counts["submit"] == 0


@pytest.mark.parametrize("joined", ["{0}, {1}", "{0} {1}", " {0};{1} ", '["{0}", "{1}"]'])
async def test_several_ids_may_stand_in_one_text(client: Client, joined: str) -> None:
    ids = await made(client, 2)
    found = await call(client, "check_status", ids=joined.format(*ids))
    assert [row["id"] for row in found["predictions"]] == ids


async def test_one_id_is_taken_for_a_list_and_a_list_of_one_for_an_id(client: Client) -> None:
    (one,) = await made(client)
    for given in ({"id": [one]}, {"ids": one}, {"id": f" {one}\n"}):
        assert not (await client.call_tool("view_output", given)).is_error


@pytest.mark.parametrize("vary", [{"seed": 1}, {"seed": "[1]"}, {"seed": ["1"]}])
async def test_one_request_is_taken_for_a_list_of_it(client: Client, vary: Json) -> None:
    done = await call(client, "generate_batch", requests={**CAT, "vary": vary})
    assert (done["total"], done["completed"]) == (1, 1)


async def test_the_case_of_a_model_id_says_nothing(client: Client, sandbox: Sandbox) -> None:
    done = await call(client, "generate", model="Sandbox/PAINT", input={"prompt": "a cat"})
    assert done["model"] == "sandbox/paint"
    assert [one.model for one in sandbox.submissions] == ["sandbox/paint"]


@pytest.mark.parametrize("sort", ["Price", "PRICE", "cheapest"])
async def test_an_order_is_taken_in_other_words(client: Client, sort: str) -> None:
    prices = [row["base_price"] for row in (await call(client, "list_models", sort=sort))["models"]]
    assert prices == sorted(prices)


@pytest.mark.parametrize("since", ["today", "7 days ago", "last 7 days", "last week", "this month", "7d"])
async def test_times_are_taken_in_plain_words(client: Client, since: str) -> None:
    await made(client)
    assert (await call(client, "get_usage", since=since))["total_requests"] == 1
    assert len((await call(client, "list_predictions", since=since, until="now"))["predictions"]) == 1


def cut(whole: str) -> list[str]:
    """Parts of an id that nobody else has, and the words for the newest run."""
    return [whole[:20], whole[7:19], whole[-8:], "latest", "Last"]


async def test_a_part_of_an_id_means_the_one_run_that_has_it(client: Client) -> None:
    _, whole = await made(client, 2)
    (newest,) = await made(client)
    for part in cut(whole):
        wanted = whole if part in whole else newest
        assert [one["id"] for one in (await call(client, "check_status", ids=[part]))["predictions"]] == [
            wanted
        ]
        assert {one["id"] for one in (await call(client, "download_outputs", ids=part))["saved"]} == {wanted}
        assert not (await client.call_tool("view_output", {"id": part})).is_error
        assert [one["id"] for one in (await call(client, "get_usage", ids=[part]))["charges"]] == [wanted]


async def test_a_part_of_an_id_never_deletes(client: Client) -> None:
    (whole,) = await made(client)
    for part in cut(whole):
        done = await call(client, "delete_predictions", ids=[part])
        assert "give the whole id" in done["not_deleted"][0]["reason"]
    assert (await call(client, "check_status", ids=[whole]))["predictions"][0]["status"] == "completed"


@pytest.mark.parametrize("part", ["sandbox", "sandboxx", "nothere0", "short"])
async def test_a_part_of_no_id_or_of_several_asks_for_the_whole_one(client: Client, part: str) -> None:
    await made(client, 2)
    answer = await ask(client, "check_status", ids=[part])
    assert "the whole" in text_of(answer)
    assert "the whole" in await refusal(client, "download_outputs", ids=[part])
    assert "the whole" in await refusal(client, "view_output", id=part)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
WAYS_HOME = ["$HOME/{}", "${{HOME}}/{}", "~/{}", " ~/{}", "%USERPROFILE%/{}", '["~/{}"]', "@@~/{}", "'~/{}'"]


@pytest.fixture
async def at_home(connect: Connect, make_settings: MakeSettings, tmp_path: Path) -> AsyncIterator[Client]:
    """A client whose server may read two pictures of the person's."""
    pictures = tmp_path / "home" / "Pictures"
    pictures.mkdir()
    for name in ("shoe.png", "other.png"):
        (pictures / name).write_bytes(PNG + name.encode())
    async with connect(make_settings(allowed_dirs=None)) as client:
        yield client


@pytest.mark.parametrize("way", WAYS_HOME)
async def test_the_persons_folder_is_known_however_it_is_written(at_home: Client, way: str) -> None:
    sent = await call(at_home, "upload_file", path=way.format("Pictures/shoe.png"))
    assert sent["size_bytes"] == len(PNG) + len("shoe.png")


async def test_a_name_in_another_case_leads_to_the_file(at_home: Client) -> None:
    assert "Did you mean" in await refusal(at_home, "upload_file", path="~/Pictures/SHOE.PNG")


@pytest.mark.parametrize("between", [", ", ",", "; ", "\n"])
async def test_several_files_may_stand_in_one_text(at_home: Client, sandbox: Sandbox, between: str) -> None:
    images = between.join(["@~/Pictures/shoe.png", "@$HOME/Pictures/other.png"])
    await call(at_home, "generate", model="sandbox/edit", input={"prompt": "x", "images": images})
    (sent,) = sandbox.submissions
    assert sent.body is not None
    assert len(sent.body["images"]) == 2


@pytest.mark.parametrize("short", ["paint", "Paint", "/paint"])
async def test_the_end_of_one_model_id_is_taken_and_told(client: Client, short: str) -> None:
    done = await call(client, "generate", model=short, input={"prompt": "a cat"})
    assert done["model"] == "sandbox/paint"
    assert "taken as sandbox/paint" in done["next"]


async def test_an_argument_is_taken_under_another_tools_name_for_it(client: Client) -> None:
    (one,) = await made(client)
    assert (await call(client, "check_status", id=one))["predictions"][0]["id"] == one
    assert (await call(client, "get_model", model_id="sandbox/paint"))["model_id"] == "sandbox/paint"
    assert not (await client.call_tool("view_output", {"ids": [one]})).is_error


@pytest.mark.parametrize(("limit", "wait"), [("10 cents", "60s"), ("under $0,20", "1 min"), ("20c", "0:30")])
async def test_amounts_are_taken_as_they_are_said(client: Client, limit: str, wait: str) -> None:
    done = await call(client, "generate", **CAT, max_price=limit, wait_seconds=wait)
    assert done["status"] == "completed"
