"""What can stand in the way of forgetting."""

from everword.core.errors import EverwordError


class NothingSelected(EverwordError):
    """Nothing was chosen to be forgotten. Name an entry, a conversation, a person, a time, a source or words."""

    code = "nothing_selected"
    status = 422


class StillAnswering(EverwordError):
    """An answer that has read these words is still being written. Stop it, or wait until it is there."""

    code = "still_answering"
    status = 409


class StillImporting(EverwordError):
    """An import is going on that may have brought these words. Cancel it, or wait until it is done."""

    code = "still_importing"
    status = 409


class ForgettingGoesOn(EverwordError):
    """Something is being forgotten already. Wait until its receipt is there; nothing has to be done for it."""

    code = "forgetting_goes_on"
    status = 409


class WordsRemain(EverwordError):
    """After forgetting, words were still found in {places}. It is tried again every hour and at each start.

    Remove files of your own that are named here; what is Everword's goes by itself.
    """

    code = "words_remain"
    status = 500
