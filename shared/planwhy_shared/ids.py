"""Identifiers and secrets, made without a central counter, so that shards and restored backups never collide."""

import hashlib
import secrets
import time
import uuid


def new_key() -> int:
    """Make a positive 63-bit database key: 41 bits of milliseconds, then chance, so that keys grow with time."""
    return (time.time_ns() // 1_000_000 & (1 << 41) - 1) << 22 | secrets.randbits(22)


def new_uuid() -> str:
    """Make a random UUID for batches, epochs and instances."""
    return str(uuid.uuid4())


def new_token() -> str:
    """Make a bearer token of 256 bits."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Make a one-off code of 50 bits that can be read aloud: no letter that looks like a digit."""
    letters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
    drawn = "".join(secrets.choice(letters) for _ in range(10))
    return f"{drawn[:5]}-{drawn[5:]}"


def secret_hash(secret: str) -> bytes:
    """Hash a token or code for storage: 32 bytes. Plain SHA-256 suffices, the secrets are random, not chosen."""
    return hashlib.sha256(secret.strip().encode()).digest()
