"""What a host learns about the gallery before it shows anything, in both protocol eras."""

from __future__ import annotations

import pytest
from mcp.client import Client
from mcp.types import TextResourceContents

from calling import Connect, MakeSettings
from wavespeed_mcp_server.server.apps import GALLERY_URI, gallery
from wavespeed_mcp_server.server.apps.page import OUTPUT_HOSTS, page

MOST_BYTES = 20_000
SHOWN = {"generate", "generate_batch", "check_status", "list_predictions"}


async def test_the_tools_that_give_outputs_name_the_page_in_both_forms(client: Client) -> None:
    tools = {tool.name: tool.meta or {} for tool in (await client.list_tools()).tools}
    assert {name for name, meta in tools.items() if "ui" in meta} == SHOWN
    for name in SHOWN:
        assert tools[name]["ui"] == {"resourceUri": GALLERY_URI}
        assert tools[name]["ui/resourceUri"] == GALLERY_URI


async def test_the_page_is_read_as_an_app_with_its_policy(client: Client) -> None:
    (content,) = (await client.read_resource(GALLERY_URI)).contents
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "text/html;profile=mcp-app"
    assert content.text == page()
    meta = (content.meta or {})["ui"]
    # A host refuses to show a page whose domain it did not give.
    assert "domain" not in meta
    assert meta["csp"]["connectDomains"] == []


async def test_the_capability_is_told(connect: Connect, make_settings: MakeSettings) -> None:
    """Only `server/discover` can carry it; an `initialize` answer has no place for extensions."""
    async with connect(make_settings(), "auto") as client:
        capabilities = client.server_capabilities
        assert capabilities is not None
        assert "io.modelcontextprotocol/ui" in (capabilities.extensions or {})


@pytest.mark.parametrize(
    ("base_url", "own"),
    [
        ("https://api.wavespeed.ai", []),
        ("http://127.0.0.1:8787/", ["http://127.0.0.1:8787"]),
        ("https://proxy.example", []),
    ],
)
def test_media_may_come_from_the_output_hosts_and_from_an_api_on_this_machine(
    base_url: str, own: list[str]
) -> None:
    meta = gallery(base_url).meta or {}
    assert meta["ui"]["csp"]["resourceDomains"] == [*OUTPUT_HOSTS, *own]


def test_the_page_is_one_small_file_that_loads_nothing_else() -> None:
    text = page()
    assert len(text.encode()) <= MOST_BYTES
    for risky in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "eval(",
        "document.write",
        "import ",
        "<link",
        "src=",
        "@import",
        "fetch(",
    ):
        assert risky not in text


def test_the_page_calls_no_tool_that_spends() -> None:
    text = page()
    called = {part.split('"')[0] for part in text.split('call("')[1:]}
    assert called == {"check_status", "view_output", "estimate_price"}
