"""Outputs on disk: whole or not at all, under safe names, never over another file."""

import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import AnyByteStream

from wavespeed_mcp_server.api.endpoint import Endpoint
from wavespeed_mcp_server.api.guard import TransferFailed
from wavespeed_mcp_server.api.transfer import Incoming, Transfer
from wavespeed_mcp_server.api.transport import Transport
from wavespeed_mcp_server.files import Downloader, DownloadFailed, FileRefused, PathPolicy

from .conftest import no_pause
from .storage import PNG, Request, Storage, answer

ID = "6488c2754f6f4dfea924382fa14d11bd"
JPEG = b"\xff\xd8\xff\xe0" + bytes(500)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def downloader(transfer: Transfer, policy: PathPolicy) -> Downloader:
    return Downloader(transfer, policy, pause=no_pause)


async def test_outputs_are_saved_in_their_order_under_the_predictions_id(
    downloader: Downloader, storage: Storage, out: Path
) -> None:
    urls = [storage.serve("/x?a=1", PNG), storage.serve("/y.exe", JPEG)]
    saved = await downloader.save(ID, urls)
    assert [(one.url, one.path, one.size_bytes) for one in saved] == [
        (urls[0], out / f"{ID}-0.png", len(PNG)),
        (urls[1], out / f"{ID}-1.jpg", len(JPEG)),
    ]
    assert [one.path.read_bytes() for one in saved] == [PNG, JPEG]


async def test_the_model_may_stand_in_the_name(downloader: Downloader, storage: Storage, out: Path) -> None:
    (saved,) = await downloader.save(ID, [storage.serve("/x", PNG)], "a/b", model="wavespeed-ai/flux/../dev")
    assert saved.path == out / "a" / "b" / f"dev-{ID}.png"


async def test_nothing_is_overwritten_or_kept_twice(
    downloader: Downloader, storage: Storage, out: Path
) -> None:
    url = storage.serve("/x", PNG)
    (out / f"{ID}.png").write_text("mine", encoding="utf-8")
    names = [(await downloader.save(ID, [url]))[0].path.name for _ in range(3)]
    assert names == [f"{ID}-1.png"] * 3
    assert (out / f"{ID}.png").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "body",
    [b"", b"<!DOCTYPE html><title>Sign in</title>", b'<?xml version="1.0"?>\n<Error><Code>AccessDenied'],
)
async def test_what_is_no_output_is_not_kept(
    downloader: Downloader, storage: Storage, out: Path, body: bytes
) -> None:
    with pytest.raises(DownloadFailed, match="not kept"):
        await downloader.save(ID, [storage.serve("/x.png", body)])
    assert not list(out.iterdir())


async def test_objects_with_urls_are_downloaded_and_their_other_values_left(
    downloader: Downloader, storage: Storage, listing: Callable[[Path], list[str]], out: Path
) -> None:
    mesh, skin = storage.serve("/m", b"glTF\x02\0\0\0" + bytes(99)), storage.serve("/s", PNG)
    output = {"mesh": {"url": mesh}, "textures": [skin], "text": f"see {mesh}", "count": 2}
    await downloader.save(ID, [output, "a caption"])
    assert listing(out) == [f"{ID}-0.glb", f"{ID}-1.png"]


async def test_a_result_of_text_alone_is_saved_as_text(downloader: Downloader, out: Path) -> None:
    whisper = {"text": "hello", "text_details": [{"text": "hello", "start": 0}]}
    saved = await downloader.save(ID, ["Ein Hund läuft.", whisper])
    assert [one.path.name for one in saved] == [f"{ID}-0.txt", f"{ID}-1.json"]
    assert saved[0].path.read_text(encoding="utf-8") == "Ein Hund läuft."
    assert json.loads(saved[1].path.read_text(encoding="utf-8")) == whisper


async def test_files_given_as_text_are_saved_beside_downloads(
    downloader: Downloader, storage: Storage, out: Path
) -> None:
    inline = "data:image/png;base64," + base64.b64encode(PNG).decode()
    saved = await downloader.save(ID, [inline, storage.serve("/x", JPEG)])
    assert [one.path.name for one in saved] == [f"{ID}-0.png", f"{ID}-1.jpg"]
    assert saved[0].path.read_bytes() == PNG
    assert saved[0].url is None


async def test_one_failed_output_does_not_cost_the_others(
    downloader: Downloader, storage: Storage, listing: Callable[[Path], list[str]], out: Path
) -> None:
    urls = [storage.serve("/x", PNG), storage.serve("/gone", b"", 404), "http://10.0.0.1/a.png"]
    with pytest.raises(DownloadFailed) as failed:
        await downloader.save(ID, urls)
    assert [one.path.name for one in failed.value.saved] == [f"{ID}-0.png"]
    assert "output 1: " in str(failed.value)
    assert "7 days" in str(failed.value)
    assert "output 2: " in str(failed.value)
    assert listing(out) == [f"{ID}-0.png"]


async def short(request: Request, stream: AnyByteStream) -> None:
    await stream.send(answer(200, PNG, content_length=str(len(PNG) + 1)))


