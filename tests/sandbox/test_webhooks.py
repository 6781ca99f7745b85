import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator

import anyio
import anyio.lowlevel
import httpx
import pytest
from anyio.abc import SocketAttribute, SocketStream

from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.webhooks import deliver, signature

from .speaking import get, post


class Receiver:
    """Takes webhooks on a socket of its own and answers with `statuses` in turn, then 200."""

    def __init__(self) -> None:
        self.url = ""
        self.statuses: list[int] = []
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.enough = anyio.Event()

    async def take(self, stream: SocketStream) -> None:
        async with stream:
            received = b""
            while b"\r\n\r\n" not in received:
                received += await stream.receive()
            head, _, body = received.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")[1:]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            while len(body) < int(headers["content-length"]):
                body += await stream.receive()
            status = self.statuses.pop(0) if self.statuses else 200
            await stream.send(
                f"HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
            )
        self.taken.append((headers, body))
        self.enough.set()

    async def took(self, count: int) -> None:
        """Returns once so many have been answered."""
        while len(self.taken) < count:
            await anyio.lowlevel.checkpoint()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        receiver.url = f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}/hook?a=b"
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, receiver.take)
            yield receiver
            group.cancel_scope.cancel()


async def submit(client: httpx.AsyncClient, model: str, url: str) -> str:
    answer = await client.post(f"/api/v3/{model}", params={"webhook": url}, json={"prompt": "x"})
    prediction: str = answer.json()["data"]["id"]
    return prediction


async def test_a_webhook_brings_the_bare_signed_prediction(
    sandbox: Sandbox, client: httpx.AsyncClient, receiver: Receiver
) -> None:
    prediction = await submit(client, "sandbox/paint", receiver.url)
    assert sandbox.submissions[0].webhook == receiver.url
    with anyio.fail_after(5):
        await receiver.enough.wait()
    headers, body = receiver.taken[0]
    notice = json.loads(body)
    assert (notice["id"], notice["status"], notice["input"]) == (prediction, "completed", {"prompt": "x"})
    secret = (await get(client, "webhook/secret"))["secret"]
    assert secret.startswith("whsec_")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = hmac.new(secret.removeprefix("whsec_").encode(), signed, hashlib.sha256).hexdigest()
    assert headers["webhook-signature"] == f"v3,{expected}"
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 300


async def test_the_signature_is_the_same_for_the_same_message() -> None:
    """A vector of our own: the one in the API's documentation does not verify."""
    assert signature("whsec_sandbox", "msg_1", "1700000000", b'{"id":"sandbox"}') == (
        "v3,d4865a9e2c471354339dd3a21f472dfe20ea9ca8d73c8f0463bc28d5efbca19c"
    )


async def test_a_failed_task_sends_its_webhook_too(client: httpx.AsyncClient, receiver: Receiver) -> None:
    await submit(client, "sandbox/flaky", receiver.url)
    with anyio.fail_after(5):
        await receiver.enough.wait()
    assert json.loads(receiver.taken[0][1])["status"] == "failed"


async def test_a_refused_webhook_is_repeated_three_times_under_one_id(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.webhook_backoff = 0.001
    receiver.statuses = [500, 404, 503, 500, 500]
    prediction = sandbox.start(sandbox.models["sandbox/paint"], sent={}, inputs={}, price=0, webhook="")
    prediction.webhook = receiver.url
    with anyio.fail_after(5):
        await deliver(sandbox, prediction)
    assert [delivery.status for delivery in sandbox.deliveries] == [500, 404, 503, 500]
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 1


async def test_a_webhook_taken_at_the_second_try_is_not_sent_again(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.webhook_backoff = 0.001
    receiver.statuses = [500, 204]
    prediction = sandbox.start(sandbox.models["sandbox/paint"], sent={}, inputs={}, price=0, webhook="")
    prediction.webhook = receiver.url
    with anyio.fail_after(5):
        await deliver(sandbox, prediction)
    assert [delivery.status for delivery in sandbox.deliveries] == [500, 204]


async def test_a_webhook_in_the_body_is_dropped(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    prediction = await post(client, "sandbox/paint", {"prompt": "x", "webhook_url": "http://127.0.0.1:1/"})
    assert sandbox.predictions[prediction["id"]].webhook == ""


async def test_nothing_is_ever_sent_outside(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    for url in ("https://example.org/hook", "not a url", "http://10.0.0.1/"):
        await submit(client, "sandbox/paint", url)
    with anyio.fail_after(5):
        while len(sandbox.deliveries) < 3:
            await anyio.lowlevel.checkpoint()
    assert {delivery.status for delivery in sandbox.deliveries} == {-1}


@pytest.mark.parametrize(
    ("mode", "statuses"),
    [("", ["completed"]), ("never", []), ("late", ["completed"]), ("twice", ["completed"] * 2)],
)
async def test_webhooks_come_late_twice_or_never(
    sandbox: Sandbox, receiver: Receiver, mode: str, statuses: list[str]
) -> None:
    sandbox.webhook_mode, sandbox.webhook_delay = mode, 0.01
    prediction = sandbox.start(sandbox.models["sandbox/paint"], sent={}, inputs={}, price=0, webhook="")
    prediction.webhook = receiver.url
    with anyio.fail_after(5):
        await deliver(sandbox, prediction)
        await receiver.took(len(statuses))
    assert [json.loads(body)["status"] for _, body in receiver.taken] == statuses


async def test_an_early_webhook_calls_a_running_task_completed_before_its_submit_is_answered(
    sandbox: Sandbox, client: httpx.AsyncClient, receiver: Receiver
) -> None:
    sandbox.webhook_mode = "early"
    sandbox.run_seconds = lambda _model, _inputs: None
    prediction = await submit(client, "sandbox/paint", receiver.url)
    with anyio.fail_after(5):
        await receiver.took(1)
    assert json.loads(receiver.taken[0][1])["status"] == "completed"
    assert not sandbox.predictions[prediction].status


async def test_hostile_webhooks_are_forged_stale_and_oversized(sandbox: Sandbox, receiver: Receiver) -> None:
    for mode in ("forged", "stale", "oversized"):
        sandbox.webhook_mode = mode
        prediction = sandbox.start(sandbox.models["sandbox/paint"], sent={}, inputs={}, price=0, webhook="")
        prediction.webhook = receiver.url
        with anyio.fail_after(20):
            await deliver(sandbox, prediction)
    with anyio.fail_after(5):
        await receiver.took(4)
    forged, _, stale, oversized = receiver.taken
    assert "forged.example" in forged[1].decode()
    assert time.time() - int(stale[0]["webhook-timestamp"]) > 3000
    assert len(oversized[1]) > 8_000_000


async def test_a_mode_that_nobody_knows_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/_sandbox/settings", json={"webhook_mode": "sometimes"})
    assert answer.status_code == 400
