"""The verb that serves the gallery, as a person starts and ends it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest
from anyio.abc import Process
from anyio.streams.text import TextReceiveStream

from calling import Json

Begun = Callable[..., AbstractAsyncContextManager[tuple[Process, str]]]


@pytest.fixture
def begun(environment: dict[str, str]) -> Begun:
    """`async with begun("--no-open") as (process, printed)`: the gallery, when it has printed where it is."""

    @asynccontextmanager
    async def begin(*words: str, **more: str) -> AsyncIterator[tuple[Process, str]]:
        command = [sys.executable, "-m", "wavespeed_mcp_server", "gallery", *words]
        async with await anyio.open_process(
            command, env=environment | more, stderr=subprocess.STDOUT
        ) as process:
            try:
                printed = ""
                assert process.stdout is not None
                with anyio.fail_after(60):
                    async for text in TextReceiveStream(process.stdout):
                        printed += text
                        if "Ctrl-C" in printed or "Open this once" in printed:
                            break
                yield process, printed
            finally:
                if process.returncode is None:
                    process.kill()

    return begin


async def interrupted(process: Process) -> int:
    """Ctrl-C, and how it ended."""
    process.send_signal(signal.SIGINT)
    with anyio.fail_after(30):
        return await process.wait()


async def test_with_no_open_the_link_is_printed_and_opens_the_page_once(begun: Begun) -> None:
    async with begun("--no-open") as (process, printed), httpx.AsyncClient() as http:
        link = printed.splitlines()[0]
        assert link.startswith("http://127.0.0.1:")
        assert (await http.get(link)).status_code == 200
        assert "<title>Gallery" in (await http.get(link.partition("/open/")[0] + "/")).text
        assert (await http.get(link)).status_code == 403
        assert await interrupted(process) == 0


async def test_a_browser_gets_the_link_in_a_private_file_that_is_gone_with_the_gallery(
    begun: Begun, tmp_path: Path
) -> None:
    seen, browser = tmp_path / "seen", tmp_path / "browser"
    browser.write_text(
        f"#!{sys.executable}\nimport json, os, sys, urllib.parse\n"
        "path = urllib.parse.urlparse(sys.argv[1]).path\n"
        "facts = {'words': sys.argv[1:], 'path': path, 'mode': os.stat(path).st_mode & 0o777,"
        " 'page': open(path).read()}\n"
        f"json.dump(facts, open({str(seen)!r}, 'w'))\n",
        encoding="utf-8",
    )
    browser.chmod(0o700)
    async with begun(BROWSER=f"{browser} %s") as (process, printed):
        facts: Json = json.loads(seen.read_text(encoding="utf-8"))
        link = facts["page"].partition('<a href="')[2].partition('"')[0]
        token = link.partition("/open/")[2]
        assert facts["mode"] == 0o600
        assert len(token) > 30
        assert token not in str(facts["words"])
        assert token not in printed
        assert link.partition("/open/")[0] in printed
        assert await interrupted(process) == 0
    assert not Path(facts["path"]).exists()


async def test_a_port_that_is_taken_is_told_in_a_sentence(begun: Begun, environment: dict[str, str]) -> None:
    async with begun("--no-open") as (_, printed):
        port = printed.partition("127.0.0.1:")[2].partition("/")[0]
        again = await anyio.run_process(
            [sys.executable, "-m", "wavespeed_mcp_server", "gallery", "--no-open", "--port", port],
            env=environment,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    assert again.returncode == 1
    assert f"port {port} cannot be used" in again.stderr.decode()
    assert "Traceback" not in again.stderr.decode()
