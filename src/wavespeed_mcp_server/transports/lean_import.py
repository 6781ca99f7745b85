"""Importing the MCP SDK for standard streams without what they never use.

The SDK imports its clients, an HTTP client, an HTTP server and a library of ciphers, and makes validators for
every message of every protocol version: a third of its time and a quarter of its memory. What is named here
waits until it is asked for; with a release that imports other things, this gains less.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

WAITING = ("mcp", "httpx2")
"""Packages of which parts are used, or nothing: their own `__init__` runs when a name is asked of it."""
CLASSES = ("cryptography",)
"""Packages of which classes are taken and not used: they seal what `server.signed_state` signs here."""
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


class WaitingClass(type):
    """Makes classes that stand for others, whose modules load when one is called or asked for a name."""

    def __call__(cls, *args: Any, **options: Any) -> Any:
        return cls._meant()(*args, **options)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls._meant(), name)

    def _meant(cls) -> Any:
        """Raises ImportError while the module is still kept from loading: whoever needs it at once."""
        found = getattr(import_module(cls.__module__), cls.__name__)
        if isinstance(found, WaitingClass):
            raise ImportError(f"{cls.__module__}.{cls.__name__} is needed while this is imported")
        return found


class WaitingModule(ModuleType):
    """A module of classes. They may stand after `except`, which takes none but exceptions."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return WaitingClass(name, (Exception,), {"__module__": self.__name__})


class Keeping(MetaPathFinder, Loader):
    """Finds a `WaitingModule` for each module of `CLASSES`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`."""
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] in CLASSES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """See `importlib.abc.Loader`."""
        return WaitingModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """See `importlib.abc.Loader`."""


@contextmanager
def lean_import() -> Iterator[None]:
    """What is imported within does without the parts named above, and builds its models at their first use.

    What was loaded before stays as it is. `defer_build` is pydantic's:
    https://docs.pydantic.dev/latest/api/config/#pydantic.config.ConfigDict.defer_build

    Raises:
        ImportError: something within needs such a part at once.
    """
    from pydantic import BaseModel

    for name in WAITING:
        _wait_for_use(name)
    keeping = Keeping()
    sys.meta_path.insert(0, keeping)
    kept_out = [name for name in OPTIONAL if name not in sys.modules]
    sys.modules.update(dict.fromkeys(kept_out))  # type: ignore[arg-type]
    BaseModel.model_config["defer_build"] = True
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]
        sys.meta_path.remove(keeping)
        waiting = [name for name, module in sys.modules.items() if isinstance(module, WaitingModule)]
        for name in (*waiting, *kept_out):
            del sys.modules[name]


def _wait_for_use(name: str) -> None:
    spec = None if name in sys.modules else find_spec(name)
    if spec is not None:
        package = module_from_spec(spec)
        package.__class__ = WaitingPackage
        sys.modules[name] = package
