"""MCP over Streamable HTTP, for many callers: who may call, what is refused, how the server ends."""
