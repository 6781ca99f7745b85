"""The shared async layer over HTTP. Knows nothing of MCP."""
