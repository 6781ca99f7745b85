"""Shows the main job end to end: a real MCP client talks to this server over stdio, on the sandbox."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.types import CallToolResult, TextContent

WIDTH = 100
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Step:
    """One call of the demo. `refused`: the server is expected to say no."""

    says: str
    tool: str
    arguments: dict[str, Any]
    refused: bool = False


def steps(picture: Path) -> list[Step]:
    """What the demo shows, in order. `picture` is the file that the third step saves."""
    cat = {"prompt": "a cat in space"}
    clip = {"model": "sandbox/film-2.1/text-to-video", "input": {"prompt": "waves at night"}}
    return [
        Step("Find a model for a wish", "list_models", {"query": "picture from text", "limit": 2}),
        Step("Know the price first, for free", "estimate_price", {"model": "sandbox/paint", "input": cat}),
        Step(
            "A misspelled input is refused and costs nothing",
            "generate",
            {"model": "sandbox/paint", "input": {"promt": "a cat in space"}},
            refused=True,
        ),
        Step(
            "A price limit holds",
            "generate",
            {"model": "sandbox/paint", "input": cat, "max_price": 0.001},
            refused=True,
        ),
        Step(
            "Make the picture and save it", "generate", {"model": "sandbox/paint", "input": cat, "save": True}
        ),
        Step(
            "Edit it: a local file is uploaded by writing @ before its path",
            "generate",
            {"model": "sandbox/edit", "input": {"prompt": "add a hat", "images": [f"@{picture}"]}},
        ),
        Step("Start a video without waiting", "generate", {**clip, "wait_seconds": 0}),
        Step("Pick it up later, without knowing its id", "check_status", {"wait_seconds": 30}),
        Step("See what it all cost", "get_usage", {}),
    ]


def demo(environment: Mapping[str, str]) -> int:
    """Run the demo in a server of its own with this environment; 0 if every step did what it should."""
    directory = Path(tempfile.mkdtemp(prefix="wavespeed-demo-")).resolve()
    return anyio.run(_demo, directory, environment)


async def _demo(directory: Path, environment: Mapping[str, str]) -> int:
    picture = directory / "cat.png"
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "wavespeed_mcp_server", "--sandbox", "--output-dir", str(directory)],
        env=dict(environment),
    )
    print("A server is started on the sandbox: no key, no cost. A client calls it as an agent would.")
    wrong = 0
    with anyio.fail_after(TIMEOUT_SECONDS):
        async with Client(server) as client:
            tools = (await client.list_tools()).tools
            print(f"Protocol {client.protocol_version}, {len(tools)} tools.")
            for number, step in enumerate(steps(picture), 1):
                print(f"\n{number}. {step.says}\n   {step.tool} {_short(step.arguments)}")
                result = await client.call_tool(step.tool, step.arguments, progress_callback=_progress)
                assert isinstance(result, CallToolResult)
                wrong += bool(result.is_error) != step.refused
                _show(result)
                _keep(result, picture)
    print(f"\nWhat was saved is in {directory}")
    print("Everything worked." if not wrong else f"{wrong} steps did not do what they should.")
    return 1 if wrong else 0


async def _progress(progress: float, total: float | None, message: str | None) -> None:
    print(f"   ... {message}")


def _show(result: CallToolResult) -> None:
    if result.is_error or not result.structured_content:
        text = " ".join(block.text for block in result.content if isinstance(block, TextContent))
        print(f"   -> refused: {text}" if result.is_error else f"   -> {text}")
        return
    for name, value in result.structured_content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            print(f"   -> {name}:")
            for item in value:
                print(f"      {_short(item)}")
        else:
            print(f"   -> {name}: {_short(value)}")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."


def _keep(result: CallToolResult, picture: Path) -> None:
    """The first picture saved becomes the one that is edited next."""
    saved = (result.structured_content or {}).get("saved")
    if saved and not picture.exists():
        Path(saved[0]).rename(picture)
