"""The Skills extension of MCP (SEP-2640): how to work with these tools, for hosts that load skills.

Each file of a skill is a resource under `skill://`; `skills/list` and `skills/get` say which files belong to
it, with their sizes and digests, so that a host can see that what it reads is what a person agreed to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.extension import Extension, MethodBinding, ResourceBinding
from mcp.server.mcpserver.resources import FunctionResource
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, RequestParams

SKILLS = "io.modelcontextprotocol/skills"
MAIN = "SKILL.md"
FRESH: dict[str, Any] = {"resultType": "complete", "ttlMs": 3_600_000, "cacheScope": "public"}

Context = ServerRequestContext[Any, Any]


class ListSkillsParams(RequestParams):
    """Which page is meant; there is one."""

    cursor: str | None = None


class GetSkillParams(RequestParams):
    """Which skill is meant, by the URI of its SKILL.md."""

    uri: str


class Skills(Extension):
    """Serves the skills of this package."""

    identifier = SKILLS

    def resources(self) -> Sequence[ResourceBinding]:
        """Every file of every skill."""
        return [ResourceBinding(_resource(name, path)) for name in _names() for path in _paths(_folder(name))]

    def methods(self) -> Sequence[MethodBinding]:
        """The two methods that every server with skills has."""
        return [
            MethodBinding("skills/list", ListSkillsParams, self._list),
            MethodBinding("skills/get", GetSkillParams, self._get),
        ]

    async def _list(self, ctx: Context, params: ListSkillsParams) -> dict[str, Any]:
        if params.cursor is not None:
            raise MCPError(code=INVALID_PARAMS, message="There is one page of skills, and it has no cursor.")
        return {**FRESH, "skills": [_entry(name) for name in _names()]}

    async def _get(self, ctx: Context, params: GetSkillParams) -> dict[str, Any]:
        for name in _names():
            if params.uri == _uri(name, MAIN):
                return {**FRESH, "skill": _entry(name)}
        raise MCPError(code=INVALID_PARAMS, message="No skill has this URI.", data={"uri": params.uri})


def front_matter(text: str) -> dict[str, str]:
    """The fields at the top of a SKILL.md. Those of this package are one line each, without quotes."""
    _, head, _ = text.split("---\n", 2)
    fields = (line.partition(": ") for line in head.splitlines())
    return {name: value for name, _, value in fields}


def _entry(name: str) -> dict[str, Any]:
    contents = {path: _folder(name).joinpath(path).read_bytes() for path in _paths(_folder(name))}
    return {
        "uri": _uri(name, MAIN),
        "frontmatter": front_matter(contents[MAIN].decode()),
        "resources": [
            {
                "uri": _uri(name, path),
                "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "size": len(content),
            }
            for path, content in contents.items()
        ],
    }


def _resource(name: str, path: str) -> FunctionResource:
    file = _folder(name).joinpath(path)

    def read() -> str:
        return file.read_bytes().decode()

    fields = front_matter(read()) if path == MAIN else {}
    return FunctionResource(
        uri=_uri(name, path),
        name=fields.get("name", path),
        description=fields.get("description"),
        mime_type="text/markdown",
        fn=read,
    )


def _uri(name: str, path: str) -> str:
    return f"skill://{name}/{path}"


def _names() -> list[str]:
    """The skills there are, each a folder of its own name."""
    root = files("wavespeed_mcp_server").joinpath("skills")
    return sorted(one.name for one in root.iterdir() if one.joinpath(MAIN).is_file())


def _folder(name: str) -> Traversable:
    return files("wavespeed_mcp_server").joinpath("skills", name)


def _paths(folder: Traversable, above: str = "") -> Iterator[str]:
    """The files of a skill, by their paths in it, its SKILL.md first."""
    for one in sorted(folder.iterdir(), key=lambda one: (one.name != MAIN, one.name)):
        if one.is_dir():
            yield from _paths(one, f"{above}{one.name}/")
        else:
            yield above + one.name
