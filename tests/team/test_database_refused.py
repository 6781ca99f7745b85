"""Databases that a server must not use, or cannot: the operator is told why, and never the password."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from time import sleep
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import httpx
import psycopg
import pytest

from .conftest import SECRET, StartTeam

pytestmark = pytest.mark.ci
START_SECONDS = 30.0
Pooler = Callable[[str], str]


@pytest.fixture
def pooler(request: pytest.FixtureRequest, database_url: str) -> Iterator[Pooler]:
    """Starts PgBouncer in a mode; returns the address of the database behind it."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        request.getfixturevalue("lacking")("PgBouncer is not installed (run .ci/install-team)")
    started: list[subprocess.Popen[bytes]] = []
    directory = Path(mkdtemp(prefix="pgbouncer-"))

    def start(mode: str) -> str:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        config = directory / f"{mode}.ini"
        config.write_text(_config(database_url, port, mode), encoding="utf-8")
        as_whom = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if as_whom:
            for one in (directory, config):
                shutil.chown(one, "postgres", "postgres")
        command = [str(program), "-q", str(config)]
        started.append(subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL, **as_whom))  # type: ignore[call-overload]
        return f"postgresql://postgres@127.0.0.1:{port}/{urlsplit(database_url).path.strip('/')}"

    yield start
    for one in started:
        one.kill()
        one.wait()
    shutil.rmtree(directory, ignore_errors=True)


def _config(database_url: str, port: int, mode: str) -> str:
    behind = urlsplit(database_url)
    return "\n".join(
        [
            "[databases]",
            f"* = host=127.0.0.1 port={behind.port} user=postgres",
            "[pgbouncer]",
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any",
            f"pool_mode = {mode}\nignore_startup_parameters = extra_float_digits,options",
        ]
    )


def until_it_listens(url: str) -> None:
    """Returns once connections are taken there."""
    for _ in range(int(START_SECONDS * 10)):
        try:
            with closing(psycopg.connect(url, connect_timeout=1)):
                return
        except psycopg.OperationalError:
            sleep(0.1)
    raise AssertionError(f"nothing listens at {url}")


@pytest.mark.parametrize("mode", ["transaction", "statement"])
async def test_a_pooler_that_shares_sessions_is_refused_at_the_start(
    start_team: StartTeam, pooler: Pooler, mode: str
) -> None:
    url = pooler(mode)
    if mode == "transaction":
        await anyio.to_thread.run_sync(until_it_listens, url)
    server = start_team(WAVESPEED_SERVER_SECRET=SECRET, WAVESPEED_DATABASE_URL=url)
    assert await server.ended(60) == 2
    assert "pooler" in server.errors.read_text()
    assert "Traceback" not in server.errors.read_text()


async def test_a_pooler_that_keeps_sessions_apart_serves(start_team: StartTeam, pooler: Pooler) -> None:
    url = pooler("session")
    await anyio.to_thread.run_sync(until_it_listens, url)
    server = start_team(WAVESPEED_SERVER_SECRET=SECRET, WAVESPEED_DATABASE_URL=url)
    await server.ready()


@pytest.mark.parametrize("password", ["hemlich", "hem@lich", "hem%40lich", "hem:lich"])
async def test_why_the_database_cannot_be_reached_is_logged_without_its_password(
    start_team: StartTeam, password: str
) -> None:
    url = f"postgresql://server:{password}@127.0.0.1:1/ledger"
    server = start_team(WAVESPEED_SERVER_SECRET=SECRET, WAVESPEED_DATABASE_URL=url)

    async def log() -> str:
        return await anyio.Path(server.errors).read_text()

    with anyio.fail_after(START_SECONDS):
        while "cannot be used" not in await log():  # noqa: ASYNC110 - another process does not tell
            await anyio.sleep(0.1)
    assert "lich" not in await log()
    async with httpx.AsyncClient(timeout=START_SECONDS) as http:
        told = await http.get(server.url.replace("/mcp", "/ready"))
    assert told.status_code == 503
    assert "lich" not in told.text
    assert server.running.poll() is None
