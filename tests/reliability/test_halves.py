"""Half a surrogate pair, as JSON carries it where a text was cut inside an emoji."""

from __future__ import annotations

from dataclasses import replace

from mcp.client import Client

from calling import call
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.models import catalog_bytes

HALF = "\ud83d"
WHOLE = "\N{GRINNING FACE}"
PAINT = {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "wait_seconds": 20}


async def test_an_output_that_was_cut_inside_an_emoji_arrives(client: Client, sandbox: Sandbox) -> None:
    sandbox.outputs_for = lambda _model, _inputs: [f"{WHOLE} was cut {HALF}", {f"a{HALF}": [HALF]}]
    done = await call(client, "generate", **PAINT)
    assert done["outputs"] == [f"{WHOLE} was cut \ufffd", {"a\ufffd": ["\ufffd"]}]
    (again,) = (await call(client, "check_status", ids=[done["id"]]))["predictions"]
    assert again["outputs"] == done["outputs"]


async def test_a_reason_that_was_cut_inside_an_emoji_arrives(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    started = await call(client, "generate", **PAINT | {"wait_seconds": 0})
    sandbox.fail(started["id"], message=f"no {HALF}")
    (shown,) = (await call(client, "check_status", ids=[started["id"]]))["predictions"]
    assert "no \ufffd" in shown["error"]


async def test_a_catalog_with_such_a_text_is_listed(client: Client, sandbox: Sandbox) -> None:
    model = sandbox.models["sandbox/paint"]
    schema = model.schema | {"description": HALF}
    schema["properties"] = {**schema["properties"], "style": {"type": "string", "enum": [HALF, "plain"]}}
    sandbox.models["sandbox/paint"] = replace(model, description=f"paints {HALF}", schema=schema)
    sandbox.catalog = catalog_bytes(sandbox.models)
    sheet = await call(client, "get_model", model="sandbox/paint")
    assert sheet["description"] == "paints \ufffd"
    assert sheet["properties"]["style"]["enum"] == ["\ufffd", "plain"]
    assert (await call(client, "list_models", query="paint"))["models"]
