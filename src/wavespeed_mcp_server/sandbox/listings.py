"""What can be looked up: models, prices, the history, the money, the webhook secret."""

import time
from typing import TYPE_CHECKING

from . import schema, webhooks
from .account import instant, paging
from .predictions import Prediction
from .runs import model_named
from .wire import Answer, Call, Json, Refused, success

if TYPE_CHECKING:
    from .state import Sandbox

_KEPT_SECONDS = 7 * 86_400.0


async def models(sandbox: "Sandbox", call: Call) -> Answer:
    return Answer(200, sandbox.catalog)


async def price(sandbox: "Sandbox", call: Call) -> Answer:
    """`POST /model/price`: `price` and `discounted_price` in USD, for inputs that need not be complete."""
    model, full, discounted = _quote(sandbox, call)
    quote: Json = {"model_id": model, "price": full, "discounted_price": discounted, "currency": "USD"}
    rate = sandbox.models[model].discount_rate
    if rate is not None:
        quote["discount_rate"] = rate
    return success(quote)


async def pricing(sandbox: "Sandbox", call: Call) -> Answer:
    """`POST /model/pricing`, the older form: `unit_price` only."""
    model, full, _ = _quote(sandbox, call)
    return success({"model_id": model, "unit_price": full, "currency": "USD"})


def _quote(sandbox: "Sandbox", call: Call) -> tuple[str, float, float]:
    document = call.document()
    model = model_named(sandbox, str(document.get("model_id", "")))
    inputs = document.get("inputs") or {}
    if not isinstance(inputs, dict):
        raise Refused(400, 'field "inputs" must be an object')
    kept = schema.whitelisted(model.schema, inputs)
    schema.check(model.schema, kept, required=False)
    full, discounted = model.price(schema.with_defaults(model.schema, kept))
    return model.model_id, full, discounted


async def history(sandbox: "Sandbox", call: Call) -> Answer:
    """`POST /predictions`: seven days, newest first, by model, status and ISO creation time."""
    query = call.document()
    page, page_size = paging(query)
    after, before = instant(query, "created_after"), instant(query, "created_before")
    model, status = query.get("model"), query.get("status")
    now = time.time()
    oldest = max(after or 0.0, now - _KEPT_SECONDS)
    newest = min(before or now, now - sandbox.history_lag)
    found = [
        prediction
        for prediction in reversed(sandbox.predictions.values())
        if sandbox.shows(prediction, call.key)
        and oldest <= prediction.created_at <= newest
        and (not model or prediction.model.model_id == model)
        and (not status or prediction.status_now() == status)
    ]
    with_inputs = query.get("include_inputs") is True
    items = [
        shown_in_history(sandbox, prediction, with_inputs)
        for prediction in found[(page - 1) * page_size : page * page_size]
    ]
    return success({"page": page, "total": len(found), "items": items})


def shown_in_history(sandbox: "Sandbox", prediction: Prediction, with_inputs: bool) -> Json:
    item = prediction.shown(sandbox.url)
    if with_inputs:
        item["inputs"] = prediction.inputs if sandbox.history_fills_defaults else prediction.sent
    return item


async def delete(sandbox: "Sandbox", call: Call) -> Answer:
    """`POST /predictions/delete`: what has ended goes; running tasks and unknown ids are passed over."""
    ids = call.document().get("ids")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise Refused(400, 'field "ids" must be a list of strings')
    known = sandbox.predictions
    mine = [one for one in dict.fromkeys(ids) if one in known and sandbox.shows(known[one], call.key)]
    ended = [one for one in mine if known[one].status]
    for one in ended:
        del sandbox.predictions[one]
    return success({"deleted_count": len(ended)})


async def balance(sandbox: "Sandbox", call: Call) -> Answer:
    sandbox.tasks.advance()
    return success({"balance": sandbox.account_of(call.key).balance})


async def usage(sandbox: "Sandbox", call: Call) -> Answer:
    sandbox.tasks.advance()
    return success(sandbox.account_of(call.key).usage(call.document()))


async def billing(sandbox: "Sandbox", call: Call) -> Answer:
    sandbox.tasks.advance()
    return success(sandbox.account_of(call.key).search(call.document()))


async def webhook_secret(sandbox: "Sandbox", call: Call) -> Answer:
    return success({"secret": webhooks.secret(sandbox.key)})
