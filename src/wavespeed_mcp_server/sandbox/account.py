"""The money of the stand-in: a balance, what each run took from it, and what came back."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .predictions import Prediction, printed_time
from .wire import Json, Refused

_USAGE_DAYS = 31
_DAY = 86_400.0


@dataclass(slots=True)
class Bill:
    """One movement on the account: USD taken ("deduct") or given back ("refund"), at a Unix time in ns."""

    uuid: str
    kind: str
    amount: float
    at_ns: int
    prediction: Prediction

    def shown(self) -> Json:
        prediction = self.prediction
        return {
            "uuid": self.uuid,
            "billing_type": self.kind,
            "price": self.amount,
            "created_at": printed_time(self.at_ns),
            "updated_at": printed_time(self.at_ns),
            "order": {},
            "prediction": {
                "uuid": prediction.id,
                "model_uuid": prediction.model.model_id,
                "status": prediction.status_now(),
            },
            "access_key_name": "sandbox",
            "access_key_id": "sandbox",
        }


class Account:
    """`balance` in USD, and every bill in the order it came."""

    def __init__(self, balance: float) -> None:
        self.balance = balance
        self.bills: list[Bill] = []
        self._of: dict[str, list[Bill]] = {}

    def afford(self, price: float) -> None:
        """Raises `Refused` (400, as third parties report it) when `price` is more than the balance."""
        if price > self.balance:
            raise Refused(400, "Insufficient credits. Please top up.")

    def take(self, prediction: Prediction) -> None:
        self._book("deduct", prediction, prediction.created_ns, -prediction.price)

    def give_back(self, prediction: Prediction) -> None:
        """A failed run costs nothing in the end."""
        at = prediction.completed_at or prediction.created_at
        self._book("refund", prediction, int(at * 1e9), prediction.price)

    def _book(self, kind: str, prediction: Prediction, at_ns: int, change: float) -> None:
        self.balance = round(self.balance + change, 6)
        bill = Bill("sandbox" + secrets.token_hex(8), kind, prediction.price, at_ns, prediction)
        self.bills.append(bill)
        self._of.setdefault(prediction.id, []).append(bill)

    def search(self, query: Json) -> Json:
        """`POST /billings/search`: by type, prediction ids and time (epoch milliseconds as text)."""
        page, page_size = paging(query)
        ids = query.get("prediction_uuids")
        bills = self.bills if not ids else [bill for one in ids for bill in self._of.get(one, ())]
        start, end = _epoch_ms(query, "start_time", 0), _epoch_ms(query, "end_time", 1 << 62)
        kind = query.get("billing_type")
        found = [
            bill
            for bill in bills
            if start <= bill.at_ns // 1_000_000 <= end and (not kind or bill.kind == kind)
        ]
        found.sort(key=lambda bill: bill.at_ns, reverse=True)
        items = [bill.shown() for bill in found[(page - 1) * page_size : page * page_size]]
        return {"page": page, "total": len(found), "items": items}

    def usage(self, query: Json) -> Json:
        """`POST /user/usage_stats`: what was paid from `start_time` to `end_time` (ISO), 31 days at most."""
        start, end = instant(query, "start_time"), instant(query, "end_time")
        if start is None or end is None:
            raise Refused(400, "start_time and end_time are required")
        if end < start or end - start > _USAGE_DAYS * _DAY:
            raise Refused(400, f"the time range must not be longer than {_USAGE_DAYS} days")
        model = query.get("model_uuid")
        bills = [
            bill
            for bill in self.bills
            if bill.kind == "deduct"
            and start <= bill.at_ns / 1e9 <= end
            and (not model or bill.prediction.model.model_id == model)
        ]
        return _usage(bills)


def _usage(bills: list[Bill]) -> Json:
    models: dict[str, Json] = {}
    days: dict[str, Json] = {}
    for bill in bills:
        model, cost = bill.prediction.model, _kept(bill)
        date = f"{datetime.fromtimestamp(bill.at_ns / 1e9, UTC):%Y-%m-%d}"
        row = models.setdefault(
            model.model_id,
            {
                "model_uuid": model.model_id,
                "model_type": model.type,
                "unit_price": model.base_price,
                "total_cost": 0.0,
                "total_count": 0,
                "last_used_date": date,
            },
        )
        row["total_cost"] = round(row["total_cost"] + cost, 6)
        row["total_count"] += 1
        row["last_used_date"] = date
        day = days.setdefault(date, {"date": date, "amount": 0.0, "count": 0, "models": []})
        day["amount"] = round(day["amount"] + cost, 6)
        day["count"] += 1
        if model.model_id not in day["models"]:
            day["models"].append(model.model_id)
    return {
        "per_model_usage": list(models.values()),
        "daily_usage": list(days.values()),
        "summary": {
            "total_cost": round(sum(map(_kept, bills)), 6),
            "total_requests": len(bills),
            "success_requests": sum(bill.prediction.status == "completed" for bill in bills),
        },
    }


def _kept(bill: Bill) -> float:
    return 0.0 if bill.prediction.status in ("failed", "cancelled", "timeout") else bill.amount


def paging(query: Json) -> tuple[int, int]:
    """`page` from 1 and `page_size` from 1 to 100. Raises `Refused` (400) for others."""
    page, page_size = query.get("page", 1), query.get("page_size", 20)
    if not _is_int(page) or page < 1:
        raise Refused(400, 'field "page" must be at least 1')
    if not _is_int(page_size) or not 1 <= page_size <= 100:
        raise Refused(400, 'field "page_size" must be between 1 and 100')
    return page, page_size


def instant(query: Json, key: str) -> float | None:
    """An ISO 8601 time as Unix seconds, UTC where it names no zone; None if absent."""
    given = query.get(key)
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise Refused(400, f'field "{key}" must be an ISO 8601 time') from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _epoch_ms(query: Json, key: str, otherwise: int) -> int:
    given = query.get(key)
    if given is None or given == "":
        return otherwise
    if not isinstance(given, str) or not given.isdigit():
        raise Refused(400, f'field "{key}" must be epoch milliseconds as a string')
    return int(given)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
