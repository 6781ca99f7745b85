"""Uploads: once per content, in constant memory, and only of what was checked."""

import os
import time
import tracemalloc
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import AnyByteStream

from wavespeed_mcp_server.api.errors import BadRequest, NotFound, Rejected
from wavespeed_mcp_server.api.forms import MultipartForm
from wavespeed_mcp_server.api.guard import TransferFailed
from wavespeed_mcp_server.api.transfer import Transfer
from wavespeed_mcp_server.api.wire import Ticket
from wavespeed_mcp_server.files import FileRefused, PathPolicy, Upload, Uploader, uploads
from wavespeed_mcp_server.files.opening import OpenFile

from .memory import Forgetful, ShortMemory
from .storage import PNG, Request, Storage, answer

CONTENT = PNG * 1000
FAR_FUTURE = 1 << 62


class Tickets:
    """Hands out tickets to a storage, as the API client does."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.asked: list[tuple[str, int, str]] = []
        self.forms: list[bytes] = []
        self.refusal: Rejected | None = None

    async def upload_ticket(self, filename: str, size: int, content_type: str) -> Ticket:
        self.asked.append((filename, size, content_type))
        if self.refusal is not None:
            raise self.refusal
        path = f"/put/{len(self.asked)}"
        self.storage.routes.setdefault(path, stored)
        return Ticket.model_validate(
            {
                "download_url": f"https://cdn.test{path}",
                "upload": {"url": self.storage.url + path, "headers": {"Content-Type": content_type}},
            }
        )

    async def upload_form(self, form: MultipartForm) -> str:
        self.forms.append(b"".join([chunk async for chunk in form.stream()]))
        return "https://cdn.test/form"


async def stored(request: Request, stream: AnyByteStream) -> None:
    await stream.send(answer(200, b""))


@pytest.fixture
def tickets(storage: Storage) -> Tickets:
    return Tickets(storage)


@pytest.fixture
def uploader(transfer: Transfer, tickets: Tickets, policy: PathPolicy) -> Uploader:
    return Uploader(transfer, tickets, policy, ShortMemory())


@pytest.fixture(params=["small", "large"])
def any_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files as they are, and as if they were large and had not been touched for a while."""
    if request.param == "large":
        enlarge(monkeypatch)


def enlarge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is a large one that was not touched for a while."""
    monkeypatch.setattr(uploads, "LARGE_BYTES", 1)
    settle(monkeypatch)


def settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is so young that its times cannot be trusted."""
    monkeypatch.setattr(uploads, "COARSEST_CLOCK_NS", -1)
    monkeypatch.setattr(uploads, "FINE_CLOCK_NS", -1)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "My cat.jpeg"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.usefixtures("any_size")
async def test_the_bytes_arrive_as_they_are(
    uploader: Uploader, tickets: Tickets, storage: Storage, picture: Path
) -> None:
    told: list[tuple[int, int]] = []

    async def on_progress(done: int, total: int) -> None:
        told.append((done, total))

    size = len(CONTENT)
    upload = await uploader.upload(str(picture), on_progress)
    assert upload == Upload("https://cdn.test/put/1", "image/png", size)
    assert tickets.asked == [("My-cat.png", size, "image/png")]
    assert storage.requests[0].body == CONTENT
    assert "authorization" not in storage.requests[0].headers
    assert told[-1] == (size, size)
    assert told == sorted(told)


@pytest.mark.usefixtures("any_size")
async def test_the_same_bytes_reuse_their_upload(
    uploader: Uploader, tickets: Tickets, picture: Path, tmp_path: Path
) -> None:
    first = await uploader.upload(str(picture))
    other = tmp_path / "project" / "copy.png"
    other.write_bytes(CONTENT)
    second = await uploader.upload("./copy.png")
    assert (first.cached, second.cached) == (False, True)
    assert first.url == second.url
    other.write_bytes(CONTENT + b"!")
    assert not (await uploader.upload("./copy.png")).cached
    assert len(tickets.asked) == 2


