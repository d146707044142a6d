"""What can be wrong with a yes."""

from everword.core.errors import EverwordError


class ApprovalChanged(EverwordError):
    """What you saw is not what would be done now. Look at it again; nothing was done."""

    code = "approval_changed"
    status = 409


class ApprovalClosed(EverwordError):
    """This was {how} already. Nothing more was done."""

    code = "approval_closed"
    status = 409
