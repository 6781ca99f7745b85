"""The stand-in for the API that both servers talk to: many equal models, and run times set by the input."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from wavespeed_mcp_server.sandbox import Sandbox, running
from wavespeed_mcp_server.sandbox.predictions import Prediction

from .client import Json, Reply
from .servers import KEY

MODELS = 1000
MARK = "seconds:"


def model_id(number: int) -> str:
    """The id of one of the stand-in's models."""
    return f"bench/model-{number:04d}/text-to-image"


def inputs(seconds: float, number: int) -> Json:
    """An input whose run takes so many seconds; `number` makes it unlike every other."""
    return {"prompt": f"{MARK}{seconds:.6f} picture {number}", "seed": number}


@asynccontextmanager
async def stand_in(models: int = MODELS) -> AsyncIterator[Sandbox]:
    """A running stand-in whose runs take as long as their prompt says."""
    with TemporaryDirectory() as directory:
        catalog = Path(directory) / "models.json"
        catalog.write_text(json.dumps(_catalog(models)), encoding="utf-8")
        sandbox = Sandbox(key=KEY, balance=1e6, catalog_file=catalog)
        sandbox.run_seconds = _asked
        async with running(sandbox):
            yield sandbox


def task_of(sandbox: Sandbox, reply: Reply) -> Prediction:
    """The task that an answer is about."""
    return sandbox.predictions[json.loads(reply.text)["id"]]


def _asked(_model: str, sent: Json) -> float:
    words = str(sent.get("prompt", "")).split()
    return float(words[0].removeprefix(MARK)) if words and words[0].startswith(MARK) else 0.0


def _catalog(models: int) -> Json:
    schema = {
        "type": "object",
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string", "description": "What the picture shows, in plain words."},
            "size": {"type": "string", "default": "1024*1024", "description": "Width and height in pixels."},
            "num_images": {"type": "integer", "default": 1, "minimum": 1, "maximum": 4},
            "seed": {"type": "integer", "default": -1, "minimum": -1, "maximum": 2147483647},
            "output_format": {"type": "string", "default": "jpeg", "enum": ["jpeg", "png", "webp"]},
        },
        "additionalProperties": False,
        "x-order-properties": ["prompt", "size", "num_images", "seed", "output_format"],
    }
    entries = [
        {
            "model_id": model_id(number),
            "name": model_id(number),
            "base_price": 0.01,
            "description": f"Model {number} of the benchmark makes pictures from a prompt, quickly and well.",
            "type": "text-to-image",
            "sort_order": models - number,
            "api_schema": {
                "api_schemas": [
                    {
                        "type": "model_run",
                        "method": "POST",
                        "server": "https://api.wavespeed.ai",
                        "api_path": f"/api/v3/{model_id(number)}",
                        "request_schema": schema,
                    }
                ]
            },
        }
        for number in range(models)
    ]
    return {"code": 200, "message": "success", "data": entries}
