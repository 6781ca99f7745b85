"""Builds the MCP server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mcp.server import CacheHint, MCPServer

from .. import __version__
from ..accounts import OpenAccounts
from ..settings import Settings
from ..tools import offered_tools, unknown_tools
from ..tools.call import AppState, Receipts
from .apps import UiCapability, gallery
from .generate_tasks import GenerateTasks
from .prompts import add_prompts
from .resources import add_resources
from .skills import Skills
from .task_extension import Tasks
from .toolbox import Toolbox, make_tool

logger = logging.getLogger(__name__)

NAME = "wavespeed"
WEBSITE = "https://wavespeed.ai"

INSTRUCTIONS = """\
WaveSpeedAI: about a thousand models that make and edit images, video, audio, music, speech, 3D and text.
1. list_models with the wish in a few words; a row shows inputs (* must be given) and base price.
2. generate with model and input. It returns output URLs. Local files: "@/abs/path" as an input value.
3. status processing: the task goes on and is paid for; call check_status with its id. Never call generate
again for the same wish because a call was slow. If a call was cut off, check_status without ids shows its
task, and exactly the same call picks it up.
Runs cost money. estimate_price is free; max_price caps a call. Several runs: generate_batch.
get_model has all inputs of a model, download_outputs keeps results past 7 days.
"""

SANDBOX_NOTE = "This server runs on a sandbox: everything is invented and nothing costs money.\n"


def build_server(
    settings: Settings, open_accounts: OpenAccounts, *, receipts: Receipts | None = None
) -> Toolbox:
    """The server of these accounts, with no file, connection or task opened yet.

    `receipts` is given by a transport that knows when an answer has reached its caller.
    """

    @asynccontextmanager
    async def lifespan(server: MCPServer[AppState]) -> AsyncIterator[AppState]:
        async with open_accounts() as accounts:
            yield AppState(accounts, receipts)

    wrong = unknown_tools(settings.tools)
    for sentence in wrong:
        logger.warning("%s", sentence)
    server = Toolbox(
        NAME,
        title="WaveSpeedAI",
        version=__version__,
        website_url=WEBSITE,
        instructions=(SANDBOX_NOTE if settings.sandbox else "")
        + "".join(f"{one}\n" for one in wrong)
        + INSTRUCTIONS,
        tools=[
            make_tool(spec, asks=settings.confirm_above is not None) for spec in offered_tools(settings.tools)
        ],
        extensions=[UiCapability(), Skills(), *([Tasks(GenerateTasks())] if settings.tasks else [])],
        resources=[gallery(settings.base_url)],
        lifespan=lifespan,
        subscriptions=False,
        log_level="WARNING",
        cache_hints={"tools/list": CacheHint(ttl_ms=3_600_000, scope="public")},
    )
    add_resources(server)
    add_prompts(server)
    return server
