"""What is said in several files is the same in all of them."""

from __future__ import annotations

import re

import pytest

from wavespeed_mcp_server import __version__

from .project import data, text

OWNED = re.compile(r"(?:io\.github\.|github\.com/)([\w-]+)/wavespeed-mcp-server")


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("server.json", ("version",)),
        ("server.json", ("packages", 0, "version")),
        ("packaging/manifest.json", ("version",)),
        ("plugin.json", ("version",)),
        (".codex-plugin/plugin.json", ("version",)),
        ("gemini-extension.json", ("version",)),
        (".claude-plugin/plugin.json", ("version",)),
        (".claude-plugin/marketplace.json", ("plugins", 0, "version")),
    ],
)
def test_every_file_has_the_version_of_the_package(file: str, path: tuple[str | int, ...]) -> None:
    found = data(file)
    for step in path:
        found = found[step]
    assert found == __version__


def test_no_version_is_kept_in_a_file_that_the_test_above_does_not_know() -> None:
    assert 'dynamic = ["version"]' in text("pyproject.toml")
    assert len(data("server.json")["packages"]) == 1
    assert len(data(".claude-plugin/marketplace.json")["plugins"]) == 1


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    headings = re.findall(r"^## \[(.+?)\]", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[:2] == ["Unreleased", __version__]


def test_the_readme_names_the_bundle_by_its_version() -> None:
    assert set(re.findall(r"server-([\d.]+)\.mcpb", text("README.md"))) == {__version__}


def test_one_owner_is_named_everywhere() -> None:
    files = (
        "server.json",
        "packaging/manifest.json",
        "packaging/build_plugin.py",
        "plugin.json",
        ".codex-plugin/plugin.json",
        ".claude-plugin/plugin.json",
        "Dockerfile",
        "README.md",
    )
    owners = {name: set(OWNED.findall(text(name))) for name in files}
    owners["glama.json"] = set(data("glama.json")["maintainers"])
    assert len(set.union(*owners.values())) == 1
    assert all(owners.values()), owners
