"""How large answers are and how fast the catalog is searched; how many calls a wish takes."""

from __future__ import annotations

import json
import time
from statistics import median

import anyio

from wavespeed_mcp_server.sandbox import Sandbox, running

from ..bench import CATALOG, Bench, Server
from ..client import Json
from ..servers import HERE, KEY, OFFICIAL, Contender
from ..standin import stand_in
from ..table import Row, compared

WISHES = (
    "a cat in space", "upscale a photo", "remove the background", "image to video with sound",
    "text to speech", "cheap text to image", "flux", "kling video", "music from a text",
    "3d model from image", "lip sync a portrait", "change the face", "seedream", "wan 2.2 lora",
    "hailuo", "caption an image", "transcribe speech", "extend a video", "veo",
    "edit an image by instruction", "anime style", "remove a watermark", "logo with text",
    "product photo", "voice clone", "train a lora", "dub a video", "first and last frame",
    "sketch to image", "long video",
)  # fmt: skip
WARM_CALLS = 40
LOADED_SECONDS = 3.0
WISH = "a cat in space"


async def greetings(bench: Bench) -> list[Row]:
    """Spawn to the answer to `tools/list`, taking turns; and how large that answer is."""
    took: dict[str, list[float]] = {OFFICIAL: [], HERE: []}
    sizes: dict[str, tuple[int, int]] = {}
    async with stand_in(models=1) as sandbox, bench.contenders(sandbox) as contenders:
        for contender in contenders:
            await contender.start_before()
        for _ in range(4 * bench.repeats + 1):
            for contender in contenders:
                seconds, sizes[contender.name] = await _greeting(contender)
                took[contender.name].append(seconds * 1000)
    (official, tools), (here, mine) = (sizes[name] for name in (OFFICIAL, HERE))
    return [
        compared("spawn to tools/list", median(took[OFFICIAL]), median(took[HERE]), "ms", "<= 1.0", 0),
        compared("tools/list, the whole answer", official / 1000, here / 1000, "kB", "<= 16 kB"),
        compared("its names, descriptions and inputs", tools / 1000, mine / 1000, "kB", "<= 8.5 kB"),
    ]


async def _greeting(contender: Contender) -> tuple[float, tuple[int, int]]:
    started = time.time()
    async with contender.started() as client:
        reply = await client.request("tools/list", {})
        shown = [
            {name: tool.get(name) for name in ("name", "description", "inputSchema")}
            for tool in reply.result["tools"]
        ]
        compact = json.dumps(shown, separators=(",", ":"), ensure_ascii=False).encode()
        return reply.at - started, (len(reply.line), len(compact))


async def first_answers(bench: Bench) -> list[Row]:
    """Spawn to the first tool's answer of a later start; the first `list_models` ever, on a real catalog.

    Of a first `list_models` the time from the call to the answer counts, in a process that has had time to
    load its modules.
    """
    started: dict[str, list[float]] = {OFFICIAL: [], HERE: []}
    ever: dict[str, list[float]] = {OFFICIAL: [], HERE: []}
    again: dict[str, list[float]] = {OFFICIAL: [], HERE: []}
    real = Sandbox(key=KEY, balance=1e6, catalog_file=CATALOG) if CATALOG.exists() else None
    async with running(real) if real else stand_in() as sandbox:
        sandbox = real or sandbox
        for _ in range(bench.repeats):
            async with bench.contenders(sandbox) as contenders:
                for contender in contenders:
                    ever[contender.name].append(await _listing(contender))
                for contender in contenders:
                    await contender.start_before()
                    again[contender.name].append(await _listing(contender))
                    started[contender.name].append(await _balance(contender))
    if real is None:
        bench.say("the recorded catalog is not at hand: 1,000 equal models stand for it")
    return [
        compared("spawn to the first tool's answer", *_medians(started), "ms", "<= 2", 0),
        compared("list_models, first ever", *_medians(ever), "ms", "<= 2", 0),
        compared("list_models, new process, copy on disk", *_medians(again), "ms", "<= 1.0", 1),
    ]


