"""Tokens for a team: issued, listed and taken back by the operator, on the machine that has the ledger."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import time
from typing import Any

import anyio

from ..ledger import LedgerUnavailable, NameTaken, Token, Tokens
from ..process import open_store
from ..runs import RunError, dollars, moment
from ..settings import Settings
from .terminal import complain, show

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
LIMITS = ("daily_budget", "max_price", "confirm_above")
Verb = Callable[[Tokens, Namespace], Awaitable[int]]


def tokens(settings: Settings, arguments: Namespace, database_url: str = "") -> int:
    """Run `tokens add`, `list` or `revoke`; returns the exit code."""

    async def run() -> int:
        store = open_store(settings, database_url)
        try:
            if arguments.action == "add":
                return await add(Tokens(store), settings, arguments)
            return await VERBS[arguments.action](Tokens(store), arguments)
        except LedgerUnavailable:
            complain(f"tokens are kept in the ledger, which cannot be used: {store.fault or store.damage}.")
            return 1
        finally:
            await store.aclose()

    return anyio.run(run)


async def add(tokens: Tokens, settings: Settings, arguments: Namespace) -> int:
    """Issue a token and print it, alone: it is not shown again."""
    tools = tuple((getattr(arguments, "set_tools", None) or "").replace(",", " ").split())
    if wrong := _unknown(tools):
        # Below the complaint, where a tool's name stays what it is.
        complain("--tools cannot be taken.", wrong)
        return 2
    try:
        wanted = _wanted(settings, arguments, tools)
    except RunError as error:
        complain(error)
        return 2
    try:
        print(await tokens.add(wanted), flush=True)
    except NameTaken:
        complain(f"there is a token {arguments.name!r} already; revoke it first, or take another name.")
        return 1
    return 0


def _wanted(settings: Settings, arguments: Namespace, tools: tuple[str, ...]) -> Token:
    """The token that the arguments describe. What the environment sets is the server's, and not the token's.

    Raises:
        RunError: an argument cannot be read.
    """
    if not NAME.fullmatch(arguments.name):
        raise RunError("NAME has up to 64 letters, digits, dots, dashes, underlines and @.")
    limits: dict[str, float | None] = {}
    for name in LIMITS:
        given = getattr(arguments, f"set_{name}", None) is not None
        problem = settings.problems.get(f"WAVESPEED_{name.upper()}")
        if given and problem:
            raise RunError(problem)
        limits[name] = getattr(settings, name) if given else None
    expires = moment("--expires", arguments.expires, ends=True)
    return Token(
        digest="",
        name=arguments.name,
        created_at=time(),
        expires_at=expires.timestamp() if expires else None,
        tools=tools,
        **limits,
    )


async def list_all(tokens: Tokens, arguments: Namespace) -> int:
    """Print every token that was issued, and never a token itself."""
    found = [_facts(one) for one in await tokens.every()]
    lines = [f"{one['name']:<20} {one['state']:<8} {_limits(one)}".rstrip() for one in found] or [
        "No token was issued. tokens add NAME issues one."
    ]
    show({"tokens": found}, lines, as_json=arguments.json)
    return 0


async def revoke(tokens: Tokens, arguments: Namespace) -> int:
    """Take a token back, for all calls from now on."""
    if await tokens.revoke(arguments.name):
        show({"revoked": arguments.name}, [f"{arguments.name} is revoked."], as_json=arguments.json)
        return 0
    complain(f"there is no token {arguments.name!r} that could be revoked; tokens list shows them.")
    return 1


VERBS: dict[str, Verb] = {"list": list_all, "revoke": revoke}


def _unknown(names: tuple[str, ...]) -> list[str]:
    if not names:
        return []
    from ..tools import TOOLS  # brings the SDK along

    offered = [spec.name for spec in TOOLS if not spec.local]
    return [
        f"There is no tool {name!r} over HTTP. Tools: {', '.join(offered)}."
        for name in names
        if name not in offered
    ]


def _facts(token: Token) -> dict[str, Any]:
    facts = {
        "name": token.name,
        "state": token.state(time()),
        "created_at": _iso(token.created_at),
        "expires_at": _iso(token.expires_at),
        "revoked_at": _iso(token.revoked_at),
        "daily_budget": token.daily_budget,
        "max_price": token.max_price,
        "confirm_above": token.confirm_above,
        "tools": list(token.tools),
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}


def _limits(facts: dict[str, Any]) -> str:
    amounts = {"daily_budget": "a day", "max_price": "a call", "confirm_above": "unasked"}
    said = [f"{dollars(facts[name])} {what}" for name, what in amounts.items() if name in facts]
    if "expires_at" in facts:
        said.append(f"until {facts['expires_at']}")
    if "tools" in facts:
        said.append(", ".join(facts["tools"]))
    return "; ".join(said)


def _iso(moment: float | None) -> str | None:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds") if moment is not None else None
