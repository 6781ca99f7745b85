"""Every endpoint of the API that this server uses, one method each. Amounts are USD."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from .connection import Connection
from .endpoint import Endpoint
from .errors import BadRequest, NotFound, Unanswered
from .forms import MultipartForm
from .transport import Transport
from .wire import PREDICTION_ID, WEB_ADDRESS, Balance, Charge, History, Prediction, Price, Ticket, Usage, Wire

SUBMIT_SECONDS = 30.0
SYNC_SECONDS = 150.0
POLL_SECONDS = 10.0
CATALOG_SECONDS = 20.0
PAGE_SIZE = 100
MOST_PAGES = 5

# The ids are two or three segments; a first segment that is a route of the API itself is never a vendor.
_MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*){1,3}")
_ROUTES = frozenset({"predictions", "models", "model", "media", "balance", "user", "billings", "webhook"})

WireT = TypeVar("WireT", bound=Wire)


class WaveSpeed:
    """The API of one account. Cheap to make: what it needs to be connected, it shares through `transport`."""

    def __init__(self, transport: Transport, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.connection = Connection(transport, endpoint)

    @property
    def api_time(self) -> float | None:
        """The API's clock, Unix seconds; None before its first answer."""
        return self.connection.api_time

    @property
    def pause(self) -> float:
        """Seconds that the API has asked this client to wait before its next call."""
        return self.connection.pace.left

    async def submit(
        self, model: str, body: dict[str, Any], *, webhook: str = "", sync: bool = False
    ) -> Prediction:
        """Start a task: `POST /api/v3/{model}`, sent once, inputs flat, the webhook as a query parameter.

        With `sync` the answer is held until the task ends or the API's window is over (HTTP 200 with
        status `processing` and code 5004).

        Raises:
            Rejected, Unreachable, NotConfigured: nothing was created.
            Unanswered: the task may have been created.
        """
        data = await self.connection.once(
            "POST",
            f"/api/v3/{model_path(model)}",
            body=body,
            params={"webhook": webhook} if webhook else None,
            seconds=SYNC_SECONDS if sync else SUBMIT_SECONDS,
        )
        return _read(Prediction, data)

    async def poll(self, prediction_id: str) -> Prediction:
        """The state of a task, asked once: `GET /api/v3/predictions/{id}/result`.

        Raises:
            ApiError: a failed poll says nothing about the task, except `NotFound`.
        """
        path = f"/api/v3/predictions/{prediction_path(prediction_id)}/result"
        return _read(Prediction, await self.connection.once("GET", path, seconds=POLL_SECONDS))

    async def result(self, prediction_id: str) -> Prediction:
        """The state of a task, asked up to three times."""
        path = f"/api/v3/predictions/{prediction_path(prediction_id)}/result"
        return _read(Prediction, await self.connection.read("GET", path, seconds=POLL_SECONDS))

    async def models(self) -> bytes:
        """The whole catalog as the API sent it: one document of about 2 MB, envelope included."""
        return await self.connection.fetch("/api/v3/models", CATALOG_SECONDS)

    async def price(self, model: str, inputs: dict[str, Any]) -> Price:
        """What a run with exactly these inputs would cost: `POST /api/v3/model/price`, free.

        Deployments without it answer the older `/model/pricing`.
        """
        body = {"model_id": model, "inputs": inputs}
        try:
            data = await self.connection.read("POST", "/api/v3/model/price", body=body)
        except NotFound:
            data = await self.connection.read("POST", "/api/v3/model/pricing", body=body)
        return _read(Price, data)

    async def balance(self) -> float:
        """The account's balance, USD."""
        amount = _read(Balance, await self.connection.read("GET", "/api/v3/balance")).balance
        if amount is None:
            raise Unanswered("The API's answer has no balance in it.")
        return amount

    async def usage(self, start: datetime, end: datetime, model: str = "") -> Usage:
        """What was spent between two moments at most 31 days apart."""
        body = {"start_time": iso(start), "end_time": iso(end)}
        if model:
            body["model_uuid"] = model
        return _read(Usage, await self.connection.read("POST", "/api/v3/user/usage_stats", body=body))

    async def charges(self, prediction_ids: Iterable[str]) -> list[Charge]:
        """The billing lines of these predictions."""
        found: list[Charge] = []
        asked = list(prediction_ids)
        for page in range(1, MOST_PAGES + 1):
            body = {"prediction_uuids": asked, "page": page, "page_size": PAGE_SIZE}
            data = await self.connection.read("POST", "/api/v3/billings/search", body=body)
            listed = _items(data)
            found += [_read(Charge, item) for item in listed if isinstance(item, dict)]
            if len(listed) < PAGE_SIZE:
                break
        return found

    async def bills(self, start: datetime, end: datetime, page: int = 1) -> list[Charge]:
        """One page of the account's billing lines between two moments, 100 at most, newest first.

        The endpoint takes its times as epoch milliseconds in text (official page on billings).
        """
        body = {
            "start_time": str(int(start.timestamp() * 1000)),
            "end_time": str(int(end.timestamp() * 1000)),
            "page": page,
            "page_size": PAGE_SIZE,
        }
        data = await self.connection.read("POST", "/api/v3/billings/search", body=body)
        return [_read(Charge, item) for item in _items(data) if isinstance(item, dict)]

    async def history(
        self,
        *,
        page: int = 1,
        page_size: int = 20,
        model: str = "",
        status: str = "",
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        include_inputs: bool = False,
    ) -> History:
        """The account's predictions of the last 7 days, newest first: `POST /api/v3/predictions`."""
        body: dict[str, Any] = {"page": page, "page_size": page_size}
        asked = {
            "model": model,
            "status": status,
            "created_after": iso(created_after) if created_after else "",
            "created_before": iso(created_before) if created_before else "",
            "include_inputs": include_inputs,
        }
        body |= {name: value for name, value in asked.items() if value}
        return _read(History, await self.connection.read("POST", "/api/v3/predictions", body=body))

    async def delete(self, prediction_ids: list[str]) -> int:
        """Delete ended tasks with their outputs, for good; unknown and running ones are passed over.

        Returns how many the API says it deleted.
        """
        for one in prediction_ids:
            prediction_path(one)
        data = await self.connection.read("POST", "/api/v3/predictions/delete", body={"ids": prediction_ids})
        count = data.get("deleted_count") if isinstance(data, dict) else None
        return count if isinstance(count, int) and not isinstance(count, bool) else 0

    async def upload_ticket(self, filename: str, size: int, content_type: str) -> Ticket:
        """Where to put a file of `size` bytes: `POST /api/v3/media/uploads`.

        Raises:
            NotFound, BadRequest: an older deployment without tickets, or a refusal (413: too large).
        """
        body = {"filename": filename, "size": size, "content_type": content_type}
        return _read(Ticket, await self.connection.read("POST", "/api/v3/media/uploads", body=body))

    async def upload_form(self, form: MultipartForm) -> str:
        """Send a file to the older endpoint, `POST /api/v3/media/upload/binary`. Returns its URL."""
        data = await self.connection.post_form("/api/v3/media/upload/binary", form)
        url = data.get("download_url") or data.get("url") if isinstance(data, dict) else None
        if not isinstance(url, str) or not WEB_ADDRESS.fullmatch(url):
            raise Unanswered("The API's answer to the upload has no web address in it.")
        return url


def model_path(model: str) -> str:
    """`model` as a URL path; its slashes stay.

    Raises:
        BadRequest: it is not a model id, so nothing was sent.
    """
    if not _MODEL_ID.fullmatch(model) or model.split("/")[0] in _ROUTES:
        raise BadRequest(f"{model[:80]!r} is not a model id (vendor/name). Nothing was sent.", status=400)
    return quote(model)


def prediction_path(prediction_id: str) -> str:
    """`prediction_id`, checked for use in a path.

    Raises:
        BadRequest: it is not a prediction id, so nothing was sent.
    """
    if not PREDICTION_ID.fullmatch(prediction_id):
        raise BadRequest(f"{prediction_id[:80]!r} is not a prediction id. Nothing was sent.", status=400)
    return prediction_id


def iso(moment: datetime) -> str:
    """UTC in the API's own form, to the millisecond."""
    from datetime import UTC

    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _items(data: Any) -> list[Any]:
    items = data.get("items") if isinstance(data, dict) else None
    return items if isinstance(items, list) else []


def _read(kind: type[WireT], data: Any) -> WireT:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise Unanswered(f"The API's answer could not be read as a {kind.__name__.lower()}.") from error
