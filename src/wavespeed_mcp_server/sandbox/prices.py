"""What a run costs: a base price in USD, multiplied by what its inputs ask for."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from .wire import Json

Driver = Callable[[Json], float]


def by_number(key: str, unit: float = 1) -> Driver:
    """Times the number given for `key`, counted in steps of `unit` (a duration of 10 at 5 a unit is 2)."""
    return lambda inputs: _number(inputs.get(key), unit) / unit


def by_choice(key: str, factors: dict[str, float]) -> Driver:
    """Times the factor of the option given for `key`; 1 for options not named."""
    return lambda inputs: factors.get(str(inputs.get(key)), 1)


def by_length(key: str, unit: int) -> Driver:
    """Times the number of begun units of `unit` characters of the text given for `key`."""
    return lambda inputs: max(1, math.ceil(len(str(inputs.get(key) or "")) / unit))


def price(base: float, drivers: Sequence[Driver], inputs: Json) -> float:
    """USD for a run with these inputs, defaults filled in, before any discount."""
    return round(base * math.prod(driver(inputs) for driver in drivers), 6)


def _number(value: Any, otherwise: float) -> float:
    return value if isinstance(value, (int, float)) else otherwise
