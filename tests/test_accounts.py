"""What `Accounts` promise, whatever is behind them, and what accounts of one process share.

A new implementation is added to `IMPLEMENTATIONS`; the tests stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import process_time

import anyio
import pytest

from calling import MakeSettings
from wavespeed_mcp_server.accounts import OpenAccounts, make_account, one_account
from wavespeed_mcp_server.process import open_process
from wavespeed_mcp_server.runs import RunOptions, prepare, run
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import Settings

IMPLEMENTATIONS: dict[str, Callable[[Settings], OpenAccounts]] = {"single": one_account}
CHEAP_SECONDS = 0.010


@pytest.fixture(params=list(IMPLEMENTATIONS.values()), ids=list(IMPLEMENTATIONS))
def open_accounts(request: pytest.FixtureRequest, settings: Settings) -> OpenAccounts:
    """Each implementation, for requests with the sandbox's key."""
    opened: OpenAccounts = request.param(settings)
    return opened


async def test_requests_at_once_with_one_key_get_one_account(open_accounts: OpenAccounts) -> None:
    async with open_accounts() as accounts, accounts.of(None) as first, accounts.of(None) as second:
        assert first is second


async def test_an_account_works_for_as_long_as_its_request_and_has_a_caller(
    open_accounts: OpenAccounts,
) -> None:
    async with open_accounts() as accounts, accounts.of(None) as account:
        assert account.caller
        assert await account.client.balance() == 10.0


async def test_opening_accounts_touches_neither_disk_nor_network(
    open_accounts: OpenAccounts, settings: Settings, sandbox: Sandbox
) -> None:
    async with open_accounts() as accounts, accounts.of(None):
        assert settings.state_dir is not None
        assert not settings.state_dir.exists()
    assert not sandbox.requests


async def test_two_accounts_of_a_process_share_catalog_connections_and_run_times_but_no_tasks(
    make_settings: MakeSettings, sandbox: Sandbox
) -> None:
    sandbox.key = None
    async with open_process(make_settings()) as process:
        one, other = (
            make_account(process, make_settings(api_key=f"key-of-{name}"), caller=f"key:{name}")
            for name in ("one", "other")
        )
        assert one.catalog is other.catalog
        async with one.own_rows() as rows:
            request = await prepare(one, rows, "sandbox/paint", {"prompt": "a cat"})
            await run(one, request, RunOptions(30), rows)
        before = sandbox.counts["models"]
        async with other.own_rows() as rows:
            request = await prepare(other, rows, "sandbox/paint", {"prompt": "a cat"})
            assert request.earlier is None
        assert sandbox.counts["models"] == before == 1


async def test_a_catalog_is_fetched_with_whichever_key_the_api_takes(
    make_settings: MakeSettings, settings: Settings
) -> None:
    async with open_process(settings) as process:
        refused = make_account(process, make_settings(api_key="wsk_not_the_sandboxs"), caller="refused")
        known = make_account(process, settings, caller="known")
        assert await refused.catalog.model("sandbox/paint")
        assert known.catalog is refused.catalog


async def test_a_further_account_opens_no_file_and_costs_little(make_settings: MakeSettings) -> None:
    async with open_process(make_settings()) as process:
        first = make_account(process, make_settings(), caller="first")
        await first.catalog.search(limit=1)
        await first.ledger.spent()
        files = _open_files()
        before = process_time()
        many = [
            make_account(process, make_settings(api_key=f"key-{number}"), caller=str(number))
            for number in range(50)
        ]
        assert (process_time() - before) / len(many) < CHEAP_SECONDS
        async with anyio.create_task_group() as group:
            for account in many:
                group.start_soon(account.ledger.spent)
        assert _open_files() == files


def _open_files() -> int:
    try:
        return len(list(Path("/proc/self/fd").iterdir()))
    except OSError:
        pytest.skip("this system does not list a process's open files")
