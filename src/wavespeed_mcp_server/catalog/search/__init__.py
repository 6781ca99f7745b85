"""Finding models: `rank` says which fit a query, `Index` is the catalog it searches.

Its modules are loaded when one of their names is first asked for: a process may never search.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .index import LAYOUT, Index, load, stored
    from .ranking import rank

__all__ = ["LAYOUT", "Index", "load", "rank", "stored", "warm_up"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(".ranking" if name == "rank" else ".index", __name__), name)


def warm_up() -> None:
    """Load what a first search would wait for. Blocking."""
    from .ranking import warm_up

    warm_up()
