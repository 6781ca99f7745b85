"""What a failed request proves: "nothing was sent" is said only where no byte reached the other side."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from itertools import count

import anyio
import pytest
from anyio.abc import ByteStream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.unruly import ANSWERED, STEPS, UNANSWERED, Hangup, Unruly, linger, unruly
from wavespeed_mcp_server.api.client import WaveSpeed
from wavespeed_mcp_server.api.endpoint import Endpoint
from wavespeed_mcp_server.api.errors import ApiError, Unanswered, Unreachable
from wavespeed_mcp_server.api.http1 import Http1Connection
from wavespeed_mcp_server.api.transport import Transport

METHODS = ["GET", "POST", "PUT", "DELETE"]
PATIENCE = 20.0
LITTLE_PATIENCE = 0.2
SILENT = {"silent", "half_a_body_and_silent"}
NUMBERS = count()


@pytest.fixture
async def server() -> AsyncIterator[Unruly]:
    """A server that does what its paths say."""
    async with unruly() as server:
        yield server


async def ask(transport: Transport, server: Unruly, method: str, step: str, number: str = "0") -> object:
    """The answer to one request, or the error it ended in."""
    seconds = LITTLE_PATIENCE if step in SILENT else PATIENCE
    api = WaveSpeed(transport, Endpoint(base_url=server.url, key="k"))
    body = {"n": number} if method in {"POST", "PUT"} else None
    try:
        return await api.connection.once(method, f"/{step}/{number}", body=body, seconds=seconds)
    except ApiError as error:
        return error


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("step", ANSWERED)
async def test_an_answer_is_taken_however_it_is_framed(server: Unruly, method: str, step: str) -> None:
    async with Transport() as transport:
        assert await ask(transport, server, method, step) == {"number": "0"}
    assert server.received["0"] == 1


@pytest.mark.parametrize("kept", [False, True], ids=["new connection", "kept connection"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("step", UNANSWERED)
async def test_a_request_that_was_received_is_never_said_not_to_be_sent(
    server: Unruly, method: str, step: str, kept: bool
) -> None:
    async with Transport() as transport:
        if kept:
            assert await ask(transport, server, "GET", "whole", "before") == {"number": "before"}
        assert type(await ask(transport, server, method, step)) is Unanswered
        assert server.received["0"] == 1
        assert server.connections == 1
        # What was left of that answer is nobody else's.
        assert await ask(transport, server, method, "whole", "after") == {"number": "after"}


def close(stream: ByteStream) -> None:
    """Accept, and close."""
    raise Hangup


def reset(stream: ByteStream) -> None:
    """Accept, and reset."""
    linger(stream)
    raise Hangup


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("accepted", [close, reset])
async def test_a_connection_that_is_accepted_and_lost_proves_nothing(
    server: Unruly, method: str, accepted: Callable[[ByteStream], None]
) -> None:
    server.on_accept = accepted
    async with Transport() as transport:
        assert type(await ask(transport, server, method, "whole")) is Unanswered


@pytest.mark.parametrize("method", METHODS)
async def test_a_server_that_accepts_and_never_reads_proves_nothing(method: str) -> None:
    """The operating system takes the connection and the bytes; nobody ever calls accept."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Unruly(listening.getsockname()[1])
        async with Transport() as transport:
            assert type(await ask(transport, server, method, "silent")) is Unanswered


@pytest.mark.parametrize("method", METHODS)
async def test_where_nobody_listens_nothing_was_sent(method: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    async with Transport() as transport:
        assert type(await ask(transport, Unruly(port), method, "whole")) is Unreachable


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("step", ["and_closes", "and_says_close", "and_says_more", "until_the_end"])
async def test_a_kept_connection_that_has_ended_is_not_used(server: Unruly, method: str, step: str) -> None:
    async with Transport() as transport:
        for number in "012":
            server.hung_up = anyio.Event()
            assert await ask(transport, server, method, step, number) == {"number": number}
            if step != "and_says_more":
                await server.hung_up.wait()
    assert server.received.total() == server.connections == 3


@pytest.mark.parametrize("method", METHODS)
async def test_a_kept_connection_that_is_closed_just_as_it_is_used_proves_nothing(
    server: Unruly, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Transport() as transport:
        assert await ask(transport, server, method, "and_closes", "0") == {"number": "0"}
        await server.hung_up.wait()
        # As if the end were still on its way when the connection was looked at.
        monkeypatch.setattr(Http1Connection, "reusable", True)
        assert type(await ask(transport, server, method, "whole", "1")) is Unanswered


async def test_a_caller_that_goes_away_leaves_no_answer_behind(server: Unruly) -> None:
    async with Transport() as transport:
        assert await ask(transport, server, "GET", "whole", "0") == {"number": "0"}
        with anyio.move_on_after(0.05):
            await ask(transport, server, "POST", "half_a_body_and_silent", "1")
        assert await ask(transport, server, "GET", "whole", "2") == {"number": "2"}
    assert server.connections == 2


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    waves=st.lists(
        st.lists(
            st.tuples(st.sampled_from(METHODS), st.sampled_from(sorted(set(STEPS) - SILENT))), max_size=6
        ),
        max_size=4,
    )
)
async def test_whatever_other_requests_meet_each_is_sent_once_and_hears_its_own_answer(
    server: Unruly, waves: list[list[tuple[str, str]]]
) -> None:
    async def one(method: str, step: str) -> None:
        number = str(next(NUMBERS))
        said = await ask(transport, server, method, step, number)
        received = server.received[number]
        assert received <= 1
        if isinstance(said, ApiError):
            assert not (received and isinstance(said, Unreachable))
            # Another request's connection may have been lost under it; one that arrived is answered.
            assert not (received and step in ANSWERED)
        else:
            assert step in ANSWERED
            assert said == {"number": number}

    async with Transport() as transport:
        for wave in waves:
            async with anyio.create_task_group() as group:
                for method, step in wave:
                    group.start_soon(one, method, step)
