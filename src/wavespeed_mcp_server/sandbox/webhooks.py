"""Webhooks: the signed notice of a task's end, repeated when nobody takes it."""

import hashlib
import hmac
import ipaddress
import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
import httpx

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
    async with httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT_SECONDS) as client:
        for repeat in range(_REPEATS + 1):
            if repeat:
                await anyio.sleep(sandbox.webhook_backoff * 2 ** (repeat - 1))
            status = await _post(client, prediction.webhook, secret(sandbox.key), message_id, body)
            sandbox.deliveries.append(Delivery(prediction.id, prediction.webhook, status))
            if 200 <= status < 300:
                return


async def _post(client: httpx.AsyncClient, url: str, signing: str, message_id: str, body: bytes) -> int:
    timestamp = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(signing, message_id, timestamp, body),
        "x-sandbox": "1",
    }
    try:
        return (await client.post(url, content=body, headers=headers)).status_code
    except (httpx.HTTPError, httpx.InvalidURL):
        return 0


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
