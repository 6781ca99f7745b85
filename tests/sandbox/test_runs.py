import re
from datetime import datetime

import anyio
import httpx
import pytest

from wavespeed_mcp_server.sandbox import Sandbox

from .speaking import Json, get, post, refused, result, run


async def test_a_task_is_created_then_processing_then_completed(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    submitted = await post(client, "sandbox/paint", {"prompt": "a cat"})
    assert re.fullmatch(r"sandbox[0-9a-f]{25}", submitted["id"])
    created_at = submitted.pop("created_at")
    assert submitted == {
        "id": submitted["id"],
        "model": "sandbox/paint",
        "outputs": [],
        "urls": {"get": f"{sandbox.url}/api/v3/predictions/{submitted['id']}/result"},
        "has_nsfw_contents": [],
        "status": "created",
        "error": "",
        "executionTime": 0,
        "timings": {"inference": 0},
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", created_at)
    assert datetime.fromisoformat(created_at).tzinfo is not None
    assert (await result(client, submitted["id"]))["status"] == "processing"

    sandbox.finish(submitted["id"])

    ended = await result(client, submitted["id"])
    assert ended["status"] == "completed"
    assert ended["has_nsfw_contents"] == [False]
    assert ended["executionTime"] == ended["timings"]["inference"] > 0
    assert [url.startswith(f"{sandbox.url}/outputs/{ended['id']}/") for url in ended["outputs"]] == [True]


async def test_a_task_ends_by_itself_when_its_time_is_up(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.run_seconds = lambda _model, _inputs: 0.02
    prediction = sandbox.predictions[(await post(client, "sandbox/paint", {"prompt": "a cat"}))["id"]]
    with anyio.fail_after(5):
        await sandbox.tasks.wait(prediction)
    assert (await result(client, prediction.id))["status"] == "completed"
    assert prediction.completed_at is not None
    assert prediction.completed_at >= prediction.created_at + 0.02 - 0.001
    assert prediction.polls == 1
    assert prediction.seen_ended_at is not None


async def test_without_further_word_a_model_takes_its_own_time_at_the_set_speed(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    sandbox.run_seconds = None
    sandbox.speed = 100
    quick = sandbox.predictions[(await post(client, "sandbox/write", {"prompt": "x"}))["id"]]
    slow = sandbox.predictions[(await post(client, "sandbox/compose", {"prompt": "x"}))["id"]]
    # A tenth of the time is spent in the queue.
    assert [one.due and one.due - one.starts for one in (quick, slow)] == [
        pytest.approx(0.9 * 20),
        pytest.approx(0.9 * 150),
    ]


async def test_inputs_decide_the_run_time_where_a_test_says_so(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    asked: list[tuple[str, Json]] = []

    def seconds(model: str, inputs: Json) -> float | None:
        asked.append((model, inputs))
        return None

    sandbox.run_seconds = seconds
    await post(client, "sandbox/write", {"prompt": "hello", "bogus": 1})
    assert asked == [("sandbox/write", {"prompt": "hello"})]


async def test_an_unknown_input_is_dropped_and_the_run_billed(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    body = {"prompt": "a cat", "numimages": 4, "input": {"prompt": "a dog"}}
    ended = await run(client, "sandbox/paint", body)
    assert len(ended["outputs"]) == 1
    assert sandbox.submissions[0].body == body
    assert sandbox.predictions[ended["id"]].sent == {"prompt": "a cat"}
    assert sandbox.balance == 10 - 0.018


async def test_a_wrapper_object_is_a_missing_prompt(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v3/sandbox/paint", json={"input": {"prompt": "a cat"}})
    assert refused(answer, 400) == 'field "prompt" is required'
    assert sandbox.submissions[0].prediction is None
    assert sandbox.submissions[0].refused == 'field "prompt" is required'
    assert sandbox.balance == 10


async def test_values_a_schema_forbids_are_refused(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    wrong: list[tuple[str, Json, str]] = [
        ("sandbox/paint", {"prompt": 5}, "prompt"),
        ("sandbox/paint", {"prompt": "x", "num_images": 5}, "num_images"),
        ("sandbox/paint", {"prompt": "x", "num_images": True}, "num_images"),
        ("sandbox/paint", {"prompt": "x", "num_images": 1.5}, "num_images"),
        ("sandbox/edit", {"prompt": "x", "images": []}, "images"),
        ("sandbox/edit", {"prompt": "x", "images": ["https://e.org/a.png"] * 5}, "images"),
        (
            "sandbox/edit",
            {"prompt": "x", "images": ["https://e.org/a.png"], "resolution": "3k"},
            "resolution",
        ),
        ("sandbox/speak", {"text": "x" * 10_001}, "text"),
    ]
    for model, body, key in wrong:
        assert f'"{key}"' in refused(await client.post(f"/api/v3/{model}", json=body), 400)
    assert not sandbox.predictions


async def test_an_enum_error_names_what_is_allowed(client: httpx.AsyncClient) -> None:
    body = {"image": "https://e.org/a.png", "texture_quality": "best"}
    message = refused(await client.post("/api/v3/sandbox/sculpt", json=body), 400)
    assert message == 'field "texture_quality" must be one of standard, detailed'


async def test_a_body_that_is_no_json_object_is_refused(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    for body in (b"{", b"[1]", b"\xff"):
        refused(await client.post("/api/v3/sandbox/paint", content=body), 400)
    assert sandbox.submissions[0].body == b"{"


async def test_unknown_models_predictions_and_paths_are_not_found(client: httpx.AsyncClient) -> None:
    refused(await client.post("/api/v3/sandbox/nothing", json={"prompt": "x"}), 404)
    refused(await client.post("/api/v3/sandbox%2Fpaint", json={"prompt": "x"}), 404)
    refused(await client.post("/api/v3/predictions/sandbox/paint", json={"input": {}}), 404)
    refused(await client.get("/api/v3/predictions/nothing"), 404)
    refused(await client.get("/api/v3/predictions"), 404)
    refused(await client.get("/"), 404)
    assert refused(await client.get("/api/v3/predictions/nothing/result"), 404) == "Prediction not found"


async def test_a_failed_task_says_why_and_gives_its_price_back(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    submitted = await post(client, "sandbox/flaky", {"prompt": "x"})
    assert sandbox.balance == 9.99
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    ended = await run(client, "sandbox/flaky", {"prompt": "x"})
    assert (ended["status"], ended["code"], ended["outputs"]) == ("failed", 1200, [])
    assert "moderation" in ended["error"]
    assert sandbox.balance == 9.99
    sandbox.fail(submitted["id"], 1405, "broken", status="timeout")
    ended = await result(client, submitted["id"])
    assert (ended["status"], ended["code"], ended["error"]) == ("timeout", 1405, "broken")
    assert sandbox.balance == 10


async def test_a_flaky_model_can_be_asked_to_succeed(client: httpx.AsyncClient) -> None:
    ended = await run(client, "sandbox/flaky", {"prompt": "x", "outcome": "succeed"})
    assert ended["status"] == "completed"


async def test_media_that_is_no_url_fails_the_task_not_the_submit(client: httpx.AsyncClient) -> None:
    for image in ("/home/me/cat.png", "@cat.png"):
        ended = await run(client, "sandbox/cutout", {"image": image})
        assert (ended["status"], ended["code"]) == ("failed", 1402)


async def test_more_than_the_balance_is_refused(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.balance = 0.017
    answer = await client.post("/api/v3/sandbox/paint", json={"prompt": "x"})
    assert refused(answer, 400) == "Insufficient credits. Please top up."
    assert not sandbox.predictions
    assert sandbox.balance == 0.017


async def test_text_models_answer_with_text_and_objects(client: httpx.AsyncClient) -> None:
    sync_off = {"enable_sync_mode": False}
    ended = await run(client, "sandbox/write", {"prompt": "hello"})
    assert ended["outputs"] == ["[sandbox] hello"]
    audio = {"audio": "https://e.org/a.wav", "enable_timestamps": True}
    ended = await run(client, "sandbox/transcribe", audio | sync_off)
    (spoken,) = ended["outputs"]
    assert spoken["text"].startswith("[sandbox]")
    assert [set(detail) for detail in spoken["text_details"]] == [{"text", "start", "end"}]


async def test_sync_mode_answers_with_the_end(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.run_seconds = lambda _model, _inputs: 0.01
    ended = await post(client, "sandbox/paint", {"prompt": "x", "enable_sync_mode": True})
    assert ended["status"] == "completed"


async def test_sync_mode_is_on_by_default_where_the_schema_says_so(client: httpx.AsyncClient) -> None:
    ended = await post(client, "sandbox/transcribe", {"audio": "https://e.org/a.wav"})
    assert ended["status"] == "completed"


async def test_sync_mode_is_dropped_where_the_model_does_not_list_it(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    body = {"prompt": "x", "enable_sync_mode": True}
    submitted = await post(client, "sandbox/film-2.1/text-to-video", body)
    assert submitted["status"] == "created"


async def test_sync_mode_over_its_window_is_a_success_that_says_it_timed_out(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    sandbox.sync_window = 0.01
    held = await post(client, "sandbox/paint", {"prompt": "x", "enable_sync_mode": True})
    assert (held["status"], held["code"]) == ("processing", 5004)
    assert held["error"].startswith("Sync mode timed out after 0.01 seconds.")
    assert held["urls"]["get"].endswith(f"{held['id']}/result")
    assert "code" not in await result(client, held["id"])


async def test_a_sync_submit_is_let_go_when_the_task_is_finished_by_hand(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    answers: list[Json] = []

    async def submit() -> None:
        answers.append(await post(client, "sandbox/paint", {"prompt": "x", "enable_sync_mode": True}))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(submit)
            await sandbox.seen("submit")
            while not sandbox.predictions:
                await anyio.lowlevel.checkpoint()
            sandbox.finish(next(iter(sandbox.predictions)), ["by hand"])
    assert answers[0]["outputs"] == ["by hand"]


async def test_outputs_can_be_anything_a_test_wants(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.outputs_for = lambda model, _inputs: [{"url": model}] if model == "sandbox/write" else None
    assert (await run(client, "sandbox/write", {"prompt": "x"}))["outputs"] == [{"url": "sandbox/write"}]
    assert len((await run(client, "sandbox/paint", {"prompt": "x"}))["outputs"]) == 1


async def test_every_model_runs_on_its_required_inputs(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.balance = 1000
    catalog = (await client.get("/api/v3/models")).json()["data"]
    assert len(catalog) >= 12
    for entry in catalog:
        schema = entry["api_schema"]["api_schemas"][0]["request_schema"]
        media = "https://e.org/a"
        body = {key: media if key not in ("images",) else [media] for key in schema["required"]}
        ended = await run(client, entry["model_id"], body)
        expected = "failed" if entry["model_id"] == "sandbox/flaky" else "completed"
        assert (ended["status"], ended["model"]) == (expected, entry["model_id"])
    assert await get(client, "balance") == {"balance": sandbox.balance}
