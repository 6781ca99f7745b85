"""What does not depend on the machine: how many requests, calls and bytes things take, and how memory grows.

How promptly the schedule asks is in `api/test_schedule.py`; times are measured by `python -m benchmarks`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

import anyio
import pytest

from calling import Connect, MakeSettings, ask, call, text_of
from wavespeed_mcp_server.sandbox import Sandbox, running

MB = 1_000_000
MEDIAN_ANSWER_BYTES = 3_000
LARGEST_ANSWER_BYTES = 6_000
UPLOADER = Path(__file__).parent / "files" / "uploading.py"
WISHES = (
    "a cat in space",
    "upscale a photo",
    "remove the background",
    "image to video with sound",
    "text to speech",
    "cheap text to image",
    "flux",
    "kling video",
    "music from a text",
    "3d model from an image",
    "lip sync a portrait",
    "change the face",
    "seedream",
    "wan lora",
    "hailuo",
    "caption an image",
    "transcribe speech",
    "extend a video",
    "veo",
    "edit an image by instruction",
    "anime style",
    "remove a watermark",
    "logo with text",
    "product photo",
    "voice clone",
    "train a lora",
    "dub a video",
    "first and last frame",
    "sketch to image",
    "long video",
)


def picture_model(sandbox: Sandbox) -> str:
    """A model of the sandbox that needs nothing but a prompt."""
    return next(
        model.model_id
        for model in sandbox.models.values()
        if model.type == "text-to-image" and set(model.schema.get("required", ())) <= {"prompt"}
    )


async def test_a_run_without_limits_is_one_submit_its_polls_and_one_quote(
    sandbox: Sandbox, make_settings: MakeSettings, connect: Connect
) -> None:
    model = picture_model(sandbox)
    async with connect(make_settings()) as client:
        await call(client, "list_models")
        before = sandbox.counts.copy()
        await call(client, "generate", model=model, input={"prompt": "one"})
        spent = sandbox.counts - before
    assert spent["submit"] == 1
    assert spent["poll"] == 1
    assert spent["price"] == 1
    assert spent.total() == 3


async def test_the_catalog_is_fetched_once_for_any_number_of_calls(
    sandbox: Sandbox, make_settings: MakeSettings, connect: Connect
) -> None:
    model = picture_model(sandbox)
    async with connect(make_settings()) as client:
        for number in range(3):
            await call(client, "list_models", query=f"pictures {number}")
            await call(client, "get_model", model=model)
            await call(client, "generate", model=model, input={"prompt": f"cat {number}"})
    assert sandbox.counts["models"] == 1


async def test_a_limit_costs_one_request_more(
    sandbox: Sandbox, make_settings: MakeSettings, connect: Connect
) -> None:
    model = picture_model(sandbox)
    async with connect(make_settings()) as client:
        await call(client, "list_models")
        before = sandbox.counts.copy()
        await call(client, "generate", model=model, input={"prompt": "one"}, max_price=1.0)
        assert (sandbox.counts - before).total() == 3
        assert (sandbox.counts - before)["price"] == 1


async def test_a_wish_becomes_a_picture_in_two_calls(
    catalogs: list[Path], make_settings: MakeSettings, connect: Connect
) -> None:
    """The first row of the first answer is enough to run a model that the caller had never heard of."""
    stand_in = Sandbox(key="sandbox-key", catalog_file=catalogs[0])
    stand_in.run_seconds = lambda _model, _inputs: 0.0
    async with running(stand_in), connect(make_settings(base_url=stand_in.url)) as client:
        found = (await call(client, "list_models", query="a cat in space"))["models"][0]
        assert "prompt*" in found["inputs"]
        done = await call(client, "generate", model=found["model_id"], input={"prompt": "a cat in space"})
    assert done["status"] == "completed"
    assert done["outputs"][0].startswith(stand_in.url)


async def test_a_search_of_the_real_catalogs_answers_in_three_kilobytes(
    catalogs: list[Path], make_settings: MakeSettings, connect: Connect, tmp_path: Path
) -> None:
    for catalog in catalogs:
        stand_in = Sandbox(key="sandbox-key", catalog_file=catalog)
        settings = {"state_dir": tmp_path / catalog.stem}
        async with running(stand_in), connect(make_settings(base_url=stand_in.url, **settings)) as client:
            answers = [await ask(client, "list_models", query=wish) for wish in WISHES]
        sizes = [len(text_of(answer).encode()) for answer in answers]
        assert median(sizes) <= MEDIAN_ANSWER_BYTES, (catalog.name, sizes)
        assert max(sizes) <= LARGEST_ANSWER_BYTES, (catalog.name, sizes)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource module to ask for the peak")
async def test_a_file_ten_times_as_large_takes_no_more_memory_to_upload(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    small = await peak_bytes(sandbox, tmp_path, 15 * MB)
    large = await peak_bytes(sandbox, tmp_path, 150 * MB)
    assert large - small < 15 * MB


async def peak_bytes(sandbox: Sandbox, directory: Path, size: int) -> int:
    """The most memory a process of its own held while it uploaded a file of `size` bytes."""
    command = [sys.executable, str(UPLOADER), sandbox.url, str(directory / f"state-{size}"), str(size)]
    with anyio.fail_after(120):
        done = await anyio.run_process(command, stderr=subprocess.PIPE)
    seen = json.loads(done.stdout)
    assert seen["size_bytes"] == size
    peak: int = seen["peak_bytes"]
    return peak
