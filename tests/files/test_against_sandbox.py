"""The real client, uploads and downloads against the stand-in of the API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from wavespeed_mcp_server.api.client import WaveSpeed
from wavespeed_mcp_server.api.endpoint import Endpoint
from wavespeed_mcp_server.api.transfer import Transfer
from wavespeed_mcp_server.api.transport import Transport
from wavespeed_mcp_server.files import Downloader, PathPolicy, Uploader
from wavespeed_mcp_server.sandbox import Sandbox, running

from .memory import ShortMemory
from .storage import PNG

CONTENT = PNG * 2000


@dataclass
class Scene:
    sandbox: Sandbox
    api: WaveSpeed
    uploader: Uploader
    downloader: Downloader


@pytest.fixture
async def scene(policy: PathPolicy, tmp_path: Path) -> AsyncIterator[Scene]:
    (tmp_path / "in" / "cat.png").write_bytes(CONTENT)
    async with running(Sandbox()) as sandbox, Transport() as transport:
        endpoint = Endpoint(base_url=sandbox.url, key="sandbox-key")
        api, transfer = WaveSpeed(transport, endpoint), Transfer(transport, endpoint)
        yield Scene(
            sandbox, api, Uploader(transfer, api, policy, ShortMemory()), Downloader(transfer, policy)
        )
        assert sandbox.leaks == []


@pytest.mark.parametrize("tickets", [True, False], ids=["with tickets", "through the older endpoint"])
async def test_what_is_uploaded_comes_back_byte_for_byte(scene: Scene, tmp_path: Path, tickets: bool) -> None:
    scene.sandbox.ticket_uploads = tickets
    path = str(tmp_path / "in" / "cat.png")
    upload = await scene.uploader.upload(path)
    (saved,) = await scene.downloader.save("abcd", [upload.url])
    assert await anyio.Path(saved.path).read_bytes() == CONTENT
    assert (upload.media_type, upload.size_bytes, upload.cached) == ("image/png", len(CONTENT), False)
    assert (await scene.uploader.upload(path)).cached


async def test_the_output_of_a_run_is_saved_as_what_it_is(scene: Scene, tmp_path: Path) -> None:
    scene.sandbox.run_seconds = lambda model, inputs: None
    task = await scene.api.submit("sandbox/paint", {"prompt": "a cat"})
    scene.sandbox.finish(task.id)
    done = await scene.api.result(task.id)
    (saved,) = await scene.downloader.save(task.id, done.outputs, model=done.model)
    assert saved.path == tmp_path / "out" / f"paint-{task.id}{saved.path.suffix}"
    assert saved.path.suffix in {".png", ".jpg", ".jpeg", ".webp"}
    assert saved.size_bytes == (await anyio.Path(saved.path).stat()).st_size
