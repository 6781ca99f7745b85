"""Every endpoint over real sockets: what is sent, what is read."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from wavespeed_mcp_server.api.client import WaveSpeed
from wavespeed_mcp_server.api.endpoint import Endpoint
from wavespeed_mcp_server.api.errors import (
    ApiError,
    BadRequest,
    Forbidden,
    InsufficientCredit,
    NotConfigured,
    NotFound,
    RateLimited,
    Unanswered,
    Unauthorized,
    Unreachable,
)
from wavespeed_mcp_server.api.guard import TransferFailed
from wavespeed_mcp_server.api.transfer import Transfer
from wavespeed_mcp_server.api.transport import Transport
from wavespeed_mcp_server.sandbox import Fault, Sandbox

PAINT = ("sandbox/paint", {"prompt": "a cat"})


async def test_a_submit_is_one_post_with_the_inputs_flat(api: WaveSpeed, sandbox: Sandbox) -> None:
    task = await api.submit(*PAINT)
    (submission,) = sandbox.submissions
    assert (submission.model, submission.body) == PAINT
    assert task.id in sandbox.predictions
    assert sandbox.requests[0].path == "/api/v3/sandbox/paint"


async def test_a_webhook_goes_into_the_query(api: WaveSpeed, sandbox: Sandbox) -> None:
    url = "https://example.com/hook?a=b&c=d e"
    await api.submit(*PAINT, webhook=url)
    assert sandbox.submissions[0].webhook == url
    assert sandbox.submissions[0].body == PAINT[1]


async def test_every_request_says_who_asks_and_carries_the_key(api: WaveSpeed, sandbox: Sandbox) -> None:
    await api.balance()
    headers = sandbox.requests[0].headers
    assert headers["authorization"] == "Bearer sandbox-key"
    assert "wavespeed-mcp-server" in headers["user-agent"]
    assert "1.2.3" in headers["user-agent"]


async def test_a_task_is_followed_to_its_outputs(api: WaveSpeed) -> None:
    task = await api.submit(*PAINT)
    done = await api.poll(task.id)
    assert done.status == "completed"
    assert done.ended
    assert len(done.outputs) == 1
    assert done.created_at is not None


async def test_sync_mode_holds_the_answer_until_the_task_has_ended(api: WaveSpeed) -> None:
    model, given = PAINT
    task = await api.submit(model, {**given, "enable_sync_mode": True}, sync=True)
    assert task.status == "completed"
    assert task.outputs


async def test_a_sync_window_that_closes_leaves_a_task_that_runs(api: WaveSpeed, sandbox: Sandbox) -> None:
    """The API answers 200 with code 5004 then; that is no failure."""
    sandbox.run_seconds = lambda _model, _inputs: None
    sandbox.sync_window = 0.0
    model, given = PAINT
    task = await api.submit(model, {**given, "enable_sync_mode": True}, sync=True)
    assert task.status == "processing"
    assert not task.ended
    assert task.id in sandbox.predictions


async def test_the_catalog_comes_as_the_api_sent_it(api: WaveSpeed, sandbox: Sandbox) -> None:
    assert await api.models() == sandbox.catalog
    assert len(json.loads(await api.models())["data"]) == 15


async def test_a_price_has_a_list_price_and_what_is_due(api: WaveSpeed) -> None:
    price = await api.price("sandbox/paint", {"prompt": "x", "num_images": 2})
    assert price.listed == pytest.approx(0.04)
    assert price.due == pytest.approx(0.036)


async def test_money_and_history_and_deleting(api: WaveSpeed, sandbox: Sandbox) -> None:
    before = await api.balance()
    task = await api.submit(*PAINT)
    await api.poll(task.id)
    assert before - await api.balance() == pytest.approx(0.018)
    now = datetime.now(UTC) + timedelta(minutes=1)
    assert (await api.usage(now - timedelta(days=1), now)).summary.total_cost == pytest.approx(0.018)
    (charge,) = await api.charges([task.id])
    assert charge.prediction_id == task.id
    assert charge.price == pytest.approx(0.018)
    found = await api.history(model="sandbox/paint", include_inputs=True)
    assert [one.id for one in found.predictions] == [task.id]
    assert found.predictions[0].inputs == PAINT[1]
    assert await api.delete([task.id, "sandbox000000000"]) == 1
    assert not sandbox.predictions


REFUSALS = [
    ("400", BadRequest),
    ("401", Unauthorized),
    ("402", InsufficientCredit),
    ("403", Forbidden),
    ("404", NotFound),
    ("413", BadRequest),
    ("429", RateLimited),
    ("500", Unanswered),
    ("502", Unanswered),
    ("503", Unanswered),
    ("504", Unanswered),
    ("html", Unanswered),
    ("html_502", Unanswered),
    ("garbage", Unanswered),
    ("empty", Unanswered),
    ("truncated", Unanswered),
    ("wrong_length", Unanswered),
    ("missing_fields", Unanswered),
    ("drop_before", Unanswered),
    ("drop_after", Unanswered),
    ("envelope_error", Unanswered),
]


@pytest.mark.parametrize(("kind", "error"), REFUSALS)
async def test_a_submit_that_goes_wrong_is_sent_once_and_told_apart(
    api: WaveSpeed, sandbox: Sandbox, kind: str, error: type[ApiError]
) -> None:
    sandbox.faults.append(Fault("submit", kind, times=None))
    with pytest.raises(error) as caught:
        await api.submit(*PAINT)
    assert type(caught.value) is error
    assert sandbox.counts["submit"] == 1
    assert "sandbox-key" not in str(caught.value)
    assert len(str(caught.value)) < 600


async def test_an_error_under_http_200_is_an_error(api: WaveSpeed, sandbox: Sandbox) -> None:
    """The envelope's code counts as the HTTP status does."""
    sandbox.faults.append(Fault("submit", "envelope_error", code=400, message="insufficient credits"))
    with pytest.raises(InsufficientCredit):
        await api.submit(*PAINT)


