"""A refusal over a limit leads somewhere: cheaper variants with their price, which run as written."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from calling import Connect, MakeSettings, call, refusal
from in_full import IN_FULL
from wavespeed_mcp_server.catalog import Model, check_input, example, parse_catalog, price_inputs
from wavespeed_mcp_server.catalog.cheaper import cheaper_changes, lowest
from wavespeed_mcp_server.catalog.errors import InputRefused
from wavespeed_mcp_server.catalog.schema import properties
from wavespeed_mcp_server.runs.request import Preparation, Prepared
from wavespeed_mcp_server.sandbox import Sandbox, running
from wavespeed_mcp_server.sandbox.media.png import card
from wavespeed_mcp_server.sandbox.wire import Json

PAINT = "sandbox/paint"
FILM = "sandbox/film-2.1/text-to-video"
LONG = {"prompt": "waves", "duration": 10, "resolution": "1080p"}


def ways(said: str) -> list[tuple[float, str, str, Json]]:
    """Price, what differs, tool and arguments of every way out in a refusal."""
    _, _, rest = said.partition("Within the limits, already quoted: ")
    found = []
    number = 1
    while rest:
        assert rest.startswith(f"{number}. $"), rest
        price, _, rest = rest.partition("$")[2].partition(", ")
        tool = "generate_batch" if ": generate_batch {" in rest else "generate"
        what, _, rest = rest.partition(f": {tool} ")
        arguments, end = json.JSONDecoder().raw_decode(rest)
        found.append((float(price), what, tool, arguments))
        rest = rest[end:].strip()
        number += 1
    return found


async def called_as_written(client: Client, sandbox: Sandbox, said: str, limit: float) -> list[str]:
    """What the ways out of a refusal are, once each was called and has cost what it said."""
    found = ways(said)
    assert len(found) <= 3
    for price, _, tool, arguments in found:
        assert price <= limit + 1e-9
        balance = sandbox.balance
        result = await call(client, tool, **arguments, wait_seconds=30)
        assert result.get("status", "completed") == "completed"
        assert balance - sandbox.balance == pytest.approx(price)
    return [what for _, what, _, _ in found]


async def test_a_run_over_its_cap_is_refused_with_ways_that_run_as_written(
    client: Client, sandbox: Sandbox
) -> None:
    said = await refusal(client, "generate", model=FILM, input=LONG, max_price=0.4)
    assert "Nothing was submitted" in said
    assert all(arguments["max_price"] == 0.4 for _, _, _, arguments in ways(said))
    told = await called_as_written(client, sandbox, said, 0.4)
    assert told


async def test_fewer_outputs_are_offered_as_many_as_fit(client: Client, sandbox: Sandbox) -> None:
    one = (await call(client, "estimate_price", model=PAINT, input={"prompt": "x"}))["discounted_price"]
    limit = one * 2.5
    given = {"prompt": "a cat", "num_images": 4}
    said = await refusal(client, "generate", model=PAINT, input=given, max_price=limit)
    assert "fewer outputs: num_images 2" in await called_as_written(client, sandbox, said, limit)


@pytest.mark.parametrize(
    "limits", [{"max_price": 0.4}, {"daily_budget": 0.4}, {"confirm_above": 0.4}], ids=str
)
async def test_every_kind_of_limit_has_its_ways_out(
    limits: dict[str, float],
    sandbox: Sandbox,
    make_settings: MakeSettings,
    connect: Connect,
    mode: str,
) -> None:
    async with connect(make_settings(**limits), mode) as client:
        said = await refusal(client, "generate", model=FILM, input=LONG)
        found = ways(said)
        assert found
        price, _, tool, arguments = found[0]
        made = await call(client, tool, **arguments)
        assert made["status"] == "completed"
        assert made["price"] == pytest.approx(price)


async def test_what_was_spent_today_narrows_the_ways_out(
    sandbox: Sandbox, make_settings: MakeSettings, connect: Connect
) -> None:
    async with connect(make_settings(daily_budget=1.0)) as client:
        while (
            "predictions"
            not in (
                made := await call(client, "generate", model=FILM, input={"prompt": str(sandbox.balance)})
            )
            and sandbox.balance > 9.4
        ):
            assert made["status"] == "completed"
        room = 1.0 - (10.0 - sandbox.balance)
        said = await refusal(client, "generate", model=FILM, input=LONG)
        assert all(price <= room + 1e-9 for price, *_ in ways(said))


async def test_a_batch_is_offered_with_fewer_runs_and_with_cheaper_ones(
    client: Client, sandbox: Sandbox
) -> None:
    requests = [{"model": FILM, "input": {**LONG, "seed": seed}} for seed in range(4)]
    quote = await call(client, "estimate_price", model=FILM, input=LONG)
    limit = quote["discounted_price"] * 2.2
    sandbox.balance = 100.0
    said = await refusal(client, "generate_batch", requests=requests, max_price=limit)
    told = await called_as_written(client, sandbox, said, limit)
    assert "the first 2 of these 4 runs" in told
    assert len(told) == 3


async def test_a_file_in_the_input_is_named_as_the_caller_named_it(
    client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "in" / "cat.png"
    path.write_bytes(card(64, 64, bytes(32)))
    model = "sandbox/film-2.1/image-to-video"
    given = {"image": f"@{path}", "prompt": "x", "duration": 10, "resolution": "1080p"}
    said = await refusal(client, "generate", model=model, input=given, max_price=0.6)
    found = ways(said)
    assert found
    assert all(arguments["input"]["image"] == f"@{path}" for _, _, _, arguments in found)
    await called_as_written(client, sandbox, said, 0.6)


@pytest.mark.parametrize("limits", [{}, {"confirm_above": 0.4}], ids=str)
async def test_what_else_the_call_asked_for_stands_in_its_ways_out(
    limits: dict[str, float], make_settings: MakeSettings, connect: Connect
) -> None:
    cap = {} if limits else {"max_price": 0.4}
    async with connect(make_settings(**limits)) as client:
        one = {"model": FILM, "input": LONG, **cap}
        hook = "https://example.com/ended"
        named = await refusal(client, "generate", **one, save=True, save_as="waves", webhook_url=hook)
        saved = await refusal(client, "generate", **one, save=True)
        batch = await refusal(
            client, "generate_batch", requests=[{"model": FILM, "input": LONG}], save=True, **cap
        )
        for said, kept in (
            (named, {"save_as": "waves", "webhook_url": hook}),
            (saved, {"save": True}),
            (batch, {"save": True}),
        ):
            found = [arguments for *_, arguments in ways(said)]
            assert found
            given = [
                {key: value for key, value in each.items() if key not in ("model", "input", "requests")}
                for each in found
            ]
            assert given == [{**cap, **kept}] * len(found)


async def test_a_variant_that_would_itself_be_refused_is_no_way_out(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []
    check = Preparation.check

    async def strict(self: Preparation, model: str, given: Json) -> Prepared:
        if given != LONG and (given["duration"] == 5 or model != FILM):
            refused.append(model)
            raise InputRefused(model, [("duration", "not in this combination")])
        return await check(self, model, given)

    monkeypatch.setattr(Preparation, "check", strict)
    said = await refusal(client, "generate", model=FILM, input=LONG, max_price=0.4)
    found = ways(said)
    assert refused
    assert found
    assert all(one["model"] == FILM and one["input"]["duration"] != 5 for *_, one in found)


async def test_nothing_is_quoted_where_no_limit_is_set(client: Client, sandbox: Sandbox) -> None:
    await call(client, "generate", model=FILM, input=LONG, wait_seconds=30)
    assert sandbox.counts.get("price", 0) <= 1


async def test_a_refusal_without_a_way_out_is_a_plain_refusal(client: Client) -> None:
    said = await refusal(client, "generate", model=FILM, input=LONG, max_price=0.000001)
    assert "over the $0.000001 of max_price" in said
    assert ways(said) == []


async def test_quotes_that_do_not_come_leave_the_refusal_as_it_is(client: Client, sandbox: Sandbox) -> None:
    from wavespeed_mcp_server.sandbox.faults import Fault

    sandbox.faults.append(Fault("price", "500", times=None, after=1))
    said = await refusal(client, "generate", model=FILM, input=LONG, max_price=0.4)
    assert "Nothing was submitted" in said


async def test_a_choice_whose_name_tells_no_price_is_offered_where_a_quote_is_lower(
    client: Client, sandbox: Sandbox
) -> None:
    given = {"image": "https://example.com/a.png", "texture_quality": "detailed"}
    said = await refusal(client, "generate", model="sandbox/sculpt", input=given, max_price=0.3)
    assert "another option: texture_quality standard" in await called_as_written(client, sandbox, said, 0.3)


def dearest(model: Model) -> Json:
    """An input that asks for as much as the schema allows."""
    given = example(model)
    for key, rule in properties(model.schema).items():
        if key in price_inputs(model) and (choices := rule.get("enum")):
            given[key] = choices[-1]
        elif key in price_inputs(model) and isinstance(most := rule.get("maximum"), int | float):
            given[key] = most
    return given


def test_every_change_is_legal_on_every_real_schema(catalogs: list[Path]) -> None:
    for model in (one for path in catalogs for one in parse_catalog(path.read_bytes())):
        given = dearest(model)
        try:
            check_input(model, given)
        except InputRefused:
            continue
        for change in cheaper_changes(model, given, 0.5):
            check_input(model, {**given, change.key: change.value})


def by_everything(inputs: Json) -> float:
    """A price that every input moves that commonly does."""
    factor = 1.0
    for key, value in inputs.items():
        if key in ("duration", "num_images", "max_images") and isinstance(value, int | float):
            factor *= max(value, 1)
        if key == "resolution":
            factor *= {"480p": 1, "720p": 2, "1080p": 4, "2k": 6, "4k": 8}.get(str(value), 1)
    return factor


async def test_ways_out_on_real_schemas_run_as_written(
    catalogs: list[Path], make_settings: MakeSettings, connect: Connect
) -> None:
    chance = random.Random(7)
    for path in catalogs:
        stand_in = Sandbox(key="sandbox-key", catalog_file=path, balance=1e6)
        stand_in.run_seconds = lambda _model, _inputs: 0.0
        for name, one in list(stand_in.models.items()):
            stand_in.models[name] = replace(one, drivers=(by_everything,))
        every = parse_catalog(path.read_bytes())
        models = [one for one in every if lowest(cheaper_changes(one, dearest(one), 0.5))]
        offered = 0
        async with running(stand_in), connect(make_settings(base_url=stand_in.url)) as client:
            for model in chance.sample(models, 12 if IN_FULL else 4):
                given: dict[str, Any] = dearest(model)
                try:
                    quote = await call(client, "estimate_price", model=model.model_id, input=given)
                except AssertionError:
                    continue
                limit = quote["discounted_price"] * 0.6
                said = await refusal(client, "generate", model=model.model_id, input=given, max_price=limit)
                if "over the" in said:
                    offered += bool(await called_as_written(client, stand_in, said, limit))
        assert offered >= (8 if IN_FULL else 2)
