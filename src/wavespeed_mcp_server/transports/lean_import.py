"""Importing the MCP SDK for standard streams without what they never use.

The SDK imports its clients, an HTTP client, an HTTP server and a library of ciphers, and makes validators for
every message of every protocol version: a third of its time and a quarter of its memory. What is named here
waits until it is asked for, or is left out; with a release that imports other things, this gains nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

WAITING = ("mcp", "httpx2")
"""Packages of which parts are used, or nothing: they load when a name is asked of them."""
UNUSED = ("cryptography",)
"""What seals a state that goes through a client; `server.signed_state` does so on standard streams."""
OPTIONAL = ("uvicorn",)
"""`sse_starlette` hooks into this server of HTTP where it is installed, and does without where it is not."""


class WaitingPackage(ModuleType):
    """A package whose `__init__` runs when a name is asked of it that it has not yet."""

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        if name.startswith("__") or spec is None or spec.loader is None:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]
        spec.loader.exec_module(self)
        return getattr(self, name)


class LeftOut(Exception):
    """In the place of a class that was left out."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__(f"{', '.join(UNUSED)} is not loaded in a server on standard streams.")


class UnusedModule(ModuleType):
    """A module with every name, and nothing behind them."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return LeftOut


class LeavingOut(MetaPathFinder, Loader):
    """Finds an `UnusedModule` for each module of the packages that are left out."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`."""
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] in UNUSED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """See `importlib.abc.Loader`."""
        return UnusedModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """See `importlib.abc.Loader`."""


@contextmanager
def lean_import() -> Iterator[None]:
    """What is imported within does without the parts named above, and builds its models at their first use.

    What was loaded before stays as it is. `defer_build` is pydantic's:
    https://docs.pydantic.dev/latest/api/config/#pydantic.config.ConfigDict.defer_build
    """
    from pydantic import BaseModel

    for name in WAITING:
        _wait_for_use(name)
    left_out = LeavingOut()
    sys.meta_path.insert(0, left_out)
    kept_out = [name for name in OPTIONAL if name not in sys.modules]
    sys.modules.update(dict.fromkeys(kept_out))  # type: ignore[arg-type]
    BaseModel.model_config["defer_build"] = True
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]
        sys.meta_path.remove(left_out)
        empty = [name for name, module in sys.modules.items() if isinstance(module, UnusedModule)]
        for name in (*empty, *kept_out):
            del sys.modules[name]


def _wait_for_use(name: str) -> None:
    spec = None if name in sys.modules else find_spec(name)
    if spec is not None:
        package = module_from_spec(spec)
        package.__class__ = WaitingPackage
        sys.modules[name] = package
