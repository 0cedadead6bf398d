"""Accounts with passwords: hashing between a typed password and a stored one. Never: a password kept or logged.

Hashes are Argon2id with the library's own parameters (RFC 9106's low-memory choice).
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from planwhy_collector.errors import InvalidInput

SHORTEST = 12
LONGEST = 256
_HASHER = PasswordHasher()


def hashed(password: str) -> str:
    """Hash a new password. Raises InvalidInput for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(f"password: between {SHORTEST} and {LONGEST} characters")
    return _HASHER.hash(password)


def fits(stored: str, password: str) -> bool:
    """Whether a typed password is the stored one."""
    if len(password) > LONGEST:
        return False
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