@pytest.mark.parametrize(("memory", "large"), [(ShortMemory, False), (Forgetful, False), (ShortMemory, True)])
async def test_uploads_of_the_same_bytes_at_the_same_time_are_one(
    transfer: Transfer,
    policy: PathPolicy,
    storage: Storage,
    tickets: Tickets,
    picture: Path,
    memory: type[ShortMemory],
    large: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if large:
        enlarge(monkeypatch)
    uploader = Uploader(transfer, tickets, policy, memory())
    arrived, go_on = anyio.Event(), anyio.Event()

    async def waiting(request: Request, stream: AnyByteStream) -> None:
        arrived.set()
        await go_on.wait()
        await stored(request, stream)

    storage.routes["/put/1"] = waiting
    made: list[Upload] = []

    async def upload() -> None:
        made.append(await uploader.upload(str(picture)))

    async with anyio.create_task_group() as group:
        group.start_soon(upload)
        with anyio.fail_after(10):
            await arrived.wait()
            for _ in range(9):
                group.start_soon(upload)
            while uploader.waiting < 9:
                await anyio.lowlevel.checkpoint()
        go_on.set()
    assert uploader.is_idle
    assert len(storage.requests) == len(tickets.asked) == 1
    assert len({one.url for one in made}) == 1
    assert sorted(one.cached for one in made) == [False] + [True] * 9


@pytest.mark.usefixtures("any_size")
async def test_a_cancelled_upload_does_not_take_those_who_wait_for_it_along(
    uploader: Uploader, storage: Storage, picture: Path
) -> None:
    arrived = anyio.Event()

    async def stuck(request: Request, stream: AnyByteStream) -> None:
        arrived.set()
        await anyio.sleep_forever()

    storage.routes["/put/1"] = stuck
    uploads: list[Upload] = []
    leader = anyio.CancelScope()

    async def lead() -> None:
        with leader:
            await uploader.upload(str(picture))

    async def follow() -> None:
        uploads.append(await uploader.upload(str(picture)))

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(lead)
            await arrived.wait()
            group.start_soon(follow)
            group.start_soon(follow)
            await anyio.wait_all_tasks_blocked()
            leader.cancel()
    assert [one.url for one in uploads] == ["https://cdn.test/put/2"] * 2


@pytest.mark.usefixtures("any_size")
async def test_a_failed_upload_fails_those_who_wait_with_their_own_try(
    uploader: Uploader, storage: Storage, tickets: Tickets, picture: Path
) -> None:
    tickets.refusal = BadRequest("413", status=413)
    with pytest.raises(BadRequest):
        await uploader.upload(str(picture))
    tickets.refusal = None
    assert (await uploader.upload(str(picture))).url == "https://cdn.test/put/2"


def spoil(path: Path, change: str) -> None:
    """Change a file's end so that its times, and unless it gets shorter its size, stay what they were."""
    before = path.stat()
    with path.open("r+b") as file:
        if change == "shorter":
            file.truncate(before.st_size - 1)
        else:
            file.seek(before.st_size - 1)
            file.write(b"?")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", ["content", "shorter"])
@pytest.mark.parametrize("mark_lies", [False, True], ids=["by its mark", "by its content"])
@pytest.mark.parametrize("large", [False, True], ids=["small", "large"])
async def test_a_file_that_changes_while_it_is_sent_is_given_up(
    uploader: Uploader,
    storage: Storage,
    picture: Path,
    change: str,
    mark_lies: bool,
    large: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The mark may lie for a file written a moment ago; then the content is compared."""
    if large:
        monkeypatch.setattr(uploads, "LARGE_BYTES", 1)
    if mark_lies:
        monkeypatch.setattr(OpenFile, "mark", property(lambda opened: (opened.size, FAR_FUTURE, FAR_FUTURE)))
    else:
        settle(monkeypatch)

    async def on_progress(done: int, total: int) -> None:
        spoil(picture, change)

    ended = anyio.Event()

    async def handler(request: Request, stream: AnyByteStream) -> None:
        ended.set()

    storage.routes["/put/1"] = handler
    with pytest.raises(FileRefused, match="changed"):
        await uploader.upload(str(picture), on_progress)
    with anyio.fail_after(10):
        await ended.wait()
    assert not storage.requests[0].whole
    assert len(storage.requests) == 1


@pytest.mark.usefixtures("any_size")
async def test_a_put_is_repeated_with_the_whole_file(
    uploader: Uploader, storage: Storage, picture: Path
) -> None:
    async def once_only(request: Request, stream: AnyByteStream) -> None:
        storage.routes["/put/1"] = stored
        await stream.send(answer(503, b""))

    storage.routes["/put/1"] = once_only
    await uploader.upload(str(picture))
    assert [request.body for request in storage.requests] == [CONTENT] * 2


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("refusal", [NotFound("404", status=404), BadRequest("405", status=405)])
async def test_an_api_without_tickets_gets_a_form(
    uploader: Uploader, tickets: Tickets, storage: Storage, picture: Path, refusal: Rejected
) -> None:
    tickets.refusal = refusal
    upload = await uploader.upload(str(picture))
    assert upload.url == "https://cdn.test/form"
    assert CONTENT in tickets.forms[0]
    assert storage.requests == []


@pytest.mark.usefixtures("any_size")
async def test_a_storage_that_refuses_is_an_error_and_not_remembered(
    uploader: Uploader, storage: Storage, picture: Path
) -> None:
    async def refused(request: Request, stream: AnyByteStream) -> None:
        await stream.send(answer(403, b""))

    storage.routes["/put/1"] = refused
    with pytest.raises(TransferFailed, match="ticket"):
        await uploader.upload(str(picture))
    assert not (await uploader.upload(str(picture))).cached


async def test_what_may_not_be_read_is_never_announced(
    uploader: Uploader, tickets: Tickets, tmp_path: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    for path in (str(tmp_path / "secret.png"), "../secret.png", "./missing.png"):
        with pytest.raises(FileRefused):
            await uploader.upload(path)
    assert tickets.asked == []


async def test_a_large_file_is_read_twice_only_where_its_bytes_may_have_been_uploaded(
    uploader: Uploader, tickets: Tickets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(monkeypatch)
    hashed: list[Path] = []
    hash_first = uploads.Content.hash

    def noted(content: uploads.Content) -> str:
        hashed.append(content.opened.path)
        return hash_first(content)

    monkeypatch.setattr(uploads.Content, "hash", noted)
    first, equal, other = (tmp_path / "in" / f"{name}.png" for name in ("first", "equal", "other"))
    for path, end in ((first, b"1"), (equal, b"1"), (other, b"2")):
        path.write_bytes(PNG + bytes(uploads.LARGE_BYTES) + end)
    assert not (await uploader.upload(str(first))).cached
    assert hashed == []
    assert (await uploader.upload(str(equal))).cached
    assert not (await uploader.upload(str(other))).cached
    assert hashed == [equal, other]
    assert len(tickets.asked) == 2


@pytest.mark.parametrize(
    ("written", "settled"),
    [(2_000_000_000, False), (4_000_000_000, True), (2_000_000_001, True), (50_000_001, False)],
)
def test_a_file_is_settled_when_its_clock_must_have_ticked_since(
    policy: PathPolicy, picture: Path, written: int, settled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Times in steps of 10 ms or more tell of a clock that may stand still for 2 s."""
    now = 1_700_000_000_000_000_000
    monkeypatch.setattr(OpenFile, "mark", property(lambda opened: (1, now - written, now - written)))
    monkeypatch.setattr(time, "time_ns", lambda: now)
    with policy.open(str(picture)) as opened:
        assert uploads.Content(opened).settled is settled


@pytest.mark.usefixtures("any_size")
async def test_memory_does_not_grow_with_the_file(
    uploader: Uploader, storage: Storage, tickets: Tickets, tmp_path: Path
) -> None:
    path = tmp_path / "in" / "large.png"
    path.write_bytes(PNG)
    size = 48 << 20
    os.truncate(path, size)

    storage.keeps_bodies = False
    tracemalloc.start()
    try:
        upload = await uploader.upload(str(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert upload.size_bytes == size
    assert storage.requests[0].length == size
    assert peak < 12 << 20
