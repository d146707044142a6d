"""MCP servers that a person added: their tools, pinned as they were agreed to, and the connections to them."""
