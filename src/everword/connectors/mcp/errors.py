"""What can go wrong with an MCP server."""

from everword.core.errors import EverwordError


class ServerUnreachable(EverwordError):
    """The MCP server {server} could not be reached: {why} Nothing was called."""

    code = "mcp_server_unreachable"
    status = 502


class ServerBroke(EverwordError):
    """The MCP server {server} ended in the middle of a call: {why} What was called may have happened."""

    code = "mcp_server_broke"
    status = 502


class ToolChanged(EverwordError):
    """The MCP server {server} does not say of {tool} what you agreed to any more. Nothing was called. Look at what it
    says now, and agree to that.
    """

    code = "mcp_tool_changed"
    status = 409
