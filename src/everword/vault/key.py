"""The vault's key: 256 bits in a file only the owner can read, or handed over by whoever starts Everword."""

import base64
import binascii
import contextlib
import os
from pathlib import Path

from everword.core.ids import new_id, new_secret
from everword.vault.errors import VaultKeyExposed, VaultKeyInvalid

FILE_NAME = "vault.key"
_KEY_BYTES = 32


def decode_key(text: str, where: str) -> bytes:
    """The key that `text` (URL-safe base64, with or without padding) stands for. Raises VaultKeyInvalid."""
    stripped = text.strip().rstrip("=")
    try:
        key = base64.b64decode(stripped + "=" * (-len(stripped) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise VaultKeyInvalid(where=where) from error
    if len(key) != _KEY_BYTES:
        raise VaultKeyInvalid(where=where)
    return key


def load_or_create_key(home: Path) -> bytes:
    """The key in `home`/vault.key, made on the first call. Never replaces a key that is there.

    Raises VaultKeyInvalid for a damaged file and VaultKeyExposed where others can read it.
    """
    path = home / FILE_NAME
    if not path.exists():
        _create(path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise VaultKeyExposed(path=path)
    return decode_key(path.read_text(encoding="ascii", errors="replace"), str(path))


def _create(path: Path) -> None:
    """Write a new key whole or not at all; where two processes try, the first one's stays."""
    draft = path.with_name(f".{path.name}.{new_id()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(new_secret() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # unlike a rename, never replaces what is there
    finally:
        draft.unlink()
