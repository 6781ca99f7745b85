"""Everything that can go wrong between this server and the API, and what each fault comes to.

A row says: what goes wrong and how often (None: for ever), what the agent reads, how many submissions the API
saw, how many tasks exist, and the states that the ledger holds afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from calling import Connect, MakeSettings, ask, text_of
from wavespeed_mcp_server.sandbox import Fault, Sandbox

from .ledgers import states

PAINT = {"model": "sandbox/paint", "input": {"prompt": "a cat in space"}, "wait_seconds": 20}
DONE = '"status":"completed"'
LOST = "The task may exist and be charged; nothing was sent again"
UNCHARGED = "othing was submitted, nothing is charged"


@dataclass(frozen=True)
class Row:
    """One fault and what it comes to."""

    kind: str
    says: str
    submissions: int
    tasks: int
    ledger: list[str]
    times: int | None = 1
    more: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        often = "always" if self.times is None else f"{self.times}x"
        return "-".join([self.kind, often, *(f"{name}={value}" for name, value in self.more.items())])


REFUSED: tuple[int, int, list[str]] = (1, 0, [])
BOUGHT: tuple[int, int, list[str]] = (1, 1, ["completed"])
UNSEEN: tuple[int, int, list[str]] = (1, 0, ["unknown"])
UNTOUCHED: tuple[int, int, list[str]] = (0, 0, [])
RUNNING: tuple[int, int, list[str]] = (1, 1, ["submitted"])

SUBMIT = [
    # A refusal proves that nothing was created.
    Row("400", "refused the request (400)", *REFUSED),
    Row("401", "refused the key (401)", *REFUSED),
    Row("402", "not enough credit", *REFUSED),
    Row("403", "forbids this (403)", *REFUSED),
    Row("404", "Not found (404)", *REFUSED),
    Row("413", "refused the request (413)", *REFUSED),
    Row(
        "envelope_error",
        "not enough credit",
        *REFUSED,
        more={"code": 400, "message": "Insufficient credits."},
    ),
    # So does 429, which is tried again.
    Row("429", DONE, 2, 1, ["completed"]),
    Row("429", DONE, 4, 1, ["completed"], times=3),
    Row("retry_after", DONE, 2, 1, ["completed"], more={"retry_after": "0.01"}),
    Row("retry_after", "rate limit", *REFUSED, more={"retry_after": "60"}),
    # Anything else is ambiguous: the history is asked, and nothing is sent again.
    *(Row(kind, LOST, *UNSEEN) for kind in ("500", "502", "503", "504", "html_502", "redirect")),
    *(Row(kind, LOST, *UNSEEN) for kind in ("drop_before", "hang_before", "envelope_error")),
    *(Row(kind, DONE, *BOUGHT, more={"created": True}) for kind in ("500", "502", "503", "504", "html_502")),
    *(Row(kind, DONE, *BOUGHT, more={"created": True}) for kind in ("redirect", "envelope_error")),
    *(Row(kind, DONE, *BOUGHT) for kind in ("drop_after", "hang", "html", "garbage", "empty")),
    *(Row(kind, DONE, *BOUGHT) for kind in ("truncated", "wrong_length", "missing_fields")),
    # An answer that is only odd is an answer.
    *(Row(kind, DONE, *BOUGHT) for kind in ("null_outputs", "unknown_status", "slow")),
]

POLL_ONCE = (
    *("400", "401", "402", "403", "404", "413", "429", "500", "502", "503", "504", "retry_after"),
    *("drop_before", "drop_after", "hang", "hang_before", "html", "html_502", "garbage", "truncated"),
    *("wrong_length", "empty", "missing_fields", "unknown_status", "envelope_error", "redirect", "slow"),
)
STUBBORN = ("429", "500", "502", "504", "drop_before", "html_502", "garbage", "empty", "unknown_status")
POLL = [
    *(Row(kind, DONE, *BOUGHT) for kind in POLL_ONCE),
    *(Row(kind, DONE, *BOUGHT, times=7) for kind in STUBBORN),
    # What no later poll can mend ends the wait; the id is told and stays in the ledger.
    Row("401", "The last look failed", *RUNNING, times=None),
    Row("404", "call check_status with ids", *RUNNING, times=None),
]

MODELS = [
    *(Row(kind, DONE, *BOUGHT, times=None) for kind in ("500", "503", "429", "drop_before", "html_502")),
    *(Row(kind, DONE, *BOUGHT, times=None) for kind in ("html", "garbage", "truncated", "empty", "redirect")),
]

PRICE = [
    *(Row(kind, UNCHARGED, *UNTOUCHED, times=None) for kind in ("400", "401", "403", "404", "429", "500")),
    *(
        Row(kind, UNCHARGED, *UNTOUCHED, times=None)
        for kind in ("502", "504", "drop_before", "html", "garbage")
    ),
    *(Row(kind, UNCHARGED, *UNTOUCHED, times=None) for kind in ("empty", "missing_fields", "redirect")),
    *(Row(kind, DONE, *BOUGHT) for kind in ("429", "502", "drop_after", "hang", "garbage", "truncated")),
]

TICKET = [
    *(Row(kind, UNCHARGED, *UNTOUCHED, times=None) for kind in ("400", "401", "403", "413", "429", "500")),
    *(Row(kind, UNCHARGED, *UNTOUCHED, times=None) for kind in ("drop_before", "html", "missing_fields")),
    *(Row(kind, DONE, *BOUGHT) for kind in ("429", "503", "drop_after", "garbage")),
    # An older deployment has no tickets: the form is used.
    Row("404", DONE, *BOUGHT, times=None),
]

PUT = [
    *(Row(kind, UNCHARGED, *UNTOUCHED, times=None) for kind in ("400", "403", "404", "413", "500", "503")),
    *(Row(kind, UNCHARGED, *UNTOUCHED, times=None) for kind in ("drop_before", "redirect")),
    *(Row(kind, DONE, *BOUGHT) for kind in ("429", "500", "503", "drop_before", "drop_after")),
]

DOWNLOAD = [
    *(Row(kind, "Not everything was saved", *BOUGHT, times=None) for kind in ("403", "404", "500", "503")),
    *(Row(kind, "Not everything was saved", *BOUGHT, times=None) for kind in ("drop_before", "truncated")),
]


@pytest.fixture
async def bought(sandbox: Sandbox, tmp_path: Path) -> Callable[[Row, str], None]:
    """Holds what a call came to against its row."""

    def check(row: Row, said: str) -> None:
        assert row.says in said
        assert len(sandbox.submissions) == row.submissions
        assert len(sandbox.predictions) == row.tasks
        assert states(tmp_path / "state") == row.ledger
        assert not sandbox.leaks

    return check


Check = Callable[[Row, str], None]


async def said(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    return text_of(await ask(client, tool, **arguments))


@pytest.mark.parametrize("row", SUBMIT, ids=str)
async def test_a_fault_at_the_submit(
    sandbox: Sandbox, client_of: Connect, make_settings: MakeSettings, bought: Check, row: Row
) -> None:
    sandbox.faults.append(Fault(at="submit", kind=row.kind, times=row.times, **row.more))
    async with client_of(make_settings()) as client:
        # Only the fault's own row may wait for the API longer than the call does.
        patience = 0 if row.more.get("retry_after") == "60" else 20
        bought(row, await said(client, "generate", PAINT | {"wait_seconds": patience}))


@pytest.mark.parametrize("row", POLL, ids=str)
async def test_a_fault_at_a_poll(
    sandbox: Sandbox, client_of: Connect, make_settings: MakeSettings, bought: Check, row: Row
) -> None:
    sandbox.faults.append(Fault(at="poll", kind=row.kind, times=row.times, retry_after="0.01", seconds=0.0))
    async with client_of(make_settings()) as client:
        bought(row, await said(client, "generate", PAINT))


@pytest.mark.parametrize("row", MODELS, ids=str)
async def test_a_fault_at_the_catalog_does_not_stop_a_run(
    sandbox: Sandbox, client_of: Connect, make_settings: MakeSettings, bought: Check, row: Row
) -> None:
    sandbox.faults.append(Fault(at="models", kind=row.kind, times=row.times))
    async with client_of(make_settings()) as client:
        bought(row, await said(client, "generate", PAINT))


@pytest.mark.parametrize("row", PRICE, ids=str)
async def test_a_fault_at_the_price_of_a_run_under_a_limit(
    sandbox: Sandbox, client_of: Connect, make_settings: MakeSettings, bought: Check, row: Row
) -> None:
    sandbox.faults.append(Fault(at="price", kind=row.kind, times=row.times))
    async with client_of(make_settings()) as client:
        bought(row, await said(client, "generate", PAINT | {"max_price": 1}))


@pytest.mark.parametrize(
    ("at", "row"),
    [*(("upload_ticket", row) for row in TICKET), *(("upload_put", row) for row in PUT)],
    ids=str,
)
async def test_a_fault_at_an_upload(
    sandbox: Sandbox,
    client_of: Connect,
    make_settings: MakeSettings,
    bought: Check,
    tmp_path: Path,
    picture: bytes,
    at: str,
    row: Row,
) -> None:
    (tmp_path / "in").mkdir(exist_ok=True)
    (tmp_path / "in" / "cat.png").write_bytes(picture)
    sandbox.faults.append(Fault(at=at, kind=row.kind, times=row.times))
    given = {"prompt": "add a hat", "images": [f"@{tmp_path / 'in' / 'cat.png'}"]}
    async with client_of(make_settings()) as client:
        bought(
            row, await said(client, "generate", {"model": "sandbox/edit", "input": given, "wait_seconds": 20})
        )


@pytest.mark.parametrize("row", DOWNLOAD, ids=str)
async def test_a_fault_at_a_download_leaves_the_urls(
    sandbox: Sandbox, client_of: Connect, make_settings: MakeSettings, bought: Check, tmp_path: Path, row: Row
) -> None:
    sandbox.faults.append(Fault(at="download", kind=row.kind, times=row.times))
    async with client_of(make_settings()) as client:
        text = await said(client, "generate", PAINT | {"save": True})
    bought(row, text)
    assert DONE in text
    assert f"{sandbox.url}/outputs/" in text
    assert not [one for one in (tmp_path / "out").rglob("*") if one.is_file()]


READS = {"history": "list_predictions", "balance": "get_balance", "usage": "get_usage"}
ONCE = (
    "429",
    "500",
    "502",
    "503",
    "504",
    "drop_before",
    "drop_after",
    "html_502",
    "garbage",
    "empty",
    "hang",
)


@pytest.mark.parametrize("kind", ONCE)
@pytest.mark.parametrize("at", READS)
async def test_a_read_outlives_one_fault(
    sandbox: Sandbox, client_of: Connect, make_settings: MakeSettings, at: str, kind: str
) -> None:
    sandbox.faults.append(Fault(at=at, kind=kind))
    async with client_of(make_settings()) as client:
        assert not (await ask(client, READS[at])).is_error
    assert sandbox.counts[at] == 2


@pytest.mark.parametrize("kind", ["401", "403", "500", "drop_before", "html", "missing_fields"])
async def test_a_balance_that_cannot_be_read_is_an_error_and_no_number(
    sandbox: Sandbox, client_of: Connect, make_settings: MakeSettings, kind: str
) -> None:
    sandbox.faults.append(Fault(at="balance", kind=kind, times=None))
    async with client_of(make_settings()) as client:
        result = await ask(client, "get_balance")
    assert result.is_error
    assert "10" not in text_of(result)
