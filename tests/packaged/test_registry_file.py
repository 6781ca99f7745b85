"""`server.json` is what the MCP registry takes.

The registry's schema (2025-12-11) is in no package and is not fetched here; `SCHEMA` holds what it says of
the parts used, and allows nothing else, so that a slip in a name cannot pass.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from wavespeed_mcp_server.setting_names import MEANINGS

from .project import data, text


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https://"}
VARIABLE = _object(
    ("name", "description"),
    name={"enum": list(MEANINGS)},
    description=TEXT,
    isRequired={"type": "boolean"},
    isSecret={"type": "boolean"},
    format={"enum": ["string", "number", "boolean", "filepath"]},
)
PACKAGE = _object(
    ("registryType", "identifier", "transport", "version"),
    registryType={"enum": ["pypi"]},
    registryBaseUrl={"enum": ["https://pypi.org"]},
    identifier={"enum": ["wavespeed-mcp-server"]},
    # A single version: the registry refuses "latest" and ranges.
    version={"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
    runtimeHint={"enum": ["uvx"]},
    transport=_object(("type",), type={"enum": ["stdio"]}),
    environmentVariables={"type": "array", "items": VARIABLE},
)
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **_object(
        ("$schema", "name", "description", "version"),
        **{
            "$schema": {
                "const": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
            },
            "name": {
                "type": "string",
                "minLength": 3,
                "maxLength": 200,
                "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$",
            },
            "title": {**TEXT, "maxLength": 100},
            "description": {**TEXT, "maxLength": 100},
            "version": {**TEXT, "maxLength": 255},
            "repository": _object(("url", "source"), url=URL, source={"const": "github"}),
            "packages": {"type": "array", "items": PACKAGE},
        },
    ),
}


def test_the_registry_file_is_what_the_registry_takes() -> None:
    Draft7Validator.check_schema(SCHEMA)
    errors = [error.message for error in Draft7Validator(SCHEMA).iter_errors(data("server.json"))]
    assert errors == []


def test_the_check_notices_a_slip() -> None:
    wrong = {**data("server.json"), "description": "x" * 101, "packges": []}
    assert len(list(Draft7Validator(SCHEMA).iter_errors(wrong))) == 2


def test_only_the_key_is_a_secret_and_only_the_key_is_required() -> None:
    variables = data("server.json")["packages"][0]["environmentVariables"]
    assert [one["name"] for one in variables if one.get("isSecret")] == ["WAVESPEED_API_KEY"]
    assert [one["name"] for one in variables if one.get("isRequired")] == ["WAVESPEED_API_KEY"]


def test_the_readme_proves_to_the_registry_whose_package_it_is() -> None:
    """The registry looks for this line in the description of the package on PyPI, which is the README."""
    assert f"<!-- mcp-name: {data('server.json')['name']} -->" in text("README.md").splitlines()
    assert 'readme = "README.md"' in text("pyproject.toml")


def test_glama_is_told_only_what_it_reads() -> None:
    assert set(data("glama.json")) == {"$schema", "maintainers"}
