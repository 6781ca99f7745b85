"""No surprise spending: each limit refuses with the quote, the limit and its setting, and submits nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client import Client
from mcp.types import ElicitRequestParams, ElicitResult, ErrorData

from calling import Connect, Json, MakeSettings, ask, call, cut_off, refusal, text_of
from wavespeed_mcp_server.sandbox import Fault, Sandbox
from wavespeed_mcp_server.settings import Settings, read_settings

from .ledgers import change, states

PRICE = 0.018  # what the sandbox takes for one picture of sandbox/paint, its discount taken off
PAINT: Json = {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "wait_seconds": 20}
FOUR: Json = {"requests": [{"model": "sandbox/paint", "input": {"prompt": f"cat {n}"}} for n in range(4)]}
FOUR["wait_seconds"] = 20


def picture(number: int) -> Json:
    return {**PAINT, "input": {"prompt": f"cat {number}"}}


LIMITS = [
    ({}, {"max_price": 0.01}, ("$0.018", "$0.01", "max_price")),
    ({"max_price": 0.01}, {}, ("$0.018", "$0.01", "WAVESPEED_MAX_PRICE")),
    ({"daily_budget": 0.01}, {}, ("$0.018", "$0.01", "WAVESPEED_DAILY_BUDGET")),
    ({"confirm_above": 0.01}, {}, ("$0.018", "$0.01", "WAVESPEED_CONFIRM_ABOVE")),
    ({"max_price": 0.01}, {"max_price": 5}, ("$0.018", "$0.01", "WAVESPEED_MAX_PRICE")),
    ({"confirm_above": 0.01}, {"max_price": 5}, ("$0.018", "$0.01", "WAVESPEED_CONFIRM_ABOVE")),
    ({"max_price": 0}, {}, ("$0.018", "WAVESPEED_MAX_PRICE")),
]


@pytest.mark.parametrize(("limits", "arguments", "says"), LIMITS)
async def test_a_limit_refuses_with_quote_limit_and_setting(
    sandbox: Sandbox,
    connect: Connect,
    make_settings: MakeSettings,
    mode: str,
    tmp_path: Path,
    limits: Json,
    arguments: Json,
    says: tuple[str, ...],
) -> None:
    async with connect(make_settings(**limits), mode) as client:
        text = await refusal(client, "generate", **PAINT, **arguments)
    assert all(part in text for part in says)
    assert "othing was submitted" in text
    assert sandbox.counts["submit"] == 0
    assert states(tmp_path / "state") == []


BATCH_LIMITS = [
    ({}, {"max_price": 0.07}, "max_price"),
    ({"max_price": 0.07}, {}, "WAVESPEED_MAX_PRICE"),
    ({"daily_budget": 0.07}, {}, "WAVESPEED_DAILY_BUDGET"),
    ({"confirm_above": 0.07}, {}, "WAVESPEED_CONFIRM_ABOVE"),
]


@pytest.mark.parametrize(("limits", "arguments", "says"), BATCH_LIMITS)
async def test_a_batch_is_held_against_a_limit_as_a_whole(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings, limits: Json, arguments: Json, says: str
) -> None:
    """Each of the four runs alone would be within the limit."""
    async with connect(make_settings(**limits)) as client:
        text = await refusal(client, "generate_batch", **FOUR, **arguments)
    assert "$0.072" in text
    assert says in text
    assert sandbox.counts["submit"] == 0


async def test_a_batch_within_its_limits_runs_and_gives_its_hold_back(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings
) -> None:
    async with connect(make_settings(daily_budget=0.1)) as client:
        assert (await call(client, "generate_batch", **FOUR))["completed"] == 4
        assert (await call(client, "generate", **picture(9)))["status"] == "completed"
        assert "$0.09 of the $0.1" in await refusal(client, "generate", **picture(10))
    assert sandbox.counts["submit"] == 5


async def test_without_limits_no_request_stands_before_the_submit(client: Client, sandbox: Sandbox) -> None:
    await call(client, "generate", **PAINT)
    # What it costs is asked while the task runs, so that a finished run can say it; nobody waits for that.
    asked = {name: count for name, count in sandbox.counts.items() if name != "price"}
    assert asked == {"models": 1, "submit": 1, "poll": sandbox.counts["poll"]}


@pytest.mark.parametrize(
    "limit",
    [{"max_price": 1}, {"daily_budget": 1}, {"confirm_above": 1}, {"max_price": 1, "daily_budget": 1}],
)
async def test_limits_cost_one_question_for_the_price(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings, limit: Json
) -> None:
    async with connect(make_settings(**limit)) as client:
        await call(client, "generate", **PAINT)
    assert sandbox.counts["price"] == 1


@pytest.mark.parametrize(
    "answer", ["{}", '{"price": null}', '{"price": NaN}', '{"price": 1e999}', '{"price": -1}']
)
async def test_a_quote_that_is_no_amount_refuses_the_run(
    sandbox: Sandbox,
    connect: Connect,
    make_settings: MakeSettings,
    answer: str,
) -> None:
    from wavespeed_mcp_server.sandbox.wire import Answer, Call

    async def odd(_sandbox: Sandbox, _call: Call) -> Answer:
        return Answer(200, f'{{"code":200,"data":{answer}}}'.encode())

    sandbox.answers["price"] = odd
    async with connect(make_settings(max_price=1)) as client:
        text = await refusal(client, "generate", **PAINT)
    assert "gave no price" in text
    assert sandbox.counts["submit"] == 0


async def test_what_was_spent_leaves_the_budget_after_a_day(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings, tmp_path: Path
) -> None:
    async with connect(make_settings(daily_budget=0.02)) as client:
        await call(client, "generate", **picture(1))
        assert "WAVESPEED_DAILY_BUDGET" in await refusal(client, "generate", **picture(2))
        change(tmp_path / "state", "UPDATE tasks SET attempted_at = attempted_at - 86000")
        assert "WAVESPEED_DAILY_BUDGET" in await refusal(client, "generate", **picture(2))
        change(tmp_path / "state", "UPDATE tasks SET attempted_at = attempted_at - 500")
        await call(client, "generate", **picture(2))


async def test_a_task_in_flight_counts_and_a_failed_one_gives_its_share_back(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with connect(make_settings(daily_budget=0.02)) as client:
        running = await call(client, "generate", **picture(1) | {"wait_seconds": 0})
        assert "in flight" in await refusal(client, "generate", **picture(2))
        sandbox.fail(running["id"])
        await call(client, "check_status", ids=[running["id"]])
        sandbox.run_seconds = lambda _model, _inputs: 0.0
        await call(client, "generate", **picture(2))


async def test_a_run_before_a_limit_was_set_counts_at_its_quote_or_catalog_price(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings
) -> None:
    async with connect(make_settings()) as client:
        await call(client, "generate", **picture(1))
    async with connect(make_settings(daily_budget=0.03)) as client:
        assert "of the $0.03" in await refusal(client, "generate", **picture(2))


async def test_a_lost_answer_counts_against_the_budget(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings
) -> None:
    sandbox.history_lag = 3600.0
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    async with connect(make_settings(daily_budget=0.03)) as client:
        assert "may exist" in await refusal(client, "generate", **picture(1))
        assert "WAVESPEED_DAILY_BUDGET" in await refusal(client, "generate", **picture(2))
    assert len(sandbox.submissions) == 1


async def test_a_hundred_calls_at_once_never_pass_a_budget(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings
) -> None:
    said: list[str] = []
    async with connect(make_settings(daily_budget=10 * PRICE)) as client, anyio.create_task_group() as group:

        async def one(number: int) -> None:
            said.append(text_of(await ask(client, "generate", **picture(number))))

        for number in range(100):
            group.start_soon(one, number)
    assert len(sandbox.predictions) == 10
    assert sum("WAVESPEED_DAILY_BUDGET" in text for text in said) == 90


ANSWERS = [
    (ElicitResult(action="accept", content={"approve": True}), True),
    (ElicitResult(action="accept", content={"approve": False}), False),
    (ElicitResult(action="decline"), False),
    (ElicitResult(action="cancel"), False),
]


@pytest.mark.parametrize(("answer", "runs"), ANSWERS, ids=["accept", "unticked", "decline", "cancel"])
@pytest.mark.parametrize("tool", ["generate", "generate_batch"])
async def test_the_person_is_asked_above_the_threshold(
    sandbox: Sandbox,
    connect: Connect,
    make_settings: MakeSettings,
    mode: str,
    tool: str,
    answer: ElicitResult,
    runs: bool,
) -> None:
    asked: list[str] = []

    async def person(_context: Any, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        return answer

    arguments = PAINT if tool == "generate" else FOUR
    settings = make_settings(confirm_above=0.01)
    async with connect(settings, mode, elicitation_callback=person) as client:
        result = await ask(client, tool, **arguments)
    assert bool(result.is_error) is not runs
    assert sandbox.counts["submit"] == (0 if not runs else 1 if tool == "generate" else 4)
    (question,) = asked
    assert ("$0.018" if tool == "generate" else "$0.072") in question
    if not runs:
        assert "did not agree" in text_of(result)


@pytest.mark.parametrize("tool", ["generate", "generate_batch"])
async def test_one_yes_buys_once_however_often_its_answer_is_sent(
    sandbox: Sandbox,
    connect: Connect,
    make_settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    tool: str,
) -> None:
    """In the newer era the answer comes with a call of its own, which anybody can send again."""

    async def person(_context: Any, _params: ElicitRequestParams) -> ElicitResult:
        return ElicitResult(action="accept", content={"approve": True})

    sent: list[tuple[Any, ...]] = []
    arguments = PAINT if tool == "generate" else FOUR
    async with connect(make_settings(confirm_above=0.01), "auto", elicitation_callback=person) as client:
        send = client.session.send_request

        async def noted(request: Any, *more: Any, **named: Any) -> Any:
            answer = await send(request, *more, **named)
            if getattr(request.params, "request_state", None):
                sent.append((request, more, named))
            return answer

        monkeypatch.setattr(client.session, "send_request", noted)
        assert not (await ask(client, tool, **arguments)).is_error
        bought = len(sandbox.submissions)
        (request, more, named) = sent[-1]
        for _ in range(3):
            answer: Any = await send(request, *more, **named)
            assert "with this same answer before" in text_of(answer)
    assert len(sandbox.submissions) == bought == (1 if tool == "generate" else 4)


async def test_below_the_threshold_nobody_is_asked(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings, mode: str
) -> None:
    async def person(_context: Any, params: ElicitRequestParams) -> ElicitResult:
        raise AssertionError(params.message)

    async with connect(make_settings(confirm_above=0.02), mode, elicitation_callback=person) as client:
        await call(client, "generate", **PAINT)
    assert sandbox.counts["submit"] == 1


async def test_a_run_over_another_limit_is_refused_before_the_person_is_asked(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings, mode: str
) -> None:
    async def person(_context: Any, params: ElicitRequestParams) -> ElicitResult:
        raise AssertionError(params.message)

    settings = make_settings(confirm_above=0.001, max_price=0.01)
    async with connect(settings, mode, elicitation_callback=person) as client:
        assert "WAVESPEED_MAX_PRICE" in await refusal(client, "generate", **PAINT)


async def test_a_run_that_is_picked_up_is_not_asked_about(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings
) -> None:
    async with connect(make_settings()) as client:
        prediction = await cut_off(client, sandbox, **PAINT)
    sandbox.finish(prediction)
    async with connect(make_settings(confirm_above=0.01)) as client:
        assert (await call(client, "generate", **PAINT))["id"] == prediction


async def test_of_two_equal_requests_the_one_that_is_not_picked_up_is_asked_about(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings, mode: str
) -> None:
    asked: list[str] = []

    async def person(_context: Any, params: ElicitRequestParams) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"approve": True})

    async with connect(make_settings()) as client:
        prediction = await cut_off(client, sandbox, **PAINT)
    sandbox.finish(prediction)
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    twice = {"requests": [{"model": PAINT["model"], "input": PAINT["input"]}] * 2, "wait_seconds": 20}
    async with connect(make_settings(confirm_above=0.01), mode, elicitation_callback=person) as client:
        done = await call(client, "generate_batch", **twice)
    (question,) = asked
    assert "$0.018" in question
    assert sandbox.counts["submit"] == 2
    assert prediction in {one["id"] for one in done["predictions"]}


BAD = ["WAVESPEED_MAX_PRICE", "WAVESPEED_DAILY_BUDGET", "WAVESPEED_CONFIRM_ABOVE"]


@pytest.mark.parametrize("value", ["some", "-1", "nan", "inf", "1,500", "${BUDGET}", "${input:b}", "%B%"])
@pytest.mark.parametrize("name", BAD)
async def test_a_limit_that_cannot_be_read_stops_runs_and_not_the_server(
    sandbox: Sandbox, connect: Connect, from_values: Callable[..., Settings], name: str, value: str
) -> None:
    async with connect(from_values(**{name: value})) as client:
        assert len((await client.list_tools()).tools) > 10
        for tool, arguments in (("generate", PAINT), ("generate_batch", FOUR)):
            text = await refusal(client, tool, **arguments)
            assert name in text
            assert "othing was submitted" in text
        assert (await call(client, "get_balance"))["balance"] == 10.0
    assert sandbox.counts["submit"] == 0


NEARLY = [
    *("WAVESPEED_DAILY_BUGET", "WAVESPEED_BUDGET", "WAVESPEED_MAXPRICE", "WAVESPED_DAILY_BUDGET"),
    *("wavespeed_max_price", "WAVESPEED_MAX_COST", "WAVESPEED_CONFIRM", "WAVESPEED_DAILY_LIMIT"),
    *(
        "WAVSPEED_DAYLY_BUGET",
        "WAVESPEED_SPEND_LIMIT",
        "WAVESPEED_BUGDET",
        "WAVE_SPEED_PRICE",
        "Wavespeed_Max_Prise",
    ),
    *("WAVESPEED_MAX_USD", "WAVESPEED_APPROVE_ABOVE", "WAVESPEED_PER_DAY_LIMITS", "Wavespeed_Max_Prise"),
]


@pytest.mark.parametrize("name", NEARLY)
async def test_a_setting_whose_name_is_nearly_that_of_a_limit_is_one_that_cannot_be_read(
    sandbox: Sandbox, connect: Connect, from_values: Callable[..., Settings], name: str
) -> None:
    async with connect(from_values(**{name: "5"})) as client:
        text = await refusal(client, "generate", **PAINT)
    assert name in text
    assert "Nothing was submitted, nothing is charged." in text
    assert not sandbox.submissions


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WAVESPEED_DAILY_BUDGET", "${user_config.daily_budget}"),
        ("WAVESPEED_DAILY_BUGET", "${user_config.daily_budget}"),
        ("WAVESPEED_MAX_WAIT", "5"),
        ("WAVESPEED_MAX_INFLIGHT", "5"),
        ("WAVESPEED_PROJECT", "5"),
        ("WAVESPEED_TIMEOUT", "5"),
        ("WAVESPEED_MODEL", "5"),
        ("DAILY_BUDGET", "5"),
    ],
)
async def test_what_is_no_limit_stops_nothing(
    sandbox: Sandbox, connect: Connect, from_values: Callable[..., Settings], name: str, value: str
) -> None:
    async with connect(from_values(**{name: value})) as client:
        assert (await call(client, "generate", **PAINT))["status"] == "completed"


async def test_one_budget_for_an_api_however_its_host_is_spelt_and_whichever_key_is_used(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings
) -> None:
    sandbox.key = None
    port = sandbox.url.rpartition(":")[2]
    said = []
    for number, host in enumerate(("127.0.0.1", "localhost", "LOCALHOST", "127.0.0.1")):
        settings = make_settings(base_url=f"http://{host}:{port}", api_key=f"key-{number}", daily_budget=0.04)
        async with connect(settings) as client:
            said.append(text_of(await ask(client, "generate", **picture(number))))
    assert ["WAVESPEED_DAILY_BUDGET" in text for text in said] == [False, False, True, True]
    assert len(sandbox.submissions) == 2


@pytest.fixture
def from_values(sandbox: Sandbox, tmp_path: Path) -> Callable[..., Settings]:
    """Settings as they are read from an environment that leads to the sandbox."""

    def read(**values: str) -> Settings:
        return read_settings(
            {
                "WAVESPEED_API_KEY": "sandbox-key",
                "WAVESPEED_BASE_URL": sandbox.url,
                "WAVESPEED_STATE_DIR": str(tmp_path / "state"),
                **values,
            },
            home=tmp_path,
        )

    return read


async def test_a_client_that_fails_to_ask_is_a_no(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings
) -> None:
    async def broken(_context: Any, _params: ElicitRequestParams) -> ErrorData:
        return ErrorData(code=-32603, message="no window to ask in")

    async with connect(make_settings(confirm_above=0.01), "legacy", elicitation_callback=broken) as client:
        text = await refusal(client, "generate", **PAINT)
    assert "could not be asked" in text
    assert "no window to ask in" in text
    assert "Nothing was submitted" in text
    assert not sandbox.submissions
