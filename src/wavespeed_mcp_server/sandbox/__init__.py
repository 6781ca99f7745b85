"""An embedded stand-in for the WaveSpeedAI API: its real protocol, on loopback, without cost."""

from .faults import Fault
from .serve import running, serve
from .state import Sandbox

__all__ = ["Fault", "Sandbox", "running", "serve"]
