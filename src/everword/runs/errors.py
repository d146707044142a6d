"""What can go wrong with a run."""

from everword.core.errors import EverwordError


class BrokeOffTooOften(EverwordError):
    """The program ended {attempts} times while this was being done. It is not tried again by itself; you can do so."""

    code = "broke_off_too_often"
    status = 500


class EndedWithoutOutcome(EverwordError):
    """The run ended without saying how. That is a mistake in Everword; try it once more."""

    code = "ended_without_outcome"
    status = 500


class UnknownKind(EverwordError):
    """This version does not know runs of the kind {kind}. Install the version that started it."""

    code = "unknown_kind"
    status = 500


class Stopped(EverwordError):
    """The run was stopped."""

    code = "stopped"
    status = 409


class TakenOver(EverwordError):
    """Another process has taken this run over, because this one seemed to have ended. It goes on there."""

    code = "taken_over"
    status = 409


class EffectUnknown(EverwordError):
    """Something may have happened, and nothing can tell. Look there yourself, then say in Needs you what you saw."""

    code = "effect_unknown"
    status = 500


class CeilingReached(EverwordError):
    """It stopped at its ceiling of {ceiling}. Run it again with a higher one, or ask for less."""

    code = "ceiling_reached"
    status = 429


class Missed(EverwordError):
    """It was {cause}. Run it again if it still matters."""

    code = "missed"
    status = 409
