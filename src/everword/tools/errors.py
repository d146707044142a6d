"""What can go wrong with a tool."""

from everword.core.errors import EverwordError


class NothingHappened(EverwordError):
    """Nothing was done: {why}"""

    code = "nothing_happened"
    status = 409


class BrokeOff(EverwordError):
    """It broke off ({what}), and how far it had come is not known. Look there, or try it again."""

    code = "broke_off"
    status = 502


class TookTooLong(EverwordError):
    """{tool} did not come back within {seconds} seconds, so it was ended. Try it again, or do it in smaller parts."""

    code = "took_too_long"
    status = 504


class OutsideFolders(NothingHappened):
    """{path} is not in a folder that you chose. Choose its folder in Settings, or name another path."""

    code = "outside_folders"
    status = 403


class UnknownTool(EverwordError):
    """There is no tool {tool} here any more. Connect what brought it, or run this again without it."""

    code = "unknown_tool"
    status = 409
