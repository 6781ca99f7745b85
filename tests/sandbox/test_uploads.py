import httpx
import pytest

from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.uploads import MAX_BYTES

from .speaking import Json, data, post, refused, run

PICTURE = b"\x89PNG not really"
REQUEST = {"filename": "my cat.png", "size": len(PICTURE), "content_type": "image/png"}


async def ticket(client: httpx.AsyncClient) -> Json:
    return await post(client, "media/uploads", REQUEST)


async def test_a_ticket_says_where_to_put_the_file_and_how(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    given = await ticket(client)
    assert given == {
        "type": "image",
        "download_url": given["upload"]["url"],
        "filename": "my_cat.png",
        "size": len(PICTURE),
        "upload": {
            "method": "PUT",
            "url": given["download_url"],
            "headers": {"Content-Type": "image/png", "If-None-Match": "*"},
        },
    }
    assert given["download_url"].startswith(f"{sandbox.url}/storage/sandbox")


async def test_a_file_put_with_its_ticket_is_served_and_usable(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    upload = (given := await ticket(client))["upload"]
    url = given["download_url"]
    assert (await stranger.get(url)).status_code == 404
    early = await run(client, "sandbox/cutout", {"image": url})
    assert (early["status"], early["code"]) == ("failed", 1402)

    answer = await stranger.put(upload["url"], content=PICTURE, headers=upload["headers"])
    assert answer.status_code == 200

    served = await stranger.get(url)
    assert (served.content, served.headers["content-type"]) == (PICTURE, "image/png")
    assert (await run(client, "sandbox/cutout", {"image": url}))["status"] == "completed"
    again = await stranger.put(upload["url"], content=PICTURE, headers=upload["headers"])
    assert again.status_code == 412


async def test_a_large_file_comes_back_whole(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    content = bytes(range(256)) * 12_288
    request = {"filename": "a.mp4", "size": len(content), "content_type": "video/mp4"}
    given = await post(client, "media/uploads", request)
    await stranger.put(given["upload"]["url"], content=content, headers=given["upload"]["headers"])
    assert given["type"] == "video"
    assert (await stranger.get(given["download_url"])).content == content


async def test_the_storage_refuses_a_bearer_other_headers_and_another_size(
    sandbox: Sandbox, client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    upload = (await ticket(client))["upload"]
    right: dict[str, str] = upload["headers"]
    assert (await client.put(upload["url"], content=PICTURE, headers=right)).status_code == 400
    assert [leak.at for leak in sandbox.leaks] == ["upload_put"]
    for wrong in ({}, {"Content-Type": "image/png"}, right | {"Content-Type": "image/jpeg"}):
        assert (await stranger.put(upload["url"], content=PICTURE, headers=wrong)).status_code == 403
    assert (await stranger.put(upload["url"], content=PICTURE + b"!", headers=right)).status_code == 400
    assert (await stranger.put(upload["url"] + "x", content=PICTURE, headers=right)).status_code == 404
    assert (await stranger.put(upload["url"], content=PICTURE, headers=right)).status_code == 200


@pytest.mark.parametrize(
    ("request_body", "status"),
    [
        ({}, 400),
        ({"filename": "a.png"}, 400),
        ({"filename": "a.png", "size": 0}, 400),
        ({"filename": "a.png", "size": 5, "content_type": "image/png\r\nx: y"}, 400),
        ({"filename": "a.png", "size": MAX_BYTES + 1}, 413),
    ],
)
async def test_a_ticket_needs_a_name_and_a_size_within_the_limit(
    client: httpx.AsyncClient, request_body: Json, status: int
) -> None:
    refused(await client.post("/api/v3/media/uploads", json=request_body), status)


async def test_the_older_upload_takes_multipart(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    files = {"file": ("../cat.png", PICTURE, "image/png")}
    given = data(await client.post("/api/v3/media/upload/binary", files=files))
    assert set(given) == {"type", "download_url", "filename", "size"}
    assert (given["filename"], given["size"]) == ("cat.png", len(PICTURE))
    assert (await stranger.get(given["download_url"])).content == PICTURE
    refused(await client.post("/api/v3/media/upload/binary", json={}), 400)
    refused(await client.post("/api/v3/media/upload/binary", files={"other": ("a", b"b")}), 400)


async def test_the_ticket_endpoint_can_be_missing(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.ticket_uploads = False
    refused(await client.post("/api/v3/media/uploads", json=REQUEST), 404)
