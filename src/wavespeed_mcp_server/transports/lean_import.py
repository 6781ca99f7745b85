"""Importing the MCP SDK for standard streams without what they never use.

The SDK imports its clients, an HTTP client, an HTTP server and a library of ciphers, and makes models and
validators for every message of every protocol version: half of its time and a quarter of its memory. What is
named here waits until it is asked for; with a release that imports other things, this gains less.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from types import ModuleType, UnionType
from typing import Annotated, Any, Union, get_origin

WAITING = ("mcp", "httpx2")
"""Packages of which parts are used, or nothing: their own `__init__` runs when a name is asked of it."""
CLASSES = (
    # They seal what `server.signed_state` signs here.
    "cryptography",
    # Serving over HTTP.
    "starlette",
    "sse_starlette",
    "mcp.server.auth",
    "mcp.server.sse",
    "mcp.server.streamable_http",
    "mcp.server.streamable_http_manager",
    # The messages of clients that speak this version, of which most speak an older one.
    "mcp_types._v2026_07_28",
)
"""Packages of which classes and functions are taken, and used later or never."""
OPTIONAL = ("uvicorn",)
"""`sse_starlette` hooks into this server of HTTP where it is installed, and does without where it is not."""
NEVER = ("httpx._main",)
"""A command of `httpx`, which does without where the packages for terminals are missing that it asks for."""


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
    """Makes classes that stand for others, whose modules load when one is called or asked for a name.

    A function, which is called too, is stood in for as well. pydantic takes what is meant for the schema.
    """

    def __call__(cls, *args: Any, **options: Any) -> Any:
        return cls._meant()(*args, **options)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls._meant(), name)

    def __get_pydantic_core_schema__(cls, source: Any, handler: Callable[[Any], Any]) -> Any:
        return handler(cls._meant())

    def _meant(cls) -> Any:
        """Raises ImportError while the module is still kept from loading: whoever needs it at once."""
        with deferred_models():
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
        kept = any(fullname == one or fullname.startswith(f"{one}.") for one in CLASSES)
        return ModuleSpec(fullname, self, is_package=True) if kept else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """See `importlib.abc.Loader`."""
        return WaitingModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """See `importlib.abc.Loader`."""


@contextmanager
def lean_import() -> Iterator[None]:
    """What is imported within does without the parts named above, and builds its models at their first use.

    What was loaded before stays as it is.

    Raises:
        ImportError: something within needs such a part at once.
    """
    for name in WAITING:
        _wait_for_use(name)
    keeping = Keeping()
    sys.meta_path.insert(0, keeping)
    kept_out = [name for name in OPTIONAL if name not in sys.modules]
    for name in (*kept_out, *NEVER):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    try:
        with deferred_models():
            yield
    finally:
        sys.meta_path.remove(keeping)
        waiting = [name for name, module in sys.modules.items() if isinstance(module, WaitingModule)]
        for name in (*waiting, *kept_out):
            del sys.modules[name]


@contextmanager
def deferred_models() -> Iterator[None]:
    """Models made within, and adapters of unions of them, are built when they are first used.

    https://docs.pydantic.dev/latest/api/config/#pydantic.config.ConfigDict.defer_build
    """
    from pydantic import BaseModel, TypeAdapter

    config, rebuild, adapt = BaseModel.model_config, BaseModel.__dict__["model_rebuild"], TypeAdapter.__init__

    def rebuild_later(cls: type[BaseModel], **options: Any) -> bool | None:
        # Without options it is asked for by a module that is through with its models, not by a first use.
        return rebuild.__get__(None, cls)(**options) if options else None

    def adapt_later(self: TypeAdapter[Any], kind: Any, **options: Any) -> None:
        bare = kind.__origin__ if get_origin(kind) is Annotated else kind
        if get_origin(bare) in {Union, UnionType}:
            options.setdefault("config", {"defer_build": True})
        adapt(self, kind, **options)

    BaseModel.model_config = {**config, "defer_build": True}
    BaseModel.model_rebuild = classmethod(rebuild_later)  # type: ignore[assignment, arg-type]
    TypeAdapter.__init__ = adapt_later  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        BaseModel.model_config = config
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]
        TypeAdapter.__init__ = adapt  # type: ignore[method-assign]


def _wait_for_use(name: str) -> None:
    spec = None if name in sys.modules else find_spec(name)
    if spec is not None:
        package = module_from_spec(spec)
        package.__class__ = WaitingPackage
        sys.modules[name] = package
