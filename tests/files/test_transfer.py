"""Fetching and storing over real sockets."""

import gzip
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.abc import AnyByteStream

from wavespeed_mcp_server.api import transfer as transfer_module
from wavespeed_mcp_server.api.endpoint import Endpoint
from wavespeed_mcp_server.api.forms import multipart_form
from wavespeed_mcp_server.api.guard import AddressRefused, TransferFailed
from wavespeed_mcp_server.api.transfer import Transfer
from wavespeed_mcp_server.api.transport import Transport

from .authority import Authority
from .conftest import KEY, no_pause
from .storage import PNG, Request, Storage, answer, running


async def fetched(transfer: Transfer, url: str) -> bytes:
    async with transfer.get(url) as incoming, aclosing(incoming.chunks) as chunks:
        return b"".join([chunk async for chunk in chunks])


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every name under `.test` is on loopback. Returns the names asked for."""
    asked: list[str] = []
    real = anyio.getaddrinfo

    async def resolve(host: str, port: int, **options: object) -> object:
        asked.append(host)
        return await real("127.0.0.1" if host.endswith(".test") else host, port)

    monkeypatch.setattr("anyio.getaddrinfo", resolve)
    return asked


async def test_a_download_carries_no_key_no_cookie_and_no_credentials(
    transfer: Transfer, storage: Storage
) -> None:
    url = storage.serve("/a.png", PNG, set_cookie="session=1; path=/")
    assert await fetched(transfer, url) == PNG
    assert await fetched(transfer, url.replace("http://", "http://user:secret@")) == PNG
    for request in storage.requests:
        assert not {"authorization", "cookie", "proxy-authorization"} & set(request.headers)
        assert KEY not in str(request)


async def test_the_name_is_resolved_once_and_the_checked_address_is_used(
    transfer: Transfer, storage: Storage, names: list[str]
) -> None:
    """A second look-up could answer with another address (DNS rebinding)."""
    storage.serve("/a.png", PNG)
    port = storage.url.rpartition(":")[2]
    assert await fetched(transfer, f"http://files.test:{port}/a.png") == PNG
    assert names == ["files.test"]
    assert storage.requests[0].headers["host"] == f"files.test:{port}"


async def test_an_international_name_is_asked_for_in_ascii(
    transfer: Transfer, storage: Storage, names: list[str]
) -> None:
    storage.serve("/a.png", PNG)
    port = storage.url.rpartition(":")[2]
    assert await fetched(transfer, f"http://bücher.test:{port}/a.png") == PNG
    assert names == ["xn--bcher-kva.test"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"]
)
async def test_loopback_is_not_connected_to_unless_the_api_is_there(storage: Storage, host: str) -> None:
    storage.serve("/a.png", PNG)
    port = storage.url.rpartition(":")[2]
    public = Transfer(Transport(), Endpoint(key=KEY))
    with pytest.raises(AddressRefused):
        await fetched(public, f"http://{host}:{port}/a.png")
    with pytest.raises(AddressRefused):
        await public.put(f"https://{host}:{port}/a.png", {}, 0, no_body)
    assert storage.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(transfer: Transfer, storage: Storage, status: int) -> None:
    storage.serve("/deep/old", b"moved", status, location="../a.png")
    storage.serve("/a.png", PNG)
    async with transfer.get(storage.url + "/deep/old") as incoming:
        assert incoming.url == storage.url + "/a.png"
        assert incoming.size == len(PNG)


@pytest.mark.parametrize(
    "location", ["http://10.0.0.1/a.png", "http://169.254.169.254/latest/", "file:///etc/passwd", "ftp://x/a"]
)
async def test_a_redirect_is_checked_like_the_first_address(
    transfer: Transfer, storage: Storage, location: str
) -> None:
    url = storage.serve("/old", b"", 302, location=location)
    with pytest.raises(AddressRefused):
        await fetched(transfer, url)


async def test_the_sixth_redirect_is_not_followed(transfer: Transfer, storage: Storage) -> None:
    storage.serve("/0", PNG)
    for number in range(1, 7):
        storage.serve(f"/{number}", b"", 302, location=f"/{number - 1}")
    assert await fetched(transfer, storage.url + "/5") == PNG
    with pytest.raises(TransferFailed, match="redirected"):
        await fetched(transfer, storage.url + "/6")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.png",
        "file:///etc/passwd",
        "ftp://x/a",
        "http://",
        "http://a b/",
        "http://x/\r\nHost: y",
        "http://x:99999/",
    ],
)
async def test_what_is_no_web_address_is_not_fetched(transfer: Transfer, url: str) -> None:
    with pytest.raises(TransferFailed):
        await fetched(transfer, url)


async def test_an_expired_output_is_explained(transfer: Transfer, storage: Storage) -> None:
    for status in (403, 404, 410):
        with pytest.raises(TransferFailed, match="7 days") as failed:
            await fetched(transfer, storage.serve("/gone.png", b"", status))
        assert failed.value.status == status
        assert not failed.value.transient


async def broken_off(request: Request, stream: AnyByteStream) -> None:
    await stream.send(answer(200, PNG, content_length=str(len(PNG) + 1)))


async def broken_chunk(request: Request, stream: AnyByteStream) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n")


async def not_http(request: Request, stream: AnyByteStream) -> None:
    await stream.send(b"220 smtp ready\r\n")


async def wrapped_twice(request: Request, stream: AnyByteStream) -> None:
    body = gzip.compress(gzip.compress(bytes(1 << 20)))
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip, gzip\r\ncontent-length: {len(body)}\r\n\r\n"
    await stream.send(head.encode() + body)


async def test_what_is_encoded_more_than_once_is_not_unpacked(transfer: Transfer, storage: Storage) -> None:
    storage.routes["/bomb.png"] = wrapped_twice
    with pytest.raises(TransferFailed, match="encoding"):
        await fetched(transfer, f"{storage.url}/bomb.png")


async def dropped(request: Request, stream: AnyByteStream) -> None:
    await stream.aclose()


@pytest.mark.parametrize("handler", [broken_off, broken_chunk, not_http, dropped])
async def test_a_body_that_breaks_off_is_never_taken_for_a_whole_one(
    transfer: Transfer, storage: Storage, handler: object
) -> None:
    storage.routes["/a.png"] = handler  # type: ignore[assignment]
    with pytest.raises(TransferFailed) as failed:
        await fetched(transfer, storage.url + "/a.png")
    assert failed.value.transient


async def test_a_silent_server_is_given_up(
    transfer: Transfer, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(request: Request, stream: AnyByteStream) -> None:
        await stream.send(answer(200, b"half", content_length="8"))
        await anyio.sleep_forever()

    monkeypatch.setattr(transfer_module, "IDLE_SECONDS", 0.05)
    storage.routes["/a.png"] = silent
    with anyio.fail_after(10), pytest.raises(TransferFailed, match="silent"):
        await fetched(transfer, storage.url + "/a.png")


async def test_nobody_listening_is_a_failed_transfer(transfer: Transfer) -> None:
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
    with pytest.raises(TransferFailed) as failed:
        await fetched(transfer, f"http://127.0.0.1:{port}/a.png")
    assert failed.value.transient


async def no_body() -> AsyncIterator[bytes]:
    yield b""


async def letters() -> AsyncIterator[bytes]:
    yield b"abc"
    yield b"def"


async def test_a_ticket_is_used_with_exactly_its_headers(transfer: Transfer, storage: Storage) -> None:
    url = storage.serve("/put", b"")
    headers = {"Content-Type": "image/png", "If-None-Match": "*", "Host": "evil.test", "Content-Length": "1"}
    await transfer.put(url, headers, 6, letters)
    (request,) = storage.requests
    assert (request.method, bytes(request.body)) == ("PUT", b"abcdef")
    assert request.headers["content-type"] == "image/png"
    assert request.headers["if-none-match"] == "*"
    assert request.headers["content-length"] == "6"
    assert request.headers["host"] == storage.url.removeprefix("http://")
    assert not {"authorization", "cookie", "transfer-encoding"} & set(request.headers)


def script(storage: Storage, *steps: int | None) -> str:
    """Answer `/put` with these statuses in turn; None drops the connection after the body came."""
    turns: Iterator[int | None] = iter(steps)

    async def handler(request: Request, stream: AnyByteStream) -> None:
        status = next(turns)
        if status is not None:
            await stream.send(answer(status, b""))

    storage.routes["/put"] = handler
    return storage.url + "/put"


@pytest.mark.parametrize(
    "steps", [(200,), (503, 200), (None, 201), (500, None, 200), (None, 412), (409, 200)]
)
async def test_a_put_is_tried_again_after_a_passing_fault(
    transfer: Transfer, storage: Storage, steps: tuple[int | None, ...]
) -> None:
    await transfer.put(script(storage, *steps), {}, 6, letters)
    assert [request.body for request in storage.requests] == [b"abcdef"] * len(steps)


@pytest.mark.parametrize(
    "steps", [(412,), (403,), (413,), (302,), (503, 400), (503, 503, 503), (None, None, None)]
)
async def test_a_put_that_cannot_work_fails_with_its_status(
    transfer: Transfer, storage: Storage, steps: tuple[int | None, ...]
) -> None:
    with pytest.raises(TransferFailed) as failed:
        await transfer.put(script(storage, *steps), {}, 6, letters)
    assert failed.value.status == steps[-1]
    assert len(storage.requests) == len(steps)


async def test_a_body_that_fails_halfway_ends_the_put_with_its_own_error(
    transfer: Transfer, storage: Storage
) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield b"abc"
        raise LookupError("changed")

    ended = anyio.Event()

    async def handler(request: Request, stream: AnyByteStream) -> None:
        ended.set()

    storage.routes["/put"] = handler
    with pytest.raises(LookupError, match="changed"):
        await transfer.put(storage.url + "/put", {}, 6, failing)
    with anyio.fail_after(10):
        await ended.wait()
    assert not storage.requests[0].whole


async def test_a_plain_http_storage_elsewhere_gets_nothing(storage: Storage) -> None:
    public = Transfer(Transport(), Endpoint(key=KEY))
    with pytest.raises(AddressRefused, match="https"):
        await public.put("http://8.8.8.8/put", {}, 6, letters)


async def test_a_form_has_the_length_it_announces(storage: Storage) -> None:
    form = multipart_form("a.png", "image/png", 6, letters)
    body = b"".join([chunk async for chunk in form.stream()])
    assert len(body) == form.content_length
    boundary = form.content_type.partition("boundary=")[2]
    assert body.startswith(f"--{boundary}\r\n".encode())
    assert b'name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nabcdef\r\n' in body
    assert body.endswith(f"--{boundary}--\r\n".encode())


@asynccontextmanager
async def files_test(authority: Authority, shown: str, folder: Path) -> AsyncIterator[tuple[Transfer, str]]:
    """`https://files.test/a.png`, on a server that shows a certificate for `shown`."""
    async with running(authority.server_context(shown, folder)) as storage:
        storage.serve("/a.png", PNG)
        port = storage.url.rpartition(":")[2]
        async with Transport(ca_file=str(authority.write(folder))) as transport:
            transfer = Transfer(transport, Endpoint(base_url="http://127.0.0.1"), pause=no_pause)
            yield transfer, f"https://files.test:{port}/a.png"


async def test_the_certificate_must_be_the_names_though_the_connection_goes_to_an_address(
    tmp_path: Path, names: list[str]
) -> None:
    authority = Authority()
    async with files_test(authority, "files.test", tmp_path) as (transfer, url):
        assert await fetched(transfer, url) == PNG
    async with files_test(authority, "other.test", tmp_path) as (transfer, url):
        with pytest.raises(TransferFailed, match=r"(?i)certificate"):
            await fetched(transfer, url)
    assert names == ["files.test", "files.test"]
