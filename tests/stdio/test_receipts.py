"""When an answer has reached its caller: written, and not taken back by a cancel, however late that comes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import mcp.types as types
import pytest

from wavespeed_mcp_server.ledger import OwnedRows
from wavespeed_mcp_server.tools.call import RequestContext
from wavespeed_mcp_server.transports.stdio import WireReceipts


class Rows:
    """What became of a call's rows."""

    def __init__(self) -> None:
        self.fate: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def note() -> None:
            self.fate.append(name)

        return note


def answer(number: int) -> types.JSONRPCResponse:
    return types.JSONRPCResponse(jsonrpc="2.0", id=number, result={})


def cancel(number: int) -> types.JSONRPCNotification:
    params = {"requestId": number}
    return types.JSONRPCNotification(jsonrpc="2.0", method="notifications/cancelled", params=params)


def call(request_id: str) -> RequestContext:
    return cast(RequestContext, SimpleNamespace(request_id=request_id))


def expected(receipts: WireReceipts, rows: Rows) -> bool:
    return receipts.expect(call("1"), cast(OwnedRows, rows))


async def test_a_written_answer_has_arrived() -> None:
    receipts, rows = WireReceipts(), Rows()
    assert expected(receipts, rows)
    await receipts.written(answer(2))
    assert rows.fate == []
    await receipts.written(answer(1))
    assert rows.fate == ["answered"]


async def test_an_answer_that_is_cancelled_on_its_way_has_not_arrived() -> None:
    receipts, rows = WireReceipts(), Rows()
    assert expected(receipts, rows)
    await receipts.cancelled(cancel(1))
    await receipts.written(answer(1))
    assert rows.fate == ["cut_off"]


async def test_an_answer_to_a_request_that_was_given_up_is_not_expected_to_arrive() -> None:
    receipts, rows = WireReceipts(), Rows()
    await receipts.cancelled(cancel(1))
    assert not expected(receipts, rows)


@pytest.mark.parametrize("later", [0, 500])
async def test_a_cancel_after_the_answer_takes_it_back_once(later: int) -> None:
    receipts, rows = WireReceipts(), Rows()
    assert expected(receipts, rows)
    await receipts.written(answer(1))
    for number in range(2, 2 + later):
        receipts.expect(call(str(number)), cast(OwnedRows, Rows()))
        await receipts.written(answer(number))
    await receipts.cancelled(cancel(1))
    await receipts.cancelled(cancel(1))
    assert rows.fate == ["answered", "taken_back"]
