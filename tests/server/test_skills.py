"""Skills over MCP: a host that follows the specification can list, verify and read what is served."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Any, ClassVar

import anyio
import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, Request, RequestParams, Result, TextResourceContents
from ruamel.yaml import YAML

from calling import PATIENCE_SECONDS, Json
from wavespeed_mcp_server.server.skills import SKILLS

URI = "skill://wavespeed/SKILL.md"


class AnyParams(RequestParams):
    """Whatever a request carries."""

    model_config: ClassVar[Any] = {"extra": "allow"}


class Answer(Result):
    """Any answer, as it was sent."""

    model_config: ClassVar[Any] = {"extra": "allow"}


async def send(client: Client, method: str, /, **params: Any) -> Json:
    """A request of the extension."""
    request: Request[Any, Any] = Request(method=method, params=AnyParams(**params))
    with anyio.fail_after(PATIENCE_SECONDS):
        answer = await client.session.send_request(request, Answer)
    return answer.model_dump(by_alias=True, mode="json", exclude_none=True)


async def read(client: Client, uri: str) -> bytes:
    """The raw bytes of a file of a skill."""
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "text/markdown"
    return content.text.encode()


async def test_a_client_of_2026_is_told_that_there_are_skills(connect: Any, settings: Any) -> None:
    async with connect(settings, "auto") as client:
        assert client.server_capabilities.extensions[SKILLS] == {}
        assert client.server_capabilities.resources is not None


async def test_the_listing_is_a_whole_manifest_and_what_is_read_fits_it(client: Client) -> None:
    listed = await send(client, "skills/list")
    assert (listed["resultType"], listed["cacheScope"]) == ("complete", "public") and listed["ttlMs"] > 0
    (skill,) = listed["skills"]
    assert skill["uri"] == URI and skill["uri"] in [one["uri"] for one in skill["resources"]]
    assert skill["uri"].split("/")[-2] == skill["frontmatter"]["name"]
    served = {str(one.uri): one for one in (await client.list_resources()).resources}
    for file in skill["resources"]:
        content = await read(client, file["uri"])
        assert file["digest"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert file["size"] == len(content)
        assert file["uri"] in served
    assert served[URI].name == skill["frontmatter"]["name"]
    assert served[URI].description == skill["frontmatter"]["description"]


async def test_a_skill_is_got_by_its_uri_as_it_is_listed(client: Client) -> None:
    got = await send(client, "skills/get", uri=URI)
    assert got["skill"] == (await send(client, "skills/list"))["skills"][0]
    assert (got["resultType"], got["cacheScope"]) == ("complete", "public") and got["ttlMs"] > 0


async def test_the_front_matter_is_that_of_the_file_as_yaml_reads_it(client: Client) -> None:
    _, head, _ = (await read(client, URI)).decode().split("---\n", 2)
    (skill,) = (await send(client, "skills/list"))["skills"]
    assert skill["frontmatter"] == YAML(typ="safe").load(head)


async def test_every_file_of_a_skill_is_in_its_manifest(client: Client) -> None:
    folder = files("wavespeed_mcp_server").joinpath("skills", "wavespeed")
    (skill,) = (await send(client, "skills/list"))["skills"]
    listed = {one["uri"].removeprefix("skill://wavespeed/") for one in skill["resources"]}
    with_main = {one.name for one in folder.iterdir() if one.is_file()}
    assert with_main <= listed


@pytest.mark.parametrize("uri", ["skill://other/SKILL.md", "skill://wavespeed", "skill://wavespeed/x.md", ""])
async def test_what_is_no_skill_is_an_invalid_parameter(client: Client, uri: str) -> None:
    with pytest.raises(MCPError) as caught:
        await send(client, "skills/get", uri=uri)
    assert caught.value.error.code == INVALID_PARAMS
    with pytest.raises(MCPError) as caught:
        await send(client, "skills/list", cursor="2")
    assert caught.value.error.code == INVALID_PARAMS
