"""Files come in through an address that takes one PUT, and no key is needed or known there."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import anyio
import httpx
import pytest

from calling import call
from wavespeed_mcp_server.sandbox import Fault, Sandbox
from wavespeed_mcp_server.sandbox.media import png
from wavespeed_mcp_server.transports.http import tickets

from .conftest import as_caller

ONE = "wsk_the_key_of_one"
PICTURE = png.card(16, 16, bytes(32))


async def put(url: str, content: object = PICTURE, **headers: str) -> httpx.Response:
    """One PUT, as a browser or curl sends it."""
    async with httpx.AsyncClient(timeout=30) as http:
        return await http.put(url, content=content, headers=headers)  # type: ignore[arg-type]


async def test_an_address_takes_one_file_and_answers_with_its_url(
    team: str, sandbox: Sandbox, mode: str
) -> None:
    async with as_caller(team, ONE, mode) as client:
        ticket = await call(client, "create_upload", name="a cat.png")
        answer = await put(ticket["url"])
        assert answer.status_code == 200, answer.text
        assert answer.json()["media_type"] == "image/png"
        made = await call(
            client, "generate", model="sandbox/edit", input={"prompt": "x", "images": [answer.json()["url"]]}
        )
        assert made["status"] == "completed"
        assert (await put(ticket["url"])).status_code == 404
    async with httpx.AsyncClient() as http:
        assert (await http.get(answer.json()["url"])).content == PICTURE
    assert ONE not in ticket["url"]


async def test_of_two_puts_at_once_one_is_served(team: str) -> None:
    statuses: list[int] = []
    async with as_caller(team, ONE) as client:
        url = (await call(client, "create_upload"))["url"]

        async def one() -> None:
            statuses.append((await put(url)).status_code)

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(one)
    assert sorted(statuses) == [200, 404, 404, 404, 404]


async def test_pages_of_other_origins_may_upload_and_do_nothing_else(team: str) -> None:
    async with as_caller(team, ONE) as client:
        url = (await call(client, "create_upload"))["url"]
    origin = {"Origin": "https://app.example"}
    async with httpx.AsyncClient() as http:
        asked = await http.options(url, headers={**origin, "Access-Control-Request-Method": "PUT"})
        assert asked.headers["access-control-allow-origin"] == "*"
        assert "PUT" in asked.headers["access-control-allow-methods"]
        elsewhere = await http.options(team, headers={**origin, "Access-Control-Request-Method": "POST"})
        assert "access-control-allow-origin" not in elsewhere.headers
    answer = await put(url, **origin)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "content", [b"just a text", b"", b"%PDF-1.7 a document", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
async def test_what_is_no_media_is_refused_and_the_address_stays(team: str, content: bytes) -> None:
    async with as_caller(team, ONE) as client:
        url = (await call(client, "create_upload"))["url"]
    assert (await put(url, content)).status_code == 415
    assert (await put(url)).status_code == 200


async def test_a_file_that_is_too_large_is_refused_by_what_it_announces(
    team: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets, "MAX_BYTES", len(PICTURE) - 1)
    async with as_caller(team, ONE) as client:
        url = (await call(client, "create_upload"))["url"]
    assert (await put(url)).status_code == 413


async def test_a_file_of_unknown_length_is_refused(team: str) -> None:
    async def chunks() -> object:
        yield PICTURE

    async with as_caller(team, ONE) as client:
        url = (await call(client, "create_upload"))["url"]
    assert (await put(url, chunks())).status_code == 411


async def test_an_address_that_nobody_was_given_is_none(team: str) -> None:
    assert (await put(team.replace("/mcp", "/files/made-up"))).status_code == 404


async def test_a_foreign_host_is_refused_there_too(team: str) -> None:
    async with as_caller(team, ONE) as client:
        url = (await call(client, "create_upload"))["url"]
    assert (await put(url, Host="evil.example")).status_code == 421


async def test_an_address_ends_after_its_time(team: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tickets.VALID_SECONDS == 600
    monkeypatch.setattr(tickets, "VALID_SECONDS", 0.0)
    async with as_caller(team, ONE) as client:
        url = (await call(client, "create_upload"))["url"]
    assert (await put(url)).status_code == 404


async def test_an_address_that_was_changed_is_none(team: str) -> None:
    async with as_caller(team, ONE) as client:
        url = (await call(client, "create_upload", name="a cat.png"))["url"]
    basis, _, given = url.rpartition("/")
    subject, _, code = given.partition(".")
    told = json.loads(urlsafe_b64decode(subject + "=="))
    later = json.dumps([*told[:2], told[2] + 1, *told[3:]]).encode()
    for changed in (
        subject,
        f"{subject}.",
        f".{code}",
        f"{urlsafe_b64encode(later).decode()}.{code}",
        f"{given}/more",
        f"{subject}=.{code}",
        given.swapcase(),
        "x" * 5000,
        "é",
    ):
        assert (await put(f"{basis}/{changed}")).status_code == 404, changed
    assert (await put(url)).status_code == 200


async def test_any_name_fits_into_an_address(team: str) -> None:
    async with as_caller(team, ONE) as client:
        for name in ("\U0001f98a" * 200, "", "a/../b.png", "x" * 200):
            url = (await call(client, "create_upload", name=name))["url"]
            assert (await put(url)).status_code == 200, name


async def test_a_storage_that_fails_is_told(team: str, sandbox: Sandbox) -> None:
    sandbox.faults.append(Fault(at="upload_ticket", kind="403", times=None))
    async with as_caller(team, ONE) as client:
        url = (await call(client, "create_upload"))["url"]
    assert (await put(url)).status_code == 502
