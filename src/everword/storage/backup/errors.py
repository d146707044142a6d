"""What can be wrong with a backup."""

from everword.core.errors import EverwordError


class NotABackup(EverwordError):
    """{path} is no backup of Everword, or of a later version than this one."""

    code = "not_a_backup"
    status = 422


class WrongRecoveryKey(EverwordError):
    """The backup does not open with this recovery key. Look at the key that was shown when the backup was made."""

    code = "wrong_recovery_key"
    status = 422


class BackupDamaged(EverwordError):
    """The backup is damaged or cut off, so nothing was restored. Try another copy of it."""

    code = "backup_damaged"
    status = 422


class NotEmpty(EverwordError):
    """There is an Everword at {place} already, and a restore overwrites nothing. Name an empty one by {variable}."""

    code = "not_empty"
    status = 409