async def test_a_redirect_is_not_followed_with_the_key(api: WaveSpeed, sandbox: Sandbox) -> None:
    sandbox.faults.append(Fault("submit", "redirect", location="http://127.0.0.1:1/elsewhere"))
    with pytest.raises(ApiError):
        await api.submit(*PAINT)
    assert sandbox.counts.total() == 1


@pytest.mark.parametrize("kind", ["503", "drop_before", "garbage", "html_502"])
async def test_what_may_be_repeated_is_asked_again(api: WaveSpeed, sandbox: Sandbox, kind: str) -> None:
    sandbox.faults.append(Fault("balance", kind, times=2))
    assert await api.balance() == 10.0
    assert sandbox.counts["balance"] == 3


async def test_an_answer_no_is_not_asked_again(api: WaveSpeed, sandbox: Sandbox) -> None:
    sandbox.faults.append(Fault("balance", "403", times=None))
    with pytest.raises(Forbidden):
        await api.balance()
    assert sandbox.counts["balance"] == 1


async def test_nobody_there_proves_that_nothing_was_created() -> None:
    client = WaveSpeed(Transport(), Endpoint(base_url="http://127.0.0.1:1", key="k"))
    with anyio.fail_after(30), pytest.raises(Unreachable):
        await client.submit(*PAINT)


@pytest.mark.parametrize(
    "endpoint",
    [
        Endpoint(base_url="http://127.0.0.1:1", key=""),
        Endpoint(base_url="http://127.0.0.1:1", key="k", problem="no good"),
        Endpoint(base_url="http://127.0.0.1:1", key="", key_problem="no good"),
    ],
    ids=["no-key", "no-address", "bad-key"],
)
async def test_what_is_not_configured_is_not_sent(endpoint: Endpoint) -> None:
    with pytest.raises(NotConfigured):
        await WaveSpeed(Transport(), endpoint).balance()


@pytest.mark.parametrize(
    "model", ["", "x", "a b/c", "../x", "predictions/x", "models/x", "a/../b", "a/b?c", "a//b"]
)
async def test_what_is_no_model_id_becomes_no_request(api: WaveSpeed, sandbox: Sandbox, model: str) -> None:
    with pytest.raises(BadRequest):
        await api.submit(model, {})
    assert sandbox.counts.total() == 0