def _medians(took: dict[str, list[float]]) -> tuple[float, float]:
    return median(took[OFFICIAL]), median(took[HERE])


async def _listing(contender: Contender) -> float:
    async with contender.started() as client:
        await client.request("ping", {})
        await anyio.sleep(LOADED_SECONDS)
        return await _search(Server(contender, client), "flux")


async def _balance(contender: Contender) -> float:
    begun = time.time()
    async with contender.started() as client:
        reply = await client.call("get_balance", {})
        assert reply.result
        return (reply.at - begun) * 1000


async def catalog_speed(bench: Bench) -> list[Row]:
    """`list_models` on 1,000 models: again and again, and first in a new process with the copy on disk."""
    warm: dict[str, list[float]] = {OFFICIAL: [], HERE: []}
    cold: dict[str, list[float]] = {OFFICIAL: [], HERE: []}
    async with stand_in() as sandbox, bench.servers(sandbox) as servers:
        for _ in range(WARM_CALLS):
            for server in servers:
                warm[server.name].append(await _search(server, "pictures"))
    async with stand_in() as sandbox, bench.contenders(sandbox) as contenders:
        for contender in contenders:
            async with contender.started() as client:
                await _search(Server(contender, client), "pictures")
        for _ in range(bench.repeats):
            for contender in contenders:
                async with contender.started() as client:
                    await client.request("ping", {})
                    await anyio.sleep(LOADED_SECONDS)
                    cold[contender.name].append(await _search(Server(contender, client), "pictures"))
    return [
        compared("list_models again, 1,000 models", *_medians(warm), "ms", "<= 1.0", 1),
        compared("list_models first, copy on disk", *_medians(cold), "ms", "<= 100 ms", 1),
    ]


async def _search(server: Server, query: str) -> float:
    started = time.time()
    reply = await server.client.call("list_models", {"query": query, "limit": 10})
    assert reply.result
    return (reply.at - started) * 1000


async def catalog_answers(bench: Bench) -> list[Row]:
    """The size of `list_models` on the real catalog of March 2026, and the calls from a wish to a picture."""
    if not CATALOG.exists():
        bench.say("skipped: the recorded catalog is not at hand")
        return []
    sandbox = Sandbox(key=KEY, balance=1e6, catalog_file=CATALOG)
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    sizes: dict[str, list[int]] = {}
    async with running(sandbox), bench.contenders(sandbox) as contenders:
        calls: dict[str, int] = {}
        for contender in contenders:
            async with contender.started() as client:
                sizes[contender.name] = [
                    len((await client.call("list_models", _query(contender, wish))).text.encode())
                    for wish in WISHES
                ]
                calls[contender.name] = await _wish(Server(contender, client))
    return [
        compared(
            f"list_models, {len(WISHES)} wishes, 794 models: median text",
            median(sizes[OFFICIAL]) / 1000,
            median(sizes[HERE]) / 1000,
            "kB",
            "<= 3 kB",
        ),
        compared("calls from a wish to a picture", calls[OFFICIAL], calls[HERE], "", "2", 0),
    ]


def _query(contender: Contender, wish: str) -> Json:
    """The official server looks for the whole text in names: its word is the wish's most telling one."""
    if contender.name == HERE:
        return {"query": wish}
    return {"query": max(wish.split(), key=len)}


async def _wish(server: Server) -> int:
    """Ask as an agent would that knows no model; returns how many calls it took."""
    if server.name == HERE:
        found = json.loads((await server.client.call("list_models", {"query": WISH})).text)["models"][0]
        assert "prompt*" in found["inputs"]
        steps = 2
    else:
        listed = await server.client.call("list_models", {"type": "text-to-image"})
        found = json.loads(listed.text)["models"][0]
        await server.client.call("get_model_schema", {"model": found["model_id"]})
        steps = 3
    done = await server.client.call(*server.contender.run(found["model_id"], {"prompt": WISH}))
    assert json.loads(done.text)["outputs"]
    return steps
