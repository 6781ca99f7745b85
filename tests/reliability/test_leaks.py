"""The key never leaves but to the API: every byte on stdout, stderr and disk is searched for it."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from calling import Connect, Json, MakeSettings, refusal
from wavespeed_mcp_server.sandbox import Fault, Sandbox

from .process import ServerProcess, environment, server

CRASHING = "reliability.crashing"
CORE = "LEAKCANARY"
KEY = f"wsk_9/x+Q=z~{CORE}~7"
PAINT: Json = {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "wait_seconds": 20}
API = "/api/v3/"


def disguises() -> Iterator[bytes]:
    """The key as it is, percent-encoded, in hexadecimal, and in base64 wherever it begins in the text."""
    plain = KEY.encode()
    yield from (CORE.encode(), plain, quote(KEY, safe="").encode(), plain.hex().encode(), plain[::-1])
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + plain)
        yield encoded[4:-4]
        yield encoded[4:-4].translate(bytes.maketrans(b"+/", b"-_"))


def found(content: bytes) -> list[bytes]:
    return [one for one in disguises() if one in content]


async def use_everything(process: ServerProcess, sandbox: Sandbox, picture: Path) -> None:
    """Every tool at least once, and faults whose text quotes the key."""
    done = await process.call("generate", **PAINT, save=True)
    ids = [done["id"]]
    edit = {"prompt": "add a hat", "images": [f"@{picture}"]}
    await process.call("generate", model="sandbox/edit", input=edit, max_price=1, wait_seconds=20)
    await process.call("generate_batch", requests=[short(PAINT)] * 2)
    await process.call("list_models", query="picture")
    await process.call("get_model", model="sandbox/paint")
    await process.call("estimate_price", **short(PAINT))
    await process.call("check_status")
    await process.call("check_status", ids=ids)
    await process.call("list_predictions")
    await process.call("upload_file", path=str(picture))
    await process.call("download_outputs", ids=ids)
    await process.call("get_balance")
    await process.call("get_usage")
    await process.call("get_usage", ids=ids)
    await process.call("delete_predictions", ids=ids)
    for kind in ("401", "403", "429", "500", "drop_after", "redirect", "html", "garbage"):
        for at in ("submit", "balance", "price"):
            sandbox.faults.append(Fault(at=at, kind=kind, times=None, message=f"key {KEY} is not good"))
        await process.refusal("get_balance")
        await process.refusal("estimate_price", **short(PAINT))
        if kind in {"drop_after", "html", "garbage"}:  # the task is there all the same, and adopted
            await process.call("generate", model="sandbox/write", input={"prompt": kind}, wait_seconds=5)
        else:
            given = {"prompt": kind}
            await process.refusal("generate", model="sandbox/write", input=given, wait_seconds=0)
        sandbox.faults.clear()


def short(call: Json) -> Json:
    return {"model": call["model"], "input": call["input"]}


@pytest.mark.skipif(sys.platform == "win32", reason="ended by a signal of POSIX")
async def test_no_byte_of_output_or_disk_holds_the_key(
    sandbox: Sandbox, tmp_path: Path, picture: bytes
) -> None:
    sandbox.key = KEY
    settings = environment(sandbox.url, tmp_path, KEY, WAVESPEED_LOG_LEVEL="DEBUG")
    (tmp_path / "in" / "cat.png").write_bytes(picture)
    async with server(settings, tmp_path / "stderr", module=CRASHING) as process:
        await use_everything(process, sandbox, tmp_path / "in" / "cat.png")
        assert "unexpected error" in await process.refusal("get_usage", model="a/crash")
        process.terminate()
        await process.ended()
        output = process.output
    said = (tmp_path / "stderr").read_bytes()
    assert b"Traceback" in said
    assert not found(output + said)
    files = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert {"ledger.sqlite3", "cat.png"} <= {one.name for one in files}
    for one in files:
        assert not found(one.read_bytes()), one
        assert not found(str(one).encode())


async def test_the_key_goes_to_the_apis_own_paths_only(
    sandbox: Sandbox, tmp_path: Path, picture: bytes
) -> None:
    sandbox.key = KEY
    settings = environment(sandbox.url, tmp_path, KEY)
    (tmp_path / "in" / "cat.png").write_bytes(picture)
    async with server(settings, tmp_path / "stderr") as process:
        await use_everything(process, sandbox, tmp_path / "in" / "cat.png")
    carried = [one for one in sandbox.requests if KEY in str(one.headers)]
    others = [one for one in sandbox.requests if not one.path.startswith(API)]
    assert len(carried) > 20
    assert {one.at for one in others} == {"upload_put", "download"}
    assert all(one.path.startswith(API) for one in carried)
    assert not any(CORE in one.path or CORE in str(one.query) for one in sandbox.requests)
    assert not any(CORE in str(one.body) for one in sandbox.submissions)
    assert sandbox.leaks == []


@pytest.mark.parametrize(
    "url",
    ["http://api.example.com", "http://192.0.2.1:80", "ftp://api.example.com", "https://u:p@example.com"],
)
async def test_a_base_url_that_is_neither_https_nor_loopback_gets_nothing(
    connect: Connect, make_settings: MakeSettings, url: str
) -> None:
    async with connect(make_settings(base_url=url, api_key=KEY)) as client:
        for tool, arguments in (("get_balance", {}), ("generate", PAINT), ("list_models", {})):
            text = await refusal(client, tool, **arguments)
            assert "WAVESPEED_BASE_URL" in text
            assert CORE not in text
