"""Where hosts (Claude Code, Cursor, Codex and others) keep their configuration, and how to add to it.

`table.py` has the facts, one row a host. Nothing here reads the environment: a `Machine` is passed in. Files
are read and written by `saving` alone.
"""

from .entry import Server, changes, entry_of, name_of, without
from .launch import PACKAGE, Launch, launch, requirement_of
from .machine import Machine
from .older import NAME, OtherServer, Started, environment_of, started
from .saving import CannotSave, earlier_texts, read_text, remove, save
from .syntax import NotAnObject, Unreadable
from .table import HOSTS, KEY, Host, NoSuchPlace, config_files, signs

__all__ = [
    "HOSTS",
    "KEY",
    "NAME",
    "PACKAGE",
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
    "name_of",
    "read_text",
    "remove",
    "requirement_of",
    "save",
    "signs",
    "started",
    "without",
]
