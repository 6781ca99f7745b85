"""Webhooks: the signed notice of a task's end, repeated when nobody takes it; and hostile ones."""

import hashlib
import hmac
import http.client
import ipaddress
import json
import secrets
import time
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
import anyio.to_thread

from .predictions import Prediction
from .wire import Json

if TYPE_CHECKING:
    from .state import Sandbox

_REPEATS = 3
_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try to deliver: `status` is the HTTP status, 0 if none came, -1 if it was not tried at all."""

    prediction: str
    url: str
    status: int


def secret(key: str | None) -> str:
    """The signing secret of an API key: `whsec_` and hex."""
    return "whsec_sandbox" + hashlib.sha256(f"sandbox {key}".encode()).hexdigest()[:32]


def signature(secret_text: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The `webhook-signature` header: v3, and the HMAC-SHA256 over id.timestamp.body.

    The key is the secret without its `whsec_` prefix, as text (the API's own samples do not decode it).
    """
    key = secret_text.removeprefix("whsec_").encode()
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v3," + hmac.new(key, signed, hashlib.sha256).hexdigest()


MODES = ("", "late", "twice", "never", "early", "stale", "forged", "oversized")
"""What goes wrong with every webhook. late: it comes `webhook_delay` seconds after the end. twice, never: so
often. early: instead of the end's, one that calls the task completed comes before the answer to its submit.
stale: its timestamp is an hour old. forged: before it a made-up one comes to another address. oversized: it
has eight million bytes."""


async def deliver(sandbox: "Sandbox", prediction: Prediction) -> None:
    """Waits for the task's end and posts the bare prediction object, up to four times in all.

    Only to loopback: the stand-in never speaks to the outside, and records that it did not.
    """
    mode = sandbox.webhook_mode
    if mode == "early":
        return
    if mode == "forged":
        await _post_all(sandbox, prediction, _forged(prediction), url=_altered(prediction.webhook), tries=1)
    await sandbox.tasks.wait(prediction)
    if mode == "never" or not _is_loopback(prediction.webhook):
        sandbox.deliveries.append(Delivery(prediction.id, prediction.webhook, -1))
        return
    if mode == "late":
        await anyio.sleep(sandbox.webhook_delay)
    payload = prediction.shown(sandbox.url) | {"input": prediction.sent}
    if mode == "oversized":
        payload["padding"] = "x" * 8_000_000
    for _ in range(2 if mode == "twice" else 1):
        await _post_all(sandbox, prediction, payload, age=3600 if mode == "stale" else 0)


async def deliver_early(sandbox: "Sandbox", prediction: Prediction) -> None:
    """In mode `early`, what is delivered instead of the end."""
    if sandbox.webhook_mode == "early" and _is_loopback(prediction.webhook):
        await _post_all(sandbox, prediction, _forged(prediction))


def _forged(prediction: Prediction) -> Json:
    outputs = ["https://forged.example/output.png"]
    return {
        "id": prediction.id,
        "status": "completed",
        "outputs": outputs,
        "model": prediction.model.model_id,
    }


def _altered(url: str) -> str:
    """Another address of the same form: its last character is another one."""
    return url[:-1] + ("A" if url[-1] != "A" else "B")


async def _post_all(
    sandbox: "Sandbox",
    prediction: Prediction,
    payload: Json,
    *,
    url: str = "",
    age: int = 0,
    tries: int = _REPEATS + 1,
) -> None:
    """Post it until it is taken, so many times at most, `age` seconds after its own time."""
    body = json.dumps(payload).encode()
    message_id = "sandbox" + secrets.token_hex(8)
    to = url or prediction.webhook
    for repeat in range(tries):
        if repeat:
            await anyio.sleep(sandbox.webhook_backoff * 2 ** (repeat - 1))
        headers = _headers(secret(sandbox.key), message_id, body, age)
        status = await anyio.to_thread.run_sync(
            partial(_post, to, headers, body), abandon_on_cancel=True, limiter=sandbox.senders
        )
        sandbox.deliveries.append(Delivery(prediction.id, to, status))
        if 200 <= status < 300:
            return


def _headers(signing: str, message_id: str, body: bytes, age: int) -> dict[str, str]:
    timestamp = str(int(time.time()) - age)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(signing, message_id, timestamp, body),
        "x-sandbox": "1",
    }


def _post(url: str, headers: dict[str, str], body: bytes) -> int:
    """The status of the answer, 0 if none came. Blocks."""
    try:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        with closing(connection):
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
    except (OSError, ValueError, http.client.HTTPException):
        return 0


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
