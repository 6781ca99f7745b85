"""Submitting a run and asking for its result."""

from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from . import outputs, schema, webhooks
from .catalog import FAILURES
from .models import Model
from .predictions import Prediction
from .wire import Answer, Call, Json, Refused, success

if TYPE_CHECKING:
    from .state import Sandbox

_SYNC_EXPIRED = 5004
_UNREACHABLE = FAILURES["unreachable"]


async def submit(sandbox: "Sandbox", call: Call) -> Answer:
    """`POST /api/v3/{model_id}`. Unlisted keys are dropped and the run is billed all the same.

    Raises `Refused`: 404 for an unknown model, 400 for a body that breaks the schema or is too dear.
    """
    prediction = await _start(sandbox, call)
    if call.submission:
        call.submission.prediction = prediction.id
    await webhooks.deliver_early(sandbox, prediction)
    # Only what the model lists counts: a sync flag it does not know was dropped with the rest.
    if prediction.inputs.get("enable_sync_mode") is True:
        return await _held(sandbox, prediction)
    return success(prediction.shown(sandbox.url) | {"status": "created"})


async def _start(sandbox: "Sandbox", call: Call) -> Prediction:
    model = model_named(sandbox, call.model)
    sent = schema.whitelisted(model.schema, call.document())
    schema.check(model.schema, sent)
    inputs = schema.with_defaults(model.schema, sent)
    embedded = None
    if outputs.wants_embedded(model, inputs):
        embedded = await anyio.to_thread.run_sync(outputs.embedded, model, inputs, sandbox.base64_data_uri)
    price = model.price(inputs)[1]
    sandbox.account_of(call.key).afford(price)
    webhook = call.query.get("webhook", "")
    prediction = sandbox.start(model, sent=sent, inputs=inputs, price=price, key=call.key, webhook=webhook)
    prediction.embedded = embedded
    prediction.fate = _fate(sandbox, model, inputs)
    return prediction


def _fate(sandbox: "Sandbox", model: Model, inputs: Json) -> tuple[int, str] | None:
    """How the run will fail, if it will: by its own wish, or for media that cannot be had."""
    if model.model_id == "sandbox/flaky":
        return FAILURES.get(str(inputs.get("outcome")))
    for key in model.media:
        given = inputs.get(key)
        for url in given if isinstance(given, list) else [given]:
            if isinstance(url, str) and url and not _reachable(sandbox, url):
                return _UNREACHABLE
    return None


def _reachable(sandbox: "Sandbox", url: str) -> bool:
    stored = sandbox.storage.files.get(url.removeprefix(sandbox.url))
    if url.startswith(sandbox.url + "/storage/"):
        return stored is not None and stored.ready
    return url.startswith(("http://", "https://", "data:"))


async def _held(sandbox: "Sandbox", prediction: Prediction) -> Answer:
    with anyio.move_on_after(sandbox.sync_window):
        await sandbox.tasks.wait(prediction)
        return success(prediction.shown(sandbox.url))
    expired = prediction.shown(sandbox.url)
    expired["status"] = "processing"
    expired["code"] = _SYNC_EXPIRED
    expired["error"] = (
        f"Sync mode timed out after {sandbox.sync_window:g} seconds. "
        "The prediction is still processing asynchronously."
    )
    return success(expired)


async def result(sandbox: "Sandbox", call: Call) -> Answer:
    """`GET /api/v3/predictions/{id}/result`. Raises `Refused` (404) for an id it does not know."""
    prediction = sandbox.predictions.get(call.prediction)
    if prediction is None or not sandbox.shows(prediction, call.key):
        raise Refused(404, "Prediction not found")
    prediction.note_poll()
    return success(prediction.shown(sandbox.url))


def model_named(sandbox: "Sandbox", model_id: str) -> Model:
    """Raises `Refused` (404) for a model that is not in the catalog."""
    model = sandbox.models.get(model_id)
    if model is None:
        raise Refused(404, f"model {model_id} not found")
    return model
