"""Where hosts (Claude Desktop, Claude Code, Cursor, VS Code) keep their configuration, and how to add to it.

Nothing here reads the environment: a `Machine` is passed in. Files are read and written by `saving` alone.
"""

from .editing import NotAnObject
from .entry import KEY, NAME, Server, changes, entry_of
from .jsonc import BrokenJson
from .launch import Launch, launch
from .places import HOSTS, Host, Machine, NoSuchPlace, config_file
from .saving import CannotSave, read_text, save

__all__ = [
    "HOSTS",
    "KEY",
    "NAME",
    "BrokenJson",
    "CannotSave",
    "Host",
    "Launch",
    "Machine",
    "NoSuchPlace",
    "NotAnObject",
    "Server",
    "changes",
    "config_file",
    "entry_of",
    "launch",
    "read_text",
    "save",
]
