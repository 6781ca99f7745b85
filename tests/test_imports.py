"""Imports point one way, as docs/architecture.md says, and nothing heavy is loaded before it is needed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import wavespeed_mcp_server

PACKAGE = Path(wavespeed_mcp_server.__file__).parent
ARCHITECTURE = Path(__file__).parents[1] / "docs" / "architecture.md"
EVERYTHING = "everything"


def modules() -> list[Path]:
    """Every source file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """The room a file is in: its folder, or its own name."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else path.stem


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module imported anywhere in a file, absolute, with its line."""
    package = ["wavespeed_mcp_server", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base, node.lineno
            yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)


def rooms_imported(path: Path) -> set[str]:
    """The other rooms of the package that a file imports."""
    rooms = {room_of(one) for one in modules()}
    found = {name.split(".")[1] for name, _ in imports(path) if name.startswith("wavespeed_mcp_server.")}
    return (found & rooms) - {room_of(path)}


def places(name: str) -> set[str]:
    """The files that import `name` or something in it, relative to the package."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in modules()
        for imported, _ in imports(path)
        if imported == name or imported.startswith(f"{name}.")
    }


def table() -> list[tuple[set[str], str]]:
    """The rows of the table of rooms, in its order: which rooms, and what they may import."""
    rows = []
    for line in ARCHITECTURE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 3:
            rows.append((named(cells[0]), cells[2]))
    return rows


def named(cell: str) -> set[str]:
    """The rooms a cell names."""
    return {part.removesuffix("/").removesuffix(".py") for part in cell.split("`")[1::2]}


def allowed(cell: str, rows: list[tuple[set[str], str]]) -> set[str]:
    """The rooms that a cell of the last column allows."""
    every = set().union(*(rooms for rooms, _ in rows))
    if cell.startswith(EVERYTHING):
        return every - named(cell)
    found = named(cell)
    if "and below" in cell:
        highest = cell.split("`")[1]
        start = next(index for index, (rooms, _) in enumerate(rows) if highest in rooms)
        found |= set().union(*(rooms for rooms, _ in rows[start:]))
    return found


ROWS = table()
# What any room may know: the version, the settings' names, and the smallest things that all use.
KNOWN_TO_ALL = {"__init__", "json_text", "gather", "private", "setting_names", "settings", "text", "wakeups"}


def test_every_room_is_in_the_table_of_the_architecture() -> None:
    listed = set().union(*(rooms for rooms, _ in ROWS))
    assert {room_of(path) for path in modules()} - {"__init__", "__main__"} == listed


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    if path.name == "__main__.py":
        assert rooms_imported(path) == {"cli"}
        return
    room = room_of(path)
    cells = [cell for rooms, cell in ROWS if room in rooms]
    granted = set().union(*(allowed(cell, ROWS) for cell in cells)) | KNOWN_TO_ALL
    siblings = set().union(*(rooms for rooms, _ in ROWS if room in rooms))
    assert rooms_imported(path) <= granted | siblings


def test_http_is_spoken_in_the_api_layer_alone() -> None:
    assert {place.split("/")[0] for place in places("httpx")} == {"api"}


def test_sqlite3_is_imported_in_one_file() -> None:
    assert places("sqlite3") == {"ledger/sqlite.py"}


def test_only_the_agents_side_knows_of_mcp() -> None:
    below = {
        "api",
        "catalog",
        "files",
        "ledger",
        "runs",
        "sandbox",
        "settings.py",
        "accounts.py",
        "process.py",
        "cli.py",
    }
    assert not below & {place.split("/")[0] for place in places("mcp")}


def test_only_the_command_line_starts_the_sandbox() -> None:
    users = {place for place in places("wavespeed_mcp_server.sandbox") if not place.startswith("sandbox/")}
    assert {place.split("/")[0] for place in users} == {"commands"}


def test_only_the_command_line_reads_the_environment() -> None:
    readers = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}:
                readers.add(path.relative_to(PACKAGE).as_posix())
    assert readers == {"cli.py"}


def test_only_the_command_line_prints() -> None:
    printers = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                printers.add(room_of(path))
    assert printers <= {"cli", "commands"}


PATCHES = re.compile("(get|set|del)(attr|item)$|patch")


def functions(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every function and method that code defines, by its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name


def private_names_touched(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Names that code uses and that belong to other code, if they have an underscore; by their lines."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wavespeed_mcp_server")
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) not in {"self", "cls"}:
            yield node.lineno, node.attr
        elif isinstance(node, ast.Call) and PATCHES.search(ast.unparse(node.func)):
            texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
            yield from ((node.lineno, text.split(".")[-1]) for text in texts if isinstance(text, str))
        elif isinstance(node, ast.ClassDef) and imported & {ast.unparse(base) for base in node.bases}:
            yield from ((line, name) for line, name in functions(node) if name in METHODS)


METHODS = {name for path in modules() for _, name in functions(ast.parse(path.read_text(encoding="utf-8")))}


@pytest.mark.parametrize("folder", ["tests", "benchmarks"])
def test_no_test_touches_what_is_private(folder: str) -> None:
    found = [
        f"{path.relative_to(ARCHITECTURE.parents[1])}:{line}: {name}"
        for path in sorted((ARCHITECTURE.parents[1] / folder).rglob("*.py"))
        if "node_modules" not in path.parts
        for line, name in private_names_touched(ast.parse(path.read_text(encoding="utf-8")))
        if re.match("_[^_]", name)
    ]
    assert found == []


# What a package is called where it is installed, if not by the name it is imported by.
PACKAGES = {"PIL": "pillow"}


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ARCHITECTURE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    always, media = project["project"]["dependencies"], extras["media"] + extras["http"]
    declared = {re.split(r"[^A-Za-z0-9-]", one)[0] for one in [*always, *media]}
    known = set(sys.stdlib_module_names) | {"wavespeed_mcp_server"}
    imported = {name.split(".")[0] for path in modules() for name, _ in imports(path)} - known
    assert {PACKAGES.get(name, name.replace("_", "-")) for name in imported} <= declared


HEAVY = {
    "mcp",
    "httpx",
    "pydantic",
    "anyio",
    "starlette",
    "uvicorn",
    "PIL",
    "av",
    "jsonschema",
    "sqlite3",
    "tomlkit",
    "ruamel",
}


def loaded_after(statement: str) -> set[str]:
    """The top-level modules that a new interpreter has loaded after `statement`."""
    code = f"{statement}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


def test_reading_the_arguments_loads_nothing_heavy() -> None:
    code = "from wavespeed_mcp_server.grammar import read_arguments; read_arguments(['demo'])"
    assert not loaded_after(code) & HEAVY


def test_a_greeting_loads_nothing_heavy() -> None:
    code = (
        "import os; from wavespeed_mcp_server.transports.greeting import record_for; "
        "record_for(os.environ, []).answers()"
    )
    assert not loaded_after(code) & (
        HEAVY | {"asyncio", "argparse", "dataclasses", "pathlib", "platformdirs"}
    )


LISTING = """
import anyio
from mcp.client import Client
from wavespeed_mcp_server.accounts import one_account
from wavespeed_mcp_server.server import build_server
from wavespeed_mcp_server.settings import Settings

async def listing():
    async with Client(build_server(Settings(), one_account(Settings()))) as client:
        assert (await client.list_tools()).tools

anyio.run(listing)
"""


def test_listing_the_tools_loads_neither_http_nor_pictures() -> None:
    assert not loaded_after(LISTING) & {"httpx", "PIL", "av", "jsonschema"}


def test_every_module_that_the_architecture_sends_a_reader_to_is_there() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    asked = text.partition("## Where to look")[2].partition("## Decisions")[0]
    named = re.findall(r"`([\w/]+\.py)`", asked)
    assert len(named) > 20
    assert [name for name in named if not (PACKAGE / name).is_file()] == []
    assert all(len(re.findall(r"\.py`", line)) <= 3 for line in asked.splitlines())
