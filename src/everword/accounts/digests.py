"""What is kept of a secret that we hand out: its SHA-256. The secrets are random, so no slow hash is needed."""

import base64
import hashlib
import hmac


def digest(secret: str) -> bytes:
    """What the database keeps of a session's secret, a key or a link."""
    return hashlib.sha256(secret.encode("utf-8", errors="surrogatepass")).digest()


def csrf_token(session_secret: str) -> str:
    """The token that unsafe requests of this session must carry. Derived, so nothing is stored and it never differs."""
    mac = hmac.digest(session_secret.encode("utf-8", errors="surrogatepass"), b"everword csrf token", hashlib.sha256)
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def is_csrf_token(session_secret: str, given: str) -> bool:
    """Whether `given` is the session's token, in time that does not tell how near it is."""
    return hmac.compare_digest(csrf_token(session_secret).encode(), given.encode("utf-8", errors="surrogatepass"))
