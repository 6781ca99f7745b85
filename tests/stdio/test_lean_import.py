"""A server on standard streams does without what it never uses, and can do what it could with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from calling import Json, agreed
from wavespeed_mcp_server.sandbox import Sandbox

from .wire import Wire, modern, started

LEAN = """
import sys
from wavespeed_mcp_server.transports.lean_import import lean_import
with lean_import():
    from wavespeed_mcp_server.transports import stdio
"""
PAINT = {"name": "generate", "arguments": {"model": "sandbox/paint", "input": {"prompt": "a fox"}}}
ASKABLE: dict[str, Any] = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}}}


def printed(code: str) -> set[str]:
    """The words that a new interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", LEAN + code], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


NEVER_USED = {"mcp.client", "mcp.client.session", "httpx2._client", "uvicorn", "cryptography", "starlette"}
NEVER_USED |= {"mcp.server.auth", "mcp.server.sse", "mcp.server.streamable_http", "sse_starlette"}
OF_NEWER_CLIENTS = "mcp_types._v2026_07_28"
OF_SEARCHES = "wavespeed_mcp_server.catalog.search.index"


def test_nothing_is_loaded_that_a_first_call_does_without() -> None:
    loaded = printed("print(*sys.modules)")
    assert not loaded & (NEVER_USED | {OF_NEWER_CLIENTS, OF_SEARCHES})


def test_no_adapter_of_all_messages_is_built() -> None:
    names = "client_request_adapter", "server_result_adapter", "jsonrpc_message_adapter"
    code = f"import mcp.types\nprint(*(getattr(mcp.types, name).pydantic_complete for name in {names}))"
    assert printed(code) == {"False"}


@pytest.mark.parametrize(
    "used",
    [
        "import mcp; mcp.ClientSession",
        "import httpx2; httpx2.AsyncClient",
        "import uvicorn; uvicorn.Server",
        "import httpx; httpx.AsyncClient",
        "from starlette.applications import Starlette; assert Starlette().routes == []",
        "from mcp.server.auth.settings import AuthSettings; AuthSettings.model_validate",
        "from mcp.server.streamable_http import EventStore; assert EventStore.__mro__",
        "from mcp.types.methods import validate_client_request as read; read('ping', '2025-11-25', {})",
        "from mcp.types.methods import CLIENT_REQUESTS as known; from pydantic import TypeAdapter; "
        "assert TypeAdapter(known['tools/list', '2026-07-28']).json_schema()['properties']['method']",
        "from mcp.types import jsonrpc_message_adapter as all; "
        "assert all.validate_python({'jsonrpc': '2.0', 'id': 1, 'method': 'ping'}).id == 1",
        "from cryptography.hazmat.primitives.ciphers.aead import AESGCM; AESGCM(bytes(32))",
        "from mcp.server.request_state import AESGCM; AESGCM(AESGCM.generate_key(256))",
        "from mcp.server.request_state import RequestStateSecurity as made; codec = made.ephemeral().codec; "
        "assert codec.unseal(codec.seal(b'x')) == b'x'",
    ],
)
def test_what_is_asked_for_later_is_there(used: str) -> None:
    assert printed(f"{used}\nprint('used')") == {"used"}


def test_what_is_needed_while_it_is_imported_ends_the_lean_import(tmp_path: Path) -> None:
    (tmp_path / "hasty.py").write_text(
        "from cryptography.hazmat.primitives.hashes import SHA256\nSHA256()", encoding="utf-8"
    )
    code = f"sys.path.insert(0, {str(tmp_path)!r})\ntry:\n    with lean_import():\n        import hasty\n"
    code += "except ImportError:\n    import hasty\n    print('imported')"
    assert printed(code) == {"imported"}


def test_models_made_afterwards_are_built_at_once() -> None:
    code = "from pydantic import BaseModel, create_model\n"
    code += "print(BaseModel.model_config, create_model('Made', one=(int, ...)).__pydantic_complete__)"
    assert printed(code) == {"{}", "True"}


@pytest.mark.parametrize("needed", ["starlette", "mcp_types"])
async def test_a_release_that_needs_what_is_left_out_is_served_with_it(
    given: dict[str, str], needed: str
) -> None:
    code = f"""
from wavespeed_mcp_server.transports import lean_import
lean_import.OPTIONAL = ({needed!r},)
from wavespeed_mcp_server.cli import main
sys.exit(main())
"""
    async with started(given, [sys.executable, "-c", "import sys" + code]) as wire:
        await wire.initialize("2025-11-25")
        assert not (await wire.request("tools/call", PAINT)).get("isError")


async def test_a_yes_buys_and_one_that_this_process_did_not_ask_for_does_not(
    given: dict[str, str], sandbox: Sandbox
) -> None:
    given |= {"WAVESPEED_CONFIRM_ABOVE": "0"}
    async with started(given) as wire, started(given) as another:
        question = await asked(wire)
        state: str = question["requestState"]
        elsewhere: str = (await asked(another))["requestState"]
        middle = len(state) // 2
        changed = state[:middle] + ("A" if state[middle] != "A" else "B") + state[middle + 1 :]
        for forged in ("", "x", "=", "ü", changed, state + "=", state[:-4], state.swapcase(), elsewhere):
            yes = {**PAINT, **agreed(question), "requestState": forged}
            error = await wire.refused("tools/call", modern(yes, **ASKABLE))
            assert "requestState" in error["message"], forged
        assert not sandbox.submissions
        bought = await wire.request("tools/call", modern({**PAINT, **agreed(question)}, **ASKABLE))
    assert bought["structuredContent"]["status"] == "completed"
    assert len(sandbox.submissions) == 1


async def asked(wire: Wire) -> Json:
    """What the person is asked before a run."""
    question = await wire.request("tools/call", modern(PAINT, **ASKABLE))
    assert question["inputRequests"]
    return question
