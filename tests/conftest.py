"""Fixtures every test can use: a running sandbox, settings that lead to it, clients in both protocol eras.

Tools that a machine may lack (a browser, Node) are asked for with `needs`; see there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from mcp.client import Client

from calling import Connect, MakeSettings
from in_full import IN_FULL
from postgres import Postgres, cluster, programs
from wavespeed_mcp_server.accounts import one_account
from wavespeed_mcp_server.api import schedule
from wavespeed_mcp_server.sandbox import Sandbox, running
from wavespeed_mcp_server.server import build_server
from wavespeed_mcp_server.settings import Settings


def pytest_configure() -> None:
    """Let the processes that tests start be interrupted, also where a shell in the background ignores it.

    How long an example takes is the machine's affair.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    hypothesis.settings.register_profile("any machine", deadline=None)
    hypothesis.settings.load_profile("any machine")
    gone = [name for name in EVERY_SET if not any(TESTS.glob(name.rstrip("/") + "*"))]
    if gone:
        raise pytest.UsageError(f"EVERY_SET in tests/conftest.py names no test: {', '.join(gone)}")


KEY = "sandbox-key"
MODES = ("auto", "legacy")
TESTS = Path(__file__).parent
# A start, both eras, a run, the ledger, the search, the gallery's wiring: what another release can break.
EVERY_SET = (
    "apps/test_metadata",
    "catalog/test_search",
    "hosts/test_model_providers",
    "ledger/",
    "server/test_generate_tasks",
    "server/test_resources",
    "stdio/",
    "tools/test_batch",
    "tools/test_generate",
    "tools/test_refusals",
    "tools/test_surface",
)
DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they ask for and where they stand; see the markers in pyproject.toml."""
    for item in items:
        if item.path.relative_to(TESTS).as_posix().startswith(EVERY_SET):
            item.add_marker(pytest.mark.every_set)
        if {"needs", "lacking"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.ci)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """asyncio is the loop the server runs on."""
    return "asyncio"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A running stand-in. Its tasks take no time unless a test sets `run_seconds`."""
    sandbox = Sandbox(key=KEY, balance=10.0)
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    async with running(sandbox):
        yield sandbox


@pytest.fixture
def make_settings(sandbox: Sandbox, tmp_path: Path) -> MakeSettings:
    """Settings that lead to the sandbox, with every directory below `tmp_path`; overrides by field name.

    `tmp_path/in` may be read, `tmp_path/out` is the output directory, `tmp_path/state` keeps the ledger.
    """
    for name in ("home", "in", "project"):
        (tmp_path / name).mkdir(exist_ok=True)

    def make(**overrides: Any) -> Settings:
        given = {
            "api_key": KEY,
            "base_url": sandbox.url,
            "home": tmp_path / "home",
            "allowed_dirs": (tmp_path / "in",),
            "output_dir": tmp_path / "out",
            "project_dir": tmp_path / "project",
            "state_dir": tmp_path / "state",
        }
        return Settings(**{**given, **overrides})

    return make


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    """The plain settings of `make_settings`."""
    return make_settings()


@pytest.fixture
def first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is first looked at after 0.07 s instead of 0.7 s: most runs here take no time."""
    if not IN_FULL:
        monkeypatch.setattr(schedule, "FIRST_RUN", ((0.2, 0.07), *schedule.FIRST_RUN))


@pytest.fixture
def connect(first_look: None) -> Connect:
    """`async with connect(settings, mode) as client`: a client of a new server in this process.

    `mode` is "auto" (protocol 2026-07-28) or "legacy" (2025-11-25 and before, by `initialize`).
    """

    @asynccontextmanager
    async def connected(settings: Settings, mode: str = "auto", **client: Any) -> AsyncIterator[Client]:
        async with Client(build_server(settings, one_account(settings)), mode=mode, **client) as connected:
            yield connected

    return connected


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    """Both protocol eras: a test with it runs in each."""
    return str(request.param)


@pytest.fixture
async def client(connect: Connect, settings: Settings, mode: str) -> AsyncIterator[Client]:
    """A client on the plain settings, in both eras."""
    async with connect(settings, mode) as client:
        yield client


def required(reason: str) -> None:
    """Skip this test for `reason`, or fail it where everything must run (REQUIRE_ALL=1, as in CI)."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1 forbids to skip: {reason}")
    pytest.skip(reason)


@pytest.fixture
def needs() -> Callable[[str, str], str]:
    """`needs("node", "runs the TypeScript SDK")`: the program's path, or the test is skipped with the reason.

    Where REQUIRE_ALL=1 a missing program fails the test instead.
    """

    def find(program: str, why: str) -> str:
        path = shutil.which(program)
        if path is None:
            required(f"{program} is not installed ({why})")
        return str(path)

    return find


@pytest.fixture
def lacking() -> Callable[[str], None]:
    """`lacking("no package index is reachable")`: skips this test, or fails it where everything must run."""
    return required


@pytest.fixture
def media_extra(lacking: Callable[[str], None]) -> None:
    """The test needs what the extra `media` installs."""
    for package in ("av", "pillow_heif"):
        if find_spec(package) is None:
            lacking(f"{package} is not installed (the extra media)")


@pytest.fixture
def catalogs() -> list[Path]:
    """The recorded answers of the real catalog; always skipped where they are not at hand."""
    found = sorted(DATA.glob("models-*.json")) if DATA.is_dir() else []
    if not found:
        pytest.skip("the recorded catalogs are not at hand")
    return found


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the tests' own. A test that stops it starts it again."""
    where = programs()
    if where is None:
        required("PostgreSQL is not installed (.ci/install-team)")
    assert where is not None
    with cluster(where) as database:
        yield database


@pytest.fixture
def database_url(postgres: Postgres, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    return postgres.named(hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20])
