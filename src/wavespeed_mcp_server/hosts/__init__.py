"""Where hosts (Claude Code, Cursor, Codex and others) keep their configuration, and how to add to it.

`table.py` has the facts, one row a host. Nothing here reads the environment: a `Machine` is passed in. Files
are read and written by `saving` alone.
"""

from .entry import NAME, OtherServer, Server, Started, changes, entry_of, environment_of, started, without
from .launch import Launch, launch
from .machine import Machine
from .saving import CannotSave, earlier_texts, read_text, remove, save
from .syntax import NotAnObject, Unreadable
from .table import HOSTS, KEY, Host, NoSuchPlace, config_files, signs

__all__ = [
    "HOSTS",
    "KEY",
    "NAME",
    "CannotSave",
    "Host",
    "Launch",
    "Machine",
    "NoSuchPlace",
    "NotAnObject",
    "OtherServer",
    "Server",
    "Started",
    "Unreadable",
    "changes",
    "config_files",
    "earlier_texts",
    "entry_of",
    "environment_of",
    "launch",
    "read_text",
    "remove",
    "save",
    "signs",
    "started",
    "without",
]
