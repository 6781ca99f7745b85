"""What the API sends, as tolerant types: null outputs, missing fields and unknown statuses are normal.

Field names and shapes: the recorded answers of the official SDKs (prediction, envelope, ticket) and the
pages on common endpoints (price, history, usage, billing).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ..text import one_line

COMPLETED = "completed"
PROCESSING = "processing"
FAILURES = frozenset({"failed", "cancelled", "timeout", "deleted"})
TERMINAL = FAILURES | {COMPLETED}
SYNC_EXPIRED = 5004
LONGEST_WORD = 200
LARGEST_AMOUNT = 1e9
LARGEST_WHOLE = 2**53
WEB_ADDRESS = re.compile(r"^https?://[!-~]{1,2000}$", re.IGNORECASE)
PREDICTION_ID = re.compile(r"[A-Za-z0-9_-]{4,128}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _whole(value: object) -> int:
    try:
        whole = int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return 0
    return whole if abs(whole) <= LARGEST_WHOLE else 0


def _amount(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        amount = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    # A limit compared with NaN would hold nothing back, and one absurd amount would swallow a sum.
    return amount if abs(amount) <= LARGEST_AMOUNT else None


def _web_address(value: str) -> str:
    if not WEB_ADDRESS.fullmatch(value):
        raise ValueError("no web address")
    return value


def _moment(value: object) -> datetime | None:
    """ISO 8601 with Z, UTC where it names no zone; the API prints nanoseconds, `datetime` takes less."""
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(value)))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Text = Annotated[str, BeforeValidator(_text)]
Word = Annotated[str, BeforeValidator(lambda value: one_line(_text(value), LONGEST_WORD))]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Whole = Annotated[int, BeforeValidator(_whole)]
Amount = Annotated[float | None, BeforeValidator(_amount)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Items = Annotated[list[Any], BeforeValidator(_list)]
Object = Annotated[dict[str, Any], BeforeValidator(_dict)]


class Wire(BaseModel):
    """Anything read off the wire: unknown fields are dropped."""

    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=())


class Prediction(Wire):
    """One task. `outputs` is a list of URL strings, plain text or objects, empty until completed.

    `code` is the task's own error code (0 on success), `inference_ms` the API's measure of the run.
    `inputs` is only there where the history was asked for it.
    """

    id: str = Field(pattern=f"^{PREDICTION_ID.pattern}$")
    model: Word = ""
    status: Word = ""
    outputs: Items = []
    error: Text = ""
    code: Whole = 0
    created_at: Moment = None
    inference_ms: Whole = 0
    inputs: dict[str, Any] | None = None

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        timings = _dict(data.get("timings"))
        inputs = data.get("inputs", data.get("input"))
        took = timings.get("inference") or data.get("executionTime") or 0
        return {**data, "inference_ms": took, "inputs": inputs if isinstance(inputs, dict) else None}

    @property
    def ended(self) -> bool:
        """The API says that nothing more will happen to this task."""
        return self.status in TERMINAL

    @property
    def told_status(self) -> str:
        """Its status as callers are told it: one word for whatever has not ended."""
        return self.status if self.ended else PROCESSING


class Price(Wire):
    """A quote in USD. `discounted_price` is what the account pays; older answers have `unit_price` alone."""

    price: Amount = None
    discounted_price: Amount = None
    unit_price: Amount = None
    currency: Word = ""

    @property
    def listed(self) -> float | None:
        """The price before any discount."""
        return self.price if self.price is not None else self.unit_price

    @property
    def due(self) -> float | None:
        """What the account would be charged; None where the answer names no such amount."""
        due = self.discounted_price if self.discounted_price is not None else self.listed
        return due if due is not None and due >= 0 else None


class Balance(Wire):
    """What the account holds, USD."""

    balance: Amount = None


class History(Wire):
    """A page of past predictions, newest first. `total` may be missing.

    `listed`: it has a list of them in it, be it empty.
    """

    page: Whole = 1
    items: Items = []
    total: Amount = None
    listed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        return {**data, "listed": isinstance(data.get("items"), list)} if isinstance(data, dict) else data

    @property
    def predictions(self) -> list[Prediction]:
        """The readable items."""
        return [p for p in (readable(item) for item in self.items) if p is not None]


class ModelUsage(Wire):
    """What one model cost in the asked period, USD."""

    model_uuid: Word = ""
    total_cost: Amount = None
    total_count: Whole = 0


class DayUsage(Wire):
    """What one day cost, USD. `date` as the API prints it."""

    date: Word = ""
    amount: Amount = None
    count: Whole = 0


class UsageSummary(Wire):
    """The sums of a period, USD and counts."""

    total_cost: Amount = None
    total_requests: Whole = 0
    success_requests: Whole = 0


class Usage(Wire):
    """Spending of a period of at most 31 days."""

    summary: Annotated[UsageSummary, BeforeValidator(_dict)] = UsageSummary()
    per_model_usage: Annotated[list[ModelUsage], BeforeValidator(_list)] = []
    daily_usage: Annotated[list[DayUsage], BeforeValidator(_list)] = []


class Charge(Wire):
    """One line of the billing record: `price` in USD, for the prediction `prediction_id`."""

    billing_type: Word = ""
    price: Amount = None
    prediction_id: Word = ""
    model: Word = ""
    created_at: Moment = None

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        prediction = _dict(data.get("prediction"))
        return {**data, "prediction_id": prediction.get("uuid"), "model": prediction.get("model_uuid")}


class Ticket(Wire):
    """Where to put a file's bytes, with exactly which headers, and the URL that models then take."""

    download_url: WebAddress
    put_url: WebAddress
    headers: Object = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        upload = _dict(_dict(data).get("upload"))
        return {**_dict(data), "put_url": upload.get("url"), "headers": upload.get("headers")}


def readable(item: object) -> Prediction | None:
    """The prediction in `item`, or None where it has no usable id."""
    from pydantic import ValidationError

    try:
        return Prediction.model_validate(item)
    except ValidationError:
        return None
