"""How a host is to start this server: always by absolute path, because hosts do not have a shell's PATH."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePath

PACKAGE = "wavespeed-mcp-server"
MODULE = "wavespeed_mcp_server"
# The folders in uv's cache in which `uvx` runs a program, and which `uv cache prune` removes.
PASSING = {"archive-v0", "environments-v2", "builds-v0"}


@dataclass(frozen=True)
class Launch:
    """A command and its arguments."""

    command: str
    args: tuple[str, ...] = ()


def launch(
    python: PurePath, script: PurePath | None, uvx: PurePath | None, requirement: str = PACKAGE
) -> Launch:
    """How to start this server again.

    `python` is the interpreter that runs now, `script` its console script if there is one, `uvx` the program
    if it was found, `requirement` what uvx makes it from. What is installed here is what is started, except
    from uvx, whose environments pass.
    """
    if uvx is not None and passing(python):
        return Launch(str(uvx), (PACKAGE,) if requirement == PACKAGE else ("--from", requirement, PACKAGE))
    if script is not None:
        return Launch(str(script))
    return Launch(str(python), ("-m", MODULE))


def passing(python: PurePath) -> bool:
    """Whether this interpreter's environment is one that uv may remove."""
    return not PASSING.isdisjoint(python.parts)


def requirement_of(direct_url: str, *, media: bool) -> str:
    """What makes this installation again: the package, with the extra for media if it has that, and from
    where, if not from an index.

    `direct_url` is the record that installers keep (PEP 610), or nothing.
    """
    package = PACKAGE + ("[media]" if media else "")
    try:
        record = json.loads(direct_url or "{}")
        url, vcs = record.get("url", ""), record.get("vcs_info", {})
    except (ValueError, AttributeError):
        return package
    if vcs:
        url = f"{vcs.get('vcs', 'git')}+{url}" + (f"@{rev}" if (rev := vcs.get("requested_revision")) else "")
    return f"{package} @ {url}" if url else package
