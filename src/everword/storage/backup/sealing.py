"""The sealed form of a backup: a header, then chunks, each encrypted and bound to its place (the STREAM construction).

Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015. The
key of a file is derived (HKDF-SHA-256) from the recovery key and a salt of the file's own; chunks are AES-256-GCM with
the nonce `prefix (7) | number (4) | is last (1)`, so that none can be dropped, moved, repeated or cut off unseen.
"""

import base64
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from everword.core.ids import random_bytes
from everword.storage.backup.errors import BackupDamaged, NotABackup, WrongRecoveryKey

_MAGIC = b"EVERWORD-BACKUP\x01"
_SALT_BYTES = 16
_PREFIX_BYTES = 7
_CHUNK_BYTES = 1 << 16
_TAG_BYTES = 16
_KEY_BYTES = 32
_GROUP = 4


def new_recovery_key() -> str:
    """256 random bits, as groups of letters and digits that can be written down."""
    text = base64.b32encode(random_bytes(_KEY_BYTES)).decode().rstrip("=")
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def key_bytes(recovery_key: str) -> bytes:
    """The key that a recovery key stands for; spaces, hyphens and case do not matter. Raises WrongRecoveryKey."""
    text = "".join(recovery_key.split()).replace("-", "").upper()
    try:
        key = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError as error:
        raise WrongRecoveryKey from error
    if len(key) != _KEY_BYTES:
        raise WrongRecoveryKey
    return key


def seal(recovery_key: str, content: Iterable[bytes]) -> Iterator[bytes]:
    """The sealed form of `content`, in pieces."""
    salt, prefix = random_bytes(_SALT_BYTES), random_bytes(_PREFIX_BYTES)
    header = _MAGIC + salt + prefix
    cipher = AESGCM(_derived(recovery_key, salt))
    yield header
    waiting = bytearray()
    number = 0
    for piece in content:
        waiting += piece
        while len(waiting) > _CHUNK_BYTES:  # the last chunk may be full, so one is held back
            yield cipher.encrypt(_nonce(prefix, number), bytes(waiting[:_CHUNK_BYTES]), header)
            del waiting[:_CHUNK_BYTES]
            number += 1
    yield cipher.encrypt(_nonce(prefix, number, is_last=True), bytes(waiting), header)


def unseal(recovery_key: str, file: BinaryIO, path: object) -> Iterator[bytes]:
    """What was sealed, in pieces. Raises NotABackup, WrongRecoveryKey (at the first chunk) or BackupDamaged."""
    header = file.read(len(_MAGIC) + _SALT_BYTES + _PREFIX_BYTES)
    if not header.startswith(_MAGIC) or len(header) != len(_MAGIC) + _SALT_BYTES + _PREFIX_BYTES:
        raise NotABackup(path=path)
    salt, prefix = header[len(_MAGIC) : -_PREFIX_BYTES], header[-_PREFIX_BYTES:]
    cipher = AESGCM(_derived(recovery_key, salt))
    number = 0
    chunk = file.read(_CHUNK_BYTES + _TAG_BYTES)
    while True:
        following = file.read(_CHUNK_BYTES + _TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(prefix, number, is_last=not following), chunk, header)
        except (InvalidTag, ValueError) as error:
            raise (BackupDamaged if number else WrongRecoveryKey)() from error
        if not following:
            return
        chunk = following
        number += 1


def _derived(recovery_key: str, salt: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt, b"everword backup").derive(key_bytes(recovery_key))


def _nonce(prefix: bytes, number: int, *, is_last: bool = False) -> bytes:
    return prefix + struct.pack(">IB", number, is_last)
