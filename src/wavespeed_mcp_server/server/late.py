"""Tools and prompts of the SDK that are made when more than their name is asked for.

Reading the signatures of all takes longer than the rest of the server's making.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.tools import Tool
from pydantic import BaseModel


class _Late(BaseModel):
    @classmethod
    def named(cls, name: str, make: Callable[[], BaseModel]) -> Self:
        """One of which only the name is known, and which becomes what `make` returns."""
        late = cls.model_construct()
        # The fields that have defaults are to be asked for as the others are.
        late.__dict__ = {"name": name, "_make": make}
        return late

    def __getattr__(self, name: str) -> Any:
        if "_make" not in self.__dict__:
            raise AttributeError(name)
        made = self.__dict__["_make"]()
        self.__dict__ = dict(vars(made))
        return getattr(self, name)


class LateTool(_Late, Tool):
    """A `Tool`, or what will be one."""


class LatePrompt(_Late, Prompt):
    """A `Prompt`, or what will be one."""