@pytest.mark.parametrize("prediction", ["", "../x", "a/b", "a?b", "a b", "x" * 200])
async def test_what_is_no_prediction_id_becomes_no_request(
    api: WaveSpeed, sandbox: Sandbox, prediction: str
) -> None:
    with pytest.raises(BadRequest):
        await api.poll(prediction)
    with pytest.raises(BadRequest):
        await api.delete([prediction])
    assert sandbox.counts.total() == 0


@pytest.mark.parametrize("kind", ["null_outputs", "unknown_status"])
async def test_an_odd_prediction_is_still_a_prediction(api: WaveSpeed, sandbox: Sandbox, kind: str) -> None:
    task = await api.submit(*PAINT)
    sandbox.faults.append(Fault("poll", kind))
    odd = await api.poll(task.id)
    assert odd.id == task.id
    assert isinstance(odd.outputs, list)


async def test_the_apis_clock_is_known_from_its_answers(api: WaveSpeed) -> None:
    await api.balance()
    assert abs((api.api_time or 0.0) - time.time()) < 2


async def test_a_pause_that_the_api_asks_for_holds_for_every_request(
    api: WaveSpeed, sandbox: Sandbox
) -> None:
    sandbox.faults.append(Fault("submit", "retry_after", retry_after="7"))
    with pytest.raises(RateLimited) as caught:
        await api.submit(*PAINT)
    assert caught.value.retry_after == 7
    assert 0 < api.pause <= 7


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"ca_file": "/nowhere/certificates.pem"}, "SSL_CERT_FILE"),
        ({"proxy": "socks5://127.0.0.1:1"}, "HTTPS_PROXY"),
        ({"proxy": "ftp://127.0.0.1:1"}, "HTTPS_PROXY"),
    ],
)
async def test_certificates_and_proxies_that_cannot_be_used_are_named(
    broken: dict[str, str], named: str
) -> None:
    if broken.get("proxy", "").startswith("socks") and find_spec("socksio"):
        pytest.skip("SOCKS can be used here")
    transport, endpoint = Transport(**broken), Endpoint(base_url="https://api.example", key="k")
    client, transfer = WaveSpeed(transport, endpoint), Transfer(transport, endpoint)
    with pytest.raises(NotConfigured, match=f"{named}.*Nothing was sent"):
        await client.submit(*PAINT)
    with pytest.raises(TransferFailed, match=named):
        async with transfer.get("https://93.184.215.14/picture.png"):
            pass


async def test_a_proxy_that_refuses_proves_that_nothing_was_sent() -> None:
    async def refuse(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(SocketAttribute.local_port)
    transport = Transport(proxy=f"http://127.0.0.1:{port}")
    client = WaveSpeed(transport, Endpoint(base_url="https://api.example", key="k"))
    async with listener, transport, anyio.create_task_group() as group:
        group.start_soon(listener.serve, refuse)
        with anyio.fail_after(30), pytest.raises(Unreachable, match="the proxy refused"):
            await client.submit(*PAINT)
        group.cancel_scope.cancel()


async def test_accounts_share_connections_and_keep_their_keys_and_their_pace_apart(sandbox: Sandbox) -> None:
    async with Transport() as transport:
        first, second = (
            WaveSpeed(transport, Endpoint(base_url=sandbox.url, key=key))
            for key in ("sandbox-key", "another-key")
        )
        sandbox.faults.append(Fault("balance", "retry_after", retry_after="7"))
        with pytest.raises(RateLimited):
            await first.connection.once("GET", "/api/v3/balance")
        assert first.pause > 0
        with pytest.raises(Unauthorized):
            await second.balance()
        assert not second.pause
    assert [request.headers["authorization"] for request in sandbox.requests] == [
        "Bearer sandbox-key",
        "Bearer another-key",
    ]


async def test_half_of_a_surrogate_pair_is_sent_and_ends_nothing(api: WaveSpeed, sandbox: Sandbox) -> None:
    await api.submit("sandbox/paint", {"prompt": "a cat \udcff"})
    assert len(sandbox.submissions) == 1
