"""Webhooks: the signed notice of a task's end, repeated when nobody takes it."""

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


async def deliver(sandbox: "Sandbox", prediction: Prediction) -> None:
    """Waits for the task's end and posts the bare prediction object, up to four times in all.

    Only to loopback: the stand-in never speaks to the outside, and records that it did not.
    """
    await sandbox.tasks.wait(prediction)
    if not _is_loopback(prediction.webhook):
        sandbox.deliveries.append(Delivery(prediction.id, prediction.webhook, -1))
        return
    payload = prediction.shown(sandbox.url) | {"input": prediction.sent}
    body = json.dumps(payload).encode()
    message_id = "sandbox" + secrets.token_hex(8)
    for repeat in range(_REPEATS + 1):
        if repeat:
            await anyio.sleep(sandbox.webhook_backoff * 2 ** (repeat - 1))
        headers = _headers(secret(sandbox.key), message_id, body)
        post = partial(_post, prediction.webhook, headers, body)
        status = await anyio.to_thread.run_sync(post, abandon_on_cancel=True)
        sandbox.deliveries.append(Delivery(prediction.id, prediction.webhook, status))
        if 200 <= status < 300:
            return


def _headers(signing: str, message_id: str, body: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
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
