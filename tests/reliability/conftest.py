"""Pauses made short, so that no test waits: what is tested is what follows a pause, not its length."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from mcp.client import Client

from calling import Connect
from wavespeed_mcp_server.api import client as api_client
from wavespeed_mcp_server.api import connection, pace, transfer, waiting
from wavespeed_mcp_server.files import downloads
from wavespeed_mcp_server.runs import recovery, submission
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.media.png import card
from wavespeed_mcp_server.settings import Settings

MOMENT = 0.002


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pause between two tries is a moment; as many tries as ever are made."""
    monkeypatch.setattr(connection, "READ_BACKOFF_SECONDS", MOMENT)
    monkeypatch.setattr(pace, "FIRST_PAUSE", MOMENT)
    monkeypatch.setattr(waiting, "gap", lambda *_: MOMENT)
    monkeypatch.setattr(waiting, "FAILED_GAP", MOMENT)
    monkeypatch.setattr(transfer, "BACKOFF_SECONDS", MOMENT)
    monkeypatch.setattr(downloads, "BACKOFF_SECONDS", MOMENT)
    monkeypatch.setattr(submission, "UNREACHABLE_PAUSE", MOMENT)
    monkeypatch.setattr(submission, "RETRY_SECONDS", 0.2)
    monkeypatch.setattr(recovery, "LOOK_PAUSES", (MOMENT,) * 5)


@pytest.fixture
def short_silence(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and a request without an answer is given up after little more than a second."""

    def shorten() -> None:
        monkeypatch.setattr(connection, "CONNECT_SECONDS", 1.0)
        monkeypatch.setattr(api_client, "SUBMIT_SECONDS", 0.2)
        monkeypatch.setattr(api_client, "POLL_SECONDS", 0.2)
        monkeypatch.setattr(api_client, "CATALOG_SECONDS", 0.2)
        defaults = connection.Connection.raw.__kwdefaults__
        assert defaults is not None
        monkeypatch.setitem(defaults, "seconds", 0.2)

    return shorten


@pytest.fixture
def picture() -> bytes:
    """A real PNG file."""
    return card(64, 64, bytes(32))


@pytest.fixture
def client_of(connect: Connect, short_silence: Callable[[], None], sandbox: Sandbox) -> Connect:
    """`connect`, with a short patience for silence where a fault of the test is silence."""

    def connected(
        settings: Settings, mode: str = "auto", **client: Any
    ) -> AbstractAsyncContextManager[Client]:
        if any(fault.kind in {"hang", "hang_before"} for fault in sandbox.faults):
            short_silence()
        return connect(settings, mode, **client)

    return connected
