"""Running a model: what is sent, what comes back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream
from mcp.client import Client

from calling import Connect, Json, MakeSettings, ask, call, refusal, text_of
from wavespeed_mcp_server.sandbox import Fault, Sandbox

PAINT = {"model": "sandbox/paint", "input": {"prompt": "a cat in space"}}
WITHOUT_FILES = [
    ("sandbox/paint", {"prompt": "a cat"}, ".png"),
    ("sandbox/film-2.1/text-to-video", {"prompt": "waves"}, ".mp4"),
    ("sandbox/speak", {"text": "hello"}, ".wav"),
    ("sandbox/compose", {"prompt": "a waltz"}, ".wav"),
]
PICTURE = "https://example.com/picture.png"


@pytest.mark.parametrize(("model", "given", "suffix"), WITHOUT_FILES)
async def test_a_run_returns_the_url_of_its_output(
    client: Client, sandbox: Sandbox, model: str, given: Json, suffix: str
) -> None:
    done = await call(client, "generate", model=model, input=given)
    assert done["status"] == "completed"
    assert done["model"] == model
    assert done["outputs"][0].startswith(sandbox.url)
    assert done["outputs"][0].split("?")[0].endswith(suffix)
    assert "download_outputs" in done["next"]
    assert done["id"] in sandbox.predictions


async def test_a_run_sends_the_input_flat_and_nothing_else(client: Client, sandbox: Sandbox) -> None:
    given = {"prompt": "@Image1 beside @someone", "seed": 7}
    await call(client, "generate", model="sandbox/paint", input=given)
    (submission,) = sandbox.submissions
    assert submission.body == {**given, "enable_sync_mode": False}
    assert submission.webhook == ""


async def test_a_run_without_limits_costs_one_request_for_its_price_beside_submit_poll_and_catalog(
    client: Client, sandbox: Sandbox
) -> None:
    await call(client, "generate", **PAINT)
    assert set(sandbox.counts) == {"models", "submit", "poll", "price"}
    assert sandbox.counts["price"] == 1
    assert sandbox.counts["submit"] == 1


async def test_a_model_that_waits_by_default_is_told_not_to(client: Client, sandbox: Sandbox) -> None:
    """Such a default would hold the answer, and with it the id, until the task has ended."""
    done = await call(client, "generate", model="sandbox/transcribe", input={"audio": PICTURE})
    assert done["status"] == "completed"
    assert sandbox.submissions[0].body == {"audio": PICTURE, "enable_sync_mode": False}


async def test_a_wish_to_wait_at_the_api_is_overruled(client: Client, sandbox: Sandbox) -> None:
    given = {"prompt": "x", "enable_sync_mode": True}
    await call(client, "generate", model="sandbox/paint", input=given)
    body = sandbox.submissions[0].body
    assert isinstance(body, dict)
    assert body["enable_sync_mode"] is False


async def test_a_model_without_the_flag_does_not_get_it(client: Client, sandbox: Sandbox) -> None:
    await call(client, "generate", model="sandbox/compose", input={"prompt": "a waltz"})
    assert sandbox.submissions[0].body == {"prompt": "a waltz"}


async def test_text_comes_back_as_text(client: Client) -> None:
    done = await call(client, "generate", model="sandbox/write", input={"prompt": "Why is the sky blue?"})
    (answer,) = done["outputs"]
    assert not answer.startswith("http")
    assert "next" not in done


async def test_objects_come_back_as_objects(client: Client, sandbox: Sandbox) -> None:
    given: list[Any] = [{"text": "hello", "chunks": [{"from": 0, "to": 1.5}]}, "and a text"]
    sandbox.outputs_for = lambda _model, _inputs: given
    done = await call(client, "generate", model="sandbox/transcribe", input={"audio": PICTURE})
    assert done["outputs"] == given


@pytest.mark.parametrize("data_uri", [False, True])
async def test_an_embedded_picture_becomes_a_file_and_never_enters_the_conversation(
    client: Client, sandbox: Sandbox, tmp_path: Path, data_uri: bool
) -> None:
    sandbox.base64_data_uri = data_uri
    given = {"prompt": "a cat", "enable_base64_output": True}
    result = await ask(client, "generate", model="sandbox/paint", input=given)
    assert result.structured_content is not None
    path = Path(result.structured_content["outputs"][0])
    assert path.is_relative_to((tmp_path / "out").resolve())
    assert path.read_bytes().startswith(b"\x89PNG")
    assert len(text_of(result)) < 1000


async def test_save_puts_every_output_on_disk(client: Client, tmp_path: Path) -> None:
    given = {"prompt": "a cat", "num_images": 2}
    done = await call(client, "generate", model="sandbox/paint", input=given, save=True)
    assert len(done["outputs"]) == len(done["saved"]) == 2
    for path in map(Path, done["saved"]):
        assert path.parent == (tmp_path / "out").resolve()
        assert path.read_bytes().startswith(b"\x89PNG")


async def test_a_run_whose_saving_fails_still_gives_its_outputs(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults.append(Fault("download", "404", times=None))
    done = await call(client, "generate", **PAINT, save=True)
    assert done["status"] == "completed"
    assert done["outputs"]
    assert "saved" not in done
    assert "Not everything was saved" in done["next"]


async def test_local_files_are_uploaded_wherever_they_stand_in_the_input(
    client: Client, sandbox: Sandbox, tmp_path: Path, picture: bytes
) -> None:
    path = tmp_path / "in" / "photo.png"
    path.write_bytes(picture)
    given = {"prompt": "add a hat", "images": [f"@{path}", PICTURE]}
    done = await call(client, "generate", model="sandbox/edit", input=given)
    assert done["status"] == "completed"
    body = sandbox.submissions[0].body
    assert isinstance(body, dict)
    uploaded, kept = body["images"]
    assert uploaded.startswith(sandbox.url)
    assert kept == PICTURE


async def test_a_value_in_another_notation_is_sent_in_the_models_own_and_told(
    client: Client, sandbox: Sandbox
) -> None:
    given = {"prompt": "a cat", "size": "1536x1024", "num_images": "2", "output_format": "PNG"}
    done = await call(client, "generate", model="sandbox/paint", input=given)
    body = sandbox.submissions[0].body
    assert isinstance(body, dict)
    assert (body["size"], body["num_images"], body["output_format"]) == ("1536*1024", 2, "png")
    assert 'size="1536*1024"' in done["next"]


async def test_a_bare_path_in_a_media_input_is_told_to_write_at_before_it(
    client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    given = {"prompt": "x", "images": [str(tmp_path / "in" / "photo.png")]}
    text = await refusal(client, "generate", model="sandbox/edit", input=given)
    assert "'@" in text
    assert sandbox.counts["submit"] == 0


async def test_a_file_outside_the_allowed_directories_stops_the_run(
    client: Client, sandbox: Sandbox, tmp_path: Path, picture: bytes
) -> None:
    (tmp_path / "private.png").write_bytes(picture)
    given = {"prompt": "x", "images": [f"@{tmp_path / 'private.png'}"]}
    text = await refusal(client, "generate", model="sandbox/edit", input=given)
    assert "WAVESPEED_ALLOWED_DIRS" in text
    assert "Nothing was submitted" in text
    assert sandbox.counts["submit"] == sandbox.counts["upload_ticket"] == 0


async def test_text_and_structured_result_carry_the_same_facts(client: Client) -> None:
    result = await ask(client, "generate", **PAINT)
    assert json.loads(text_of(result)) == result.structured_content
    assert ": " not in text_of(result).split('"outputs"')[0]


async def test_a_failed_task_is_an_error_with_reason_and_id(client: Client, sandbox: Sandbox) -> None:
    given = {"prompt": "x", "outcome": "unreachable"}
    text = await refusal(client, "generate", model="sandbox/flaky", input=given)
    (prediction,) = sandbox.predictions
    assert prediction in text
    assert "failed to download the image" in text
    assert "refunded" in text


async def test_a_task_that_somebody_deleted_is_not_said_to_be_refunded(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with anyio.create_task_group() as group:

        async def end() -> None:
            await sandbox.seen("poll")
            (prediction,) = sandbox.predictions
            sandbox.fail(prediction, status="deleted")

        group.start_soon(end)
        text = await refusal(client, "generate", **PAINT)
    assert "ended as deleted" in text
    assert "refund" not in text


@pytest.mark.parametrize("status", ["failed", "cancelled", "timeout"])
async def test_every_way_of_failing_ends_the_call(client: Client, sandbox: Sandbox, status: str) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with anyio.create_task_group() as group:

        async def end() -> None:
            await sandbox.seen("poll")
            (prediction,) = sandbox.predictions
            sandbox.fail(prediction, status=status)

        group.start_soon(end)
        text = await refusal(client, "generate", **PAINT)
    assert f"ended as {status}" in text


async def test_a_call_that_runs_out_of_time_gives_the_id_and_the_next_step(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    result = await call(client, "generate", **PAINT, wait_seconds=0)
    (prediction,) = sandbox.predictions
    assert result["id"] == prediction
    assert result["status"] in {"created", "processing"}
    assert "outputs" not in result
    assert f'check_status with ids ["{prediction}"]' in result["next"]
    sandbox.finish(prediction)
    found = await call(client, "check_status", ids=[prediction])
    assert found["predictions"][0]["outputs"]


async def test_the_waiting_time_of_the_settings_holds_where_the_call_names_none(
    connect: Connect, make_settings: MakeSettings, sandbox: Sandbox, mode: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with connect(make_settings(wait_seconds=0.0), mode) as client:
        assert (await call(client, "generate", **PAINT))["status"] in {"created", "processing"}


async def test_an_api_that_goes_down_while_waiting_leaves_a_task_that_still_runs(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    sandbox.faults.append(Fault("poll", "503", times=None))
    result = await call(client, "generate", **PAINT, wait_seconds=1)
    assert result["id"] in sandbox.predictions
    assert "check_status" in result["next"]
    assert sandbox.counts["submit"] == 1


@pytest.mark.parametrize("kind", ["null_outputs", "missing_fields", "unknown_status", "garbage", "html"])
async def test_one_odd_answer_while_waiting_does_not_end_the_wait(
    client: Client, sandbox: Sandbox, kind: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    sandbox.faults.append(Fault("poll", kind))
    async with anyio.create_task_group() as group:

        async def end() -> None:
            await sandbox.seen("poll", 2)
            (prediction,) = sandbox.predictions
            sandbox.finish(prediction)

        group.start_soon(end)
        done = await call(client, "generate", **PAINT)
    assert done["status"] == "completed"
    assert done["outputs"]


async def test_max_price_refuses_before_anything_is_submitted(client: Client, sandbox: Sandbox) -> None:
    text = await refusal(client, "generate", **PAINT, max_price=0.01)
    assert "$0.018" in text
    assert "$0.01 of max_price" in text
    assert "Nothing was submitted" in text
    assert sandbox.counts["submit"] == 0
    assert (await call(client, "generate", **PAINT, max_price=0.018))["price"] == pytest.approx(0.018)


async def test_max_price_refuses_where_the_price_cannot_be_learned(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults.append(Fault("price", "500", times=None))
    text = await refusal(client, "generate", **PAINT, max_price=1)
    assert "price of sandbox/paint cannot be learned" in text
    assert sandbox.counts["submit"] == 0


async def test_an_account_without_credit_is_told_where_to_top_up(client: Client, sandbox: Sandbox) -> None:
    sandbox.balance = 0.0
    text = await refusal(client, "generate", **PAINT)
    assert "top-up" in text
    assert "Nothing was submitted" in text


class Receiver:
    """Keeps the first webhook it gets: its request line and its body."""

    def __init__(self) -> None:
        self.url = ""
        self.line = ""
        self.body: Json = {}
        self.came = anyio.Event()

    async def take(self, stream: SocketStream) -> None:
        async with stream:
            received = b""
            while b"\r\n\r\n" not in received:
                received += await stream.receive()
            head, _, body = received.partition(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line
            )
            while len(body) < length:
                body += await stream.receive()
            await stream.send(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        self.line = head.split(b"\r\n")[0].decode()
        self.body = json.loads(body)
        self.came.set()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A socket that takes webhooks."""
    receiver = Receiver()
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        receiver.url = f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}/hook?a=b&c=d"
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, receiver.take)
            yield receiver
            group.cancel_scope.cancel()


async def test_a_webhook_is_really_delivered(client: Client, sandbox: Sandbox, receiver: Receiver) -> None:
    """The address goes into the query; in the body the API would drop it in silence."""
    done = await call(client, "generate", **PAINT, webhook_url=receiver.url)
    with anyio.fail_after(10):
        await receiver.came.wait()
    assert receiver.line.startswith("POST /hook?a=b&c=d ")
    assert receiver.body["id"] == done["id"]
    assert sandbox.submissions[0].webhook == receiver.url
    body = sandbox.submissions[0].body
    assert isinstance(body, dict)
    assert not [key for key in body if "webhook" in key]


@pytest.mark.parametrize("url", ["http://example.com/hook", "ftp://127.0.0.1/", "hook", "https://"])
async def test_a_webhook_without_encryption_is_refused(client: Client, sandbox: Sandbox, url: str) -> None:
    text = await refusal(client, "generate", **PAINT, webhook_url=url)
    assert text == "generate: webhook_url: must be an https:// URL. Nothing was done."
    assert sandbox.counts["submit"] == 0
