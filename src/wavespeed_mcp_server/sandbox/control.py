"""The stand-in's own endpoints under /_sandbox, for tests and benchmarks in other processes."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from .faults import Fault
from .predictions import Prediction
from .webhooks import MODES
from .wire import Answer, Call, Json, Refused, json_answer

if TYPE_CHECKING:
    from .state import Sandbox

_SETTABLE = {
    "account_mode": (str,),
    "balance": (int, float),
    "base64_data_uri": (bool,),
    "history_fills_defaults": (bool,),
    "history_lag": (int, float),
    "speed": (int, float),
    "sync_window": (int, float),
    "ticket_uploads": (bool,),
    "webhook_backoff": (int, float),
    "webhook_delay": (int, float),
    "webhook_mode": (str,),
}


async def answer(sandbox: "Sandbox", call: Call) -> Answer:
    """GET state; POST, GET and DELETE faults; POST settings. Raises `Refused` (400, 404)."""
    match call.method, call.path:
        case "GET", "/_sandbox/state":
            return json_answer(_state(sandbox))
        case "GET", "/_sandbox/faults":
            return json_answer([fault.shown() for fault in sandbox.faults])
        case "POST", "/_sandbox/faults":
            fault = Fault.read(call.document())
            sandbox.faults.append(fault)
            return json_answer(fault.shown())
        case "DELETE", "/_sandbox/faults":
            sandbox.faults.clear()
            return json_answer([])
        case "POST", "/_sandbox/settings":
            return json_answer(_set(sandbox, call.document()))
    raise Refused(404, "not found")


def _set(sandbox: "Sandbox", document: Json) -> Json:
    """`run_seconds` (a number, or null for tasks that never end by themselves) and the plain options."""
    for name, value in document.items():
        if name == "run_seconds" and (value is None or isinstance(value, (int, float))):
            sandbox.run_seconds = partial(_always, value)
        elif name == "webhook_mode" and value not in MODES:
            raise Refused(400, f"not a mode of webhooks: {value}")
        elif name in _SETTABLE and isinstance(value, _SETTABLE[name]):
            setattr(sandbox, name, value)
        else:
            raise Refused(400, f"not a setting: {name}")
    return {name: getattr(sandbox, name) for name in _SETTABLE}


def _always(seconds: float | None, _model: str, _inputs: Json) -> float | None:
    return seconds


def _state(sandbox: "Sandbox") -> Json:
    return {
        "counts": dict(sandbox.counts),
        "balance": sandbox.balance,
        "leaks": len(sandbox.leaks),
        "submissions": [
            {
                "model": submission.model,
                "body": submission.body if not isinstance(submission.body, bytes) else None,
                "webhook": submission.webhook,
                "time": submission.time,
                "prediction": submission.prediction,
                "refused": submission.refused,
            }
            for submission in sandbox.submissions
        ],
        "predictions": {one.id: _life(one) for one in sandbox.predictions.values()},
        "deliveries": [asdict(delivery) for delivery in sandbox.deliveries],
    }


def _life(prediction: Prediction) -> Json:
    """A task's course; moments are Unix seconds."""
    return {
        "model": prediction.model.model_id,
        "status": prediction.status_now(),
        "price": prediction.price,
        "polls": prediction.polls,
        "created_at": prediction.created_at,
        "completed_at": prediction.completed_at,
        "seen_ended_at": prediction.seen_ended_at,
    }