async def test_a_body_shorter_than_announced_leaves_nothing_behind(
    downloader: Downloader, storage: Storage, listing: Callable[[Path], list[str]], out: Path
) -> None:
    storage.routes["/x"] = short
    with pytest.raises(DownloadFailed, match="broke off"):
        await downloader.save(ID, [storage.url + "/x"])
    assert len(storage.requests) == 3
    assert listing(out) == []


async def test_a_download_is_tried_again_from_the_start(
    downloader: Downloader, storage: Storage, listing: Callable[[Path], list[str]], out: Path
) -> None:
    async def handler(request: Request, stream: AnyByteStream) -> None:
        storage.serve("/x", PNG)
        await short(request, stream)

    storage.routes["/x"] = handler
    (saved,) = await downloader.save(ID, [storage.url + "/x"])
    assert saved.path.read_bytes() == PNG
    assert listing(out) == [f"{ID}.png"]


@pytest.mark.parametrize("announced", [True, False])
async def test_more_than_the_bound_is_not_fetched(
    transfer: Transfer,
    policy: PathPolicy,
    storage: Storage,
    listing: Callable[[Path], list[str]],
    out: Path,
    announced: bool,
) -> None:
    async def endless(request: Request, stream: AnyByteStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            await stream.send(b"1000\r\n" + bytes(0x1000) + b"\r\n")

    storage.serve("/x", b"", content_length="5000")
    if not announced:
        storage.routes["/x"] = endless
    downloader = Downloader(transfer, policy, max_bytes=4999, pause=no_pause)
    with anyio.fail_after(10), pytest.raises(DownloadFailed, match="larger than 4,999 bytes"):
        await downloader.save(ID, [storage.url + "/x"])
    assert len(storage.requests) == 1
    assert listing(out) == []


async def test_a_cancelled_download_leaves_nothing_behind(
    downloader: Downloader, storage: Storage, listing: Callable[[Path], list[str]], out: Path
) -> None:
    async def half(request: Request, stream: AnyByteStream) -> None:
        await stream.send(answer(200, bytes(1 << 20), content_length=str(1 << 21)))
        await anyio.sleep_forever()

    storage.routes["/x"] = half
    begun = anyio.Event()

    async def on_progress(done: int, total: int) -> None:
        assert total == 1 << 21
        begun.set()

    async with anyio.create_task_group() as group:

        async def save() -> None:
            await downloader.save(ID, [storage.url + "/x"], on_progress=on_progress)

        group.start_soon(save)
        with anyio.fail_after(10):
            await begun.wait()
        assert len(listing(out)) == 1
        group.cancel_scope.cancel()
    assert listing(out) == []


class Held(Transfer):
    """Every download begins, and waits to be let go."""

    def __init__(self) -> None:
        super().__init__(Transport(), Endpoint())
        self.begun = self.most = 0
        self.go_on = anyio.Event()

    @asynccontextmanager
    async def get(self, url: str) -> AsyncIterator[Incoming]:
        async def chunks() -> AsyncGenerator[bytes, None]:
            yield PNG

        self.begun += 1
        self.most = max(self.most, self.begun)
        await self.go_on.wait()
        yield Incoming(url, "image/png", len(PNG), chunks())
        self.begun -= 1


async def test_four_downloads_run_at_a_time_over_all_callers(policy: PathPolicy) -> None:
    held = Held()
    downloader = Downloader(held, policy)
    urls = [f"https://cdn.test/{number}" for number in range(6)]
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(downloader.save, ID, urls)
            group.start_soon(downloader.save, ID, urls)
            for url in urls:
                group.start_soon(downloader.fetch, url, 1 << 20)
            await anyio.wait_all_tasks_blocked()
            while held.begun < 4:
                await anyio.lowlevel.checkpoint()
            await anyio.wait_all_tasks_blocked()
            assert held.begun == 4
            held.go_on.set()
    assert held.most == 4
    assert held.begun == 0


async def test_an_output_directory_that_cannot_be_written_is_named(
    transfer: Transfer, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    downloader = Downloader(transfer, PathPolicy((), tmp_path / "file"), pause=no_pause)
    with pytest.raises(FileRefused, match="WAVESPEED_OUTPUT_DIR"):
        await downloader.save(ID, ["text"])
    with pytest.raises(FileRefused):
        await Downloader(transfer, PathPolicy((), tmp_path)).save(ID, ["text"], "..")


async def test_a_prediction_id_cannot_lead_elsewhere(
    downloader: Downloader, storage: Storage, out: Path
) -> None:
    (saved,) = await downloader.save("../../etc/x", [storage.serve("/x", PNG)])
    assert saved.path.parent == out


async def test_a_file_can_be_fetched_into_memory_within_a_bound(
    downloader: Downloader, storage: Storage
) -> None:
    url = storage.serve("/x", PNG)
    assert await downloader.fetch(url, len(PNG)) == PNG
    with pytest.raises(TransferFailed, match="larger"):
        await downloader.fetch(url, len(PNG) - 1)
