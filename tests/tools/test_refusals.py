"""What bad input gets: an error that says what to do, and never a submission."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from calling import Connect, MakeSettings, ask, call, refusal
from wavespeed_mcp_server.sandbox import Fault, Sandbox
from wavespeed_mcp_server.settings import Settings, read_settings

SettingsFrom = Callable[..., Settings]
PAINT = {"model": "sandbox/paint", "input": {"prompt": "a cat"}}
ONE_ID = ["sandbox0123456789abcdef"]

WRONG_INPUTS = [
    pytest.param({"prompt": "x", "num_image": 2}, ["num_image", "did you mean num_images"], id="misspelled"),
    pytest.param({}, ["prompt is required"], id="missing"),
    pytest.param({"prompt": "x", "num_images": 9}, ["num_images", "1", "4"], id="too-large"),
    pytest.param({"prompt": "x", "num_images": "many"}, ["num_images", "integer"], id="wrong-type"),
    pytest.param({"prompt": "x", "output_format": "gif"}, ["output_format", "png"], id="not-allowed"),
    pytest.param({"prompt": None}, ["prompt"], id="null"),
    pytest.param({"prompt": ["x", "y"]}, ["prompt", "string"], id="list-for-text"),
]


@pytest.mark.parametrize(("given", "named"), WRONG_INPUTS)
async def test_a_wrong_input_is_refused_with_its_key_and_what_is_allowed(
    client: Client, sandbox: Sandbox, given: dict[str, Any], named: list[str]
) -> None:
    batch = {"requests": [{"model": "sandbox/paint", "input": given}]}
    for tool, arguments in (
        ("generate", {"model": "sandbox/paint", "input": given}),
        ("generate_batch", batch),
    ):
        text = await refusal(client, tool, **arguments)
        for part in named:
            assert part in text
        assert "Nothing was submitted, nothing is charged." in text
    assert sandbox.counts["submit"] == 0


async def test_a_value_that_is_not_allowed_is_told_all_that_are(client: Client, sandbox: Sandbox) -> None:
    given = {"image": "https://example.com/x.png", "target_resolution": "16k"}
    text = await refusal(client, "generate", model="sandbox/enlarge", input=given)
    for allowed in ("2k", "4k", "8k"):
        assert allowed in text
    assert sandbox.counts["submit"] == 0


WRONG_ARGUMENTS = [
    ("generate", {"model": 7}, "generate: model: must be a string. Nothing was done."),
    ("generate", {"input": {}}, "generate: model is missing. Nothing was done."),
    (
        "generate",
        {"model": "sandbox/paint", "input": "a cat"},
        "generate: input: must be an object. Nothing was done.",
    ),
    (
        "generate",
        {"model": "m", "wait_seconds": 601, "max_price": -1},
        "generate: wait_seconds: must be less than or equal to 600; max_price: must be greater than or equal "
        "to 0. Nothing was done.",
    ),
    ("generate_batch", {"requests": []}, "generate_batch: requests: must have at least 1 item, not 0."),
    ("generate_batch", {"requests": [{"input": {}}]}, "generate_batch: requests.0.model is missing"),
    (
        "generate_batch",
        {"requests": [{"model": "sandbox/paint", "input": {"prompt": "x"}, "max_price": 0.01}]},
        "generate_batch: requests.0.max_price: not known here: a run is {model, input, vary, again}.",
    ),
    (
        "generate",
        {"model": "sandbox/paint", "prompt": "x"},
        "generate: unknown argument prompt. The model's own inputs go into input",
    ),
    ("check_status", {"ids": {"a": "abcdef"}}, "check_status: ids: must be a list"),
    ("check_status", {"ids": ["../../etc"]}, "check_status: ids.0: must be a prediction id"),
    ("delete_predictions", {"ids": []}, "delete_predictions: ids: must have at least 1 item, not 0"),
    ("list_predictions", {"page": 0}, "list_predictions: page: must be greater than or equal to 1"),
    ("list_predictions", {"since": "soonish"}, "since: 'soonish' is not an ISO date"),
    ("list_models", {"limit": "many"}, "list_models: limit: must be a"),
    ("get_usage", {"since": "2026-01-01", "until": "2026-06-01"}, "at most 31 days"),
    ("upload_file", {}, "upload_file: path is missing. Nothing was done."),
    ("download_outputs", {"ids": ONE_ID, "directory": 3}, "download_outputs: directory: must be a string"),
]


@pytest.mark.parametrize(("tool", "arguments", "begins"), WRONG_ARGUMENTS)
async def test_a_wrong_argument_gets_one_short_sentence(
    client: Client, sandbox: Sandbox, tool: str, arguments: dict[str, Any], begins: str
) -> None:
    text = await refusal(client, tool, **arguments)
    assert begins in text
    assert "pydantic" not in text
    assert "http" not in text
    assert len(text) < 300
    assert sandbox.counts.total() == 0


async def test_what_was_given_is_not_echoed(client: Client) -> None:
    """An argument may hold a whole file, or a secret."""
    secret = "sk-this-must-not-come-back" * 100
    text = await refusal(client, "generate", model="sandbox/paint", input=secret)
    assert "sk-this" not in text


@pytest.mark.parametrize(
    ("tool", "extra", "close"),
    [
        ("generate", {"max_prise": 1}, "Did you mean max_price?"),
        ("generate", {"prompt": "a cat"}, "Accepted: model, input, wait_seconds"),
        ("list_models", {"querry": "cat"}, "Did you mean query?"),
        ("generate", {"timeout": 30}, "Did you mean wait_seconds?"),
        ("get_usage", {"days": 7}, "Did you mean since?"),
        ("generate_batch", {"model": "sandbox/paint", "requests": []}, "Each run has its own"),
        ("get_balance", {"currency": "EUR"}, "Accepted: none."),
    ],
)
async def test_an_unknown_argument_is_refused_and_the_accepted_ones_named(
    client: Client, sandbox: Sandbox, tool: str, extra: dict[str, Any], close: str
) -> None:
    given = PAINT if tool == "generate" else {}
    text = await refusal(client, tool, **given | extra)
    assert f"unknown argument {next(iter(extra))}" in text
    assert close in text
    assert "Nothing was done." in text
    assert sandbox.counts.total() == 0


async def test_a_null_for_an_optional_argument_means_that_it_was_not_given(client: Client) -> None:
    """Several hosts fill in null for what the model left out."""
    done = await call(
        client, "generate", **PAINT, wait_seconds=None, max_price=None, webhook_url=None, save=None
    )
    assert done["status"] == "completed"
    assert (await call(client, "list_models", query=None, type=None, limit=None))["total"] > 0
    assert "model" in await refusal(client, "generate", model=None)


async def test_a_refused_batch_says_which_of_its_requests_is_wrong(client: Client, sandbox: Sandbox) -> None:
    for wrong, told in (
        ({"model": "sandbox/paint", "input": {"promt": "x"}}, "did you mean prompt"),
        ({"model": "sandbox/pant", "input": {}}, "sandbox/paint"),
        ({"model": "sandbox/caption", "input": {"image": "@/nowhere/x.png"}}, "WAVESPEED_ALLOWED_DIRS"),
    ):
        text = await refusal(client, "generate_batch", requests=[PAINT, wrong])
        assert text.startswith("requests[1]: ")
        assert told in text
        assert text.endswith("Nothing was submitted, nothing is charged.")
    assert not sandbox.submissions


async def test_an_unknown_tool_is_refused_with_all_there_are(client: Client) -> None:
    text = await refusal(client, "generate_image", prompt="x")
    assert "generate, generate_batch" in text
    assert "Nothing was done." in text


async def test_an_id_that_is_unknown_is_named(client: Client) -> None:
    made = await call(client, "generate", **PAINT)
    both = await call(client, "download_outputs", ids=[made["id"], *ONE_ID])
    assert [one["id"] for one in both["saved"]] == [made["id"]]
    assert [one["id"] for one in both["failed"]] == ONE_ID
    for tool, given in (("download_outputs", {"ids": ONE_ID}), ("view_output", {"id": ONE_ID[0]})):
        said = await refusal(client, tool, **given)
        assert said.startswith(f"{ONE_ID[0]}: no such prediction on this account")


async def test_what_is_saved_already_is_not_said_to_need_saving(client: Client) -> None:
    assert "next" in await call(client, "generate", **PAINT)
    saved = await call(client, "generate", **PAINT, save=True)
    assert saved["saved"]
    assert "next" not in saved


CALLS = [
    ("list_models", {}),
    ("get_model", {"model": "sandbox/paint"}),
    ("estimate_price", PAINT),
    ("generate", PAINT),
    ("generate_batch", {"requests": [PAINT]}),
    ("check_status", {"ids": ONE_ID}),
    ("list_predictions", {}),
    ("delete_predictions", {"ids": ONE_ID}),
    ("download_outputs", {"ids": ONE_ID}),
    ("get_balance", {}),
    ("get_usage", {}),
]


@pytest.mark.parametrize(("tool", "arguments"), CALLS)
async def test_without_a_key_every_call_says_where_to_get_one(
    connect: Connect, make_settings: MakeSettings, sandbox: Sandbox, mode: str, tool: str, arguments: Any
) -> None:
    async with connect(make_settings(api_key=""), mode) as client:
        text = str(await client.call_tool(tool, arguments))
    assert "https://wavespeed.ai/accesskey" in text
    assert sandbox.counts.total() == 0


async def test_a_refused_key_says_what_to_check(
    connect: Connect, make_settings: MakeSettings, sandbox: Sandbox, mode: str
) -> None:
    async with connect(make_settings(api_key="wsk_wrong_key"), mode) as client:
        for tool, arguments in (("generate", PAINT), ("get_balance", {})):
            text = await refusal(client, tool, **arguments)
            assert "WAVESPEED_API_KEY" in text
            assert "top-up" in text
            assert "wsk_wrong_key" not in text
    assert not sandbox.submissions or all(one.refused for one in sandbox.submissions)


@pytest.fixture
def settings_from(sandbox: Sandbox, tmp_path: Path) -> SettingsFrom:
    """Settings as the environment would give them."""

    def read(**values: str) -> Settings:
        given = {
            "WAVESPEED_API_KEY": "sandbox-key",
            "WAVESPEED_BASE_URL": sandbox.url,
            "WAVESPEED_STATE_DIR": str(tmp_path / "state"),
            "WAVESPEED_OUTPUT_DIR": str(tmp_path / "out"),
        }
        return read_settings({**given, **values}, home=tmp_path / "home")

    return read


@pytest.mark.parametrize(
    ("name", "value", "tool", "arguments"),
    [
        ("WAVESPEED_MAX_PRICE", "some", "generate", PAINT),
        ("WAVESPEED_DAILY_BUDGET", "-1", "generate", PAINT),
        ("WAVESPEED_CONFIRM_ABOVE", "a lot", "generate_batch", {"requests": [PAINT]}),
        ("WAVESPEED_WAIT_SECONDS", "soon", "generate", PAINT),
        ("WAVESPEED_MAX_IN_FLIGHT", "0", "generate_batch", {"requests": [PAINT]}),
        ("WAVESPEED_API_KEY", "two words", "get_balance", {}),
        ("WAVESPEED_BASE_URL", "http://example.com", "list_models", {}),
        ("WAVESPEED_BASE_URL", "nonsense", "generate", PAINT),
        ("WAVESPEED_OUTPUT_DIR", "pictures", "download_outputs", {}),
        ("WAVESPEED_ALLOWED_DIRS", "pictures", "upload_file", {}),
    ],
)
async def test_a_bad_setting_is_named_by_the_call_that_needs_it(
    connect: Connect,
    settings_from: SettingsFrom,
    sandbox: Sandbox,
    name: str,
    value: str,
    tool: str,
    arguments: dict[str, Any],
) -> None:
    async with connect(settings_from(**{name: value})) as client:
        assert (await client.list_tools()).tools
        if tool == "download_outputs":
            done = await call(client, "generate", **PAINT)
            arguments = {"ids": [done["id"]]}
        if tool == "upload_file":
            arguments = {"path": "/etc/passwd"}
        text = await refusal(client, tool, **arguments)
    assert name in text
    if tool.startswith("generate"):
        assert sandbox.counts["submit"] == 0


async def test_a_bad_waiting_time_can_be_overruled_by_the_call(
    connect: Connect, settings_from: SettingsFrom
) -> None:
    async with connect(settings_from(WAVESPEED_WAIT_SECONDS="soon")) as client:
        assert (await call(client, "generate", **PAINT, wait_seconds=30))["status"] == "completed"


async def test_a_catalog_without_the_model_is_no_reason_to_hold_back_where_it_cannot_be_read(
    client: Client, sandbox: Sandbox
) -> None:
    """Where the catalog cannot be reached, the API itself has the last word."""
    sandbox.faults.append(Fault("models", "503", times=None))
    assert (await call(client, "generate", **PAINT))["status"] == "completed"
    text = await refusal(client, "generate", model="sandbox/no-such-model", input={"prompt": "x"})
    assert "404" in text
    assert "Nothing was submitted" in text


@pytest.mark.parametrize("model", ["../balance", "models/x"])
async def test_what_is_no_model_id_never_becomes_a_request(
    client: Client, sandbox: Sandbox, model: str
) -> None:
    sandbox.faults.append(Fault("models", "503", times=None))
    await refusal(client, "generate", model=model, input={"prompt": "x"})
    assert not [seen for seen in sandbox.requests if seen.method == "POST"]


@pytest.mark.parametrize(
    ("value", "told"), [("@cat.png", "names no file"), ("", "is empty"), (" ", "is empty")]
)
async def test_media_that_cannot_be_any_is_refused(
    client: Client, sandbox: Sandbox, value: str, told: str
) -> None:
    text = await refusal(client, "generate", model="sandbox/caption", input={"image": value})
    assert told in text
    assert not sandbox.submissions


@pytest.mark.parametrize(
    "name",
    [
        "random_string",
        "toolCallId",
        "tool_call_id",
        "tool-call-id",
        "ToolCallID",
        "tool_use_id",
        "_meta",
        "__x",
    ],
)
async def test_what_clients_add_by_themselves_is_dropped(client: Client, sandbox: Sandbox, name: str) -> None:
    assert not (await ask(client, "get_balance", **{name: "x"})).is_error
    assert not (await ask(client, "generate", **PAINT, **{name: {"a": 1}})).is_error
    assert sandbox.counts["submit"] == 1


@pytest.mark.parametrize(
    ("tool", "wrong", "meant"),
    [
        ("generate", "wait", "wait_seconds"),
        ("generate", "waitSeconds", "wait_seconds"),
        ("generate", "seconds", "wait_seconds"),
        ("generate", "maxprice", "max_price"),
        ("generate", "webhook", "webhook_url"),
        ("generate", "inputs", "input"),
        ("check_status", "wait", "wait_seconds"),
    ],
)
async def test_a_misspelled_argument_is_told_the_right_name(
    client: Client, sandbox: Sandbox, tool: str, wrong: str, meant: str
) -> None:
    text = await refusal(client, tool, **{wrong: 5})
    assert f"Did you mean {meant}?" in text
    assert "go into input" not in text
    assert sandbox.counts.total() == 0


async def test_an_answer_without_a_full_stop_does_not_run_into_the_next_sentence(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.faults.append(Fault("submit", "400", times=None))
    text = await refusal(client, "generate", **PAINT)
    assert re.search(r"[^.!?] Nothing was submitted", text) is None


@pytest.mark.parametrize(
    ("model", "key", "meant"),
    [
        ("sandbox/paint", "aspect_ratio", "size"),
        ("sandbox/speak", "prompt", "text"),
        ("sandbox/edit", "image", "images"),
        ("sandbox/enlarge", "picture", "image"),
        ("sandbox/compose", "length", "duration"),
        ("sandbox/paint", "n", "num_images"),
        ("sandbox/speak", "speaker", "voice_id"),
    ],
)
async def test_a_key_of_another_model_is_answered_with_this_ones(
    client: Client, sandbox: Sandbox, model: str, key: str, meant: str
) -> None:
    assert f"did you mean {meant}?" in await refusal(client, "generate", model=model, input={key: "x"})
    assert sandbox.counts["submit"] == 0
