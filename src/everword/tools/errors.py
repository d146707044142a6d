"""What can go wrong with a tool."""

from everword.core.errors import EverwordError


class NothingHappened(EverwordError):
    """Nothing was done: {why}"""

    code = "nothing_happened"
    status = 409


class OutsideFolders(EverwordError):
    """{path} is not in a folder that you chose. Choose its folder in Settings, or name another path."""

    code = "outside_folders"
    status = 403


class UnknownTool(EverwordError):
    """There is no tool {tool} here any more. Connect what brought it, or run this again without it."""

    code = "unknown_tool"
    status = 409
