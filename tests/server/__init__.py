"""The MCP server: tools behind tasks, resources, completion."""
