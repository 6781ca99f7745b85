"""Finding models: `rank` says which fit a query, `Index` is the catalog it searches."""

from .index import LAYOUT, Index, load, stored
from .ranking import rank, warm_up

__all__ = ["LAYOUT", "Index", "load", "rank", "stored", "warm_up"]
