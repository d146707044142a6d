"""What can be wrong with the vault, and what to do about it."""

from everword.core.errors import EverwordError


class VaultKeyInvalid(EverwordError):
    """The vault's key in {where} is not a key: 32 bytes in URL-safe base64 are needed. Put the former key back.

    If it is lost, remove it: a new one is made, and the secrets that were sealed have to be entered again.
    """

    code = "vault_key_invalid"
    status = 503


class VaultKeyExposed(EverwordError):
    """Others on this machine can read the vault's key. Run: chmod 600 {path}"""

    code = "vault_key_exposed"
    status = 503


class WrongVaultKey(EverwordError):
    """The secret "{name}" was sealed with another key than the vault has now. Put the former vault key back, or enter
    the secret again.
    """

    code = "wrong_vault_key"
    status = 503


class SecretDamaged(EverwordError):
    """The secret "{name}" was changed in the database and cannot be opened. Enter it again."""

    code = "secret_damaged"
    status = 503
