"""Which models exist, which fit a wish, what their inputs may be, and what moves their price."""

from .catalog import Catalog, Found, named_by
from .check import check_input
from .errors import CatalogError, CatalogUnavailable, InputRefused, UnknownModel
from .model import Model, parse_catalog
from .notation import Restated, is_taken, restate
from .prices import price_inputs, unpriced_inputs
from .row import row, short_description
from .schema import (
    compact_schema,
    defaults,
    example,
    has_sync_flag,
    list_inputs,
    media_inputs,
    must_be_given,
    prompt_input,
    properties,
    prose_inputs,
    required_inputs,
    takes_prose,
)
from .search import warm_up
from .signature import signature

__all__ = [
    "Catalog",
    "CatalogError",
    "CatalogUnavailable",
    "Found",
    "InputRefused",
    "Model",
    "Restated",
    "UnknownModel",
    "check_input",
    "compact_schema",
    "defaults",
    "example",
    "has_sync_flag",
    "is_taken",
    "list_inputs",
    "media_inputs",
    "must_be_given",
    "named_by",
    "parse_catalog",
    "price_inputs",
    "prompt_input",
    "properties",
    "prose_inputs",
    "required_inputs",
    "restate",
    "row",
    "short_description",
    "signature",
    "takes_prose",
    "unpriced_inputs",
    "warm_up",
]
