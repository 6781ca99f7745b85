"""Whatever the API answers, a tool's answer is a result or a sentence: never a fault of this server's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from calling import Connect, Json, ask, text_of
from wavespeed_mcp_server.sandbox import running
from wavespeed_mcp_server.settings import Settings

from .strange import Spoiled


def prompt(text: str) -> Json:
    return {"model": "sandbox/paint", "input": {"prompt": text}}


async def say(client: Client, tool: str, **arguments: Any) -> Json:
    """The structured answer, empty where it is a refusal; fails where the refusal is no sentence of ours."""
    result = await ask(client, tool, **arguments)
    text = text_of(result) if result.content and result.content[0].type == "text" else "a picture"
    assert text
    assert "unexpected error" not in text
    return (result.structured_content if not result.is_error else None) or {}


async def use_every_tool(client: Client, number: int, picture: Path) -> None:
    """Each tool once or twice, as an agent would."""
    ids = ["0" * 32]
    done = await say(client, "generate", **prompt(f"cat {number}"), wait_seconds=2, save=number % 2 == 0)
    batch = [prompt(f"dog {number} {one}") for one in range(2)]
    made = (await say(client, "generate_batch", requests=batch, wait_seconds=2)).get("predictions", [])
    ids += [one["id"] for one in (done, *made) if one.get("id")]
    await say(client, "check_status", ids=ids[-3:])
    await say(client, "check_status")
    await say(client, "list_predictions", include_inputs=True)
    await say(client, "estimate_price", **prompt("a cat"))
    await say(client, "get_balance")
    await say(client, "get_usage")
    await say(client, "list_models", query="paint")
    await say(client, "get_model", model="sandbox/paint")
    await say(client, "upload_file", path=str(picture))
    await say(client, "download_outputs", ids=ids[-2:])
    await say(client, "view_output", id=ids[-1])
    await say(client, "delete_predictions", ids=ids[-1:])


@pytest.mark.parametrize("seed", range(10))
async def test_no_answer_of_the_api_is_too_strange(
    connect: Connect, tmp_path: Path, picture: bytes, seed: int
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "cat.png").write_bytes(picture)
    sandbox = Spoiled(seed)
    async with running(sandbox):
        settings = Settings(
            api_key="sandbox-key",
            base_url=sandbox.url,
            home=tmp_path,
            allowed_dirs=(tmp_path / "in",),
            output_dir=tmp_path / "out",
            state_dir=tmp_path / "state",
            max_price=5.0 if seed % 3 == 0 else None,
            daily_budget=100.0 if seed % 4 == 0 else None,
        )
        async with connect(settings, "legacy" if seed % 2 else "auto") as client:
            sandbox.spoils = seed % 3 == 1
            await say(client, "list_models", query="paint")
            sandbox.spoils = True
            for number in range(6):
                await use_every_tool(client, number, tmp_path / "in" / "cat.png")
