"""Where the hosts of this machine keep their configuration, for tests that write it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from wavespeed_mcp_server.hosts import HOSTS, NAME, Machine, config_files
from wavespeed_mcp_server.hosts.syntax import syntax_named


def file_of(name: str, home: Path) -> Path:
    """The file that `install` makes for the host of that name."""
    return Path(config_files(HOSTS[name], Machine(sys.platform, os.environ, str(home)))[0])


def entry_in(name: str, text: str) -> dict[str, Any]:
    """The entry in a host's configuration."""
    found: dict[str, Any] = syntax_named(HOSTS[name].syntax).read(text)[HOSTS[name].section][NAME]
    return found
