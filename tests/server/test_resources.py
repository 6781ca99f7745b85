"""What hosts attach, complete and offer as slash commands, in both protocol eras."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    PromptReference,
    ResourceTemplateReference,
    TextContent,
    TextResourceContents,
)

from calling import Connect, MakeSettings, call
from wavespeed_mcp_server.catalog import Catalog
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.faults import Fault
from wavespeed_mcp_server.server.resources import MODEL_URI, MOST_VALUES, PREDICTION_URI, model_ids

MODELS = ResourceTemplateReference(type="ref/resource", uri=MODEL_URI)


async def read(client: Client, uri: str) -> dict[str, Any]:
    """A resource's JSON."""
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "application/json"
    found: dict[str, Any] = json.loads(content.text)
    return found


async def refused(client: Client, uri: str) -> MCPError:
    """The protocol error that reading `uri` ends with."""
    with pytest.raises(MCPError) as caught:
        await client.read_resource(uri)
    return caught.value


async def prompt(client: Client, name: str, **arguments: str) -> str:
    """The one text of a prompt; hosts send every argument as a string."""
    (message,) = (await client.get_prompt(name, arguments)).messages
    assert message.role == "user"
    assert isinstance(message.content, TextContent)
    return message.content.text


async def test_models_and_predictions_are_templates_and_the_gallery_a_resource(client: Client) -> None:
    templates = (await client.list_resource_templates()).resource_templates
    assert {one.uri_template for one in templates} == {MODEL_URI, PREDICTION_URI}
    assert [str(one.uri) for one in (await client.list_resources()).resources] == [
        "ui://wavespeed/gallery.html",
        "skill://wavespeed/SKILL.md",
    ]


@pytest.mark.parametrize("model", ["sandbox/paint", "sandbox/film-2.1/text-to-video"])
async def test_a_models_sheet_is_what_get_model_gives(client: Client, model: str) -> None:
    assert await read(client, f"wavespeed://models/{model}") == await call(client, "get_model", model=model)


async def test_a_prediction_is_read_with_status_and_outputs(client: Client) -> None:
    made = await call(client, "generate", model="sandbox/paint", input={"prompt": "a cat"})
    found = await read(client, f"wavespeed://predictions/{made['id']}")
    assert (found["id"], found["status"], found["outputs"]) == (made["id"], "completed", made["outputs"])


async def test_looking_at_a_prediction_does_not_count_as_its_delivery(
    client: Client, sandbox: Sandbox
) -> None:
    """A host may read resources without showing them to the agent."""
    sandbox.run_seconds = lambda _model, _inputs: 0.05
    made = await call(client, "generate", model="sandbox/paint", input={"prompt": "later"}, wait_seconds=0)
    await read(client, f"wavespeed://predictions/{made['id']}")
    open_now = await call(client, "check_status")
    assert made["id"] in [one["id"] for one in open_now["predictions"]]


@pytest.mark.parametrize(
    "uri",
    [
        "wavespeed://models/sandbox/pain",
        "wavespeed://models/nobody",
        "wavespeed://predictions/0123456789abcdef",
        "wavespeed://predictions/x",
        "wavespeed://elsewhere/x",
    ],
)
async def test_what_is_not_there_is_an_invalid_parameter_that_names_the_uri(client: Client, uri: str) -> None:
    error = (await refused(client, uri)).error
    assert error.code == INVALID_PARAMS
    assert error.data == {"uri": uri}


async def test_a_close_model_is_suggested(client: Client) -> None:
    assert "sandbox/paint" in (await refused(client, "wavespeed://models/sandbox/pain")).error.message


async def test_a_missing_key_is_said_without_a_traceback(
    connect: Connect, make_settings: MakeSettings
) -> None:
    async with connect(make_settings(api_key="")) as client:
        error = (await refused(client, "wavespeed://predictions/0123456789abcdef")).error
        assert error.code != INVALID_PARAMS
        assert "WAVESPEED_API_KEY" in error.message


async def test_model_ids_are_completed_by_what_they_begin_with_then_by_what_they_hold(client: Client) -> None:
    values = (await client.complete(MODELS, {"name": "model_id", "value": "sandbox/pa"})).completion.values
    assert values == ["sandbox/paint", "sandbox/paint-lora"]
    held = (await client.complete(MODELS, {"name": "model_id", "value": "paint"})).completion
    assert held.values == ["sandbox/paint", "sandbox/paint-lora"]
    assert (held.total, held.has_more) == (2, False)


async def test_a_wish_is_completed_with_the_models_that_fit(client: Client) -> None:
    values = (
        await client.complete(MODELS, {"name": "model_id", "value": "text to speech"})
    ).completion.values
    assert values[0] == "sandbox/speak"


async def test_nothing_typed_offers_every_model(client: Client) -> None:
    completion = (await client.complete(MODELS, {"name": "model_id", "value": ""})).completion
    assert completion.total == len(completion.values) == 15


