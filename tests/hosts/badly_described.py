"""A server with a tool that hosts stumble over, to see that a checker notices."""

from mcp.server import MCPServer
from mcp.server.mcpserver.tools import Tool


async def careless(value: str) -> str:
    """Says what it is told."""
    return value


tool = Tool.from_function(careless)
tool.parameters = {"type": "object", "properties": {"value": True}}

if __name__ == "__main__":
    MCPServer("careless", tools=[tool]).run()
