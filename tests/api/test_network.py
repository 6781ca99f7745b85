"""How the API is reached: TLS, IPv6, proxies. What fails on the way there proves that nothing was sent."""

from __future__ import annotations

import gc
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import Listener, SocketAttribute
from anyio.streams.tls import TLSListener

from api.proxies import proxy
from api.unruly import Unruly
from files.authority import Authority
from wavespeed_mcp_server.api.client import WaveSpeed
from wavespeed_mcp_server.api.endpoint import Endpoint
from wavespeed_mcp_server.api.errors import Unanswered, Unreachable
from wavespeed_mcp_server.api.transfer import Transfer
from wavespeed_mcp_server.api.transport import Transport

NAME = "api.example"
SCHEMES = ["http", "socks5"]


@asynccontextmanager
async def listening(tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[Unruly]:
    """An unruly server, behind TLS with the given context."""
    listener = await anyio.create_tcp_listener(local_host=host)
    server = Unruly(listener.extra(SocketAttribute.local_port))
    wrapped: Listener[Any] = TLSListener(listener, tls, standard_compatible=False) if tls else listener
    async with listener, anyio.create_task_group() as group:
        group.start_soon(wrapped.serve, server.serve)
        yield server
        group.cancel_scope.cancel()


@pytest.fixture
def authority() -> Authority:
    """Who signs the certificates of a test."""
    return Authority()


async def asked(transport: Transport, url: str, step: str = "whole") -> object:
    """The answer to one request that is sent once."""
    connection = WaveSpeed(transport, Endpoint(base_url=url, key="k")).connection
    return await connection.once("POST", f"/{step}/0", body={}, seconds=20.0)


async def test_a_certificate_of_the_file_that_was_named_is_trusted(
    authority: Authority, tmp_path: Path
) -> None:
    async with listening(authority.server_context("localhost", tmp_path)) as server:
        async with Transport(ca_file=str(authority.write(tmp_path))) as transport:
            for _ in range(2):
                assert await asked(transport, f"https://localhost:{server.port}") == {"number": "0"}
        assert server.connections == 1


async def test_any_number_of_accounts_read_the_certificates_once_and_share_connections(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[ssl.SSLContext] = []
    create = ssl.create_default_context

    def counted(**given: Any) -> ssl.SSLContext:
        made.append(create(**given))
        return made[-1]

    context = authority.server_context("localhost", tmp_path)
    monkeypatch.setattr(ssl, "create_default_context", counted)
    async with listening(context) as server:
        async with Transport(ca_file=str(authority.write(tmp_path))) as transport:
            for number in range(100):
                endpoint = Endpoint(base_url=f"https://localhost:{server.port}", key=f"key-{number}")
                api = WaveSpeed(transport, endpoint)
                Transfer(transport, endpoint)
                if number % 10 == 0:
                    await api.connection.once("GET", f"/whole/{number}")
        assert len(made) == 1
        assert server.connections == 1


@pytest.mark.parametrize("fault", ["unknown authority", "another name", "no TLS at all", "closed", "silent"])
async def test_without_a_trusted_certificate_nothing_is_sent(
    authority: Authority, tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wavespeed_mcp_server.api.connection.TIMEOUT", {"connect": 0.5})
    shown = authority.server_context("other.example" if fault == "another name" else "localhost", tmp_path)
    trusted = Authority() if fault == "unknown authority" else authority
    with_tls = fault in {"unknown authority", "another name"}
    async with listening(shown if with_tls else None) as server:
        if fault == "closed":
            server.on_accept = lambda stream: stream.extra(SocketAttribute.raw_socket).shutdown(
                socket.SHUT_RDWR
            )
        port = server.port
        if fault == "silent":
            silent = socket.create_server(("127.0.0.1", 0))
            port = silent.getsockname()[1]
        async with Transport(ca_file=str(trusted.write(tmp_path))) as transport:
            with pytest.raises(Unreachable, match="nothing was sent"):
                await asked(transport, f"https://localhost:{port}")
        assert not server.received
        if fault == "silent":
            silent.close()


async def test_an_answer_cut_off_inside_tls_is_no_answer(authority: Authority, tmp_path: Path) -> None:
    async with listening(authority.server_context("localhost", tmp_path)) as server:
        async with Transport(ca_file=str(authority.write(tmp_path))) as transport:
            with pytest.raises(Unanswered):
                await asked(transport, f"https://localhost:{server.port}", "half_a_body")
        assert server.received["0"] == 1


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python knows no IPv6")
async def test_ipv6_addresses_are_reached() -> None:
    try:
        async with listening(host="::1") as server, Transport() as transport:
            assert await asked(transport, f"http://[::1]:{server.port}") == {"number": "0"}
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_name_with_two_addresses_is_reached_at_the_one_that_answers(host: str) -> None:
    found = {entry[4][0] for entry in await anyio.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)}
    if host not in found:
        pytest.skip(f"localhost is not {host} here")
    async with listening(host=host) as server, Transport() as transport:
        assert await asked(transport, f"http://localhost:{server.port}") == {"number": "0"}


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_proxy_carries_the_request_and_sees_nothing_of_it(
    authority: Authority, tmp_path: Path, scheme: str
) -> None:
    async with (
        listening(authority.server_context(NAME, tmp_path)) as server,
        proxy(scheme, server.port) as via,
        Transport(proxy=via.url, ca_file=str(authority.write(tmp_path))) as transport,
    ):
        assert await asked(transport, f"https://{NAME}") == {"number": "0"}
        with pytest.raises(Unanswered):
            await asked(transport, f"https://{NAME}", "closed")
    assert set(via.asked) == {f"{NAME}:443"}
    assert server.received["0"] == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_proxy_that_refuses_or_is_not_there_proves_that_nothing_was_sent(scheme: str) -> None:
    async with listening() as server:
        async with proxy(scheme, server.port, refuses=True) as via, Transport(proxy=via.url) as transport:
            with pytest.raises(Unreachable, match="the proxy refused"):
                await asked(transport, f"https://{NAME}")
        async with Transport(proxy=via.url) as transport:
            with pytest.raises(Unreachable, match="connection failed"):
                await asked(transport, f"https://{NAME}")
    assert not server.received
    # httpcore leaves the connection to a SOCKS proxy that refused to the garbage collector.
    gc.collect()


async def test_a_server_on_this_machine_is_asked_past_the_proxy() -> None:
    async with (
        listening() as server,
        proxy("http", server.port) as via,
        Transport(proxy=via.url) as transport,
    ):
        assert await asked(transport, server.url) == {"number": "0"}
    assert not via.asked


@pytest.mark.parametrize(
    ("environment", "used"),
    [
        ({}, True),
        ({"NO_PROXY": NAME}, False),
        ({"NO_PROXY": "example"}, False),
        ({"NO_PROXY": "a.test"}, True),
    ],
    ids=["no exception", "its name", "its domain", "another name"],
)
async def test_the_environment_names_the_proxy_and_what_goes_past_it(
    environment: dict[str, str], used: bool, tmp_path: Path
) -> None:
    async with proxy("http", 1, refuses=True) as via:
        given = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ} | {
            "HOME": str(tmp_path),
            "WAVESPEED_API_KEY": "some-key-or-other",
            "WAVESPEED_BASE_URL": f"https://{NAME}",
            "WAVESPEED_STATE_DIR": str(tmp_path),
            "HTTPS_PROXY": via.url,
        }
        command = [sys.executable, "-m", "wavespeed_mcp_server", "balance"]
        with anyio.fail_after(60):
            done = await anyio.run_process(
                command,
                env=given | environment,
                check=False,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
    assert done.returncode
    assert bool(via.asked) is used
    assert (b"the proxy refused" in done.stdout) is used