async def test_prompts_complete_their_model_and_nothing_else(client: Client) -> None:
    reference = PromptReference(type="ref/prompt", name="storyboard")
    models = await client.complete(reference, {"name": "model", "value": "sandbox/film"})
    assert len(models.completion.values) == 2
    assert (await client.complete(reference, {"name": "subject", "value": "a"})).completion.values == []


async def test_a_completion_does_not_fail_when_the_catalog_cannot_be_had(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.faults.append(Fault("models", "500", times=None))
    assert (await client.complete(MODELS, {"name": "model_id", "value": "a"})).completion.values == []


class ManyModels(Catalog):
    """More ids than one completion may hold."""

    def __init__(self) -> None: ...

    async def models_ids(self) -> list[str]:
        """See `Catalog`."""
        return [f"maker/model-{number}" for number in range(250)]


async def test_more_than_a_hundred_values_are_cut_and_counted() -> None:
    completion = await model_ids(ManyModels(), "maker/")
    assert (len(completion.values), completion.total, completion.has_more) == (MOST_VALUES, 250, True)


async def test_the_prompts_are_listed_with_what_they_need(client: Client) -> None:
    prompts = {one.name: one for one in (await client.list_prompts()).prompts}
    needed = {
        name: [given.name for given in one.arguments or [] if given.required] for name, one in prompts.items()
    }
    assert needed == {"storyboard": ["subject"], "product_photos": ["image"], "animate_image": ["image"]}
    assert all(one.title and one.description for one in prompts.values())


async def test_a_storyboard_leads_through_choosing_pricing_and_one_batch(client: Client) -> None:
    text = await prompt(client, "storyboard", subject="a lost robot", shots="6", style="ink")
    assert "6 shots about: a lost robot" in text
    steps = ["list_models", "estimate_price", "generate_batch"]
    assert sorted(steps, key=text.index) == steps
    assert "max_price" in text


async def test_a_storyboard_keeps_its_people_with_reference_images(client: Client) -> None:
    text = await prompt(client, "storyboard", subject="a robot", references="/home/me/cast")
    assert '["@/home/me/cast/"]' in text
    text = await prompt(client, "storyboard", subject="a robot", references="/a/b.png, https://x.com/c.jpg")
    assert '["@/a/b.png", "https://x.com/c.jpg"]' in text
    assert "make one clear picture" in await prompt(client, "storyboard", subject="a robot")


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"scenes": "beach, desk"}, "Make 2 product photos"),
        ({"scenes": "beach"}, "Make 1 product photo from"),
        ({"scenes": "beach, desk", "shots": "6"}, "Make 6 product photos"),
        ({}, "Make 4 product photos"),
    ],
)
async def test_there_are_as_many_product_photos_as_scenes(
    client: Client, given: dict[str, str], asked: str
) -> None:
    assert asked in await prompt(client, "product_photos", image="/a/shoe.png", **given)


async def test_a_prompt_without_its_options_is_whole(client: Client) -> None:
    text = await prompt(client, "storyboard", subject="a lost robot")
    assert "4 shots about: a lost robot." in text
    for name in ("product_photos", "animate_image"):
        assert "list_models" in await prompt(client, name, image="https://example.com/shoe.png")


@pytest.mark.parametrize(
    ("image", "value"),
    [
        ("/home/me/shoe.png", '"@/home/me/shoe.png"'),
        ("@/home/me/shoe.png", '"@/home/me/shoe.png"'),
        ("https://example.com/shoe.png", '"https://example.com/shoe.png"'),
    ],
)
async def test_a_local_picture_is_given_so_that_it_is_uploaded(
    client: Client, image: str, value: str
) -> None:
    assert value in await prompt(client, "animate_image", image=image, seconds="8", motion="wind")
    assert value in await prompt(client, "product_photos", image=image, scenes="beach, desk", shots="2")


async def test_a_chosen_model_takes_the_place_of_the_search(client: Client) -> None:
    text = await prompt(client, "animate_image", image="https://example.com/a.png", model="sandbox/paint")
    assert "Use the model sandbox/paint" in text
    assert "list_models" not in text


@pytest.mark.parametrize(
    ("name", "arguments"), [("storyboard", {"subject": "x", "shots": "many"}), ("storyboard", {}), ("no", {})]
)
async def test_a_wrong_prompt_is_a_protocol_error(
    client: Client, name: str, arguments: dict[str, str]
) -> None:
    with pytest.raises(MCPError):
        await client.get_prompt(name, arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"subject": "x", "shots": "99"}, "shots: must be less than"), ({}, "subject")],
)
async def test_a_prompt_with_wrong_arguments_is_refused_as_such(
    client: Client, arguments: dict[str, str], said: str
) -> None:
    with pytest.raises(MCPError) as refused:
        await client.get_prompt("storyboard", arguments)
    assert refused.value.error.code == INVALID_PARAMS
    assert said in refused.value.error.message
