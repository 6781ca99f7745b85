"""When an answer has reached its caller over HTTP: sent whole, and not before."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from starlette.types import Message, Scope

from wavespeed_mcp_server.ledger import OwnedRows
from wavespeed_mcp_server.tools.call import RequestContext
from wavespeed_mcp_server.transports.http.receipts import HttpReceipts, Response


class Exchange:
    """One request whose answer is being sent, and in what order its parts and its rows' fate were."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        scope: Scope = {}
        self.response = Response(scope, self._send)
        self._context = cast(RequestContext, SimpleNamespace(request=SimpleNamespace(scope=scope)))

    def expect(self, name: str) -> bool:
        """One call more of that request has its answer on the way."""

        async def answered() -> None:
            self.happened.append(f"{name} answered")

        async def cut_off() -> None:
            self.happened.append(f"{name} cut off")

        rows = cast(OwnedRows, SimpleNamespace(answered=answered, cut_off=cut_off))
        return HttpReceipts().expect(self._context, rows)

    async def send(self, kind: str, **parts: Any) -> None:
        """Send a part of the answer."""
        await self.response({"type": f"http.response.{kind}", **parts})

    async def _send(self, message: Message) -> None:
        self.happened.append("last" if message.get("more_body") is False else "part")


async def test_an_answer_that_was_sent_whole_has_arrived_and_not_before() -> None:
    exchange = Exchange()
    await exchange.send("start", status=200)
    await exchange.send("body", body=b"event: progress", more_body=True)
    assert exchange.expect("call")
    await exchange.send("body", body=b"event: message", more_body=True)
    await exchange.send("body", body=b"", more_body=False)
    await exchange.response.close()
    assert exchange.happened == ["part", "part", "part", "last", "call answered"]


async def test_an_answer_of_which_the_end_was_not_sent_has_not_arrived() -> None:
    exchange = Exchange()
    assert exchange.expect("call")
    await exchange.send("start", status=200)
    await exchange.send("body", body=b"half of it", more_body=True)
    await exchange.response.close()
    assert exchange.happened == ["part", "part", "call cut off"]


async def test_an_answer_to_a_request_that_is_over_is_not_expected_to_arrive() -> None:
    exchange = Exchange()
    await exchange.response.close()
    assert not exchange.expect("call")


async def test_every_call_of_one_request_is_answered_by_its_one_answer() -> None:
    exchange = Exchange()
    assert exchange.expect("one")
    assert exchange.expect("two")
    await exchange.send("body", body=b"both", more_body=False)
    assert sorted(exchange.happened) == ["last", "one answered", "two answered"]
