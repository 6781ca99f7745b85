"""What `Media` promises, whatever is behind it.

A new implementation is added to `IMPLEMENTATIONS`; the tests stay as they are.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.request import urlopen

import anyio.to_thread
import pytest

from wavespeed_mcp_server.accounts import open_account
from wavespeed_mcp_server.files import FileRefused, Media, is_inline
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import Settings

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
ID = "pred_0123456789abcdef"


@asynccontextmanager
async def local(settings: Settings) -> AsyncIterator[Media]:
    """The files of the machine that the server runs on."""
    async with open_account(settings) as account:
        yield account.media


Opened = Callable[[Settings], AbstractAsyncContextManager[Media]]
IMPLEMENTATIONS: dict[str, Opened] = {"local": local}


@pytest.fixture(params=list(IMPLEMENTATIONS.values()), ids=list(IMPLEMENTATIONS))
async def media(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Media]:
    """Each implementation."""
    opened: Opened = request.param
    async with opened(settings) as media:
        yield media


async def test_no_file_is_left_inside_an_answer_and_everything_else_stays(media: Media) -> None:
    inside = base64.b64encode(PNG).decode()
    outputs = [{"image": f"data:image/png;base64,{inside}", "seed": 7}, "a caption", [inside], None]
    replaced, _ = await media.take_out_inline(ID, outputs)
    (first, caption, (naked,), nothing) = replaced
    assert not is_inline(first["image"])
    assert not is_inline(naked)
    assert (first["seed"], caption, nothing) == (7, "a caption", None)


async def test_what_is_outside_cannot_be_uploaded(media: Media, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    with pytest.raises(FileRefused):
        await media.upload(str(tmp_path / "secret.png"))


async def test_an_address_is_fetched_into_memory(media: Media, sandbox: Sandbox) -> None:
    sandbox.start(sandbox.models["sandbox/paint"], sent={}, inputs={}, price=0.0, webhook="")
    (prediction,) = sandbox.predictions.values()
    (url,) = prediction.outputs
    there = await anyio.to_thread.run_sync(lambda: urlopen(url).read())
    assert await media.fetch(url, len(there)) == there
