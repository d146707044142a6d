"""The MCP server: what a program may ask of memory, as tools and resources of the Model Context Protocol."""
