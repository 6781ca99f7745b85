"""An MCP server for the whole WaveSpeedAI catalog."""

__version__ = "0.1.0"
