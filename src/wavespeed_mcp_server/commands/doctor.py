"""Checks what a server needs: key, network, directories, ledger, limits."""

from __future__ import annotations

import os
import platform
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from .. import __version__
from ..accounts import open_account, path_policy
from ..api.errors import ApiError, NotFound
from ..catalog import CatalogError
from ..files import FileRefused
from ..process import state_dir
from ..runs import Account, dollars
from ..setting_names import DEFAULT_BASE_URL, KEY
from ..settings import Settings
from ..tools import unknown_tools
from .serving import on_sandbox
from .terminal import show

BASE_URL_MEANT = f"WAVESPEED_BASE_URL is {DEFAULT_BASE_URL}, unless you run another."
MARKS = {True: "ok  ", False: "FAIL"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    good: bool
    text: str


def doctor(settings: Settings, *, sandbox: bool = False, as_json: bool = False) -> int:
    """Print what was found; 1 where something has to be mended."""
    findings = anyio.run(_examine, settings, sandbox)
    bad = [one for one in findings if not one.good]
    lines = [f"{MARKS[one.good]} {one.name:<12} {one.text}" for one in findings]
    lines.append("Everything is in order." if not bad else f"{len(bad)} to mend.")
    show({"good": not bad, "findings": [asdict(one) for one in findings]}, lines, as_json=as_json)
    return 1 if bad else 0


async def _examine(settings: Settings, sandbox: bool) -> list[Finding]:
    used = on_sandbox(settings) if sandbox else nullcontext(settings)
    async with used as chosen, open_account(chosen) as account:
        findings = [
            Finding(
                "version", True, f"{__version__}, Python {platform.python_version()} on {platform.system()}"
            )
        ]
        findings += [Finding("setting", False, problem) for problem in chosen.problems.values()]
        findings += [Finding("setting", False, problem) for problem in unknown_tools(chosen.tools)]
        findings.append(_key(chosen))
        if chosen.api_key:
            findings.append(await _network(chosen, account))
        if findings[-1].good:
            # Without a key or an answer, the catalog has the same to say.
            findings.append(await _try("catalog", lambda: _catalog(account)))
        findings.append(await anyio.to_thread.run_sync(_output, chosen))
        findings.append(await anyio.to_thread.run_sync(_readable, chosen))
        findings.append(await _ledger(chosen, account))
        findings.append(await _limits(chosen, account))
        return findings


def _key(settings: Settings) -> Finding:
    if settings.api_key:
        return Finding("key", True, f"{len(settings.api_key)} characters, from {settings.key_source}")
    if KEY in settings.problems:
        return Finding("key", False, "none that can be used (see above)")
    return Finding(
        "key", False, "WAVESPEED_API_KEY is not set; keys are made at https://wavespeed.ai/accesskey"
    )


async def _network(settings: Settings, account: Account) -> Finding:
    async def ask() -> str:
        try:
            balance = await account.client.balance()
        except NotFound as error:
            raise ApiError(f"There is no WaveSpeedAI API at {settings.base_url}: {BASE_URL_MEANT}") from error
        return f"{settings.base_url} answers; the balance is {dollars(balance)}"

    return await _try("network", ask)


async def _catalog(account: Account) -> str:
    found = await account.catalog.search(limit=1)
    return f"{found.total} models{' (an old copy)' if found.stale else ''}"


async def _try(name: str, ask: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(name, True, await ask())
    except (ApiError, CatalogError) as error:
        return Finding(name, False, str(error))


def _output(settings: Settings) -> Finding:
    place = path_policy(settings)
    try:
        directory = place.writable_dir("")
    except FileRefused as error:
        return Finding("output", False, str(error))
    return Finding("output", os.access(directory, os.W_OK), str(directory))


def _readable(settings: Settings) -> Finding:
    place = path_policy(settings)
    found = [str(one) for one in (place.output_dir, *place.allowed) if Path(one).is_dir()]
    if not found:
        return Finding("uploads", False, "from nowhere: no directory of WAVESPEED_ALLOWED_DIRS is there")
    return Finding("uploads", True, "from " + ", ".join(dict.fromkeys(found)))


async def _ledger(settings: Settings, account: Account) -> Finding:
    _, count = await account.ledger.open_rows(account.caller)
    if account.ledger.fault:
        return Finding("ledger", False, account.ledger.fault)
    return Finding("ledger", True, f"{state_dir(settings)}; {count} open")


async def _limits(settings: Settings, account: Account) -> Finding:
    if settings.limit_problem:
        return Finding("limits", False, "one cannot be read (see above), so every run is refused")
    limits = (
        ("per call", settings.max_price),
        ("per 24 hours", settings.daily_budget),
        ("asks above", settings.confirm_above),
    )
    set_ones = [f"{dollars(amount)} {name}" for name, amount in limits if amount is not None]
    spent = dollars(await account.ledger.spent())
    return Finding("limits", True, f"{', '.join(set_ones) or 'none set'}; {spent} in the last 24 hours")
