import json
import signal
from pathlib import Path

import anyio
import httpx
import pytest

from wavespeed_mcp_server.sandbox import Fault, Sandbox, running, serve

from .speaking import post, result, run

AUTH = {"authorization": "Bearer sandbox-key"}


async def test_a_thousand_tasks_run_at_once(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    sandbox.balance = 1000
    sandbox.run_seconds = lambda _model, _inputs: None
    model = sandbox.models["sandbox/paint"]
    for _ in range(1000):
        sandbox.start(model, sent={"prompt": "x"}, inputs={"prompt": "x"}, price=0.01, webhook="")
    some = list(sandbox.predictions)[::100]
    for prediction in list(sandbox.predictions):
        sandbox.finish(prediction)
    assert [(await result(client, one))["status"] for one in some] == ["completed"] * 10
    assert (await post(client, "predictions", {"page_size": 1}))["total"] == 1000


async def test_leaving_ends_hanging_and_held_requests() -> None:
    sandbox = Sandbox()
    sandbox.faults.append(Fault(at="balance", kind="hang"))
    sandbox.hold("models")
    failures: list[str] = []

    async def ask(client: httpx.AsyncClient, at: str) -> None:
        with pytest.raises(httpx.TransportError):
            await client.get(f"{sandbox.url}/api/v3/{at}")
        failures.append(at)

    with anyio.fail_after(5):
        async with (
            httpx.AsyncClient(headers=AUTH, trust_env=False, timeout=None) as client,
            anyio.create_task_group() as group,
            running(sandbox),
        ):
            for at in ("balance", "models"):
                group.start_soon(ask, client, at)
                await sandbox.seen(at)
    assert sorted(failures) == ["balance", "models"]


async def test_the_same_sandbox_can_be_served_again_with_its_tasks() -> None:
    sandbox = Sandbox()
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    async with (
        running(sandbox),
        httpx.AsyncClient(base_url=sandbox.url, headers=AUTH, trust_env=False) as client,
    ):
        ended = await run(client, "sandbox/write", {"prompt": "x"})
        port = int(sandbox.url.rpartition(":")[2])
    async with (
        running(sandbox, port=port),
        httpx.AsyncClient(base_url=sandbox.url, headers=AUTH, trust_env=False) as client,
    ):
        assert await result(client, ended["id"]) == ended


async def test_what_the_block_raises_comes_out_as_it_was() -> None:
    with pytest.raises(ZeroDivisionError):
        async with running(Sandbox()):
            raise ZeroDivisionError


async def test_a_taken_port_is_an_error() -> None:
    async with running(Sandbox()) as sandbox:
        with pytest.raises(OSError):
            async with running(Sandbox(), port=int(sandbox.url.rpartition(":")[2])):
                pass


async def test_serve_runs_until_cancelled_and_leaves_the_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    sandbox = Sandbox()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(serve, sandbox)
            while not sandbox.url:
                await anyio.lowlevel.checkpoint()
            assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
            async with httpx.AsyncClient(base_url=sandbox.url, headers=AUTH, trust_env=False) as client:
                assert (await client.get("/api/v3/balance")).status_code == 200
            group.cancel_scope.cancel()


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A catalog document in the form of the recorded ones, spaces and all."""
    kinds = {
        "vendor/image-1.5": "text-to-image",
        "vendor/clip": "image-to-video",
        "vendor/voice": "text-to-audio",
        "vendor/shape": "text-to-3d",
        "vendor/words": "llm",
        "vendor/clip/upscaler": "upscaler",
        "vendor/wan-i2v-lora": "lora-support",
    }
    schema = {
        "properties": {"prompt": {"type": "string"}, "video": {"type": "string"}},
        "required": ["prompt"],
    }
    plain = {"properties": {"prompt": {"type": "string"}, "num_images": {"type": "integer"}}}
    entries = [
        {
            "model_id": model,
            "name": model,
            "base_price": 0.5,
            "type": kind,
            "api_schema": {
                "api_schemas": [{"type": "model_run", "request_schema": schema if "clip" in model else plain}]
            },
        }
        for model, kind in kinds.items()
    ]
    path = tmp_path / "models.json"
    path.write_text(json.dumps({"code": 200, "data": entries}, indent=1), encoding="utf-8")
    return path


async def test_a_recorded_catalog_is_served_verbatim_and_its_models_run(recorded: Path) -> None:
    document = await anyio.Path(recorded).read_bytes()
    sandbox = Sandbox(catalog_file=recorded)
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    async with (
        running(sandbox),
        httpx.AsyncClient(base_url=sandbox.url, headers=AUTH, trust_env=False) as client,
    ):
        assert (await client.get("/api/v3/models")).content == document
        ends = {}
        for model in sandbox.models:
            output = (await run(client, model, {"prompt": "x"}))["outputs"][0]
            ends[model] = output.rpartition(".")[2] if output.startswith("http") else output
        assert ends == {
            "vendor/image-1.5": "png",
            "vendor/clip": "mp4",
            "vendor/voice": "wav",
            "vendor/shape": "glb",
            "vendor/words": "[sandbox] x",
            "vendor/clip/upscaler": "mp4",
            "vendor/wan-i2v-lora": "mp4",
        }
        assert sandbox.balance == 100 - 7 * 0.5
