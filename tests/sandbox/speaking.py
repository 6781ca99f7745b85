"""What every test says to the stand-in."""

from typing import Any

import httpx

Json = dict[str, Any]


async def post(client: httpx.AsyncClient, path: str, body: Json) -> Json:
    """The `data` of a successful answer."""
    return data(await client.post(f"/api/v3/{path}", json=body))


async def get(client: httpx.AsyncClient, path: str) -> Json:
    return data(await client.get(f"/api/v3/{path}"))


async def result(client: httpx.AsyncClient, prediction: str) -> Json:
    return await get(client, f"predictions/{prediction}/result")


async def run(client: httpx.AsyncClient, model: str, body: Json) -> Json:
    """A run's end, for tasks that take no time."""
    return await result(client, (await post(client, model, body))["id"])


def data(answer: httpx.Response) -> Json:
    document = answer.json()
    assert (answer.status_code, document["code"], document["message"]) == (200, 200, "success"), document
    found: Json = document["data"]
    return found


def refused(answer: httpx.Response, status: int) -> str:
    """The message of a refusal, whose envelope must repeat the HTTP status."""
    document = answer.json()
    assert answer.status_code == status, document
    assert document["code"] == status
    message: str = document["message"]
    return message
