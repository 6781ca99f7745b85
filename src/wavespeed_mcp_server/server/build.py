"""Builds the MCP server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from mcp.server import CacheHint, MCPServer
from mcp.server.request_state import RequestStateSecurity

from .. import __version__
from ..accounts import OpenAccounts
from ..settings import Settings
from ..tools import offered_tools, unknown_tools
from ..tools.call import AppState, Receipts, Uploads
from .apps import UiCapability, gallery
from .generate_tasks import GenerateTasks
from .late import LateTool
from .prompts import add_prompts
from .resources import add_resources
from .signed_state import SignedState
from .skills import Skills
from .task_extension import Tasks
from .toolbox import Toolbox, make_tool

logger = logging.getLogger(__name__)

NAME = "wavespeed"
WEBSITE = "https://wavespeed.ai"

INSTRUCTIONS = """\
WaveSpeedAI: about a thousand models that make and edit images, video, audio, music, speech, 3D and text.
1. list_models with the wish in a few words; a row shows inputs (* must be given) and base price.
2. generate with model and input. It returns output URLs.
3. status processing: the task goes on and is paid for; call check_status with its id. Never call generate
again for the same wish because a call was slow. If a call was cut off, check_status without ids shows its
task, and exactly the same call picks it up.
Runs cost money. estimate_price is free; max_price caps a call. Several runs: generate_batch.
get_model has all inputs of a model.
"""
HERE = """\
Local files: "@/abs/path" as an input value. download_outputs keeps results past 7 days.
"""
ELSEWHERE = """\
Files come in as https URLs or by create_upload, and go out as URLs for 7 days; paths mean nothing here.
"""

SANDBOX_NOTE = "This server runs on a sandbox: everything is invented and nothing costs money.\n"


@dataclass(frozen=True)
class Sharing:
    """What many callers on other machines need of one server.

    `states` seals what travels through a client while a person is asked, for one caller alone. `allowed`
    tells the only tools of whoever calls at the moment, none where it may use all. `uploads` takes files in.
    `observe` is told of each call: the tool, whether it was done, and the seconds it took. `reference` names
    the call, at the end of its error's text.
    """

    states: RequestStateSecurity
    allowed: Callable[[], Collection[str]]
    uploads: Uploads
    observe: Callable[[str, bool, float], None]
    reference: Callable[[], str]


def build_server(
    settings: Settings,
    open_accounts: OpenAccounts,
    *,
    receipts: Receipts | None = None,
    sharing: Sharing | None = None,
) -> Toolbox:
    """The server of these accounts, with no file, connection or task opened yet.

    `receipts` is given by a transport that knows when an answer has reached its caller, `sharing` by one with
    many callers, whose machines' files are out of reach.
    """

    @asynccontextmanager
    async def lifespan(server: MCPServer[AppState]) -> AsyncIterator[AppState]:
        async with open_accounts() as accounts:
            yield AppState(accounts, receipts, sharing.uploads if sharing else None)

    wrong = unknown_tools(settings.tools)
    for sentence in wrong:
        logger.warning("%s", sentence)
    elsewhere, asks = sharing is not None, settings.confirm_above is not None
    offered = [
        spec for spec in offered_tools(settings.tools) if not (spec.local if elsewhere else spec.remote)
    ]
    server = Toolbox(
        NAME,
        title="WaveSpeedAI",
        version=__version__,
        website_url=WEBSITE,
        instructions=(SANDBOX_NOTE if settings.sandbox else "")
        + "".join(f"{one}\n" for one in wrong)
        + INSTRUCTIONS
        + (HERE if sharing is None else ELSEWHERE),
        tools=[
            LateTool.named(spec.name, partial(make_tool, spec, asks=asks, remote=elsewhere))
            for spec in offered
        ],
        extensions=[
            UiCapability(),
            # The skill speaks of files on the caller's machine.
            *([] if elsewhere else [Skills()]),
            *([Tasks(GenerateTasks())] if settings.tasks else []),
        ],
        resources=[gallery(settings.base_url)],
        lifespan=lifespan,
        subscriptions=False,
        log_level="WARNING",
        # The one client of a process has no name that a state could be bound to.
        request_state_security=sharing.states
        if sharing
        else RequestStateSecurity(codec=SignedState(), bind_principal=None),
        cache_hints={
            "tools/list": CacheHint(ttl_ms=3_600_000, scope="private" if sharing else "public"),
        },
    )
    if sharing is not None:
        server.allowed = sharing.allowed
        server.observe = sharing.observe
        server.reference = sharing.reference
    add_resources(server)
    add_prompts(server, remote=elsewhere)
    return server
