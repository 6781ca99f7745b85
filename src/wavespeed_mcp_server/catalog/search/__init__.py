"""Finding models: `rank` says which fit a query, `Index` is the catalog it searches."""

from .index import LAYOUT, Index, load, prepare, stored
from .ranking import rank
from .wishes import warm_up

__all__ = ["LAYOUT", "Index", "load", "prepare", "rank", "stored", "warm_up"]
